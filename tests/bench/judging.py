"""How fast is a backtest? A brand's mix is decided and stored, then judged anew by the same terms and by another amount."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from goodword.actions.backtesting import Backtest, backtest
from goodword.actions.drain import no_garbage_rounds
from goodword.catalog import SHELVES
from goodword.core.reading import read_terms
from goodword.core.terms import Terms
from goodword.house.roles import Urls
from goodword.store.sql.log import append
from tests.bench.engine import APPEND, BATCH, prepared, ready_lane
from tests.bench.load import BrandMix
from tests.bench.sides import CODES, PROGRAM
from tests.worker.lane import Lane

WRITTEN = ("event", "decision", "entry", "referral", "reward", "counter", "action", "leaf_batch", "outbox")


@dataclass
class JudgingResult:
    """How many events of the mix were judged anew in a second, and how many referrals came out otherwise."""

    events: int = 0
    per_second: float = 0.0
    changed: int = 0


def measure(urls: Urls, events: int, slug: str) -> JudgingResult:
    """One client with so many stored events. Fails where the same terms come to something else, or anything was written."""
    with ready_lane(urls, slug) as lane:
        rows = prepared(lane, BrandMix(CODES), events)
        for start in range(0, events, APPEND):
            append(lane.conn, rows[start : start + APPEND])
        lane.drain_all(limit=BATCH, now=datetime.now(UTC))
        before = [lane.count(table) for table in WRITTEN]
        same = _judged(lane, PROGRAM).comparison
        assert not same.changed and same.whole.before == same.whole.after
        dearer = {**PROGRAM, "promises": [{**PROGRAM["promises"][0], "give": {"cash": "12.00"}}]}
        began = time.perf_counter()
        found = _judged(lane, dearer).comparison
        seconds = time.perf_counter() - began
        assert [lane.count(table) for table in WRITTEN] == before, "a backtest wrote something"
        return JudgingResult(events, events / seconds, len(found.changed))


def _judged(lane: Lane, document: dict[str, Any]) -> Backtest:
    terms = read_terms(document, SHELVES, version=9, live_from=datetime(2020, 1, 1, tzinfo=UTC))
    assert isinstance(terms, Terms), terms
    with no_garbage_rounds():
        return backtest(lane.conn, lane.lanes.vault, lane.client_id, document, terms)
