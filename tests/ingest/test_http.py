"""Are bodies bounded while they are read: in size, in time, and over all requests together?"""

from __future__ import annotations

import asyncio
import gzip
from typing import Any

import pytest

from goodword.ingest.http import Memory, Refusal, Request, gunzip, peer_address


def request(chunks: list[bytes], memory: Memory, *, stall: bool = False) -> Request:
    waiting = list(chunks)

    async def receive() -> dict[str, Any]:
        if not waiting:
            await asyncio.sleep(60)
        chunk = waiting.pop(0)
        return {"type": "http.request", "body": chunk, "more_body": bool(waiting) or stall}

    async def send(_: Any) -> None:
        return None

    return Request({"type": "http", "method": "POST", "path": "/", "headers": []}, receive, send, memory)


def test_what_is_held_is_given_back() -> None:
    memory = Memory(100)
    first = request([b"x" * 40, b"y" * 40], memory)
    assert asyncio.run(first.read(100, 1)) == b"x" * 40 + b"y" * 40
    assert memory.held_bytes == 80
    with pytest.raises(Refusal) as refused:
        asyncio.run(request([b"z" * 40], memory).read(100, 1))
    assert refused.value.status == 503
    first.release()
    assert memory.held_bytes == 0


def test_a_body_that_does_not_arrive_is_given_up() -> None:
    memory = Memory(100)
    slow = request([b"x" * 40], memory, stall=True)
    with pytest.raises(Refusal) as refused:
        asyncio.run(slow.read(100, 0.05))
    assert refused.value.status == 408
    slow.release()
    assert memory.held_bytes == 0


def test_each_body_has_its_own_time() -> None:
    """One timer serves all: an earlier end moves it forward, whoever is in time goes on, and others may still be cancelled."""
    memory = Memory(1_000)

    async def both() -> tuple[object, ...]:
        patient = asyncio.create_task(request([b"x"], memory, stall=True).read(100, 60))
        ended_by_its_client = asyncio.create_task(request([b"x"], memory, stall=True).read(100, 60))
        await asyncio.sleep(0)
        hasty = asyncio.create_task(request([b"x"], memory, stall=True).read(100, 0.02))
        late = asyncio.create_task(request([b"x"], memory, stall=True).read(100, 0.04))
        done, waiting = await asyncio.wait([patient, hasty, late], return_when=asyncio.FIRST_COMPLETED)
        assert done == {hasty} and late in waiting
        in_time = await request([b"x"], memory).read(100, 0.02)
        await asyncio.wait([late])
        ended_by_its_client.cancel()
        patient.cancel()
        return in_time, *await asyncio.gather(patient, ended_by_its_client, hasty, late, return_exceptions=True)

    in_time, *ends = asyncio.run(both())
    assert in_time == b"x"
    assert [type(end) for end in ends] == [asyncio.CancelledError, asyncio.CancelledError, Refusal, Refusal]


def test_a_body_that_is_too_long_is_given_up_at_once() -> None:
    memory = Memory(1_000)
    with pytest.raises(Refusal) as refused:
        asyncio.run(request([b"x" * 60, b"x" * 60], memory, stall=True).read(100, 5))
    assert refused.value.status == 413 and memory.held_bytes <= 100


def test_a_bomb_costs_no_more_than_the_limit() -> None:
    assert gunzip(gzip.compress(b"a") + gzip.compress(b"b"), 2) == b"ab"
    with pytest.raises(Refusal):
        gunzip(gzip.compress(b"a") + gzip.compress(b"b"), 1)


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("203.0.113.9", b"1.1.1.1", "203.0.113.9"),
        ("10.0.0.1", b"6.6.6.6, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", b"203.0.113.9, 10.0.0.1", "203.0.113.9"),
        ("10.0.0.1", b"", "10.0.0.1"),
    ],
)
def test_only_a_trusted_proxy_may_name_another_address(peer: str, forwarded: bytes, expected: str) -> None:
    scope = {"client": (peer, 1)}
    assert peer_address(scope, {b"x-forwarded-for": forwarded}, frozenset({"10.0.0.1"})) == expected
