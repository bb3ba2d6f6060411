"""What would come of these files? The pure core on a program, people, codes and events: no server, no database, no clock.

Everything a line says follows from the files alone, so two runs are equal byte for byte.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from goodword.actions import sources
from goodword.catalog import SHELVES
from goodword.catalog.reading import read_program
from goodword.commands.written import BadRow, as_json, table, tell_bad_rows, whole_file
from goodword.core.decide import Lane
from goodword.core.events import Event, Problem, canonical_body, parse_event
from goodword.core.outcomes import Telling, own_name, referral_lines, summary
from goodword.core.row_events import NEEDED_COLUMNS, ROW_EVENTS
from goodword.core.rows import SINCE_EVER, Row
from goodword.core.situation import Decision, Situation
from goodword.core.terms import Terms
from goodword.errors import BadInput

EXIT_SOME_BAD = 1
HISTORY = tuple(kind for kind in ROW_EVENTS if kind not in ("people", "codes"))
_NO_CLOCK = datetime(9999, 1, 1, tzinfo=UTC)  # files know no present: nothing in them lies ahead of it


class Read(NamedTuple):
    """What the files held: events in canonical order, and the lines that had to be left out."""

    events: list[Event]
    bad: list[BadRow]
    repeated: int
    later: int


def register(subparsers: Any) -> None:
    """decide PROGRAM.yaml EVENTS.ndjson"""
    parser = subparsers.add_parser("decide", help="the pure core on files: no server, no database")
    parser.add_argument("program", type=Path, metavar="PROGRAM.yaml")
    parser.add_argument("events", type=Path, metavar="EVENTS.ndjson[.gz]")
    parser.add_argument("--people", type=Path, metavar="PEOPLE.csv", help="people known beforehand")
    parser.add_argument("--codes", type=Path, metavar="CODES.csv", help="codes and whose they are")
    parser.add_argument(
        "--with", action="append", default=[], dest="history", metavar="KIND=FILE",
        help=f"what another system knew, as `import` takes it: {', '.join(HISTORY)}; repeatable",
    )  # fmt: skip
    parser.add_argument("--referrals", type=Path, metavar="REFERRALS.ndjson", help="the final state of each referral")
    parser.add_argument(
        "--out", type=Path, metavar="DECISIONS.ndjson", help="one line a decision; - is standard output"
    )
    parser.add_argument("--summary", type=Path, metavar="SUMMARY.json", help="counts and balances")
    parser.add_argument("--until", metavar="ISO", help="let time run to this moment (default: the last event's)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Decide; 1 where lines had to be left out, though all good ones were decided."""
    until = None if args.until is None else moment_of(args.until, "--until")
    document, terms = load_program(args.program)
    token = _token
    plain = plain_fields(document)
    read = _events_of(args.events, token, plain, terms.program, until)
    files = {"people": args.people, "codes": args.codes} | history_files(args.history)
    rows, bad = _rows_of({kind: files.get(kind) for kind in ROW_EVENTS}, token, terms.program)
    if until is None:
        until = read.events[-1].at if read.events else SINCE_EVER
    situation = Situation(SHELVES)

    def name(party: str) -> str:
        return own_name(situation.parties.get(party), party)

    telling = Telling(name)
    encode = msgspec.json.Encoder().encode
    gc.disable()  # nothing here is thrown away before the end, so looking for garbage only costs time
    with whole_file(args.out) as out:
        for decision in _play(situation, [_publication(document), *rows], read.events, until):
            line = telling.line(decision)
            if out is not None:
                out.write(encode(line) + b"\n")
    gc.enable()
    with whole_file(args.referrals) as out:
        if out is not None:
            out.writelines(encode(line) + b"\n" for line in referral_lines(situation.referrals.values(), name))
    bad += read.bad
    told = {
        "until": until.isoformat().replace("+00:00", "Z"),
        "events": {"decided": len(read.events), "repeated": read.repeated, "later": read.later, "bad": len(read.bad)},
        **summary(situation.referrals.values(), telling.reasons, situation.accounts),
        "rejected": [row.as_data() for row in bad],
    }
    with whole_file(args.summary) as out:
        if out is not None:
            out.write(as_json(told).encode() + b"\n")
    if "-" not in map(str, (args.out, args.referrals, args.summary)):
        print(as_json(told) if getattr(args, "json", False) else _in_words(told))
    tell_bad_rows(bad)
    return EXIT_SOME_BAD if bad else 0


def load_program(path: Path, *, version: int = 1, live_from: datetime = SINCE_EVER) -> tuple[dict[str, Any], Terms]:
    """Document and terms of a program file; refused with every problem's line, field and repair."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read.", str(error), "Name a program document in UTF-8.") from None
    read = read_program(text, SHELVES, version=version, live_from=live_from)
    if isinstance(read, list):
        told = [
            f"{path}:{problem.line or 1}: {problem.field + ': ' if problem.field else ''}{problem.why}."
            f" Repair: {problem.repair}."
            for problem in read
        ]
        raise BadInput(
            f"{path} is not a program yet.", "\n".join(told), "`goodword schema program` tells what may stand there."
        )
    return read


def plain_fields(document: dict[str, Any]) -> frozenset[str]:
    """Fields of `data` that a document declares not personal."""
    fields = document.get("fields") or {}
    return frozenset(name for name, field in fields.items() if (field or {}).get("personal") is False)


def moment_of(text: str, option: str) -> datetime:
    """A moment given on the command line; a bare day ends with its last instant in UTC."""
    try:
        if len(text) == 10:
            return datetime.fromisoformat(text).replace(hour=23, minute=59, second=59, microsecond=999_999, tzinfo=UTC)
        found = datetime.fromisoformat(text)
    except ValueError:
        found = datetime.min
    if found.tzinfo is None:
        raise BadInput(
            f"{option} {text} is not a moment.",
            "It needs an offset.",
            'Write "2026-12-31T23:59:59Z", or a day "2026-12-31".',
        )
    return found.astimezone(UTC)


def _token(kind: str, value: str) -> str:
    """Readable where the server's are keyed hashes; an event goes by the sender's own id."""
    return value.partition("\x1f")[2] if kind == "event" else f"{kind}:{value}"


def _publication(document: dict[str, Any]) -> Event:
    act = {"document": document, "version": 1, "live_from": SINCE_EVER.isoformat()}
    wire = {"id": "publish", "type": "publish", "at": SINCE_EVER.isoformat(), "act": act}
    event = parse_event(wire, received_at=_NO_CLOCK, source="goodword", token=_token, acts=True)
    assert isinstance(event, Event)
    return event


def history_files(given: list[str]) -> dict[str, Path | None]:
    """What --with names, by kind."""
    found: dict[str, Path | None] = {}
    for text in given:
        kind, _, name = text.partition("=")
        if kind not in HISTORY or not name or kind in found:
            raise BadInput(
                f"--with {text} names no file of a kind.",
                f"Kinds are {', '.join(HISTORY)}, each once.",
                "Write for example --with referrals=old-referrals.csv",
            )
        found[kind] = Path(name)
    return found


def _rows_of(files: dict[str, Path | None], token: Any, program: str) -> tuple[list[Event], list[BadRow]]:
    """The acts that files of people, codes and history stand for, kind by kind in the order of the files."""
    events: list[Event] = []
    bad: list[BadRow] = []
    for kind, path in files.items():
        if path is None:
            continue
        require_columns(path, kind)
        seen: set[str] = set()
        of_file: list[Event] = []
        for row in sources.cells(path):
            event = [row.problem] if row.problem else row_event(kind, row.values, token, _NO_CLOCK)
            if isinstance(event, Event) and event.program not in (None, program):
                event = [
                    Problem("program", f'"{event.program}" is not this program', f'name "{program}"', "program_unknown")
                ]
            if isinstance(event, list):
                bad += [BadRow(path.name, row.number, problem) for problem in event]
            elif event.id not in seen:
                seen.add(event.id)
                of_file.append(event)
        events += sorted(of_file, key=lambda event: event.at)
    return events, bad


def require_columns(path: Path, kind: str) -> None:
    """Refuse a file that cannot be of its kind."""
    if sources.is_ndjson(path):
        return
    needed = NEEDED_COLUMNS[kind]
    columns = sources.columns_of(path)
    if not set(needed) & set(columns):
        raise BadInput(
            f"{path} has no column {' or '.join(needed)}.",
            f"Its first line names: {', '.join(columns)[:200]}.",
            f"A {kind} file begins with a line of column names.",
        )


def row_event(kind: str, row: Row, token: Any, received_at: datetime, source: str = "api") -> Event | list[Problem]:
    """The event of a people or codes row."""
    wire = ROW_EVENTS[kind](row)
    if isinstance(wire, list):
        return wire
    return parse_event(wire, received_at=received_at, source=source, token=token, acts=True)


def _events_of(path: Path, token: Any, plain: frozenset[str], program: str, until: datetime | None) -> Read:
    events: list[Event] = []
    bad: list[BadRow] = []
    bodies: dict[str, bytes] = {}
    repeated = later = 0
    for line in sources.lines(path):
        event: Event | list[Problem]
        if line.problem:
            event = [line.problem]
        else:
            event = parse_event(line.body, received_at=_NO_CLOCK, source="api", token=token, plain=plain)
        if isinstance(event, Event) and (problem := _unfit(event, line.body, program, bodies)):
            event = [problem]
        if isinstance(event, list):
            bad += [BadRow(path.name, line.number, problem) for problem in event]
        elif event.id in bodies:
            repeated += 1
        else:
            bodies[event.id] = _digest(line.body)
            if until is None or event.at <= until:
                events.append(event)
            else:
                later += 1
    events.sort(key=lambda event: event.rank)
    return Read(events, bad, repeated, later)


def _digest(body: bytes) -> bytes:
    return hashlib.blake2b(canonical_body(body), digest_size=16).digest()


def _unfit(event: Event, body: bytes, program: str, bodies: dict[str, bytes]) -> Problem | None:
    if event.program is not None and event.program != program:
        return Problem(
            "program",
            f'"{event.program[:100]}" is not this program',
            f'leave it out, or name "{program}"',
            "program_unknown",
        )
    known = bodies.get(event.id)
    if known is not None and known != _digest(body):
        return Problem(
            "id", "is taken by an earlier line with other content", "use a new id for a new fact", "id_taken"
        )
    return None


def _play(situation: Situation, acts: Iterable[Event], events: list[Event], until: datetime) -> Iterator[Decision]:
    """Every decision in order: acts of the house, events in canonical order, then time up to `until`."""
    lane = Lane(situation)
    for act in acts:
        yield from lane.receive(act, until)
    for event in events:
        yield from lane.receive(event, until)
    yield from lane.advance(until)


def _in_words(told: dict[str, Any]) -> str:
    events = told["events"]
    parts = [f"{events['decided']:,} events decided up to {told['until']}."]
    extra = [f"{events[key]:,} {words}" for key, words in _ASIDE.items() if events[key]]
    if extra:
        parts.append("Left out: " + ", ".join(extra) + ".")
    parts += ["", "Referrals", table([(state, count) for state, count in told["referrals"].items()])]
    if told["rewards"]:
        rewards = [
            (reward["to"], reward["kind"], reward["state"], reward["count"], f"{reward['amount']} {reward['currency']}")
            for reward in told["rewards"]
        ]
        parts += ["", "Rewards", table(rewards)]
    imbalance = told["ledger"]["imbalance"]
    parts += ["", f"The ledger is off by {imbalance}." if imbalance else "The ledger balances."]
    return "\n".join(parts)


_ASIDE = {"repeated": "repeated", "later": "later than that", "bad": "that cannot be read"}
