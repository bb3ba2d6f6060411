"""A front door for tests: two clients in a migrated database, and the real server in a process of its own on a free port."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psycopg

from goodword.core.events import ident
from goodword.house.roles import Urls
from goodword.store.sql.keys import SCOPES, create_key, spell_key

DOCUMENT: dict[str, Any] = {
    "program": "autumn",
    "name": "Autumn friends",
    "type": "two_sided",
    "currency": "EUR",
    "landing": "https://acme.example/welcome?season=autumn#top",
    "fields": {"tier": {"type": "text", "personal": False}},
    "milestones": {"joined": {"event": "signup"}, "first_order": {"event": "purchase"}},
    "promises": [
        {"to": "advocate", "on": "first_order", "give": {"cash": "10.00"}, "hold": "14d"},
        {"to": "friend", "on": "first_order", "give": {"cash": "5.00"}},
    ],
}


@dataclass
class Brand:
    """A client with a program, codes and keys. `keys` maps a name to the secret."""

    id: str
    slug: str
    program_id: str
    party_id: str
    keys: dict[str, str] = field(default_factory=dict)


def add_brand(owner_url: str, slug: str, **settings: Any) -> Brand:
    """A client as an office would set it up, with the code ALICE1 and a key for everything."""
    brand = Brand(ident("client", slug), slug, ident("program", slug), ident("party", slug, "alice"))
    landing = settings.get("landing", {"fallback": f"https://{slug}.example/"})
    now = datetime.now(UTC)
    with psycopg.connect(owner_url, autocommit=True) as conn:
        conn.execute(
            "INSERT INTO client (id, slug, name, currency, timezone, code_prefix, hosts, landing, consent, created_at)"
            " VALUES (%s::uuid, %s, %s, 'EUR', 'Europe/Berlin', %s, %s, %s, %s, %s)",
            (brand.id, slug, slug.title(), slug[:3].upper(), settings.get("hosts", []), json.dumps(landing),
             json.dumps(settings.get("consent", {})), now),
        )  # fmt: skip
        conn.execute("INSERT INTO lane (client_id) VALUES (%s::uuid)", (brand.id,))
        conn.execute(
            "INSERT INTO program (client_id, id, slug, name, created_at) VALUES (%s::uuid, %s::uuid, 'autumn', 'Autumn', %s)",
            (brand.id, brand.program_id, now),
        )
        conn.execute(
            "INSERT INTO program_version (client_id, id, program_id, number, state, document, terms_hash, live_from, published_at)"
            " VALUES (%s::uuid, gen_random_uuid(), %s::uuid, 1, 'live', %s, 'x', %s, %s)",
            (brand.id, brand.program_id, json.dumps(DOCUMENT), now, now),
        )
        for code, ended_at in (("ALICE1", None), ("OLD1", now)):
            conn.execute(
                "INSERT INTO code (client_id, code, program_id, party_id, created_at, ended_at)"
                " VALUES (%s::uuid, %s, %s::uuid, NULL, %s, %s)",
                (brand.id, code, brand.program_id, now, ended_at),
            )
    add_key(owner_url, brand, "all")
    return brand


def add_key(owner_url: str, brand: Brand, name: str, **more: Any) -> str:
    secret = spell_key(secrets.choice)
    with psycopg.connect(owner_url, autocommit=True) as conn:
        create_key(
            conn, client_id=brand.id, key_id=ident("key", brand.slug, name), secret=secret, name=name,
            created_at=datetime.now(UTC), scopes=more.pop("scopes", SCOPES), **more,
        )  # fmt: skip
    brand.keys[name] = secret
    return secret


class Server:
    """The web process as `serve` starts it; `url` answers once `start` has returned."""

    def __init__(self, urls: Urls, folder: Path, **env: str) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._env = {
            **os.environ,
            "GOODWORD_DATA": str(folder),
            "GOODWORD_KEY": "Z29vZHdvcmQtdGVzdHMtZ29vZHdvcmQtdGVzdHMtMTI=",
            "GOODWORD_ENGINE_URL": urls.engine,
            "GOODWORD_DATABASE_URL": urls.app,
            "GOODWORD_HOST": "127.0.0.1",
            "GOODWORD_PORT": str(self.port),
            "GOODWORD_SECRET_KEY": "not a secret: tests only",
            "GOODWORD_MIN_FREE_MB": "1",
            **env,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, wait_s: float = 60.0) -> None:
        with (self.folder / "web.log").open("ab") as log:
            argv = [sys.executable, "-m", "goodword.house.transport", "goodword.asgi:application"]
            self.process = subprocess.Popen(argv, env=self._env, stdout=log, stderr=log)
        deadline = time.monotonic() + wait_s
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{self.url}/healthz").status_code == 200:
                    return
            assert self.process.poll() is None, self.log()
            time.sleep(0.05)
        raise AssertionError(f"not ready: {self.log()}")

    def log(self) -> str:
        return (self.folder / "web.log").read_text(errors="replace")[-4000:]

    def kill(self) -> None:
        """SIGKILL, as a crash would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(20)

    def client(self, secret: str = "", **more: Any) -> httpx.Client:
        headers = {"authorization": f"Bearer {secret}"} if secret else {}
        return httpx.Client(base_url=self.url, headers=headers | more.pop("headers", {}), timeout=20, **more)


@contextlib.contextmanager
def serving(urls: Urls, folder: Path, **env: str) -> Iterator[Server]:
    folder.mkdir(parents=True, exist_ok=True)
    server = Server(urls, folder, **env)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def purchase(name: str, **more: Any) -> dict[str, Any]:
    """Bob buys for 54.00 EUR."""
    return {
        "id": name,
        "type": "purchase",
        "at": "2026-11-03T18:05:00+01:00",
        "person": {"id": "c-991", "email": "bob@x.test", "name": "Bob B."},
        "code": "ALICE1",
        "order": {"id": name, "amount": "54.00", "currency": "EUR"},
        **more,
    }


def until(is_so: Callable[[], bool], within_s: float = 60.0) -> None:
    """Wait for what a running server comes to know by and by."""
    deadline = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.05)
