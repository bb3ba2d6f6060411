"""Can somebody who looks at the demo let time pass, throw it away, and bring it back, all from the desk?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.demo.test_start import DemoHouse
from tests.journeys.conftest import FLAGS

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

SOON_MS = 10_000


@pytest.fixture(scope="module")
def demo(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoHouse]:
    """A small demo with its world all there. Tests of this module tell one story, in their order."""
    house = DemoHouse(tmp_path_factory.mktemp("demo"))
    house.start_demo("--scale", "0.05")
    try:
        house.says("The world is all there")
        yield house
    finally:
        house.stop()


@pytest.fixture(scope="module")
def window(chromium: str, demo: DemoHouse) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield launched
        launched.close()


@contextmanager
def at_the_desk(window: Any, demo: DemoHouse, who: str) -> Iterator[Any]:
    person = next(known for known in demo.installation.sign_ins if known.email.startswith(who))
    context = window.new_context(viewport={"width": 1366, "height": 768})
    page = context.new_page()
    page.goto(f"{demo.address}/sign-in")
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Password").fill(person.password)
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(lambda url: "sign-in" not in url)
    yield page
    context.close()


def test_the_clock_ends_a_waiting_period_and_open_lists_follow(window: Any, demo: DemoHouse) -> None:
    due = demo.rows(
        "SELECT r.id::text FROM referral r JOIN client c ON c.id = r.client_id WHERE c.slug = 'acme'"
        " AND r.state = 'qualified' ORDER BY next_due_at LIMIT 1"
    )[0][0]
    with at_the_desk(window, demo, "dan") as dan, at_the_desk(window, demo, "olga") as olga:
        with dan.expect_response("**/c/acme/live"):
            dan.goto(f"{demo.address}/c/acme/referrals?state=qualified")
        dan.evaluate("window.stayed = true")
        olga.goto(f"{demo.address}/c/acme/referrals")
        ribbon = olga.get_by_role("complementary", name="Demo")
        assert "Demo data, nothing is sent" in ribbon.inner_text()
        ribbon.locator("summary").click()
        ribbon.get_by_role("button", name="To the next due moment").click()
        olga.wait_for_load_state()
        assert "Time set forward" in olga.get_by_role("complementary", name="Demo").inner_text()
        assert demo.rows(f"SELECT state FROM referral WHERE id = '{due}'") != [("qualified",)]
        dan.get_by_role("button", name="no longer belong here – show").wait_for(timeout=SOON_MS)
        assert dan.evaluate("window.stayed"), "the list followed without a reload"


def test_a_clock_does_not_go_back(window: Any, demo: DemoHouse) -> None:
    with at_the_desk(window, demo, "olga") as olga:
        olga.goto(f"{demo.address}/c/acme/referrals")
        before = demo.rows("SELECT state, count(*) FROM referral GROUP BY 1 ORDER BY 1")
        ribbon = olga.get_by_role("complementary", name="Demo")
        ribbon.locator("summary").click()
        assert "A clock never goes back" in ribbon.inner_text()
        ribbon.get_by_role("button", name="Let the clock run again").click()
        olga.wait_for_load_state()
        assert demo.rows("SELECT count(*) FROM lane WHERE held_at IS NOT NULL") == [(0,)]
        assert demo.rows("SELECT state, count(*) FROM referral GROUP BY 1 ORDER BY 1") == before
        assert demo.json("replay", "--client", "acme")["ok"]
        assert all(report["ok"] for report in demo.json("ledger", "verify").values())


def test_an_agent_sees_the_clock_and_does_not_set_it(window: Any, demo: DemoHouse) -> None:
    with at_the_desk(window, demo, "dan") as dan:
        dan.goto(f"{demo.address}/c/acme/referrals")
        ribbon = dan.get_by_role("complementary", name="Demo")
        ribbon.locator("summary").click()
        assert "An administrator sets it forward" in ribbon.inner_text()
        assert ribbon.get_by_role("button").count() == 0
        assert ribbon.get_by_role("link", name="Clear demo").count() == 0


def test_clearing_leads_to_an_empty_house_and_filling_back(window: Any, demo: DemoHouse) -> None:
    with at_the_desk(window, demo, "olga") as olga:
        olga.get_by_role("link", name="Clear demo").click()
        olga.get_by_role("button", name=re.compile(r"Clear all \d+ demo brands")).click()
        olga.wait_for_url("**/first-steps", timeout=60_000)
        assert demo.rows("SELECT count(*) FROM client") == demo.rows("SELECT count(*) FROM event") == [(0,)]
        answer = olga.goto(f"{demo.address}/c/acme/referrals")
        assert answer.status == 404
        olga.goto(f"{demo.address}/")
        assert olga.url == f"{demo.address}/first-steps", "an empty house begins here"
        assert "First client" in olga.locator("li[aria-current=step]").inner_text()

    assert demo.stop() < 30
    demo.start_demo()
    demo.says("Goodword's demo is at")
    assert demo.rows("SELECT count(*) FROM client") == [(0,)], "cleared stays cleared"

    with at_the_desk(window, demo, "olga") as olga:
        olga.get_by_role("button", name="Explore with demo data").click()
        olga.wait_for_load_state()
        demo.says("The world is all there")
        answer = olga.goto(f"{demo.address}/c/acme/referrals")
        assert answer.status == 200 and olga.locator("[data-live-key]").count() > 0
    with at_the_desk(window, demo, "vera") as vera:
        assert vera.goto(f"{demo.address}/c/acme/referrals").status == 200, "whoever works for a brand does so again"


def test_ctrl_c_does_not_wait_for_those_who_listen(window: Any, demo: DemoHouse) -> None:
    with at_the_desk(window, demo, "dan") as dan:
        with dan.expect_response("**/c/acme/live"):
            dan.goto(f"{demo.address}/c/acme/referrals")
        assert demo.stop() < 10
    assert demo.processes() == []
