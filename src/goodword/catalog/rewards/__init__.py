"""Which rewards can be promised? The shelf of reward kinds, by the word that stands behind `give:`."""

from goodword.catalog.rewards.cash import CASH
from goodword.catalog.rewards.percent import PERCENT
from goodword.catalog.rewards.points import POINTS_KIND
from goodword.catalog.rewards.voucher import VOUCHER

REWARDS = {kind.slug: kind for kind in (CASH, PERCENT, VOUCHER, POINTS_KIND)}
