"""What does a request say, and what do we answer? The little of HTTP that the hot path needs, with bounds on all it reads."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from goodword.core.events import Problem
from goodword.errors import PROBLEM_TYPE, problem

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Header = tuple[bytes, bytes]

JSON: Header = (b"content-type", b"application/json")
_PROBLEM: Header = (b"content-type", PROBLEM_TYPE.encode())
NO_STORE: Header = (b"cache-control", b"no-store")
_GZIP_MAGIC = b"\x1f\x8b"
_INLINE_GZIP_BYTES = 64 * 1024

encode = msgspec.json.Encoder().encode


class Refusal(Exception):
    """A request that is not carried out: becomes an RFC 9457 problem, or the form that a foreign protocol expects."""

    def __init__(
        self,
        status: int,
        title: str,
        detail: str = "",
        *,
        code: str = "refused",
        errors: Iterable[Problem] = (),
        retry_after_s: int | None = None,
        headers: Iterable[Header] = (),
    ) -> None:
        super().__init__(title)
        self.status, self.title, self.detail, self.code = status, title, detail, code
        self.errors = tuple(errors)
        self.headers = [*headers]
        if retry_after_s is not None:
            self.headers.append((b"retry-after", b"%d" % retry_after_s))

    def body(self) -> dict[str, Any]:
        errors = [msgspec.structs.asdict(error) for error in self.errors]
        return problem(self.status, self.title, self.detail, errors, code=self.code)


class Patience:
    """Whose body has been arriving for too long? One timer for all of them: one for each cost a receipt a twentieth of its time."""

    def __init__(self) -> None:
        self._until: dict[asyncio.Task[Any], float] = {}
        self._late: set[asyncio.Task[Any]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, seconds: float) -> asyncio.Task[Any]:
        """The task that runs may go on for so long, and is cancelled then."""
        task = asyncio.current_task()
        assert task is not None, "requests are answered by tasks"
        loop = task.get_loop()
        if loop is not self._loop:
            self._loop, self._timer = loop, None
        self._until[task] = until = loop.time() + seconds
        if self._timer is None or until < self._timer.when():
            self._look_at(loop, until)
        return task

    def is_over(self, task: asyncio.Task[Any]) -> bool:
        """Whether it was cancelled for its time alone; from then on it goes on as if it had not been."""
        return task in self._late and task.uncancel() == 0

    def end(self, task: asyncio.Task[Any]) -> None:
        """It needs no more patience."""
        self._until.pop(task, None)
        self._late.discard(task)

    def _look_at(self, loop: asyncio.AbstractEventLoop, moment: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_at(moment, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        now = loop.time()
        for task in [task for task, until in self._until.items() if until <= now]:
            del self._until[task]
            self._late.add(task)
            task.cancel()
        if self._until:
            self._look_at(loop, min(self._until.values()))


class Memory:
    """How many bytes of request bodies are held at this moment, over all requests of the process, and for how long."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.held_bytes = 0
        self.patience = Patience()

    def take(self, size: int) -> None:
        if self.held_bytes + size > self.most_bytes:
            raise Refusal(503, "Busy", "Too many large requests at once.", code="busy", retry_after_s=1)
        self.held_bytes += size

    def give_back(self, size: int) -> None:
        self.held_bytes -= size


class Request:
    """One HTTP request; headers have lower-case names, a repeated one keeps its first value."""

    __slots__ = ("_held_bytes", "headers", "memory", "method", "path", "receive", "scope", "send")

    def __init__(self, scope: Scope, receive: Receive, send: Send, memory: Memory) -> None:
        self.scope, self.receive, self.send, self.memory = scope, receive, send, memory
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        headers: dict[bytes, bytes] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name, value)
        self.headers = headers
        self._held_bytes = 0

    def header(self, name: bytes) -> str:
        return self.headers.get(name, b"").decode("latin-1")

    def query(self) -> dict[str, str]:
        """Query names and their first values; broken escapes stay as they are."""
        found: dict[str, str] = {}
        raw: bytes = self.scope.get("query_string") or b""
        for name, value in parse_qsl(raw[:4096].decode("latin-1"), keep_blank_values=False, max_num_fields=100):
            found.setdefault(name, value)
        return found

    async def read(self, most_bytes: int, most_seconds: float) -> bytes:
        """The body as sent. Refused as soon as it is too large, too slow, or more than the process may hold."""
        declared = self.headers.get(b"content-length", b"")
        if declared.isdigit() and int(declared) > most_bytes:
            raise too_large(most_bytes)
        patience = self.memory.patience
        task = patience.begin(most_seconds)
        try:
            return await self._read_chunks(most_bytes)
        except asyncio.CancelledError:
            if not patience.is_over(task):
                raise
            late = f"The body did not arrive within {most_seconds:.0f} seconds."
            raise Refusal(408, "Too slow", late, code="too_slow") from None
        finally:
            patience.end(task)

    async def _read_chunks(self, most_bytes: int) -> bytes:
        chunks: list[bytes] = []
        size = 0
        while True:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise Gone
            chunk = message.get("body") or b""
            size += len(chunk)
            if size > most_bytes:
                raise too_large(most_bytes)
            self.memory.take(len(chunk))
            self._held_bytes += len(chunk)
            chunks.append(bytes(chunk))
            if not message.get("more_body"):
                return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    async def unpack(self, body: bytes, most_bytes: int) -> bytes:
        """The body without gzip, whatever the headers call it (clients mislabel it); never more than `most_bytes`."""
        if body[:2] != _GZIP_MAGIC:
            return body
        if len(body) <= _INLINE_GZIP_BYTES:
            plain = gunzip(body, most_bytes)
        else:
            plain = await asyncio.get_running_loop().run_in_executor(None, gunzip, body, most_bytes)
        self.memory.take(len(plain))
        self._held_bytes += len(plain)
        return plain

    def release(self) -> None:
        """The request is over: its bytes may be another's."""
        self.memory.give_back(self._held_bytes)
        self._held_bytes = 0

    async def answer(self, status: int, body: bytes, headers: list[Header]) -> None:
        await self.send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [*headers, (b"content-length", b"%d" % len(body))],
            }
        )
        await self.send({"type": "http.response.body", "body": body if self.method != "HEAD" else b""})

    async def answer_json(self, status: int, value: Any, headers: Iterable[Header] = ()) -> None:
        await self.answer(status, encode(value), [JSON, *headers])

    async def refuse(self, refusal: Refusal) -> None:
        await self.answer(refusal.status, encode(refusal.body()), [_PROBLEM, *refusal.headers])


class Gone(Exception):
    """The client hung up; there is nobody to answer."""


def too_large(most_bytes: int) -> Refusal:
    return Refusal(
        413,
        "Too large",
        f"A request may hold {most_bytes // 1024} KB, also after unpacking.",
        code="too_large",
        errors=[Problem("", f"more than {most_bytes} bytes", "send the events in several requests", "too_large")],
    )


def gunzip(packed: bytes, most_bytes: int) -> bytes:
    """Unpack gzip (several members too), giving up as soon as the result passes `most_bytes`: a bomb costs no more than that."""
    parts: list[bytes] = []
    size = 0
    while packed:
        unpacker = zlib.decompressobj(wbits=31)
        try:
            plain = unpacker.decompress(packed, most_bytes - size + 1)
        except zlib.error:
            raise _broken_gzip() from None
        size += len(plain)
        if size > most_bytes:
            raise too_large(most_bytes)
        if not unpacker.eof:
            raise _broken_gzip()
        parts.append(plain)
        packed = unpacker.unused_data
    return b"".join(parts)


def _broken_gzip() -> Refusal:
    return Refusal(
        400,
        "Not readable",
        "The body begins like gzip and cannot be unpacked.",
        code="malformed",
        errors=[Problem("", "broken or cut gzip", "send the whole gzip stream, or plain JSON", "malformed")],
    )


def cors(allow_headers: bytes) -> list[Header]:
    """Headers that let a page of any origin call; nothing here is authorised by a cookie."""
    return [
        (b"access-control-allow-origin", b"*"),
        (b"access-control-allow-methods", b"GET, POST, OPTIONS"),
        (b"access-control-allow-headers", allow_headers),
        (b"access-control-max-age", b"86400"),
    ]


def peer_address(scope: Scope, headers: Mapping[bytes, bytes], proxies: frozenset[str]) -> str | None:
    """The address a request came from; a forwarded one counts only from a trusted proxy, and only its last untrusted hop."""
    peer = (scope.get("client") or (None,))[0]
    if peer is None or peer not in proxies:
        return str(peer) if peer else None
    hops = [hop.strip() for hop in headers.get(b"x-forwarded-for", b"").decode("latin-1").split(",") if hop.strip()]
    for hop in reversed(hops):
        if hop not in proxies:
            return hop
    return str(peer)
