"""Which two are compared? The product as `goodword serve` runs it, and the plain Django baseline, each on a PostgreSQL of its own."""

from __future__ import annotations

import contextlib
import csv
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from goodword.house.postgres import Cluster
from goodword.store.sql.connect import Connection, connect
from goodword.store.sql.log import lanes_with_work
from tests.bench.load import BrandMix, Purchases
from tests.bench.machine import cpu_seconds
from tests.journeys.house import House, house_in

CODES = [f"B{n:05d}" for n in range(8_000)]
PROGRAM: dict[str, Any] = {
    "program": "friends",
    "name": "Friends",
    "type": "direct",
    "currency": "EUR",
    "landing": "https://acme.example/welcome",
    "promises": [{"to": "advocate", "on": "first_order", "give": {"cash": "10.00"}, "hold": "14d"}],
}


@dataclass
class Side:
    """A running server with the processes that work for it: `roots` maps a part to the head of its process tree."""

    name: str
    address: str
    key: str
    link: str
    roots: dict[str, int]
    purchases: Purchases = field(default_factory=lambda: Purchases(CODES))
    mix: Purchases = field(default_factory=lambda: BrandMix(CODES))
    conn: Connection | None = None

    @property
    def host(self) -> str:
        return urlsplit(self.address).netloc

    def cpu(self) -> dict[str, float]:
        """Processor seconds that each part has used."""
        return {name: cpu_seconds(pid) for name, pid in self.roots.items()}

    def settle(self, timeout_s: float = 120.0) -> None:
        """Wait until everything that was taken in is decided; the baseline decides at once."""
        deadline = time.monotonic() + timeout_s
        while self.conn is not None and lanes_with_work(self.conn):
            if time.monotonic() > deadline:
                raise TimeoutError("the worker does not come to an end")
            time.sleep(0.01)


@contextlib.contextmanager
def product(folder: Path) -> Iterator[tuple[Side, House]]:
    """`goodword serve` with Acme, its program and the codes."""
    with house_in(folder) as house:
        key = house.add_client("acme", PROGRAM)
        file = folder / "codes.csv"
        with file.open("w", newline="") as out:
            csv.writer(out).writerows([("code", "person"), *((code, f"advocate-{code}") for code in CODES)])
        house.goodword("import", "codes", str(file), "--client", "acme")
        pids = house.pids()
        roots = {"web": pids["web"], "worker": pids["worker"], "database": pids["postgres"]}
        with connect(house.urls().engine, "bench") as conn:
            prefix = conn.execute("SELECT code_prefix FROM client").fetchone()
            assert prefix is not None
            yield Side("Goodword", house.address, key, f"{prefix[0]}-{CODES[0]}", roots, conn=conn), house


@contextlib.contextmanager
def baseline(folder: Path) -> Iterator[Side]:
    """Plain Django under Granian's WSGI with two workers."""
    cluster = Cluster(folder / "database")
    cluster.start()
    server = None
    try:
        url = cluster.create_database("baseline").owner
        env = {**os.environ, "BASELINE_URL": url, "PYTHONPATH": str(Path(__file__).parents[2])}
        key = secrets.token_urlsafe(24)
        argv = [sys.executable, "-m", "tests.bench.baseline.wsgi", key, CODES[0], str(len(CODES))]
        subprocess.run(argv, env=env, check=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        argv = [sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "2", "--blocking-threads", "4"]
        argv += ["--http", "1", "--no-ws", "--log-level", "warning", "--host", "127.0.0.1", "--port", str(port)]
        server = subprocess.Popen([*argv, "tests.bench.baseline.wsgi:application"], env=env)
        address = f"http://127.0.0.1:{port}"
        _wait_for(address)
        assert cluster.pid is not None
        yield Side("plain Django", address, key, CODES[0], {"web": server.pid, "database": cluster.pid})
    finally:
        if server is not None:
            server.terminate()
            server.wait(30)
        cluster.stop()


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx.HTTPError):
            httpx.get(f"{address}/r/none")
            return
        time.sleep(0.1)
    raise TimeoutError("the baseline does not answer")
