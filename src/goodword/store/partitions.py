"""Is there a place for next month's events? Months of the log are made ahead; what fell into DEFAULT is moved."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import psycopg

from .grants import APP, ENGINE, OPS

MONTHS_AHEAD = 3
_ATTEMPTS = 20
_CLOSED = f"PUBLIC, {APP}, {ENGINE}, {OPS}"

# The table as Django's models know it; a partitioned table is beyond its CreateModel.
CREATE_LOG = (
    "CREATE SEQUENCE event_seq AS bigint CACHE 1",
    """
    CREATE TABLE event (
        client_id uuid NOT NULL,
        id uuid NOT NULL,
        received_at timestamptz NOT NULL,
        seq bigint NOT NULL DEFAULT nextval('event_seq'),
        xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
        at timestamptz NOT NULL,
        source text NOT NULL,
        type text NOT NULL,
        body_hash bytea NOT NULL,
        facts text NOT NULL,
        PRIMARY KEY (client_id, id, received_at)
    ) PARTITION BY RANGE (received_at)
    """,
    "CREATE INDEX event_lane ON event (client_id, xid, seq)",
    "CREATE TABLE event_default PARTITION OF event DEFAULT",
    f"REVOKE ALL ON TABLE event_default FROM {_CLOSED}",
    "ALTER TABLE event_default ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE event_default FORCE ROW LEVEL SECURITY",
)
DROP_LOG = ("DROP TABLE event", "DROP SEQUENCE event_seq")

# Owned by the owner and run with its rights, so that the engine can make months without owning tables. One transaction:
# - Writers are held off the log itself, not off DEFAULT alone: a row already on its way to DEFAULT when its month appears
#   would be refused by the new bounds of DEFAULT. Readers go on until the attachment.
# - It gives up after half a second of waiting, since all others would queue up behind it; `ensure_ahead` tries again.
# - pg_class is asked, and not to_regclass: the latter may answer from before the wait for the lock.
# - Row security without a policy closes a month even to a role that was granted it by mistake.
CREATE_ENSURE_MONTH = f"""
CREATE FUNCTION ensure_month(month date) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET lock_timeout = '500ms' AS $body$
DECLARE
    home text := '{{schema}}';
    part text := 'event_' || to_char(month, 'YYYY_MM');
    opens timestamptz := date_trunc('month', month::timestamp) AT TIME ZONE 'UTC';
    closes timestamptz := (date_trunc('month', month::timestamp) + interval '1 month') AT TIME ZONE 'UTC';
    moved bigint;
BEGIN
    IF month < date '2000-01-01' OR month >= date '2200-01-01' THEN
        RAISE EXCEPTION 'ensure_month: % is not a month of any log', month;
    END IF;
    IF EXISTS (SELECT FROM pg_class WHERE relname = part AND relnamespace = home::regnamespace) THEN
        RETURN 0;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('goodword.ensure_month', 0));
    IF EXISTS (SELECT FROM pg_class WHERE relname = part AND relnamespace = home::regnamespace) THEN
        RETURN 0;
    END IF;
    EXECUTE format('LOCK TABLE ONLY %I.event IN SHARE ROW EXCLUSIVE MODE', home);
    EXECUTE format('LOCK TABLE %I.event_default IN ACCESS EXCLUSIVE MODE', home);
    EXECUTE format('CREATE TABLE %I.%I (LIKE %I.event INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)',
                   home, part, home);
    EXECUTE format('REVOKE ALL ON TABLE %I.%I FROM {_CLOSED}', home, part);
    EXECUTE format('ALTER TABLE %I.%I ENABLE ROW LEVEL SECURITY', home, part);
    EXECUTE format('ALTER TABLE %I.%I FORCE ROW LEVEL SECURITY', home, part);
    EXECUTE format(
        'WITH gone AS (DELETE FROM %I.event_default WHERE received_at >= $1 AND received_at < $2 RETURNING *)'
        ' INSERT INTO %I.%I SELECT * FROM gone', home, home, part) USING opens, closes;
    GET DIAGNOSTICS moved = ROW_COUNT;
    EXECUTE format('ALTER TABLE %I.event ATTACH PARTITION %I.%I FOR VALUES FROM (%L) TO (%L)',
                   home, home, part, opens, closes);
    RETURN moved;
END
$body$
"""
CREATE_MONTHS_IN_DEFAULT = """
CREATE FUNCTION months_in_default() RETURNS SETOF date
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $body$
BEGIN
    RETURN QUERY EXECUTE format('SELECT DISTINCT date_trunc(''month'', received_at)::date FROM %I.event_default',
                                '{schema}');
END
$body$
"""


def create_functions(schema: str) -> Iterator[str]:
    """The functions of the log, callable by the engine alone."""
    yield CREATE_ENSURE_MONTH.replace("{schema}", schema)
    yield CREATE_MONTHS_IN_DEFAULT.replace("{schema}", schema)
    for function in ("ensure_month(date)", "months_in_default()"):
        yield f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC"
        yield f"GRANT EXECUTE ON FUNCTION {function} TO {ENGINE}"


def ensure_ahead(
    conn: psycopg.Connection[Any],
    today: date | datetime,
    months_ahead: int = MONTHS_AHEAD,
    pause: Callable[[float], None] = time.sleep,
) -> int:
    """Make this month and the next ones, and every month of which rows fell into DEFAULT; returns the rows moved.

    `conn` is a connection as the engine, outside a transaction: each month commits by itself, so that a lock is short.
    """
    day = today.astimezone(UTC).date() if isinstance(today, datetime) else today
    with conn.transaction():
        waiting = {row[0] for row in conn.execute("SELECT months_in_default()").fetchall()}
    return sum(_ensure(conn, month, pause) for month in sorted(waiting | set(_months(day, months_ahead))))


def _ensure(conn: psycopg.Connection[Any], month: date, pause: Callable[[float], None]) -> int:
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with conn.transaction():
                row = conn.execute("SELECT ensure_month(%s::date)", (month,)).fetchone()
            return int(row[0]) if row else 0
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
            if attempt == _ATTEMPTS:
                raise
            pause(0.1 * attempt)
    raise AssertionError("the loop returns or raises")


def _months(day: date, ahead: int) -> Iterator[date]:
    for step in range(ahead + 1):
        month0 = day.year * 12 + day.month - 1 + step
        yield date(month0 // 12, month0 % 12 + 1, 1)
