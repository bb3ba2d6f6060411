"""What runs while Goodword serves, and what happens when a part of it falls over or all of it is to stop?"""

from __future__ import annotations

import contextlib
import errno
import http.client
import logging
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from goodword import __version__
from goodword.errors import DatabaseTrouble, GoodwordError, NotRunning
from goodword.house import processes
from goodword.house.folder import DataFolder
from goodword.house.postgres import Cluster

log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.1
_READY_SECONDS = 60.0
_HEALTHY_SECONDS = 30.0  # a child that lived this long starts again without delay
_LONGEST_DELAY_SECONDS = 10.0
_DATABASE_DELAY_SECONDS = 2.0
_FALLS_BEFORE_READY = 4
_LOG_KEPT_BYTES = 16 * 1024 * 1024


@dataclass
class Child:
    """A process that is to run for as long as we serve, and to be started again when it falls."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    stop_seconds: float = 20.0
    falls: int = 0
    started_at: float = 0.0
    due_at: float = 0.0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self, log_folder: Path) -> None:
        with (log_folder / f"{self.name}.log").open("ab") as output:
            self.process = processes.spawn(self.argv, death_signal=signal.SIGKILL, env=self.env, output=output)
        self.started_at = time.monotonic()

    def look(self, log_folder: Path) -> bool:
        """Start it again if it fell and its delay is over; True when something changed."""
        now = time.monotonic()
        if self.process is None:
            if now < self.due_at:
                return False
            self.start(log_folder)
            return True
        if self.process.poll() is None:
            return False
        self.falls = 1 if now - self.started_at > _HEALTHY_SECONDS else self.falls + 1
        self.due_at = now + min(0.1 * 2**self.falls, _LONGEST_DELAY_SECONDS)
        log.warning("%s (process %s) fell, code %s; starting it again", self.name, self.process.pid, self.process.poll())
        self.process = None
        return True

    def stop(self) -> None:
        """SIGTERM and its seconds: the web process flushes what it took in, the worker ends its batch."""
        if self.process is not None:
            processes.stop(self.process, [(signal.SIGTERM, self.stop_seconds)])
            self.process = None


class Supervisor:
    """Keeps the children and the embedded PostgreSQL running until told to stop. The caller holds the folder's lock."""

    def __init__(
        self, folder: DataFolder, children: Sequence[Child], address: str, cluster: Cluster | None = None
    ) -> None:
        self.folder = folder
        self.children = list(children)
        self.address = address
        self.cluster = cluster
        self.stopping = threading.Event()
        self._started_at = datetime.now(UTC).isoformat(timespec="seconds")
        self._is_ready = False
        self._database_falls = 0
        self._database_due_at = 0.0

    def run(self, ready: Callable[[], None] | None = None) -> None:
        """Start everything, call `ready` once the address answers, watch until SIGINT or SIGTERM, stop everything."""
        with self._signals():
            try:
                self._publish("starting")
                for child in self.children:
                    child.start(self.folder.log)
                deadline = time.monotonic() + _READY_SECONDS
                while not self.stopping.wait(_LOOK_SECONDS):
                    changed = self._look()
                    if not self._is_ready:
                        self._become_ready(deadline, ready)
                    elif changed:
                        self._publish("running")
            finally:
                self.stop()

    def stop(self) -> None:
        """Front door first, so that its queue reaches the database, then the worker; PostgreSQL is the caller's."""
        self._publish("stopping")
        for child in self.children:
            child.stop()

    # ---- details

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        """Ctrl-C, `stop` and a service manager all mean the same; other threads than the main one cannot listen."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
        for number in before:
            signal.signal(number, lambda *_: self.stopping.set())
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _look(self) -> bool:
        changed = False
        if self.cluster is not None and not self.cluster.is_alive() and time.monotonic() >= self._database_due_at:
            self._database_falls += 1
            log.warning("PostgreSQL fell; starting it again")
            self._database_due_at = time.monotonic() + _DATABASE_DELAY_SECONDS
            with contextlib.suppress(DatabaseTrouble):  # said in its log; tried again when due
                self.cluster.start()
            changed = True
        for child in self.children:
            changed |= child.look(self.folder.log)
            _trim(self.folder.log / f"{child.name}.log")
        return changed

    def _become_ready(self, deadline: float, ready: Callable[[], None] | None) -> None:
        fallen = next((child for child in self.children if child.falls >= _FALLS_BEFORE_READY), None)
        if fallen is not None or time.monotonic() > deadline:
            name = (fallen or self.children[0]).name
            raise GoodwordError(
                f"Goodword does not come up: {name} {'keeps falling' if fallen else 'does not answer'}.",
                log_tail(self.folder.log / f"{name}.log"),
                f"The whole log is {self.folder.log / f'{name}.log'}.",
            )
        if health(self.address) is None:
            return
        self._is_ready = True
        self._publish("running")
        if ready is not None:
            # In a thread: whatever it does (a demo world takes a while), we keep watching.
            threading.Thread(target=ready, name="ready", daemon=True).start()

    def _publish(self, state: str) -> None:
        children: dict[str, Any] = {
            child.name: {"pid": child.process.pid if child.process else None, "falls": child.falls}
            for child in self.children
        }
        if self.cluster is not None:
            children["postgres"] = {"pid": self.cluster.pid, "falls": self._database_falls}
        # A full disk must not keep us from stopping.
        with contextlib.suppress(OSError):
            self.folder.write_state(
                {
                    "pid": os.getpid(),
                    "address": self.address,
                    "state": state,
                    "version": __version__,
                    "started_at": self._started_at,
                    "children": children,
                }
            )


def health(address: str, timeout_seconds: float = 2.0) -> int | None:
    """The status of /healthz; None while nobody answers."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=timeout_seconds)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def require_free_port(host: str, port: int) -> None:
    """Say it before anything is started: the web server would share the port and get half of its requests."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            raise GoodwordError(
                f"Goodword cannot listen on {host}:{port}.",
                "Another program listens there." if taken else str(error),
                f"Choose another port: GOODWORD_PORT={port + 1} (with make: PORT={port + 1}).",
            ) from None


def stop_running(folder: DataFolder, timeout_seconds: float = 90.0) -> int:
    """End the instance that serves the folder and wait until it let go; its process id."""
    pid = int(folder.require_running().get("pid") or 0)
    if pid <= 0:
        raise NotRunning(
            f"The folder {folder.root} is in use, but its state file does not say by whom.",
            f"{folder.serve_file} is missing or damaged.",
            "Find the process with `ps` and end it with SIGTERM.",
        )
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + timeout_seconds
    while folder.is_locked():
        if time.monotonic() > deadline:
            raise GoodwordError(
                f"Process {pid} has not stopped within {timeout_seconds:.0f} seconds.",
                "It was asked to and may still be writing.",
                "Wait, or look at its logs in " + str(folder.log) + ".",
            )
        time.sleep(0.1)
    return pid


def log_tail(path: Path, lines: int = 12) -> str:
    """The last lines of a log, for an error message."""
    try:
        return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


def _trim(path: Path) -> None:
    """Keep one predecessor of a log; the child goes on writing at the end of the same file."""
    with contextlib.suppress(OSError):
        if path.stat().st_size > _LOG_KEPT_BYTES:
            path.with_suffix(".log.1").write_bytes(path.read_bytes())
            os.truncate(path, 0)
