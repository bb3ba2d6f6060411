"""Which verifications run just now? One a log, each on a thread of its own, so that nobody waits in front of a page."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

from goodword.actions.deeds import Actor
from goodword.actions.proving import verify_log
from goodword.store.sql.verify import Report
from goodword.web.desk import doing

PATIENCE_SECONDS = 2.0  # most logs are verified within it: then the answer is the result, not a promise of one

log = logging.getLogger(__name__)


@dataclass
class Verifying:
    """A verification under way: its report grows while another thread walks along the log."""

    client_id: str
    actor: Actor
    held: list[str]
    since: datetime | None
    until: datetime | None
    report: Report
    started: float = field(default_factory=time.monotonic)
    is_over: threading.Event = field(default_factory=threading.Event)
    has_failed: bool = False

    @property
    def leaves(self) -> int:
        """How far it is."""
        return self.report.size

    @property
    def seconds(self) -> int:
        """For how long it has been under way."""
        return int(time.monotonic() - self.started)

    def run(self) -> None:
        """Verify; what was found is in the log of acts afterwards."""
        try:
            with doing.chain() as chain:
                verify_log(
                    chain, self.client_id, self.actor, held=self.held, since=self.since, until=self.until,
                    report=self.report, at=datetime.now(UTC),
                )  # fmt: skip
        except Exception as trouble:
            self.has_failed = True
            log.error("a verification of the log of %s was cut short: %s", self.client_id, type(trouble).__name__)
        finally:
            self.is_over.set()


_lock = threading.Lock()
_under_way: dict[str, Verifying] = {}


def begin(
    client_id: str, actor: Actor, *, held: list[str], since: datetime | None, until: datetime | None
) -> Verifying:
    """Start one, or join the one that runs. Waits a moment for the end."""
    with _lock:
        found = _under_way.get(client_id)
        if found is None or found.is_over.is_set():
            found = Verifying(client_id, actor, held, since, until, Report(client_id))
            _under_way[client_id] = found
            threading.Thread(target=found.run, name="verify", daemon=True).start()
    found.is_over.wait(PATIENCE_SECONDS)
    return found


def under_way(client_id: str) -> Verifying | None:
    """The one that runs, or that was cut short; None: none, or its result is kept."""
    with _lock:
        found = _under_way.get(client_id)
        if found is not None and found.is_over.is_set() and not found.has_failed:
            del _under_way[client_id]
            return None
        return found
