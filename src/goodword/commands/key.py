"""Whose systems may send? `key create` prints a key once; `key list`, `key revoke`."""

from __future__ import annotations

import argparse
from datetime import timedelta
from typing import Any

import msgspec

from goodword.actions.clients import end_key, list_keys, make_key
from goodword.actions.deeds import COMMAND_LINE
from goodword.commands.chain import add_client_option, is_json, now_utc, opened_chain, shown, verbs
from goodword.commands.written import as_json, table
from goodword.errors import BadInput
from goodword.store.sql.keys import SCOPES


def register(subparsers: Any) -> None:
    """key create | list | revoke"""
    actions = verbs(subparsers, "key", "keys for the front door")
    made = actions.add_parser("create", help="a new key, printed once")
    add_client_option(made)
    made.add_argument(
        "--scope", nargs="+", default=[], metavar="SCOPE", help=f"what it opens (all: {' '.join(SCOPES)})"
    )
    made.add_argument("--source", default="api", help="the name of the stream it sends (api)")
    made.add_argument("--name", default="", help="what it is for")
    made.add_argument("--expires", type=int, metavar="DAYS", help="it ends after so many days")
    made.set_defaults(run=run_create)
    listed = actions.add_parser("list", help="the keys of a client, without their secrets")
    add_client_option(listed)
    listed.set_defaults(run=run_list)
    ended = actions.add_parser("revoke", help="end a key now")
    add_client_option(ended)
    ended.add_argument("key", metavar="KEY", help="its id, or the beginning of it")
    ended.set_defaults(run=run_revoke)


def run_create(args: argparse.Namespace) -> int:
    """Make one and print it."""
    now = now_utc()
    if args.expires is not None and args.expires < 1:
        raise BadInput("--expires takes whole days from 1.", "", "Leave it out for a key that does not end by itself.")
    with opened_chain("key") as (chain, _):
        client = chain.client(args.client)
        secret, key_id = make_key(
            chain,
            client,
            COMMAND_LINE,
            name=args.name or f"{args.source} of {client.slug}",
            scopes=args.scope,
            source=args.source,
            expires_at=None if args.expires is None else now + timedelta(days=args.expires),
            at=now,
        )
    if is_json(args):
        print(as_json({"id": f"key_{key_id}", "key": secret}))
    else:
        print(secret)
        print("Shown once: keep it where your systems keep their secrets.")
    return 0


def run_list(args: argparse.Namespace) -> int:
    """List them."""
    with opened_chain("key") as (chain, _):
        rows = list_keys(chain.conn, chain.client(args.client).id)
    if is_json(args):
        print(msgspec.json.format(msgspec.json.encode(rows), indent=1).decode())
    else:
        told = [
            (f"key_{row.id[:12]}", f"…{row.last4}", row.name, row.source, " ".join(row.scopes), _state(row))
            for row in rows
        ]
        print(table(told) if told else "There is no key yet.")
    return 0


def run_revoke(args: argparse.Namespace) -> int:
    """End one."""
    with opened_chain("key") as (chain, _):
        row = end_key(chain, chain.client(args.client), COMMAND_LINE, args.key, at=now_utc())
    print(f"The key …{row.last4} ({row.name}) opens nothing any more.")
    return 0


def _state(row: Any) -> str:
    if row.revoked_at:
        return f"ended {shown(row.revoked_at)}"
    if row.expires_at:
        return f"ends {shown(row.expires_at)}"
    return f"last used {shown(row.last_used_at)}" if row.last_used_at else "never used"
