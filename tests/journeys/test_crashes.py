"""Whatever is killed while fifty write: nothing acknowledged is lost, nothing doubled, all balances, nothing is left running."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from goodword.store.sql.connect import connect
from goodword.store.sql.log import lanes_with_work
from tests.ingest.senders import Senders, sending
from tests.journeys.house import House
from tests.worker.lane import direct, purchase

CLEAN_SECONDS = 25.0


@dataclass
class Friends(Senders):
    """Fifty writers, each event the first order of a friend nobody has seen."""

    async def _post(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, name: str) -> tuple[int, bytes]:
        body = json.dumps(purchase(name, datetime.now(UTC), code="alice")).encode()
        head = f"POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.key}\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in answer.split(b"\r\n") if line[:15].lower() == b"content-length:")
        return int(answer[9:12]), await reader.readexactly(length)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path / "house")
    house.start()
    yield house
    house.stop()
    assert house.processes() == []


@pytest.fixture
def key(house: House) -> str:
    key = house.add_client("acme", direct())
    codes = house.folder / "codes.csv"
    codes.write_text("code,person\nCODE-alice,alice\n")
    house.goodword("import", "codes", str(codes), "--client", "acme")
    return key


def everything_decided(house: House, within_s: float = 90.0) -> None:
    deadline = time.monotonic() + within_s
    with connect(house.urls().engine, "test") as conn:
        while lanes_with_work(conn):
            assert time.monotonic() < deadline, house.told()
            time.sleep(0.1)


def assert_whole(house: House, senders: Senders) -> None:
    """Every receipt has its event, every event one decision and every friend one reward."""
    everything_decided(house)
    with connect(house.urls().engine, "test") as conn:
        events = [row[0] for row in conn.execute("SELECT id FROM event WHERE type = 'purchase'").fetchall()]
        decided = [
            row[0]
            for row in conn.execute(
                "SELECT d.event_id FROM decision d JOIN event e ON e.client_id = d.client_id AND e.id = d.event_id"
                " WHERE e.type = 'purchase'"
            ).fetchall()
        ]
        rewards = conn.execute("SELECT count(*), count(DISTINCT referral_id), sum(amount_minor) FROM reward").fetchone()
        letters = conn.execute("SELECT reason FROM dead_letter").fetchall()
    assert len(senders.receipts) > 200, "too little happened"
    assert len(set(senders.receipts.values())) == len(senders.receipts)
    assert set(senders.receipts.values()) <= set(events), "acknowledged and lost"
    assert len(events) == len(set(events)), "an event stands twice in the log"
    assert letters == []
    assert sorted(decided) == sorted(events), "each event is decided once"
    assert rewards == (len(events), len(events), len(events) * 10_00)
    house.assert_sound("acme")


def gone(house: House, within_s: float = 20.0) -> None:
    deadline = time.monotonic() + within_s
    while (left := house.processes()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == [], "left running"


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_killed_under_fifty_writers(house: House, key: str) -> None:
    async def play() -> Senders:
        senders = Friends(house.address, key)
        async with sending(senders):
            for part, pause_s in (
                ("web", 1.0),
                ("worker", 0.6),
                ("postgres", 0.9),
                ("worker", 0.1),
                ("web", 0.4),
                ("postgres", 0.3),
            ):
                await asyncio.sleep(pause_s)
                killed = await asyncio.to_thread(house.kill, part)
                await asyncio.sleep(0.5)
                await asyncio.to_thread(house.healthy)
                assert killed not in [pid for pid, _ in house.processes()]
            for pause_s in (0.8, 0.2):
                await asyncio.sleep(pause_s)
                await asyncio.to_thread(house.kill, "serve")
                await asyncio.to_thread(gone, house)
                await asyncio.to_thread(house.start)
            await asyncio.sleep(1.0)
        return senders

    senders = asyncio.run(play())
    assert senders.retries > 0
    assert_whole(house, senders)
    house.stop()
    gone(house)
    house.start()  # what stands on disk after a clean stop is the same
    assert_whole(house, senders)
    reports = house.json("ledger", "verify"), house.json("proof", "verify")
    assert all(report["acme"]["ok"] for report in reports)
    assert house.json("replay", "--client", "acme")["differences"] == []


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_ctrl_c_under_load_is_clean_in_seconds(house: House, key: str) -> None:
    async def play() -> tuple[Senders, float]:
        senders = Friends(house.address, key)
        async with sending(senders):
            await asyncio.sleep(2.0)
            took = await asyncio.to_thread(house.stop)
            senders.is_stopping = True
        return senders, took

    senders, took = asyncio.run(play())
    assert took < CLEAN_SECONDS
    gone(house, 2)
    assert "Stopped." in house.log.read_text()
    assert "Traceback" not in house.told(), house.told()
    log = (house.data / "log" / "postgres.log").read_text()
    assert "shutting down" in log and "was not properly shut down" not in log
    house.start()
    assert "automatic recovery in progress" not in (house.data / "log" / "postgres.log").read_text()
    assert_whole(house, senders)


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_parts_that_fall_again_and_again_come_back(house: House, key: str) -> None:
    """A worker that dies while it decides a backlog, and while it starts."""

    async def play() -> Senders:
        senders = Friends(house.address, key)
        async with sending(senders):
            await asyncio.sleep(1.5)
        return senders

    senders = asyncio.run(play())
    for pause_s in (0.0, 0.3, 0.7, 0.0):
        time.sleep(pause_s)
        deadline = time.monotonic() + 20
        while "worker" not in house.pids():
            assert time.monotonic() < deadline, house.told()
            time.sleep(0.05)
        try:
            house.kill("worker")
        except ProcessLookupError:
            continue  # it had just fallen, and its successor is not yet written down
    assert_whole(house, senders)
    assert house.state["children"]["worker"]["falls"] >= 2
