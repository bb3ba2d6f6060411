"""How does each lane stand? What waits to be decided or sealed, what was set aside, whether time passes: one row a client."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import psycopg

from goodword.store.sql import runs


class LaneState(msgspec.Struct, frozen=True):
    """A client's lane as an operator looks at it."""

    client: str
    undecided: int
    undecided_since: datetime | None
    dead_letters: int
    clock: datetime | None
    held_at: datetime | None
    unsealed_leaves: int
    checkpoint_at: datetime | None
    open_import: runs.OpenRun | None


def lane_states(conn: psycopg.Connection[Any]) -> list[LaneState]:
    """The lanes of all clients by name. Events dated ahead wait by themselves, so they are no dead letters here."""
    clients = conn.execute("SELECT id, slug FROM client ORDER BY slug").fetchall()
    return [lane_state(conn, client_id, slug) for client_id, slug in clients]


def lane_state(conn: psycopg.Connection[Any], client_id: str, slug: str) -> LaneState:
    """One lane; of the house, which has a log and no lane, only what concerns the log."""
    row = conn.execute(_STATE, {"client": client_id}).fetchone()
    assert row is not None, "a row of aggregates"
    undecided, since, dead_letters, clock, held_at, unsealed, checkpoint_at = row
    open_import = runs.open_run(conn, client_id)
    return LaneState(slug, undecided, since, dead_letters, clock, held_at, unsealed, checkpoint_at, open_import)


_STATE = """
SELECT coalesce(waiting.n, 0), waiting.since,
       (SELECT count(*) FROM dead_letter d
         WHERE d.client_id = %(client)s::uuid AND d.resolved_at IS NULL AND d.retry_at IS NULL),
       lane.clock, lane.held_at,
       (SELECT coalesce(sum(b.count), 0)::bigint FROM leaf_batch b
         WHERE b.client_id = %(client)s::uuid AND b.first_leaf IS NULL),
       (SELECT max(c.created_at) FROM checkpoint c WHERE c.client_id = %(client)s::uuid)
  FROM (SELECT 1) one
  LEFT JOIN lane ON lane.client_id = %(client)s::uuid
  LEFT JOIN LATERAL (
       SELECT count(*) AS n, min(e.received_at) AS since FROM event e
        WHERE e.client_id = %(client)s::uuid AND (e.xid, e.seq) > (lane.cursor_xid, lane.cursor_seq)) waiting ON true
"""
