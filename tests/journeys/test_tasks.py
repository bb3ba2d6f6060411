"""How many keys and clicks do the commonest tasks take? Counted while they are done, against the most they may take."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.journeys.test_pages import opened, sign_in
from tests.journeys.test_shell import settle

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


FIELDS = (
    ("referrer", "ANNA7"),
    ("friend", "Petra Phone"),
    ("contact", "petra@phone.test"),
    ("consent", ""),
    ("order", "A-8831 54.00"),
)


@dataclass
class Hands:
    """Whoever works: each key, each paste and each click is one action; typing a word is one, as nobody can do less."""

    page: Any
    done: list[str] = field(default_factory=list)

    def press(self, key: str) -> None:
        self.done.append(key)
        settle(self.page)  # text is there before the scripts that hear keys
        self.page.keyboard.press(key)

    def put(self, text: str) -> None:
        """Paste, or type one word."""
        self.done.append(f"'{text}'")
        self.page.keyboard.insert_text(text)

    def in_view(self, locator: Any) -> str:
        """The text of something that is to be seen without scrolling."""
        locator.wait_for(state="visible")
        settle(self.page)  # what is there before its styles stands elsewhere
        box = locator.bounding_box()
        assert box is not None and box["y"] >= 0
        assert box["y"] + min(box["height"], 120) <= self.page.viewport_size["height"], f"below the fold: {box}"
        return str(locator.inner_text())


@pytest.mark.parametrize("asked", ["bob@x.test", "o-bob", "bob", "+49 151 5500002"])
def test_where_is_my_reward_takes_four_actions(browser: Any, server: Any, world: Any, asked: str) -> None:
    """Whatever the caller can read out: an address, an order, an own number, a telephone number."""
    with opened(browser, server) as (page, wrong):
        sign_in(page, server, "dan")
        page.wait_for_load_state("networkidle")
        hands = Hands(page)
        hands.press("/")
        hands.put(asked)
        hands.press("Enter")
        verdict = page.locator(".verdict").first
        assert "Waiting until" in hands.in_view(verdict)
        hands.press("i")
        page.locator("[data-copied]").first.wait_for(state="visible")
        assert len(hands.done) <= 4, hands.done
        assert "bob" not in page.url
        assert wrong == []


def test_a_review_item_takes_one_key_to_clear_and_two_to_deny(browser: Any, server: Any, world: Any) -> None:
    with opened(browser, server) as (page, wrong):
        sign_in(page, server, "dan")
        page.goto(f"{server.url}/c/acme/review/next")
        page.wait_for_load_state("networkidle")
        first = page.url
        assert "/review/ref_" in first
        hands = Hands(page)
        hands.press("d")
        hands.press("1")
        page.wait_for_url(lambda url: url != first)
        page.wait_for_load_state("networkidle")
        assert len(hands.done) == 2
        page.get_by_role("status").filter(has_text="ref_").first.wait_for()
        with page.expect_response(lambda answer: answer.request.method == "POST"):
            page.get_by_role("button", name="Undo").click()
        page.wait_for_load_state("networkidle")
        page.goto(first)
        page.wait_for_load_state("networkidle")
        hands.done.clear()
        hands.press("a")
        page.wait_for_url(lambda url: url != first)
        assert len(hands.done) == 1
        assert wrong == []


def test_a_referral_by_telephone_needs_no_mouse(browser: Any, server: Any, world: Any) -> None:
    """c r, five fields by Tab, Ctrl+Enter; and the program sticks for the next."""
    with opened(browser, server) as (page, wrong):
        sign_in(page, server, "dan")
        page.goto(f"{server.url}/c/acme/referrals")
        page.wait_for_load_state("networkidle")
        hands = Hands(page)
        hands.press("c")
        hands.press("r")
        page.wait_for_url("**/referrals/new**")
        page.wait_for_load_state("networkidle")
        for field_name, value in FIELDS:
            assert page.evaluate("document.activeElement.name") == field_name
            if value:
                hands.put(value)
            else:
                hands.press("ArrowDown")  # the first of a short list
            hands.press("Tab")
        hands.press("Control+Enter")
        page.wait_for_load_state("networkidle")
        page.get_by_role("status").filter(has_text="Entered for Acme and decided").wait_for()
        page.locator("[name=referrer]:focus").wait_for()  # ready for the next one
        assert "petra" not in page.url.lower()
        assert wrong == []
