"""Which rewards can be promised? The shelf of reward kinds, by the word that stands behind `give:`; one file each."""

import sys

from goodword.catalog.shelf import on_shelf
from goodword.core.kind import RewardKind

REWARDS = on_shelf(sys.modules[__name__], RewardKind)
