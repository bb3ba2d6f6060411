"""Is no event lost when a month was not made in time? Rows in DEFAULT move, numbers kept, while others write."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from goodword.house.roles import Urls
from goodword.store.partitions import ensure_ahead
from goodword.store.sql.connect import connect

from .conftest import ACME

INSERT = (
    "INSERT INTO event (client_id, id, received_at, at, source, type, body_hash, facts)"
    " VALUES (%s, %s, %s, now(), 'api', 'purchase', '\\x00', '{}')"
)


@pytest.fixture(autouse=True)
def emptied(owner: psycopg.Connection[Any]) -> Iterator[None]:
    yield
    for (name,) in owner.execute(
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'event'::regclass"
    ):
        owner.execute(f"TRUNCATE {name}" if name == "event_default" else f"DROP TABLE {name}")


def arrive(conn: psycopg.Connection[Any], *moments: datetime) -> None:
    for moment in moments:
        conn.execute(INSERT, (ACME, uuid4(), moment))


def where_rows_lie(conn: psycopg.Connection[Any]) -> dict[str, int]:
    return dict(conn.execute("SELECT tableoid::regclass::text, count(*) FROM event GROUP BY 1").fetchall())


def months(conn: psycopg.Connection[Any]) -> list[str]:
    rows = conn.execute(
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'event'::regclass ORDER BY 1"
    )
    return [row[0] for row in rows]


def test_this_month_and_three_ahead_are_made_once(engine: psycopg.Connection[Any]) -> None:
    assert ensure_ahead(engine, date(2026, 11, 22)) == 0
    assert months(engine) == ["event_2026_11", "event_2026_12", "event_2027_01", "event_2027_02", "event_default"]
    assert ensure_ahead(engine, datetime(2026, 11, 30, 23, 30, tzinfo=UTC)) == 0
    assert len(months(engine)) == 5


def test_rows_in_default_move_when_their_month_is_made(engine: psycopg.Connection[Any]) -> None:
    edges = [datetime(2027, 5, 31, 23, 59, 59, 999999, UTC), datetime(2027, 6, 1, tzinfo=UTC),
             datetime(2027, 6, 30, 23, 59, 59, 999999, UTC), datetime(2027, 7, 1, tzinfo=UTC)]  # fmt: skip
    arrive(engine, *edges)
    assert where_rows_lie(engine) == {"event_default": 4}
    kept = engine.execute("SELECT id, seq, xid::text, received_at FROM event ORDER BY id").fetchall()
    row = engine.execute("SELECT ensure_month('2027-06-15')").fetchone()
    assert row == (2,)
    assert where_rows_lie(engine) == {"event_default": 2, "event_2027_06": 2}
    assert ensure_ahead(engine, date(2027, 6, 1)) == 2
    assert where_rows_lie(engine) == {"event_2027_05": 1, "event_2027_06": 2, "event_2027_07": 1}
    assert engine.execute("SELECT id, seq, xid::text, received_at FROM event ORDER BY id").fetchall() == kept
    arrive(engine, edges[0])
    assert where_rows_lie(engine)["event_2027_05"] == 2, "later rows go straight to their month"


def test_a_month_change_under_writers_loses_and_doubles_nothing(urls: Urls, engine: psycopg.Connection[Any]) -> None:
    """Writers put events into a month that has no place yet, while its place is made and the next month begins."""
    sent: list[int] = []
    failed: list[Exception] = []
    stop = threading.Event()

    def write(writer: int) -> None:
        done = 0
        with connect(urls.engine, "writer") as conn:
            while not stop.is_set() or done < 40:
                try:
                    arrive(conn, datetime(2028, 1 + (done % 3), 15, tzinfo=UTC))
                except psycopg.Error as error:
                    failed.append(error)
                    break
                done += 1
        sent.append(done)

    writers = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in writers:
        thread.start()
    moved = 0
    for day in (date(2028, 1, 1), date(2028, 2, 1), date(2028, 3, 1)):
        moved += ensure_ahead(engine, day, months_ahead=0)
    stop.set()
    for thread in writers:
        thread.join()
    ensure_ahead(engine, date(2028, 3, 1))
    assert failed == []
    lying = where_rows_lie(engine)
    assert sum(lying.values()) == sum(sent)
    assert set(lying) == {"event_2028_01", "event_2028_02", "event_2028_03"}


def test_two_at_once_make_one_month(urls: Urls, engine: psycopg.Connection[Any]) -> None:
    arrive(engine, *[datetime(2029, 2, day, tzinfo=UTC) for day in range(1, 11)])
    moved: list[int] = []

    def make() -> None:
        with connect(urls.engine) as conn:
            moved.append(ensure_ahead(conn, date(2029, 2, 1)))

    threads = [threading.Thread(target=make) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(moved) == 10
    assert where_rows_lie(engine) == {"event_2029_02": 10}


def test_a_long_reader_delays_a_month_and_stops_nobody(urls: Urls, engine: psycopg.Connection[Any]) -> None:
    """While somebody reads the whole log, the month is tried again; writers wait no longer than one try."""
    pauses: list[float] = []
    with connect(urls.engine, "reader", autocommit=False) as reader:
        reader.execute("SELECT count(*) FROM event")

        def pause(seconds: float) -> None:
            pauses.append(seconds)
            arrive(engine, datetime(2030, 1, 2, tzinfo=UTC))
            if len(pauses) == 2:
                reader.rollback()

        assert ensure_ahead(engine, date(2030, 1, 1), months_ahead=0, pause=pause) == 2
    assert len(pauses) == 2
    assert where_rows_lie(engine) == {"event_2030_01": 2}


def test_an_absurd_month_is_refused(engine: psycopg.Connection[Any]) -> None:
    with pytest.raises(psycopg.errors.RaiseException):
        engine.execute("SELECT ensure_month('9999-01-01')")


def test_a_month_has_the_indexes_of_the_log(engine: psycopg.Connection[Any]) -> None:
    ensure_ahead(engine, date(2026, 11, 1), months_ahead=0)
    rows = engine.execute("SELECT count(*) FROM pg_index WHERE indrelid = 'event_2026_11'::regclass").fetchone()
    attached = engine.execute(
        "SELECT count(*) FROM pg_inherits WHERE inhparent IN ('event_lane'::regclass, 'event_pkey'::regclass)"
    ).fetchone()
    assert (rows, attached) == ((2,), (4,)), (
        "each of the two indexes is attached for this month and DEFAULT, none twice"
    )
