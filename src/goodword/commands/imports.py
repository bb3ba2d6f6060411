"""How do files come in? `import KIND FILE`: streamed, checked, decided; `import abandon` gives up one cut short."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import msgspec

from goodword.actions.deeds import COMMAND_LINE
from goodword.actions.importing import Imported, Wish, abandon, import_file
from goodword.actions.mapping import read_map
from goodword.actions.undoing import Plan, plan, undo
from goodword.commands.chain import Bar, add_client_option, is_json, now_utc, opened_chain, shown
from goodword.commands.decide import EXIT_SOME_BAD, moment_of
from goodword.commands.written import BadRow, as_json, tell_bad_rows
from goodword.core.row_events import ROW_EVENTS

KINDS = ("events", *ROW_EVENTS)
ABANDON, UNDO = "abandon", "undo"
_CUT_SHORT = "\nCut short. {} rests until the file is imported again; `goodword check` names what is open.\n"


def register(subparsers: Any) -> None:
    """import events | people | … FILE --client SLUG   import abandon | undo ID --client SLUG"""
    parser = subparsers.add_parser("import", help="events, people and the history of another system from files")
    parser.add_argument("kind", choices=(*KINDS, ABANDON, UNDO))
    parser.add_argument("file", type=Path, metavar="FILE|ID", help="CSV or NDJSON by its name; also .gz")
    add_client_option(parser)
    parser.add_argument("--source", default="api", help="the name of the stream that the rows belong to (api)")
    parser.add_argument(
        "--as-of", metavar="ISO", help="the business clock of the import; it stays there (default: now)"
    )
    parser.add_argument("--map", type=Path, metavar="MAP.yaml", help="which column means what")
    parser.add_argument("--rejected", type=Path, metavar="FILE", help="where rejected rows go (FILE.rejected.csv)")
    parser.add_argument("--dry-run", action="store_true", help="check every row and write nothing")
    parser.add_argument("--yes", action="store_true", help="undo: do it; without this it is only shown")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Import; 1 where rows were rejected, though all good ones came in."""
    if args.kind == ABANDON:
        return _abandon(args)
    if args.kind == UNDO:
        return _undo(args)
    as_of = None if args.as_of is None else moment_of(args.as_of, "--as-of")
    wish = Wish(args.kind, args.file, args.source, as_of, read_map(args.map), args.rejected, args.dry_run)
    bar = Bar()
    with opened_chain("import") as (chain, _):
        client = chain.client(args.client)
        try:
            done = import_file(chain, client, COMMAND_LINE, wish, now=now_utc(), tell=bar)
        except KeyboardInterrupt:
            print(_CUT_SHORT.format(client.slug), file=sys.stderr)
            raise
        finally:
            bar.end()
    if is_json(args):
        print(as_json(_as_data(done)))
    else:
        print(_in_words(args, done, client.slug))
    tell_bad_rows([BadRow(args.file.name, line.number, line.problem) for line in done.first_bad])
    if done.rejected:
        print(f"Rejected rows with line, field and repair: {done.rejected}", file=sys.stderr)
    return EXIT_SOME_BAD if done.bad else 0


def _abandon(args: argparse.Namespace) -> int:
    with opened_chain("import") as (chain, _):
        run = abandon(chain, chain.client(args.client), COMMAND_LINE, str(args.file), at=now_utc())
    print(f"The import {run.name} of {run.file_name} is given up. What it brought stays and is decided as it is.")
    return 0


def _undo(args: argparse.Namespace) -> int:
    with opened_chain("import") as (chain, _):
        client = chain.client(args.client)
        if args.yes:
            done = undo(chain, client, COMMAND_LINE, str(args.file), now=now_utc())
            told, plan_ = msgspec.to_builtins(done), done.plan
        else:
            plan_ = plan(chain, client, str(args.file), now=now_utc())
            told = msgspec.to_builtins(plan_)
    if is_json(args):
        print(as_json(told))
    else:
        print(_planned(plan_))
        if args.yes:
            kept = "".join(f"\n{count:,} stay: {why}." for why, count in told["kept"].items())
            print(f"{told['withdrawn']:,} rows are taken back, each by an act of its own.{kept}")
        elif plan_.hindered is None:
            print("Nothing was done. Add --yes to do it.")
    return EXIT_SOME_BAD if plan_.hindered else 0


def _planned(found: Plan) -> str:
    rows = ", ".join(f"{count:,} {kind}" for kind, count in found.rows.items()) or "no rows"
    said = [
        f"{found.run.name} ({found.run.kind}, {found.run.file_name}, {shown(found.run.started_at)}) brought {rows}."
    ]
    if found.already:
        said.append(f"{found.already:,} of them were taken back before.")
    rewards = ", ".join(f"{count:,} {state}" for state, count in found.standing.items()) or "none"
    said.append(f"{found.referrals:,} referrals hang on it; of their rewards stand: {rewards}. They are judged anew.")
    if found.decided_by_people:
        said.append(f"A person decided on {found.decided_by_people:,} of these referrals since: kept, look at them.")
    said.append(
        "Whose e-mail, telephone or browser it is stays known; codes end now and what was decided by them stands."
    )
    if found.hindered:
        said.append(f"It cannot be undone. {found.hindered[0]} {found.hindered[1]}")
    return "\n".join(said)


def _as_data(done: Imported) -> dict[str, Any]:
    return {
        "id": f"imp_{done.run[:12]}" if done.run else None,
        "rows": done.rows,
        "new": done.new,
        "same": done.same,
        "later": done.later,
        "bad": done.bad,
        "decisions": done.decisions,
        "dead_letters": done.dead,
        "as_of": done.as_of.isoformat().replace("+00:00", "Z") if done.as_of else None,
        "rejected": str(done.rejected) if done.rejected else None,
    }


def _in_words(args: argparse.Namespace, done: Imported, slug: str) -> str:
    would = "would be new" if args.dry_run else "new"
    said = [f"{done.rows:,} rows: {done.new:,} {would}, {done.same:,} known already, {done.bad:,} rejected."]
    if done.later:
        said.append(
            f"{done.later:,} lie after the business clock and were left out: import the file again with a later --as-of."
        )
    if args.dry_run:
        said.append("Nothing was written.")
    else:
        said.append(
            f"{done.decisions:,} decisions, up to {shown(done.as_of)}. This was the import imp_{done.run[:12]}."
        )
        if done.dead:
            said.append(f"{done.dead:,} events could not be decided yet: see the dead letters.")
    if args.as_of and not args.dry_run:
        said.append(f"The business clock of {slug} stays there; `goodword client clock {slug} live` lets it run.")
    return "\n".join(said)
