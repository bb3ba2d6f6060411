"""A gift card of a fixed value in the program's currency."""

from __future__ import annotations

from goodword.catalog.sums import MONEY, fixed_sum, sentence_of
from goodword.core.kind import RewardKind

GIFT_CARD = RewardKind(
    slug="gift_card",
    title="Gift card",
    help=__doc__ or "",
    schema=MONEY,
    parse=fixed_sum("gift_card"),
    amount_minor=lambda give, base: give.fixed_minor,
    most_minor=lambda give: give.fixed_minor,
    sentence=sentence_of("a gift card of {}"),
)
