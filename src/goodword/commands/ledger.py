"""Where is every cent? `ledger verify` folds all entries anew, `balances` and `journal` show them."""

from __future__ import annotations

import argparse
from typing import Any

import msgspec

from goodword.commands.chain import add_client_option, is_json, opened_chain, shown, verbs
from goodword.commands.decide import moment_of
from goodword.commands.written import as_json, table
from goodword.core.amounts import to_decimal
from goodword.core.ledger import imbalance
from goodword.core.outcomes import balances, moment
from goodword.store.recompute import verify_ledger
from goodword.store.sql.journal import read_accounts, read_journal

EXIT_WRONG = 1
_TOLD = 50


def register(subparsers: Any) -> None:
    """ledger verify | balances | journal"""
    actions = verbs(subparsers, "ledger", "verify, balances, journal")
    verified = actions.add_parser("verify", help="fold every entry anew and compare")
    verified.add_argument("--client", metavar="SLUG", help="only this client (default: all)")
    verified.set_defaults(run=run_verify)
    balanced = actions.add_parser("balances", help="what lies where; people are added up")
    add_client_option(balanced)
    balanced.add_argument("--all", action="store_true", help="every account by itself")
    balanced.set_defaults(run=run_balances)
    journal = actions.add_parser("journal", help="every entry in order")
    add_client_option(journal)
    journal.add_argument("--since", metavar="ISO", help="from this moment on")
    journal.set_defaults(run=run_journal)


def run_verify(args: argparse.Namespace) -> int:
    """Verify; 1 where anything is off, with a sentence for each."""
    told: dict[str, Any] = {}
    with opened_chain("ledger") as (chain, _):
        slugs = [args.client] if args.client else chain.slugs()
        for slug in slugs:
            told[slug] = verify_ledger(chain.conn, chain.client(slug).id)
    is_ok = all(report.ok for report in told.values())
    if is_json(args):
        print(as_json({slug: msgspec.to_builtins(report) | {"ok": report.ok} for slug, report in told.items()}))
        return 0 if is_ok else EXIT_WRONG
    for slug, report in told.items():
        for fault in report.faults[:_TOLD]:
            print(f"{slug}: {fault}")
        said = "everything balances" if report.ok else f"{len(report.faults):,} FAULTS"
        print(f"{slug}: {report.entries:,} entries, {report.accounts:,} accounts, {report.rewards:,} rewards: {said}.")
    if not told:
        print("There is no client yet.")
    return 0 if is_ok else EXIT_WRONG


def run_balances(args: argparse.Namespace) -> int:
    """Show balances."""
    with opened_chain("ledger") as (chain, _):
        accounts = read_accounts(chain.conn, chain.client(args.client).id)
    if args.all:
        rows = [
            {
                "account": account,
                "currency": asset,
                "posted": to_decimal(balance.posted_minor, asset),
                "pending_in": to_decimal(balance.pending_in_minor, asset),
                "pending_out": to_decimal(balance.pending_out_minor, asset),
            }
            for (account, asset), balance in accounts.items()
        ]
    else:
        rows = balances(accounts)
    off = {asset: to_decimal(minor, asset) for asset, minor in imbalance(accounts).items()}
    if is_json(args):
        print(as_json({"balances": rows, "imbalance": off}))
        return 0
    head = ("account", "posted", "pending in", "pending out", "")
    body = [(row["account"], row["posted"], row["pending_in"], row["pending_out"], row["currency"]) for row in rows]
    print(table([head, *body]) if rows else "Nothing was booked yet.")
    return 0


def run_journal(args: argparse.Namespace) -> int:
    """Show entries, one a line; NDJSON for scripts."""
    since = None if args.since is None else moment_of(args.since, "--since")
    with opened_chain("ledger") as (chain, _):
        client = chain.client(args.client)
        for line in read_journal(chain.conn, client.id, since):
            amount = to_decimal(line.amount_minor, line.asset)
            if is_json(args):
                told = {
                    "seq": line.seq,
                    "entry": f"ent_{line.id}",
                    "at": moment(line.at),
                    "from": line.source,
                    "to": line.destination,
                    "amount": amount,
                    "currency": line.asset,
                    "phase": line.phase,
                    "reason": line.reason,
                    "referral": f"ref_{line.referral}" if line.referral else None,
                }
                print(msgspec.json.encode(told).decode())
            else:
                print(
                    f"{shown(line.at)}  {line.phase:<8}{amount:>12} {line.asset}  {line.source} -> {line.destination}  ({line.reason})"
                )
    return 0
