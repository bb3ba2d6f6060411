"""How does one command bring up a whole installation? Lock, database, schema, then the front door and the worker."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import psycopg

from goodword import settings
from goodword.actions import backup_rounds, breached
from goodword.commands.door import external_urls
from goodword.commands.master_key import master_key
from goodword.commands.migrate import migrate
from goodword.commands.user import invite_first
from goodword.errors import Unsafe
from goodword.house import guard
from goodword.house.folder import DataFolder
from goodword.house.postgres import Cluster
from goodword.house.roles import Urls
from goodword.house.supervise import Child, Supervisor, require_free_port
from goodword.store.startup import check_isolation

_NEEDED_TO_START_BYTES = 256 * 1024 * 1024


def register(subparsers: Any) -> None:
    """serve [--host ADDRESS] [--port NUMBER]"""
    parser = subparsers.add_parser("serve", help="serve this installation: database, front door, worker")
    parser.add_argument("--host", help="the address to listen on (GOODWORD_HOST)")
    parser.add_argument("--port", help="the port to listen on (GOODWORD_PORT)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Serve until Ctrl-C, SIGTERM or `goodword stop`."""
    if args.host:
        os.environ["GOODWORD_HOST"] = args.host
    if args.port:
        os.environ["GOODWORD_PORT"] = args.port
    serve(
        prepare=invite_first,
        ready=lambda urls, address: print(f"Goodword is at {address}   (Ctrl-C stops it)", flush=True),
    )
    print("Stopped.", flush=True)
    return 0


def serve(
    *,
    prepare: Callable[[Urls], None] | None = None,
    ready: Callable[[Urls, str], None] | None = None,
    folder: DataFolder | None = None,
) -> None:
    """Serve until told to stop.

    `prepare` runs on the migrated database before anything listens, with the addresses in the environment; `ready` runs
    in a thread once the address answers.
    """
    folder = folder or DataFolder.from_settings()
    backup_rounds.planned()  # one that cannot be kept is refused before anything starts
    folder.prepare()
    folder.lock()
    try:
        with _terminating(), database(folder) as (urls, cluster):
            folder.secret_key()
            require_safe(urls)
            master_key(urls)
            if prepare is not None:
                prepare(urls)
            warn_of_breached_file()
            address = f"http://{_shown_host()}:{settings.number('port')}"
            require_free_port(settings.text("host"), settings.number("port"))
            supervisor = Supervisor(folder, children(folder, urls, cluster is not None), address, cluster)
            supervisor.run(None if ready is None else lambda: ready(urls, address))
    finally:
        folder.unlock()


@contextlib.contextmanager
def database(folder: DataFolder) -> Iterator[tuple[Urls, Cluster | None]]:
    """The migrated database of this installation, for as long as we serve."""
    external = external_urls()
    if external is not None:
        guard.require_version(external)
        migrate(external)
        os.environ.update(external.as_env())
        yield external, None
        return
    if folder.free_bytes() < _NEEDED_TO_START_BYTES:
        raise Unsafe(
            f"The disk of {folder.root} is full: {folder.free_bytes() // 2**20} MB left.",
            "A database that runs out of room stops in the middle of its work.",
            "Free some room, or move the data folder to a larger disk.",
        )
    cluster = Cluster(folder)
    try:
        urls = cluster.start()
        migrate(urls)
        os.environ.update(urls.as_env())
        yield urls, cluster
    finally:
        cluster.stop()


def require_safe(urls: Urls) -> None:
    """Refuse to serve where one client's rows could be seen by another, or where the chain could not write."""
    guard.require_engine(urls.engine)
    with psycopg.connect(urls.app) as connection:
        check_isolation(connection)


def warn_of_breached_file() -> None:
    """Say at start that a list which was asked for is not asked. People still have to get in, so nothing is refused."""
    if reason := breached.trouble():
        print(
            f"The file of breached passwords cannot be used: {reason}.\n"
            "Passwords from breaches are taken meanwhile; the page System says the same.\n"
            "Mend GOODWORD_BREACHED_PASSWORDS, or the file it names, and start again.",
            file=sys.stderr,
            flush=True,
        )


def children(folder: DataFolder, urls: Urls, is_embedded: bool) -> list[Child]:
    """The front door, the worker, and backups where they are planned. None gets the owner's address."""
    env = {
        **{name: value for name, value in os.environ.items() if name != "GOODWORD_OWNER_URL"},
        "GOODWORD_DATA": str(folder.root),
        "GOODWORD_DATABASE_URL": urls.app,
        "GOODWORD_ENGINE_URL": urls.engine,
        "DJANGO_SETTINGS_MODULE": "goodword.settings",
        "PYTHONUNBUFFERED": "1",
    }
    planned = is_embedded and bool(settings.text("backup_folder"))
    return [
        Child("web", [sys.executable, "-m", "goodword.house.transport", "goodword.asgi:application"], env),
        Child("worker", [sys.executable, "-m", "goodword.cli", "work"], env),
        *([Child("backups", [sys.executable, "-m", "goodword.cli", "backup", "--by-plan"], env)] if planned else []),
    ]


def _shown_host() -> str:
    host = settings.text("host")
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}
    return everywhere.get(host, f"[{host}]" if ":" in host else host)


@contextlib.contextmanager
def _terminating() -> Iterator[None]:
    """SIGTERM while starting ends as Ctrl-C does: through every `finally`."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
