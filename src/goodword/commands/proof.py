"""Is the history the one that was signed? `proof verify` names what was altered; `proof export` gives outsiders all they need."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from goodword.actions.clients import HOUSE_SLUG
from goodword.actions.deeds import HOUSE
from goodword.actions.opening import Chain
from goodword.commands.chain import add_client_option, is_json, now_utc, opened_chain, verbs
from goodword.commands.written import as_json
from goodword.errors import BadInput
from goodword.store.sql.export import VERIFIER_NAME, export
from goodword.store.sql.seal import seal_all
from goodword.store.sql.verify import verify

EXIT_WRONG = 1
_TOLD = 50


def register(subparsers: Any) -> None:
    """proof export | verify"""
    actions = verbs(subparsers, "proof", "export and verify the proof log")
    verified = actions.add_parser("verify", help="recompute every leaf and check every signature")
    verified.add_argument(
        "--client", metavar="SLUG", help="only this client, or house (default: all clients and the house)"
    )
    verified.add_argument(
        "--held", type=Path, metavar="FILE", help="checkpoints that somebody else kept: finds a rewritten log too"
    )
    verified.set_defaults(run=run_verify)
    exported = actions.add_parser("export", help="leaves, checkpoints, the public key and a verifier for outsiders")
    add_client_option(exported)
    exported.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    exported.set_defaults(run=run_export)


def run_verify(args: argparse.Namespace) -> int:
    """Verify; 1 where a row was altered, dropped, inserted or swapped, each by name."""
    if args.held and not args.client:
        raise BadInput(
            "Whose checkpoints are these?", "Each client has a log of its own.", "Give --client with --held."
        )
    held = _notes(args.held) if args.held else []
    reports = {}
    with opened_chain("proof") as (chain, _):
        for slug in [args.client] if args.client else [*chain.slugs(), HOUSE_SLUG]:
            client_id = _log_of(chain, slug)
            reports[slug] = verify(chain.conn, client_id, chain.keys(client_id).public_key, held)
    is_ok = all(report.ok for report in reports.values())
    if is_json(args):
        print(as_json({slug: asdict(report) | {"ok": report.ok} for slug, report in reports.items()}))
        return 0 if is_ok else EXIT_WRONG
    for slug, report in reports.items():
        for fault in report.faults[:_TOLD]:
            print(f"{slug}: {fault}")
        print(f"{slug}: {report.sentence()}")
    return 0 if is_ok else EXIT_WRONG


def _log_of(chain: Chain, slug: str) -> str:
    """Each client has a log of its own, and the house one for acts that concern no single client or all."""
    return HOUSE if slug == HOUSE_SLUG else chain.client(slug).id


def _notes(path: Path) -> list[str]:
    """The signed notes of a checkpoints file: each ends with its signature lines and an empty line."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{path} cannot be read.", error.strerror or str(error), "Name a checkpoints.txt.") from None
    notes: list[str] = []
    body: list[str] = []
    for line in text.splitlines():
        if not line and body and body[-1].startswith("\N{EM DASH} "):
            notes.append("\n".join(body) + "\n")
            body = []
        else:
            body.append(line)
    return [*notes, "\n".join(body) + "\n"] if any(body) else notes


def run_export(args: argparse.Namespace) -> int:
    """Seal what waits, then write the folder."""
    with opened_chain("proof") as (chain, _):
        client_id = _log_of(chain, args.client)
        keys = chain.keys(client_id)
        seal_all(chain.conn, client_id, keys, now=now_utc())
        done = export(chain.conn, client_id, args.out, keys.public_key)
    if is_json(args):
        print(as_json({"folder": str(done.folder), "leaves": done.leaves, "checkpoints": done.checkpoints}))
    else:
        print(f"{done.leaves:,} leaves and {done.checkpoints:,} checkpoints are in {done.folder}.")
        print(f"Whoever has the folder checks it without Goodword: python {VERIFIER_NAME}")
    return 0
