"""What is measured over HTTP? Single events, one connection, clicks, lines by the thousand: the same requests for both sides."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.bench import load
from tests.bench.sides import Side

LINES_A_REQUEST = 1_000
BASELINE_LINES_A_REQUEST = 50  # it takes them one by one; a request of a thousand would only wait longer


@dataclass
class Result:
    """One run of one contest on one side. `per_second` counts what was finished: decided, where deciding is part of it."""

    per_second: float
    p50_ms: float
    p99_ms: float
    cpu_ms: dict[str, float] = field(default_factory=dict)
    receipts_per_second: float = 0.0

    @property
    def cpu_all_ms(self) -> float:
        return sum(self.cpu_ms.values())


@dataclass
class Contest:
    """A name, what is sent, over how many connections, and what one answer is worth."""

    name: str
    unit: str
    make: Callable[[Side], Callable[[], bytes]]
    connections: int
    worth: Callable[[Side], int]
    is_decided: bool
    status: int
    part: float = 1.0  # of the seconds of a run: what takes in much in little time then has to be decided

    def run(self, side: Side, seconds: float) -> Result:
        side.settle()
        before = side.cpu()
        began = time.perf_counter()
        figures = asyncio.run(load.run(side.address, self.make(side), self.connections, seconds * self.part))
        if set(figures.statuses) != {self.status}:
            raise RuntimeError(f"{self.name} on {side.name}: {figures.line()}")
        side.settle()
        took = time.perf_counter() - began if self.is_decided else figures.seconds
        count = figures.answers * self.worth(side)
        spent = {part: (after - before[part]) * 1000 / count for part, after in side.cpu().items()}
        return Result(
            count / took,
            figures.percentile_ms(50),
            figures.percentile_ms(99),
            spent,
            count / figures.seconds,
        )


def _is_product(side: Side) -> bool:
    return side.conn is not None


def _lines(side: Side) -> int:
    return LINES_A_REQUEST if _is_product(side) else BASELINE_LINES_A_REQUEST


CONTESTS = (
    Contest(
        "single events, 64 connections",
        "events",
        lambda side: load.single_event(side.key, side.host, side.purchases),
        64,
        lambda side: 1,
        True,
        202,
        part=0.7,
    ),
    Contest(
        "single events, one connection",
        "events",
        lambda side: load.single_event(side.key, side.host, side.purchases),
        1,
        lambda side: 1,
        True,
        202,
    ),
    Contest(
        "clicks, 64 connections",
        "clicks",
        lambda side: load.click(side.link, side.host),
        64,
        lambda side: 1,
        False,
        302,
    ),
    Contest(
        "NDJSON, a brand's mix, decided",
        "events",
        lambda side: load.many_events(side.key, side.host, side.mix, _lines(side)),
        2,
        _lines,
        True,
        207,
        part=0.3,
    ),
    Contest(
        "NDJSON, first orders, decided",
        "events",
        lambda side: load.many_events(side.key, side.host, side.purchases, _lines(side)),
        2,
        _lines,
        True,
        207,
        part=0.2,
    ),
)


def decided_after(side: Side, connections: int, seconds: float) -> load.Figures:
    """How long from sending an event until its decision is in the sender's hands (`Prefer: wait`)."""
    side.settle()
    make = load.single_event(side.key, side.host, side.purchases, b"Prefer: wait=10\r\n")
    return asyncio.run(load.run(side.address, make, connections, seconds))
