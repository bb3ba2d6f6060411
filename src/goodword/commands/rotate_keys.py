"""How do keys change? `rotate-keys` makes a new master key; with --client, a new key of that client for the keys of its people."""

from __future__ import annotations

import argparse
from typing import Any

import msgspec

from goodword.actions.deeds import COMMAND_LINE
from goodword.actions.rotating import PeopleRotated, Rotated, drop_older, rotate_master, rotate_people
from goodword.commands.chain import Bar, is_json, now_utc, opened_chain
from goodword.commands.written import as_json
from goodword.errors import BadInput

EXIT_SOME_LEFT = 1


def register(subparsers: Any) -> None:
    """rotate-keys [--client SLUG | --drop KEY]"""
    parser = subparsers.add_parser("rotate-keys", help="new keys that wrap the old ones, while everything goes on")
    parser.add_argument(
        "--client",
        metavar="SLUG",
        help="this client's own key, which wraps those of its people (default: the master key)",
    )
    parser.add_argument(
        "--drop", action="append", default=[], metavar="KEY",
        help="take an older master key out of the key file, once no backup needs it any more",
    )  # fmt: skip
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Rotate, or go on with a rotation that was cut short; 1 where something is left for another run."""
    if args.client and args.drop:
        raise BadInput("One thing at a time.", "--drop speaks of master keys.", "Leave out one of --client and --drop.")
    bar = Bar()
    with opened_chain("rotate-keys") as (chain, _):
        keyring = chain.vault.keyring
        try:
            if args.drop:
                dropped = drop_older(chain, keyring, COMMAND_LINE, set(args.drop), at=now_utc())
                print(
                    as_json({"dropped": dropped})
                    if is_json(args)
                    else f"{dropped} older keys are gone from the key file."
                )
                return 0 if dropped == len(set(args.drop)) else EXIT_SOME_LEFT
            if args.client:
                people = rotate_people(chain, args.client, COMMAND_LINE, at=now_utc(), tell=bar)
                print(as_json(msgspec.to_builtins(people)) if is_json(args) else _of_people(people))
                return EXIT_SOME_LEFT if people.left else 0
            done = rotate_master(chain, keyring, COMMAND_LINE, at=now_utc(), tell=bar)
        finally:
            bar.end()
    print(as_json(msgspec.to_builtins(done)) if is_json(args) else _of_master(done, keyring.describe()))
    return EXIT_SOME_LEFT if done.older else 0


def _of_master(done: Rotated, where: str) -> str:
    began = "Went on with a rotation that was cut short." if done.was_taken_up else "A new master key was made."
    said = [
        f"{began} {done.client_keys:,} keys are wrapped by {done.key[:12]}… now; no data was touched.",
        f"KEEP A COPY of {where} as it is now: it holds the new key and the older ones.",
    ]
    if done.older:
        said.append(f"Still in use: {', '.join(key[:12] + '…' for key in done.older)}. Run it again.")
    else:
        said.append(
            "The older ones open nothing here any more, but every backup from before: when those are gone,\n"
            "take them out with `goodword rotate-keys --drop KEY`."
        )
    return "\n".join(said)


def _of_people(done: PeopleRotated) -> str:
    left = (
        f"{done.left:,} are left, made meanwhile by processes that began earlier: run it again."
        if done.left
        else "None is left under an older one, which stays to open what belongs to the client and to no person."
    )
    return f"{done.slug}: {done.moved:,} keys of people are wrapped by {done.key[:12]}… now. {left}"
