"""Which events were accepted, in which order? The log: receipts for whoever sends, safely committed rows for whoever decides.

An append is ONE statement of its own transaction: the idempotency keys, the rows and the sealed bodies of the new events go in
together, and when it has answered they are on disk. (COPY needs five round trips more; measured here it is no faster below
2,000 rows, and three times slower at one.)
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
import psycopg
from psycopg.rows import tuple_row

from goodword.core.events import Event, Problem, decode_facts, encode_facts
from goodword.store.sql.connect import array_literal

LANE_CHANNEL = "goodword_lane"


class LogRow(msgspec.Struct, frozen=True):
    """An event that was checked and sealed, ready for the log. `key_id` is the intake key that sealed its body.

    `facts` is `encode_facts(event)`; whoever leaves it out has it made here.
    """

    client_id: str
    event: Event
    body_hash: bytes
    key_id: str
    sealed: bytes
    received_at: datetime
    facts: bytes = b""


class Rejected(msgspec.Struct, frozen=True):
    """An item that a connector could not accept, kept for people to look at; `id` is a function of what was sent."""

    client_id: str
    id: str
    received_at: datetime
    source: str
    problem: str
    sealed: bytes


class Receipt(msgspec.Struct, frozen=True):
    """What became of one row. Accepted unless `conflict` (the id is taken by other content) or `problem` says otherwise."""

    event_id: str
    received_at: datetime
    duplicate: bool = False
    conflict: bool = False
    problem: Problem | None = None


class LoggedEvent(msgspec.Struct, frozen=True):
    """A row of the log with what lies beside it. `party_id` is set once the body is sealed under a person's key."""

    client_id: str
    id: str
    received_at: datetime
    at: datetime
    seq: int
    xid: int
    source: str
    type: str
    body_hash: bytes
    facts: str
    key_id: str | None
    party_id: str | None
    sealed: bytes | None

    @property
    def event(self) -> Event:
        """The facts as deciding reads them."""
        return decode_facts(self.facts)


# Not joined but looked up: the planner takes an array for ten rows and would join 2,000 of them with 2,000 by a nested loop
# (350 ms). A subplan under `IS TRUE` is no join to it, and is hashed under whatever plans the session is pinned to.
_APPEND = f"""
WITH incoming AS (
    SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::timestamptz[], %s::timestamptz[], %s::text[], %s::text[],
                         %s::bytea[], %s::text[], %s::uuid[], %s::bytea[])
    WITH ORDINALITY AS t(client_id, id, received_at, at, source, type, body_hash, facts, key_id, sealed, n)
), fresh AS (
    INSERT INTO event_key (client_id, id, body_hash, received_at)
    SELECT client_id, id, body_hash, received_at FROM incoming ORDER BY client_id, id
    ON CONFLICT DO NOTHING RETURNING client_id, id
), logged AS (
    INSERT INTO event (client_id, id, received_at, at, source, type, body_hash, facts)
    SELECT client_id, id, received_at, at, source, type, body_hash, facts
    FROM incoming WHERE ((client_id, id) IN (SELECT client_id, id FROM fresh)) IS TRUE ORDER BY n
), bodies AS (
    INSERT INTO event_body (client_id, id, key_id, sealed)
    SELECT client_id, id, key_id, sealed
    FROM incoming WHERE ((client_id, id) IN (SELECT client_id, id FROM fresh)) IS TRUE
), told AS (
    SELECT pg_notify('{LANE_CHANNEL}', client_id::text) FROM fresh GROUP BY client_id
)
SELECT client_id, id, (SELECT count(*) FROM told) FROM fresh
"""

_FIRST_KEYS = """
SELECT k.client_id, k.id, k.body_hash, k.received_at
FROM unnest(%s::uuid[], %s::uuid[]) AS w(client_id, id),
LATERAL (SELECT * FROM event_key k WHERE k.client_id = w.client_id AND k.id = w.id OFFSET 0) k
"""

_PENDING = """
SELECT e.client_id, e.id, e.received_at, e.at, e.seq, e.xid::text::bigint, e.source, e.type, e.body_hash, e.facts,
       b.key_id, b.party_id, b.sealed
FROM (
    SELECT * FROM event
    WHERE client_id = %(client_id)s::uuid AND (xid, seq) > (%(xid)s::text::xid8, %(seq)s::bigint)
      AND xid < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY xid, seq LIMIT %(limit)s
) e LEFT JOIN event_body b ON b.client_id = e.client_id AND b.id = e.id
ORDER BY e.xid, e.seq
"""

_BY_ID = """
SELECT e.client_id, e.id, e.received_at, e.at, e.seq, e.xid::text::bigint, e.source, e.type, e.body_hash, e.facts,
       b.key_id, b.party_id, b.sealed
FROM event e LEFT JOIN event_body b ON b.client_id = e.client_id AND b.id = e.id
WHERE e.client_id = %(client_id)s::uuid AND e.id = ANY(%(ids)s::uuid[])
ORDER BY e.xid, e.seq
"""

_LANES = """
SELECT l.client_id FROM lane l
WHERE EXISTS (
    SELECT 1 FROM event e
    WHERE e.client_id = l.client_id AND (e.xid, e.seq) > (l.cursor_xid, l.cursor_seq)
      AND e.xid < pg_snapshot_xmin(pg_current_snapshot())
)
ORDER BY l.client_id
"""

_REJECT = """
INSERT INTO rejected_event (client_id, id, received_at, source, problem, sealed)
SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::timestamptz[], %s::text[], %s::text[], %s::bytea[])
ON CONFLICT DO NOTHING
"""

# Errors that are the fault of a row: data, integrity, and limits of the program such as an index row too wide.
_ROW_FAULTS = ("22", "23", "54")
_RACES = ("40",)


def append(conn: psycopg.Connection[Any], rows: Sequence[LogRow]) -> list[Receipt]:
    """Receipts in the order of `rows`, given out after the commit. A row that the database refuses never fails its neighbours.

    The connection must be in autocommit mode: every statement here is a transaction of its own.
    """
    receipts: dict[int, Receipt] = {}
    first_of: dict[tuple[str, str], int] = {}
    repeats = [n for n, row in enumerate(rows) if first_of.setdefault((row.client_id, row.event.id), n) != n]
    _append_some(conn, rows, list(first_of.values()), receipts)
    _append_some(conn, rows, repeats, receipts)  # by now the log knows their ids, and says what they are
    return [receipts[n] for n in range(len(rows))]


def reject(conn: psycopg.Connection[Any], rejected: Sequence[Rejected]) -> None:
    """Keep what a connector could not accept; the same item twice is one row."""
    conn.execute(
        _REJECT,
        [
            array_literal([row.client_id for row in rejected]),
            array_literal([row.id for row in rejected]),
            array_literal([row.received_at.isoformat() for row in rejected]),
            array_literal([row.source for row in rejected]),
            array_literal([row.problem for row in rejected]),
            array_literal([row.sealed for row in rejected]),
        ],
    )


def pending(
    conn: psycopg.Connection[Any], client_id: str, cursor_xid: int | str, cursor_seq: int, limit: int
) -> list[LoggedEvent]:
    """The next events of a lane behind its cursor, only those that no running transaction can still precede."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        cursor.execute(
            _PENDING, {"client_id": client_id, "xid": str(cursor_xid), "seq": cursor_seq, "limit": limit}, prepare=True
        )
        return [LoggedEvent(*row) for row in cursor.fetchall()]


def read_events(conn: psycopg.Connection[Any], client_id: str, ids: Sequence[str]) -> list[LoggedEvent]:
    """Events by their ids, wherever in the log they lie, in the order of the log."""
    if not ids:
        return []
    with conn.cursor(row_factory=tuple_row) as cursor:
        cursor.execute(_BY_ID, {"client_id": client_id, "ids": array_literal(ids)})
        return [LoggedEvent(*row) for row in cursor.fetchall()]


def lanes_with_work(conn: psycopg.Connection[Any]) -> list[str]:
    """Clients whose log holds safely committed events behind the cursor."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        return [row[0] for row in cursor.execute(_LANES).fetchall()]


def is_row_fault(error: Exception) -> bool:
    """Whether an error blames the content of a row, so that its neighbours may still go in."""
    if isinstance(error, psycopg.Error):
        is_data = isinstance(error, (psycopg.DataError, psycopg.IntegrityError))  # without a code: refused before it was sent
        return is_data or (error.sqlstate or "")[:2] in _ROW_FAULTS
    return not isinstance(error, (OSError, MemoryError))  # a value that cannot even be written down


def _append_some(
    conn: psycopg.Connection[Any], rows: Sequence[LogRow], places: list[int], receipts: dict[int, Receipt]
) -> None:
    """Append the rows at `places`; on a row's fault halve and try again, until the bad one stands alone."""
    if not places:
        return
    try:
        _append_all(conn, rows, places, receipts)
    except Exception as error:
        if (getattr(error, "sqlstate", None) or "")[:2] in _RACES:
            _append_all(conn, rows, places, receipts)
            return
        if not is_row_fault(error):
            raise
        if len(places) == 1:
            row = rows[places[0]]
            receipts[places[0]] = Receipt(row.event.id, row.received_at, problem=_poisoned(error))
            return
        middle = len(places) // 2
        _append_some(conn, rows, places[:middle], receipts)
        _append_some(conn, rows, places[middle:], receipts)


def _append_all(
    conn: psycopg.Connection[Any], rows: Sequence[LogRow], places: list[int], receipts: dict[int, Receipt]
) -> None:
    batch = [rows[n] for n in places]
    with conn.cursor(row_factory=tuple_row) as cursor:
        cursor.execute(_APPEND, _columns(batch), prepare=True)
        fresh = {(row[0], row[1]) for row in cursor.fetchall()}
        known: dict[tuple[str, str], tuple[bytes, datetime]] = {}
        if len(fresh) < len(batch):
            old = [row for row in batch if (row.client_id, row.event.id) not in fresh]
            wanted = [array_literal([row.client_id for row in old]), array_literal([row.event.id for row in old])]
            for client_id, id, body_hash, received_at in cursor.execute(_FIRST_KEYS, wanted).fetchall():
                known[client_id, id] = (bytes(body_hash), received_at)
    for n, row in zip(places, batch, strict=True):
        key = (row.client_id, row.event.id)
        if key in fresh:
            receipts[n] = Receipt(row.event.id, row.received_at)
        else:
            receipts[n] = _receipt_of_known(row, known.get(key))


def _columns(batch: list[LogRow]) -> list[str]:
    return [
        array_literal([row.client_id for row in batch]),
        array_literal([row.event.id for row in batch]),
        array_literal([row.received_at.isoformat() for row in batch]),
        array_literal([row.event.at.isoformat() for row in batch]),
        array_literal([row.event.source for row in batch]),
        array_literal([row.event.type for row in batch]),
        array_literal([row.body_hash for row in batch]),
        array_literal([(row.facts or encode_facts(row.event)).decode() for row in batch]),
        array_literal([row.key_id for row in batch]),
        array_literal([row.sealed for row in batch]),
    ]


def _receipt_of_known(row: LogRow, known: tuple[bytes, datetime] | None) -> Receipt:
    if known is None:  # erased between the two statements
        return Receipt(row.event.id, row.received_at, conflict=True)
    body_hash, received_at = known
    same = body_hash == row.body_hash
    return Receipt(row.event.id, received_at, duplicate=same, conflict=not same)


def _poisoned(error: Exception) -> Problem:
    # The database's own text may quote the row, so only its class is told.
    why = f"the database refused it ({type(error).__name__})"
    return Problem("", why, "correct this event and send it again under the same id", "refused_by_database")
