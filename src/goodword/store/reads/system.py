"""How is the database? What one query of its catalogue tells: version, size, connections, months of the log, the last decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import psycopg

_WORKER = "goodword worker"  # the name under which the worker's connection shows, see store.sql.connect


@dataclass(frozen=True)
class Database:
    """The database as the engine sees it. `months` are those of the log that have a place of their own."""

    version: str
    size_bytes: int
    connections: int
    most_connections: int
    months: tuple[date, ...]
    months_in_default: tuple[date, ...]
    rows_in_default: int
    workers: int
    decided_at: datetime | None
    now: datetime


_ONE_LOOK = """
SELECT current_setting('server_version'), pg_database_size(current_database()),
       (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()),
       current_setting('max_connections')::int,
       (SELECT coalesce(sum(pg_stat_get_live_tuples(c.oid)), 0)::bigint FROM pg_class c
         WHERE c.relname = 'event_default' AND c.relnamespace = current_schema()::regnamespace),
       (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = %s),
       (SELECT max(latest.decided_at) FROM client c CROSS JOIN LATERAL
         (SELECT d.decided_at FROM decision d WHERE d.client_id = c.id ORDER BY d.seq DESC LIMIT 1) latest),
       clock_timestamp()
"""
_MONTHS = """
SELECT to_date(substring(part.relname FROM 7), 'YYYY_MM') FROM pg_inherits i
  JOIN pg_class part ON part.oid = i.inhrelid JOIN pg_class log ON log.oid = i.inhparent
 WHERE log.relname = 'event' AND log.relnamespace = current_schema()::regnamespace
   AND part.relname ~ '^event_[0-9]{4}_[0-9]{2}$' ORDER BY 1
"""


def database(conn: psycopg.Connection[Any]) -> Database:
    """One look, as the engine."""
    row = conn.execute(_ONE_LOOK, (_WORKER,)).fetchone()
    assert row is not None, "a row of aggregates"
    version, size, used, most, in_default, workers, decided_at, now = row
    months = tuple(one[0] for one in conn.execute(_MONTHS).fetchall())
    astray = tuple(sorted(one[0] for one in conn.execute("SELECT months_in_default()").fetchall()))
    return Database(version.split(" ")[0], size, used, most, months, astray, in_default, workers, decided_at, now)
