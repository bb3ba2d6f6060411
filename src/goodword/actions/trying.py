"""What would become of an event? It is read by the same parser and decided on what is stored, and nothing is written.

The core is pure, so a dry run is the real thing without the last step. The database is told that this transaction only reads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from goodword.actions.opening import Chain
from goodword.catalog import SHELVES
from goodword.core.decide import Lane
from goodword.core.events import AHEAD_ACCEPTED, Event, Problem
from goodword.core.situation import Decision
from goodword.store.book import Book
from goodword.store.load import load_situation
from goodword.store.sql import runs
from goodword.store.sql.intake import Intake
from goodword.store.sql.log import LogRow
from goodword.store.sql.vault import ClientKeys


@dataclass(frozen=True)
class Tried:
    """All that is wrong with it; or the receipt that it would get, and what would be decided.

    `known` is "same" or "other" where its id was accepted before, with the same body or another. `due` decisions are of
    moments that come due before it.
    """

    problems: tuple[Problem, ...] = ()
    event: Event | None = None
    known: str = ""
    decision: Decision | None = None
    due: int = 0
    is_ahead: bool = False


@dataclass(frozen=True)
class _Unsealed:
    """A client's keys for reading an event that is not kept: its body is sealed for nobody."""

    keys: ClientKeys

    @property
    def token(self) -> Callable[[str, str], str]:
        return self.keys.token

    def body_hash(self, raw: bytes) -> bytes:
        return self.keys.body_hash(raw)

    def seal_intake(self, event_id: str, month: str, raw: bytes) -> tuple[str, bytes]:
        return event_id, b""


def try_event(chain: Chain, client_id: str, raw: bytes, source: str, *, at: datetime) -> Tried:
    """Read and decide one native event as if `source` had sent it now."""
    conn = chain.conn
    with conn.transaction():
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        programs, plain = runs.programs_of(conn, client_id)
        row = Intake(client_id, source, _Unsealed(chain.keys(client_id)), programs, plain, at).row(raw)
        if isinstance(row, list):
            return Tried(tuple(row))
        known = _known(conn, client_id, row)
        clock, held_at = runs.lane_clock(conn, client_id)
        latest = (held_at or at) + AHEAD_ACCEPTED
        if row.event.at > latest:
            return Tried(event=row.event, known=known, is_ahead=True)
        if known:
            return Tried(event=row.event, known=known)
        book = Book()
        book.refresh(conn, client_id, SHELVES)
        situation = load_situation(conn, chain.vault, client_id, SHELVES, book, [row.event], [], clock).situation
        decisions = list(Lane(situation).receive(row.event, latest))
    return Tried(event=row.event, decision=decisions[-1], due=len(decisions) - 1)


def _known(conn: Any, client_id: str, row: LogRow) -> str:
    found = conn.execute(
        "SELECT body_hash FROM event_key WHERE client_id = %s::uuid AND id = %s::uuid", (client_id, row.event.id)
    ).fetchone()
    if found is None:
        return ""
    return "same" if bytes(found[0]) == row.body_hash else "other"
