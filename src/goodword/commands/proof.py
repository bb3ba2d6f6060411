"""Is the history the one that was signed? `proof verify` names what was altered; `proof export` gives outsiders all they need."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from goodword.actions.clients import HOUSE_SLUG
from goodword.actions.deeds import HOUSE
from goodword.actions.opening import Chain
from goodword.commands.chain import add_client_option, is_json, now_utc, opened_chain, verbs
from goodword.commands.written import as_json
from goodword.core.contest_draw import commitment_of, drawn
from goodword.errors import BadInput
from goodword.store.sql.export import VERIFIER_NAME, export
from goodword.store.sql.seal import seal_all
from goodword.store.sql.verify import verify

EXIT_WRONG = 1
_TOLD = 50


def register(subparsers: Any) -> None:
    """proof export | verify | draw"""
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
    drawn_again = actions.add_parser("draw", help="draw a contest's prizes again from its JSON file; needs no server")
    drawn_again.add_argument(
        "file", type=Path, metavar="CONTEST.json", help="the JSON file of a round that was awarded"
    )
    drawn_again.set_defaults(run=run_draw)


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


def run_draw(args: argparse.Namespace) -> int:
    """Draw again; 1 where the seed is not the one committed to, or somebody else would have won."""
    try:
        read = json.loads(args.file.read_text(encoding="utf-8"))
        told = read[0] if isinstance(read, list) else read
        seed, commitment, entrants, winners = (told[name] for name in ("seed", "commitment", "entrants", "winners"))
        label = str(told["id"])
    except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
        raise BadInput(
            f"{args.file} is not a contest's file.", str(error), "Take it from the contest's page."
        ) from None
    if not seed:
        raise BadInput("The seed is not revealed yet.", "", "Take the file again after the award.")
    faults = [] if commitment_of(seed) == commitment else ["the seed is not the one that was committed to"]
    prizes = {key for entrant in entrants for key in entrant.get("tickets", {})}
    for key in sorted(prizes):
        tickets = {entrant["id"]: int(entrant["tickets"].get(key, 0)) for entrant in entrants}
        won = [winner["id"] for winner in winners if winner["prize"] == key]
        others = {winner["id"] for winner in winners if winner["prize"] != key}
        for number, entrant in enumerate(drawn(seed, f"{label}:{key}", tickets), 1):
            if not won:
                break
            if entrant == won[0]:
                won.pop(0)
                print(f"{key}, draw {number}: {entrant} wins")
            else:
                why = "won a place already" if entrant in others else "passed over: lives with somebody who won"
                print(f"{key}, draw {number}: {entrant} {why}")
        faults += [f"{key}: {entrant} was not drawn in this order" for entrant in won]
    for fault in faults:
        print(fault)
    print("The draw is as it was committed to." if not faults else "The draw is NOT as it was committed to.")
    return EXIT_WRONG if faults else 0


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
