"""Which files were brought in, and what does an import need to know of its client? Runs, programs, and how far the lane is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import psycopg

from goodword.errors import BadInput

OPEN_STATES = ("running", "cut_short")
_NAME_DIGITS = 12


class Run(msgspec.Struct, frozen=True):
    """An import as it begins."""

    id: str
    kind: str
    file_name: str
    file_hash: bytes
    source: str
    as_of: datetime | None
    started_at: datetime
    started_by: str


class OpenRun(msgspec.Struct, frozen=True):
    """An import that is not finished. Until it is, or is given up, its client's lane rests: no time passes there."""

    id: str
    kind: str
    file_name: str
    file_hash: bytes
    source: str
    started_at: datetime

    @property
    def name(self) -> str:
        """The beginning of its id, as commands take it."""
        return f"imp_{self.id[:_NAME_DIGITS]}"

    def is_taken_up_by(self, run: Run) -> bool:
        """Whether that import brings the rest: the same file, or one mended under the same name."""
        if (self.kind, self.source) != (run.kind, run.source):
            return False
        return self.file_hash == run.file_hash or self.file_name == run.file_name


def begin_of_id(name: str) -> str:
    """What an id begins with that is called by its name, whole; empty for less: too little could name another import."""
    begin = name.strip().lower().removeprefix("imp_").replace("-", "")
    return begin if len(begin) >= _NAME_DIGITS and begin.isalnum() else ""


def open_run(conn: psycopg.Connection[Any], client_id: str) -> OpenRun | None:
    """The import that was begun and neither finished nor given up: always the latest, since it keeps others out."""
    row = conn.execute(
        "SELECT state, id, kind, file_name, file_hash, source, started_at FROM import_run"
        " WHERE client_id = %s::uuid AND kind <> 'demo' ORDER BY started_at DESC LIMIT 1",
        (client_id,),
    ).fetchone()
    return OpenRun(*row[1:]) if row and row[0] in OPEN_STATES else None


def require_none_open(conn: psycopg.Connection[Any], client_id: str) -> None:
    """Refuse what would let time pass between two halves of one file."""
    run = open_run(conn, client_id)
    if run is not None:
        raise unfinished(run)


def unfinished(run: OpenRun) -> BadInput:
    """The refusal that names the import in the way."""
    return BadInput(
        f"The import {run.name} of {run.file_name} is not finished.",
        "Nothing else is decided for this client until the rest of that file is there.",
        f"If it was cut short, import the file again, or give it up: goodword import abandon {run.name} --client SLUG",
    )


def begin(conn: psycopg.Connection[Any], client_id: str, run: Run, taken_up: OpenRun | None = None) -> None:
    """Write down that a file is being read, perhaps in the place of a run that was cut short: one of both is always open."""
    with conn.transaction():
        if taken_up is not None:
            close(conn, client_id, taken_up.id, "failed", run.started_at)
        _insert(conn, client_id, run)


def close(conn: psycopg.Connection[Any], client_id: str, run_id: str, state: str, at: datetime) -> None:
    """A run that nobody goes on with any more."""
    conn.execute(
        "UPDATE import_run SET state = %s, finished_at = %s WHERE client_id = %s::uuid AND id = %s::uuid",
        (state, at, client_id, run_id),
    )


def _insert(conn: psycopg.Connection[Any], client_id: str, run: Run) -> None:
    conn.execute(
        "INSERT INTO import_run (client_id, id, kind, file_name, file_hash, source, as_of, state, started_at, started_by)"
        " VALUES (%s::uuid, %s::uuid, %s, %s, %s, %s, %s, 'running', %s, %s)",
        (
            client_id,
            run.id,
            run.kind,
            run.file_name,
            run.file_hash,
            run.source,
            run.as_of,
            run.started_at,
            run.started_by,
        ),
    )


def end(
    conn: psycopg.Connection[Any], client_id: str, run_id: str, state: str, counts: tuple[int, int, int], at: datetime
) -> None:
    """Write down how it ended: (new, same, bad) rows."""
    conn.execute(
        "UPDATE import_run SET state = %s, rows_ok = %s, rows_same = %s, rows_bad = %s, finished_at = %s"
        " WHERE client_id = %s::uuid AND id = %s::uuid",
        (state, *counts, at, client_id, run_id),
    )


def programs_of(conn: psycopg.Connection[Any], client_id: str) -> tuple[frozenset[str], frozenset[str]]:
    """(slugs of a client's programs, names of `data` fields that a published version declares not personal)."""
    slugs = conn.execute("SELECT slug FROM program WHERE client_id = %s::uuid", (client_id,)).fetchall()
    documents = conn.execute(
        "SELECT document FROM program_version WHERE client_id = %s::uuid AND published_at IS NOT NULL", (client_id,)
    ).fetchall()
    plain: set[str] = set()
    for (document,) in documents:
        part = msgspec.json.decode(document, type=_DocumentPart)
        plain.update(name for name, field in part.fields.items() if field.personal is False)
    return frozenset(row[0] for row in slugs), frozenset(plain)


def undecided(conn: psycopg.Connection[Any], client_id: str) -> int:
    """Events of the log behind the lane's cursor, safely committed or not."""
    row = conn.execute(
        "SELECT count(*) FROM event e JOIN lane l ON l.client_id = e.client_id"
        " WHERE e.client_id = %s::uuid AND (e.xid, e.seq) > (l.cursor_xid, l.cursor_seq)",
        (client_id,),
    ).fetchone()
    return int(row[0]) if row else 0


def is_settled(conn: psycopg.Connection[Any], client_id: str) -> bool:
    """Whether everything behind the lane's cursor is safely committed: a worker that reads now reads all of it."""
    row = conn.execute(
        "SELECT FROM event e JOIN lane l ON l.client_id = e.client_id"
        " WHERE e.client_id = %s::uuid AND (e.xid, e.seq) > (l.cursor_xid, l.cursor_seq)"
        " AND e.xid >= pg_snapshot_xmin(pg_current_snapshot()) LIMIT 1",
        (client_id,),
    ).fetchone()
    return row is None


def lane_clock(conn: psycopg.Connection[Any], client_id: str) -> tuple[datetime | None, datetime | None]:
    """(business clock, the moment it is held at)."""
    row = conn.execute("SELECT clock, held_at FROM lane WHERE client_id = %s::uuid", (client_id,)).fetchone()
    return (row[0], row[1]) if row else (None, None)


def business_now(conn: psycopg.Connection[Any], client_id: str, now: datetime) -> datetime:
    """The present of a client: the moment its clock is held at, else the world's."""
    return lane_clock(conn, client_id)[1] or now


class _FieldPart(msgspec.Struct):
    personal: bool = True


class _DocumentPart(msgspec.Struct):
    fields: dict[str, _FieldPart] = {}
