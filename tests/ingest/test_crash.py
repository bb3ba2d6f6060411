"""Is an acknowledged event ever lost or doubled, whatever falls over, and does the door open again by itself?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from goodword.commands.migrate import migrate
from goodword.core.events import Event, ident
from goodword.house.postgres import Cluster
from goodword.house.roles import Urls
from goodword.ingest.writer import Unavailable, Writer
from goodword.store.sql.connect import connect
from goodword.store.sql.log import LogRow
from tests.ingest.conftest import Front
from tests.ingest.front import Brand, add_brand, purchase, serving
from tests.ingest.senders import Senders, sending


def assert_nothing_lost_or_doubled(urls: Urls, senders: Senders) -> None:
    with connect(urls.engine, "test") as conn:
        logged = [row[0] for row in conn.execute("SELECT id FROM event").fetchall()]
        keys = conn.execute("SELECT count(*) FROM event_key").fetchone()
        bodies = conn.execute("SELECT count(*) FROM event_body").fetchone()
    assert len(senders.receipts) > 50
    assert len(logged) == len(set(logged)), "doubled"
    assert set(senders.receipts.values()) <= set(logged), "acknowledged and lost"
    assert len(set(senders.receipts.values())) == len(senders.receipts)
    assert keys == bodies == (len(logged),), "half done"


def test_a_killed_server_loses_and_doubles_nothing(
    urls: Urls, brands: tuple[Brand, Brand], tmp_path: Path
) -> None:
    async def play() -> Senders:
        with serving(urls, tmp_path / "data") as server:
            senders = Senders(server.url, brands[0].keys["all"])
            async with sending(senders):
                for _ in range(3):
                    await asyncio.sleep(0.7)
                    await asyncio.to_thread(server.kill)
                    await asyncio.to_thread(server.start)
                await asyncio.sleep(0.5)
            return senders

    senders = asyncio.run(play())
    assert senders.retries > 0
    assert_nothing_lost_or_doubled(urls, senders)


def test_a_server_told_to_stop_writes_what_it_took_in(urls: Urls, brands: tuple[Brand, Brand], tmp_path: Path) -> None:
    async def play() -> tuple[Senders, float]:
        with serving(urls, tmp_path / "data") as server:
            senders = Senders(server.url, brands[1].keys["all"])
            async with sending(senders):
                await asyncio.sleep(1.0)
                began = time.monotonic()
                await asyncio.to_thread(server.stop)
                stopped_s = time.monotonic() - began
                senders.is_stopping = True
            return senders, stopped_s

    senders, stopped_s = asyncio.run(play())
    assert stopped_s < 60
    assert_nothing_lost_or_doubled(urls, senders)


@pytest.fixture
def own_cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A database that keeps what it promises, to be taken away under load."""
    cluster = Cluster(tmp_path / "cluster")
    tmp_path.chmod(0o755)
    migrate(cluster.start())
    yield cluster
    cluster.stop()


def test_a_database_that_goes_and_comes_back(own_cluster: Cluster, tmp_path: Path) -> None:
    urls = own_cluster.urls()
    acme = add_brand(urls.owner, "acme", landing={"fallback": "https://acme.example/"})

    async def play() -> Senders:
        with serving(urls, tmp_path / "data") as server, server.client() as browser:
            assert "click=" in browser.get("/r/ACM-ALICE1").headers["location"]
            senders = Senders(server.url, acme.keys["all"])
            async with sending(senders):
                for end in (own_cluster.kill, own_cluster.stop):
                    await asyncio.sleep(0.7)
                    await asyncio.to_thread(end)
                    await asyncio.sleep(0.7)
                    assert browser.get("/healthz").status_code == 503
                    arrived = browser.get("/r/ACM-ALICE1")
                    assert arrived.status_code == 302, arrived.text
                    assert "click=" not in arrived.headers["location"]
                    answer = server.client(acme.keys["all"]).post("/v1/events", json=purchase("meanwhile"))
                    assert answer.status_code == 503 and int(answer.headers["retry-after"]) >= 1
                    assert answer.headers["content-type"] == "application/problem+json"
                    await asyncio.to_thread(own_cluster.start)
                    await _healthy(browser)
                await asyncio.sleep(0.5)
            return senders

    senders = asyncio.run(play())
    assert senders.statuses[503] > 0
    assert_nothing_lost_or_doubled(urls, senders)


async def _healthy(browser: Any) -> None:
    deadline = time.monotonic() + 60
    while browser.get("/healthz").status_code != 200:
        assert time.monotonic() < deadline, "the door did not open again"
        await asyncio.sleep(0.1)


def test_a_full_disk_is_told_before_the_database_stops(
    urls: Urls, brands: tuple[Brand, Brand], tmp_path: Path
) -> None:
    with serving(urls, tmp_path / "data", GOODWORD_MIN_FREE_MB="999999999") as server, server.client(brands[0].keys["all"]) as acme:
        answer = acme.post("/v1/events", json=purchase("full"))
        assert (answer.status_code, answer.json()["code"]) == (429, "disk_full")
        assert int(answer.headers["retry-after"]) > 0
        many = acme.post("/v1/events", json=[purchase("full")])
        assert many.status_code == 429
        assert "click=" not in acme.get("/r/ACM-ALICE1").headers["location"]


def test_fifty_at_once_with_one_that_the_database_refuses(front: Front) -> None:
    with connect(front.urls.owner, "test") as conn:
        conn.execute("ALTER TABLE event ADD CONSTRAINT refused CHECK (type <> 'poison') NOT VALID")

    def post(n: int) -> int:
        with front.server.client(front.acme.keys["all"]) as acme:
            type = "poison" if n == 21 else "signup"
            return acme.post("/v1/events", json=purchase(f"p{n}", type=type)).status_code

    with ThreadPoolExecutor(50) as pool:
        statuses = list(pool.map(post, range(50)))
    assert [n for n, status in enumerate(statuses) if status != 202] == [21]
    assert statuses[21] == 422
    assert front.count("signup") == 49


def row(client_id: str, name: str) -> LogRow:
    now = datetime.now(UTC)
    return LogRow(client_id, Event(ident(name), "signup", now), b"h" * 32, ident("key"), b"s" * 100, now)


def test_a_queue_that_is_full_says_so(urls: Urls, brands: tuple[Brand, Brand]) -> None:
    acme, _ = brands
    writer = Writer(
        lambda: connect(urls.engine, "writer"), free_bytes=lambda: None, least_free_bytes=0, most_events=10, most_bytes=2_000
    )
    writer.start()
    deadline = time.monotonic() + 60
    while not writer.is_well():
        assert time.monotonic() < deadline
        time.sleep(0.01)

    async def play() -> None:
        with connect(urls.owner, "test") as blocker:
            with blocker.transaction():
                blocker.execute("LOCK TABLE event_key IN ACCESS EXCLUSIVE MODE")
                held = [writer.submit([row(acme.id, f"q{n}")]) for n in range(10)]
                with pytest.raises(Unavailable) as refused:
                    writer.submit([row(acme.id, "q10")])
                assert (refused.value.status, refused.value.code) == (429, "queue_full")
                await asyncio.sleep(0.1)
                assert not any(future.done() for future in held), "no receipt before the commit"
            receipts = await asyncio.wait_for(asyncio.gather(*held), 60)
            assert all(not receipt[0].duplicate for receipt in receipts)
        assert writer.waiting_events == 0
        await writer.submit([row(acme.id, f"large{n}") for n in range(50)])

    asyncio.run(play())
    writer.stop()
    assert not writer.is_alive()
