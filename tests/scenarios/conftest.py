"""Who plays the scenarios? The core alone, the whole stack event by event, and the whole stack in batches.

A stack player lives in `stack_player.py` as a class with the interface of `player.Player`; its constructor takes the
pytest request, so that it can ask for a database. While there is none, its runs are skipped with this reason.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator

import pytest

from goodword.scenarios.player import CorePlayer, Player

STACK = "tests.scenarios.stack_player"
PLAYERS = {"core": "CorePlayer", "stack": "StackPlayer", "batches": "BatchPlayer"}


@pytest.fixture(params=list(PLAYERS))
def player(request: pytest.FixtureRequest) -> Iterator[Player]:
    """A fresh player; one that owns something closes it afterwards."""
    if request.param == "core":
        yield CorePlayer()
        return
    if importlib.util.find_spec(STACK) is None:
        pytest.skip(f"no {STACK} yet: the scenarios are played by the core alone")
    made = getattr(importlib.import_module(STACK), PLAYERS[request.param])(request)
    yield made
    close = getattr(made, "close", None)
    if close is not None:
        close()
