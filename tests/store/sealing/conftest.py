"""A database with a sealed log: one for each test, since most of them spoil it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from goodword.house.roles import Urls
from goodword.store.sql import seal
from goodword.store.sql.keyring import FileKeyring
from goodword.store.sql.vault import ClientKeys, Vault

from .sealed_log import ACME, NOON, TABLES, Conn, act, decide


@pytest.fixture
def owner(urls: Urls) -> Iterator[Conn]:
    """Who may change what was sealed: an intruder, or an operator with the highest rights."""
    with psycopg.connect(urls.owner, autocommit=True) as opened:
        yield opened
        for table in TABLES:
            opened.execute(f"DELETE FROM {table}")


@pytest.fixture
def conn(urls: Urls, owner: Conn) -> Iterator[Conn]:
    with psycopg.connect(urls.engine, autocommit=True) as opened:
        yield opened


@pytest.fixture
def vault(urls: Urls, owner: Conn, tmp_path: Path) -> Vault:
    return Vault(lambda: psycopg.connect(urls.engine), FileKeyring(tmp_path / "master.key", create=True))


@pytest.fixture
def keys(vault: Vault) -> ClientKeys:
    return vault.open_client(ACME)


@pytest.fixture
def log(conn: Conn, keys: ClientKeys) -> list[str]:
    """Three checkpoints over 20 decisions and a staff action; gives the notes."""
    notes = []
    for start in (1, 8, 15):
        for number in range(start, min(start + 7, 21)):
            decide(conn, number)
        if start == 8:
            act(conn, 1)
        note = seal.seal(conn, ACME, keys, now=NOON + timedelta(minutes=start), force=True).note
        assert note is not None
        notes.append(note)
    return notes
