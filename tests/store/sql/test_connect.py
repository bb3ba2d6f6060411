"""Do values come back as they were written? Array literals and rows in bulk against the real server, ids as hex."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goodword.errors import DatabaseTrouble
from goodword.house.postgres import Cluster
from goodword.house.roles import Urls
from goodword.store.sql.bulk import Bulk
from goodword.store.sql.connect import array_literal, connect

NASTY = [
    "",
    "\\",
    "\\N",
    "\t",
    "a\nb",
    "\r\n",
    "\\.",
    "NULL",
    "null",
    '"',
    "{}",
    "a,b",
    " ",
    "'",
    "ü€😀",
    "\\x41",
    "%s",
]
TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=30)
MOMENT = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))
ROW = st.tuples(
    st.uuids().map(lambda one: one.hex),
    st.none() | TEXT,
    st.none() | st.integers(-(2**63), 2**63 - 1),
    st.none() | MOMENT,
    st.none() | st.binary(max_size=40),
    st.none() | st.booleans(),
    st.none() | st.dates(date(1970, 1, 1)),
)
COLUMNS = {
    "id": "uuid",
    "words": "text",
    "whole": "bigint",
    "moment": "timestamptz",
    "raw": "bytea",
    "truth": "bool",
    "day": "date",
}
CLIENT = "ab" * 16


@pytest.fixture(scope="module")
def table(urls: Urls, cluster: Cluster) -> Iterator[psycopg.Connection[Any]]:
    with cluster.superuser(urls.engine.split("?")[0].rsplit("/", 1)[1]) as boss:
        boss.execute(
            "CREATE TABLE scratch (client_id uuid, id uuid, words text, whole bigint, moment timestamptz, raw bytea,"
            " truth bool, day date)"
        )
        boss.execute("GRANT ALL ON scratch TO goodword_engine")
        boss.commit()
    with connect(urls.engine) as conn:
        yield conn


def back(conn: psycopg.Connection[Any]) -> list[tuple[Any, ...]]:
    return conn.execute(f"SELECT {', '.join(COLUMNS)} FROM scratch").fetchall()


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROW, max_size=8))
def test_rows_come_back_as_written(table: psycopg.Connection[Any], rows: list[Any]) -> None:
    with table.transaction(force_rollback=True):
        Bulk(table, CLIENT).add("scratch", COLUMNS, rows)
        assert back(table) == rows


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(st.none() | TEXT), wholes=st.lists(st.integers(-(2**63), 2**63 - 1)), raws=st.lists(st.binary()))
def test_lists_come_back_as_written(
    table: psycopg.Connection[Any], words: list[str | None], wholes: list[int], raws: list[bytes]
) -> None:
    row = table.execute(
        "SELECT %s::text[], %s::bigint[], %s::bytea[]",
        (array_literal(words), array_literal(wholes), array_literal(raws)),
    ).fetchone()
    assert row == (words, wholes, raws)


def test_nasty_texts_and_whole_columns(table: psycopg.Connection[Any]) -> None:
    same = "a" * 32
    rows = [(same, text, 1, None, b"", True, None) for text in NASTY]
    with table.transaction(force_rollback=True):
        Bulk(table, CLIENT).add("scratch", COLUMNS, iter(rows))
        assert back(table) == rows


def test_ids_are_hex_and_moments_are_utc_in_both_formats(table: psycopg.Connection[Any]) -> None:
    at = datetime(2026, 11, 22, 13, 5, tzinfo=timezone(timedelta(hours=1)))
    for binary in (False, True):
        row = table.execute(
            "SELECT %s::uuid, %s::uuid[], %s::timestamptz", ("ab" * 16, array_literal(["cd" * 16]), at), binary=binary
        ).fetchone()
        assert row == ("ab" * 16, ["cd" * 16], at)
        assert row[2].utcoffset() == timedelta(0)


def test_kinds_of_known_types_are_written_as_those() -> None:
    class State(enum.StrEnum):
        HELD = "held"

    class Rank(enum.IntEnum):
        FIRST = 1

    assert array_literal([State.HELD, Rank.FIRST]) == "{held,1}"
    with pytest.raises(TypeError, match="complex"):
        array_literal([1j])


def test_rows_of_different_widths_are_refused(table: psycopg.Connection[Any]) -> None:
    with pytest.raises(ValueError, match=r"shorter|longer"):
        Bulk(table, CLIENT).add("scratch", {"whole": "bigint", "words": "text"}, [(1, "a"), (2,)])


def test_a_writer_pins_its_plans(urls: Urls) -> None:
    with connect(urls.engine, "writer", pinned_plans=True, statement_timeout_s=5) as conn:
        told = [
            conn.execute(f"SHOW {name}").fetchone()
            for name in ("enable_seqscan", "enable_hashjoin", "statement_timeout")
        ]
        assert told == [("off",), ("off",), ("5s",)]
        row = conn.execute("SELECT application_name FROM pg_stat_activity WHERE pid = pg_backend_pid()").fetchone()
        assert row == ("goodword writer",)


def test_a_refused_connection_names_no_password(urls: Urls) -> None:
    wrong = urls.engine.replace("goodword_engine:", "goodword_nobody:", 1)
    with pytest.raises(DatabaseTrouble) as refused:
        connect(wrong)
    secret = urls.engine.split("goodword_engine:")[1].split("@")[0]
    assert secret
    assert secret not in str(refused.value)
