"""How fast is the chain itself? Prepared rows appended and decided in this process, against a raw COPY of the very rows it wrote."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import psycopg

from goodword.house.roles import Urls
from goodword.store.sql.intake import Intake
from goodword.store.sql.log import LogRow, append
from tests.bench.load import HISTORY, Purchases
from tests.bench.sides import CODES, PROGRAM
from tests.worker.lane import Lane, lane_on

TABLES = (
    "event_key event event_body decision entry referral reward trail party identifier trait person_key personal"
    " account counter rollup outbox leaf_batch"
).split()
BATCH = 1_000
APPEND = 2_000


@dataclass
class EngineResult:
    """Events a second of the chain and of the COPY, and what one event leaves behind."""

    events: int = 0
    chain_per_second: float = 0.0
    copy_per_second: float = 0.0
    append_part: float = 0.0
    rows_an_event: dict[str, float] = field(default_factory=dict)
    wal_bytes_an_event: float = 0.0
    copy_wal_bytes_an_event: float = 0.0

    @property
    def ratio(self) -> float:
        return self.chain_per_second / self.copy_per_second


def prepared(lane: Lane, purchases: Purchases, count: int) -> list[LogRow]:
    """Rows as the front door makes them: checked, tokenised, sealed."""
    keys = lane.lanes.vault.open_client(lane.client_id)
    intake = Intake(lane.client_id, "api", keys, frozenset(), frozenset(), datetime.now(UTC))
    rows = []
    for _ in range(count):
        row = intake.row(purchases.one())
        assert not isinstance(row, list), row
        rows.append(row)
    return rows


@contextmanager
def ready_lane(urls: Urls, slug: str) -> Iterator[Lane]:
    """A client whose program is live and whose advocates have their codes."""
    with lane_on(urls, slug) as lane:
        lane.publish(PROGRAM, at=datetime(2020, 1, 1, tzinfo=UTC))
        at = datetime.now(UTC).replace(microsecond=0) - HISTORY - timedelta(hours=1)
        codes = [
            {"id": f"code-{code}", "type": "code_issued", "at": at.isoformat(), "code": code, "act": {}}
            | {"person": {"id": f"advocate-{code}"}}
            for code in CODES
        ]
        lane.send(*codes, received_at=datetime.now(UTC))
        lane.drain_all(now=datetime.now(UTC))
        yield lane


def measure(urls: Urls, events: int, slug: str) -> EngineResult:
    """One run: a client of its own, `events` first orders, then the COPY of what came of them."""
    with ready_lane(urls, slug) as lane, psycopg.connect(urls.owner, autocommit=True) as owner:
        rows = prepared(lane, Purchases(CODES), events)
        before = {table: lane.count(table) for table in TABLES}
        wal = _wal(owner)
        result = EngineResult(events)
        began = time.perf_counter()
        for start in range(0, events, APPEND):
            append(lane.conn, rows[start : start + APPEND])
        appended = time.perf_counter() - began
        done = lane.drain_all(limit=BATCH, now=datetime.now(UTC))
        took = time.perf_counter() - began
        assert (done.events, done.dead) == (events, 0), done
        result.chain_per_second = events / took
        result.append_part = appended / took
        result.wal_bytes_an_event = (_wal(owner) - wal) / events
        result.rows_an_event = {table: (lane.count(table) - before[table]) / events for table in TABLES}
        wal = _wal(owner)
        result.copy_per_second = events / _copy_again(owner, lane.client_id, events // BATCH)
        result.copy_wal_bytes_an_event = (_wal(owner) - wal) / events
        return result


def _copy_again(owner: psycopg.Connection[tuple[object, ...]], client_id: str, batches: int) -> float:
    """The seconds that the same rows take by COPY into tables of the same shape with the same indexes, in as many commits."""
    pieces: dict[str, list[bytes]] = {}
    for table in TABLES:
        with (
            owner.cursor() as cursor,
            cursor.copy(f"COPY (SELECT * FROM {table} WHERE client_id = '{client_id}') TO STDOUT") as copy,
        ):
            lines = b"".join(bytes(block) for block in copy).splitlines(keepends=True)
        size = max(1, -(-len(lines) // batches))
        pieces[table] = [b"".join(lines[start : start + size]) for start in range(0, len(lines), size)]
        owner.execute(f"DROP TABLE IF EXISTS raw_{table}")
        owner.execute(f"CREATE TABLE raw_{table} (LIKE {table} INCLUDING ALL)")
    began = time.perf_counter()
    for n in range(batches):
        with owner.transaction(), owner.cursor() as cursor:
            for table, parts in pieces.items():
                if n < len(parts):
                    with cursor.copy(f"COPY raw_{table} FROM STDIN") as copy:
                        copy.write(parts[n])
    return time.perf_counter() - began


def _wal(conn: psycopg.Connection[tuple[object, ...]]) -> int:
    row = conn.execute("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint").fetchone()
    assert row is not None
    return int(str(row[0]))
