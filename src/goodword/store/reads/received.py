"""Which events came in, which failed, which were refused? The three lists of the developers' room, narrowed and paged."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

MOST_REPLAYED = 10_000
_COUNTED = 10_000


@dataclass(frozen=True)
class Wanted:
    """What a list is narrowed to; times are those of arrival (or of failure). '' and None leave it as it is."""

    type: str = ""
    source: str = ""
    reason: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Received:
    """A row of the log and what became of it so far: decided, waiting or failed."""

    id: str
    type: str
    at: datetime
    received_at: datetime
    source: str
    state: str
    place: tuple[int, int]


@dataclass(frozen=True)
class Failed:
    """An event (or, without a type, a referral's moment) that could not be decided, and what is done about it."""

    id: str
    type: str
    source: str
    reason: str
    detail: str
    at: datetime
    attempts: int
    retry_at: datetime | None
    resolved_at: datetime | None = None


@dataclass(frozen=True)
class Refused:
    """An item that was not accepted at the door."""

    id: str
    received_at: datetime
    source: str
    problems: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Counts:
    """How many wait for a person; `failed` are those that nobody asked to try again, the first `since` then."""

    dead: int
    refused: int
    failed: int
    since: datetime | None

    @property
    def most(self) -> int:
        """From here on a count is only "more than"."""
        return _COUNTED


def counts(client_id: str, wanted: Wanted | None = None) -> Counts:
    """Capped counts for the tabs, and what a replay would ask for."""
    dead = _failing(client_id, Wanted(), "")
    failed = _failing(client_id, wanted or Wanted(), " AND d.retry_at IS NULL")
    query = (
        f"SELECT (SELECT count(*) FROM (SELECT {dead[0]} LIMIT {_COUNTED + 1}) a),"
        f" (SELECT count(*) FROM (SELECT 1 FROM rejected_event WHERE client_id = %s::uuid LIMIT {_COUNTED + 1}) b),"
        f" (SELECT count(*) FROM (SELECT {failed[0]} LIMIT {MOST_REPLAYED}) c), (SELECT min(d.at) {_after_select(failed[0])})"
    )
    rows = _rows(query, [*dead[1], client_id, *failed[1], *failed[1]])
    return Counts(*rows[0])


def received(
    client_id: str, wanted: Wanted, after: tuple[int, int] | None, size: int
) -> tuple[tuple[Received, ...], tuple[int, int] | None]:
    """Rows of the log, the latest first, and where they end if there are more."""
    where: list[str] = ["e.client_id = %s::uuid"]
    values: list[Any] = [client_id]
    for column, value in (("e.type = %s", wanted.type), ("e.source = %s", wanted.source)):
        if value:
            where.append(column)
            values.append(value)
    _add_times(where, values, "e.received_at", wanted)
    if after:
        where.append("(e.xid, e.seq) < (%s::text::xid8, %s::bigint)")
        values += [str(after[0]), after[1]]
    rows = _rows(
        "SELECT e.id, e.type, e.at, e.received_at, e.source, CASE WHEN d.id IS NOT NULL THEN 'failed'"
        " WHEN (e.xid, e.seq) <= (l.cursor_xid, l.cursor_seq) THEN 'decided' ELSE 'waiting' END,"
        " e.xid::text::bigint, e.seq FROM (SELECT e.client_id, e.id, e.type, e.at, e.received_at, e.source, e.xid, e.seq"
        f" FROM event e WHERE {' AND '.join(where)} ORDER BY e.xid DESC, e.seq DESC LIMIT %s) e"
        " LEFT JOIN lane l ON l.client_id = e.client_id"
        " LEFT JOIN dead_letter d ON d.client_id = e.client_id AND d.id = e.id AND d.resolved_at IS NULL"
        " ORDER BY e.xid DESC, e.seq DESC",
        [*values, size + 1],
    )
    found = tuple(Received(row[0].hex, row[1], row[2], row[3], row[4], row[5], (row[6], row[7])) for row in rows)
    return found[:size], found[size - 1].place if len(found) > size else None


def failed(
    client_id: str, wanted: Wanted, after: tuple[datetime, str] | None, size: int
) -> tuple[tuple[Failed, ...], tuple[datetime, str] | None]:
    """What could not be decided, the oldest first, and where it ends if there is more."""
    query, values = _failing(
        client_id,
        wanted,
        "",
        "d.id, coalesce(e.type, ''), coalesce(e.source, ''), d.reason, d.detail, d.at, d.attempts, d.retry_at",
    )
    if after:
        query += " AND (d.at, d.id) > (%s, %s::uuid)"
        values += [after[0], after[1]]
    rows = _rows(f"SELECT {query} ORDER BY d.at, d.id LIMIT %s", [*values, size + 1])
    found = tuple(Failed(row[0].hex, *row[1:]) for row in rows)
    return found[:size], (found[size - 1].at, found[size - 1].id) if len(found) > size else None


def to_replay(client_id: str, wanted: Wanted) -> list[str]:
    """The ids of what failed and nobody asked to try again, the oldest first, as many as one replay takes."""
    query, values = _failing(client_id, wanted, " AND d.retry_at IS NULL", "d.id")
    return [row[0].hex for row in _rows(f"SELECT {query} ORDER BY d.at, d.id LIMIT %s", [*values, MOST_REPLAYED])]


def refused(
    client_id: str, wanted: Wanted, after: tuple[datetime, str] | None, size: int
) -> tuple[tuple[Refused, ...], tuple[datetime, str] | None]:
    """What was turned away at the door, the latest first, and where it ends if there is more."""
    where: list[str] = ["r.client_id = %s::uuid"]
    values: list[Any] = [client_id]
    if wanted.source:
        where.append("r.source = %s")
        values.append(wanted.source)
    _add_times(where, values, "r.received_at", wanted)
    if after:
        where.append("(r.received_at, r.id) < (%s, %s::uuid)")
        values += [after[0], after[1]]
    rows = _rows(
        f"SELECT r.id, r.received_at, r.source, r.problem FROM rejected_event r WHERE {' AND '.join(where)}"
        " ORDER BY r.received_at DESC, r.id DESC LIMIT %s",
        [*values, size + 1],
    )
    found = tuple(Refused(id.hex, at, source, _problems(problem)) for id, at, source, problem in rows)
    return found[:size], (found[size - 1].received_at, found[size - 1].id) if len(found) > size else None


def sources(client_id: str) -> list[str]:
    """Names of streams that keys send, for the filter."""
    rows = _rows("SELECT DISTINCT source FROM api_key WHERE client_id = %s::uuid ORDER BY 1 LIMIT 50", [client_id])
    return [row[0] for row in rows]


def _failing(client_id: str, wanted: Wanted, more: str, columns: str = "1") -> tuple[str, list[Any]]:
    where: list[str] = ["d.client_id = %s::uuid", "d.resolved_at IS NULL"]
    values: list[Any] = [client_id]
    for column, value in (
        ("e.type = %s", wanted.type),
        ("e.source = %s", wanted.source),
        ("d.reason = %s", wanted.reason),
    ):
        if value:
            where.append(column)
            values.append(value)
    _add_times(where, values, "d.at", wanted)
    joined = "dead_letter d LEFT JOIN event e ON e.client_id = d.client_id AND e.id = d.id"
    return f"{columns} FROM {joined} WHERE {' AND '.join(where)}{more}", values


def _after_select(query: str) -> str:
    return query[query.index("FROM") :]


def _add_times(where: list[str], values: list[Any], column: str, wanted: Wanted) -> None:
    for sign, moment in ((">=", wanted.since), ("<", wanted.until)):
        if moment is not None:
            where.append(f"{column} {sign} %s")
            values.append(moment)


def _rows(query: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())


def _problems(text: str) -> tuple[dict[str, Any], ...]:
    """The problem of a refused item as a list of field, why and repair, however it was written."""
    try:
        told = json.loads(text)
    except ValueError:
        return ({"field": "", "why": text[:300], "repair": ""},)
    listed = told.get("errors", [told]) if isinstance(told, dict) else told
    return tuple(item if isinstance(item, dict) else {"field": "", "why": str(item), "repair": ""} for item in listed)
