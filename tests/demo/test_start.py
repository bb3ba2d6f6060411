"""Does `goodword demo` start, fill, stop and start again? One small world, interrupted on its way in, over a real installation."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import psycopg
import pytest

from goodword.core.referral import REFERRAL_MOVES
from goodword.demo.installation import FILE, Installation
from goodword.demo.world import Brand
from tests.journeys.house import House

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
SCALE = "0.1"


class DemoHouse(House):
    """A demo in a process of its own."""

    def start_demo(self, *arguments: str) -> None:
        with self.log.open("wb") as output:
            argv = [sys.executable, "-m", "goodword.cli", "demo", *arguments]
            self.process = subprocess.Popen(argv, env=self._env, stdout=output, stderr=output, start_new_session=True)

    def says(self, words: str, within_s: float = 90.0) -> float:
        """Wait until it has said so; the seconds it took."""
        began = time.monotonic()
        while words not in self.log.read_text():
            assert self.process is not None and self.process.poll() is None, self.told()
            assert time.monotonic() - began < within_s, self.told()
            time.sleep(0.02)
        return time.monotonic() - began

    @property
    def brands(self) -> list[Brand]:
        return self.installation.world.brands()

    @property
    def installation(self) -> Installation:
        return msgspec.json.decode((self.data / FILE).read_bytes(), type=Installation)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.urls().owner) as conn:
            return conn.execute(query).fetchall()


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoHouse]:
    """A demo that was ended by Ctrl-C while its world flowed in."""
    house = DemoHouse(tmp_path_factory.mktemp("demo"))
    house.start_demo("--scale", SCALE)
    try:
        house.says("The world flows in: week 5 of 26")
        house.stop()
        yield house
    finally:
        house.stop()


@pytest.fixture(scope="module")
def demo(interrupted: DemoHouse) -> Iterator[DemoHouse]:
    """The same demo started again, with its world all there."""
    interrupted.start_demo("--scale", "1")  # the world stays the one that was begun
    interrupted.says("The world is all there")
    yield interrupted
    interrupted.stop()


def test_ctrl_c_in_the_middle_is_clean(interrupted: DemoHouse) -> None:
    told = interrupted.log.read_text()
    assert interrupted.process is not None and interrupted.process.returncode == 0
    assert told.rstrip().endswith("Stopped.")
    assert "Traceback" not in told and "could not" not in told
    assert interrupted.processes() == []


def test_it_prints_where_and_with_what(demo: DemoHouse) -> None:
    told = demo.log.read_text()
    assert demo.address in told
    for person in demo.installation.sign_ins:
        assert person.email in told and person.password in told


def test_every_event_came_through_the_front_door_once(demo: DemoHouse) -> None:
    sent = {brand.slug: sum(len(chapter.events) for chapter in brand.chapters) for brand in demo.brands}
    kept = dict(
        demo.rows(
            "SELECT c.slug, count(*) FROM event e JOIN client c ON c.id = e.client_id WHERE e.source = 'api'"
            " AND e.type NOT IN ('known', 'code_issued') GROUP BY 1"
        )
    )
    assert kept == sent
    assert demo.rows("SELECT count(*) FROM dead_letter") == [(0,)]


def test_every_state_and_some_of_every_fate(demo: DemoHouse) -> None:
    referrals = Counter(dict(demo.rows("SELECT state, count(*) FROM referral GROUP BY 1")))
    assert set(referrals) == set(REFERRAL_MOVES)
    rewards = Counter(dict(demo.rows("SELECT state, count(*) FROM reward GROUP BY 1")))
    assert {"pending", "payable", "in_review", "sent", "voided"} <= set(rewards)
    assert demo.rows("SELECT count(*) FROM program_version WHERE state = 'live' OR state = 'retired'")[0][0] == 12


def test_cheats_wait_for_a_person_or_are_denied(demo: DemoHouse) -> None:
    mallory = next(line.split(",")[0] for line in demo.brands[0].people.splitlines() if "Mallory" in line)
    states = {state for (state,) in demo.rows("SELECT state FROM referral WHERE body LIKE '%same mailbox%'")}
    assert mallory and states == {"denied"}
    assert demo.rows("SELECT count(*) FROM referral WHERE state = 'held'")[0][0] >= 5


def test_ledger_proof_and_replay_hold(demo: DemoHouse) -> None:
    assert all(report["ok"] for report in demo.json("ledger", "verify").values())
    assert all(report["ok"] for report in demo.json("proof", "verify").values())
    for brand in demo.brands:
        report = demo.json("replay", "--client", brand.slug)
        assert report["ok"] and report["compared"] > 50


def test_the_clock_is_the_worlds_again(demo: DemoHouse) -> None:
    assert demo.rows("SELECT count(*) FROM lane WHERE held_at IS NOT NULL") == [(0,)]
    assert {row[0] for row in demo.rows("SELECT state FROM import_run WHERE kind = 'demo'")} == {"done"}


@pytest.mark.parametrize("who", ["olga", "dan", "carl", "vera"])
def test_each_of_the_house_can_sign_in(demo: DemoHouse, who: str) -> None:
    person = next(known for known in demo.installation.sign_ins if known.email.startswith(who))
    with httpx.Client(base_url=demo.address, follow_redirects=True, timeout=30) as browser:
        form = browser.get("/sign-in").text
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
        assert token
        fields = {"csrfmiddlewaretoken": token[1], "email": person.email, "password": person.password}
        assert browser.post("/sign-in", data=fields).status_code == 200
        acme = browser.get("/c/acme/referrals")
        assert acme.status_code == 200 and "ref_" in acme.text
        assert browser.get("/c/globex/referrals").status_code == (404 if who in ("carl", "vera") else 200)


def test_the_second_start_is_quick_and_adds_nothing(demo: DemoHouse) -> None:
    before = demo.rows("SELECT count(*) FROM event")
    passwords = (demo.data / FILE).read_text()
    assert demo.stop() < 30
    assert demo.processes() == []
    demo.start_demo()
    assert demo.says("Goodword's demo is at") < 30, "seconds, even on a machine that does much else"
    assert demo.rows("SELECT count(*) FROM event") == before
    assert (demo.data / FILE).read_text() == passwords
    assert json.loads(passwords)["scale"] == float(SCALE)
    assert "flows in" not in demo.log.read_text()
