"""What became of a payable reward? `reward sent`: it left the house."""

from __future__ import annotations

import argparse
from typing import Any

import msgspec

from goodword.actions.deeds import COMMAND_LINE
from goodword.actions.office import Standing, mark_sent
from goodword.commands.chain import add_client_option, is_json, now_utc, opened_chain, verbs
from goodword.commands.written import as_json, table


def register(subparsers: Any) -> None:
    """reward sent REWARD --client SLUG"""
    actions = verbs(subparsers, "reward", "say what became of payable rewards")
    sent = actions.add_parser("sent", help="a payable reward left the house; decided at once")
    sent.add_argument("reward", metavar="REWARD", help="its id (rwd_…), or the beginning of it")
    add_client_option(sent)
    sent.set_defaults(run=run_sent)


def run_sent(args: argparse.Namespace) -> int:
    """Append the act, have it decided, tell how the referral stands."""
    with opened_chain("reward") as (chain, _):
        standing = mark_sent(chain, chain.client(args.client), COMMAND_LINE, args.reward, at=now_utc())
    tell_standing(args, standing)
    return 0


def tell_standing(args: argparse.Namespace, standing: Standing) -> None:
    """A referral and its rewards after an act."""
    if is_json(args):
        print(as_json(msgspec.to_builtins(standing)))
        return
    print(f"{standing.referral} is {standing.state}.")
    print("\n".join(f"  {reason}" for reason in standing.reasons))
    if standing.rewards:
        print(table([tuple(reward.values()) for reward in standing.rewards]))
