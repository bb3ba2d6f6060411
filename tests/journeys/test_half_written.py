"""Is what somebody has half written still there after a lost session, wherever the desk has a field for words?"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import goodword.web
from tests.journeys.test_pages import sign_in
from tests.journeys.test_shell import at, settle

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

TEMPLATES = Path(goodword.web.__file__).parent / "templates" / "goodword"
# Texts that are no notes: a document or an event is kept elsewhere, these are pasted here; some are only read; some write from outside.
NO_NOTES = (
    "developers/home.html", "programs/editor/new.html", "programs/editor/input.html", "programs/editor/document.html",
    "programs/backtest.html", "audit/home.html", "own/styleguide.html", "programs/approve_card.html",
)  # fmt: skip


def test_every_field_for_words_keeps_a_draft() -> None:
    without = [
        f"{path.relative_to(TEMPLATES)}: {area}"
        for path in sorted(TEMPLATES.rglob("*.html"))
        if path.relative_to(TEMPLATES).as_posix() not in NO_NOTES
        for area in re.findall(r"<textarea\b.*?</textarea>", path.read_text(encoding="utf-8"), re.S)
        if "readonly" not in area and "data-draft=" not in area
    ]
    assert without == []


def test_a_form_is_not_sent_into_the_sign_in(browser: Any, server: Any) -> None:
    """Signed out elsewhere, then sent: the page stays with all that was typed, and goes on after a sign-in."""
    with at(browser, server, "dan", "/c/acme/referrals/new") as (page, _wrong):
        settle(page)
        page.locator("#friend").fill("Nadia Neu")
        page.context.clear_cookies()
        save = page.locator("#entry button.primary")
        save.click()
        page.locator("#signed-out").wait_for(state="visible")
        assert page.url.endswith("/referrals/new") and page.locator("#friend").input_value() == "Nadia Neu"
        sign_in(page.context.new_page(), server, "dan")
        save.click()
        page.locator("#errors, .errors").first.wait_for()
        assert page.locator("#friend").input_value() == "Nadia Neu", "what was typed came with the answer"


def test_two_clicks_in_a_row_send_a_form_once(browser: Any, server: Any) -> None:
    """The page looks whether the session lives before it sends; whoever clicks again meanwhile says nothing new."""
    with at(browser, server, "dan", "/c/acme/referrals/new") as (page, _wrong):
        settle(page)
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
        page.route("**/session-left", lambda route: (page.wait_for_timeout(300), route.continue_()))
        page.locator("#friend").fill("Nadia Neu")
        page.evaluate("""() => {
          const save = document.querySelector('#entry button.primary');
          save.click();
          save.click();
        }""")
        page.locator("#errors, .errors").first.wait_for()
        assert len([url for url in sent if "/draft" not in url]) == 1, sent


def test_a_draft_goes_on_after_a_sign_in_elsewhere_and_comes_back(browser: Any, server: Any) -> None:
    path = "/c/acme/review/signals/friends/same_device"
    with at(browser, server, "carl", path) as (page, _wrong):
        settle(page)
        page.locator("#words").fill("They share")
        page.get_by_text("Draft kept").wait_for()
        page.context.clear_cookies()
        sign_in(page.context.new_page(), server, "carl")
        with page.expect_response(lambda answer: answer.url.endswith("/draft") and answer.status == 204):
            page.locator("#words").fill("They share a shop counter.")
        assert page.locator("#signed-out").is_hidden(), "the page takes the new session's token by itself"
        page.goto(server.url + path)
        page.get_by_text("What you had begun to write is back.").wait_for()
        assert page.locator("#words").input_value() == "They share a shop counter."
        with page.expect_response(lambda answer: answer.url.endswith("/draft") and answer.status == 204):
            page.locator("#words").fill("")
