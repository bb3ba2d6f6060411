"""Who answers a request? The hot path and the streams where it is theirs, else Django behind a bridge of threads; on one port."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
from collections.abc import Awaitable, Callable
from typing import Any, cast

from goodword import settings
from goodword.ingest.app import Ingest
from goodword.ingest.http import Receive, Scope, Send
from goodword.ingest.service import IngestConfig, create_ingest
from goodword.store.sql.keyring import Keyring, open_keyring
from goodword.web.live import Live

_PAGE_THREADS = 8  # as many as Django's pool has connections
# How many objects more than are freed before the young, the middle and the old ones are looked through for garbage. Requests
# leave no cycles; at Python's own 700 the search took a twentieth of the processor and held receipts up for 50 ms at a time.
_GARBAGE_AFTER = 10_000, 20, 50

Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]


class Application:
    """The ASGI application. Django is loaded at its first page, so that the hot path stands alone."""

    def __init__(self, make_ingest: Callable[[], Ingest] | None = None) -> None:
        self._make_ingest = make_ingest or ingest_from_settings
        self._ingest: Ingest | None = None
        self._pages: Any = None
        self._loading = asyncio.Lock()
        self.live = Live(self._django)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] != "http":
            raise ValueError(f"{scope['type']} is not spoken here")
        elif self._ingest is not None and self._ingest.handles(scope["method"], scope["path"]):
            await self._ingest(scope, receive, send)
        elif self.live.handles(scope["method"], scope["path"]):
            await self.live(scope, receive, send)
        else:
            await (await self._django())(scope, _as_coroutine(receive), send)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                try:
                    self._ingest = await asyncio.to_thread(self._make_ingest)
                    self._ingest.listener.follow(self.live.heard)
                    self._ingest.start()
                    _keep_what_is_loaded()
                except Exception as error:
                    await send({"type": "lifespan.startup.failed", "message": str(error)})
                    raise
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                self.live.close()
                if self._ingest is not None:
                    await asyncio.to_thread(self._ingest.stop)
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _django(self) -> Asgi:
        async with self._loading:
            if self._pages is None:
                self._pages = await asyncio.to_thread(_load_pages)
        pages: Asgi = self._pages
        return pages


def ingest_from_settings() -> Ingest:
    """The hot path of this installation."""
    data = settings.path("data")
    config = IngestConfig(
        engine_url=settings.text("engine_url"),
        queue_events=settings.number("queue_events"),
        least_free_bytes=settings.number("min_free_mb") * 2**20,
        proxies=frozenset(settings.listed("proxies")),
    )

    def free_bytes() -> int | None:
        try:
            return shutil.disk_usage(data).free
        except OSError:  # the database lies elsewhere, there is no data folder
            return None

    return create_ingest(config, _keyring(), free_bytes=free_bytes)


def _keyring() -> Keyring:
    """The master key that `serve` made or found; the front door never makes one."""
    return open_keyring(
        settings.path("key_file"), settings.path("data"), create=False, env_key=settings.text("master_key")
    )


def _keep_what_is_loaded() -> None:
    """The hot path lives as long as the process: it is looked through for garbage once, and then no more."""
    gc.set_threshold(*_GARBAGE_AFTER)
    gc.collect()
    gc.freeze()


def _load_pages() -> Asgi:
    from a2wsgi import WSGIMiddleware

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goodword.settings")
    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()
    from goodword.web.loading import load_all

    load_all()
    bridge: Any = WSGIMiddleware(cast("Any", application), workers=_PAGE_THREADS)
    return cast("Asgi", bridge)


def _as_coroutine(receive: Receive) -> Receive:
    """Granian gives a future where ASGI speaks of a coroutine, and the bridge of threads takes nothing else for a body."""

    async def received() -> dict[str, Any]:
        return dict(await receive())

    return received


application = Application()
