"""A whole installation for tests: `goodword serve` in a process of its own with a data folder of its own, durable as in real life."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import yaml

from goodword.actions.opening import open_chain
from goodword.catalog import SHELVES
from goodword.house.folder import DataFolder
from goodword.house.postgres import Cluster
from goodword.house.roles import Urls
from goodword.house.supervise import health
from goodword.store.recompute import replay, verify_ledger
from goodword.store.sql.keyring import open_keyring
from goodword.store.sql.seal import seal_all
from goodword.store.sql.verify import verify

READY_SECONDS = 120.0


@dataclass
class House:
    """One data folder and whoever serves it."""

    folder: Path
    env: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.data = self.folder / "data"
        self._env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GOODWORD_")},
            "GOODWORD_DATA": str(self.data),
            "GOODWORD_KEY_FILE": str(self.folder / "master.key"),
            "GOODWORD_PORT": str(self.port),
            "GOODWORD_MIN_FREE_MB": "1",
            **self.env,
        }

    # -- running

    def start(self, **env: str) -> None:
        """Serve; returns once the address answers that all is well."""
        with self.log.open("ab") as output:
            argv = [sys.executable, "-m", "goodword.cli", "serve"]
            self.process = subprocess.Popen(
                argv, env={**self._env, **env}, stdout=output, stderr=output, start_new_session=True
            )
        deadline = time.monotonic() + READY_SECONDS
        while health(self.address) != 200 or self.state.get("state") != "running":
            assert self.process.poll() is None, self.told()
            assert time.monotonic() < deadline, self.told()
            time.sleep(0.05)

    def stop(self, number: signal.Signals = signal.SIGINT, timeout_s: float = 60.0) -> float:
        """Ctrl-C; the seconds it took."""
        began = time.monotonic()
        if self.process is not None:
            if self.process.poll() is None:
                self.process.send_signal(number)
            self.process.wait(timeout_s)
        return time.monotonic() - began

    def kill(self, part: str = "serve") -> int:
        """SIGKILL for one part: serve, web, worker or postgres; the process it was."""
        pid = self.pids()[part]
        os.kill(pid, signal.SIGKILL)
        if part == "serve" and self.process is not None:
            self.process.wait()
        return pid

    def healthy(self, within_s: float = 60.0) -> None:
        """Wait until the door is open again."""
        deadline = time.monotonic() + within_s
        while health(self.address) != 200:
            assert time.monotonic() < deadline, self.told()
            time.sleep(0.05)

    @property
    def state(self) -> dict[str, Any]:
        return DataFolder(self.data).running_state()

    def pids(self) -> dict[str, int]:
        """The process of every part that runs now."""
        state = self.state
        found = {name: child["pid"] for name, child in state.get("children", {}).items() if child["pid"]}
        return found | {"serve": state["pid"]}

    @property
    def log(self) -> Path:
        return self.folder / "serve.log"

    def told(self) -> str:
        """The end of all logs, for a failed assertion."""
        logs = [self.log, *sorted((self.data / "log").glob("*.log"))]
        return "\n".join(f"--- {log.name}\n{log.read_text(errors='replace')[-2500:]}" for log in logs if log.exists())

    def processes(self) -> list[tuple[int, str]]:
        """Every living process that works for this folder: its own environment or working folder says so."""
        return [(pid, name) for pid, name in _processes() if self._is_ours(pid)]

    def _is_ours(self, pid: int) -> bool:
        process = Path("/proc") / str(pid)
        try:
            if f"GOODWORD_DATA={self.data}\0".encode() in (process / "environ").read_bytes():
                return True
            return (process / "cwd").resolve().is_relative_to(self.data.resolve())
        except OSError:
            return False

    # -- working with it

    def goodword(self, *arguments: str, code: int = 0) -> str:
        """What a command prints."""
        argv = [sys.executable, "-m", "goodword.cli", *arguments]
        done = subprocess.run(argv, env=self._env, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == code, f"{' '.join(arguments)}\n{done.stdout}\n{done.stderr}\n{self.told()}"
        return done.stdout

    def json(self, *arguments: str, code: int = 0) -> Any:
        """What a command answers a script."""
        return json.loads(self.goodword("--json", *arguments, code=code))

    def add_client(self, slug: str, *programs: Mapping[str, Any], currency: str = "EUR") -> str:
        """A client with programs that are live, and a key for it."""
        self.goodword("client", "add", slug, "--name", slug.title(), "--currency", currency)
        for program in programs:
            file = self.folder / f"{program['program']}.yaml"
            file.write_text(yaml.safe_dump(dict(program), sort_keys=False))
            self.goodword("program", "push", "--client", slug, str(file), "--publish", "--live-from", "2020-01-01")
        secret: str = self.json("key", "create", "--client", slug)["key"]
        self.accepts(secret)
        return secret

    def accepts(self, secret: str, within_s: float = 10.0) -> None:
        """Wait until the front door knows a key."""
        deadline = time.monotonic() + within_s
        with self.client(secret) as client:
            while client.post("/v1/events", content=b"").status_code == 401:
                assert time.monotonic() < deadline, "the key is not known"
                time.sleep(0.05)

    def assert_sound(self, slug: str) -> None:
        """Everything stored follows from the log, every cent balances, the proof holds: in this process, on the live database."""
        keyring = open_keyring(self.folder / "master.key", self.data, create=False, env_key="")
        with open_chain(self.urls().engine, keyring, "test") as chain:
            client_id = chain.client(slug).id
            replayed = replay(chain.conn, chain.vault, client_id, SHELVES)
            assert replayed.ok, replayed.differences[:3]
            ledger = verify_ledger(chain.conn, client_id)
            assert ledger.ok, ledger.faults[:3]
            keys = chain.keys(client_id)
            seal_all(chain.conn, client_id, keys)
            report = verify(chain.conn, client_id, keys.public_key)
            assert report.ok, report.sentence()

    def urls(self) -> Urls:
        """Its database."""
        return Cluster(DataFolder(self.data)).urls()

    def client(self, secret: str, **more: Any) -> httpx.Client:
        headers = {"authorization": f"Bearer {secret}"} if secret else {}
        return httpx.Client(base_url=self.address, headers=headers, timeout=30, **more)


@contextlib.contextmanager
def house_in(folder: Path, **env: str) -> Iterator[House]:
    """A house that serves for as long as the block lasts."""
    house = House(folder, env)
    house.start()
    try:
        yield house
    finally:
        house.stop()


def _processes() -> Iterator[tuple[int, str]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                status = (entry / "stat").read_text().rpartition(")")
                if status[2].split()[0] != "Z":
                    yield int(entry.name), status[0].partition("(")[2]
