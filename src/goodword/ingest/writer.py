"""When is an event safe? One thread that appends what queued up while its last commit ran, and only then gives receipts.

There is no timer: under light load every event is committed at once, under heavy load batches grow by themselves.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import psycopg

from goodword.store.sql import log as event_log
from goodword.store.sql.log import LogRow, Receipt, Rejected

BATCH_EVENTS = 2_000
_PING_S = 1.0
_SHORTEST_PAUSE_S, _LONGEST_PAUSE_S = 0.05, 2.0
_DISK_LOOK_S = 0.5
_DISK_FULL = "53100"
log = logging.getLogger(__name__)


class Unavailable(Exception):
    """The event was not accepted and may be sent again after `retry_after_s`: status 429 (too much) or 503 (out of order)."""

    def __init__(self, status: int, code: str, why: str, retry_after_s: int) -> None:
        super().__init__(why)
        self.status, self.code, self.why, self.retry_after_s = status, code, why, retry_after_s


class _Job:
    """What one request wants written. Rows of a large one may be spread over several batches."""

    __slots__ = ("begun", "future", "loop", "receipts", "rejected", "rows", "size_bytes")

    def __init__(self, rows: Sequence[LogRow], rejected: Sequence[Rejected], loop: asyncio.AbstractEventLoop) -> None:
        self.rows, self.rejected, self.loop = rows, rejected, loop
        self.future: asyncio.Future[list[Receipt]] = loop.create_future()
        self.receipts: list[Receipt] = []
        self.begun = 0
        self.size_bytes = sum(len(row.sealed) for row in rows) + sum(len(item.sealed) for item in rejected)


_Outcome = tuple[_Job, list[Receipt] | Unavailable]


class Writer(threading.Thread):
    """The group commit of one process. `free_bytes` tells how much disk is left where the database lives (None: unknown)."""

    def __init__(
        self,
        connect: Callable[[], psycopg.Connection[Any]],
        *,
        free_bytes: Callable[[], int | None],
        least_free_bytes: int,
        most_events: int,
        most_bytes: int = 256 * 1024 * 1024,
    ) -> None:
        super().__init__(name="goodword-writer", daemon=True)
        self._connect, self._free_bytes = connect, free_bytes
        self._least_free_bytes, self._most_events, self._most_bytes = least_free_bytes, most_events, most_bytes
        self._jobs: deque[_Job] = deque()
        self._bell = threading.Condition()
        self._waiting_events = 0
        self._waiting_bytes = 0
        self._stopping = False
        self._conn: psycopg.Connection[Any] | None = None
        self._disk_looked_at = 0.0
        self._is_disk_low = False
        self._heard_at = 0.0

    # -- from the event loop

    @property
    def waiting_events(self) -> int:
        """Events that were taken in and have no receipt yet."""
        return self._waiting_events

    def is_well(self) -> bool:
        """Whether the thread lives and the database answered within the last seconds."""
        return self.is_alive() and self._conn is not None and time.monotonic() - self._heard_at < 4 * _PING_S

    def admit(self, events: int, size_bytes: int) -> None:
        """Refuse early: raises Unavailable where this much would not be taken in now."""
        if self._stopping:
            raise Unavailable(503, "stopping", "Goodword is stopping.", 2)
        if self._disk_is_low():
            raise Unavailable(429, "disk_full", "The disk of the database is nearly full.", 30)
        if self._conn is None:
            raise Unavailable(503, "database_away", "The database cannot be reached.", 1)
        if self._waiting_events and (
            self._waiting_events + events > self._most_events or self._waiting_bytes + size_bytes > self._most_bytes
        ):
            raise Unavailable(429, "queue_full", "More events arrive than can be written.", 1)

    def submit(self, rows: Sequence[LogRow], rejected: Sequence[Rejected] = ()) -> asyncio.Future[list[Receipt]]:
        """Join the next group commit; the future gives receipts once they are durable, or Unavailable."""
        job = _Job(rows, rejected, asyncio.get_running_loop())
        self.admit(len(rows), job.size_bytes)
        with self._bell:
            if self._stopping:
                raise Unavailable(503, "stopping", "Goodword is stopping.", 2)
            self._jobs.append(job)
            self._waiting_events += len(rows)
            self._waiting_bytes += job.size_bytes
            self._bell.notify()
        return job.future

    def stop(self, timeout_s: float = 20.0) -> None:
        """Take nothing new, write what was taken in, end the thread."""
        with self._bell:
            self._stopping = True
            self._bell.notify()
        if self.is_alive():
            self.join(timeout_s)

    # -- on the thread

    def run(self) -> None:
        pause_s = _SHORTEST_PAUSE_S
        while True:
            if self._conn is None:
                self._open()
            batch = self._take(0.0 if self._conn is None else _PING_S)
            if self._conn is None:
                self._resolve(self._fail_everything(batch))
            elif batch:
                self._resolve(self._write(self._conn, batch))
            else:
                self._ping(self._conn)
            if self._stopping and not self._jobs:
                break
            if self._conn is None:
                time.sleep(pause_s)
                pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
            else:
                pause_s = _SHORTEST_PAUSE_S
        self._close()

    def _take(self, patience_s: float) -> list[tuple[_Job, int, int]]:
        """(job, from, to) of the rows that make the next batch: all that waits, up to BATCH_EVENTS."""
        with self._bell:
            if not self._jobs and not self._stopping:
                self._bell.wait(patience_s)
            batch: list[tuple[_Job, int, int]] = []
            room = BATCH_EVENTS
            while self._jobs and room > 0:
                job = self._jobs[0]
                end = min(len(job.rows), job.begun + room)
                batch.append((job, job.begun, end))
                room -= max(end - job.begun, 1)
                job.begun = end
                if end == len(job.rows):
                    self._jobs.popleft()
            return batch

    def _write(self, conn: psycopg.Connection[Any], batch: list[tuple[_Job, int, int]]) -> list[_Outcome]:
        rows = [row for job, start, end in batch for row in job.rows[start:end]]
        rejected = [item for job, _, end in batch if end == len(job.rows) for item in job.rejected]
        try:
            if rejected:
                event_log.reject(conn, rejected)
            receipts = event_log.append(conn, rows) if rows else []
        except Exception as error:
            return self._lose(conn, batch, error)
        self._heard_at = time.monotonic()
        done: list[_Outcome] = []
        n = 0
        for job, start, end in batch:
            job.receipts.extend(receipts[n : n + end - start])
            n += end - start
            if len(job.receipts) == len(job.rows):
                done.append((job, job.receipts))
        return done

    def _lose(self, conn: psycopg.Connection[Any], batch: list[tuple[_Job, int, int]], error: Exception) -> list[_Outcome]:
        """Nobody in this batch gets a receipt. Where the connection is gone, nobody who waits does."""
        sqlstate = getattr(error, "sqlstate", None)
        log.warning("a group commit failed (%s %s), %d requests are told to retry", type(error).__name__, sqlstate, len(batch))
        if sqlstate == _DISK_FULL:
            self._is_disk_low, self._disk_looked_at = True, time.monotonic() + 5
            return [(job, Unavailable(429, "disk_full", "The disk of the database is full.", 30)) for job in self._forget(batch)]
        self._close()
        return self._fail_everything(batch)

    def _fail_everything(self, batch: list[tuple[_Job, int, int]]) -> list[_Outcome]:
        with self._bell:
            rest = [(job, 0, 0) for job in self._jobs]
            self._jobs.clear()
        away = Unavailable(503, "database_away", "The database cannot be reached.", 1)
        return [(job, away) for job in self._forget([*batch, *rest])]

    def _forget(self, batch: list[tuple[_Job, int, int]]) -> list[_Job]:
        """Each job of the batch once; whatever of them still waits is taken out of the queue."""
        jobs = list({id(job): job for job, _, _ in batch}.values())
        with self._bell:
            if self._jobs and any(self._jobs[0] is job for job in jobs):
                self._jobs.popleft()
        return jobs

    def _resolve(self, outcomes: list[_Outcome]) -> None:
        """Hand all results to their event loops, one call for each loop."""
        if not outcomes:
            return
        with self._bell:
            self._waiting_events -= sum(len(job.rows) for job, _ in outcomes)
            self._waiting_bytes -= sum(job.size_bytes for job, _ in outcomes)
        by_loop: dict[asyncio.AbstractEventLoop, list[_Outcome]] = {}
        for outcome in outcomes:
            by_loop.setdefault(outcome[0].loop, []).append(outcome)
        for loop, some in by_loop.items():
            try:
                loop.call_soon_threadsafe(_settle, some)
            except RuntimeError:  # that loop was closed: nobody is left to answer
                log.warning("%d receipts found no event loop", len(some))

    def _open(self) -> None:
        try:
            conn = self._connect()
            conn.autocommit = True
        except Exception as error:
            log.warning("the writer cannot reach the database (%s)", type(error).__name__)
            return
        self._conn = conn
        self._heard_at = time.monotonic()

    def _ping(self, conn: psycopg.Connection[Any]) -> None:
        if self._stopping:
            return
        try:
            conn.execute("SELECT 1")
            self._heard_at = time.monotonic()
        except psycopg.Error:
            self._close()

    def _close(self) -> None:
        conn, self._conn = self._conn, None
        if conn is not None:
            conn.close()

    def _disk_is_low(self) -> bool:
        now = time.monotonic()
        if now - self._disk_looked_at >= _DISK_LOOK_S:
            self._disk_looked_at = now
            free = self._free_bytes()
            self._is_disk_low = free is not None and free < self._least_free_bytes
        return self._is_disk_low


def _settle(outcomes: list[_Outcome]) -> None:
    for job, result in outcomes:
        if job.future.done():
            continue
        if isinstance(result, Unavailable):
            job.future.set_exception(result)
        else:
            job.future.set_result(result)
