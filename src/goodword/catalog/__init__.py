"""What kinds are there? Three shelves of pure kinds: programs, rewards, signals. What will grow, grows as one new file on a shelf."""

from goodword.catalog.programs import PROGRAMS
from goodword.catalog.rewards import REWARDS
from goodword.catalog.signals import SIGNALS
from goodword.core.kind import Shelves

SHELVES = Shelves(rewards=REWARDS, signals=SIGNALS, templates=PROGRAMS)
