"""What do journeys share? A world, the real server before it, and a browser that reaches nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from goodword.house.roles import Urls
from tests.ingest.front import Server
from tests.web.conftest import site, world

__all__ = ["browser", "server", "site", "world"]

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-domain-reliability", "--no-first-run", "--no-pings",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
]  # fmt: skip


@pytest.fixture(scope="module")
def server(urls: Urls, world: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The web process as `serve` starts it, on this module's world."""
    started = Server(
        urls,
        tmp_path_factory.mktemp("data"),
        GOODWORD_KEY=world.key,
        GOODWORD_DEMO="yes",  # a demo only with its marker in the folder, which none has by itself
        GOODWORD_SECRET_KEY="for tests only, for tests only, for tests only",
    )
    started.start()
    yield started
    started.stop()


@pytest.fixture(scope="module")
def browser(chromium: str, server: Server) -> Iterator[Any]:
    """Chromium, started after Django made the world: its event loop would keep Django from the database."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield launched
        launched.close()
