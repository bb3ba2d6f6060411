"""Does a plan of backups never delete the last whole one, keep what it promises, and tell a failure instead of hiding it?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodword.actions.backing_up import BackedUp
from goodword.actions.backup_plan import RETRY_AFTER, Plan, due_at, superfluous
from goodword.actions.backup_rounds import make_round, next_at, planned, rounds_of
from goodword.errors import BadInput
from goodword.house.folder import DataFolder

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday
PLAN = Plan(24, 7, 4)

moments = st.integers(0, 24 * 90).map(lambda hours: NOON + timedelta(hours=hours))
plans = st.builds(Plan, st.integers(1, 72), st.integers(1, 10), st.integers(1, 8))


@given(plans, st.sets(moments, min_size=1), st.data())
def test_only_what_is_older_than_a_verified_one_goes(plan: Plan, taken: set[datetime], data: st.DataObject) -> None:
    verified = data.draw(st.sampled_from(sorted(taken)))
    gone = superfluous(plan, taken, verified)
    assert gone <= {moment for moment in taken if moment < verified}


@given(plans, st.sets(moments, min_size=1))
def test_what_is_promised_is_kept_and_no_more(plan: Plan, taken: set[datetime]) -> None:
    newest = max(taken)
    kept = taken - superfluous(plan, taken, newest)
    assert newest in kept
    days, weeks = {one.date() for one in taken}, {one.isocalendar()[:2] for one in taken}
    for day in sorted(days)[-plan.keep_daily :]:
        assert max(one for one in taken if one.date() == day) in kept
    for week in sorted(weeks)[-plan.keep_weekly :]:
        assert max(one for one in taken if one.isocalendar()[:2] == week) in kept
    assert len(kept) <= plan.keep_daily + plan.keep_weekly


@given(plans, st.sets(moments, min_size=1))
def test_thinning_twice_deletes_nothing_more(plan: Plan, taken: set[datetime]) -> None:
    kept = taken - superfluous(plan, taken, max(taken))
    assert superfluous(plan, kept, max(kept)) == set()


@given(plans, st.sets(moments), moments)
def test_without_a_verified_one_nothing_goes(plan: Plan, taken: set[datetime], other: datetime) -> None:
    assert superfluous(plan, taken - {other}, other) == set()


@given(plans, st.none() | moments, st.none() | moments, moments)
def test_it_is_due_when_planned_and_a_failure_waits_a_little(
    plan: Plan, taken: datetime | None, failed: datetime | None, now: datetime
) -> None:
    due = due_at(plan, taken, failed, now)
    planned_at = now if taken is None else taken + timedelta(hours=plan.every_hours)
    assert due >= planned_at
    assert due == planned_at or (failed is not None and due == failed + RETRY_AFTER)


def write(target: Path, now: datetime) -> BackedUp:
    """A backup as far as a round sees it."""
    target.write_text("sealed")
    target.with_name(target.name + ".json").write_text("{}")
    return BackedUp(str(target), now, 6, "00", 1, 6)


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    (tmp_path / "data").mkdir()
    (tmp_path / "away").mkdir()
    return DataFolder(tmp_path / "data")


def test_sixty_days_leave_a_week_of_days_and_a_month_of_weeks(folder: DataFolder, tmp_path: Path) -> None:
    away, now = tmp_path / "away", NOON
    (away / "goodword-20200101T000000Z.gwbackup").write_text("made by hand")
    for _day in range(60):
        assert next_at(folder, PLAN, now) <= now
        rounds = make_round(folder, away, PLAN, write, now)
        assert (rounds.failure, next_at(folder, PLAN, now)) == (None, now + timedelta(hours=24))
        now += timedelta(hours=24)
    files = sorted(file.name for file in away.glob("*.gwbackup"))
    assert files[0] == "goodword-20200101T000000Z.gwbackup"
    assert files[1:] == [Path(one.path).name for one in rounds_of(folder).taken]
    ages = [(now - one.taken_at).days for one in rounds_of(folder).taken]
    assert ages == [19, 12, 7, 6, 5, 4, 3, 2, 1]  # it is a Friday: the Sundays of three weeks lie 5, 12 and 19 days back
    assert len(list(away.glob("*.json"))) == len(ages)


def test_a_round_that_fails_deletes_nothing_says_why_and_is_tried_again(folder: DataFolder, tmp_path: Path) -> None:
    away = tmp_path / "away"
    make_round(folder, away, Plan(1, 1, 1), write, NOON)
    before = sorted(away.iterdir())
    later = NOON + timedelta(days=30)

    def full(target: Path, now: datetime) -> BackedUp:
        raise OSError(28, "No space left on device")

    failed = make_round(folder, away, Plan(1, 1, 1), full, later)
    assert failed.failure is not None
    assert (failed.failure.why, "df " in failed.failure.repair) == ("No space left on device", True)
    away.rename(tmp_path / "unplugged")
    failed = make_round(folder, away, Plan(1, 1, 1), write, later)
    assert failed.failure is not None and "GOODWORD_BACKUP_FOLDER" in failed.failure.repair
    assert not away.exists(), "a folder that is away is never made: it would be on the wrong disk"
    assert next_at(folder, Plan(1, 1, 1), later) == later + RETRY_AFTER
    (tmp_path / "unplugged").rename(away)
    assert sorted(away.iterdir()) == before
    mended = make_round(folder, away, Plan(1, 1, 1), write, later + RETRY_AFTER)
    assert (mended.failure, len(mended.taken)) == (None, 1)
    assert not before[0].exists()


def test_only_pieces_that_were_given_up_are_swept(folder: DataFolder, tmp_path: Path) -> None:
    away = tmp_path / "away"
    piece = away / "goodword-20260302T110000Z.gwbackup.part"
    piece.write_text("half")
    written_at = datetime.fromtimestamp(piece.stat().st_mtime, UTC)
    make_round(folder, away, PLAN, write, written_at + timedelta(hours=1))
    assert piece.exists(), "somebody may be writing it"
    make_round(folder, away, PLAN, write, written_at + timedelta(days=2))
    assert not piece.exists()


def test_a_plan_is_read_from_the_settings_and_refused_where_it_makes_no_sense(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GOODWORD_BACKUP_FOLDER", raising=False)
    assert planned() is None
    monkeypatch.setenv("GOODWORD_BACKUP_FOLDER", "/srv/away")
    assert planned() == (Path("/srv/away"), PLAN)
    monkeypatch.setenv("GOODWORD_BACKUPS_DAILY", "0")
    with pytest.raises(BadInput, match="GOODWORD_BACKUPS_DAILY=0 is less than one"):
        planned()
