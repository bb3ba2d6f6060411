"""Do workers share lanes without deciding anything twice, outlive whatever falls over, and keep one bad lane from the others?"""

from __future__ import annotations

import base64
import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from goodword.actions import drain as drain_module
from goodword.actions.drain import Lanes, drain
from goodword.house.roles import Urls
from goodword.store.record import record
from goodword.store.sql.connect import connect
from goodword.store.sql.keyring import EnvKeyring
from goodword.store.sql.vault import Vault
from goodword.worker import loop
from goodword.worker.loop import Worker
from tests.worker.lane import NOW, START, Lane, code_of, direct, lane_on, purchase, signup

DAY = timedelta(days=1)
KEY = base64.b64encode(b"k" * 32).decode()


@pytest.fixture
def lane(urls: Urls, request: pytest.FixtureRequest) -> Iterator[Lane]:
    with lane_on(urls, request.node.name.replace("_", "-")[5:60], EnvKeyring(KEY)) as lane:
        lane.publish(direct())
        lane.send(code_of("alice"))
        lane.drain_all()
        yield lane


def until(is_so: Callable[[], bool], within_s: float = 60.0) -> None:
    deadline = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < deadline, "it did not come to that in time"
        time.sleep(0.02)


@contextlib.contextmanager
def working(urls: Urls, count: int = 1, clock: Callable[[], datetime] = lambda: NOW) -> Iterator[list[Worker]]:
    """Workers in threads of their own, each with its connections and its vault."""

    def start() -> tuple[Worker, threading.Thread]:
        vault = Vault(lambda: connect(urls.engine, "vault"), EnvKeyring(KEY))
        worker = Worker(lambda: connect(urls.engine, "worker", pinned_plans=True), vault, clock)
        thread = threading.Thread(target=worker.run, daemon=True)
        thread.start()
        return worker, thread

    started = [start() for _ in range(count)]
    try:
        yield [worker for worker, _ in started]
    finally:
        for worker, _ in started:
            worker.stop()
        for _, thread in started:
            thread.join(10)
            assert not thread.is_alive()


def test_two_workers_and_a_stream_of_events(lane: Lane) -> None:
    with working(lane.urls, 2):
        for start in range(0, 300, 10):
            events = [
                purchase(f"f{n}", START + n * timedelta(minutes=1), code="alice") for n in range(start, start + 10)
            ]
            lane.send(*events)
            time.sleep(0.01)
        until(lambda: lane.count("decision", "cause = 'event' AND event_id IS NOT NULL") == 302)
        until(lambda: lane.count("reward", "state = 'payable'") == 300)
    assert lane.count("reward") == 300
    assert lane.rows("SELECT max(seq), count(*) FROM decision WHERE client_id = %s::uuid", lane.client_id) == [
        (602, 602)
    ]
    lane.assert_sound()


def test_without_the_lane_s_lock_the_cursor_still_lets_one_decide(lane: Lane) -> None:
    lane.send(*(purchase(f"f{n}", START, code="alice") for n in range(200)))
    taken: list[int] = []

    def decide() -> None:
        with connect(lane.urls.engine, "worker", pinned_plans=True) as conn:
            lanes = Lanes(Vault(lambda: connect(lane.urls.engine, "vault"), EnvKeyring(KEY)))
            while (done := drain(conn, lanes, lane.client_id, now=NOW, limit=7, tick=False)).events:
                taken.append(done.events)

    threads = [threading.Thread(target=decide) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(taken) == 200
    assert lane.count("reward") == 200
    lane.assert_sound()


def test_a_connection_lost_between_load_and_commit(lane: Lane, monkeypatch: pytest.MonkeyPatch) -> None:
    lane.send(*(purchase(f"f{n}", START, code="alice") for n in range(20)))
    before = lane.outcome()

    def lose(conn: psycopg.Connection[Any], *arguments: Any) -> int:
        record(conn, *arguments)
        conn.close()
        raise psycopg.OperationalError("the connection is gone")

    monkeypatch.setattr(drain_module, "record", lose)
    with connect(lane.urls.engine, "worker", pinned_plans=True) as doomed, pytest.raises(psycopg.OperationalError):
        drain(doomed, lane.lanes, lane.client_id, now=NOW)
    assert lane.outcome() == before
    monkeypatch.setattr(drain_module, "record", record)
    assert lane.drain_all().events == 20
    assert lane.count("reward") == 20
    lane.assert_sound()


@pytest.mark.slow
def test_a_worker_killed_again_and_again_loses_and_doubles_nothing(lane: Lane) -> None:
    lane.send(*(purchase(f"f{n}", START + n * timedelta(seconds=1), code="alice") for n in range(3_000)))
    lane.send(signup("late", START + 60 * DAY))
    env = {
        **os.environ,
        "GOODWORD_ENGINE_URL": lane.urls.engine,
        "GOODWORD_DATABASE_URL": lane.urls.app,
        "GOODWORD_KEY": KEY,
    }
    kills = 0
    while lane.count("decision", "cause = 'event'") < 3_003:
        process = subprocess.Popen([sys.executable, "-m", "goodword.cli", "work"], env=env, stderr=subprocess.DEVNULL)
        before = lane.count("decision")
        with contextlib.suppress(AssertionError):
            until(lambda before=before: lane.count("decision") > before, 10)
        time.sleep(0.05 * (kills % 4))
        process.send_signal(signal.SIGKILL)
        process.wait()
        kills += 1
        assert kills < 30
    lane.drain_all()
    assert lane.count("reward", "state = 'payable'") == lane.count("reward") == 3_000
    lane.assert_sound()


def test_the_database_goes_and_comes_back(lane: Lane) -> None:
    with working(lane.urls):
        for n in range(3):
            lane.rows(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'goodword worker'"
                " AND datname = current_database() AND pid <> %s AND query NOT LIKE '%%decision%%'",
                lane.conn.info.backend_pid,
            )
            lane.send(purchase(f"f{n}", START, code="alice"))
            until(lambda n=n: lane.count("reward") == n + 1)


def test_a_worker_waits_for_a_database_that_does_not_answer_yet(lane: Lane) -> None:
    attempts = []

    def connect_late() -> Any:
        attempts.append(time.monotonic())
        url = (
            lane.urls.engine
            if len(attempts) > 2
            else lane.urls.engine.replace("goodword_engine:", "goodword_engine:not")
        )
        return connect(url, "worker", pinned_plans=True)

    vault = Vault(lambda: connect(lane.urls.engine, "vault"), EnvKeyring(KEY))
    worker = Worker(connect_late, vault, lambda: NOW)
    thread = threading.Thread(target=worker.run, daemon=True)
    thread.start()
    lane.send(purchase("bob", START, code="alice"))
    until(lambda: lane.count("reward") == 1)
    worker.stop()
    thread.join(5)
    assert len(attempts) == 3


def test_a_lane_that_fails_as_a_whole_rests_and_the_others_go_on(lane: Lane, caplog: pytest.LogCaptureFixture) -> None:
    with lane_on(lane.urls, "aardvark", EnvKeyring(KEY)) as broken:
        broken.publish(direct())
        broken.send(code_of("alice"))
        broken.drain_all()
        with psycopg.connect(lane.urls.owner, autocommit=True) as owner:
            owner.execute(
                'UPDATE program_version SET document = \'{"program": "secret words"}\' WHERE client_id = %s::uuid',
                (broken.client_id,),
            )
        broken.send(purchase("bob", START, code="alice"))
        with caplog.at_level(logging.WARNING), working(lane.urls):
            lane.send(purchase("bob", START, code="alice"))
            until(lambda: lane.count("reward") == 1)
            until(lambda: "rests for" in caplog.text)
            assert "ValueError" in caplog.text
            assert "secret words" not in caplog.text
            with psycopg.connect(lane.urls.owner, autocommit=True) as owner:
                owner.execute(
                    "UPDATE program_version v SET document = n.document FROM program_version n"
                    " WHERE v.client_id = %s::uuid AND n.client_id = %s::uuid",
                    (broken.client_id, lane.client_id),
                )
            until(lambda: broken.count("reward") == 1)


def test_an_altered_log_is_not_sealed_and_still_decided(lane: Lane, caplog: pytest.LogCaptureFixture) -> None:
    lane.assert_sound()
    with psycopg.connect(lane.urls.owner, autocommit=True) as owner:
        owner.execute("UPDATE tree SET size = size - 1 WHERE client_id = %s::uuid", (lane.client_id,))
    with caplog.at_level(logging.ERROR), working(lane.urls):
        until(lambda: "is not sealed" in caplog.text)
        lane.send(purchase("bob", START, code="alice"))
        until(lambda: lane.count("reward") == 1)


def test_leaves_that_wait_for_a_checkpoint_keep_nobody_waiting(lane: Lane) -> None:
    clock = [datetime.now(UTC)]
    with working(lane.urls, clock=lambda: clock[0]):
        for n in range(3):
            lane.send(purchase(f"f{n}", START, code="alice"))
            until(lambda n=n: lane.count("reward") == n + 1, 3)
        assert lane.count("leaf_batch", "first_leaf IS NULL") > 0
        clock[0] += timedelta(seconds=loop.SEAL_SECONDS + 60)
        until(lambda: lane.count("leaf_batch", "first_leaf IS NULL") == 0, 3 * loop.SEAL_SECONDS)


def test_what_came_due_is_decided_though_nothing_arrives(lane: Lane) -> None:
    clock = [START + DAY]
    lane.send(purchase("bob", START, code="alice"))
    with working(lane.urls, clock=lambda: clock[0]):
        until(lambda: lane.count("reward", "state = 'pending'") == 1)
        clock[0] = START + 15 * DAY
        until(lambda: lane.count("reward", "state = 'payable'") == 1)


def test_a_worker_told_to_stop_ends_within_its_batch(lane: Lane) -> None:
    lane.send(*(purchase(f"f{n}", START, code="alice") for n in range(3_000)))
    with working(lane.urls) as workers:
        until(lambda: lane.count("reward") > 0)
        workers[0].stop()
    assert (
        lane.count("decision")
        == lane.rows("SELECT decision_seq FROM lane WHERE client_id = %s::uuid", lane.client_id)[0][0]
    )
