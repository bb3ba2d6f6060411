"""Which openings of links add up to the number of the funnel? They belong to no referral yet, so they are rows of the log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from goodword.core.events import AHEAD_HELD, decode_facts
from goodword.store.reads.behind import Place

_EARLIER = AHEAD_HELD + timedelta(minutes=1)  # a clock that goes ahead: received before it happened


@dataclass(frozen=True)
class Opened:
    """A link that was opened: when, by which code, on which way, and who sent it in."""

    id: str
    at: datetime
    code: str
    channel: str
    source: str


def opened_links(
    client_id: str, begin: datetime, end: datetime, after: Place | None, size: int
) -> tuple[tuple[Opened, ...], Place | None]:
    """The openings of these moments behind a place, oldest first, and where they end if there are more."""
    sql = (
        "SELECT e.id, e.at, e.source, e.facts FROM event e WHERE e.client_id = %s::uuid AND e.type = 'click'"
        " AND e.at >= %s AND e.at < %s AND e.received_at >= %s"
        " AND EXISTS (SELECT FROM decision d WHERE d.client_id = e.client_id AND d.event_id = e.id)"
    )
    values: list[Any] = [client_id, begin, end, begin - _EARLIER]
    if after:
        sql += " AND (e.at, e.id) > (%s, %s::uuid)"
        values += [after.at, after.id]
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} ORDER BY e.at, e.id LIMIT %s", [*values, size + 1])
        rows = cursor.fetchall()
    found = tuple(_opened(*row) for row in rows[:size])
    return found, Place(found[-1].at, found[-1].id) if len(rows) > size else None


def _opened(id: Any, at: datetime, source: str, facts: str) -> Opened:
    event = decode_facts(facts)
    return Opened(id.hex, at, event.codes[0] if event.codes else "", event.channel or "", source)
