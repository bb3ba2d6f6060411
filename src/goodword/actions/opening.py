"""With what does an action work? The engine's connection, the vault that opens what is sealed, and the client by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import msgspec
import psycopg

from goodword import settings
from goodword.errors import NotFound
from goodword.store.sql.connect import connect
from goodword.store.sql.keyring import Keyring, open_keyring
from goodword.store.sql.vault import ClientKeys, Vault


class ClientRow(msgspec.Struct, frozen=True):
    """A client as commands need it."""

    id: str
    slug: str
    name: str
    currency: str
    timezone: str


class Chain:
    """An open way to the chain's tables."""

    def __init__(self, engine_url: str, conn: psycopg.Connection[Any], vault: Vault) -> None:
        self.engine_url = engine_url
        self.conn = conn
        self.vault = vault

    def client(self, slug: str) -> ClientRow:
        """The client of that name."""
        row = self.conn.execute(
            "SELECT id, slug, name, currency, timezone FROM client WHERE slug = %s", (slug.strip().lower(),)
        ).fetchone()
        if row is None:
            known = [
                found[0] for found in self.conn.execute("SELECT slug FROM client ORDER BY slug LIMIT 20").fetchall()
            ]
            raise NotFound(
                f"No client is called {slug!r}.",
                f"There are: {', '.join(known)}." if known else "There is no client yet.",
                "`goodword client add SLUG --name NAME` makes one.",
            )
        return ClientRow(*row)

    def client_of(self, client_id: str) -> ClientRow:
        """The client of that id, which is known to exist."""
        row = self.conn.execute(
            "SELECT id, slug, name, currency, timezone FROM client WHERE id = %s::uuid", (client_id,)
        ).fetchone()
        assert row is not None, "a key belongs to a client"
        return ClientRow(*row)

    def slugs(self) -> list[str]:
        """The names of all clients."""
        return [row[0] for row in self.conn.execute("SELECT slug FROM client ORDER BY slug").fetchall()]

    def environment(self) -> dict[str, str]:
        """By which settings another process of this user opens the same chain."""
        return {"GOODWORD_ENGINE_URL": self.engine_url, **self.vault.keyring.environment()}

    def keys(self, client_id: str) -> ClientKeys:
        """The opened keys of a client."""
        return self.vault.open_client(client_id)


@contextmanager
def open_chain(engine_url: str, keyring: Keyring, role: str) -> Iterator[Chain]:
    """A chain for as long as one command works; `role` shows in the database's list of sessions."""
    with connect(engine_url, role, statement_timeout_s=0) as conn:
        yield Chain(engine_url, conn, vault_of(engine_url, keyring))


def vault_of(engine_url: str, keyring: Keyring) -> Vault:
    """A vault with connections of its own: a key is committed before anything is sealed with it."""
    return Vault(lambda: connect(engine_url, "vault"), keyring)


Opened = Callable[[], AbstractContextManager[Chain]]


def _of_this_installation() -> AbstractContextManager[Chain]:
    keyring = open_keyring(
        settings.path("key_file"), settings.path("data"), create=False, env_key=settings.text("master_key")
    )
    return open_chain(settings.text("engine_url"), keyring, "goodword-desk")


_opened: list[Opened] = [_of_this_installation]


def use(opened: Opened | None) -> None:
    """Open the chain of faces in this way from now on; None: as this installation's settings say."""
    _opened[:] = [opened or _of_this_installation]


@contextmanager
def chain_of_installation() -> Iterator[Chain]:
    """The chain as this process was set up for it: what a page or an API request works with."""
    with _opened[0]() as found:
        yield found
