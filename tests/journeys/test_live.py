"""Do open pages follow what is decided elsewhere, without moving what people read, and do streams hold nobody up?"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import psycopg
import pytest

from goodword.actions.drain import Lanes
from goodword.store.sql.connect import connect
from goodword.store.sql.vault import Vault
from tests.journeys.test_pages import opened, sign_in
from tests.web.world import PASSWORD
from tests.worker.lane import Lane

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

SOON_MS = 8000


@contextmanager
def elsewhere(world: Any) -> Iterator[Lane]:
    """Acme's lane, decided by another process than the one that serves pages."""
    with connect(world.urls.engine) as conn:
        vault = Vault(lambda: connect(world.urls.engine, "vault"), world.keyring)
        yield Lane(world.urls, world.clients["acme"], world.keyring, conn, Lanes(vault))


def happens(lane: Lane, **event: Any) -> None:
    """An event arrives, and is decided."""
    now = datetime.now(UTC)
    lane.send({"at": (now - timedelta(seconds=1)).isoformat(), **event}, received_at=now)
    lane.drain_all(now=now)


def joins(lane: Lane, name: str) -> None:
    person = {"id": name, "name": name.title(), "email": f"{name}@x.test", "attributes": {"status": "active"}}
    happens(lane, id=f"join-{name}", type="signup", person=person, code="CODE-ALICE")


def test_a_list_follows_without_moving_what_is_read(browser: Any, server: Any, world: Any) -> None:
    with opened(browser, server) as (page, wrong), elsewhere(world) as lane:
        joins(lane, "petra")
        sign_in(page, server, "olga")
        with page.expect_response("**/c/acme/live"):
            page.goto(f"{server.url}/c/acme/referrals")
        row = page.locator("[data-live-key]").first
        assert "Petra" in row.inner_text() and "Joined" in row.inner_text()
        page.evaluate("window.scrollTo(0, 400)")
        page.evaluate("window.stayed = true")
        keys = page.locator("[data-live-key]").evaluate_all("rows => rows.map(row => row.dataset.liveKey)")
        top = page.locator("[data-live-key]").nth(9).bounding_box()

        joins(lane, "quinn")
        chip = page.get_by_role("button", name="1 new – show")
        chip.wait_for(timeout=SOON_MS)
        happens(
            lane, id="paid-petra", type="purchase", person={"id": "petra"},
            order={"id": "o-petra", "amount": "60.00", "currency": "EUR"},
        )  # fmt: skip
        page.wait_for_function(
            "() => document.querySelector('[data-live-key]').innerText.includes('Qualified')", timeout=SOON_MS
        )
        assert page.locator("[data-live-key]").evaluate_all("rows => rows.map(row => row.dataset.liveKey)") == keys
        assert page.locator("[data-live-key]").nth(9).bounding_box() == top
        assert page.evaluate("window.scrollY") == 400 and page.evaluate("window.stayed")

        chip.click()
        page.wait_for_function("() => document.querySelector('[data-live-key]').innerText.includes('Quinn')")
        assert not chip.is_visible() and page.evaluate("window.stayed")
        assert wrong == []


def test_figures_follow_in_place(browser: Any, server: Any, world: Any) -> None:
    with opened(browser, server) as (page, wrong), elsewhere(world) as lane:
        sign_in(page, server, "olga")
        with page.expect_response("**/c/acme/live"):
            page.goto(f"{server.url}/c/acme/overview")
        tile = page.locator(".tile .kpi").first
        before = tile.inner_text()
        how = page.locator(".tile details").first
        how.locator("summary").click()
        page.evaluate("window.stayed = true")
        page.evaluate("window.scrollTo(0, 120)")
        for name in ("tara", "ulla", "vito"):
            joins(lane, name)
        page.wait_for_function(
            "before => document.querySelector('.tile .kpi').innerText !== before", arg=before, timeout=SOON_MS
        )
        assert page.evaluate("window.stayed") and page.evaluate("window.scrollY") == 120
        assert how.evaluate("details => details.open"), "what was opened to read stays open"
        assert wrong == []


def test_nothing_changes_while_somebody_types_or_marks(browser: Any, server: Any, world: Any) -> None:
    with opened(browser, server) as (page, _wrong), elsewhere(world) as lane:
        sign_in(page, server, "olga")
        with page.expect_response("**/c/acme/live"):
            page.goto(f"{server.url}/c/acme/referrals")
        field = page.locator("input[name=q]").first
        field.focus()
        joins(lane, "rosa")
        page.wait_for_timeout(4000)
        chip = page.get_by_role("button", name="new – show")
        assert not chip.is_visible()
        field.blur()
        chip.wait_for(timeout=SOON_MS)


@contextmanager
def signed_in(server: Any, name: str) -> Iterator[httpx.Client]:
    """A browser without a window."""
    with httpx.Client(base_url=server.url, follow_redirects=True, timeout=60) as browser:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get("/sign-in").text)
        assert token
        fields = {"csrfmiddlewaretoken": token[1], "email": f"{name}@house.test", "password": PASSWORD}
        assert browser.post("/sign-in", data=fields).status_code == 200
        yield browser


def test_a_stream_ends_for_somebody_who_is_shut_out(server: Any, world: Any) -> None:
    with signed_in(server, "dev") as browser, browser.stream("GET", "/c/acme/live") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        pieces = stream.iter_text()
        assert "event: standing" in next(pieces)
        with psycopg.connect(world.urls.owner, autocommit=True) as owner:
            owner.execute("UPDATE store_user SET is_active = false WHERE email = 'dev@house.test'")
            try:
                for said, _ in enumerate(pieces):
                    assert said < 3, "asked again and again whether it may listen, and still open"
                assert browser.get("/c/acme/live").status_code == 204, "the stream is over, and no other page comes instead"
            finally:
                owner.execute("UPDATE store_user SET is_active = true WHERE email = 'dev@house.test'")


def test_who_may_not_listen_hears_what_a_page_would_say(server: Any, world: Any) -> None:
    with httpx.Client(base_url=server.url) as nobody:
        answer = nobody.get("/c/acme/live")
        assert (answer.status_code, answer.content) == (204, b""), "a listening browser keeps still and says nothing is broken"
    with signed_in(server, "dan") as dan:
        foreign, missing = dan.get("/c/globex/live"), dan.get("/c/nosuch/live")
        assert foreign.status_code == missing.status_code == 404
        assert "goodword-client" not in foreign.headers


def test_forty_streams_hold_no_page_up_and_all_hear(server: Any, world: Any) -> None:
    """Ten windows of each of four people; pages run on eight threads."""
    heard: list[str] = []

    def listen(stream: httpx.Response) -> None:
        for piece in stream.iter_text():
            if "event: decided" in piece:
                heard.append(piece)
                return

    with ExitStack() as open_till_the_end, elsewhere(world) as lane:
        people = [open_till_the_end.enter_context(signed_in(server, name)) for name in ("dan", "carl", "lee", "vera")]
        streams = [
            open_till_the_end.enter_context(person.stream("GET", "/c/acme/live"))
            for person in people
            for _ in range(10)
        ]
        assert [stream.status_code for stream in streams] == [200] * 40
        listeners = [threading.Thread(target=listen, args=(stream,), daemon=True) for stream in streams]
        for listener in listeners:
            listener.start()
        with signed_in(server, "olga") as olga:
            for _ in range(10):
                assert olga.get("/c/acme/referrals").status_code == 200, "else it waits for a thread that a stream holds"
        joins(lane, "stella")
        for listener in listeners:
            listener.join(60)
        assert len(heard) == 40
        assert all('"client": "acme"' in piece and "stella" not in piece.lower() for piece in heard)
