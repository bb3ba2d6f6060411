"""Which request goes where? The routes of the hot path, and one place that turns every failure into an answer."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable
from datetime import datetime

import psycopg

from goodword.errors import GoodwordError
from goodword.ingest import tracking
from goodword.ingest.codes import get_code
from goodword.ingest.events import post_events, refusal_of_unavailable
from goodword.ingest.http import NO_STORE, Gone, Memory, Receive, Refusal, Request, Scope, Send
from goodword.ingest.redirect import get_redirect
from goodword.ingest.writer import Unavailable, Writer
from goodword.store.sql.codes import CodeBook, CodeState, read_live_document
from goodword.store.sql.intake import Intake
from goodword.store.sql.keys import KeyBook, KeyInfo
from goodword.store.sql.log import LogRow, Receipt, Rejected
from goodword.store.sql.vault import Vault
from goodword.store.sql.waits import Decided, Listener, Wait

MEMORY_BYTES = 256 * 1024 * 1024
_CODE_SECONDS = 5.0
log = logging.getLogger(__name__)

Handler = Callable[["Ingest", Request], Awaitable[None]]


class Ingest:
    """The bare ASGI application of the hot path, and what its routes ask for (keys, codes, receipts, decisions)."""

    def __init__(
        self, writer: Writer, listener: Listener, keys: KeyBook, codes: CodeBook, vault: Vault,
        *, now: Callable[[], datetime], proxies: frozenset[str] = frozenset(),
    ) -> None:  # fmt: skip
        self.writer, self.listener, self.keys, self.codes, self.vault = writer, listener, keys, codes, vault
        self.now, self.proxies = now, proxies
        self.memory = Memory(MEMORY_BYTES)

    # -- life

    def start(self) -> None:
        self.listener.start()
        self.writer.start()

    def stop(self) -> None:
        """Write what was taken in, then end both threads."""
        self.writer.stop()
        self.listener.stop()
        self.listener.join(5.0)

    # -- ASGI

    def handles(self, method: str, path: str) -> bool:
        """Whether a request is the hot path's; everything else belongs to the web application."""
        return _handler(method, path) is not None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send, self.memory)
        handler = _handler(request.method, request.path)
        try:
            if handler is None:
                raise Refusal(404, "Not found", "There is nothing at this address.", code="not_found")
            await handler(self, request)
        except Refusal as refusal:
            await request.refuse(refusal)
        except Unavailable as error:
            await request.refuse(refusal_of_unavailable(error))
        except (Gone, asyncio.CancelledError):
            raise
        except (psycopg.Error, GoodwordError, ConnectionError) as error:
            log.warning("%s %s: %s", request.method, _shape(request.path), type(error).__name__)
            away = Unavailable(503, "database_away", "The database cannot be reached.", 1)
            await request.refuse(refusal_of_unavailable(away))
        except Exception as error:
            # Frames only: the words of an exception may quote what somebody sent.
            frames = "".join(traceback.format_tb(error.__traceback__))
            log.error("%s %s failed with %s\n%s", request.method, _shape(request.path), type(error).__name__, frames)
            await request.refuse(Refusal(500, "Failed", "Goodword made a mistake; nothing was taken in.", code="failed"))
        finally:
            request.release()

    # -- what the routes ask for

    def authorize(self, request: Request, scope: str) -> KeyInfo:
        """The key of the request, if it may do this."""
        kind, _, secret = request.header(b"authorization").partition(" ")
        return self.authorize_secret(request, secret.strip() if kind.lower() == "bearer" else "", scope)

    def authorize_secret(self, request: Request, secret: str, scope: str) -> KeyInfo:
        """A ladder: is there a key, is it known, does it still hold, may it do this, and for the client that is named?"""
        if not secret:
            raise _unauthorized("key_missing", "Send an API key: Authorization: Bearer KEY.")
        if not self.listener.is_ready.is_set():
            raise refusal_of_unavailable(Unavailable(503, "starting", "Keys are not loaded yet.", 1))
        key = self.keys.find(secret)
        if key is None:
            raise _unauthorized("key_unknown", "This API key is not known.")
        now = self.now()
        if key.revoked_at is not None:
            raise _unauthorized("key_revoked", "This API key was revoked. Use its successor.")
        if key.expires_at is not None and key.expires_at <= now:
            raise _unauthorized("key_expired", "This API key has expired. Use its successor.")
        if scope not in key.scopes:
            raise Refusal(403, "Not allowed", f"This API key lacks the scope {scope}.", code="scope_missing")
        named = request.header(b"goodword-client")
        client = self.keys.client(key.client_id)
        if named and (client is None or client.slug != named):
            raise Refusal(403, "Not allowed", "This API key belongs to another client.", code="key_of_another_client")
        self.listener.used(key.client_id, key.id, now)
        return key

    def intake(self, key: KeyInfo, source: str) -> Intake:
        return self.intake_of(key.client_id, source)

    def intake_of(self, client_id: str, source: str) -> Intake:
        client = self.keys.client(client_id)
        plain = client.plain if client else frozenset()
        return Intake(
            client_id, source, self.vault.open_client(client_id), self.keys.slugs(client_id), plain, self.now()
        )

    def admit(self, events: int, size_bytes: int) -> None:
        self.writer.admit(events, size_bytes)

    async def append(self, rows: list[LogRow], rejected: list[Rejected] | None = None) -> list[Receipt]:
        """Receipts after the commit. A caller that hangs up does not take its events back."""
        return await self.writer.submit(rows, rejected or ())

    async def decisions(self, wait: Wait, timeout_s: float, *, look_now: bool) -> dict[str, list[Decided]]:
        if look_now:
            self.listener.look_now(wait.client_id)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(wait.future), timeout_s)
        except TimeoutError:
            return dict(wait.found)

    async def find_code(self, client_id: str, code: str) -> CodeState | None:
        known = self.codes.get(client_id, code)
        if known is not None or self.codes.is_unknown(client_id, code):
            return known
        if not self.listener.is_connected:
            if (former := self.codes.get_former(client_id, code)) is not None:
                return former
            raise Unavailable(503, "database_away", "The database cannot be reached.", 1)
        return await asyncio.wait_for(asyncio.wrap_future(self.listener.ask_code(client_id, code)), _CODE_SECONDS)

    async def live_document(self, client_id: str, program_id: str) -> tuple[str, str, int, datetime] | None:
        asked = self.listener.call(lambda conn: read_live_document(conn, client_id, program_id))
        return await asyncio.wait_for(asyncio.wrap_future(asked), _CODE_SECONDS)


async def get_health(ingest: Ingest, request: Request) -> None:
    """Whether events are being accepted now: the writer lives and its database answered within the last seconds."""
    state = {
        "writer": ingest.writer.is_well(),
        "listener": ingest.listener.is_alive() and ingest.listener.is_connected,
        "keys": ingest.listener.is_ready.is_set(),
    }
    is_well = all(state.values())
    words = {name: "ok" if good else "down" for name, good in state.items()}
    body = {"status": "ok" if is_well else "down", **words, "waiting_events": ingest.writer.waiting_events}
    await request.answer_json(200 if is_well else 503, body, [NO_STORE])


async def _preflight(_: Ingest, request: Request) -> None:
    await tracking.preflight(request)


_POST: dict[str, Handler] = {"/v1/events": post_events, **dict.fromkeys(tracking.POST_PATHS, tracking.post_messages)}
_GET: dict[str, Handler] = {"/healthz": get_health}


def _handler(method: str, path: str) -> Handler | None:
    if method == "POST":
        return _POST.get(path)
    if method in ("GET", "HEAD"):
        if path.startswith("/r/") or path == "/r":
            return get_redirect
        if path.startswith("/v1/codes/") and path.count("/") == 3 and len(path) > 10:
            return get_code
        if (path.startswith("/v1/projects/") and path.endswith("/settings")) or path.rstrip("/") == "/sourceConfig":
            return tracking.get_settings
        return _GET.get(path)
    if method == "OPTIONS" and (path in tracking.POST_PATHS or path.startswith("/v1/projects/")):
        return _preflight
    return None


def _shape(path: str) -> str:
    """The path without what people may have put into it."""
    return path if path in _POST or path in _GET else "/" + path.strip("/").partition("/")[0][:20] + "/…"


def _unauthorized(code: str, why: str) -> Refusal:
    return Refusal(401, "Not signed in", why, code=code, headers=[(b"www-authenticate", b"Bearer")])
