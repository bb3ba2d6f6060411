"""Is every page legible, light, confined and no wider than a phone? The URLconf itself says which pages there are."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from goodword.house.wish import MARKER
from tests.journeys.test_pages import TAGS, opened, sign_in
from tests.web.reach import ANYBODY, addresses

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

MOST_BYTES = 90 * 1024  # of a page with its styles and scripts, compressed; pages with an explorable chart are no page here
# Files and streams: no page to look at.
NO_PAGES = (".csv", ".json", ".svg", ".txt", ".yaml", ".zip", "/live", "/draft")


def pages(world: Any) -> Iterator[tuple[str, str]]:
    """(name, path with its query) of every page that a GET opens."""
    for address in addresses(world, "acme"):
        if address.place.posts is None and address.place.needs != ANYBODY and not address.path.endswith(NO_PAGES):
            query = "&".join(f"{name}={value}" for name, value in address.place.more.items())
            yield address.name, f"{address.path}?{query}" if query else address.path


@dataclass
class Found:
    """What is wrong, by page: the pages are opened once for all that is looked at."""

    serious: dict[str, list[str]] = field(default_factory=dict)
    heavy: dict[str, int] = field(default_factory=dict)
    unseen: dict[str, list[str]] = field(default_factory=dict)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_page_is_accessible_light_walked_by_keyboard_and_asks_nobody_else(
    browser: Any, server: Any, world: Any, dark: bool, tmp_path: Path
) -> None:
    """axe finds nothing serious; a page with its styles and scripts stays small; Tab shows where one is."""
    from axe_playwright_python.sync_playwright import Axe

    axe, found, weights = Axe(), Found(), list[int]()
    with opened(browser, server, dark=dark) as (page, wrong):
        sign_in(page, server, "olga")
        page.on("response", lambda answer: weights.append(_weight(answer)))
        for name, path in pages(world):
            weights.clear()
            answer = page.goto(server.url + path)
            assert answer is not None
            assert answer.status in (200, 404), f"{path}: {answer.status}"
            if sum(weights) > MOST_BYTES:
                found.heavy[name] = sum(weights)
            if serious := _serious(axe.run(page, options=TAGS).response["violations"]):
                found.serious[name] = serious
            if unseen := [told for _ in range(12) if (told := _next_focus(page))]:
                found.unseen[name] = unseen
            page.screenshot(path=tmp_path / f"{name}.png", full_page=True)
    assert found == Found()
    assert [text for text in wrong if "404" not in text] == []


@contextmanager
def demo_ahead(server: Any, world: Any) -> Iterator[None]:
    """The server takes itself for a demo, and Acme's clock is set forward: the ribbon says more than at any other time."""
    import psycopg

    marker = server.folder / MARKER
    with psycopg.connect(world.urls.owner, autocommit=True) as owner:
        hold = "UPDATE lane SET held_at = %s WHERE client_id = %s"
        owner.execute(hold, (datetime.now(UTC) + timedelta(days=20), world.clients["acme"]))
        marker.write_text("{}")
        try:
            yield
        finally:
            marker.unlink()
            owner.execute(hold, (None, world.clients["acme"]))


@pytest.mark.parametrize("ahead", [False, True], ids=["at home", "in a demo whose clock is ahead"])
def test_no_page_is_wider_than_a_phone(browser: Any, server: Any, world: Any, tmp_path: Path, ahead: bool) -> None:
    wide: dict[str, int] = {}
    covered: dict[str, str] = {}
    told = 0
    with (
        demo_ahead(server, world) if ahead else nullcontext(),
        opened(browser, server, wide=False) as (page, _wrong),
    ):
        sign_in(page, server, "olga")
        for name, path in pages(world):
            page.goto(server.url + path)
            width = page.evaluate("document.documentElement.scrollWidth")
            page.screenshot(path=tmp_path / f"{name}.png", full_page=True)
            if width > 360:
                wide[name] = width
            if under := page.evaluate(_UNDER_ITS_LABEL):
                covered[name] = under
            told += "Time set forward" in page.content()
    assert wide == {}
    assert covered == {}
    assert (told > 20) is ahead, "nearly every page of the client says whose time it is"


def test_a_list_is_printed_whole_and_without_what_is_clicked(browser: Any, server: Any, world: Any) -> None:
    """At the width of a sheet of A4 no column is cut off, none covers another, and paper has no buttons."""
    cut: dict[str, str] = {}
    with opened(browser, server) as (page, _wrong):
        sign_in(page, server, "olga")
        page.set_viewport_size({"width": 700, "height": 1000})  # 186 mm of 96 dots an inch
        page.emulate_media(media="print")
        for path in ("referrals", "review", "people", "overview/owed", "overview", "events?show=all", "audit/checkpoints"):
            page.goto(f"{server.url}/c/acme/{path}")
            if told := page.evaluate(_ON_PAPER):
                cut[path] = told
            assert page.locator(".on-paper").is_visible(), "a sheet says whose it is"
    assert cut == {}


def _serious(violations: list[dict[str, Any]]) -> list[str]:
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:160]}"
        for one in violations
        if one["impact"] in ("serious", "critical")
    ]


def _weight(answer: Any) -> int:
    """What an answer weighs compressed, whether or not this server compressed it."""
    if answer.request.resource_type in ("eventsource", "ping") or answer.status >= 300:
        return 0
    return len(gzip.compress(answer.body(), 6))


def _next_focus(page: Any) -> str:
    """What is wrong with the place where the next Tab leads, '' where it is drawn and in view."""
    page.keyboard.press("Tab")
    return str(page.evaluate(_FOCUS))


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
# A cell of a list shown as cards whose value lies under its label; '' where none does.
_UNDER_ITS_LABEL = """() => {
  for (const cell of document.querySelectorAll('.data.cards td[data-label]'))
    if (cell.checkVisibility() && cell.textContent.trim() && parseFloat(getComputedStyle(cell).paddingInlineStart) < 90)
      return cell.outerHTML.slice(0, 160);
  return '';
}"""
# What is wrong with a page on paper, '' where all of it is there.
_ON_PAPER = """() => {
  if (document.documentElement.scrollWidth > innerWidth) return 'wider than the sheet';
  for (const table of document.querySelectorAll('table'))
    if (table.getBoundingClientRect().right > innerWidth + 1) return 'cut off: ' + (table.caption || table).textContent.trim();
  for (const one of document.querySelectorAll('.btn, .ribbon, .rail, .pick'))
    if (one.checkVisibility()) return 'on paper: ' + one.outerHTML.slice(0, 120);
  return '';
}"""
