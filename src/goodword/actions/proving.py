"""Who checked the log, and who took a proof pack away? Both are acts: what was found is kept with the line, sealed."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import msgspec

from goodword.actions.deeds import Actor, note, require
from goodword.actions.opening import Chain
from goodword.actions.permissions import May
from goodword.errors import BadInput
from goodword.store.sql.export import Exported, export
from goodword.store.sql.seal import seal_all
from goodword.store.sql.verify import Period, Report, verify

VERIFIED, EXPORTED = "proof.verify", "proof.export"
MOST_LEAVES_IN_A_PACK = 500_000  # more takes minutes: the command line writes it without a browser that waits
_FAULTS_KEPT = 20


class Outcome(msgspec.Struct, frozen=True):
    """What a verification found, as it is kept beside its line in the log of acts."""

    size: int
    rows: int
    checkpoints: int
    fault_count: int
    faults: list[str]
    head: str
    seconds: float
    unsealed: int
    since: datetime | None = None
    until: datetime | None = None
    held: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether everything that was looked at is as it was sealed."""
        return self.fault_count == 0


def verify_log(
    chain: Chain,
    client_id: str,
    actor: Actor,
    *,
    held: Iterable[str],
    since: datetime | None,
    until: datetime | None,
    report: Report,
    at: datetime,
) -> Outcome:
    """Recompute the log (or the rows sealed in a period) and keep what was found. `report` may be watched meanwhile."""
    require(actor, May.AUDIT_LOG)
    keys, notes, started = chain.keys(client_id), list(held), time.monotonic()
    period = None if since is None and until is None else _period(since, until)
    verify(chain.conn, client_id, keys.public_key, notes, period=period, report=report)
    outcome = Outcome(
        report.size,
        sum(report.checked.values()),
        report.checkpoints,
        report.fault_count,
        [str(fault) for fault in report.faults[:_FAULTS_KEPT]],
        report.head,
        round(time.monotonic() - started, 2),
        report.tail.leaves,
        since,
        until,
        len(notes),
    )
    with chain.conn.transaction():
        note(chain.conn, keys, actor, VERIFIED, "log", client_id, at=at, after=outcome, detail=outcome)
    return outcome


def pack_log(chain: Chain, client_id: str, actor: Actor, folder: Path, *, at: datetime) -> Exported:
    """Everything an outsider needs to check the log, written into a folder. That it was taken is its last leaf."""
    require(actor, May.AUDIT_LOG)
    keys = chain.keys(client_id)
    sealed = seal_all(chain.conn, client_id, keys, now=at)
    if sealed.size > MOST_LEAVES_IN_A_PACK:
        raise BadInput(
            f"The log has {sealed.size:,} leaves.",
            f"More than {MOST_LEAVES_IN_A_PACK:,} are not packed while a browser waits.",
            "On the server: goodword proof export --client SLUG --out FOLDER",
        )
    with chain.conn.transaction():
        note(chain.conn, keys, actor, EXPORTED, "log", client_id, at=at)
    seal_all(chain.conn, client_id, keys, now=at)
    return export(chain.conn, client_id, folder, keys.public_key)


def _period(since: datetime | None, until: datetime | None) -> Period:
    plain = Period()
    return Period(since or plain.since, until or plain.until)
