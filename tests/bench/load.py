"""How many requests a second does a server answer over so many connections? A small load generator on bare sockets.

`python -m tests.bench.load http://127.0.0.1:8000 KEY --connections 64 --seconds 5 [--batch 1000 | --click CODE]`
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import itertools
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import urlsplit

HISTORY = timedelta(
    days=13
)  # events begin so long ago; shorter than a hold, so that no moment comes due while we measure
PACE = timedelta(seconds=8)  # between two events in business time
_ANSWER_SECONDS = 60.0


@dataclass
class Figures:
    """What one run saw: answers by status and their latencies in milliseconds."""

    seconds: float = 0.0
    statuses: dict[int, int] = field(default_factory=dict)
    latencies_ms: list[float] = field(default_factory=list)

    @property
    def answers(self) -> int:
        return len(self.latencies_ms)

    @property
    def per_second(self) -> float:
        return self.answers / self.seconds if self.seconds else 0.0

    def percentile_ms(self, percent: float) -> float:
        ordered = sorted(self.latencies_ms)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else 0.0

    def line(self) -> str:
        return (
            f"{self.per_second:,.0f} requests/s, median {statistics.median(self.latencies_ms or [0]):.1f} ms,"
            f" p99 {self.percentile_ms(99):.1f} ms, statuses {self.statuses}"
        )


class Purchases:
    """First orders of new friends with somebody's code, every one new, in the order of business time."""

    def __init__(self, codes: Sequence[str]) -> None:
        self._codes = codes
        self._latest_at = datetime.now(UTC).replace(microsecond=0)
        self._began_at = self._latest_at - HISTORY
        self._numbers = itertools.count()
        self._run = os.urandom(4).hex()

    def one(self) -> bytes:
        n = next(self._numbers)
        at = min(self._began_at + n * PACE, self._latest_at).isoformat()
        name = b"%s-%d" % (self._run.encode(), n)
        code = self._codes[n * 7919 % len(self._codes)].encode()
        return (
            b'{"id":"paid-%(name)s","type":"purchase","at":"%(at)s","code":"%(code)s",'
            b'"person":{"id":"c-%(name)s","email":"%(name)s@x.test","name":"Bob B."},'
            b'"order":{"id":"o-%(name)s","amount":"54.00","currency":"EUR","tax":"8.62"},'
            b'"context":{"ip":"203.0.113.9","device":"d-%(name)s"}}'
        ) % {b"name": name, b"at": at.encode(), b"code": code}

    def many(self, count: int) -> bytes:
        return b"\n".join(self.one() for _ in range(count))


class BrandMix(Purchases):
    """What a brand's shop really sends, in the shares of a year's log: mostly clicks, many orders, few of them of friends."""

    CYCLE = 20  # 12 clicks, 2 sign-ups, their 2 first orders, 4 orders of customers nobody referred

    def one(self) -> bytes:
        n = next(self._numbers)
        at = min(self._began_at + n * PACE / 4, self._latest_at).isoformat()
        place, turn = n % self.CYCLE, n // self.CYCLE
        code = self._codes[n * 7919 % len(self._codes)]
        run = self._run
        head = f'{{"id":"{run}-{n}","at":"{at}","context":{{"ip":"203.0.113.9","device":"d-{run}-{n}"}}'
        if place < 12:
            text = f'{head},"type":"click","code":"{code}","visitor":"v-{run}-{turn}-{place}"}}'
        elif place < 14:
            touch = f'"code":"{code}"' if place == 12 else f'"visitor":"v-{run}-{turn}-7"'
            text = f'{head},"type":"signup",{touch},{self._person(f"{turn}-{place}")}}}'
        elif place < 16:
            text = f'{head},"type":"purchase",{self._person(f"{turn}-{place - 2}")},{self._order(n)}}}'
        else:
            text = f'{head},"type":"purchase",{self._person(f"old-{n * 31 % 5000}")},{self._order(n)}}}'
        return text.encode()

    def _person(self, name: str) -> str:
        return f'"person":{{"id":"c-{self._run}-{name}","email":"{self._run}-{name}@x.test","name":"Bob B."}}'

    def _order(self, n: int) -> str:
        return f'"order":{{"id":"o-{self._run}-{n}","amount":"54.00","currency":"EUR","tax":"8.62"}}'


def single_event(key: str, host: str, purchases: Purchases, more: bytes = b"") -> Callable[[], bytes]:
    """Requests with one purchase each; `more` are further header lines."""
    return lambda: _post(key, host, purchases.one(), b"application/json", more)


def many_events(key: str, host: str, purchases: Purchases, count: int) -> Callable[[], bytes]:
    """Requests with `count` purchases as NDJSON."""
    return lambda: _post(key, host, purchases.many(count), b"application/x-ndjson")


def click(code: str, host: str) -> Callable[[], bytes]:
    """Requests for a referral link."""
    request = f"GET /r/{code} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: load\r\n\r\n".encode()
    return lambda: request


class _Connection(asyncio.Protocol):
    """One connection that sends the next request as soon as the last one is answered."""

    def __init__(self, make: Callable[[], bytes], figures: Figures, until: float, done: asyncio.Future[None]) -> None:
        self._make, self._figures, self._until, self._done = make, figures, until, done
        self._buffer = b""
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport: asyncio.Transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._buffer[:end].lower()
        if b"transfer-encoding:" in head or not head.startswith(b"http/1."):
            self._figures.statuses[0] = self._figures.statuses.get(0, 0) + 1  # not an answer of any contest
            self._transport.close()
            return
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self._buffer) < end + 4 + length:
            return
        status = int(self._buffer[9:12])
        self._buffer = b""
        self._figures.latencies_ms.append((time.perf_counter() - self._sent_at) * 1000)
        self._figures.statuses[status] = self._figures.statuses.get(status, 0) + 1
        self._next()

    def _next(self) -> None:
        request = self._make()
        self._sent_at = time.perf_counter()
        if self._sent_at >= self._until:
            self._transport.close()
        else:
            self._transport.write(request)

    def connection_lost(self, error: Exception | None) -> None:
        if not self._done.done():
            self._done.set_result(None)


async def run(url: str, make: Callable[[], bytes], connections: int, seconds: float) -> Figures:
    """Keep `connections` busy for `seconds`, one request at a time on each."""
    parts = urlsplit(url)
    figures = Figures()
    loop = asyncio.get_running_loop()
    gc.collect()
    gc.freeze()
    began = time.perf_counter()
    ends: list[asyncio.Future[None]] = []
    for _ in range(connections):
        end = loop.create_future()
        ends.append(end)
        await loop.create_connection(
            partial(_Connection, make, figures, began + seconds, end),
            parts.hostname or "127.0.0.1",
            parts.port or 80,
        )
    await asyncio.wait_for(asyncio.gather(*ends), seconds + _ANSWER_SECONDS)
    figures.seconds = time.perf_counter() - began
    return figures


def _post(key: str, host: str, body: bytes, kind: bytes, more: bytes = b"") -> bytes:
    return (
        b"POST /v1/events HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\n%sContent-Length: %d\r\n\r\n%s"
        % (host.encode(), key.encode(), kind, more, len(body), body)
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("key", nargs="?", default="")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--batch", type=int, default=0)
    parser.add_argument("--click", default="")
    parser.add_argument("--code", default="ALICE1")
    args = parser.parse_args()
    host = urlsplit(args.url).netloc
    purchases = Purchases([args.code])
    if args.click:
        make = click(args.click, host)
    elif args.batch:
        make = many_events(args.key, host, purchases, args.batch)
    else:
        make = single_event(args.key, host, purchases)
    figures = asyncio.run(run(args.url, make, args.connections, args.seconds))
    sys.stdout.write(f"{figures.line()} ({figures.per_second * max(args.batch, 1):,.0f} events/s)\n")


if __name__ == "__main__":
    main()
