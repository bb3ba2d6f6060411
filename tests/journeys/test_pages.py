"""Can people work on the first pages with a browser, in light and dark, wide and narrow, with the keyboard alone?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

TAGS = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


@contextmanager
def opened(
    browser: Any, server: Any, *, wide: bool = True, dark: bool = False, script: bool = True
) -> Iterator[tuple[Any, list[str]]]:
    """A page of its own; the list fills with everything that should not be: foreign addresses, errors of the console."""
    wrong: list[str] = []
    context = browser.new_context(
        viewport={"width": 1366, "height": 768} if wide else {"width": 360, "height": 740},
        color_scheme="dark" if dark else "light",
        java_script_enabled=script,
    )

    def look(route: Any) -> None:
        if route.request.url.startswith(server.url):
            route.continue_()
        else:
            wrong.append(route.request.url)
            route.abort()

    context.route("**/*", look)
    page = context.new_page()
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield page, wrong
    context.close()


def sign_in(page: Any, server: Any, name: str) -> None:
    from tests.web.world import PASSWORD

    page.goto(f"{server.url}/sign-in")
    page.get_by_label("E-mail").fill(f"{name}@house.test")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()


def places(world: Any) -> dict[str, str]:
    """Every kind of page by name."""
    return {
        "list": "/c/acme/referrals",
        "held": "/c/acme/referrals?state=held",
        "empty": "/c/acme/referrals?state=lapsed",
        "pending": world.path("acme", "bob"),
        "refused": world.path("acme", "eve"),
        "reversed": world.path("acme", "gus"),
        "review": world.path("acme", "hana"),
        "referrer": world.path("acme", "bob") + "?voice=referrer",
        "auditor": world.path("acme", "mallory") + "?voice=auditor",
        "event": world.event_path("acme", "paid-bob"),
        "events": "/c/acme/events",
        "door": "/c/acme/events?show=refused",
        "latest": "/c/acme/events?show=all",
        "nowhere": "/c/acme/nowhere",
    }


def test_a_new_colleague_comes_in_and_finds_out_why(browser: Any, server: Any, world: Any) -> None:
    from goodword.actions.sign_in import invite

    link = invite("dana@house.test", "agent", "acme", datetime.now(UTC), owner_url=world.urls.owner)
    with opened(browser, server, script=False) as (page, wrong):
        page.goto(server.url + link)
        page.get_by_label("New password").fill("password12345")
        page.get_by_label("The same again").fill("password12345")
        page.get_by_role("button", name="Set password").click()
        assert "too common" in page.get_by_role("alert").inner_text()
        page.get_by_label("New password").fill("quite a long sentence")
        page.get_by_label("The same again").fill("quite a long sentence")
        page.get_by_role("button", name="Set password").click()
        assert page.url == f"{server.url}/today", "an agent comes in at the work of the day"
        page.goto(f"{server.url}/c/acme/referrals")
        page.get_by_role("navigation", name="Stage").get_by_role("link", name="Qualified", exact=True).click()
        page.get_by_role("link", name="ref_").first.click()
        verdict = page.get_by_role("region", name="Verdict").inner_text()
        assert verdict.startswith("Not rewarded yet. Waiting until")
        page.get_by_role("link", name="referrer").click()
        assert "Almost there" in page.get_by_role("region", name="Verdict").inner_text()
        page.go_back()
        page.locator("ol.timeline").get_by_role("link", name="evt_").last.click()
        assert page.get_by_role("heading", level=1).inner_text().startswith("Purchase")
        page.get_by_role("button", name="Open the body").click()
        assert "bob@x.test" in page.get_by_label("Body").inner_text()
        page.get_by_label("Find by e-mail").fill("bob@x.test")
        page.get_by_role("button", name="Find").click()
        assert "/people/prs_" in page.url and "bob" not in page.url
        assert "Waiting until" in page.locator(".verdict").first.inner_text()
        page.locator("details.me summary").click()
        page.get_by_role("button", name="Sign out").click()
        page.goto(f"{server.url}/c/acme/referrals")
        assert page.url.startswith(f"{server.url}/sign-in?next=")
        page.goto(server.url + link)
        assert "does not open anything" in page.content()
        assert [text for text in wrong if "410" not in text and "422" not in text] == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_kind_of_page_is_accessible_and_asks_nobody_else(
    browser: Any, server: Any, world: Any, dark: bool, tmp_path: Path
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    axe, found = Axe(), {}
    with opened(browser, server, dark=dark) as (page, wrong):
        for name in ("sign-in", *places(world)):
            if name == "sign-in":
                page.goto(f"{server.url}/sign-in")
            elif name == "list":
                sign_in(page, server, "olga")
                page.goto(server.url + places(world)[name])
            else:
                page.goto(server.url + places(world)[name])
            results = axe.run(page, options=TAGS).response["violations"]
            serious = [
                f"{one['id']}: {one['nodes'][0]['html'][:160]}"
                for one in results
                if one["impact"] in ("serious", "critical")
            ]
            if serious:
                found[name] = serious
            page.screenshot(path=tmp_path / f"{name}.png", full_page=True)
    assert found == {}
    assert [text for text in wrong if "404" not in text] == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_nothing_is_wider_than_a_phone(browser: Any, server: Any, world: Any, dark: bool, tmp_path: Path) -> None:
    with opened(browser, server, wide=False, dark=dark) as (page, _wrong):
        sign_in(page, server, "olga")
        for name, path in places(world).items():
            page.goto(server.url + path)
            wide = page.evaluate("document.documentElement.scrollWidth")
            page.screenshot(path=tmp_path / f"{name}.png", full_page=True)
            assert wide <= 360, f"{name} is {wide} px wide"


def test_the_keyboard_is_enough_and_the_focus_is_seen(browser: Any, server: Any, world: Any) -> None:
    with opened(browser, server) as (page, _wrong):
        sign_in(page, server, "olga")
        page.goto(f"{server.url}/c/acme/referrals")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
        reached = set()
        for _ in range(40):
            page.keyboard.press("Tab")
            seen = page.evaluate(
                "() => { const e = document.activeElement, said = e.cloneNode(true);"
                " said.querySelectorAll('[aria-hidden=true]').forEach(one => one.remove());"
                " return [said.textContent.trim(), getComputedStyle(e).outlineStyle] }"
            )
            reached.add(seen[0])
            assert seen[1] != "none", f"no focus ring on {seen[0]!r}"
        assert {"Referrals", "Find", "All", "Held"} <= reached
        assert any(one.startswith("Events") for one in reached), "with the number of those that wait"
        page.locator("tbody a").first.focus()
        page.keyboard.press("Enter")
        page.locator("dialog[open] .verdict").wait_for()
        page.keyboard.press("Escape")
        page.locator("tbody a").first.focus()
        page.keyboard.press("Shift+Enter")
        page.wait_for_url("**/referrals/ref_*")
