"""From an empty installation to a first rewarded referral: is it ten minutes of clicks, and nothing but clicks and one paste?"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.conftest import FLAGS
from tests.journeys.house import House, house_in

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

MOST_CLICKS = 25  # at ten seconds of reading each, and the typing, less than ten minutes
SOON_MS = 20_000


class Clicks:
    """A person with a mouse: every click is counted."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.done: list[str] = []

    def button(self, name: str) -> None:
        self.done.append(name)
        self.page.get_by_role("button", name=name).first.click()
        self.page.wait_for_load_state("load")

    def link(self, name: str) -> None:
        self.done.append(name)
        self.page.get_by_role("link", name=name).first.click()
        self.page.wait_for_load_state("load")

    def fill(self, label: str, text: str) -> None:
        self.page.get_by_label(label).first.fill(text)


def test_from_nothing_to_a_rewarded_referral(chromium: str, tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    with house_in(tmp_path / "house") as house, sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = launched.new_context(viewport={"width": 1366, "height": 768}).new_page()
        page.set_default_timeout(SOON_MS)
        person = Clicks(page)
        _come_in(house, person)
        secret = _make_northwind(person)
        _promise(person)
        _send_the_request_of_the_page(house, page, secret)
        page.get_by_text("The first referral is there").wait_for()
        person.link("Read its story")
        verdict = page.get_by_role("region", name="Verdict").inner_text().replace("\xa0", " ")
        assert verdict.startswith("Rewarded"), verdict
        assert "10.00 EUR" in verdict and "Ana" in verdict
        assert len(person.done) <= MOST_CLICKS, person.done
        launched.close()
        house.assert_sound("northwind")


def _come_in(house: House, person: Clicks) -> None:
    """By the one-time link that the first start printed, to the first steps."""
    printed = house.log.read_text(errors="replace")
    link = re.search(r"http://\S+/welcome/\S+", printed)
    assert link, printed
    person.page.goto(link[0])
    person.fill("New password", "a few quiet words")
    person.fill("The same again", "a few quiet words")
    person.button("Set password")
    assert person.page.url == f"{house.address}/first-steps", "an empty house begins with its first steps"


def _make_northwind(person: Clicks) -> str:
    """A client, and the key for its systems."""
    person.link("New client")
    person.fill("Name", "Northwind")
    person.button("Next")
    person.button("Next")
    person.button("Make the client Northwind")
    person.button("Make a key for Northwind")
    secret = str(person.page.get_by_label("Key", exact=True).input_value())
    assert secret not in person.page.url
    person.link("I kept the key")
    return secret


def _promise(person: Clicks) -> None:
    """Ten euros for the referrer at the friend's first order, payable at once."""
    person.page.get_by_label("The referrer gets something").check()
    person.fill("Days until a reward is payable", "0")
    person.button("Read it as a sentence")
    rule = person.page.get_by_role("region", name="The rule").inner_text().replace("\xa0", " ")
    assert "10.00 EUR" in rule and "50.00 EUR" in rule
    person.button("Put it live for Northwind")


def _send_the_request_of_the_page(house: House, page: Any, secret: str) -> None:
    """What the page says to paste into a terminal, sent as it stands there."""
    request = page.locator("#curl").inner_text()
    address = re.search(r"(http://\S+/v1/events)", request)
    assert address and address[1].startswith(house.address)
    events = json.loads(request[request.index("[") : request.rindex("]") + 1])
    house.accepts(secret)
    with house.client(secret) as client:
        answer = client.post("/v1/events", json=events)
    assert answer.status_code in (202, 207), answer.text
