"""Which vault opens sealed values for people's screens? One a process, as the web's role, made at its first use."""

from __future__ import annotations

import threading

import psycopg

from goodword import settings
from goodword.store.sql.keyring import open_keyring
from goodword.store.sql.vault import Vault

_lock = threading.Lock()
_held: list[Vault] = []


def vault() -> Vault:
    """The vault of this process. It reads the master key and never makes one: what it opens was sealed before."""
    with _lock:
        if not _held:
            address = settings.text("database_url")
            keyring = open_keyring(
                settings.path("key_file"), settings.path("data"), create=False, env_key=settings.text("master_key")
            )
            _held.append(Vault(lambda: psycopg.connect(address, autocommit=True), keyring))
        return _held[0]


def use(opened: Vault | None) -> None:
    """Take this vault from now on; None: make one at the next use."""
    with _lock:
        _held[:] = [] if opened is None else [opened]
