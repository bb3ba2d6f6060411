"""How does the worker run? Lane by lane: it takes a lane nobody holds, decides its log, seals its leaves, and listens for more."""

from __future__ import annotations

import logging
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import psycopg

from goodword.actions.contests import answer_contests
from goodword.actions.deeds import HOUSE
from goodword.actions.drain import Lanes, drain, lane_held
from goodword.actions.drawing import answer_draws
from goodword.errors import DatabaseTrouble
from goodword.store.partitions import ensure_ahead
from goodword.store.sql import runs
from goodword.store.sql.log import LANE_CHANNEL
from goodword.store.sql.seal import seal
from goodword.store.sql.vault import Vault

DATABASE_AWAY = (psycopg.OperationalError, psycopg.InterfaceError, DatabaseTrouble)
SWEEP_SECONDS = 0.5  # how long a lane may wait for a moment that came due while nothing arrives
SEAL_SECONDS = 5.0
BATCHES_A_TURN = 20  # then the other lanes get their turn
LONGEST_REST_SECONDS = 60.0

log = logging.getLogger("goodword.worker")


class Worker:
    """One worker process: a connection of the engine, the vault, and the clock it is given."""

    def __init__(
        self,
        connect: Callable[[], psycopg.Connection[Any]],
        vault: Vault,
        clock: Callable[[], datetime],
        anonymous_months: int = 13,
    ) -> None:
        self._connect = connect
        self._anonymous_months = anonymous_months
        self._lanes = Lanes(vault)
        self._vault = vault
        self._clock = clock
        self._stopping = threading.Event()
        self._sealed_at: dict[str, float] = {}
        self._swept_at = -SWEEP_SECONDS
        self._resting: dict[str, tuple[float, float]] = {}  # client: (until when, for how long)
        self._months_on: object = None
        self._told_of: set[str] = set()

    def stop(self) -> None:
        """Finish the batch at hand, then end."""
        self._stopping.set()

    def run(self) -> None:
        """Work until told to stop; a lost database is waited for."""
        pause = 0.2
        while not self._stopping.is_set():
            try:
                with self._connect() as conn:
                    conn.execute(f"LISTEN {LANE_CHANNEL}")
                    pause = 0.2
                    self._work(conn)
            except DATABASE_AWAY as trouble:
                log.warning("the database is away (%s); trying again in %.1f s", type(trouble).__name__, pause)
                self._stopping.wait(pause)
                pause = min(5.0, pause * 2)

    def _work(self, conn: psycopg.Connection[Any]) -> None:
        """Lanes that were told of first and at once; all lanes every half second, for moments that came due."""
        told: set[str] = set()
        while not self._stopping.is_set():
            now = time.monotonic()
            if now - self._swept_at >= SWEEP_SECONDS:
                self._swept_at = now
                self._make_months(conn)
                told |= {row[0] for row in conn.execute("SELECT id FROM client").fetchall()}
                self._seal_lane(conn, HOUSE)  # acts of the house have no lane to decide, and a log all the same
            told = self.turn(conn, told)
            patience = 0.0 if told else max(0.0, self._swept_at + SWEEP_SECONDS - time.monotonic())
            for note in conn.notifies(timeout=patience, stop_after=1):
                told.add(note.payload.replace("-", ""))
            for note in conn.notifies(timeout=0):
                told.add(note.payload.replace("-", ""))

    def turn(self, conn: psycopg.Connection[Any], clients: Iterable[str]) -> set[str]:
        """One round over these lanes; those that have more to do."""
        busy: set[str] = set()
        for client_id in sorted(clients):
            if self._stopping.is_set():
                break
            with lane_held(conn, client_id) as held:
                if held and self._tend(conn, client_id):
                    busy.add(client_id)
        return busy

    def _tend(self, conn: psycopg.Connection[Any], client_id: str) -> bool:
        """Decide and seal a lane; one that fails as a whole rests, and the others go on."""
        until, rest = self._resting.get(client_id, (0.0, 0.5))
        if time.monotonic() < until:
            return False
        if self._awaits_import(conn, client_id):
            self._seal_lane(conn, client_id)
            return False
        try:
            more = self._drain_lane(conn, client_id)
        except (*DATABASE_AWAY, MemoryError):
            raise
        except Exception as trouble:
            rest = min(LONGEST_REST_SECONDS, rest * 2)
            self._resting[client_id] = (time.monotonic() + rest, rest)
            self._lanes.forget(client_id)
            # No traceback and no text: either may quote a row.
            log.error("the lane of %s rests for %.0f s: %s", client_id, rest, _place(trouble))
            return False
        self._resting.pop(client_id, None)
        self._seal_lane(conn, client_id)
        return more

    def _awaits_import(self, conn: psycopg.Connection[Any], client_id: str) -> bool:
        """Whether half a file lies in the log. Its importer holds the lane, unless it fell: then the lane rests."""
        run = runs.open_run(conn, client_id)
        if run is not None and run.id not in self._told_of:
            self._told_of.add(run.id)
            log.warning("the lane of %s rests: the import %s was cut short; see `goodword status`", client_id, run.name)
        return run is not None

    def _drain_lane(self, conn: psycopg.Connection[Any], client_id: str) -> bool:
        for _ in range(BATCHES_A_TURN):
            if drain(conn, self._lanes, client_id, now=self._clock()).idle or self._stopping.is_set():
                now = self._clock()
                draws = answer_draws(conn, self._vault, client_id, now=now)
                return draws + answer_contests(conn, self._lanes, client_id, now=now) > 0
        return True

    def _seal_lane(self, conn: psycopg.Connection[Any], client_id: str) -> None:
        """Sealing that is refused (a log that was altered) is said and tried again; deciding goes on."""
        started = time.monotonic()
        if started - self._sealed_at.get(client_id, -SEAL_SECONDS) < SEAL_SECONDS:
            return
        self._sealed_at[client_id] = started
        try:
            keys = self._vault.open_client(client_id)
            sealed = seal(conn, client_id, keys, now=self._clock())
            while sealed.note is not None and sealed.more and not self._stopping.is_set():
                sealed = seal(conn, client_id, keys, now=self._clock())
        except (*DATABASE_AWAY, MemoryError):
            raise
        except Exception as trouble:
            self._sealed_at[client_id] = started + LONGEST_REST_SECONDS
            log.error("the log of %s is not sealed: %s; run `goodword proof verify`", client_id, _place(trouble))

    def _make_months(self, conn: psycopg.Connection[Any]) -> None:
        """Once a day: partitions of the log for the months ahead. Until they can be made, rows go to DEFAULT."""
        today = self._clock().date()
        if self._months_on == today:
            return
        self._months_on = today
        self._forget_anonymous(conn, today)
        try:
            ensure_ahead(conn, today)
        except psycopg.errors.LockNotAvailable:
            log.warning("the months ahead could not be made now; trying again")
            self._months_on = None

    def _forget_anonymous(self, conn: psycopg.Connection[Any], today: date) -> None:
        """What no known person owns is readable for a time only: then the key of its month is destroyed."""
        months = today.year * 12 + today.month - 1 - self._anonymous_months
        first_kept = f"{months // 12}-{months % 12 + 1:02d}"
        for row in conn.execute("SELECT id FROM client").fetchall():
            if self._vault.destroy_intake(row[0], first_kept):
                log.info("the intake keys of %s before %s are destroyed", row[0], first_kept)


def _place(trouble: BaseException) -> str:
    """What was raised and where, without a word of what was at hand."""
    last = traceback.extract_tb(trouble.__traceback__)[-1]
    return f"{type(trouble).__name__} in {Path(last.filename).name}, line {last.lineno}"
