"""By whose midnights are daily sums kept? By those of the client's time zone; where that changed, all sums are taken anew.

The database sums by quarter of an hour, on which the midnight of every zone falls; whose day a quarter belongs to is said here,
by the same time zones with which each decision is counted (`figures`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any, LiteralString
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import psycopg

from goodword.store import figures
from goodword.store.sql.bulk import Bulk

KEY = "client_id, program_id, day, metric, asset"
COLUMNS = {
    "program_id": "uuid",
    "day": "date",
    "metric": "text",
    "asset": "text",
    "n": "bigint",
    "amount_minor": "bigint",
}

_JOINED = "date_bin('15 minutes', r.bound_at, '2000-01-01Z')"
_REWARDS = "reward w JOIN referral r ON r.client_id = w.client_id AND r.id = w.referral_id WHERE w.client_id = %s::uuid"
# (program, quarter, metric, asset, n, minor) of one client, as `figures` counts them. States are what the metric says.
SUMS: tuple[LiteralString, ...] = (
    f"SELECT r.program_id, {_JOINED}, 'stand:' || r.state || ':' || r.method, '', count(*), 0 FROM referral r"
    " WHERE r.client_id = %s::uuid AND r.kind <> 'record' GROUP BY 1, 2, 3",
    f"SELECT r.program_id, {_JOINED}, 'given:' || w.state, w.asset, count(*), sum(w.amount_minor)::bigint FROM {_REWARDS}"
    " AND w.state IN ('pending', 'in_review', 'payable', 'sent') GROUP BY 1, 2, 3, 4",
    "SELECT w.program_id, date_bin('15 minutes', w.due_at, '2000-01-01Z'), 'due:' || w.state, w.asset, count(*),"
    " sum(w.amount_minor)::bigint FROM reward w WHERE w.client_id = %s::uuid"
    " AND w.state IN ('pending', 'in_review', 'payable')"
    " AND NOT (w.state = 'payable' AND starts_with(w.asset, 'PTS:')) GROUP BY 1, 2, 3, 4",
    "SELECT w.program_id, date_bin('15 minutes', w.state_at, '2000-01-01Z'), 'sent_after', 's', count(*),"
    " sum(trunc(extract(epoch FROM w.state_at - w.granted_at)))::bigint FROM reward w"
    " WHERE w.client_id = %s::uuid AND w.state = 'sent' GROUP BY 1, 2",
    f"SELECT r.program_id, {_JOINED}, 'stopped', w.asset, count(*), sum(w.amount_minor)::bigint FROM {_REWARDS}"
    " AND w.state = 'voided' AND r.state = 'denied' GROUP BY 1, 2, 4",
    f"SELECT r.program_id, {_JOINED}, 'after:' || greatest(0, least({figures.LAST_WEEK},"
    " floor(extract(epoch FROM earned.first_at - r.bound_at) / 604800)))::int, '', count(*), 0"
    " FROM referral r CROSS JOIN LATERAL (SELECT min((one ->> 'milestone_at')::timestamptz) AS first_at"
    " FROM jsonb_array_elements(coalesce(r.body::jsonb -> 'rewards', '[]'::jsonb)) one"
    " WHERE one ->> 'state' IN ('pending', 'in_review', 'payable', 'sent')) earned"
    " WHERE r.client_id = %s::uuid AND r.kind <> 'record' AND earned.first_at IS NOT NULL GROUP BY 1, 2, 3",
    f"SELECT coalesce(r.program_id, '{figures.NOWHERE}'::uuid), date_bin('15 minutes', d.clock, '2000-01-01Z'), 'owed',"
    " e.asset, count(*), sum(CASE WHEN into_.name LIKE 'payable:%%'"
    " THEN CASE e.phase WHEN 'posted' THEN 1 WHEN 'pending' THEN 1 WHEN 'void' THEN -1 ELSE 0 END"
    " ELSE CASE e.phase WHEN 'posted' THEN -1 WHEN 'pending' THEN -1 WHEN 'void' THEN 1 ELSE 0 END END"
    " * e.amount_minor)::bigint FROM entry e JOIN decision d ON d.client_id = e.client_id AND d.id = e.decision_id"
    " JOIN account into_ ON into_.client_id = e.client_id AND into_.id = e.destination_id"
    " JOIN account out_ ON out_.client_id = e.client_id AND out_.id = e.source_id"
    " LEFT JOIN referral r ON r.client_id = e.client_id AND r.id = e.referral_id"
    " WHERE e.client_id = %s::uuid AND (into_.name LIKE 'payable:%%' OR out_.name LIKE 'payable:%%') GROUP BY 1, 2, 4",
    f"SELECT '{figures.NOWHERE}'::uuid, date_bin('15 minutes', e.at, '2000-01-01Z'), 'event:' || e.type, '', count(*), 0"
    " FROM event e WHERE e.client_id = %s::uuid AND e.type IN ('click', 'share') AND EXISTS (SELECT FROM decision d"
    " WHERE d.client_id = e.client_id AND d.event_id = e.id) GROUP BY 2, 3",
)
# What is told by day. Arrivals at a state and entries by reason are kept by the day of UTC: nobody asks for one of their days.
TOLD_BY_DAY = "(metric ~ '^(stand|given|due|after|event):' OR metric IN ('sent_after', 'stopped', 'owed'))"


@cache
def zone_of(name: str) -> ZoneInfo:
    """The time zone of that name; UTC where this machine does not know it, as on the pages."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def count_in(conn: psycopg.Connection[Any], client_id: str, zone: str) -> None:
    """All sums of a client by the days of `zone`, and its lane says so. The caller holds the lane and commits."""
    conn.execute(
        f"UPDATE rollup SET n = 0, amount_minor = 0 WHERE client_id = %s::uuid AND {TOLD_BY_DAY}",
        (client_id,),
    )
    Bulk(conn, client_id).put("rollup", KEY, COLUMNS, counted(conn, client_id, zone_of(zone)))
    conn.execute("UPDATE lane SET counted_in = %s WHERE client_id = %s::uuid", (zone, client_id))


def counted(conn: psycopg.Connection[Any], client_id: str, zone: ZoneInfo) -> Iterator[tuple[Any, ...]]:
    """The rows of all daily sums, taken from what stands now."""
    day_of = cache(lambda quarter: figures.day_of(quarter, zone))
    for sql in SUMS:
        sums: dict[tuple[str, date, str, str], list[int]] = {}
        for program_id, quarter, metric, asset, n, minor in conn.execute(sql, (client_id,)):
            known = sums.setdefault((program_id, day_of(quarter), metric, asset), [0, 0])
            known[0] += n
            known[1] += minor
        for key, (n, minor) in sums.items():
            yield (*key, n, minor)
