"""When is the next backup due, and which older ones have become superfluous? Moments in, a decision out."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

RETRY_AFTER = timedelta(minutes=15)  # a drive that was away is back soon, and the page System is red meanwhile


class Plan(NamedTuple):
    """How often a backup is taken, and for how many days and weeks one is kept."""

    every_hours: int
    keep_daily: int
    keep_weekly: int


def due_at(plan: Plan, last_taken_at: datetime | None, last_failed_at: datetime | None, now: datetime) -> datetime:
    """When the next one is to be taken: a failure waits a little, and never delays what would be due later anyway."""
    planned = now if last_taken_at is None else last_taken_at + timedelta(hours=plan.every_hours)
    if last_failed_at is None or (last_taken_at is not None and last_failed_at < last_taken_at):
        return planned
    return max(planned, last_failed_at + RETRY_AFTER)


def superfluous(plan: Plan, taken: Collection[datetime], verified_at: datetime) -> set[datetime]:
    """Which of the backups taken may go, now that the one of `verified_at` was read again and found whole.

    Nothing as new as that one goes. Of the older ones the last of each day is kept for the latest `keep_daily` days that
    have one, and the last of each week (from Monday, UTC) for the latest `keep_weekly` weeks.
    """
    if verified_at not in taken:
        return set()
    lasts_of_days: dict[object, datetime] = {}
    lasts_of_weeks: dict[object, datetime] = {}
    for moment in sorted(taken):
        lasts_of_days[moment.date()] = moment
        lasts_of_weeks[moment.isocalendar()[:2]] = moment
    kept = {moment for moment in taken if moment >= verified_at}
    kept |= set(sorted(lasts_of_days.values(), reverse=True)[: plan.keep_daily])
    kept |= set(sorted(lasts_of_weeks.values(), reverse=True)[: plan.keep_weekly])
    return set(taken) - kept
