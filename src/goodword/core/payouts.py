"""By which day is a payee to have a reward? Working days after the hold, then the next day on which the house pays out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from goodword.core.referral import Reward
from goodword.core.terms import Terms

_A_DAY = timedelta(days=1)
_WORKING_DAYS = 2  # where the terms of a reward are not known any more


def promised_by(reward: Reward, terms: Terms | None) -> datetime:
    """The moment by which the payee was told to have it: the first payout day after the hold and so many working days.

    Days are counted in the program's zone, and keep the hour at which the hold ends.
    """
    at = reward.due_at.astimezone(terms.zone if terms else UTC)
    left = terms.business_days if terms else _WORKING_DAYS
    while left:
        at += _A_DAY
        left -= _is_working_day(at)
    while terms and terms.payout_days and not is_payout_day(at.date(), terms):
        at += _A_DAY
    return at.astimezone(UTC)


def is_payout_day(day: date, terms: Terms) -> bool:
    """Whether the house pays out on that day of the program's zone: a day of its calendar, or moved here from a weekend."""
    if not _is_working_day(day):
        return False
    if not terms.payout_days:
        return True
    on = terms.payout_days
    if on.at_month_end and _next_working_day(day).month != day.month:
        return True
    moved = [day - n * _A_DAY for n in (1, 2)] if day.weekday() == 0 else []  # a Monday stands for Saturday and Sunday
    return day.weekday() in on.weekdays or any(one.day in on.days for one in (day, *moved))


def _is_working_day(day: date) -> bool:
    return day.weekday() < 5


def _next_working_day(day: date) -> date:
    day += _A_DAY
    while not _is_working_day(day):
        day += _A_DAY
    return day
