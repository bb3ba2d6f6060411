"""Who is told that something was decided? Streams that stay open beside the pages, and hold none of the pages' threads.

A stream says THAT something changed for one client, never what: whoever hears it asks the page again, as themselves.
Whether somebody may listen is asked of Django, through the same middleware as every page, when the stream opens and
every quarter of a minute after; so an ended session or a person who was shut out loses it. This file knows no Django.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import re
import signal
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import FrameType
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Pages = Callable[[], Awaitable[Callable[[Scope, Receive, Send], Awaitable[None]]]]

CLIENT_HEADER, PERSON_HEADER = b"goodword-client", b"goodword-person"  # from the page to us; they go no further
MOST_STREAMS = 500
MOST_OF_A_PERSON = 12
CHECK_SECONDS = 15.0  # also how often a stream that has nothing to say shows proxies that it lives
LEAST_SECONDS_BETWEEN = 1.0
RETRY_SECONDS = 30
_SEND_SECONDS = 10.0
_ADDRESS = re.compile(r"/(?:c/([a-z][a-z0-9-]*)|all)/live\Z")  # of one client, or of all that somebody serves
_INTERNAL = frozenset({b"content-length", CLIENT_HEADER, PERSON_HEADER})
log = logging.getLogger(__name__)


@dataclass
class _Answer:
    """What Django said to somebody who wants to listen. The body is where the client stands now."""

    status: int = 500
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""

    @property
    def may_listen(self) -> bool:
        return self.status == 200 and bool(self.header(CLIENT_HEADER))

    def header(self, name: bytes) -> str:
        return next((value.decode("latin-1") for key, value in self.headers if key.lower() == name), "")


# Where a page leads to the sign-in, a stream says "nothing": to a browser that listens, the sign-in would be a broken stream.
_NOBODY = _Answer(204, [(b"cache-control", b"no-store")])


@dataclass(eq=False)
class _Stream:
    slug: str | None
    client_ids: frozenset[str]
    person_id: str
    bell: asyncio.Event = field(default_factory=asyncio.Event)
    batches: int = 0
    is_over: bool = False

    def end(self) -> None:
        self.is_over = True
        self.bell.set()


class Live:
    """The streams of this process. `pages` gives Django; `heard` is to be called from any thread with decided clients."""

    def __init__(self, pages: Pages, *, most: int = MOST_STREAMS, check_seconds: float = CHECK_SECONDS) -> None:
        self._pages, self._most, self._check_seconds = pages, most, check_seconds
        self._streams: dict[str, set[_Stream]] = {}
        self._of_person: Counter[str] = Counter()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_closing = False

    @property
    def open_streams(self) -> int:
        return sum(self._of_person.values())

    def handles(self, method: str, path: str) -> bool:
        """Whether a request asks for a stream."""
        return method == "GET" and _ADDRESS.match(path) is not None

    def heard(self, client_ids: set[str]) -> None:
        """Something was decided for these clients. Called on the listener's thread, so it only passes the word on."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._ring, client_ids)

    def close(self) -> None:
        """End every stream: a server that ends waits for its answers, and these would never be whole."""
        self._is_closing = True
        for stream in {one for streams in self._streams.values() for one in streams}:
            stream.end()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            _when_told_to_end(self._loop, self.close)
        answer = await self._ask(scope)
        person_id = answer.header(PERSON_HEADER)
        if 300 <= answer.status < 400:
            await _pass_on(_NOBODY, send)
        elif not answer.may_listen:
            await _pass_on(answer, send)
        elif self._is_closing or self.open_streams >= self._most or self._of_person[person_id] >= MOST_OF_A_PERSON:
            await _pass_on(_full(), send)
        else:
            found = _ADDRESS.match(scope["path"])
            assert found is not None, "only such addresses come here"
            client_ids = frozenset(answer.header(CLIENT_HEADER).split())
            await self._serve(_Stream(found[1], client_ids, person_id), answer, scope, receive, send)

    async def _serve(self, stream: _Stream, answer: _Answer, scope: Scope, receive: Receive, send: Send) -> None:
        for client_id in stream.client_ids:
            self._streams.setdefault(client_id, set()).add(stream)
        self._of_person[stream.person_id] += 1
        listening = asyncio.ensure_future(_until_gone(stream, receive))
        try:
            await self._tell(stream, answer, scope, send)
        except (TimeoutError, ConnectionError, OSError):
            log.debug("a stream broke off")
        finally:
            listening.cancel()
            self._leave(stream)

    async def _tell(self, stream: _Stream, answer: _Answer, scope: Scope, send: Send) -> None:
        """Speak when there is something to say, at most once a second; ask again every while whether we still may."""
        loop = asyncio.get_running_loop()
        headers = [(key, value) for key, value in answer.headers if key.lower() not in _INTERNAL]
        await _say(send, {"type": "http.response.start", "status": 200, "headers": headers})
        await _say(send, _piece(answer.body))
        # Not all at once: streams that were opened together (after a restart) are asked for at different moments.
        check_at = loop.time() + self._check_seconds * random.uniform(0.7, 1.0)  # noqa: S311 - spreads load, hides nothing
        speak_at = 0.0
        while not stream.is_over:
            if loop.time() >= check_at:
                again = await self._ask(scope)
                if not again.may_listen or again.header(CLIENT_HEADER) != answer.header(CLIENT_HEADER):
                    break  # a browser that may listen to others now comes back by itself
                await _say(send, _piece(again.body if again.body != answer.body else b"event: here\ndata: 1\n\n"))
                answer = again
                check_at = loop.time() + self._check_seconds
            if stream.batches and loop.time() >= speak_at:
                batches, stream.batches = stream.batches, 0
                await _say(send, _piece(_decided(stream.slug, batches, datetime.now(UTC))))
                speak_at = loop.time() + LEAST_SECONDS_BETWEEN
            stream.bell.clear()
            if not stream.is_over:
                wake_at = min(check_at, speak_at) if stream.batches else check_at
                with suppress(TimeoutError):
                    await asyncio.wait_for(stream.bell.wait(), max(0.0, wake_at - loop.time()))
        await _say(send, {"type": "http.response.body", "body": b"", "more_body": False})

    async def _ask(self, scope: Scope) -> _Answer:
        """What Django says to this request now. A page thread is busy for that moment only."""
        answer = _Answer()

        async def nothing() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def take(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                answer.status, answer.headers = message["status"], list(message.get("headers", ()))
            elif message["type"] == "http.response.body":
                answer.body += message.get("body", b"")

        await (await self._pages())(scope, nothing, take)
        return answer

    def _ring(self, client_ids: set[str]) -> None:
        for client_id in client_ids & self._streams.keys():
            for stream in self._streams[client_id]:
                stream.batches += 1
                stream.bell.set()

    def _leave(self, stream: _Stream) -> None:
        for client_id in stream.client_ids:
            streams = self._streams[client_id]
            streams.discard(stream)
            if not streams:
                del self._streams[client_id]
        self._of_person[stream.person_id] -= 1
        if self._of_person[stream.person_id] <= 0:
            del self._of_person[stream.person_id]


async def _until_gone(stream: _Stream, receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue
    stream.end()


async def _say(send: Send, message: dict[str, Any]) -> None:
    """Somebody who does not read what is sent gives up their stream."""
    await asyncio.wait_for(_sent(send, message), _SEND_SECONDS)


async def _sent(send: Send, message: dict[str, Any]) -> None:
    await send(message)  # the server gives a future where ASGI speaks of a coroutine


async def _pass_on(answer: _Answer, send: Send) -> None:
    headers = [(key, value) for key, value in answer.headers if key.lower() not in _INTERNAL]
    if answer.status != 204:  # which has no body to be long
        headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})


def _full() -> _Answer:
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"retry-after", str(RETRY_SECONDS).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    return _Answer(
        503, headers, b"All places to listen are taken. Pages work all the same; reload to see what is new.\n"
    )


def _piece(body: bytes) -> dict[str, Any]:
    return {"type": "http.response.body", "body": body, "more_body": True}


def _decided(slug: str | None, batches: int, at: datetime) -> bytes:
    """That something was decided, when we heard of it, and how many batches the worker decided meanwhile."""
    told = json.dumps({"client": slug, "at": at.isoformat(timespec="milliseconds"), "n": batches})
    return f"event: decided\ndata: {told}\n\n".encode()


def _when_told_to_end(loop: asyncio.AbstractEventLoop, end: Callable[[], None]) -> None:
    """Hear SIGTERM and SIGINT beside the server, which says that it ends only after its last answer.

    The loop is woken by the number of the signal, whichever function is its Python handler, so the server's own still runs.
    """
    if threading.current_thread() is not threading.main_thread():
        return  # a test's loop; only the main thread may hear signals

    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def told(number: int, _frame: FrameType | None) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(end)
            return
        # The loop is over and its process is not (a test's): whoever heard before us hears it.
        signal.signal(number, before[signal.Signals(number)] or signal.SIG_DFL)
        signal.raise_signal(number)

    for number in before:
        signal.signal(number, told)
