"""What kinds are there? Shelves of pure kinds: programs, rewards, signals, and packs of checks. What grows, grows as one new file."""

from goodword.catalog.programs import PROGRAMS
from goodword.catalog.rewards import REWARDS
from goodword.catalog.signals import SIGNALS
from goodword.core.kind import Shelves

SHELVES = Shelves(rewards=REWARDS, signals=SIGNALS, templates=PROGRAMS)
