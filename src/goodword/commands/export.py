"""What stands in the database, as files? `export referrals` writes the lines of `decide --referrals`, to compare both."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import msgspec

from goodword.actions.deeds import COMMAND_LINE, note, require
from goodword.actions.permissions import May
from goodword.commands.chain import add_client_option, now_utc, opened_chain, verbs
from goodword.commands.written import whole_file
from goodword.core.outcomes import referral_lines
from goodword.store.sql.journal import own_ids, read_referrals


def register(subparsers: Any) -> None:
    """export referrals --client SLUG [--out FILE]"""
    actions = verbs(subparsers, "export", "what stands in the database, as files")
    referrals = actions.add_parser("referrals", help="the state of each referral, as `decide --referrals` writes it")
    add_client_option(referrals)
    referrals.add_argument("--out", type=Path, default=Path("-"), metavar="REFERRALS.ndjson")
    referrals.set_defaults(run=run_referrals)


def run_referrals(args: argparse.Namespace) -> int:
    """Write them under the ids of the client's own systems; who was erased goes by the bare id of the house."""
    require(COMMAND_LINE, May.EXPORT)
    with opened_chain("export") as (chain, _):
        client = chain.client(args.client)
        referrals = list(read_referrals(chain.conn, client.id))
        parties = {party for referral in referrals for party in (referral.friend, referral.advocate)}
        names = own_ids(chain.conn, chain.vault, client.id, sorted(parties))
        with whole_file(args.out) as out:
            if out is not None:
                lines = referral_lines(referrals, lambda party: names.get(party, party))
                out.writelines(msgspec.json.encode(line) + b"\n" for line in lines)
        with chain.conn.transaction():
            keys = chain.keys(client.id)
            note(
                chain.conn,
                keys,
                COMMAND_LINE,
                "export.referrals",
                "client",
                client.id,
                at=now_utc(),
                after=len(referrals),
            )
    return 0
