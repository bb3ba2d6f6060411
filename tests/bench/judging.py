"""How fast is a backtest? A brand's mix is decided and stored, then judged by the same terms, by another amount, and anew.

`python -m tests.bench.judging 1000000` does it with a million events, which takes some ten minutes to store.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from goodword.actions.backtest_told import as_data
from goodword.actions.backtesting import Backtest, backtest, folded
from goodword.actions.drain import no_garbage_rounds
from goodword.catalog import SHELVES
from goodword.commands.migrate import migrate
from goodword.core.reading import read_terms
from goodword.core.terms import Terms
from goodword.house.postgres import Cluster
from goodword.house.roles import Urls
from goodword.store.sql.log import append
from tests.bench.engine import APPEND, BATCH, prepared, ready_lane
from tests.bench.load import BrandMix
from tests.bench.sides import CODES, PROGRAM
from tests.worker.lane import Lane

WRITTEN = ("event", "decision", "entry", "referral", "reward", "counter", "action", "leaf_batch", "outbox")
PREPARED = 50_000  # events in memory at once


@dataclass
class JudgingResult:
    """Events of the mix that were judged in a second: by the record with another sum, with a share in its place, and anew;
    and how many referrals came out otherwise."""

    events: int = 0
    per_second: float = 0.0
    share_per_second: float = 0.0
    anew_per_second: float = 0.0
    changed: int = 0
    more_mb: float = 0.0  # what the process grew by while the record told


def measure(urls: Urls, events: int, slug: str) -> JudgingResult:
    """One client with so many stored events. Fails where the same terms come to something else, where the record tells
    something else than deciding anew, or where anything was written."""
    with ready_lane(urls, slug) as lane:
        _store(lane, events)
        head = _head(lane)
        same = _judged(lane, PROGRAM, folded).comparison
        assert not same.changed and same.whole.before == same.whole.after
        dearer, share = _giving({"cash": "12.00"}), _giving({"percent": 20})
        before_mb = _most_mb()
        found, seconds = _timed(lane, dearer, backtest)
        more_mb = _most_mb() - before_mb
        shared, share_seconds = _timed(lane, share, backtest)
        assert (found.anew, shared.anew) == ("", ""), (found.anew, shared.anew)
        anew, anew_seconds = _timed(lane, dearer, folded)
        for told, decided in ((found, anew), (shared, _judged(lane, share, folded))):
            assert as_data(told) == as_data(decided), "the record tells something else than deciding anew"
        assert _head(lane) == head, "a backtest wrote something"
        changed = len(found.comparison.changed)
        rates = (found.events / seconds, shared.events / share_seconds, anew.events / anew_seconds)
        return JudgingResult(events, *rates, changed, more_mb)


def _giving(give: dict[str, Any]) -> dict[str, Any]:
    return {**PROGRAM, "promises": [{**PROGRAM["promises"][0], "give": give}]}


def _store(lane: Lane, events: int) -> None:
    mix = BrandMix(CODES)
    for stored in range(0, events, PREPARED):
        rows = prepared(lane, mix, min(PREPARED, events - stored))
        for start in range(0, len(rows), APPEND):
            append(lane.conn, rows[start : start + APPEND])
        lane.drain_all(limit=BATCH, now=datetime.now(UTC))


def _head(lane: Lane) -> tuple[Any, ...]:
    """Numbers of rows, and where the log of proofs ends."""
    checkpoint = lane.rows("SELECT max(size) FROM checkpoint WHERE client_id = %s::uuid", lane.client_id)
    return (*(lane.count(table) for table in WRITTEN), checkpoint)


def _timed(lane: Lane, document: dict[str, Any], by: Callable[..., Backtest]) -> tuple[Backtest, float]:
    began = time.perf_counter()
    found = _judged(lane, document, by)
    return found, time.perf_counter() - began


def _judged(lane: Lane, document: dict[str, Any], by: Callable[..., Backtest]) -> Backtest:
    terms = read_terms(document, SHELVES, version=9, live_from=datetime(2020, 1, 1, tzinfo=UTC))
    assert isinstance(terms, Terms), terms
    with no_garbage_rounds():
        return by(lane.conn, lane.lanes.vault, lane.client_id, document, terms)


def _most_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 30_000
    with tempfile.TemporaryDirectory(prefix="goodword-judging-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        cluster = Cluster(folder)
        cluster.start()
        try:
            urls = cluster.create_database("judging")
            migrate(urls)
            sys.stdout.write(f"{measure(urls, events, 'judged')}\n")
        finally:
            cluster.stop()


if __name__ == "__main__":
    main()
