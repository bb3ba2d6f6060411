"""What would a draft have decided on what really happened? Counts, money, near misses and every referral that changes."""

from __future__ import annotations

import argparse
import gc
import sys
from pathlib import Path
from typing import Any

import msgspec

from goodword.actions.backtest_told import as_data, in_order, line_of, sums_data
from goodword.actions.backtesting import Backtest, backtest
from goodword.actions.deeds import COMMAND_LINE
from goodword.actions.versions import keep_backtest
from goodword.commands.chain import add_client_option, is_json, now_utc, opened_chain, shown
from goodword.commands.decide import load_program, moment_of
from goodword.commands.written import as_json, table, whole_file
from goodword.core.amounts import to_decimal
from goodword.core.comparison import CHANGES, Sides
from goodword.core.splitting import UNKNOWN

_WORDS = {
    "newly": "newly rewarded",
    "no_longer": "no longer rewarded",
    "changed": "amount changed",
    "same": "same reward",
    "neither": "no reward either way",
}


def register(subparsers: Any) -> None:
    """backtest --client SLUG FILE.yaml [--since DAY] [--changed FILE.ndjson]"""
    parser = subparsers.add_parser("backtest", help="judge recorded history by a draft; nothing is written")
    add_client_option(parser)
    parser.add_argument("file", type=Path, metavar="FILE.yaml")
    parser.add_argument(
        "--since", metavar="ISO", help="as if published then; earlier touches keep their version (default: all history)"
    )
    parser.add_argument("--changed", type=Path, metavar="FILE.ndjson", help="one line for each referral that changes")
    parser.add_argument(
        "--keep", action="store_true", help="take it down as the test of the version that says the same"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Judge and tell."""
    document, terms = load_program(args.file)
    since = None
    if args.since:
        since = moment_of(f"{args.since}T00:00:00+00:00" if len(args.since) == 10 else args.since, "--since")
    gc.disable()  # the whole history stays in memory until the end: looking for garbage only costs time
    with opened_chain("backtest") as (chain, _):
        client = chain.client(args.client)
        found = backtest(chain.conn, chain.vault, client.id, document, terms, since=since, progress=_progress)
        kept = None
        if args.keep:
            kept = keep_backtest(chain, client, COMMAND_LINE, terms, found, since=since, at=now_utc())
    gc.enable()
    with whole_file(args.changed) as out:
        if out is not None:
            out.writelines(msgspec.json.encode(line_of(outcome)) + b"\n" for outcome in found.comparison.changed)
    print(as_json(as_data(found)) if is_json(args) else in_words(found))
    if args.keep and not is_json(args):
        print(
            f"Taken down as a test of version {kept.number}."
            if kept
            else "No version on record says the same: nothing to take down."
        )
    return 0


def in_words(found: Backtest) -> str:
    """The outcome as the terminal tells it."""
    comparison = found.comparison
    parts = [
        _how(found),
        "",
        table([(_WORDS[change], f"{comparison.counts[change]:,}") for change in CHANGES]),
        "",
        table([("", "now", "draft"), *_lines(comparison.whole)]),
    ]
    for title, split in (
        ("Channel", comparison.by_channel), ("Market", comparison.by_market), ("Tier from", comparison.by_tier),
    ):  # fmt: skip
        if split.keys() == {UNKNOWN}:
            continue
        for name, sides in in_order(split):
            parts += ["", f"{title} {name or '(unknown)'}", table([("", "now", "draft"), *_lines(sides)])]
    if comparison.suspicious:
        parts += ["", f"Of the newly rewarded, {comparison.suspicious:,} were in truth denied or taken back."]
    if found.budget_ended_at:
        parts += ["", f"The draft's budget would have ended on {found.budget_ended_at:%Y-%m-%d}."]
    for one in comparison.near:
        needed, missing = to_decimal(one.needed_minor, one.asset), to_decimal(one.most_missing_minor, one.asset)
        parts.append(
            f"{one.count:,} fell short of {needed} {one.asset} by at most {one.percent} % ({missing} {one.asset}): {one.code}."
        )
    if found.left_out:
        parts += [
            "",
            f"{found.left_out:,} erased people are left out: of them the log knows less than was decided with.",
        ]
    return "\n".join(parts)


def _how(found: Backtest) -> str:
    if found.anew:
        why = f"{found.anew} So {found.events:,} events were judged anew"
    else:
        why = f"Only sums change: who is rewarded stands on record, after {found.events:,} events"
    return f"{why} up to {shown(found.until)}; nothing was written."


def _lines(sides: Sides) -> list[tuple[str, str, str]]:
    """Rows of the table: each figure now and under the draft."""
    before, after = sums_data(sides.before), sums_data(sides.after)
    rows = [(name, f"{before[name]:,}", f"{after[name]:,}") for name in ("referrals", "customers")]
    for label, name in (("given", "given"), ("of that still open", "open"), ("per customer", "cost_per_customer")):
        for asset in sorted(before[name].keys() | after[name].keys()):
            rows.append((f"{label}, {asset}", before[name].get(asset, "-"), after[name].get(asset, "-")))
    return rows


def _progress(done: int, of: int) -> bool:
    if sys.stderr.isatty():
        end = "\n" if done >= of else ""
        print(f"\r{done:,} of {of:,} decisions", end=end, file=sys.stderr, flush=True)
    return True
