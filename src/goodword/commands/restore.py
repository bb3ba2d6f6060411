"""How does an installation come back? `restore FILE` into an empty folder: unpacked, erasures replayed, all of it verified."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

import msgspec

from goodword import settings
from goodword.actions.backing_up import Manifest, NotWhole, opened
from goodword.actions.opening import open_chain
from goodword.actions.restoring import Looked, keep, look_over
from goodword.commands.backup import refuse_external
from goodword.commands.chain import is_json, now_utc, shown
from goodword.commands.erase import erasure_list
from goodword.commands.migrate import migrate
from goodword.commands.written import as_json, table
from goodword.errors import BadInput
from goodword.house.folder import DataFolder
from goodword.house.physical import require_empty, unpacked
from goodword.house.postgres import Cluster
from goodword.store.sql.keyring import Keyring, open_keyring

_TOLD = 20


def register(subparsers: Any) -> None:
    """restore FILE --data DIR"""
    parser = subparsers.add_parser("restore", help="bring a backup back into an empty data folder")
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Restore, forget again, verify; what is not what was backed up is put aside and never served."""
    refuse_external("restore")
    folder = DataFolder.from_settings()
    require_empty(folder)
    keyring = open_keyring(settings.path("key_file"), folder.root, create=False, env_key=settings.text("master_key"))
    if not erasure_list().exists():
        print(
            f"There is no list of erasures at {erasure_list()}. If anybody was forgotten since the backup, put the list"
            " there and run `goodword erase --replay` before you serve.",
            file=sys.stderr,
        )
    try:
        file = args.file.open("rb")
    except OSError as error:
        raise BadInput(
            f"{args.file} cannot be read.", error.strerror or "", "Name a file that `backup` wrote."
        ) from None
    with file:
        reader, manifest = opened(file, args.file, keyring)
        folder.prepare()
        folder.lock()
        try:
            with unpacked(folder, reader, manifest.private) as sums:
                if faults := sums.faults():
                    raise NotWhole(f"{args.file} is not whole: {faults[0]}.", "", "Use another backup.")
            looked = _looked_over(folder, keyring, manifest, args.file.name)
        finally:
            folder.unlock()
    print(as_json([msgspec.to_builtins(one) for one in looked]) if is_json(args) else _in_words(manifest, looked))
    return 0


def _looked_over(folder: DataFolder, keyring: Keyring, manifest: Manifest, name: str) -> list[Looked]:
    cluster, now = Cluster(folder), now_utc()
    try:
        urls = cluster.start()
        os.environ.update(urls.as_env())
        migrate(urls)
        with open_chain(urls.engine, keyring, "restore") as chain:
            looked = look_over(chain, manifest.heads, erasure_list(), now=now)
            faults = [f"{one.slug}: {fault}" for one in looked for fault in one.faults]
            if not faults:
                keep(chain, name, now=now)
    finally:
        cluster.stop()
        for name_of in ("GOODWORD_OWNER_URL", "GOODWORD_ENGINE_URL", "GOODWORD_DATABASE_URL"):
            os.environ.pop(name_of, None)
    if faults:
        aside = folder.postgres.with_name("postgres.refused")
        folder.postgres.rename(aside)
        raise NotWhole(
            f"What was restored is not what was backed up: {len(faults)} faults.",
            "\n".join(faults[:_TOLD]),
            f"It lies in {aside} and is not served. Use another backup.",
        )
    return looked


def _in_words(manifest: Manifest, looked: list[Looked]) -> str:
    rows = [("", "leaves", "entries", "forgotten again")]
    rows += [(one.slug, f"{one.leaves:,}", f"{one.entries:,}", f"{one.forgotten:,}") for one in looked]
    return (
        f"Restored as of {shown(manifest.taken_at)}. Every ledger balances, and every log is the one that was signed.\n"
        f"{table(rows)}\n`goodword serve` opens it."
    )
