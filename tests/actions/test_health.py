"""Is each thing that is wrong with a lane told with its repair, and nothing else?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from goodword.actions.health import faults_of, line_of
from goodword.store.sql.lanes import LaneState
from goodword.store.sql.runs import OpenRun

NOW = datetime(2026, 11, 3, 18, 5, tzinfo=UTC)
WELL = LaneState("acme", 3, NOW - timedelta(seconds=2), 0, NOW, None, 40, NOW - timedelta(seconds=50), None)
RUN = OpenRun("ab" * 16, "events", "shop.csv", b"", "api", NOW)


def changed(**more: object) -> LaneState:
    return LaneState(**({name: getattr(WELL, name) for name in WELL.__struct_fields__} | more))


def test_a_lane_that_is_well_is_one_line() -> None:
    assert list(faults_of(WELL, NOW)) == []
    assert line_of(WELL) == (
        "acme: 3 events to decide, 0 dead letters, 40 leaves unsealed, last checkpoint 2026-11-03 18:04:10Z, clock live"
    )


@pytest.mark.parametrize(
    ("state", "what", "repair"),
    [
        (changed(undecided_since=NOW - timedelta(hours=1)), "3 events wait", "goodword work"),
        (changed(dead_letters=2), "2 dead letters are open", "press Retry"),
        (changed(held_at=NOW), "clock is held at 2026-11-03 18:05:00Z", "goodword client clock acme live"),
        (changed(checkpoint_at=NOW - timedelta(hours=1)), "40 leaves are not sealed", "proof verify --client acme"),
        (changed(unsealed_leaves=20_000), "20,000 leaves are not sealed", "proof verify --client acme"),
        (
            changed(open_import=RUN),
            "the import imp_abababababab of shop.csv",
            "goodword import abandon imp_abababababab",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_repair(state: LaneState, what: str, repair: str) -> None:
    (fault,) = faults_of(state, NOW)
    assert what in fault.what
    assert repair in fault.repair
    assert not fault.is_fatal


def test_silence_without_leaves_is_no_fault() -> None:
    assert list(faults_of(changed(unsealed_leaves=0, checkpoint_at=NOW - timedelta(days=9)), NOW)) == []
