"""Is every page legible, light, confined and no wider than a phone? The URLconf itself says which pages there are."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.test_pages import TAGS, opened, sign_in
from tests.web.reach import ANYBODY, addresses

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

MOST_BYTES = 90 * 1024  # of a page with its styles and scripts, compressed; pages with an explorable chart are no page here
# Files and streams: no page to look at.
NO_PAGES = (".csv", ".json", ".svg", ".yaml", ".zip", "/live", "/draft")


def pages(world: Any) -> Iterator[tuple[str, str]]:
    """(name, path with its query) of every page that a GET opens."""
    for address in addresses(world, "acme"):
        if address.place.posts is None and address.place.needs != ANYBODY and not address.path.endswith(NO_PAGES):
            query = "&".join(f"{name}={value}" for name, value in address.place.more.items())
            yield address.name, f"{address.path}?{query}" if query else address.path


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_page_is_accessible_and_asks_nobody_else(
    browser: Any, server: Any, world: Any, dark: bool, tmp_path: Path
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    axe, found = Axe(), {}
    with opened(browser, server, dark=dark) as (page, wrong):
        sign_in(page, server, "olga")
        for name, path in pages(world):
            answer = page.goto(server.url + path)
            assert answer is not None
            assert answer.status in (200, 404), f"{path}: {answer.status}"
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
def test_no_page_is_wider_than_a_phone(browser: Any, server: Any, world: Any, dark: bool, tmp_path: Path) -> None:
    wide: dict[str, int] = {}
    with opened(browser, server, wide=False, dark=dark) as (page, _wrong):
        sign_in(page, server, "olga")
        for name, path in pages(world):
            page.goto(server.url + path)
            width = page.evaluate("document.documentElement.scrollWidth")
            page.screenshot(path=tmp_path / f"{name}.png", full_page=True)
            if width > 360:
                wide[name] = width
    assert wide == {}


def test_no_page_weighs_more_than_ninety_kilobytes(browser: Any, server: Any, world: Any) -> None:
    heavy: dict[str, int] = {}
    with opened(browser, server) as (page, _wrong):
        sign_in(page, server, "olga")
        weights: list[int] = []
        page.on("response", lambda answer: weights.append(_weight(answer)))
        for name, path in pages(world):
            weights.clear()
            page.goto(server.url + path)
            page.wait_for_load_state("load")
            if sum(weights) > MOST_BYTES:
                heavy[name] = sum(weights)
    assert heavy == {}


def _weight(answer: Any) -> int:
    """What an answer weighs compressed, whether or not this server compressed it."""
    if answer.request.resource_type in ("eventsource", "ping") or answer.status >= 300:
        return 0
    return len(gzip.compress(answer.body(), 6))


def test_every_page_can_be_walked_with_the_keyboard_and_shows_where_one_is(
    browser: Any, server: Any, world: Any
) -> None:
    """Tab reaches something new each time, it is in view, and its focus is drawn."""
    hidden: dict[str, list[str]] = {}
    with opened(browser, server) as (page, _wrong):
        sign_in(page, server, "olga")
        for name, path in pages(world):
            page.goto(server.url + path)
            for _ in range(12):
                page.keyboard.press("Tab")
                told = page.evaluate(_FOCUS)
                if told:
                    hidden.setdefault(name, []).append(told)
    assert hidden == {}


# What is wrong with the focus, in words; '' where it is drawn and in view.
_FOCUS = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return '';
  const style = getComputedStyle(at), box = at.getBoundingClientRect(), said = at.outerHTML.slice(0, 120);
  if (!at.matches(':focus-visible')) return 'focus not visible: ' + said;
  const drawn = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  const around = at.closest('label, .field, summary') || at;
  const ring = getComputedStyle(around);
  if (!drawn && ring.outlineStyle === 'none' && ring.boxShadow === 'none') return 'no ring: ' + said;
  if (box.bottom < 0 || box.top > innerHeight) return 'out of view: ' + said;
  return '';
}"""
