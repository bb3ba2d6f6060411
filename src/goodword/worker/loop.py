"""How does the worker run? Lane by lane: it takes a lane nobody holds, decides its log, seals its leaves, and listens for more."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import psycopg

from goodword.actions.drain import Drained, Lanes, drain, lane_held
from goodword.store.sql.log import LANE_CHANNEL
from goodword.store.sql.seal import seal
from goodword.store.sql.vault import Vault

IDLE_SECONDS = 0.5  # how long a lane may wait for a moment that came due while nothing arrives
SEAL_SECONDS = 5.0
BATCHES_A_TURN = 20  # then the other lanes get their turn

log = logging.getLogger("goodword.worker")


class Worker:
    """One worker process: a connection of the engine, the vault, and the clock it is given."""

    def __init__(
        self, connect: Callable[[], psycopg.Connection[Any]], vault: Vault, clock: Callable[[], datetime]
    ) -> None:
        self._connect = connect
        self._lanes = Lanes(vault)
        self._vault = vault
        self._clock = clock
        self._stopping = threading.Event()
        self._sealed_at: dict[str, float] = {}
        self._months_on: object = None

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
            except psycopg.OperationalError as trouble:
                log.warning("the database is away (%s); trying again in %.1f s", type(trouble).__name__, pause)
                self._stopping.wait(pause)
                pause = min(5.0, pause * 2)

    def _work(self, conn: psycopg.Connection[Any]) -> None:
        while not self._stopping.is_set():
            if not self.turn(conn):
                for _ in conn.notifies(timeout=IDLE_SECONDS, stop_after=1):
                    pass

    def turn(self, conn: psycopg.Connection[Any]) -> bool:
        """One round over all lanes; True where something was done."""
        self._make_months(conn)
        clients = [row[0] for row in conn.execute("SELECT id FROM client ORDER BY id").fetchall()]
        busy = False
        for client_id in clients:
            if self._stopping.is_set():
                break
            with lane_held(conn, client_id) as held:
                if held:
                    busy = self._drain_lane(conn, client_id) or busy
        return busy

    def _drain_lane(self, conn: psycopg.Connection[Any], client_id: str) -> bool:
        done = Drained()
        busy = False
        for _ in range(BATCHES_A_TURN):
            done = drain(conn, self._lanes, client_id, now=self._clock())
            busy = busy or not done.idle
            if done.idle or self._stopping.is_set():
                break
        started = time.monotonic()
        if started - self._sealed_at.get(client_id, -SEAL_SECONDS) >= SEAL_SECONDS:
            self._sealed_at[client_id] = started
            keys = self._vault.open_client(client_id)
            while seal(conn, client_id, keys, now=self._clock()).more and not self._stopping.is_set():
                pass
        return busy and not done.idle

    def _make_months(self, conn: psycopg.Connection[Any]) -> None:
        """Once a day: partitions of the log for the months ahead."""
        from goodword.store.partitions import ensure_ahead

        today = self._clock().date()
        if self._months_on != today:
            ensure_ahead(conn, today)
            self._months_on = today
