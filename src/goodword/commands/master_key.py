"""Which master key is in force? Made at the very first start, with a notice to keep a copy; never made a second time."""

from __future__ import annotations

import sys

import psycopg

from goodword import settings
from goodword.house.roles import Urls
from goodword.store.sql.keyring import Keyring, open_keyring


def master_key(urls: Urls) -> Keyring:
    """The keyring of this installation. A lost key is not replaced while the database holds anything it wraps."""
    key_file = settings.path("key_file")
    may_create = False
    if not key_file.exists():
        with psycopg.connect(urls.engine) as connection:
            found = connection.execute("SELECT NOT EXISTS (SELECT FROM client_key)").fetchone()
        may_create = bool(found and found[0])
    keyring = open_keyring(key_file, settings.path("data"), create=may_create, env_key=settings.text("master_key"))
    if keyring.notice:
        print(keyring.notice, file=sys.stderr, flush=True)
    return keyring
