"""How is the hot path put together? From a database address, a vault and limits to an application that can start and stop."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec

from goodword.ingest.app import Ingest
from goodword.ingest.writer import Writer
from goodword.store.sql.codes import CodeBook
from goodword.store.sql.connect import Connection, connect
from goodword.store.sql.keyring import Keyring
from goodword.store.sql.keys import KeyBook
from goodword.store.sql.vault import Vault
from goodword.store.sql.waits import Listener

_NEXT_MONTH_AHEAD = timedelta(days=2)
_STATEMENT_S = 20.0


class IngestConfig(msgspec.Struct, frozen=True):
    """What an installation decides about its front door."""

    engine_url: str
    queue_events: int = 20_000
    least_free_bytes: int = 512 * 1024 * 1024
    proxies: frozenset[str] = frozenset()


def now_utc() -> datetime:
    """The clock of the front door."""
    return datetime.now(UTC)


def create_ingest(
    config: IngestConfig,
    keyring: Keyring,
    *,
    free_bytes: Callable[[], int | None] = lambda: None,
    now: Callable[[], datetime] = now_utc,
) -> Ingest:
    """The application; `start()` and `stop()` it from the lifespan."""
    vault = Vault(lambda: connect(config.engine_url, "vault", statement_timeout_s=_STATEMENT_S), keyring)

    def open_connection(role: str, *, pinned_plans: bool = False) -> Connection:
        return connect(config.engine_url, role, pinned_plans=pinned_plans, statement_timeout_s=_STATEMENT_S)

    def warm(client_id: str) -> None:
        """Open the client's keys, and make this month's and soon the next month's, before a request needs them."""
        keys = vault.open_client(client_id)
        for at in (now(), now() + _NEXT_MONTH_AHEAD):
            keys.seal_intake("0" * 32, at.strftime("%Y-%m"), b"")

    books = (KeyBook(), CodeBook())
    writer = Writer(
        lambda: open_connection("writer", pinned_plans=True),
        free_bytes=free_bytes,
        least_free_bytes=config.least_free_bytes,
        most_events=config.queue_events,
    )
    listener = Listener(lambda: open_connection("listener"), *books, warm=warm)
    return Ingest(writer, listener, *books, vault, now=now, proxies=config.proxies)
