"""How is the log decided? One batch of one lane: open the transaction, load, decide in a plain loop, record, commit.

A lane is a client; whoever holds its lock is the only one to decide its events. What cannot be decided goes to the dead
letters with its reason and never stops the lane; what is dated in the future waits there until it is due.
"""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
import psycopg

from goodword.actions.lane_row import LaneRow, lane_row, move_cursor
from goodword.catalog import SHELVES
from goodword.core.decide import Lane
from goodword.core.events import AHEAD_ACCEPTED, Event, attributes_in
from goodword.core.situation import Decision
from goodword.errors import DatabaseTrouble
from goodword.store.book import Book
from goodword.store.decided import Decided
from goodword.store.load import load_situation
from goodword.store.record import DECIDED_CHANNEL, record
from goodword.store.recount import count_in, zone_of
from goodword.store.sql.connect import array_literal
from goodword.store.sql.log import LoggedEvent, pending, read_events
from goodword.store.sql.vault import Vault

_Ready = tuple[LoggedEvent, Event, bytes | None]  # a row of the log, its event, and the body that has to move

BATCH_EVENTS = 1000
BATCH_DUE = 2000
IDLE_DUE = (
    250  # while nothing arrives, moments are decided in small batches: whoever arrives meanwhile waits for one only
)
RETRIES = 100
HAVE_MOMENTS = ("referral", "wallet", "contest_round")
# From so many events on, statements are planned anew: a plan made while tables were empty reads all of them when they are full.
PLANNED_ANEW = 100


class Drained(msgspec.Struct, frozen=True):
    """What one call did: events taken from the log, decisions written, events set aside as dead letters."""

    events: int = 0
    decisions: int = 0
    dead: int = 0

    @property
    def idle(self) -> bool:
        """Whether there was nothing to do."""
        return not (self.events or self.decisions or self.dead)


class Lanes:
    """What a worker keeps between batches: the parsed terms of each client."""

    def __init__(self, vault: Vault) -> None:
        self.vault = vault
        self._books: dict[str, Book] = {}

    def book(self, client_id: str) -> Book:
        """The client's book of terms, refreshed at each batch."""
        return self._books.setdefault(client_id, Book())

    def forget(self, client_id: str) -> None:
        """Read the client's terms anew at the next batch."""
        self._books.pop(client_id, None)


@contextmanager
def lane_held(conn: psycopg.Connection[Any], client_id: str, *, wait: bool = False) -> Iterator[bool]:
    """Hold a lane's lock for this session; yields whether it was got. Ends with the block, or with the connection."""
    call = "pg_advisory_lock" if wait else "pg_try_advisory_lock"
    row = conn.execute(f"SELECT {call}(hashtextextended('lane:' || %s, 0))", (client_id,)).fetchone()
    held = wait or bool(row and row[0])
    try:
        yield held
    finally:
        if held and not conn.closed:
            conn.execute("SELECT pg_advisory_unlock(hashtextextended('lane:' || %s, 0))", (client_id,))


@contextmanager
def no_garbage_rounds() -> Iterator[None]:
    """A batch makes many objects and no cycles: looking for garbage in the midst of it costs a twelfth of its time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def drain(
    conn: psycopg.Connection[Any],
    lanes: Lanes,
    client_id: str,
    *,
    now: datetime,
    limit: int = BATCH_EVENTS,
    tick: bool = True,
) -> Drained:
    """Decide the next batch of a lane whose lock the caller holds. `now` is the wall clock.

    With `tick`, and nothing left to read, moments that came due by now are decided too; an import drains without.
    """
    pass_over = PassOver()
    while True:
        try:
            with no_garbage_rounds(), conn.transaction():
                return _drain_once(conn, lanes, client_id, now, limit, tick, pass_over)
        except _Undecidable as trouble:
            lanes.forget(client_id)
            pass_over.note(trouble)
        except _Unwritable as trouble:
            lanes.forget(client_id)
            if limit > 1:
                limit = limit // 4 or 1  # nobody knows yet whose rows they were: find it among fewer
            else:
                pass_over.note(trouble.alone())


def advance(conn: psycopg.Connection[Any], lanes: Lanes, client_id: str, until: datetime, *, now: datetime) -> int:
    """Let the business clock of a drained lane run to `until`; returns the number of decisions."""
    total, most = 0, BATCH_DUE
    pass_over = PassOver()
    while True:
        try:
            with conn.transaction():
                lane = lane_row(conn, client_id)
                due = _due(conn, client_id, until, most)
                if not due:
                    return total
                last = min(until, due[-1][1]) if len(due) == most else until
                total += _decide_batch(conn, lanes, client_id, lane, [], due, last, last, now, pass_over).decisions
                most, pass_over = BATCH_DUE, PassOver()
        except _Undecidable as trouble:
            lanes.forget(client_id)
            pass_over.note(trouble)
        except _Unwritable as trouble:
            lanes.forget(client_id)
            if most > 1:
                most = most // 4 or 1
            else:
                pass_over.note(trouble.alone())


class _Undecidable(Exception):
    """An event (or a due referral) that raised while it was decided."""

    def __init__(self, key: str, why: str, *, due: bool = False) -> None:
        super().__init__(why)
        self.key = key
        self.why = why
        self.due = due


class _Unwritable(Exception):
    """A batch that could not be loaded or recorded, for another cause than a database that is away."""

    def __init__(self, events: list[str], due: list[str], cause: Exception) -> None:
        super().__init__(type(cause).__name__)
        self.events = events
        self.due = due
        self.cause = cause

    def alone(self) -> _Undecidable:
        """The one event (or the one moment) that was tried by itself."""
        why = f"unwritable: {type(self.cause).__name__}"
        if self.events:
            return _Undecidable(self.events[0], why)
        if self.due:
            return _Undecidable(self.due[0], why, due=True)
        raise self.cause


class PassOver:
    """What one call has found that cannot be decided: events, and referrals whose moments are passed over."""

    def __init__(self) -> None:
        self.events: dict[str, str] = {}
        self.due: dict[str, str] = {}

    def note(self, trouble: _Undecidable) -> None:
        """Remember it, so that the batch can be tried without it; the same twice would be tried for ever."""
        known = self.due if trouble.due else self.events
        if trouble.key in known:
            raise trouble
        known[trouble.key] = trouble.why


# The fault of the machine or of another process, never of an event.
_NOBODYS_FAULT = (psycopg.OperationalError, psycopg.InterfaceError, DatabaseTrouble, OSError, MemoryError)


def _drain_once(
    conn: psycopg.Connection[Any],
    lanes: Lanes,
    client_id: str,
    now: datetime,
    limit: int,
    tick: bool,
    pass_over: PassOver,
) -> Drained:
    lane = lane_row(conn, client_id)
    if lane.counted_in != lane.zone:
        count_in(conn, client_id, lane.zone)
        lane = msgspec.structs.replace(lane, counted_in=lane.zone)
    business_now = lane.held_at or now
    most_due = min(BATCH_DUE, limit * 4 - 3)  # in search of what cannot be written, moments too come one by one
    logged = pending(conn, client_id, lane.cursor_xid, lane.cursor_seq, limit)
    if len(logged) >= PLANNED_ANEW:
        conn.execute("DISCARD PLANS")
    retried = _retried(conn, client_id, business_now, now, min(limit, RETRIES)) if not logged and tick else []
    if not logged and not retried:
        if not tick:
            return Drained()
        most_due = min(most_due, IDLE_DUE)
        due = _due(conn, client_id, business_now, most_due)
        if not due:
            return Drained()
        until = due[-1][1] if len(due) == most_due else business_now
        return _decide_batch(conn, lanes, client_id, lane, [], due, until, business_now, now, pass_over)
    batch = logged or retried
    count, due = _fitting(conn, client_id, lane, batch, business_now, most_due)
    if count == 0:
        return _decide_batch(conn, lanes, client_id, lane, [], due, due[-1][1], business_now, now, pass_over)
    return _decide_batch(
        conn, lanes, client_id, lane, batch[:count], due, None, business_now, now, pass_over, retry=not logged
    )


def _fitting(
    conn: psycopg.Connection[Any],
    client_id: str,
    lane: LaneRow,
    batch: Sequence[LoggedEvent],
    business_now: datetime,
    most_due: int,
) -> tuple[int, list[tuple[str, datetime]]]:
    """As many events as come with a bounded number of due moments; none where the first already has too many before it."""
    count = len(batch)
    latest = business_now + AHEAD_ACCEPTED
    while True:
        upper = max([min(event.at, latest) for event in batch[:count]] + ([lane.clock] if lane.clock else []))
        due = _due(conn, client_id, upper, most_due + 1)
        if len(due) <= most_due:
            return count, due
        if count == 1:
            return 0, due[:most_due]
        count //= 2


def _decide_batch(
    conn: psycopg.Connection[Any],
    lanes: Lanes,
    client_id: str,
    lane: LaneRow,
    batch: Sequence[LoggedEvent],
    due: list[tuple[str, datetime]],
    until: datetime | None,
    business_now: datetime,
    now: datetime,
    pass_over: PassOver,
    *,
    retry: bool = False,
) -> Drained:
    """Load, decide and record; with `until`, time then runs that far."""
    book = lanes.book(client_id)
    book.refresh(conn, client_id, SHELVES)
    ready, dead = _sorted_out(lanes.vault, client_id, batch, business_now + AHEAD_ACCEPTED, pass_over)
    try:
        done = _recorded(conn, lanes, client_id, lane, ready, due, until, business_now, now, pass_over)
    except (_Undecidable, *_NOBODYS_FAULT):
        raise
    except Exception as error:
        raise _Unwritable([logged.id for logged, _, _ in ready], [id_ for id_, _ in due], error) from error
    clock, last_seq = done.clock, done.last_seq
    taken, ready = _taken(batch, ready, dead, done.events), ready[: done.events]
    dead = {logged.id: dead[logged.id] for logged in taken if logged.id in dead}
    _set_aside(conn, client_id, dead, now)
    _set_aside_due(conn, client_id, pass_over.due, now)
    if retry:
        _resolve(conn, client_id, [logged.id for logged, _, _ in ready], now)
    cursor = max(((logged.xid, logged.seq) for logged in taken), default=(lane.cursor_xid, lane.cursor_seq))
    cursor = max(cursor, (lane.cursor_xid, lane.cursor_seq))
    move_cursor(conn, client_id, lane, cursor, last_seq, clock, now)
    conn.execute("SELECT pg_notify(%s, %s)", (DECIDED_CHANNEL, client_id))
    return Drained(len(taken), last_seq - lane.decision_seq, len(dead) + len(pass_over.due))


def _sorted_out(
    vault: Vault, client_id: str, batch: Sequence[LoggedEvent], latest: datetime, pass_over: PassOver
) -> tuple[list[_Ready], dict[str, tuple[str, datetime | None]]]:
    """(what can be decided, what is set aside and why), up to the first event that changes what has to be loaded for the
    next ones: a publication does, and what makes others due."""
    ready: list[_Ready] = []
    dead: dict[str, tuple[str, datetime | None]] = {}
    for logged in batch:
        if logged.id in pass_over.events:
            dead[logged.id] = (pass_over.events[logged.id], None)
        elif logged.at > latest:
            dead[logged.id] = ("at_in_future", logged.at)
        else:
            ready.append(_opened(vault, client_id, logged))
            if logged.type in ("publish", "signal", "move", "stop"):
                break
    return ready, dead


def _taken(
    batch: Sequence[LoggedEvent], ready: list[_Ready], dead: Collection[str], decided: int
) -> Sequence[LoggedEvent]:
    """The part of a batch that is over: everything before the first event that was not decided."""
    over = {logged.id for logged, _, _ in ready[:decided]} | set(dead)
    end = next((n for n, logged in enumerate(batch) if logged.id not in over), len(batch))
    return batch[:end]


class _Recorded(NamedTuple):
    """How far a batch came: the business clock, the number of the last decision, and how many events were decided."""

    clock: datetime | None
    last_seq: int
    events: int


def _recorded(
    conn: psycopg.Connection[Any],
    lanes: Lanes,
    client_id: str,
    lane: LaneRow,
    ready: list[_Ready],
    due: list[tuple[str, datetime]],
    until: datetime | None,
    business_now: datetime,
    now: datetime,
    pass_over: PassOver,
) -> _Recorded:
    """The part that an event can spoil."""
    vault, book = lanes.vault, lanes.book(client_id)
    events = [event for _, event, _ in ready]
    due_ids = [id_ for id_, _ in due]
    part = load_situation(conn, vault, client_id, SHELVES, book, events, due_ids, lane.clock)
    situation, before = part.situation, dict(part.situation.referrals)
    deciding = Lane(situation, pass_over=frozenset(pass_over.due), at_hand=part.friends, due=due_ids)
    decided = _decide(deciding, ready, until, business_now + AHEAD_ACCEPTED)
    if not decided:
        return _Recorded(situation.clock, lane.decision_seq, 0)
    zone = zone_of(lane.counted_in)
    last_seq = record(conn, vault, client_id, book, situation, before, decided, lane.decision_seq + 1, now, zone)
    return _Recorded(situation.clock, last_seq, sum(1 for one in decided if one.logged is not None))


def _opened(vault: Vault, client_id: str, logged: LoggedEvent) -> _Ready:
    """The event as deciding reads it, with its attributes, and the body that has to move under the person's key."""
    try:
        event = logged.event
        if event.type == "click" and not event.ids:
            return logged, event, None
        if logged.sealed is None or logged.key_id is None or logged.party_id is not None:
            return logged, event, None
        raw = vault.open_client(client_id).open_intake(logged.id, logged.key_id, bytes(logged.sealed))
        if event.has_attributes:
            event = msgspec.structs.replace(event, attributes=attributes_in(raw))
        return logged, event, raw
    except _NOBODYS_FAULT:
        raise
    except Exception as error:
        raise _Undecidable(logged.id, f"unreadable: {type(error).__name__}") from error


def _decide(lane: Lane, ready: list[_Ready], until: datetime | None, business_now: datetime) -> list[Decided]:
    """Decisions in order, up to the first moment for which more has to be loaded."""
    decided: list[Decided] = []
    for logged, event, raw in ready:
        try:
            decisions = list(lane.receive(event, business_now))
        except Exception as error:
            key = lane.deciding or event.id
            raise _Undecidable(key, f"undecidable: {type(error).__name__}", due=key != event.id) from error
        if lane.asks_for_more:
            return decided + [Decided(decision, None, None, None) for decision in decisions]
        decided += [Decided(decision, None, None, None) for decision in decisions[:-1]]
        decided.append(Decided(decisions[-1], logged, event, raw))
    if until is not None:
        decided += [Decided(decision, None, None, None) for decision in _advanced(lane, until)]
    return decided


def _advanced(lane: Lane, until: datetime) -> list[Decision]:
    try:
        return list(lane.advance(until))
    except Exception as error:
        raise _Undecidable(lane.deciding or "", f"undecidable: {type(error).__name__}", due=True) from error


# -- what is due, what is tried again, what is set aside ----------------------------------------------------------------


def _due(conn: psycopg.Connection[Any], client_id: str, until: datetime, limit: int) -> list[tuple[str, datetime]]:
    return conn.execute(
        "SELECT id, next_due_at FROM ("
        " (SELECT id, next_due_at FROM referral WHERE client_id = %(client)s::uuid AND next_due_at <= %(until)s"
        " ORDER BY next_due_at, id LIMIT %(most)s) UNION ALL"
        " (SELECT id, next_due_at FROM wallet WHERE client_id = %(client)s::uuid AND next_due_at <= %(until)s"
        " ORDER BY next_due_at, id LIMIT %(most)s) UNION ALL"
        " (SELECT id, next_due_at FROM contest_round WHERE client_id = %(client)s::uuid AND next_due_at <= %(until)s"
        " ORDER BY next_due_at, id LIMIT %(most)s)) due ORDER BY next_due_at, id LIMIT %(most)s",
        {"client": client_id, "until": until, "most": limit},
        prepare=True,
    ).fetchall()


def _retried(
    conn: psycopg.Connection[Any], client_id: str, business_now: datetime, now: datetime, limit: int
) -> list[LoggedEvent]:
    """Dead letters whose time has come. A referral gets its moment back; what was decided meanwhile is over."""
    rows = conn.execute(
        "SELECT l.id, EXISTS (SELECT FROM decision d WHERE d.client_id = l.client_id AND d.event_id = l.id) FROM dead_letter l"
        " WHERE l.client_id = %s::uuid AND l.resolved_at IS NULL AND l.retry_at IS NOT NULL AND l.retry_at <= %s"
        " ORDER BY l.retry_at, l.id LIMIT %s",
        (client_id, business_now, limit),
        prepare=True,
    ).fetchall()
    if not rows:
        return []
    events = read_events(conn, client_id, [id_ for id_, is_decided in rows if not is_decided])
    others = sorted({id_ for id_, _ in rows} - {event.id for event in events})
    if others:
        for table in HAVE_MOMENTS:
            conn.execute(
                f"UPDATE {table} SET next_due_at = (body::json->>'next_due_at')::timestamptz"
                " WHERE client_id = %s::uuid AND id = ANY(%s::uuid[])",
                (client_id, array_literal(others)),
            )
        _resolve(conn, client_id, others, now)
    return events


def _set_aside(
    conn: psycopg.Connection[Any], client_id: str, dead: dict[str, tuple[str, datetime | None]], now: datetime
) -> None:
    if dead:
        conn.execute(
            "INSERT INTO dead_letter (client_id, id, reason, detail, at, retry_at)"
            " SELECT %s::uuid, id, reason, '', %s, retry_at FROM unnest(%s::uuid[], %s::text[], %s::timestamptz[]) AS"
            " n(id, reason, retry_at)"
            " ON CONFLICT (client_id, id) DO UPDATE SET reason = excluded.reason, attempts = dead_letter.attempts + 1,"
            " retry_at = excluded.retry_at, resolved_at = NULL",
            (
                client_id,
                now,
                array_literal(dead),
                array_literal(why for why, _ in dead.values()),
                array_literal(at for _, at in dead.values()),
            ),
        )


def _set_aside_due(conn: psycopg.Connection[Any], client_id: str, dead: dict[str, str], now: datetime) -> None:
    """Referrals and wallets whose moment cannot be decided are taken out of the queue of moments and shown to people."""
    if dead:
        for table in HAVE_MOMENTS:
            conn.execute(
                f"UPDATE {table} SET next_due_at = NULL WHERE client_id = %s::uuid AND id = ANY(%s::uuid[])",
                (client_id, array_literal(dead)),
            )
        _set_aside(conn, client_id, {id_: (why, None) for id_, why in dead.items()}, now)


def _resolve(conn: psycopg.Connection[Any], client_id: str, ids: list[str], now: datetime) -> None:
    conn.execute(
        "UPDATE dead_letter SET resolved_at = %s, attempts = attempts + 1 WHERE client_id = %s::uuid AND id = ANY(%s::uuid[])",
        (now, client_id, array_literal(ids)),
    )
