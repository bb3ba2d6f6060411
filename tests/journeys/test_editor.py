"""Does a manager change a reward amount safely in five actions, by mouse or by keyboard alone, on an accessible page?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.test_pages import TAGS, opened, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

EDIT = "/c/acme/programs/friends/edit"
AMOUNT = "promises[0].give.cash-0.value"
GIVE = 'a.token[data-place="promises[0].give"]'


@pytest.fixture(autouse=True)
def fresh(world: Any) -> Iterator[None]:
    import psycopg

    yield
    with psycopg.connect(world.urls.owner, autocommit=True) as owner:
        owner.execute("DELETE FROM working_copy")


def at_the_editor(page: Any, server: Any, name: str = "carl") -> None:
    sign_in(page, server, name)
    page.goto(server.url + EDIT)
    page.wait_for_load_state("networkidle")


def stands_at(page: Any, said: str, value: str) -> None:
    """Wait until what has the focus is this: it moves there after the answer has come and was put in its place."""
    page.wait_for_function(f"value => document.activeElement.{said} === value", arg=value)


def test_a_token_opens_where_it_stands_by_keyboard_alone(browser: Any, server: Any, world: Any) -> None:
    with opened(browser, server) as (page, wrong):
        at_the_editor(page, server)
        page.locator(GIVE).focus()
        page.keyboard.press("Enter")
        form = page.locator('form[data-token="promises[0].give"]')
        form.wait_for()
        stands_at(page, "name", AMOUNT)
        page.keyboard.press("Escape")
        form.wait_for(state="detached")
        stands_at(page, "dataset.place", "promises[0].give")
        page.keyboard.press("Enter")
        form.wait_for()
        stands_at(page, "name", AMOUNT)
        page.keyboard.insert_text("11")
        page.get_by_text("Reads as:").wait_for()
        page.keyboard.press("Enter")
        page.locator(GIVE, has_text="11.00").wait_for()
        stands_at(page, "dataset.place", "promises[0].give")  # where one was
        page.keyboard.press("Enter")
        form.wait_for()
        stands_at(page, "name", AMOUNT)
        page.keyboard.insert_text("12")
        page.keyboard.press("Control+s")
        page.locator(GIVE, has_text="12.00").wait_for()
        assert wrong == []


def test_what_is_typed_is_saved_when_the_token_is_left(browser: Any, server: Any, world: Any) -> None:
    with opened(browser, server) as (page, wrong):
        at_the_editor(page, server)
        page.locator(GIVE).click()
        page.locator('form[data-token="promises[0].give"]').wait_for()
        stands_at(page, "name", AMOUNT)
        page.keyboard.insert_text("13")
        page.locator("h1").click()
        page.locator(GIVE, has_text="13.00").wait_for()
        page.locator("#saved", has_text="saved").wait_for()
        assert wrong == []


def test_it_works_without_a_script(browser: Any, server: Any, world: Any) -> None:
    with opened(browser, server, script=False) as (page, wrong):
        at_the_editor(page, server)
        page.locator(GIVE).click()
        page.get_by_label("How much").first.fill("14")
        page.get_by_role("button", name="Set").click()
        page.locator(GIVE, has_text="14.00").wait_for()
        assert wrong == []


TABLE = "promises[0].give"


@pytest.mark.parametrize("script", [True, False], ids=["script", "bare"])
def test_a_gift_table_is_filled_in_row_by_row(browser: Any, server: Any, world: Any, script: bool) -> None:
    """Kinds are picked, rows added and moved by buttons that the keyboard reaches; with and without scripts."""
    with opened(browser, server, script=script) as (page, wrong):
        at_the_editor(page, server)
        page.locator(GIVE).click()
        page.locator("select[data-refit]").first.select_option("table")
        if not script:
            page.get_by_role("button", name="Show its fields").first.click()
        first, last = page.locator(f'[name="{TABLE}[0].if[0].what"]'), page.locator(f'[name="{TABLE}[1].cash-0.value"]')
        last.wait_for()
        assert last.input_value() == "10.00"
        first.select_option("order.net >=")
        page.locator(f'[name="{TABLE}[0].if[0].value"]').fill("200")
        page.locator(f'[name="{TABLE}[0]"]').select_option("cash-0")
        if not script:
            page.get_by_role("button", name="Show its fields").nth(1).click()
        page.locator(f'[name="{TABLE}[0].cash-0.value"]').fill("25")
        page.get_by_role("button", name="Move row 2 up").press("Enter")
        page.locator(f'[name="{TABLE}[0].cash-0.value"][value="10.00"]').wait_for()
        if script:  # without one the browser goes to the token, whose form is open
            # One stays at the row: the focus follows once the new form has settled.
            page.wait_for_function("() => (document.activeElement.getAttribute('aria-label') || '').includes('row 1')")
        page.get_by_role("button", name="Move row 1 down").press("Enter")
        page.locator(f'[name="{TABLE}[0].if[0].value"][value="200"]').wait_for()
        page.get_by_role("button", name="Set", exact=True).last.click()
        page.locator(GIVE, has_text="25.00").wait_for()
        assert "200.00" in page.locator(GIVE).inner_text()
        assert wrong == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("wide", [True, False], ids=["wide", "phone"])
def test_open_tokens_and_their_errors_are_accessible(
    browser: Any, server: Any, world: Any, dark: bool, wide: bool, tmp_path: Path
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    axe, found = Axe(), {}
    with opened(browser, server, dark=dark, wide=wide) as (page, wrong):
        at_the_editor(page, server)
        for name, place in (("give", "promises[0].give"), ("limit", "promises[0].limit"), ("friends", "friends")):
            page.locator(f'a.token[data-place="{place}"]').first.click()
            page.locator(f'form[data-token="{place}"]').wait_for()
            found[name] = serious(axe, page, "form[data-token]")
            page.screenshot(path=tmp_path / f"{name}.png", full_page=wide)
            assert page.evaluate("document.documentElement.scrollWidth") <= (1366 if wide else 360)
            page.keyboard.press("Escape")
        page.locator(GIVE).click()
        for kind in ("table", "commission-2", "chance"):
            page.locator("select[data-refit]").first.select_option(kind)
            page.locator("form[data-token][data-unsaved] table.edit").wait_for()
            page.wait_for_load_state("networkidle")
            found[kind] = serious(axe, page, "form[data-token]")
            page.screenshot(path=tmp_path / f"{kind}.png")
            assert page.evaluate("document.documentElement.scrollWidth") <= (1366 if wide else 360)
        page.keyboard.press("Escape")
        page.goto(f"{server.url}{EDIT}?at=budget.amount")
        page.get_by_role("textbox", name="Amount").fill("a lot")
        page.get_by_role("button", name="Set").click()
        page.locator(".pop .field .wrong").wait_for()
        page.wait_for_load_state("load")  # with its sheets
        found["wrong"] = serious(axe, page)
        page.screenshot(path=tmp_path / "wrong.png", full_page=wide)
        for name in ("", "/edit/document"):
            page.goto(f"{server.url}/c/acme/programs/friends{name}")
            found[name] = serious(axe, page)
        page.goto(f"{server.url}/c/acme/programs/new")
        found["new"] = serious(axe, page)
        page.screenshot(path=tmp_path / "new.png", full_page=True)
        assert not any(found.values()), found
        assert [text for text in wrong if "422" not in text] == []


def serious(axe: Any, page: Any, part: str | None = None) -> list[str]:
    """What is seriously wrong with the page, or with a part of it that lies over the rest."""
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:160]}"
        for one in axe.run(page, context=part, options=TAGS).response["violations"]
        if one["impact"] in ("serious", "critical")
    ]


def test_a_reward_amount_is_changed_safely_in_five_actions(
    browser: Any, server: Any, world: Any, tmp_path: Path
) -> None:
    """Token, value, Test, Publish, confirm: from the program's page, whose rule has the tokens too."""
    with opened(browser, server) as (page, wrong):
        sign_in(page, server, "carl")
        page.goto(f"{server.url}/c/acme/programs/friends")
        done = []
        done.append("token")
        page.locator(".verdict a.token", has_text="10.00").click()
        page.locator('form[data-token="promises[0].give"]').wait_for()
        page.wait_for_load_state("networkidle")
        stands_at(page, "name", AMOUNT)
        done.append("value")
        page.keyboard.insert_text("10.50")
        done.append("Test")
        page.get_by_role("button", name="Test").click()
        page.get_by_text("amount changed").wait_for()
        page.locator(GIVE, has_text="10.50").wait_for()  # what was typed was saved with it
        done.append("Publish")
        page.get_by_role("button", name="Publish…").click()
        page.get_by_role("heading", name="Publish version 2").wait_for()
        assert "10.00 EUR" in page.locator("#note").input_value() and "10.50 EUR" in page.locator("#note").input_value()
        page.screenshot(path=tmp_path / "publish.png")
        done.append("confirm")
        page.get_by_role("button", name="Publish", exact=True).click()
        page.get_by_role("status").filter(has_text="Version 2 is published").wait_for()
        assert len(done) == 5
        page.goto(f"{server.url}/c/acme/programs/friends")
        assert "10.50" in page.locator(".verdict").first.inner_text()
        assert wrong == []
