"""How is a person forgotten from the command line? First what would go and what must stay; with --yes it is done for good."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from goodword import settings
from goodword.actions.deeds import COMMAND_LINE
from goodword.actions.erasing import Plan, erase, find_person, plan, replay
from goodword.commands.chain import is_json, now_utc, opened_chain, shown
from goodword.commands.written import as_json, table
from goodword.core.amounts import to_decimal
from goodword.errors import BadInput


def register(subparsers: Any) -> None:
    """erase --client SLUG --person ID [--waive TEXT] [--yes]   erase --replay"""
    parser = subparsers.add_parser("erase", help="forget a person, keep what the law keeps")
    parser.add_argument("--client", metavar="SLUG", help="the client, by its short name")
    parser.add_argument("--person", metavar="ID", help="the id that the client's systems gave the person")
    parser.add_argument("--email", help="or the e-mail address")
    parser.add_argument("--phone", help="or the phone")
    parser.add_argument(
        "--waive", metavar="TEXT", help="open rewards were given up: what was written, by whom and when"
    )
    parser.add_argument("--yes", action="store_true", help="do it; without this it is only shown")
    parser.add_argument("--replay", action="store_true", help="after a restore: forget again whoever is on the list")
    parser.set_defaults(run=run)


def erasure_list() -> Path:
    """The list of erasures: beside the master key, so that a restored database does not bring an older one back."""
    key_file = settings.path("key_file")
    return key_file.with_name(f"{key_file.name}.erasures")


def run(args: argparse.Namespace) -> int:
    """Show, erase or replay."""
    if args.replay:
        return _replay(args)
    if not args.client or not (args.person or args.email or args.phone):
        raise BadInput(
            "Who is to be forgotten?", "", "Give --client and one of --person, --email, --phone; or --replay."
        )
    now = now_utc()
    with opened_chain("erase") as (chain, _):
        client = chain.client(args.client)
        party = find_person(chain, client, id=args.person, email=args.email, phone=args.phone)
        if args.yes:
            found = erase(chain, client, COMMAND_LINE, party, erasure_list(), waived=args.waive, now=now)
        else:
            found = plan(chain, client, party, now=now)
    if is_json(args):
        print(as_json(_as_data(found) | {"erased": bool(args.yes)}))
        return 0
    print(_in_words(found))
    if args.yes:
        print(
            f"\nForgotten. The erasure is on the list {erasure_list()}; keep it with the key file, apart from backups."
        )
    else:
        print("\nNothing was done. Add --yes to do it; it cannot be undone.")
    return 0


def _replay(args: argparse.Namespace) -> int:
    now = now_utc()
    told = []
    with opened_chain("erase") as (chain, _):
        for slug in [args.client] if args.client else chain.slugs():
            done = replay(chain, chain.client(slug), erasure_list(), now=now)
            told.append({"client": slug, "listed": done.listed, "shredded": done.shredded, "records": done.records})
    if is_json(args):
        print(as_json(told))
    else:
        for line in told:
            print(
                f"{line['client']}: {line['listed']} on the list, {line['shredded']} were back and are forgotten again."
            )
    return 0


def _as_data(found: Plan) -> dict[str, Any]:
    return {
        "party": found.party,
        "fields": list(found.fields),
        "referrals": {"as_friend": found.as_friend, "as_advocate": found.as_advocate},
        "open": [
            {"amount": to_decimal(reward.amount_minor, reward.asset), "currency": reward.asset, "state": reward.state}
            for reward in found.open_rewards
        ],
        "points": [{"points": number, "unit": unit} for number, unit in found.points],
        "kept_by_law": [
            {"amount": to_decimal(reward.amount_minor, reward.asset), "currency": reward.asset, "state": reward.state}
            for reward in found.paid_rewards
        ],
        "kept_until": found.kept_until.isoformat() if found.kept_until else None,
    }


def _in_words(found: Plan) -> str:
    lines = [
        f"Shredded for good: {', '.join(found.fields) or 'no fields'}, attributes, devices, and the bodies of all events.",
        f"Stays, by bare ids: {found.as_friend} referrals as the friend, {found.as_advocate} as the advocate.",
    ]
    if found.paid_rewards:
        lines.append(
            f"Stays by law until {shown(found.kept_until)} (payee, amounts, dates), sealed under a key of its own:"
        )
        lines.append(
            table(
                [
                    (f"{to_decimal(r.amount_minor, r.asset)} {r.asset}", r.state, shown(r.state_at))
                    for r in found.paid_rewards
                ]
            )
        )
    if found.open_rewards:
        lines.append("Open, and in the way until paid, ended or waived in writing (--waive):")
        lines.append(
            table(
                [
                    (f"{to_decimal(r.amount_minor, r.asset)} {r.asset}", r.state, shown(r.due_at))
                    for r in found.open_rewards
                ]
            )
        )
    if found.points:
        lines.append("Points in the wallet, and in the way until spent, gone or given up in writing (--waive):")
        lines.append(table(list(found.points)))
    return "\n".join(lines)
