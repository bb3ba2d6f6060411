"""Do the hot path and Django share one port, each answering what is its own?"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from goodword import asgi
from tests.ingest.conftest import Front
from tests.ingest.front import purchase


def test_pages_and_events_are_answered_on_one_port(front: Front) -> None:
    with front.server.client(front.acme.keys["all"]) as client:
        page = client.get("/")
        assert page.status_code < 500 and "referrer-policy" in page.headers, front.server.log()
        assert client.post("/v1/events", json=purchase("beside-pages")).status_code == 202
        assert client.get("/v1/events").status_code != 207, "reading events is not the hot path's"


def talk(application: asgi.Application, scope: dict[str, Any], *messages: dict[str, Any]) -> list[dict[str, Any]]:
    said: list[dict[str, Any]] = []
    heard = list(messages)

    async def receive() -> dict[str, Any]:
        return heard.pop(0)

    async def send(message: Any) -> None:
        said.append(dict(message))

    async def play() -> None:
        await application(scope, receive, send)

    asyncio.run(play())
    return said


class Stub:
    """Takes the place of the hot path."""

    def __init__(self) -> None:
        self.did: list[str] = []
        self.listener = self  # streams hear of decisions from the thread that listens already

    def follow(self, heard: Any) -> None:
        self.did.append("followed")

    def start(self) -> None:
        self.did.append("start")

    def stop(self) -> None:
        self.did.append("stop")


def test_the_lifespan_starts_and_stops_the_writer() -> None:
    stub = Stub()

    def made() -> Any:  # only start and stop are asked for
        return stub

    application = asgi.Application(made)
    said = talk(application, {"type": "lifespan"}, {"type": "lifespan.startup"}, {"type": "lifespan.shutdown"})
    assert [message["type"] for message in said] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert stub.did == ["followed", "start", "stop"]


def test_a_front_door_that_cannot_open_says_why() -> None:
    def fail() -> Any:
        raise RuntimeError("the key file is missing")

    said: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "lifespan.startup"}

    async def send(message: Any) -> None:
        said.append(dict(message))

    with pytest.raises(RuntimeError):
        asyncio.run(_run(asgi.Application(fail), receive, send))
    assert said == [{"type": "lifespan.startup.failed", "message": "the key file is missing"}]


async def _run(application: asgi.Application, receive: Any, send: Any) -> None:
    await application({"type": "lifespan"}, receive, send)
