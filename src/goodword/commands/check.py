"""What would leak or break here? The start-up checks, how each client's lane stands, and the gentler warnings, all at once."""

from __future__ import annotations

import argparse
import json
import stat
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from goodword import settings
from goodword.actions.checking import remark_as_data, remark_told, remarks_for, remarks_on
from goodword.actions.health import faults_of, line_of, look
from goodword.catalog.packs import PACKS
from goodword.catalog.reading import Lines
from goodword.commands import door
from goodword.commands.chain import opened_chain
from goodword.commands.decide import load_program
from goodword.commands.written import as_json, red
from goodword.core.checks import blocking, stale
from goodword.house import guard
from goodword.house.folder import DataFolder
from goodword.house.guard import Fault
from goodword.store.startup import leaks


def register(subparsers: Any) -> None:
    """check [--program FILE [--client SLUG]]"""
    parser = subparsers.add_parser(
        "check", help="what would leak or break; with --program, what law and sense say of it"
    )
    parser.add_argument("--program", type=Path, metavar="FILE.yaml", help="look at this document instead")
    parser.add_argument("--client", metavar="SLUG", help="with what is known of this client")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Tell every fault; answer 1 when one of them would keep `serve` from starting."""
    if getattr(args, "program", None):
        return run_program(args)
    faults = local_faults(DataFolder.from_settings())
    with door.opened() as urls:
        faults += [*guard.engine_faults(urls.engine), *_leaks(urls.app), *guard.long_transactions(urls.owner)]
        is_readable = not any(fault.is_fatal for fault in faults)
        lanes, now = look(urls.engine) if is_readable else [], datetime.now(UTC)
        faults += [fault for lane in lanes for fault in faults_of(lane, now)]
    if getattr(args, "json", False):
        print(json.dumps([asdict(fault) for fault in faults], indent=1))
        return _answer(faults)
    for lane in lanes:
        print(line_of(lane))
    for fault in faults:
        word = "REFUSED" if fault.is_fatal else "warning"
        print(red(f"{word}: {fault.what}\n         {fault.why}\n         {fault.repair}"))
    if not faults:
        print("Nothing found that would leak or break.")
    return _answer(faults)


def run_program(args: argparse.Namespace) -> int:
    """Tell what the packs say of a document; answer 1 when something blocks it."""
    document, terms = load_program(args.program)
    lines = Lines(args.program.read_text(encoding="utf-8"))
    if args.client:
        with opened_chain("program") as (chain, _):
            remarks = remarks_for(chain, chain.client(args.client), terms, document)
    else:
        remarks = remarks_on(terms, document)
    if getattr(args, "json", False):
        print(as_json([remark_as_data(one, lines) for one in remarks]))
        return 1 if blocking(remarks) else 0
    for one in remarks:
        line = f"{'BLOCKED' if one.severity == 'block' else 'warning'}: {remark_told(one, lines)}"
        print(red(line) if one.severity == "block" else line)
    for slug in stale(PACKS.values(), datetime.now(UTC).date()):
        print(f"warning: the rules of the pack {slug} were read more than a year ago; have somebody read them anew.")
    if not remarks:
        print("Law and sense have nothing to say. This is no legal advice.")
    return 1 if blocking(remarks) else 0


def _answer(faults: list[Fault]) -> int:
    return 1 if any(fault.is_fatal for fault in faults) else 0


def _leaks(app_url: str) -> list[Fault]:
    why = "Rows of one client could be seen by another, or would be slow to find."
    with psycopg.connect(app_url) as connection:
        return [Fault(leak.what, why, leak.repair) for leak in leaks(connection)]


def local_faults(folder: DataFolder) -> list[Fault]:
    """What this machine's folder, key and settings say."""
    faults = []
    if folder.root.exists() and folder.free_bytes() < settings.number("min_free_mb") * 2**20:
        faults.append(
            Fault(
                f"The disk of {folder.root} has {folder.free_bytes() // 2**20} MB left.",
                "New events are refused with 429 so that the database does not stop.",
                "Free some room, or lower GOODWORD_MIN_FREE_MB knowingly.",
                is_fatal=False,
            )
        )
    key_file = settings.path("key_file")
    if key_file.exists() and stat.S_IMODE(key_file.stat().st_mode) & 0o077:
        faults.append(
            Fault(
                f"Others on this machine can read the master key {key_file}.",
                "With it and a copy of the database every sealed field opens.",
                f"chmod 600 {key_file}",
            )
        )
    if settings.switch("debug"):
        faults.append(
            Fault(
                "GOODWORD_DEBUG is on.",
                "Error pages then show settings and the values at hand.",
                "Unset it on every machine that others reach.",
                is_fatal=False,
            )
        )
    return faults
