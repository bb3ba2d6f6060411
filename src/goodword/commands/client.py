"""Which brands does this installation serve? `client add`, `client set`, `client list`, `client clock`."""

from __future__ import annotations

import argparse
from typing import Any

import msgspec

from goodword.actions.clients import add_client, change_served, hold_clock, list_clients
from goodword.actions.deeds import COMMAND_LINE
from goodword.actions.opening import ClientRow
from goodword.commands.chain import is_json, now_utc, opened_chain, shown, verbs
from goodword.commands.decide import moment_of
from goodword.commands.written import as_json, table
from goodword.core.served import SECTORS, Served, Unknown, read_served
from goodword.errors import BadInput
from goodword.store.reads import circumstances

_FACTS = ("sector", "places", "languages")
_NAMES = {
    "sector": ("no sector whose rules are known", f"There are: {', '.join(SECTORS)}."),
    "places": ("no country or state", "Write countries with two letters, states behind a hyphen: DE,AT,US-NY."),
    "languages": ("no language", "Write languages with two letters: en,de."),
}


def register(subparsers: Any) -> None:
    """client add | set | list | clock"""
    actions = verbs(subparsers, "client", "the brands that this installation serves")
    added = actions.add_parser("add", help="a new client")
    added.add_argument("slug", metavar="SLUG", help="its short name in commands and addresses")
    added.add_argument("--name", required=True, help="its name for people")
    added.add_argument("--currency", default="EUR", help="the currency it thinks in (EUR)")
    added.add_argument("--timezone", default="UTC", help="the zone of its calendar (UTC)")
    added.add_argument("--prefix", default="", help="what its referral codes begin with (made from SLUG)")
    _facts(added)
    added.set_defaults(run=run_add)
    changed = actions.add_parser("set", help="of which sector it is, where it serves and in which languages")
    changed.add_argument("slug", metavar="SLUG")
    _facts(changed)
    changed.set_defaults(run=run_set)
    listed = actions.add_parser("list", help="all clients")
    listed.set_defaults(run=run_list)
    clock = actions.add_parser("clock", help="the business clock: look at it, hold it, let it run")
    clock.add_argument("slug", metavar="SLUG")
    clock.add_argument("to", nargs="?", metavar="live|ISO", help="live: with the world; a moment: held there")
    clock.set_defaults(run=run_clock)


def _facts(parser: argparse.ArgumentParser) -> None:
    """What laws and texts are looked up by, where a program's document does not say it itself."""
    parser.add_argument("--sector", metavar="SECTOR", help=f"whose laws are looked at: {', '.join(SECTORS)}")
    parser.add_argument(
        "--places", metavar="CODES", help='where it serves, countries or states of one: DE,AT,US-NY; "" for unknown'
    )
    parser.add_argument("--languages", metavar="CODES", help='in which its people are spoken to: en,de; "" for unknown')


def run_add(args: argparse.Namespace) -> int:
    """Add one."""
    served = _read(*(getattr(args, name) or "" for name in _FACTS))
    with opened_chain("client") as (chain, _):
        row = add_client(
            chain,
            COMMAND_LINE,
            slug=args.slug,
            name=args.name,
            currency=args.currency,
            timezone=args.timezone,
            prefix=args.prefix,
            served=served,
            at=now_utc(),
        )
    told = msgspec.structs.asdict(row) | msgspec.structs.asdict(served)
    print(as_json(told) if is_json(args) else f"{row.name} is served as {row.slug}.")
    return 0


def run_set(args: argparse.Namespace) -> int:
    """Change what is given; the rest stays."""
    given = {name: value for name in _FACTS if (value := getattr(args, name)) is not None}
    if not given:
        raise BadInput("Nothing is to be set.", "", "Give --sector, --places or --languages.")
    with opened_chain("client") as (chain, _):
        client = chain.client(args.slug)
        before = circumstances.served(chain.conn, client.id)
        kept = {"sector": before.sector, "places": ",".join(before.places), "languages": ",".join(before.languages)}
        after = _read(**(kept | given))
        is_new = change_served(chain, client, COMMAND_LINE, after, at=now_utc())
    if is_json(args):
        print(as_json({"client": client.slug, "changed": is_new, **msgspec.structs.asdict(after)}))
    else:
        print(f"{client.slug}: {_told(after)}{'' if is_new else ' (as before)'}")
    return 0


def _read(sector: str, places: str, languages: str) -> Served:
    found = read_served(sector, places, languages)
    if isinstance(found, Served):
        return found
    first = found[0].field
    why = "By it the laws and texts of the client's programs are looked up; nothing was changed."
    repairs = dict.fromkeys(_NAMES[one.field][1] for one in found)
    meant = (f"For {one.written} write {one.meant}." for one in found if one.meant)
    raise BadInput(_wrong(found), why, " ".join((*repairs, *meant)), first)


def _wrong(found: list[Unknown]) -> str:
    return " ".join(f"{one.written!r} is {_NAMES[one.field][0]}." for one in found)


def _told(one: Served) -> str:
    """Whom it serves, in a line; what nobody said is told as such."""
    parts = (one.sector, ", ".join(one.places), ", ".join(one.languages))
    return "; ".join(f"{name} {value or 'not said'}" for name, value in zip(_FACTS, parts, strict=True))


def run_list(args: argparse.Namespace) -> int:
    """List them."""
    with opened_chain("client") as (chain, _):
        rows = list_clients(chain.conn)
    if is_json(args):
        print(
            as_json(
                [
                    {
                        **msgspec.structs.asdict(one.row),
                        **msgspec.structs.asdict(one.served),
                        "clock": shown(one.clock),
                        "held_at": shown(one.held_at),
                    }
                    for one in rows
                ]
            )
        )
    elif not rows:
        print("There is no client yet: goodword client add SLUG --name NAME")
    else:
        print(table([(*_columns(row), *_marks(served), _clock(clock, held)) for row, served, clock, held in rows]))
    return 0


def run_clock(args: argparse.Namespace) -> int:
    """Show, hold or free a clock."""
    with opened_chain("client") as (chain, _):
        client = chain.client(args.slug)
        if args.to is not None:
            held_at = None if args.to == "live" else moment_of(args.to, "client clock")
            hold_clock(chain, client, COMMAND_LINE, held_at, at=now_utc())
        clock, held = next(one[2:] for one in list_clients(chain.conn) if one.row.id == client.id)
    if is_json(args):
        print(as_json({"client": client.slug, "clock": shown(clock), "held_at": shown(held)}))
    else:
        print(f"{client.slug}: {_clock(clock, held)}")
    return 0


def _columns(row: ClientRow) -> tuple[str, ...]:
    return row.slug, row.name, row.currency, row.timezone


def _marks(one: Served) -> tuple[str, ...]:
    return one.sector or "-", ",".join(one.places) or "-", ",".join(one.languages) or "-"


def _clock(clock: Any, held: Any) -> str:
    if held is not None:
        return f"clock held at {shown(held)}"
    return f"live, last decided at {shown(clock)}" if clock else "live"
