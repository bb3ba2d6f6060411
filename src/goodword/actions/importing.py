"""How does a file come in? Streamed in chunks, each in canonical order; checked, sealed, appended, then decided as of a moment.

The import holds the client's lane, so that no hold is released between two chunks of one history. Twice adds nothing.
One that is cut short stays open, and the lane rests, until the file is imported again or the import is given up.
"""

from __future__ import annotations

import csv
import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import psycopg

from goodword.actions import sources
from goodword.actions.clients import hold_clock
from goodword.actions.deeds import Actor, note, require
from goodword.actions.drain import Lanes, advance, drain, lane_held
from goodword.actions.importing_again import bring_again
from goodword.actions.mapping import Map, event_of_cells
from goodword.actions.opening import Chain, ClientRow
from goodword.actions.permissions import May
from goodword.core.events import ACTS, Problem, ident
from goodword.core.row_events import NEEDED_COLUMNS, OF_ONE_PROGRAM, ROW_EVENTS
from goodword.errors import BadInput, DatabaseTrouble, NotFound
from goodword.store.sql import log, runs
from goodword.store.sql.connect import connect
from goodword.store.sql.intake import Intake
from goodword.store.sql.log import LogRow
from goodword.store.sql.seal import seal_all
from goodword.store.sql.vault import ClientKeys

CHUNK_ROWS = 10_000
_APPEND_ROWS = 2_000
_PATIENCE_SECONDS = 0.05
_ABANDON_SECONDS = 5.0  # a worker looks at the lane for a moment only; an import that runs keeps it
_REJECTED_COLUMNS = ("line", "field", "why", "repair", "code", "raw")
_RAW_CHARACTERS = 2_000

Tell = Callable[[str, float], None]  # (what is being done, how much of it: 0 to 1)


class Wish(NamedTuple):
    """What is to be imported, and how."""

    kind: str
    path: Path
    source: str = "api"
    as_of: datetime | None = None
    map: Map = Map()
    rejected: Path | None = None
    dry_run: bool = False


class BadLine(NamedTuple):
    """A line that was left out."""

    number: int
    problem: Problem
    raw: str


class Imported(msgspec.Struct):
    """What became of a file's rows, and what was decided on the way."""

    rows: int = 0
    new: int = 0
    same: int = 0
    bad: int = 0
    later: int = 0
    decisions: int = 0
    dead: int = 0
    as_of: datetime | None = None
    rejected: Path | None = None
    first_bad: list[BadLine] = []
    is_writing: bool = False
    run: str = ""


def import_file(chain: Chain, client: ClientRow, actor: Actor, wish: Wish, *, now: datetime, tell: Tell) -> Imported:
    """Bring a file in and decide it. Raises BadInput where the file as a whole cannot be read; single rows are set aside."""
    require(actor, May.IMPORT)
    _check(wish)
    if wish.dry_run:
        checked = Imported()
        _read(chain, client, wish, _business_now(chain, client, wish, now), now, tell, None, checked)
        return checked
    with lane_held(chain.conn, client.id, wait=True):
        run = runs.Run(
            ident("import", client.id, str(wish.path), now.isoformat()),
            wish.kind,
            wish.path.name,
            _hash_of(wish.path),
            wish.source,
            wish.as_of,
            now,
            actor.name,
        )
        taken_up = runs.open_run(chain.conn, client.id)
        if taken_up is not None and not taken_up.is_taken_up_by(run):
            raise runs.unfinished(taken_up)
        runs.begin(chain.conn, client.id, run, taken_up)
        done = Imported(run=run.id)
        try:
            if wish.as_of is not None:
                hold_clock(chain, client, actor, wish.as_of, at=now)
            business_now = _business_now(chain, client, wish, now)
            with connect(chain.engine_url, "import", pinned_plans=True, statement_timeout_s=0) as writer:
                _read(chain, client, wish, business_now, now, tell, writer, done)
            _decide(chain, client, done, business_now, now, tell)
            _end(chain, client, actor, run, done, now)
        except BaseException:
            # With part of a file in the log the run stays open, so that no time passes before the rest is there.
            state = "cut_short" if done.is_writing or taken_up is not None else "failed"
            with suppress(psycopg.Error):
                runs.end(chain.conn, client.id, run.id, state, (done.new, done.same, done.bad), now)
            raise
        seal_all(chain.conn, client.id, chain.keys(client.id), now=now)
    done.as_of = business_now
    return done


def abandon(chain: Chain, client: ClientRow, actor: Actor, run: str, *, at: datetime) -> runs.OpenRun:
    """Give up an import that was cut short: what it brought stays, and the client's time goes on without the rest."""
    require(actor, May.IMPORT)
    wanted = runs.begin_of_id(run)
    found = runs.open_run(chain.conn, client.id)
    if found is None or not wanted or not found.id.startswith(wanted):
        open_one = f"Open is {found.name} of {found.file_name}." if found else "None of its imports is open."
        raise NotFound(f"{run} does not name an open import of {client.slug}.", open_one, "`goodword status` names it.")
    deadline = time.monotonic() + _ABANDON_SECONDS
    while True:
        with lane_held(chain.conn, client.id) as held, chain.conn.transaction():
            if held:
                runs.close(chain.conn, client.id, found.id, "abandoned", at)
                keys = chain.keys(client.id)
                note(chain.conn, keys, actor, "import.abandon", "import_run", found.id, at=at)
                return found
        if time.monotonic() > deadline:
            raise BadInput(
                f"The import {found.name} still runs.", "Whoever reads the file holds the lane.", "End it first."
            )
        time.sleep(_PATIENCE_SECONDS)


def decide_all(chain: Chain, client_id: str, *, now: datetime, tick: bool = False) -> tuple[int, int]:
    """(decisions, dead letters) of all that lies in the log of a lane whose lock the caller holds."""
    lanes = Lanes(chain.vault)
    decisions = dead = 0
    while True:
        drained = drain(chain.conn, lanes, client_id, now=now, tick=tick)
        decisions, dead = decisions + drained.decisions, dead + drained.dead
        if drained.idle:
            if not runs.undecided(chain.conn, client_id):
                return decisions, dead
            time.sleep(_PATIENCE_SECONDS)  # appended, but a transaction that began earlier still runs


def wait_for_worker(conn: psycopg.Connection[Any], client_id: str, *, patience_seconds: float = 60.0) -> None:
    """Wait until the worker that holds the lane has decided what lies in the log."""
    deadline = time.monotonic() + patience_seconds
    while runs.undecided(conn, client_id):
        if time.monotonic() > deadline:
            raise DatabaseTrouble(
                "The worker has not decided what was appended.",
                "It was kept and will be decided when the worker comes to it.",
                "Look at `goodword status`.",
            )
        time.sleep(_PATIENCE_SECONDS)


def _check(wish: Wish) -> None:
    if wish.kind == "events" or sources.is_ndjson(wish.path):
        return
    columns = set(wish.map.named(dict.fromkeys(sources.columns_of(wish.path), "x")))
    needed = NEEDED_COLUMNS[wish.kind]
    if not columns & set(needed):
        raise BadInput(
            f"{wish.path} has no column {' or '.join(needed)}.",
            f"Its first line names: {', '.join(sorted(columns))[:200]}.",
            "Name the columns so, or give --map.",
        )


def _business_now(chain: Chain, client: ClientRow, wish: Wish, now: datetime) -> datetime:
    return wish.as_of or runs.business_now(chain.conn, client.id, now)


def _hash_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _read(
    chain: Chain,
    client: ClientRow,
    wish: Wish,
    business_now: datetime,
    now: datetime,
    tell: Tell,
    writer: psycopg.Connection[Any] | None,
    done: Imported,
) -> None:
    """Read, check and append the file chunk by chunk; without a writer only check it."""
    programs, plain = runs.programs_of(chain.conn, client.id)
    is_held = business_now != now  # then later events are of a time that has not come yet
    intake = Intake(
        client.id,
        wish.source,
        chain.keys(client.id),
        programs,
        plain,
        now,
        acts=wish.kind != "events",
        business_now=max(now, business_now),
    )
    place = sources.Place(wish.path)
    with _Rejects(wish, done) as rejects:
        chunk: list[tuple[int, str, LogRow]] = []
        for number, raw, row in _rows(wish, intake, place):
            done.rows += 1
            if isinstance(row, list):
                rejects.add(number, raw, row)
            elif is_held and row.event.at > business_now:
                done.later += 1
            else:
                chunk.append((number, raw, row))
            if len(chunk) == CHUNK_ROWS:
                _append(writer, intake.keys, chunk, done, rejects)
                chunk = []
                tell("reading", place.fraction())
        _append(writer, intake.keys, chunk, done, rejects)
        tell("reading", 1.0)


def _rows(wish: Wish, intake: Intake, place: sources.Place) -> Iterator[tuple[int, str, LogRow | list[Problem]]]:
    """(line, what stood there, its row of the log or what is wrong) of everything in the file."""
    if wish.kind == "events" and not sources.is_csv(wish.path):
        for line in sources.lines(wish.path, place):
            row = [line.problem] if line.problem else intake.row(line.body)
            yield line.number, line.body.decode("utf-8", "replace") if isinstance(row, list) else "", row
        return
    make = event_of_cells if wish.kind == "events" else ROW_EVENTS[wish.kind]
    only = min(intake.programs) if len(intake.programs) == 1 and wish.kind in OF_ONE_PROGRAM else None
    for cells in sources.cells(wish.path, place) if wish.kind != "events" else sources.rows(wish.path, place):
        raw = ""
        made = [cells.problem] if cells.problem else make(wish.map.named(cells.values))
        if only and isinstance(made, dict):
            made.setdefault("program", only)
        row = made if isinstance(made, list) else intake.row(msgspec.json.encode(made))
        if isinstance(row, list):
            raw = msgspec.json.encode(cells.values).decode()
        yield cells.number, raw, row


def _append(
    writer: psycopg.Connection[Any] | None,
    keys: ClientKeys,
    chunk: list[tuple[int, str, LogRow]],
    done: Imported,
    rejects: _Rejects,
) -> None:
    """Append a chunk in canonical order; rows that are acts, many of the same moment, in that of the file."""
    is_acts = bool(chunk) and chunk[0][2].event.type in ACTS
    chunk.sort(key=(lambda line: line[2].event.at) if is_acts else (lambda line: line[2].event.rank))
    if writer is None:
        done.new += len(chunk)
        return
    done.is_writing = done.is_writing or bool(chunk)
    for start in range(0, len(chunk), _APPEND_ROWS):
        part = chunk[start : start + _APPEND_ROWS]
        receipts = log.append(writer, [row for _, _, row in part])
        for (number, raw, _), receipt in zip(part, receipts, strict=True):
            if receipt.conflict:
                rejects.add(number, raw, [_taken()])
            elif receipt.problem:
                rejects.add(number, raw, [receipt.problem])
            elif receipt.duplicate:
                done.same += 1
            else:
                done.new += 1
        known = [row for (_, _, row), receipt in zip(part, receipts, strict=True) if receipt.duplicate]
        back = bring_again(writer, keys, known)
        done.new, done.same = done.new + back, done.same - back


def _taken() -> Problem:
    return Problem(
        "id", "is taken by other content that was accepted before", "use a new id for a new fact", "id_taken"
    )


def _decide(chain: Chain, client: ClientRow, done: Imported, business_now: datetime, now: datetime, tell: Tell) -> None:
    """Decide what lies in the log, then let the business clock run to the moment of the import."""
    total = max(1, runs.undecided(chain.conn, client.id))
    lanes = Lanes(chain.vault)
    events = 0
    while True:
        drained = drain(chain.conn, lanes, client.id, now=now, tick=False)
        events += drained.events
        done.decisions += drained.decisions
        done.dead += drained.dead
        tell("deciding", min(1.0, events / total))
        if drained.idle:
            if not runs.undecided(chain.conn, client.id):
                break
            time.sleep(_PATIENCE_SECONDS)
    done.decisions += advance(chain.conn, lanes, client.id, business_now, now=now)


def _end(chain: Chain, client: ClientRow, actor: Actor, run: runs.Run, done: Imported, now: datetime) -> None:
    with chain.conn.transaction():
        runs.end(chain.conn, client.id, run.id, "done", (done.new, done.same, done.bad), now)
        counts = {"rows": done.rows, "new": done.new, "same": done.same, "bad": done.bad, "kind": run.kind}
        note(chain.conn, chain.keys(client.id), actor, "import", "import_run", run.id, at=now, after=counts)


class _Rejects:
    """The file of rejected rows: made when the first is found, readable by its owner alone, since rows are personal."""

    def __init__(self, wish: Wish, done: Imported) -> None:
        self._wanted = wish.rejected or wish.path.with_name(f"{wish.path.name}.rejected.csv")
        self._is_chosen = wish.rejected is not None
        self._done = done
        self._file: Any = None
        self._writer: Any = None

    def __enter__(self) -> _Rejects:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, number: int, raw: str, problems: list[Problem]) -> None:
        """Set a row aside, with all that is wrong with it."""
        if self._file is None:
            self._open()
        self._done.bad += 1
        for problem in problems:
            if len(self._done.first_bad) < 20:
                self._done.first_bad.append(BadLine(number, problem, ""))
            self._writer.writerow(
                (number, problem.field, problem.why, problem.repair, problem.code, _harmless(raw[:_RAW_CHARACTERS]))
            )

    def _open(self) -> None:
        places = [self._wanted] if self._is_chosen else [self._wanted, Path.cwd() / self._wanted.name]
        for place in places:
            try:
                handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            except OSError:
                continue
            self._file = os.fdopen(handle, "w", encoding="utf-8", newline="")
            self._writer = csv.writer(self._file)
            self._writer.writerow(_REJECTED_COLUMNS)
            self._done.rejected = place
            return
        raise BadInput(
            f"{places[-1]} cannot be written.",
            "Rows that are rejected have to be kept somewhere.",
            "Name a place: --rejected FILE.",
        )


def _harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text
