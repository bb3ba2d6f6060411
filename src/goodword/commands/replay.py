"""Do the stored decisions still follow from the log? `replay` decides everything anew and prints what differs."""

from __future__ import annotations

import argparse
from typing import Any

import msgspec

from goodword.catalog import SHELVES
from goodword.commands.chain import add_client_option, is_json, opened_chain
from goodword.commands.decide import moment_of
from goodword.commands.written import as_json
from goodword.store.recompute import replay

EXIT_DIFFERENT = 1
_TOLD = 50


def register(subparsers: Any) -> None:
    """replay --client SLUG [--since ISO]"""
    parser = subparsers.add_parser("replay", help="recompute stored decisions and compare")
    add_client_option(parser)
    parser.add_argument("--since", metavar="ISO", help="compare decisions from this business time on")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Compare; 1 where a decision comes out otherwise."""
    since = None if args.since is None else moment_of(args.since, "--since")
    with opened_chain("replay") as (chain, _):
        client = chain.client(args.client)
        report = replay(chain.conn, chain.vault, client.id, SHELVES, since=since)
    if is_json(args):
        print(as_json(msgspec.to_builtins(report) | {"ok": report.ok}))
        return 0 if report.ok else EXIT_DIFFERENT
    for difference in report.differences[:_TOLD]:
        print(
            f"decision {difference.seq} (event {difference.event or '-'}): stored {difference.stored}; now {difference.recomputed}"
        )
    if len(report.differences) > _TOLD:
        print(f"… and {len(report.differences) - _TOLD} more.")
    erased = f", {report.from_stored:,} about erased people taken as stored" if report.from_stored else ""
    said = "no difference" if report.ok else f"{len(report.differences):,} differences"
    print(f"{report.compared:,} of {report.decisions:,} decisions recomputed{erased}: {said}.")
    if report.differences and report.from_stored:
        print(
            "Some may follow from erased people: budgets, limits and stock that they shared with others are recomputed without"
            " what was known of them."
        )
    return 0 if report.ok else EXIT_DIFFERENT
