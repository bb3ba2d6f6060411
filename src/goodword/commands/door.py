"""How does a command reach the database? The external one, the running one, or one started for as long as it works."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg

from goodword import settings
from goodword.commands.master_key import master_key
from goodword.commands.migrate import migrate
from goodword.errors import AlreadyRunning, BadInput, DatabaseTrouble
from goodword.house import guard
from goodword.house.folder import DataFolder
from goodword.house.postgres import Cluster
from goodword.house.roles import Urls

_OPENING_SECONDS = 60.0


@contextlib.contextmanager
def opened(*, django: bool = False, as_it_is: bool = False) -> Iterator[Urls]:
    """The database of this installation, with its addresses in the environment; Django set up on request.

    It is brought to this version's schema and has its master key, unless it is wanted `as_it_is`.
    """
    with _database(as_it_is) as urls:
        os.environ.update(urls.as_env())
        if not as_it_is:
            master_key(urls)
        if django:
            set_up_django()
        yield urls


def set_up_django() -> None:
    """Load Django as the app role; once a process, after the addresses are known."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goodword.settings")
    import django

    django.setup()


def external_urls() -> Urls | None:
    """The three addresses an operator set; None when the embedded database is meant."""
    given = {name: settings.text(name) for name in ("owner_url", "engine_url", "database_url")}
    if not any(given.values()):
        return None
    missing = sorted(f"GOODWORD_{name.upper()}" for name, url in given.items() if not url)
    if missing:
        raise BadInput(
            "An external PostgreSQL needs three addresses.",
            f"Not set: {', '.join(missing)}.",
            "Set all three (owner, engine, app), or none for the embedded one. `goodword db roles` prints the set-up.",
        )
    return Urls(owner=given["owner_url"], engine=given["engine_url"], app=given["database_url"])


@contextlib.contextmanager
def _database(as_it_is: bool) -> Iterator[Urls]:
    if external := external_urls():
        guard.require_version(external)
        yield external
        return
    folder = DataFolder.from_settings()
    if folder.is_locked():
        yield _running(folder)
        return
    folder.prepare()
    folder.lock()
    cluster = Cluster(folder)
    try:
        folder.write_state(
            {"pid": os.getpid(), "command": " ".join(sys.argv[1:3]), "started_at": datetime.now(UTC).isoformat()}
        )
        folder.secret_key()
        urls = cluster.start()
        if not as_it_is:
            migrate(urls)
        yield urls
    finally:
        cluster.stop()
        folder.unlock()


def _running(folder: DataFolder) -> Urls:
    """The addresses of the instance that serves the folder, once it answers."""
    state = folder.running_state()
    if "command" in state:
        raise AlreadyRunning(
            f"Another command works on {folder.root}: goodword {state['command']} (process {state.get('pid')}).",
            "It started the database for itself and will stop it when done.",
            "Wait for it, or run `goodword serve`: commands share a served database.",
        )
    urls = Cluster(folder).urls()
    deadline = time.monotonic() + _OPENING_SECONDS
    while True:
        try:
            psycopg.connect(urls.engine, connect_timeout=5).close()
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                raise DatabaseTrouble(
                    f"The database of {folder.root} does not answer.", str(error), "Look at `goodword status`."
                ) from error
            time.sleep(0.1)
        else:
            return urls
