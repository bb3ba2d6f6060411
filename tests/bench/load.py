"""How many requests a second does a server answer over so many connections? A small load generator on bare sockets.

`python -m tests.bench.load http://127.0.0.1:8000 KEY --connections 64 --seconds 5 [--batch 1000 | --click PREFIX-CODE]`
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class Figures:
    """What one run saw: answers by status and their latencies in milliseconds."""

    seconds: float = 0.0
    statuses: dict[int, int] = field(default_factory=dict)
    latencies_ms: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return len(self.latencies_ms) / self.seconds if self.seconds else 0.0

    def percentile_ms(self, percent: float) -> float:
        ordered = sorted(self.latencies_ms)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else 0.0

    def line(self) -> str:
        return (
            f"{self.per_second:,.0f} requests/s, median {statistics.median(self.latencies_ms or [0]):.1f} ms,"
            f" p99 {self.percentile_ms(99):.1f} ms, statuses {self.statuses}"
        )


def single_event(key: str, host: str) -> Callable[[], bytes]:
    """Requests with one purchase each, every one new."""
    return lambda: _post(key, host, json.dumps(_purchase()).encode(), b"application/json")


def many_events(key: str, host: str, count: int) -> Callable[[], bytes]:
    """Requests with `count` purchases as NDJSON."""
    return lambda: _post(key, host, b"\n".join(json.dumps(_purchase()).encode() for _ in range(count)), b"application/x-ndjson")


def click(code: str, host: str) -> Callable[[], bytes]:
    """Requests for a referral link."""
    request = f"GET /r/{code} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: load\r\n\r\n".encode()
    return lambda: request


async def run(url: str, make: Callable[[], bytes], connections: int, seconds: float) -> Figures:
    """Keep `connections` busy for `seconds`, one request at a time on each."""
    parts = urlsplit(url)
    figures = Figures()
    began = time.perf_counter()
    until = began + seconds

    async def one() -> None:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        try:
            while (sent_at := time.perf_counter()) < until:
                writer.write(make())
                status = await _answer(reader)
                figures.latencies_ms.append((time.perf_counter() - sent_at) * 1000)
                figures.statuses[status] = figures.statuses.get(status, 0) + 1
        finally:
            writer.close()

    await asyncio.gather(*(one() for _ in range(connections)))
    figures.seconds = time.perf_counter() - began
    return figures


async def _answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        if line[:15].lower() == b"content-length:":
            length = int(line[15:])
    if length:
        await reader.readexactly(length)
    return int(head[9:12])


def _post(key: str, host: str, body: bytes, kind: bytes) -> bytes:
    return (
        b"POST /v1/events HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s"
        % (host.encode(), key.encode(), kind, len(body), body)
    )


def _purchase() -> dict[str, object]:
    id = os.urandom(8).hex()
    person = os.urandom(3).hex()
    return {
        "id": id,
        "type": "purchase",
        "at": "2026-11-03T18:05:00+01:00",
        "person": {"id": f"c-{person}", "email": f"{person}@x.test", "name": "Bob B."},
        "code": "ALICE1",
        "order": {"id": id, "amount": "54.00", "currency": "EUR", "tax": "8.62"},
        "context": {"ip": "203.0.113.9", "device": f"d_{person}"},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("key", nargs="?", default="")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--batch", type=int, default=0)
    parser.add_argument("--click", default="")
    args = parser.parse_args()
    host = urlsplit(args.url).netloc
    if args.click:
        make = click(args.click, host)
    elif args.batch:
        make = many_events(args.key, host, args.batch)
    else:
        make = single_event(args.key, host)
    figures = asyncio.run(run(args.url, make, args.connections, args.seconds))
    print(figures.line(), f"({figures.per_second * max(args.batch, 1):,.0f} events/s)")  # noqa: T201 - a command line


if __name__ == "__main__":
    main()
