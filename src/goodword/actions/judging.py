"""Which backtests run just now, and what did the last ones find? Each on a thread, for a page or over HTTP.

Nothing of it is stored: an outcome lives in this process for an hour, and only so many of them.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from goodword.actions.apart import backtest_apart
from goodword.actions.backtesting import Backtest, Cancelled, backtest, decisions_on_record
from goodword.actions.opening import chain_of_installation
from goodword.core.terms import Terms
from goodword.errors import GoodwordError

PATIENCE_SECONDS = 2.0  # small histories are judged within it: then the answer is the result, not a promise of one
KEPT_SECONDS = 3_600
MOST_KEPT = 40
MOST_RUNNING = 2  # each may hold a whole history in memory
MOST_AT_HAND = 4_000  # decisions that are judged in half a second, which a process of its own takes to start

log = logging.getLogger(__name__)


@dataclass
class Judging:
    """A backtest under way or done. `text` and `since_typed` are what a person typed, to be seen again."""

    client_id: str
    document: dict[str, Any]
    terms: Terms
    since: datetime | None
    text: str = ""
    since_typed: str = ""
    done: int = 0
    of: int = 0
    found: Backtest | None = None
    refusal: GoodwordError | None = None
    has_failed: bool = False
    was_stopped: bool = False
    started: float = field(default_factory=time.monotonic)
    ended: float | None = None
    wants_end: threading.Event = field(default_factory=threading.Event)
    is_over: threading.Event = field(default_factory=threading.Event)

    @property
    def program(self) -> str:
        """The program whose history is judged."""
        return self.terms.program

    @property
    def seconds(self) -> int:
        """For how long it has been, or was, under way."""
        return int((self.ended or time.monotonic()) - self.started)

    def progress(self, done: int, of: int) -> bool:
        """Take note of how far it is; go on unless somebody wants it to end."""
        self.done, self.of = done, of
        return not self.wants_end.is_set()

    def run(self) -> None:
        """Judge history, on a connection of its own, in a transaction that cannot write; a long one in a process of its own."""
        try:
            with chain_of_installation() as chain:
                if decisions_on_record(chain.conn, self.client_id) > MOST_AT_HAND:
                    self.found = backtest_apart(
                        chain, self.client_id, self.document, since=self.since, progress=self.progress
                    )
                else:
                    self.found = backtest(
                        chain.conn, chain.vault, self.client_id, self.document, self.terms, since=self.since,
                        progress=self.progress,
                    )  # fmt: skip
        except Cancelled:
            self.was_stopped = True
        except GoodwordError as refusal:
            self.refusal = refusal
        except Exception as trouble:
            self.has_failed = True
            log.error("a backtest of %s was cut short: %s", self.client_id, type(trouble).__name__)
        finally:
            self.ended = time.monotonic()
            self.is_over.set()


Whose = tuple[str, str]  # client, and the person or the id under which it is asked for again

_lock = threading.Lock()
_known: dict[Whose, Judging] = {}


def begin(whose: Whose, wanted: Judging) -> bool:
    """Start this one in the place of the last; False where that still runs, or too many run. Waits a moment for its end."""
    with _lock:
        _forget()
        last = _known.get(whose)
        running = sum(not one.is_over.is_set() for one in _known.values())
        if (last is not None and not last.is_over.is_set()) or running >= MOST_RUNNING:
            return False
        _known.pop(whose, None)
        _known[whose] = wanted
        threading.Thread(target=wanted.run, name="backtest", daemon=True).start()
    wanted.is_over.wait(PATIENCE_SECONDS)
    return True


def of(whose: Whose) -> Judging | None:
    """The one that was begun last, for this client."""
    with _lock:
        _forget()
        return _known.get(whose)


def stop(whose: Whose) -> None:
    """End it at its next step; what it had found by then is forgotten."""
    found = of(whose)
    if found is not None and not found.is_over.is_set():
        found.wants_end.set()
        found.is_over.wait(PATIENCE_SECONDS)


def forget(whose: Whose) -> None:
    """Stop it, and know nothing of it any more."""
    stop(whose)
    with _lock:
        _known.pop(whose, None)


def _forget() -> None:
    """Drop what is too old, and the oldest of too many. What runs stays."""
    now = time.monotonic()
    over = [whose for whose, one in _known.items() if one.ended is not None]
    old = [whose for whose in over if now - (_known[whose].ended or now) > KEPT_SECONDS]
    for whose in {*old, *over[: max(0, len(_known) - MOST_KEPT)]}:
        del _known[whose]
