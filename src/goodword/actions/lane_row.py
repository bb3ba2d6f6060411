"""Where does a lane stand? Its one row, read under a lock and moved only from where it was found."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import psycopg


class LaneMoved(Exception):
    """Somebody else decided the lane meanwhile. Nothing of the batch was kept."""


class LaneRow(msgspec.Struct, frozen=True):
    """Where a lane stands: cursor in the log, number of the last decision, business clock, and the moment it is held at.

    `counted_in` is the time zone of its daily sums, `zone` that of the client.
    """

    cursor_xid: int
    cursor_seq: int
    decision_seq: int
    clock: datetime | None
    held_at: datetime | None
    counted_in: str = "UTC"
    zone: str = "UTC"


def lane_row(conn: psycopg.Connection[Any], client_id: str) -> LaneRow:
    """The row of a lane, locked until the end of the transaction; made where it is missing."""
    row = conn.execute(
        "SELECT l.cursor_xid::text::bigint, l.cursor_seq, l.decision_seq, l.clock, l.held_at, l.counted_in,"
        " coalesce(c.timezone, 'UTC') FROM lane l LEFT JOIN client c ON c.id = l.client_id"
        " WHERE l.client_id = %s::uuid FOR UPDATE OF l",
        (client_id,),
    ).fetchone()
    if row is None:
        conn.execute("INSERT INTO lane (client_id) VALUES (%s::uuid) ON CONFLICT DO NOTHING", (client_id,))
        return LaneRow(0, 0, 0, None, None)
    return LaneRow(*row)


def move_cursor(
    conn: psycopg.Connection[Any],
    client_id: str,
    lane: LaneRow,
    cursor: tuple[int, int],
    decision_seq: int,
    clock: datetime | None,
    now: datetime,
) -> None:
    """The last line of defence against a second worker: the cursor moves only from where this batch found it."""
    moved = conn.execute(
        "UPDATE lane SET cursor_xid = %s::text::xid8, cursor_seq = %s, decision_seq = %s, clock = %s"
        " WHERE client_id = %s::uuid AND decision_seq = %s AND cursor_seq = %s",
        (str(cursor[0]), cursor[1], decision_seq, clock, client_id, lane.decision_seq, lane.cursor_seq),
    )
    if moved.rowcount != 1:
        raise LaneMoved(f"the lane of {client_id} was moved by another worker; this batch is given up")
