"""How is the installation copied away? `backup` writes one sealed file of the running (or resting) database and reads it again."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import msgspec

from goodword.actions.backing_up import BackedUp, back_up, target_of
from goodword.actions.opening import open_chain
from goodword.commands import door
from goodword.commands.chain import is_json, now_utc
from goodword.commands.master_key import master_key
from goodword.commands.written import as_json
from goodword.errors import BadInput
from goodword.house.folder import DataFolder
from goodword.house.postgres import Cluster


def register(subparsers: Any) -> None:
    """backup [--to PLACE]"""
    parser = subparsers.add_parser("backup", help="one sealed file of everything but the master key")
    parser.add_argument(
        "--to", type=Path, default=Path(), metavar="PLACE", help="a folder, or the file itself (default: here)"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Back up; the server may go on serving meanwhile."""
    refuse_external("backup")
    folder, now = DataFolder.from_settings(), now_utc()
    target = target_of(args.to, folder, now)
    with door.opened() as urls:
        keyring = master_key(urls)
        with open_chain(urls.engine, keyring, "backup") as chain:
            done = back_up(Cluster(folder), chain, keyring, folder, target, now=now)
    print(as_json(msgspec.to_builtins(done)) if is_json(args) else _in_words(done, keyring.describe()))
    return 0


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
