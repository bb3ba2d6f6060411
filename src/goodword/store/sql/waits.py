"""What is news? One thread and one connection that hear notifications: decisions waited for, changed keys, codes asked for.

Whoever waits for a decision registers BEFORE the event is appended, so no notification can slip by; for an event that was there
already `look_now` asks at once. All waiting ids are answered by one query per notification, whatever their number.
"""

from __future__ import annotations

import logging
import os
import select
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from datetime import datetime
from typing import Any, TypeVar

import msgspec
import psycopg
from psycopg.rows import tuple_row

from goodword.store.sql.codes import CodeBook, CodeState, find_codes
from goodword.store.sql.connect import array_literal
from goodword.store.sql.keys import KEYS_CHANNEL, KeyBook, note_used

DECIDED_CHANNEL = "goodword_decided"
_TICK_S = 1.0
_RELOAD_S = 60.0
_LONGEST_PAUSE_S = 5.0
log = logging.getLogger(__name__)


class Decided(msgspec.Struct, frozen=True):
    """One decision about an event; `body` is its JSON as stored. An event put aside has the verdict `dead_letter`."""

    event_id: str
    verdict: str
    body: str


Answer = dict[str, list[Decided]]
Answered = TypeVar("Answered")


class Wait:
    """Somebody waits for the decisions on some events of a client."""

    __slots__ = ("client_id", "event_ids", "found", "future")

    def __init__(self, client_id: str, event_ids: Iterable[str]) -> None:
        self.client_id = client_id
        self.event_ids = set(event_ids)
        self.found: Answer = {}
        self.future: Future[Answer] = Future()


def read_decisions(conn: psycopg.Connection[Any], wanted: dict[str, set[str]]) -> dict[tuple[str, str], list[Decided]]:
    """(client, event) -> what was decided about it so far; one query for all."""
    pairs = [(client_id, event_id) for client_id, ids in wanted.items() for event_id in ids]
    columns = [array_literal([client_id for client_id, _ in pairs]), array_literal([id for _, id in pairs])]
    with conn.cursor(row_factory=tuple_row) as cursor:
        cursor.execute(
            "WITH wanted AS (SELECT * FROM unnest(%s::uuid[], %s::uuid[]) AS t(client_id, event_id))"
            " SELECT client_id, event_id, verdict, body FROM ("
            "  SELECT d.client_id, d.event_id, d.verdict, d.body, d.seq FROM wanted w"
            "  JOIN decision d ON d.client_id = w.client_id AND d.event_id = w.event_id"
            "  UNION ALL"
            "  SELECT l.client_id, l.id, 'dead_letter', json_build_object('reason', l.reason)::text, 0 FROM wanted w"
            "  JOIN dead_letter l ON l.client_id = w.client_id AND l.id = w.event_id AND l.resolved_at IS NULL"
            " ) AS answers ORDER BY seq",
            columns,
        )
        found: dict[tuple[str, str], list[Decided]] = {}
        for client_id, event_id, verdict, body in cursor.fetchall():
            found.setdefault((client_id, event_id), []).append(Decided(event_id, verdict, body))
        return found


class Listener(threading.Thread):
    """Owns the connection. `connect` opens one as the engine; `warm` prepares a client before its keys are honoured."""

    def __init__(
        self,
        connect: Callable[[], psycopg.Connection[Any]],
        keys: KeyBook,
        codes: CodeBook,
        *,
        warm: Callable[[str], None] | None = None,
    ) -> None:
        super().__init__(name="goodword-listener", daemon=True)
        self._connect, self._keys, self._codes, self._warm = connect, keys, codes, warm
        self._lock = threading.Lock()
        self._waits: list[Wait] = []
        self._hurried: set[str] = set()
        self._asked: dict[tuple[str, str], list[Future[CodeState | None]]] = {}
        self._used: dict[tuple[str, str], datetime] = {}
        self._calls: list[tuple[Callable[[psycopg.Connection[Any]], Any], Future[Any]]] = []
        self._followers: list[Callable[[set[str]], None]] = []
        self._woken, self._wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._stopping = False
        self.is_connected = False
        self.is_ready = threading.Event()
        """Set once keys and clients were read for the first time."""

    # -- from any thread

    def expect(self, client_id: str, event_ids: Iterable[str]) -> Wait:
        """Register; the wait's future resolves once every id is decided. End it with `drop`."""
        wait = Wait(client_id, event_ids)
        with self._lock:
            self._waits.append(wait)
        return wait

    def look_now(self, client_id: str) -> None:
        """Look for decisions of the client without being notified."""
        with self._lock:
            self._hurried.add(client_id)
        self._ring()

    def drop(self, wait: Wait) -> None:
        """Nobody waits any more."""
        with self._lock:
            if wait in self._waits:
                self._waits.remove(wait)
        wait.future.cancel()

    def wait_decision(self, client_id: str, event_ids: Iterable[str], timeout: float) -> Answer:
        """Block until all are decided or `timeout` seconds are over; what is decided by then."""
        wait = self.expect(client_id, event_ids)
        self.look_now(client_id)
        try:
            return wait.future.result(timeout)
        except TimeoutError:
            return dict(wait.found)
        finally:
            self.drop(wait)

    def ask_code(self, client_id: str, code: str) -> Future[CodeState | None]:
        """The state of a code that the book does not remember."""
        future: Future[CodeState | None] = Future()
        with self._lock:
            self._asked.setdefault((client_id, code), []).append(future)
        self._ring()
        return future

    def call(self, question: Callable[[psycopg.Connection[Any]], Answered]) -> Future[Answered]:
        """Run one small reading on the listener's connection."""
        future: Future[Answered] = Future()
        with self._lock:
            self._calls.append((question, future))
        self._ring()
        return future

    def used(self, client_id: str, key_id: str, at: datetime) -> None:
        """Remember that a key was used; written down once a minute."""
        self._used[client_id, key_id] = at

    def follow(self, tell: Callable[[set[str]], None]) -> None:
        """Call `tell` on the listener's thread with the clients for whom something was decided; it must not wait."""
        self._followers.append(tell)

    def stop(self) -> None:
        self._stopping = True
        self._ring()

    # -- on the thread

    def run(self) -> None:
        pause_s = 0.1
        while not self._stopping:
            try:
                with self._connect() as conn:
                    conn.execute(f"LISTEN {DECIDED_CHANNEL}")
                    conn.execute(f"LISTEN {KEYS_CHANNEL}")
                    self._refresh(conn, everything=True)
                    self.is_connected = True
                    self.is_ready.set()
                    pause_s = 0.1
                    self._serve(conn)
            except Exception as error:
                self.is_connected = False
                self._fail_questions()
                if not self._stopping:
                    log.warning("listener lost the database (%s), trying again in %.1f s", type(error).__name__, pause_s)
                    time.sleep(pause_s)
                    pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
        self._fail_questions()

    def _serve(self, conn: psycopg.Connection[Any]) -> None:
        ticked_at = reloaded_at = time.monotonic()
        self._look(conn, None)
        while not self._stopping:
            select.select([conn.fileno(), self._woken], [], [], _TICK_S)
            self._drain_bell()
            decided: set[str] = set()
            is_changed = False
            for note in conn.notifies(timeout=0):
                if note.channel == DECIDED_CHANNEL:
                    decided.add(note.payload.replace("-", ""))
                else:
                    is_changed = True
            if decided:
                for tell in self._followers:
                    tell(set(decided))
            with self._lock:
                decided |= self._hurried
                self._hurried = set()
            self._answer_questions(conn)
            if decided:
                self._look(conn, decided)
            now = time.monotonic()
            if is_changed or now - ticked_at >= _TICK_S:
                ticked_at = now
                everything = now - reloaded_at >= _RELOAD_S
                reloaded_at = now if everything else reloaded_at
                self._codes.forget_unknown()
                self._refresh(conn, everything=everything)

    def _refresh(self, conn: psycopg.Connection[Any], *, everything: bool) -> None:
        changed = self._keys.refresh(conn, everything=everything, warm=self._warm)
        self._codes.forget(changed)
        if everything and self._used:
            used, self._used = self._used, {}
            note_used(conn, used)

    def _look(self, conn: psycopg.Connection[Any], client_ids: set[str] | None) -> None:
        with self._lock:
            waits = [wait for wait in self._waits if client_ids is None or wait.client_id in client_ids]
        wanted: dict[str, set[str]] = {}
        for wait in waits:
            wanted.setdefault(wait.client_id, set()).update(wait.event_ids - wait.found.keys())
        if not any(wanted.values()):
            return
        found = read_decisions(conn, wanted)
        for wait in waits:
            for event_id in wait.event_ids - wait.found.keys():
                if (answer := found.get((wait.client_id, event_id))) is not None:
                    wait.found[event_id] = answer
            if len(wait.found) == len(wait.event_ids) and wait.future.set_running_or_notify_cancel():
                with self._lock:
                    if wait in self._waits:
                        self._waits.remove(wait)
                wait.future.set_result(wait.found)

    def _answer_questions(self, conn: psycopg.Connection[Any]) -> None:
        with self._lock:
            calls, self._calls = self._calls, []
            asked = self._asked
        if asked:
            wanted = list(asked)
            try:
                found = find_codes(conn, wanted)
            except psycopg.DataError:  # one that no code can be must not take the connection from all others
                found = {}
            self._codes.learn(wanted, found)
            with self._lock:
                answered = {key: self._asked.pop(key, []) for key in wanted}
            for key, futures in answered.items():
                for future in futures:
                    if future.set_running_or_notify_cancel():
                        future.set_result(found.get(key))
        for question, future in calls:
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(question(conn))
                except Exception as error:
                    future.set_exception(error)
                    if isinstance(error, psycopg.OperationalError):
                        raise

    def _fail_questions(self) -> None:
        with self._lock:
            futures: list[Future[Any]] = [future for some in self._asked.values() for future in some]
            futures += [future for _, future in self._calls]
            self._asked, self._calls = {}, []
        for future in futures:
            if future.set_running_or_notify_cancel():
                future.set_exception(ConnectionError("the database cannot be reached"))

    def _ring(self) -> None:
        try:
            os.write(self._wake, b"!")
        except BlockingIOError:
            return  # the pipe is full of bells already

    def _drain_bell(self) -> None:
        try:
            while os.read(self._woken, 4096):
                continue
        except BlockingIOError:
            return


