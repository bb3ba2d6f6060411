"""Are the rows still the ones that were sealed? Every leaf recomputed, every checkpoint checked, each fault named.

Streams through the log in order and keeps only a batch in memory. What it can prove, and what only a witness can, is in
docs/proof.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from psycopg import Connection, DataError
from psycopg.adapt import Loader
from psycopg.pq import TransactionStatus
from psycopg.rows import tuple_row

from goodword.core import proof
from goodword.core.proof import HASH_BYTES, LEAF_KINDS, LeafKind
from goodword.store.sql.seal import origin, signature_holds

Wrong = Literal["altered", "dropped", "inserted", "swapped", "unsigned"]

FAULTS_NAMED = 1_000
_SLICE = 2_000
_SWAPS_TRIED = 64

# In the order of the arguments of the leaf functions.
_COLUMNS: dict[LeafKind, str] = {
    "event": "id, received_at, seq, at, source, type, body_hash, facts",
    "decision": "id, seq, event_id, cause, referral_id, clock, decided_at, verdict, body",
    "entry": "id, seq, decision_id, source_id, destination_id, asset, amount_minor, phase, of_id, reason, at,"
    " recorded_at, referral_id, reward_id",
    "action": "id, at, actor, role, verb, object_kind, object_id, before_commit, after_commit, request_id",
}
_DECISION_SEQ = 1
_PLURAL: dict[LeafKind, str] = {"event": "events", "decision": "decisions", "entry": "entries", "action": "staff acts"}
_ROW_ID = re.compile(r"[0-9a-f]{32}")

# Rows that need no leaf yet: events that were not decided, and those waiting on the dead-letter list.
_NOT_YET: dict[LeafKind, str] = {
    "event": " AND (t.xid, t.seq) <= (SELECT l.cursor_xid, l.cursor_seq FROM lane l WHERE l.client_id = t.client_id)"
    " AND NOT EXISTS (SELECT 1 FROM dead_letter d WHERE d.client_id = t.client_id AND d.id = t.id"
    " AND d.resolved_at IS NULL)",
}


@dataclass(frozen=True)
class Fault:
    """One thing that is not as it was sealed. `leaf` is its number in the log where it has one."""

    wrong: Wrong
    kind: str
    id: str
    leaf: int | None
    detail: str

    def __str__(self) -> str:
        where = "" if self.leaf is None else f" (leaf {self.leaf})"
        return f"{self.kind} {self.id}{where} was {self.wrong}: {self.detail}"


_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Period:
    """Rows sealed from one moment up to another. Leaves and signatures are checked from the first leaf on all the same."""

    since: datetime = _FIRST
    until: datetime = _LAST

    def holds(self, batch: LeafBatch) -> bool:
        """Whether the rows of this batch are to be recomputed."""
        return batch.sealed_at is not None and self.since <= batch.sealed_at < self.until


@dataclass(frozen=True)
class Tail:
    """What no signature covers yet: leaves without a number, and events that were not decided."""

    leaves: int = 0
    events: int = 0


@dataclass
class Report:
    """What a verification found. The first faults are kept by name, all are counted."""

    client_id: str
    size: int = 0
    checkpoints: int = 0
    checked: dict[LeafKind, int] = field(default_factory=lambda: dict.fromkeys(LEAF_KINDS, 0))
    faults: list[Fault] = field(default_factory=list)
    fault_count: int = 0
    tail: Tail = Tail()
    head: str = ""  # root over all numbered leaves, in hex

    @property
    def ok(self) -> bool:
        """Whether everything is as it was sealed."""
        return self.fault_count == 0

    @property
    def first(self) -> Fault | None:
        """The first fault in the order of the log."""
        return self.faults[0] if self.faults else None

    def add(self, fault: Fault) -> None:
        """Take one more fault."""
        self.fault_count += 1
        if len(self.faults) < FAULTS_NAMED:
            self.faults.append(fault)

    def sentence(self) -> str:
        """The result in one sentence."""
        if self.first is not None:
            return f"NOT AS SEALED, {self.fault_count} faults; the first: {self.first}."
        rows = ", ".join(f"{count:,} {_PLURAL[kind]}" for kind, count in self.checked.items() if count)
        tail = f" Not sealed yet: {self.tail.leaves:,} leaves, {self.tail.events:,} events."
        return (
            f"As sealed: {self.size:,} leaves ({rows or 'no rows'}) under {self.checkpoints:,} signed checkpoints."
            + (tail if self.tail.leaves or self.tail.events else "")
        )


@dataclass(frozen=True)
class LeafBatch:
    """One row of `leaf_batch`; `first` is None while it is not sealed."""

    id: str
    first: int | None
    count: int
    leaves: str
    hashes: bytes
    sealed_at: datetime | None = None


class Leaf(NamedTuple):
    """One leaf beside the row it stands for: `contents` are the leaf texts of all rows with that id, usually one."""

    number: int | None
    kind: LeafKind
    id: str
    hash: bytes
    rows: list[tuple[Any, ...]]
    contents: list[bytes]


class _HexLoader(Loader):
    def load(self, data: Any) -> str:
        return bytes(data).replace(b"-", b"").decode()


def verify(
    conn: Connection[Any],
    client_id: str,
    public_key: bytes,
    held: Iterable[str] = (),
    *,
    period: Period | None = None,
    report: Report | None = None,
) -> Report:
    """Check the whole log of a client against its rows, checkpoints and signatures, in one snapshot of the database.

    `held` are checkpoint notes that somebody else kept: with them a rewritten or shortened log is found as well.
    With a `period` only rows sealed in it are recomputed, and rows without a leaf are not searched for. Who hands in the
    `report` may watch from another thread how far the walk has come.
    """
    report = report or Report(client_id)
    with snapshot(conn):
        checks = _LogCheck(conn, client_id, public_key, held, report)
        for batch in leaf_batches(conn, client_id, sealed=True):
            checks.take(batch, with_rows=period is None or period.holds(batch))
        checks.finish()
        if period is not None:
            return report
        tail_leaves = 0
        for batch in leaf_batches(conn, client_id, sealed=False):
            checks.take_rows(batch)
            tail_leaves += batch.count
        checks.name_swaps()
        for kind in LEAF_KINDS:
            _find_inserted(conn, client_id, kind, report)
        report.tail = Tail(tail_leaves, _count_undecided(conn, client_id))
    return report


@contextmanager
def snapshot(conn: Connection[Any]) -> Iterator[None]:
    """A transaction that sees one moment of the database, where the caller has not opened one already."""
    idle = conn.info.transaction_status == TransactionStatus.IDLE
    with conn.transaction():
        if idle:
            conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            conn.execute("SET LOCAL statement_timeout = 0")  # a search through all rows may take minutes
        yield


def leaf_batches(conn: Connection[Any], client_id: str, *, sealed: bool) -> Iterator[LeafBatch]:
    """The client's leaf batches in the order of the log, a few at a time."""
    where = (
        "first_leaf IS NOT NULL ORDER BY first_leaf, id" if sealed else "first_leaf IS NULL ORDER BY decision_seq, id"
    )
    with conn.cursor(f"leaves_{sealed}", row_factory=tuple_row) as cursor:
        cursor.itersize = 20
        cursor.execute(
            f"SELECT id::text, first_leaf, count, leaves, hashes, sealed_at FROM leaf_batch"
            f" WHERE client_id = %s::uuid AND {where}",
            (client_id,),
        )
        for row in cursor:
            yield LeafBatch(*row)


def leaves_of(conn: Connection[Any], client_id: str, batch: LeafBatch) -> Iterator[Leaf]:
    """The leaves of a batch with the rows they stand for. Raises ValueError where the batch itself is damaged."""
    listed = json.loads(batch.leaves)
    if not isinstance(listed, list) or not len(listed) == batch.count == len(batch.hashes) // HASH_BYTES:
        raise ValueError("its list, count and hashes do not fit together")
    if not all(_is_leaf_name(item) for item in listed):
        raise ValueError("its list names something that is no row")
    for start in range(0, len(listed), _SLICE):
        part = listed[start : start + _SLICE]
        rows = {
            kind: _read_rows(conn, client_id, kind, [row_id for named, row_id in part if named == kind])
            for kind in LEAF_KINDS
        }
        for at, (kind, row_id) in enumerate(part, start):
            found = rows[kind].get(row_id, [])
            yield Leaf(
                None if batch.first is None else batch.first + at,
                kind,
                row_id,
                bytes(batch.hashes[at * HASH_BYTES : (at + 1) * HASH_BYTES]),
                found,
                [proof.LEAF_OF[kind](client_id, *row) for row in found],
            )


def _is_leaf_name(item: Any) -> bool:
    if not isinstance(item, list) or len(item) != 2 or item[0] not in LEAF_KINDS:
        return False
    return isinstance(item[1], str) and _ROW_ID.fullmatch(item[1]) is not None


def checkpoints(conn: Connection[Any], client_id: str) -> Iterator[tuple[int, bytes, str]]:
    """The client's checkpoints (size, root, note) as they were written, a few hundred at a time."""
    with conn.cursor("checkpoints", row_factory=tuple_row) as cursor:
        cursor.itersize = 500
        cursor.execute(
            "SELECT size, root, note FROM checkpoint WHERE client_id = %s::uuid ORDER BY size, created_at", (client_id,)
        )
        yield from cursor


class _LogCheck:
    """The walk along the log: rows against leaves, leaves against checkpoints, decisions against their own numbers."""

    def __init__(
        self, conn: Connection[Any], client_id: str, public_key: bytes, held: Iterable[str], report: Report
    ) -> None:
        self._conn = conn
        self._client_id = client_id
        self._public_key = public_key
        self._report = report
        self._tree = proof.Tree()
        self._broken = False  # a hole in the list of leaves: roots beyond it say nothing more
        self._last_good = self._last_signed = 0
        self._signed_at = ""
        self._next_decision: int | None = None
        self._altered: list[tuple[int, Leaf]] = []
        self._held = sorted(self._open_held(note) for note in held)
        self._checkpoints = checkpoints(conn, client_id)
        self._due = next(self._checkpoints, None)

    def take(self, batch: LeafBatch, *, with_rows: bool = True) -> None:
        """Check a sealed batch: its place, its rows, and every checkpoint that falls due within it."""
        assert batch.first is not None
        expected = self._report.size
        if batch.first != expected:
            wrong: Wrong = "dropped" if batch.first > expected else "inserted"
            detail = f"the log goes on with leaf {batch.first} where {expected} is due"
            self._report.add(Fault(wrong, "leaf_batch", batch.id, batch.first, detail))
            self._broken = True
        self._report.size = batch.first + batch.count
        for at in range(0, len(batch.hashes), HASH_BYTES):
            self._check_roots()
            self._tree.append(bytes(batch.hashes[at : at + HASH_BYTES]))
        if with_rows:
            self.take_rows(batch)
        else:
            self._next_decision = None
        self._check_roots()

    def take_rows(self, batch: LeafBatch) -> None:
        """Check the rows that the batch's leaves stand for."""
        try:
            for leaf in leaves_of(self._conn, self._client_id, batch):
                self._check_row(leaf)
        except (ValueError, TypeError) as trouble:
            self._report.add(Fault("altered", "leaf_batch", batch.id, batch.first, str(trouble)))
            self._broken = True

    def finish(self) -> None:
        """After the last sealed leaf: no checkpoint may promise more, and none may be missing."""
        self._check_roots()
        size = self._tree.size
        self._report.head = self._tree.root().hex()
        if self._due is not None:
            detail = f"a checkpoint was signed over {self._due[0]} leaves, the log holds {size}"
            self._report.add(Fault("dropped", "log", self._client_id, size, detail))
        elif size > self._last_signed and not self._broken:
            detail = f"leaves {self._last_signed} to {size - 1} are numbered and no checkpoint covers them"
            self._report.add(Fault("dropped", "checkpoint", f"of size {size}", size, detail))
        for held_size, _ in self._held:
            detail = f"a checkpoint held elsewhere covers {held_size} leaves, the log holds {size}"
            self._report.add(Fault("dropped", "log", self._client_id, size, detail))

    def name_swaps(self) -> None:
        """Two altered rows that hold each other's content were swapped: say so."""
        for place, leaf in self._altered:
            for _, other in self._altered:
                if other is leaf or other.kind != leaf.kind:
                    continue
                exchanged = proof.LEAF_OF[leaf.kind](self._client_id, leaf.id, *other.rows[0][1:])
                if proof.leaf_hash(exchanged) == leaf.hash:
                    detail = f"its content lies in {other.kind} {other.id}"
                    self._report.faults[place] = Fault("swapped", leaf.kind, leaf.id, leaf.number, detail)

    def _check_row(self, leaf: Leaf) -> None:
        report = self._report
        hashes = [proof.leaf_hash(content) for content in leaf.contents]
        if leaf.hash in hashes:
            report.checked[leaf.kind] += 1
            if len(hashes) > 1:
                report.add(Fault("inserted", leaf.kind, leaf.id, leaf.number, "a second row carries its id"))
            if leaf.kind == "decision":
                self._check_decision_order(leaf, leaf.rows[hashes.index(leaf.hash)][_DECISION_SEQ])
            return
        self._next_decision = None if leaf.kind == "decision" else self._next_decision
        if not leaf.rows:
            report.add(Fault("dropped", leaf.kind, leaf.id, leaf.number, "its leaf is there, the row is gone"))
            return
        if len(self._altered) < _SWAPS_TRIED and len(report.faults) < FAULTS_NAMED:
            self._altered.append((len(report.faults), leaf))
        report.add(Fault("altered", leaf.kind, leaf.id, leaf.number, "the row does not give the hash that was sealed"))

    def _check_decision_order(self, leaf: Leaf, seq: int) -> None:
        due, self._next_decision = self._next_decision, seq + 1
        if due is None or seq == due:
            return
        if seq > due:
            detail = f"decision number {due} is missing before number {seq}"
            self._report.add(Fault("dropped", "decision", f"number {due}", leaf.number, detail))
        else:
            detail = f"it is decision number {seq} and stands where {due} is due"
            self._report.add(Fault("swapped", "decision", leaf.id, leaf.number, detail))

    def _check_roots(self) -> None:
        """Check every checkpoint over exactly the leaves seen so far."""
        size = self._tree.size
        while self._due is not None and self._due[0] <= size:
            self._check_checkpoint(*self._due)
            self._due = next(self._checkpoints, None)
        while self._held and self._held[0][0] <= size:
            held_size, root = self._held.pop(0)
            if held_size == size and root != self._tree.root() and not self._broken:
                self._broken = True
                detail = "a checkpoint held elsewhere has another root: the log was rewritten"
                self._report.add(Fault("altered", "log", self._client_id, size, detail))

    def _check_checkpoint(self, size: int, root: bytes, note: str) -> None:
        report, name = self._report, f"of size {size}"
        report.checkpoints += 1
        self._last_signed = size
        try:
            signed = self._open(note)
        except proof.ProofError as trouble:
            report.add(Fault("unsigned", "checkpoint", name, size, str(trouble)))
            return
        if (signed.size, signed.root) != (size, bytes(root)):
            report.add(Fault("altered", "checkpoint", name, size, "its columns and its signed note differ"))
            return
        time = signed.extensions[0] if signed.extensions else ""
        if time < self._signed_at:
            report.add(Fault("swapped", "checkpoint", name, size, f"{time} is before the checkpoint ahead of it"))
        self._signed_at = time
        if self._broken:
            return
        if self._tree.size != size or self._tree.root() != signed.root:
            detail = f"leaves {self._last_good} to {size - 1} are not the ones that were signed"
            report.add(Fault("altered", "log", f"leaves {self._last_good} to {size - 1}", self._last_good, detail))
            self._broken = True
            return
        self._last_good = size

    def _open(self, note: str) -> proof.Checkpoint:
        key, name = self._public_key, origin(self._client_id)
        text = proof.open_note(note, name, key, lambda signature, message: signature_holds(key, signature, message))
        checkpoint = proof.parse_checkpoint(text)
        if checkpoint.origin != name:
            raise proof.ProofError(f"it belongs to the log {checkpoint.origin}")
        return checkpoint

    def _open_held(self, note: str) -> tuple[int, bytes]:
        checkpoint = self._open(note)
        return checkpoint.size, checkpoint.root


def _read_rows(
    conn: Connection[Any], client_id: str, kind: LeafKind, ids: list[str]
) -> dict[str, list[tuple[Any, ...]]]:
    """Rows by id, columns in the order of the leaf function. Two rows of one id are a fault that the caller names."""
    if not ids:
        return {}
    with conn.cursor(row_factory=tuple_row) as cursor:
        cursor.adapters.register_loader("uuid", _HexLoader)
        cursor.execute(
            f"SELECT {_COLUMNS[kind]} FROM {kind} WHERE client_id = %s::uuid AND id = ANY(%s::uuid[])",
            (client_id, "{" + ",".join(ids) + "}"),
        )
        found: dict[str, list[tuple[Any, ...]]] = {}
        for row in cursor:
            found.setdefault(row[0], []).append(row)
    return found


def _find_inserted(conn: Connection[Any], client_id: str, kind: LeafKind, report: Report) -> None:
    """Name the rows of this kind that no leaf stands for. The database does the join, so memory stays small."""
    try:
        with conn.transaction(), conn.cursor(row_factory=tuple_row) as cursor:
            cursor.execute(
                "WITH leaf AS MATERIALIZED (SELECT (item ->> 1)::uuid AS id FROM leaf_batch b,"
                " jsonb_array_elements(b.leaves::jsonb) AS item WHERE b.client_id = %s::uuid AND item ->> 0 = %s)"
                f" SELECT replace(t.id::text, '-', '') FROM {kind} t LEFT JOIN leaf ON leaf.id = t.id"
                f" WHERE t.client_id = %s::uuid AND leaf.id IS NULL{_NOT_YET.get(kind, '')} ORDER BY t.id",
                (client_id, kind, client_id),
            )
            for (row_id,) in cursor:
                report.add(Fault("inserted", kind, row_id, None, "no leaf stands for the row"))
    except DataError:
        report.add(
            Fault("altered", "leaf_batch", client_id, None, "a list of leaves is damaged, so none can be missed")
        )


def _count_undecided(conn: Connection[Any], client_id: str) -> int:
    with conn.cursor(row_factory=tuple_row) as cursor:
        cursor.execute(
            "SELECT count(*) FROM event t WHERE t.client_id = %s::uuid AND (t.xid, t.seq) >"
            " (SELECT coalesce(max(l.cursor_xid::text), '0')::xid8, coalesce(max(l.cursor_seq), 0)"
            " FROM lane l WHERE l.client_id = t.client_id)",
            (client_id,),
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0
