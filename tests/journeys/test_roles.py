"""Does everybody come in where their work is, find their rooms, and do what they came for?"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.journeys.test_pages import opened, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def manager_sees_what_changed(page: Any) -> None:
    """From a number to the rows that add up to it."""
    tile = page.locator(".tile a").first
    tile.click()
    page.wait_for_load_state("load")
    assert page.locator("table").count() >= 1


def agent_starts(page: Any) -> None:
    page.keyboard.press("n")
    page.wait_for_url(lambda url: not url.endswith("/today"))


def viewer_sees_no_name(page: Any) -> None:
    page.get_by_role("link", name="Referrals", exact=True).first.click()
    page.wait_for_load_state("load")
    text = page.locator("main").inner_text()
    assert "B. B." in text and "Builder" not in text


def auditor_verifies(page: Any) -> None:
    page.get_by_role("button", name="Verify all").click()
    page.get_by_text(re.compile(r"recomputed|whole", re.IGNORECASE)).first.wait_for()


def it_looks_at_the_machine(page: Any) -> None:
    assert "PostgreSQL" in page.locator("main").inner_text()


def developer_tries_an_event(page: Any) -> None:
    page.get_by_role("button", name=re.compile("Try|Decide", re.IGNORECASE)).first.click()
    page.wait_for_load_state("load")
    assert "nothing" in page.locator("main").inner_text().lower()


JOURNEYS: dict[str, tuple[str, Callable[[Any], None], frozenset[str]]] = {
    # who: where they come in, what they do there, rooms that they must not be shown
    "carl": ("/c/acme/overview", manager_sees_what_changed, frozenset({"System", "Users"})),
    "dan": ("/today", agent_starts, frozenset({"Audit", "Team", "Clients", "System", "Users"})),
    "lee": ("/today", agent_starts, frozenset({"Audit", "Clients", "System", "Users"})),
    "vera": ("/c/acme/overview", viewer_sees_no_name, frozenset({"Review", "People", "Developers", "Audit", "Today"})),
    "audra": ("/c/acme/audit", auditor_verifies, frozenset({"Review", "Clients", "Today"})),
    "isa": ("/system", it_looks_at_the_machine, frozenset({"Referrals", "Review", "People", "Overview"})),
    "dev": ("/c/acme/developers", developer_tries_an_event, frozenset({"Review", "People", "Audit", "System"})),
}


@pytest.mark.parametrize("who", JOURNEYS)
def test_everybody_comes_in_at_their_work(browser: Any, server: Any, world: Any, who: str) -> None:
    home, work, closed = JOURNEYS[who]
    with opened(browser, server) as (page, wrong):
        sign_in(page, server, who)
        page.wait_for_load_state("networkidle")
        assert page.url == server.url + home
        shown = {text.split("\n")[0].strip() for text in page.locator("nav.rail .places a").all_inner_texts()}
        assert not shown & closed, f"shown and closed: {shown & closed}"
        work(page)
        assert wrong == []
