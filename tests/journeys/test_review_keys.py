"""Task 2 of the desk: is one item decided, and the next one there, after one key or two, and does no other letter do anything?"""

from __future__ import annotations

import string
from typing import Any

import pytest

from tests.journeys.test_shell import at, settle
from tests.web.test_review import held, lane, state

__all__ = ["lane"]
pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

MOST_KEYS = 2


class Fingers:
    """Presses keys, counts them, and waits until the next page is there."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def press(self, *keys: str) -> int:
        before = self.page.url
        for key in keys:
            self.page.keyboard.press(key)
        self.page.wait_for_url(lambda url: url != before, timeout=60_000)
        settle(self.page)
        return len(keys)

    @property
    def item(self) -> str:
        return str(self.page.url.partition("/ref_")[2][:32])


def test_decide_one_and_get_the_next(browser: Any, server: Any, lane: Any) -> None:
    assert len(held(lane)) >= 4
    with at(browser, server, "dan", "/c/acme/review") as (page, wrong):
        settle(page)
        fingers = Fingers(page)
        fingers.press("n")
        first = fingers.item
        assert fingers.press("a") <= MOST_KEYS
        assert state(lane, first) != "held" and fingers.item not in ("", first)
        second = fingers.item
        assert fingers.press("d", "3") <= MOST_KEYS
        assert state(lane, second) == "denied" and fingers.item not in ("", first, second)
        fingers.press("u")
        assert state(lane, second) == "held" and fingers.item == second, "undo leads back to what it reopened"
        # a digit alone, and every letter that is not offered, does nothing
        writes: list[str] = []
        page.on("request", lambda request: writes.append(request.url) if request.method == "POST" else None)
        here = page.url
        for key in "123459" + "".join(sorted(set(string.ascii_lowercase) - set("adghmntuvcz"))):
            page.keyboard.press(key)
        page.wait_for_timeout(500)
        assert (page.url, writes) == (here, [])
        assert wrong == []


def test_without_scripts_the_same_is_done_by_forms(browser: Any, server: Any, lane: Any) -> None:
    with at(browser, server, "carl", "/c/acme/review", script=False) as (page, _wrong):
        page.get_by_role("link", name="Start with the riskiest").click()
        first = Fingers(page).item
        page.get_by_text("Deny…").click()
        with page.expect_navigation():
            page.get_by_role("button", name="Duplicate").click()
        assert state(lane, first) == "denied" and Fingers(page).item != first
        with page.expect_navigation():
            page.locator(".toast").get_by_role("button", name="Undo").click()
        assert state(lane, first) == "held"


def test_hold_message_and_transfer_by_keys(browser: Any, server: Any, lane: Any) -> None:
    assert len(held(lane)) >= 2
    with at(browser, server, "dan", "/c/acme/review") as (page, wrong):
        settle(page)
        fingers = Fingers(page)
        fingers.press("n")
        first = fingers.item
        fingers.press("h", "Enter")  # the day is tomorrow unless one is typed
        assert fingers.item != first and state(lane, first) == "held"
        fingers.press("u")
        assert fingers.item == first and page.locator(".deed[open]").count() == 0
        page.keyboard.press("m")
        assert page.evaluate("document.activeElement.name") == "message", "the text is there to be changed"
        page.keyboard.type("Dear friend, ")
        page.keyboard.press("Control+Enter")
        page.wait_for_selector("#messages .said")
        assert "Dear friend, " in page.locator("#messages .said").inner_text()
        assert state(lane, first) == "held", "Ctrl+Enter sends the form it is in and no other"
        settle(page)
        page.keyboard.press("t")
        assert page.evaluate("document.activeElement.name") == "to"
        page.get_by_role("button", name="Hand it over").click()
        page.wait_for_url(lambda url: first not in url)
        assert wrong == []


def test_a_box_is_ticked_where_the_finger_is(browser: Any, server: Any, lane: Any) -> None:
    """The row takes the focus on the way down; were it scrolled into view then, the click would land elsewhere."""
    with at(browser, server, "dan", "/c/acme/review") as (page, wrong):
        page.set_viewport_size({"width": 360, "height": 740})
        settle(page)
        for n in range(2):
            box = page.locator("tbody input[type=checkbox]").nth(n)
            box.click()
            assert box.is_checked()
        assert wrong == []
