"""How is the installation copied away? `backup` writes one sealed file of the running (or resting) database and reads it again."""

from __future__ import annotations

import argparse
import logging
import signal
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import psycopg

from goodword import settings
from goodword.actions.backing_up import BackedUp, back_up, target_of
from goodword.actions.backup_plan import Plan
from goodword.actions.backup_rounds import make_round, next_at, planned
from goodword.actions.opening import open_chain
from goodword.commands import door
from goodword.commands.chain import is_json, now_utc
from goodword.commands.master_key import master_key
from goodword.commands.written import as_json
from goodword.errors import BadInput, DatabaseTrouble
from goodword.house.folder import DataFolder
from goodword.house.postgres import Cluster
from goodword.house.roles import Urls
from goodword.store.sql.keyring import Keyring

_LONGEST_WAIT_SECONDS = 60.0  # the machine's clock may be set, and a laptop may sleep

log = logging.getLogger("goodword.backups")


def register(subparsers: Any) -> None:
    """backup [--to PLACE | --by-plan]"""
    parser = subparsers.add_parser("backup", help="one sealed file of everything but the master key")
    parser.add_argument(
        "--to", type=Path, default=Path(), metavar="PLACE", help="a folder, or the file itself (default: here)"
    )
    parser.add_argument("--by-plan", action="store_true", help="what `serve` starts where GOODWORD_BACKUP_FOLDER is set")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Back up; the server may go on serving meanwhile."""
    if args.by_plan:
        return run_by_plan()
    refuse_external("backup")
    folder, now = DataFolder.from_settings(), now_utc()
    target = target_of(args.to, folder, now)
    with door.opened() as urls:
        keyring = master_key(urls)
        done = _take(urls, keyring, folder, target, now)
    print(as_json(msgspec.to_builtins(done)) if is_json(args) else _in_words(done, keyring.describe()))
    return 0


def run_by_plan() -> int:
    """Back up whenever it is due, until told to stop; a backup at hand is given up then, and nothing of it stays."""
    logging.basicConfig(
        level=settings.text("log_level").upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    plan = planned()
    if plan is None:
        raise BadInput(
            "No plan for backups is set.", "GOODWORD_BACKUP_FOLDER is empty.", "Set it, then: goodword serve"
        )
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        _keep_to(*plan, DataFolder.from_settings())
    except KeyboardInterrupt:
        log.info("told to stop")
    return 0


def _keep_to(goal: Path, plan: Plan, folder: DataFolder) -> None:
    patience = threading.Event()

    def take(target: Path, now: datetime) -> BackedUp:
        urls = Cluster(folder).urls()
        return _take(urls, master_key(urls), folder, target, now)

    while True:
        wait_s = (next_at(folder, plan, now_utc()) - now_utc()).total_seconds()
        if wait_s > 0:
            patience.wait(min(wait_s, _LONGEST_WAIT_SECONDS))
            continue
        rounds = make_round(folder, goal, plan, take, now_utc())
        if rounds.failure is None:
            log.info("backed up to %s; %d are kept", rounds.taken[-1].path, len(rounds.taken))
        else:
            log.error("%s %s %s", rounds.failure.what, rounds.failure.why, rounds.failure.repair)


def _take(urls: Urls, keyring: Keyring, folder: DataFolder, target: Path, now: datetime) -> BackedUp:
    try:
        with open_chain(urls.engine, keyring, "backup") as chain:
            return back_up(Cluster(folder), chain, keyring, folder, target, now=now)
    except psycopg.OperationalError as error:
        raise DatabaseTrouble(
            "The database went away while it was copied.", type(error).__name__, "Look at `goodword status`."
        ) from error


def refuse_external(what: str) -> None:
    """An external server is its administrator's to copy: say with what, and with what not."""
    if door.external_urls() is None:
        return
    command = {
        "backup": "pg_basebackup --wal-method=stream --checkpoint=fast --pgdata=FOLDER --host=HOST --username=ADMIN",
        "restore": "restore the physical copy with PostgreSQL's own tools, then: goodword erase --replay",
    }[what]
    raise BadInput(
        f"This installation uses an external PostgreSQL, so `{what}` has nothing to copy.",
        "Its copies have to be physical: a dump of rows (pg_dump) starts transaction numbers anew, and the log is read by them.",
        f"Use: {command}",
    )


def _in_words(done: BackedUp, keys: str) -> str:
    return (
        f"{done.path}: {done.bytes / 2**20:,.1f} MB, {done.files:,} files of the database; written, read again and found whole.\n"
        f"SHA-256 {done.sha256}\n"
        f"It opens with {keys} only. Keep a copy of that, and of the list of erasures beside it, apart from the backups."
    )
