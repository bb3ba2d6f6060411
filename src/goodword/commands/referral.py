"""What does a person say about what screening holds? `referral review`: clear it or deny it."""

from __future__ import annotations

import argparse
from typing import Any

from goodword.actions.deeds import COMMAND_LINE
from goodword.actions.office import review
from goodword.commands.chain import add_client_option, now_utc, opened_chain, verbs
from goodword.commands.reward import tell_standing
from goodword.core.acts import REVIEW_WHYS


def register(subparsers: Any) -> None:
    """referral review REFERRAL --client SLUG --clear|--deny --why CODE"""
    actions = verbs(subparsers, "referral", "review what screening holds")
    reviewed = actions.add_parser("review", help="clear or deny a referral; decided at once")
    reviewed.add_argument("referral", metavar="REFERRAL", help="its id (ref_…), or the beginning of it")
    add_client_option(reviewed)
    either = reviewed.add_mutually_exclusive_group(required=True)
    either.add_argument("--clear", dest="verdict", action="store_const", const="clear", help="it is as it should be")
    either.add_argument("--deny", dest="verdict", action="store_const", const="deny", help="it earns nothing")
    reviewed.add_argument("--why", required=True, choices=REVIEW_WHYS)
    reviewed.add_argument("--note", metavar="TEXT", help="in your words; sealed, and no part of the decision")
    reviewed.set_defaults(run=run_review)


def run_review(args: argparse.Namespace) -> int:
    """Append the act, have it decided, tell how the referral stands."""
    with opened_chain("referral") as (chain, _):
        client = chain.client(args.client)
        standing = review(
            chain, client, COMMAND_LINE, args.referral, args.verdict, args.why, words=args.note, at=now_utc()
        )
    tell_standing(args, standing)
    return 0
