"""Which brands does this installation serve? `client add`, `client list`, `client clock`."""

from __future__ import annotations

import argparse
from typing import Any

import msgspec

from goodword.actions.clients import add_client, hold_clock, list_clients
from goodword.actions.deeds import COMMAND_LINE
from goodword.commands.chain import is_json, now_utc, opened_chain, shown, verbs
from goodword.commands.decide import moment_of
from goodword.commands.written import as_json, table


def register(subparsers: Any) -> None:
    """client add | list | clock"""
    actions = verbs(subparsers, "client", "the brands that this installation serves")
    added = actions.add_parser("add", help="a new client")
    added.add_argument("slug", metavar="SLUG", help="its short name in commands and addresses")
    added.add_argument("--name", required=True, help="its name for people")
    added.add_argument("--currency", default="EUR", help="the currency it thinks in (EUR)")
    added.add_argument("--timezone", default="UTC", help="the zone of its calendar (UTC)")
    added.add_argument("--prefix", default="", help="what its referral codes begin with (made from SLUG)")
    added.set_defaults(run=run_add)
    listed = actions.add_parser("list", help="all clients")
    listed.set_defaults(run=run_list)
    clock = actions.add_parser("clock", help="the business clock: look at it, hold it, let it run")
    clock.add_argument("slug", metavar="SLUG")
    clock.add_argument("to", nargs="?", metavar="live|ISO", help="live: with the world; a moment: held there")
    clock.set_defaults(run=run_clock)


def run_add(args: argparse.Namespace) -> int:
    """Add one."""
    with opened_chain("client") as (chain, _):
        row = add_client(
            chain,
            COMMAND_LINE,
            slug=args.slug,
            name=args.name,
            currency=args.currency,
            timezone=args.timezone,
            prefix=args.prefix,
            at=now_utc(),
        )
    print(as_json(msgspec.structs.asdict(row)) if is_json(args) else f"{row.name} is served as {row.slug}.")
    return 0


def run_list(args: argparse.Namespace) -> int:
    """List them."""
    with opened_chain("client") as (chain, _):
        rows = list_clients(chain.conn)
    if is_json(args):
        print(
            as_json(
                [
                    {**msgspec.structs.asdict(row), "clock": shown(clock), "held_at": shown(held)}
                    for row, clock, held in rows
                ]
            )
        )
    elif not rows:
        print("There is no client yet: goodword client add SLUG --name NAME")
    else:
        print(
            table([(row.slug, row.name, row.currency, row.timezone, _clock(clock, held)) for row, clock, held in rows])
        )
    return 0


def run_clock(args: argparse.Namespace) -> int:
    """Show, hold or free a clock."""
    with opened_chain("client") as (chain, _):
        client = chain.client(args.slug)
        if args.to is not None:
            held_at = None if args.to == "live" else moment_of(args.to, "client clock")
            hold_clock(chain, client, COMMAND_LINE, held_at, at=now_utc())
        clock, held = next((clock, held) for row, clock, held in list_clients(chain.conn) if row.id == client.id)
    if is_json(args):
        print(as_json({"client": client.slug, "clock": shown(clock), "held_at": shown(held)}))
    else:
        print(f"{client.slug}: {_clock(clock, held)}")
    return 0


def _clock(clock: Any, held: Any) -> str:
    if held is not None:
        return f"clock held at {shown(held)}"
    return f"live, last decided at {shown(clock)}" if clock else "live"
