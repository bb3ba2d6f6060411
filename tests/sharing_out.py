"""Which tests run together when several processes share them out? Whole files, since worlds are built per file; the long ones first."""

from __future__ import annotations

from typing import Any

from xdist.scheduler.loadscope import LoadScopeScheduling

# A long file that begins last keeps one process busy while the others have nothing left: these begin first, in this order.
LONG_FIRST = (
    "tests/scenarios/",
    "tests/commands/",
    "tests/journeys/",
    "tests/demo/",
    "tests/worker/",
    "tests/docs/",
    "tests/core/",
    "tests/web/",
)
# One file of so many tests that it would outlast the rest: its players need nothing of each other.
BY_PLAYER = "tests/scenarios/test_scenarios.py"
PLAYERS = ("core", "stack", "batches")


def share_of(nodeid: str) -> str:
    """What has to run in the same process: the file, or the file by one player."""
    file, _, test = nodeid.partition("::")
    player = test.partition("[")[2].partition("-")[0]
    return f"{file} {player}" if file == BY_PLAYER and player in PLAYERS else file


def begins_at(nodeid: str) -> int:
    """The place of a test in the order of beginning."""
    return next((place for place, folder in enumerate(LONG_FIRST) if nodeid.startswith(folder)), len(LONG_FIRST))


class WholeFiles(LoadScopeScheduling):
    """Gives out shares in the order of the collection."""

    def __init__(self, config: Any, log: Any = None) -> None:
        config.option.loadscopereorder = False  # it would begin with many short tests and end with few long ones
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return share_of(nodeid)
