"""What does a client promise? `program push` and `pull`, `list` and `diff`: programs as YAML documents."""

from __future__ import annotations

import argparse
import difflib
import sys
from pathlib import Path
from typing import Any

import msgspec
import yaml

from goodword.actions.deeds import COMMAND_LINE
from goodword.actions.programs import publish, push, version, versions
from goodword.commands.chain import add_client_option, is_json, now_utc, opened_chain, shown, verbs
from goodword.commands.decide import load_program, moment_of
from goodword.commands.written import as_json, table, whole_file
from goodword.errors import BadInput

EXIT_DIFFERENT = 1


def register(subparsers: Any) -> None:
    """program push | pull | list | diff"""
    actions = verbs(subparsers, "program", "programs as YAML documents")
    pushed = actions.add_parser("push", help="keep a document as the next version")
    add_client_option(pushed)
    pushed.add_argument("file", type=Path, metavar="FILE.yaml")
    pushed.add_argument("--publish", action="store_true", help="and put it live")
    pushed.add_argument(
        "--live-from", metavar="ISO", help="from this moment on (default: now); past ones while nothing was decided"
    )
    pushed.set_defaults(run=run_push)
    pulled = actions.add_parser("pull", help="the document of a program")
    add_client_option(pulled)
    pulled.add_argument("program", metavar="PROGRAM")
    pulled.add_argument("--version", type=int, dest="number", metavar="N", help="this version (default: the latest)")
    pulled.add_argument("--out", type=Path, default=Path("-"), metavar="FILE.yaml")
    pulled.set_defaults(run=run_pull)
    listed = actions.add_parser("list", help="programs and their versions")
    add_client_option(listed)
    listed.set_defaults(run=run_list)
    differs = actions.add_parser("diff", help="what a document would change")
    add_client_option(differs)
    differs.add_argument("file", type=Path, metavar="FILE.yaml")
    differs.set_defaults(run=run_diff)


def run_push(args: argparse.Namespace) -> int:
    """Keep, and on request publish."""
    if args.live_from and not args.publish:
        raise BadInput(
            "--live-from says when a version goes live.", "Nothing is published without --publish.", "Add --publish."
        )
    document, terms = load_program(args.file)
    live_from = None
    if args.live_from:
        live_from = moment_of(
            f"{args.live_from}T00:00:00+00:00" if len(args.live_from) == 10 else args.live_from, "--live-from"
        )
    with opened_chain("program") as (chain, _):
        client, now = chain.client(args.client), now_utc()
        pushed, is_new = push(chain, client, COMMAND_LINE, document, terms, at=now)
        if args.publish and pushed.state != "live":
            publish(chain, client, COMMAND_LINE, pushed, live_from, at=now)
        after = version(chain.conn, client, pushed.slug, pushed.number)
    if is_json(args):
        print(
            as_json(
                {
                    "program": after.slug,
                    "version": after.number,
                    "state": after.state,
                    "live_from": shown(after.live_from),
                }
            )
        )
        return 0
    said = "is kept" if is_new else "was kept before and says the same"
    live = f" It is live from {shown(after.live_from)}." if after.state == "live" else ""
    print(f"Version {after.number} of {after.slug} {said}.{live}")
    return 0


def run_pull(args: argparse.Namespace) -> int:
    """Write the document."""
    with opened_chain("program") as (chain, _):
        found = version(chain.conn, chain.client(args.client), args.program, args.number)
    with whole_file(args.out) as out:
        if out is not None:
            out.write(found.as_yaml().encode())
    return 0


def run_list(args: argparse.Namespace) -> int:
    """List."""
    with opened_chain("program") as (chain, _):
        rows = versions(chain.conn, chain.client(args.client).id)
    if is_json(args):
        told = [
            {**msgspec.structs.asdict(row), "live_from": shown(row.live_from), "live_until": shown(row.live_until)}
            for row in rows
        ]
        print(as_json([{key: value for key, value in row.items() if key != "document"} for row in told]))
    elif not rows:
        print("There is no program yet: goodword program push --client SLUG FILE.yaml --publish")
    else:
        print(table([(row.slug, row.number, row.state, shown(row.live_from), shown(row.live_until)) for row in rows]))
    return 0


def run_diff(args: argparse.Namespace) -> int:
    """Compare as the terms read both; 1 where they differ."""
    document, terms = load_program(args.file)
    with opened_chain("program") as (chain, _):
        known = version(chain.conn, chain.client(args.client), terms.program)
    if known.terms_hash == terms.hash:
        print(f"{args.file} says the same as version {known.number}.")
        return 0
    ours = yaml.safe_dump(msgspec.to_builtins(document), sort_keys=False, allow_unicode=True, width=120)
    lines = difflib.unified_diff(
        known.as_yaml().splitlines(keepends=True),
        ours.splitlines(keepends=True),
        f"version {known.number}",
        str(args.file),
    )
    sys.stdout.writelines(lines)
    return EXIT_DIFFERENT
