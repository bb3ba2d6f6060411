"""What does a client promise, in which versions? Programs as YAML documents: pulled, compared, tested, pushed, published."""

from __future__ import annotations

import argparse
import re
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from goodword.actions.checking import Blocked, remark_as_data, remark_told, remarks_for
from goodword.actions.deeds import COMMAND_LINE
from goodword.actions.evidence import OCCASIONS, evidence_of
from goodword.actions.programs import Version, live_mark, push, roll_back, version, versions
from goodword.actions.versions import CLIENT_ROLES, forecast, in_force, keep_test
from goodword.actions.versions_approval import approve, ask_by_link
from goodword.actions.versions_move import weigh_open
from goodword.actions.versions_release import STOP, Release, Wish, ask, finish, waiting_release, withdraw
from goodword.actions.versions_stop import ask_stop, confirm_stop
from goodword.catalog import SHELVES
from goodword.catalog.difference import Difference, can_be_read, differences
from goodword.catalog.reading import Lines
from goodword.commands.chain import add_client_option, is_json, now_utc, opened_chain, shown, verbs
from goodword.commands.decide import load_program, moment_of
from goodword.commands.stories import told_stories
from goodword.commands.written import as_json, table, whole_file
from goodword.core.checks import Remark
from goodword.core.reasons import text_of
from goodword.core.wording import LANGUAGES, text_hash
from goodword.errors import BadInput
from goodword.store.sql import runs

EXIT_DIFFERENT = EXIT_FAILED = EXIT_WAITS = 1
# The first line of a pulled file: which version it was, and which terms were live then.
_MARK = re.compile(
    r"^# goodword: (?P<program>[a-z0-9-]+) version (?P<number>\d+), live (?P<live>[0-9a-f]{32}|-)$", re.MULTILINE
)


def register(subparsers: Any) -> None:
    """program pull | text | diff | test | push | publish | approve | rollback | list"""
    actions = verbs(subparsers, "program", "programs as YAML documents")
    pushed = _verb(actions, "push", "keep a document as the next version", run_push)
    pushed.add_argument("file", type=Path, metavar="FILE.yaml")
    pushed.add_argument("--force", action="store_true", help="although another version went live since it was pulled")
    pushed.add_argument("--publish", action="store_true", help="and ask for it to go live")
    _publishing(pushed)
    pulled = _verb(actions, "pull", "the document of a program", run_pull)
    pulled.add_argument("program", metavar="PROGRAM")
    pulled.add_argument("--version", type=int, dest="number", metavar="N", help="this version (default: the latest)")
    pulled.add_argument("--out", type=Path, default=Path("-"), metavar="FILE.yaml")
    kept = _verb(actions, "text", "what people read of a version, as it was kept", run_text)
    kept.add_argument("program", metavar="PROGRAM")
    kept.add_argument("--version", type=int, dest="number", metavar="N", help="of this version (default: the latest)")
    kept.add_argument("--language", choices=LANGUAGES, default=LANGUAGES[0], help="default: %(default)s")
    kept.add_argument("--friend", action="store_true", help="what a friend is told before joining")
    kept.add_argument(
        "--as", choices=OCCASIONS, dest="occasion", help="default: as it went live, else as it was written"
    )
    _verb(actions, "list", "programs and their versions", run_list)
    differs = _verb(actions, "diff", "what a document would change, in words", run_diff)
    differs.add_argument("file", type=Path, metavar="FILE.yaml")
    differs.add_argument(
        "--version", type=int, dest="number", metavar="N", help="beside this version (default: what is live)"
    )
    tested = actions.add_parser(
        "test", help="play the stories beside a document; for a client, what law and sense say too"
    )
    tested.add_argument("file", type=Path, metavar="FILE.yaml")
    tested.add_argument("--client", metavar="SLUG", help="and take the outcome down for the version that says the same")
    tested.set_defaults(run=run_test)
    published = _verb(actions, "publish", "ask for a version to go live", run_publish)
    _named_version(published)
    _publishing(published)
    published.add_argument("--withdraw", action="store_true", help="take back that it was asked for")
    approved = _verb(actions, "approve", "the second person's word, or a link for somebody of the client", run_approve)
    approved.add_argument("program", metavar="PROGRAM")
    approved.add_argument("--refuse", action="store_true", help="say no")
    approved.add_argument("--comment", default="", metavar="TEXT")
    approved.add_argument("--wording", metavar="MARK", help="only this wording: the mark that `text --json` tells")
    approved.add_argument("--ask", choices=CLIENT_ROLES, metavar="ROLE", help=f"make a link: {', '.join(CLIENT_ROLES)}")
    approved.add_argument("--name", default="", metavar="NAME", help="whom the link is for")
    stopped = _verb(
        actions, "stop", "a legal stop; somebody else confirms it by `program approve` or at the desk", run_stop
    )
    stopped.add_argument("program", metavar="PROGRAM")
    stopped.add_argument("--why", required=True, metavar="TEXT", help="which law or order")
    stopped.add_argument("--void", action="store_true", help="what is not payable yet is voided too")
    rolled = _verb(actions, "rollback", "a new version with the document of an old one", run_rollback)
    _named_version(rolled)


def _verb(actions: Any, name: str, help_: str, run: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(name, help=help_)
    add_client_option(parser)
    parser.set_defaults(run=run)
    return parser


def _named_version(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("program", metavar="PROGRAM")
    parser.add_argument("number", type=int, metavar="VERSION")


def _publishing(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--override", default="", metavar="WHY", help="although a check by law or sense blocks it; your reason is kept"
    )
    parser.add_argument(
        "--live-from", metavar="ISO", help="from this moment on (default: now); past ones while nothing was decided"
    )
    parser.add_argument(
        "--note", default="published from the command line", metavar="TEXT", help="why, for whoever reads the history"
    )
    parser.add_argument("--move", action="store_true", help="open referrals move to it, except those that would lose")
    parser.add_argument(
        "--name-loser", action="append", default=[], metavar="REFERRAL", help="moves although it would lose"
    )


# -- documents ---------------------------------------------------------------------------------------------------------


def run_push(args: argparse.Namespace) -> int:
    """Keep, and on request ask for it to go live."""
    if args.live_from and not args.publish:
        raise BadInput(
            "--live-from says when a version goes live.", "Nothing is published without --publish.", "Add --publish."
        )
    document, terms = load_program(args.file)
    text = args.file.read_text(encoding="utf-8")
    lines = Lines(text)
    written_on = None if args.force else _written_on(args.file, terms.program)
    with opened_chain("program") as (chain, _):
        client, now = chain.client(args.client), now_utc()
        pushed, is_new = push(chain, client, COMMAND_LINE, document, terms, at=now, written_on=written_on)
        release = None
        if args.publish and pushed.state not in ("live", "retired"):
            try:
                release = ask(
                    chain, client, COMMAND_LINE, pushed.slug, pushed.number, _wish(args), at=now, override=args.override
                )
            except Blocked as blocked:
                raise blocked.read_from(text) from None
        after = version(chain.conn, client, pushed.slug, pushed.number)
        remarks = remarks_for(chain, client, terms, document)
    if is_json(args):
        print(as_json({**_told(after), "checks": [remark_as_data(one, lines) for one in remarks]}))
        return EXIT_WAITS if release and release.missing else 0
    said = "is kept" if is_new else "was kept before and says the same"
    live = f" It is live from {shown(after.live_from)}." if after.state == "live" else ""
    print(f"Version {after.number} of {after.slug} {said}.{live}")
    _say_remarks(remarks, lines)
    return _say_what_it_waits_for(release)


def _say_remarks(remarks: list[Remark], lines: Lines) -> None:
    for one in remarks:
        print(f"{'BLOCKED' if one.severity == 'block' else 'warning'}: {remark_told(one, lines)}")


def run_pull(args: argparse.Namespace) -> int:
    """Write the document; its first line remembers what was live, so that a push sees whether that changed."""
    with opened_chain("program") as (chain, _):
        client = chain.client(args.client)
        found = version(chain.conn, client, args.program, args.number)
        mark = live_mark(versions(chain.conn, client.id, args.program)) or "-"
    with whole_file(args.out) as out:
        if out is not None:
            out.write(f"# goodword: {found.slug} version {found.number}, live {mark}\n{found.as_yaml()}".encode())
    return 0


def run_text(args: argparse.Namespace) -> int:
    """Print the text; 1 where none was kept. Its mark, and whether it still reads so, goes to the error stream."""
    with opened_chain("program") as (chain, _):
        client = chain.client(args.client)
        evidence = evidence_of(chain, client, version(chain.conn, client, args.program, args.number))
    found = evidence.kept.get(args.occasion) if args.occasion else evidence.counts
    told = found.wording.texts.get(args.language) if found else None
    text = (told.friend if args.friend else told.terms) if told else ""
    if found is None or not text:
        print("No such text was kept with this version.", file=sys.stderr)
        return EXIT_DIFFERENT
    says_today = evidence.says_today(found)
    if is_json(args):
        remarks = msgspec.to_builtins(found.wording.remarks)
        data = {
            "as": found.occasion,
            "at": found.at.isoformat(),
            "by": found.wording.by,
            "wording": found.mark,
            "remarks": remarks,
        }
        print(
            as_json(
                {"language": args.language, "sha256": text_hash(text), "says_today": says_today, "text": text, **data}
            )
        )
        return 0
    print(text, end="")
    today = "It reads the same today." if says_today else "Today it would read otherwise; what was kept stands."
    print(f"{found.occasion} {found.at:%Y-%m-%d %H:%M} UTC, sha256 {text_hash(text)}. {today}", file=sys.stderr)
    return 0


def _written_on(path: Path, program: str) -> str | None:
    """What was live when the file was pulled; None where it does not say, because it was never pulled."""
    mark = _MARK.search(path.read_text(encoding="utf-8"))
    if mark is None or mark["program"] != program:
        return None
    return "" if mark["live"] == "-" else mark["live"]


def run_list(args: argparse.Namespace) -> int:
    """List."""
    with opened_chain("program") as (chain, _):
        client = chain.client(args.client)
        rows = versions(chain.conn, client.id)
        now = runs.business_now(chain.conn, client.id, now_utc())
    if is_json(args):
        print(as_json([{**_told(row), "number": row.number, "live_until": shown(row.live_until)} for row in rows]))
    elif not rows:
        print("There is no program yet: goodword program push --client SLUG FILE.yaml --publish")
    else:
        print(
            table(
                [
                    (row.slug, row.number, _state(row, rows, now), shown(row.live_from), shown(row.live_until))
                    for row in rows
                ]
            )
        )
    return 0


def _state(row: Version, rows: list[Version], now: datetime) -> str:
    """A state as it is today: what is to go live later is not live yet, and what it will replace still is."""
    live = in_force([one for one in rows if one.slug == row.slug], now)
    if live is not None and live.number == row.number:
        return "live"
    return "live later" if row.live_from and row.live_from > now else row.state


def run_diff(args: argparse.Namespace) -> int:
    """Compare as the terms read both, in words; 1 where they differ."""
    document, terms = load_program(args.file)
    with opened_chain("program") as (chain, _):
        client = chain.client(args.client)
        known = versions(chain.conn, client.id, terms.program)
        live = in_force(known, runs.business_now(chain.conn, client.id, now_utc()))
        beside = live if args.number is None and live else version(chain.conn, client, terms.program, args.number)
    if beside.terms_hash == terms.hash:
        print(f"{args.file} says the same as version {beside.number}.")
        return 0
    found = _compared(beside, document)
    if is_json(args):
        print(as_json([msgspec.to_builtins(one) for one in found]))
    else:
        print(f"From version {beside.number} of {beside.slug} to {args.file}:")
        print("\n".join(f"  {one.line()}" for one in found) or "  The same is promised in other words.")
    return EXIT_DIFFERENT


def _compared(beside: Version, document: dict[str, Any]) -> list[Difference]:
    before = beside.as_document()
    if not can_be_read(before, SHELVES):
        raise BadInput(
            f"Version {beside.number} of {beside.slug} was written for another release.",
            "Its fields are not known here.",
            "Compare with a later version (--version N).",
        )
    return differences(before, document, SHELVES)


def run_test(args: argparse.Namespace) -> int:
    """Play every story beside the document; 1 where one failed. For a client also what law and sense say."""
    document, terms = load_program(args.file)
    outcome = told_stories(args.file, document)
    lines = Lines(args.file.read_text(encoding="utf-8"))
    remarks: list[Remark] = []
    kept: Version | None = None
    if args.client:
        with opened_chain("program") as (chain, _):
            client = chain.client(args.client)
            known = versions(chain.conn, client.id, terms.program)
            kept = next((one for one in reversed(known) if one.terms_hash == terms.hash), None)
            if kept is None:
                raise BadInput(
                    f"No version of {terms.program} says what {args.file} says.",
                    "A test is taken down for a version.",
                    "Push it first: goodword program push.",
                )
            figures = {"stories": outcome.played, "failed": [one.place for one in outcome.failed]}
            keep_test(
                chain, client, COMMAND_LINE, kept, "scenarios", passed=not outcome.failed, figures=figures, at=now_utc()
            )
            remarks = remarks_for(chain, client, terms, document)
    if is_json(args):
        checks = {"checks": [remark_as_data(one, lines) for one in remarks]} if args.client else {}
        print(as_json({**outcome.as_data(), **checks}))
        return EXIT_FAILED if outcome.failed else 0
    for failure in outcome.failed:
        print(failure, file=sys.stderr)
    told = f" Taken down for version {kept.number}." if kept else ""
    print(f"{outcome.played - len(outcome.failed)} of {outcome.played} stories came out as they say.{told}")
    _say_remarks(remarks, lines)
    return EXIT_FAILED if outcome.failed else 0


# -- publishing --------------------------------------------------------------------------------------------------------


def run_publish(args: argparse.Namespace) -> int:
    """Ask for a version to go live, publish what was approved, or withdraw; 1 while somebody has to approve."""
    with opened_chain("program") as (chain, _):
        client, now = chain.client(args.client), now_utc()
        if args.withdraw:
            gone = withdraw(chain, client, COMMAND_LINE, args.program, at=now)
            print(f"Version {gone.number} of {gone.slug} is not asked for any more.")
            return 0
        waiting = waiting_release(chain, client, args.program)
        if waiting is not None and waiting.number == args.number:
            release = waiting if waiting.missing else finish(chain, client, COMMAND_LINE, args.program, at=now)
        else:
            wanted = version(chain.conn, client, args.program, args.number)
            expected = forecast(chain, client, COMMAND_LINE, wanted, at=now)
            if expected is not None:
                print(f"Over the last months it would have changed the cost by {expected.change_percent:+.1f} %.")
            if args.move:
                weighing = weigh_open(chain, client, wanted, at=now)
                for loser in weighing.losers:
                    losses = dict.fromkeys(text_of(reason, "agent") for reason in loser.reasons)
                    print(f"  ref_{loser.id} would lose: {' '.join(losses)}")
            release = ask(
                chain, client, COMMAND_LINE, args.program, args.number, _wish(args), at=now, override=args.override
            )
    if is_json(args):
        data = {"state": release.state, "waits_for": list(release.missing), "change_percent": release.change_percent}
        print(as_json({"program": release.slug, "version": release.number, **data}))
        return EXIT_WAITS if release.missing else 0
    if release.state == "published":
        print(f"Version {release.number} of {release.slug} is published.")
    return _say_what_it_waits_for(release)


def run_approve(args: argparse.Namespace) -> int:
    """Approve or refuse as the second person; or make a link for somebody of the client."""
    with opened_chain("program") as (chain, _):
        client, now = chain.client(args.client), now_utc()
        if args.ask:
            path = ask_by_link(
                chain, client, COMMAND_LINE, args.program, args.ask, args.name, has_colleagues=True, at=now
            )
            print(f"Give this one-time link to {args.name}: {path}")
            return 0
        waiting = waiting_release(chain, client, args.program)
        act, granted = (chain, client, COMMAND_LINE, args.program), not args.refuse
        if waiting is not None and waiting.number == STOP:
            release = confirm_stop(*act, granted=granted, comment=args.comment, at=now)
        else:
            release = approve(*act, granted=granted, comment=args.comment, at=now, seen_mark=args.wording)
    if release.number == STOP:
        print(f"{release.slug} {'goes on' if args.refuse else 'is stopped'}.")
        return 0
    print(f"Version {release.number} of {release.slug} is {'refused' if args.refuse else 'approved'}.")
    return _say_what_it_waits_for(release if release.state == "waiting" else None)


def run_stop(args: argparse.Namespace) -> int:
    """Ask for a stop."""
    with opened_chain("program") as (chain, _):
        client = chain.client(args.client)
        ask_stop(chain, client, COMMAND_LINE, args.program, why=args.why, voids=args.void, at=now_utc())
    print(f"A stop of {args.program} is asked for. Somebody else has to confirm it at the desk.")
    return EXIT_WAITS


def run_rollback(args: argparse.Namespace) -> int:
    """Keep the document of an old version as the next one."""
    with opened_chain("program") as (chain, _):
        client = chain.client(args.client)
        made, is_new = roll_back(chain, client, COMMAND_LINE, args.program, args.number, at=now_utc())
    if is_json(args):
        print(as_json(_told(made)))
    elif is_new:
        print(
            f"Version {made.number} of {made.slug} has the document of version {args.number}. Publish it to go back to it."
        )
    else:
        print(f"Version {made.number} of {made.slug} says the same already.")
    return 0


def _wish(args: argparse.Namespace) -> Wish:
    live_from = None
    if args.live_from:
        live_from = moment_of(
            f"{args.live_from}T00:00:00+00:00" if len(args.live_from) == 10 else args.live_from, "--live-from"
        )
    named = tuple(sorted(one.strip().lower().removeprefix("ref_") for one in args.name_loser))
    for one in named:
        if not re.fullmatch(r"[0-9a-f]{32}", one):
            raise BadInput(f"{one} is no referral.", "", "Take the whole id, ref_ and 32 signs, from its page.")
    return Wish(args.note, live_from, args.move or bool(named), named)


def _say_what_it_waits_for(release: Release | None) -> int:
    if release is None or not release.missing:
        return 0
    change = f" (its cost changes by {release.change_percent:+.1f} %)" if release.change_percent is not None else ""
    print(f"Version {release.number} of {release.slug} waits for approval{change}: {', '.join(release.missing)}.")
    return EXIT_WAITS


def _told(one: Version) -> dict[str, Any]:
    return {
        "program": one.slug,
        "slug": one.slug,
        "version": one.number,
        "state": one.state,
        "live_from": shown(one.live_from),
    }
