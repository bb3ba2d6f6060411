"""Is the frame around every page what people can live in all day: keys, palette, drawer, messages, both themes, both directions?"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.test_pages import TAGS, opened, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

WIDTHS = (360, 768, 1366, 1920)


@contextmanager
def at(browser: Any, server: Any, who: str, path: str, **more: Any) -> Iterator[tuple[Any, list[str]]]:
    """A page of somebody who is signed in."""
    with opened(browser, server, **more) as (page, wrong):
        sign_in(page, server, who)
        page.goto(server.url + path)
        yield page, wrong


def settle(page: Any) -> None:
    page.wait_for_function("() => window.desk && document.readyState === 'complete'")


# What a letter may do is seen by clicks that reach elements, addresses that are left, and requests that write.
_WATCH = """() => {
  window.pressed = [];
  document.addEventListener('click', (event) => {
    const one = event.target.closest('[data-desk-key], [data-keys]');
    const isChoosing = event.target.matches('[data-row] input[type=checkbox]');
    window.pressed.push(isChoosing ? 'x' : one ? (one.dataset.deskKey || one.dataset.keys) : event.target.outerHTML.slice(0, 80));
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
}"""


@pytest.mark.parametrize("path", ["/styleguide", "/c/acme/referrals", "/settings"])
def test_every_letter_does_only_what_the_help_lists(browser: Any, server: Any, path: str) -> None:
    with at(browser, server, "carl", path) as (page, wrong):
        settle(page)
        page.keyboard.press("?")
        page.locator("#help[open]").wait_for()
        listed = set(page.eval_on_selector_all("#help dt", "all => all.map(one => one.dataset.pressed)"))
        page.keyboard.press("Escape")
        writes: list[str] = []
        page.on("request", lambda request: writes.append(request.url) if request.method == "POST" else None)
        page.evaluate(_WATCH)
        for letter in string.ascii_lowercase + string.ascii_uppercase + "/.,[]":
            page.evaluate("document.activeElement.blur()")
            page.evaluate("window.pressed.length = 0")
            before = page.evaluate("[location.href, document.documentElement.dataset.density]")
            page.keyboard.press(letter)
            done = page.evaluate("window.pressed")
            after = page.evaluate("[location.href, document.documentElement.dataset.density]")
            assert all(one in listed for one in done), f"{letter} pressed {done}, the help lists {sorted(listed)}"
            if letter not in listed:
                assert done == [] and before == after, f"{letter} did something that the help does not list"
            page.wait_for_timeout(20)
            if any(one.startswith(f"{letter} ") for one in listed):
                page.keyboard.press("Escape")
                page.wait_for_timeout(1600)  # a sequence that nobody goes on with is forgotten
        assert [one for one in writes if not one.endswith("/look")] == []
        assert wrong == []


def test_two_keys_go_to_a_room_and_fields_keep_their_letters(browser: Any, server: Any) -> None:
    with at(browser, server, "carl", "/settings") as (page, _wrong):
        settle(page)
        page.keyboard.press("g")
        page.keyboard.press("r")
        page.wait_for_url("**/c/acme/referrals")
        settle(page)
        page.keyboard.press("/")
        page.keyboard.type("gr?[")
        assert page.locator("#q").input_value() == "gr?["
        assert page.url.endswith("/c/acme/referrals")


def test_the_palette_opens_at_once_and_goes_finds_and_does(browser: Any, server: Any) -> None:
    with at(browser, server, "olga", "/c/acme/referrals") as (page, wrong):
        settle(page)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.keyboard.press("Control+k")
        assert page.locator("#palette[open]").count() == 1
        assert asked == []
        is_open_within_the_click = page.evaluate("""() => {
          const dialog = document.getElementById('palette');
          dialog.close();
          document.querySelector('[data-opens=palette]').click();
          return dialog.open && dialog.querySelectorAll('#palette-list li').length > 0;
        }""")
        assert is_open_within_the_click, "nothing is waited for: no frame, no server"
        page.keyboard.type("event")
        assert page.locator("#palette-list li").first.locator(".kbd").all_inner_texts() == ["g", "n"]
        page.keyboard.press("Enter")
        page.wait_for_url("**/c/acme/events*")
        settle(page)
        page.keyboard.press("Control+k")
        page.keyboard.type("globex")
        page.keyboard.press("Enter")
        page.wait_for_url("**/c/globex/**")
        settle(page)
        page.keyboard.press("Control+k")
        page.keyboard.type("dark th")
        page.keyboard.press("Enter")
        page.wait_for_selector("html[data-theme=dark]")
        assert wrong == []


def test_keys_can_be_given_others_and_be_switched_off(browser: Any, server: Any) -> None:
    with at(browser, server, "lee", "/settings") as (page, _wrong):
        page.get_by_role("textbox", name="Keys of this page").fill("h")
        page.get_by_role("button", name="Keep the settings").click()
        assert "already means" in page.get_by_role("alert").first.inner_text()
        assert page.locator("input[aria-invalid]").input_value() == "h"
        page.locator("input[aria-invalid]").fill("q")
        page.get_by_role("button", name="Keep the settings").click()
        page.get_by_text("Your settings are kept").wait_for()
        settle(page)
        page.keyboard.press("?")
        assert page.locator("#help[open]").count() == 0
        page.keyboard.press("q")
        assert page.locator("#help[open]").count() == 1
        page.keyboard.press("Escape")
        page.get_by_label("Single keys do something").uncheck()
        with page.expect_navigation():  # the message of the last time may stand yet
            page.get_by_role("button", name="Keep the settings").click()
        page.get_by_text("Your settings are kept").wait_for()
        settle(page)
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("q")
        assert page.locator("#help[open]").count() == 0
        assert page.locator("[aria-keyshortcuts='q'], .rail .kbd").count() == 0
        page.keyboard.press("Control+k")
        assert page.locator("#palette[open]").count() == 1
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Every key as at first").click()


def test_rows_are_walked_chosen_and_their_references_copied(browser: Any, server: Any) -> None:
    with at(browser, server, "carl", "/styleguide") as (page, wrong):
        settle(page)
        page.keyboard.press("j")
        page.keyboard.press("j")
        assert page.locator("[data-here]").get_attribute("data-ref") == "ref_10477"
        page.keyboard.press("k")
        page.keyboard.press("x")
        page.keyboard.press("Shift+J")
        assert page.locator("[data-row] input:checked").count() == 2
        assert page.locator(".bulk [data-count]").inner_text() == "2 chosen"
        page.keyboard.press(".")
        page.get_by_text("Copied: ref_10477").wait_for()
        before = page.locator("html").get_attribute("data-density")
        page.keyboard.press("z")
        assert page.locator("html").get_attribute("data-density") != before
        page.wait_for_timeout(300)
        page.reload()
        assert page.locator("html").get_attribute("data-density") != before
        assert wrong == []


def test_a_drawer_keeps_the_focus_and_gives_it_back(browser: Any, server: Any) -> None:
    with at(browser, server, "carl", "/styleguide") as (page, wrong):
        settle(page)
        link = page.locator("a[data-drawer]")
        link.click()
        page.locator("#drawer[open] form").first.wait_for()
        assert page.url.endswith("#set_00000000000000000000000000000000")
        assert page.locator("#drawer-title").inner_text() == "Settings"
        for _ in range(40):
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement === document.body || document.activeElement.closest('#drawer') !== null")
        page.keyboard.press("Escape")
        assert page.locator("#drawer[open]").count() == 0
        assert "#" not in page.url
        assert page.evaluate("document.activeElement.matches('a[data-drawer]')")
        page.locator("[data-confirm]").click()
        assert "5,325.00 EUR" in page.locator("#sample-confirm[open]").inner_text()
        assert wrong == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_style_guide_is_accessible(browser: Any, server: Any, dark: bool, tmp_path: Path) -> None:
    from axe_playwright_python.sync_playwright import Axe

    with at(browser, server, "carl", "/styleguide", dark=dark) as (page, wrong):
        settle(page)
        page.wait_for_timeout(400)  # what appears late has appeared
        opens: tuple[Callable[[], Any], ...] = (
            lambda: None,
            lambda: page.keyboard.press("Control+k"),
            lambda: (page.keyboard.press("Escape"), page.keyboard.press("?")),
            lambda: (page.keyboard.press("Escape"), page.locator("[data-confirm]").click()),
        )
        for number, step in enumerate(opens):
            step()
            page.screenshot(path=tmp_path / f"styleguide-{number}.png", full_page=True)
            found = [
                f"{one['id']}: {one['nodes'][0]['html'][:200]}"
                for one in Axe().run(page, options=TAGS).response["violations"]
            ]
            assert found == [], number
        assert wrong == []


@pytest.mark.parametrize("width", WIDTHS)
def test_no_width_needs_scrolling_sideways_in_either_direction(browser: Any, server: Any, width: int) -> None:
    with at(browser, server, "carl", "/styleguide") as (page, _wrong):
        page.set_viewport_size({"width": width, "height": 800})
        for direction in ("ltr", "rtl"):
            page.evaluate("dir => { document.documentElement.dir = dir; }", direction)
            for path in ("", "#forms"):
                page.evaluate("hash => { if (hash) location.hash = hash; }", path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, direction


def test_right_to_left_turns_the_frame_around_and_leaves_numbers_alone(browser: Any, server: Any) -> None:
    with at(browser, server, "carl", "/styleguide") as (page, _wrong):
        page.evaluate("document.documentElement.dir = 'rtl'")
        rail = page.locator(".rail").bounding_box()
        assert rail is not None
        assert rail["x"] > 600
        plus = page.locator(".checks bdi", has_text="+45")
        assert plus.inner_text() == "+45"
        assert page.evaluate("getComputedStyle(document.querySelector('.fold .icon')).transform") != "none"
        assert page.evaluate("getComputedStyle(document.querySelector('[data-row] bdi')).unicodeBidi") == "isolate"


def test_it_works_without_a_script(browser: Any, server: Any) -> None:
    with at(browser, server, "carl", "/styleguide", script=False) as (page, _wrong):
        page.locator("details.me summary").click()
        page.get_by_role("button", name="Dark", exact=True).click()
        assert page.locator("html").get_attribute("data-theme") == "dark"
        page.goto(f"{server.url}/styleguide?confirm=sample")
        assert page.locator("#sample-confirm").is_visible()
        page.get_by_role("button", name="Fold the rail").click()
        assert page.locator("html").get_attribute("data-rail") == "icons"
        page.get_by_role("button", name="Unfold the rail").click()
        page.locator("details.me summary").click()
        page.get_by_role("button", name="Auto", exact=True).click()


def test_forced_colours_and_calm_are_honoured(browser: Any, server: Any) -> None:
    with at(browser, server, "carl", "/styleguide") as (page, _wrong):
        page.emulate_media(forced_colors="active", reduced_motion="reduce")
        assert page.evaluate("getComputedStyle(document.querySelector('.badge')).borderTopStyle") == "solid"
        assert page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--dur-2')").strip() == "0s"
        page.emulate_media(media="print", forced_colors="none")
        assert not page.locator(".rail").is_visible()
        assert not page.locator(".top").is_visible()
        assert re.fullmatch(
            r"rgb\(255, 255, 255\)", page.evaluate("getComputedStyle(document.body).backgroundColor")
        ), "paper is white"


# A note as rooms write it, put into a page whose own notes may change.
_NOTE = """() => {
  const form = document.createElement('form');
  form.innerHTML = '<label>Note <textarea data-draft="note:journey"></textarea></label>';
  document.querySelector('main').append(form);
  document.dispatchEvent(new CustomEvent('htmx:afterSettle', { detail: { elt: form } }));
}"""


def test_a_note_survives_a_lost_session(browser: Any, server: Any) -> None:
    with at(browser, server, "lee", "/c/acme/referrals") as (page, _wrong):
        settle(page)
        page.evaluate(_NOTE)
        page.locator("textarea[data-draft]").fill("Asked her for the receipt.")
        page.get_by_text("Draft kept").wait_for()
        page.context.clear_cookies()
        page.locator("textarea[data-draft]").fill("Asked her for the receipt. She sends it on Monday.")
        page.locator("#signed-out").wait_for(state="visible")
        assert page.locator("textarea[data-draft]").input_value().endswith("Monday.")
        sign_in(page, server, "lee")
        page.goto(f"{server.url}/c/acme/referrals")
        settle(page)
        page.evaluate(_NOTE)
        page.get_by_text("What you had begun to write is back.").wait_for()
        assert page.locator("textarea[data-draft]").input_value() == "Asked her for the receipt."
