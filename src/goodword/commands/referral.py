"""What does a person say about a referral? `referral review`: clear or deny what is held; `referral extend`: let it lapse later."""

from __future__ import annotations

import argparse
from typing import Any

from goodword.actions.deeds import COMMAND_LINE
from goodword.actions.office import extend, review
from goodword.commands.chain import add_client_option, now_utc, opened_chain, verbs
from goodword.commands.reward import tell_standing
from goodword.core.acts import REVIEW_WHYS


def register(subparsers: Any) -> None:
    """referral review REFERRAL --client SLUG --clear|--deny --why CODE; referral extend REFERRAL --client SLUG --days N"""
    actions = verbs(subparsers, "referral", "review what screening holds, let a referral lapse later")
    reviewed = actions.add_parser("review", help="clear or deny a referral; decided at once")
    reviewed.add_argument("referral", metavar="REFERRAL", help="its id (ref_…), or the beginning of it")
    add_client_option(reviewed)
    either = reviewed.add_mutually_exclusive_group(required=True)
    either.add_argument("--clear", dest="verdict", action="store_const", const="clear", help="it is as it should be")
    either.add_argument("--deny", dest="verdict", action="store_const", const="deny", help="it earns nothing")
    reviewed.add_argument("--why", required=True, choices=REVIEW_WHYS)
    reviewed.add_argument("--note", metavar="TEXT", help="in your words; sealed, and no part of the decision")
    reviewed.set_defaults(run=run_review)
    extended = actions.add_parser("extend", help="let a referral without progress lapse so many days later")
    extended.add_argument("referral", metavar="REFERRAL", help="its id (ref_…), or the beginning of it")
    add_client_option(extended)
    extended.add_argument("--days", type=int, required=True, help="by how many days")
    extended.set_defaults(run=run_extend)


def run_review(args: argparse.Namespace) -> int:
    """Append the act, have it decided, tell how the referral stands."""
    with opened_chain("referral") as (chain, _):
        client = chain.client(args.client)
        standing = review(
            chain, client, COMMAND_LINE, args.referral, args.verdict, args.why, words=args.note, at=now_utc()
        )
    tell_standing(args, standing)
    return 0


def run_extend(args: argparse.Namespace) -> int:
    """Append the act, have it decided, tell how the referral stands."""
    with opened_chain("referral") as (chain, _):
        standing = extend(chain, chain.client(args.client), COMMAND_LINE, args.referral, args.days, at=now_utc())
    tell_standing(args, standing)
    return 0
