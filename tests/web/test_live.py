"""Do streams say that something changed, only to those who may hear it, and end when they should?"""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from goodword.web.live import MOST_OF_A_PERSON, Live, _when_told_to_end
from tests.web.conftest import As

ACME, GLOBEX = "a" * 32, "b" * 32


class Pages:
    """Django as the streams know it: an answer to a question, which tests change at will."""

    def __init__(self) -> None:
        self.status, self.decision, self.asked, self.all = 200, 7, 0, f"{ACME} {GLOBEX}"

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked += 1
        client = {"acme": ACME, "globex": GLOBEX, "live": self.all}[scope["path"].split("/")[2]]
        headers = [(b"content-type", b"text/event-stream"), (b"content-length", b"9")]
        if self.status == 200:
            headers += [(b"Goodword-Client", client.encode()), (b"Goodword-Person", scope["person"].encode())]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        body = b"standing %d\n\n" % self.decision if self.status == 200 else b"no"
        await send({"type": "http.response.body", "body": body})


class Ear:
    """A browser at one stream."""

    def __init__(self, live: Live, path: str = "/c/acme/live", person: str = "dan") -> None:
        self.sent: list[dict[str, Any]] = []
        self._left = asyncio.Event()
        scope = {"type": "http", "method": "GET", "path": path, "person": person}
        self.task = asyncio.ensure_future(live(scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)

    def leave(self) -> None:
        self._left.set()

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def heard(self) -> str:
        return b"".join(message.get("body", b"") for message in self.sent).decode()

    async def hears(self, words: str, within_s: float = 30.0) -> None:
        async with asyncio.timeout(within_s):
            while words not in self.heard:
                await asyncio.sleep(0.01)


Story = Callable[[Live, Pages], Coroutine[Any, Any, None]]


def played(story: Story, **more: Any) -> None:
    async def play() -> None:
        pages = Pages()

        async def loaded() -> Any:
            return pages

        live = Live(loaded, **more)
        async with asyncio.timeout(120):
            await story(live, pages)
        live.close()

    asyncio.run(play())


def test_a_decision_is_heard_by_those_of_its_client_only() -> None:
    async def story(live: Live, _pages: Pages) -> None:
        here, there = Ear(live), Ear(live, "/c/globex/live", "gil")
        await here.hears("standing 7")
        await there.hears("standing 7")
        live.heard({ACME})
        await here.hears("event: decided")
        told = json.loads(here.heard.partition("data: ")[2])
        assert told.keys() == {"client", "at", "n"} and told["client"] == "acme" and told["n"] == 1
        await asyncio.sleep(0.1)
        assert "decided" not in there.heard
        assert b"Goodword-Client" not in dict(here.sent[0]["headers"])
        assert b"content-length" not in dict(here.sent[0]["headers"])

    played(story)


def test_a_page_over_all_clients_hears_each_of_them_by_one_stream() -> None:
    async def story(live: Live, _pages: Pages) -> None:
        ear = Ear(live, "/all/live", "olga")
        await ear.hears("standing 7")
        for n, client in enumerate((ACME, GLOBEX), 1):
            live.heard({client, "0" * 32})
            async with asyncio.timeout(30):
                while ear.heard.count("event: decided") < n:
                    await asyncio.sleep(0.01)
        assert live.open_streams == 1
        ear.leave()
        await ear.task
        assert live.open_streams == 0

    played(story)


def test_a_stream_over_all_clients_ends_when_they_are_others() -> None:
    async def story(live: Live, pages: Pages) -> None:
        ear = Ear(live, "/all/live", "olga")
        await ear.hears("standing 7")
        pages.all = ACME
        async with asyncio.timeout(30):
            await ear.task

    played(story, check_seconds=0.05)


def counts(ear: Ear) -> list[int]:
    """How many batches each message told of."""
    return [json.loads(one.split("\n")[0])["n"] for one in ear.heard.split("event: decided\ndata: ")[1:]]


def test_many_decisions_are_one_message_a_second() -> None:
    async def story(live: Live, _pages: Pages) -> None:
        ear = Ear(live)
        await ear.hears("standing")
        for _ in range(50):
            live.heard({ACME})
            await asyncio.sleep(0.01)
        await ear.hears('"n": 1}')
        async with asyncio.timeout(30):
            while sum(told := counts(ear)) < 50:
                await asyncio.sleep(0.01)
        assert sum(told) == 50 and len(told) < 25, "the second message gathers what the first second brought"

    played(story)


@pytest.mark.parametrize("status", [403, 404])
def test_who_may_not_listen_gets_the_answer_of_the_pages(status: int) -> None:
    async def story(live: Live, pages: Pages) -> None:
        pages.status = status
        ear = Ear(live)
        await ear.task
        assert ear.status == status and ear.heard == "no" and live.open_streams == 0

    played(story)


def test_nobody_is_led_to_the_sign_in_by_a_stream() -> None:
    async def story(live: Live, pages: Pages) -> None:
        pages.status = 302
        ear = Ear(live)
        await ear.task
        assert ear.status == 204 and ear.heard == "" and live.open_streams == 0

    played(story)


def test_a_stream_ends_when_the_person_may_no_longer() -> None:
    async def story(live: Live, pages: Pages) -> None:
        ear = Ear(live)
        await ear.hears("standing")
        await ear.hears("event: here")
        pages.status = 302
        await asyncio.wait_for(ear.task, 3)
        assert ear.sent[-1]["more_body"] is False and live.open_streams == 0

    played(story, check_seconds=0.2)


def test_what_no_notice_told_of_is_seen_at_the_next_look() -> None:
    async def story(live: Live, pages: Pages) -> None:
        ear = Ear(live)
        await ear.hears("standing 7")
        pages.decision = 8
        await ear.hears("standing 8")

    played(story, check_seconds=0.2)


def test_there_is_room_for_so_many_and_a_clear_answer_for_the_next() -> None:
    async def story(live: Live, _pages: Pages) -> None:
        ears = [Ear(live, person=f"p{n}") for n in range(3)]
        for ear in ears:
            await ear.hears("standing")
        late = Ear(live, person="late")
        await late.task
        assert late.status == 503 and dict(late.sent[0]["headers"])[b"retry-after"] == b"30"
        ears[0].leave()
        await ears[0].task
        await Ear(live, person="late").hears("standing")

    played(story, most=3)


def test_one_person_does_not_take_all_the_room() -> None:
    async def story(live: Live, _pages: Pages) -> None:
        for _ in range(MOST_OF_A_PERSON):
            await Ear(live).hears("standing")
        late = Ear(live)
        await late.task
        assert late.status == 503
        await Ear(live, person="carl").hears("standing")

    played(story)


def test_closing_ends_all_at_once_and_lets_nobody_in() -> None:
    async def story(live: Live, _pages: Pages) -> None:
        ears = [Ear(live, person=f"p{n}") for n in range(5)]
        for ear in ears:
            await ear.hears("standing")
        live.close()
        await asyncio.wait_for(asyncio.gather(*(ear.task for ear in ears)), 1)
        late = Ear(live)
        await late.task
        assert late.status == 503

    played(story)


async def nobody_asks() -> Any:
    raise AssertionError("an address alone needs no page")


def test_only_its_own_address_is_a_stream() -> None:
    live = Live(nobody_asks)
    assert live.handles("GET", "/c/acme/live") and live.handles("GET", "/all/live")
    for method, path in (
        ("POST", "/c/acme/live"),
        ("GET", "/c/acme/live/"),
        ("GET", "/c/acme/x/live"),
        ("GET", "/live"),
    ):
        assert not live.handles(method, path)


def test_the_page_behind_it_says_who_listens_to_whom(world: Any, as_: As) -> None:
    answer = as_("vera").get("/c/acme/live")
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert answer.headers["X-Accel-Buffering"] == "no" and "no-transform" in answer.headers["Cache-Control"]
    assert answer.headers["Goodword-Client"] == world.clients["acme"]
    assert answer.headers["Goodword-Person"] == world.users["vera"]
    told = json.loads(answer.content.decode().partition("data: ")[2])
    assert told.keys() == {"client", "decision"} and told["decision"] > 60
    assert as_("vera").get("/c/globex/live").status_code == 404
    assert as_("").get("/c/acme/live").headers["Location"].startswith("/sign-in?next=")
    assert as_("vera").post("/c/acme/live").status_code in (403, 405)


def test_today_follows_every_client_of_the_person(world: Any, as_: As) -> None:
    page = as_("dan").get("/today").content.decode()
    assert 'data-stream="/all/live"' in page and 'id="due"' in page and "live.js" in page
    for name, clients in (("dan", ["acme"]), ("olga", ["acme", "globex"])):
        answer = as_(name).get("/all/live")
        assert answer.headers["Goodword-Client"].split() == sorted(world.clients[one] for one in clients)
        told = json.loads(answer.content.decode().partition("data: ")[2])
        assert told["client"] is None and f'data-decision="{told["decision"]}"' in as_(name).get("/today").content.decode()
    assert as_("nora").get("/all/live").status_code == 404
    assert as_("").get("/all/live").status_code == 302


def test_a_window_in_the_background_does_not_move_me(world: Any, as_: As) -> None:
    olga = as_("olga")
    olga.get("/c/globex/referrals")
    olga.get("/c/acme/live")
    assert olga.session["client"] == "globex"


def test_a_signal_after_the_loop_is_over_reaches_whoever_heard_it_before() -> None:
    heard: list[int] = []
    was = signal.signal(signal.SIGTERM, lambda number, _frame: heard.append(number))
    was_interrupt = signal.getsignal(signal.SIGINT)
    loop = asyncio.new_event_loop()
    try:
        _when_told_to_end(loop, lambda: None)
        loop.close()
        signal.raise_signal(signal.SIGTERM)
        assert heard == [signal.SIGTERM]
    finally:
        signal.signal(signal.SIGTERM, was)
        signal.signal(signal.SIGINT, was_interrupt)
