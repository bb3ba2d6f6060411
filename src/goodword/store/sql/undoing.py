"""What did an import bring, and what follows from it by now? Its rows in the log, the referrals they changed, who spoke on them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
import psycopg

from goodword.core.events import Event, decode_facts
from goodword.core.referral import Referral
from goodword.store.sql.connect import array_literal

_ROWS = 5000


class EndedRun(msgspec.Struct, frozen=True):
    """An import that is over; `parts` are the moments at which its rows came: its own, and those of runs it took up."""

    id: str
    kind: str
    file_name: str
    source: str
    state: str
    started_at: datetime
    parts: tuple[datetime, ...]

    @property
    def name(self) -> str:
        """The beginning of its id, as commands take it."""
        return f"imp_{self.id[:12]}"


class Brought(msgspec.Struct, frozen=True):
    """A row of the log that an import brought, with its sealed body where it lies beside it."""

    event: Event
    seq: int
    party: str | None
    key_id: str | None
    sealed: bytes | None


def ended_run(conn: psycopg.Connection[Any], client_id: str, wanted: str) -> EndedRun | None:
    """The import whose id begins so."""
    row = conn.execute(
        "SELECT id, kind, file_name, source, state, started_at, file_hash FROM import_run WHERE client_id = %s::uuid"
        " AND kind <> 'demo' AND replace(id::text, '-', '') LIKE %s || '%%' ORDER BY started_at DESC LIMIT 1",
        (client_id, wanted),
    ).fetchone()
    if row is None:
        return None
    earlier = conn.execute(
        "SELECT started_at FROM import_run WHERE client_id = %s::uuid AND kind = %s AND source = %s AND file_hash = %s"
        " AND state = 'failed' AND started_at < %s",
        (client_id, row[1], row[3], row[6], row[5]),
    ).fetchall()
    id_, kind, file_name, source, state, started_at, _ = row
    return EndedRun(id_, kind, file_name, source, state, started_at, (started_at, *(moment for (moment,) in earlier)))


def recent_runs(conn: psycopg.Connection[Any], client_id: str) -> list[tuple[str, str, str, datetime]]:
    """(id, kind, file, when) of the latest imports that could be undone."""
    return conn.execute(
        "SELECT id, kind, file_name, started_at FROM import_run WHERE client_id = %s::uuid AND kind <> 'demo'"
        " AND state IN ('done', 'abandoned') ORDER BY started_at DESC LIMIT 10",
        (client_id,),
    ).fetchall()


def brought_by(conn: psycopg.Connection[Any], client_id: str, run: EndedRun) -> Iterator[Brought]:
    """The rows that an import brought, the last one first: all of one reading carry the moment at which it began."""
    below = 2**62
    while True:
        rows = conn.execute(
            "SELECT e.facts, e.seq, b.party_id, b.key_id, b.sealed FROM (SELECT * FROM event WHERE client_id = %s::uuid"
            " AND received_at = ANY(%s::timestamptz[]) AND source = %s AND seq < %s ORDER BY seq DESC LIMIT %s) e"
            " LEFT JOIN event_body b ON b.client_id = e.client_id AND b.id = e.id ORDER BY e.seq DESC",
            (client_id, list(run.parts), run.source, below, _ROWS),
        ).fetchall()
        for facts, seq, party, key_id, sealed in rows:
            yield Brought(decode_facts(facts), seq, party, key_id, bytes(sealed) if sealed is not None else None)
            below = seq
        if len(rows) < _ROWS:
            return


def known_rows(conn: psycopg.Connection[Any], client_id: str) -> Iterator[Event]:
    """Every row about a person that was ever brought in, in order."""
    above = -1
    while True:
        rows = conn.execute(
            "SELECT facts, seq FROM event WHERE client_id = %s::uuid AND type = 'known' AND seq > %s ORDER BY seq LIMIT %s",
            (client_id, above, _ROWS),
        ).fetchall()
        for facts, seq in rows:
            yield decode_facts(facts)
            above = seq
        if len(rows) < _ROWS:
            return


def withdrawn_events(conn: psycopg.Connection[Any], client_id: str) -> set[str]:
    """Events that an undo took back before."""
    rows = conn.execute(
        "SELECT facts::json->'act'->>'event' FROM event WHERE client_id = %s::uuid AND type = 'withdrawn'", (client_id,)
    ).fetchall()
    return {row[0] for row in rows}


def referrals_of(conn: psycopg.Connection[Any], client_id: str, events: list[str]) -> list[Referral]:
    """Referrals that decisions on these events changed, as they stand now."""
    rows = conn.execute(
        "SELECT DISTINCT r.body FROM unnest(%(events)s::uuid[]) AS q(id),"
        " LATERAL (SELECT body FROM decision d WHERE d.client_id = %(client)s::uuid AND d.event_id = q.id OFFSET 0) d,"
        " LATERAL (SELECT j->>0 AS id FROM json_array_elements(d.body::json->'referrals') j) n,"
        " LATERAL (SELECT body FROM referral r WHERE r.client_id = %(client)s::uuid AND r.id = n.id::uuid OFFSET 0) r"
        " WHERE d.body::json->'referrals' IS NOT NULL",
        {"client": client_id, "events": array_literal(events)},
    ).fetchall()
    return [msgspec.json.decode(row[0], type=Referral) for row in rows]


def spent_of(conn: psycopg.Connection[Any], client_id: str, accounts: dict[str, tuple[str, int]]) -> int:
    """How many of these accounts hold less than they were opened with: {name: (asset, minor units)}."""
    if not accounts:
        return 0
    names, assets, least = zip(*((name, asset, minor) for name, (asset, minor) in accounts.items()), strict=True)
    row = conn.execute(
        "SELECT count(*) FROM unnest(%s::text[], %s::text[], %s::bigint[]) AS q(name, asset, least) LEFT JOIN account a"
        " ON a.client_id = %s::uuid AND a.name = q.name AND a.asset = q.asset"
        " WHERE coalesce(a.posted_minor - a.pending_out_minor, 0) < q.least",
        (list(names), list(assets), list(least), client_id),
    ).fetchone()
    return int(row[0]) if row else 0
