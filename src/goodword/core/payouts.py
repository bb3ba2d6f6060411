"""By which day is a payee to have a reward? Working days after the hold, then the next day on which the house pays out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from goodword.core.referral import Reward
from goodword.core.terms import Terms

_A_DAY = timedelta(days=1)
_WORKING_DAYS = 2  # where the terms of a reward are not known any more
_NO_HOLIDAYS: frozenset[date] = frozenset()


def promised_by(reward: Reward, terms: Terms | None) -> datetime:
    """The moment by which the payee was told to have a reward. One that was only granted after its hold waits from there."""
    return paid_out_by(max(reward.due_at, reward.granted_at), terms)


def paid_out_by(payable_at: datetime, terms: Terms | None) -> datetime:
    """The first payout day that is so many working days after a moment: the one answer of every page that names a day.

    Days are counted in the program's zone, and keep the hour of the moment.
    """
    at = payable_at.astimezone(terms.zone if terms else UTC)
    holidays = terms.holidays if terms else _NO_HOLIDAYS
    left = terms.business_days if terms else _WORKING_DAYS
    while left:
        at += _A_DAY
        left -= _is_working_day(at.date(), holidays)
    while terms and terms.payout_days and not is_payout_day(at.date(), terms):
        at += _A_DAY
    return at.astimezone(UTC)


def is_payout_day(day: date, terms: Terms) -> bool:
    """Whether the house pays out on that day of the program's zone: a day of its calendar, or moved here from days off."""
    on, holidays = terms.payout_days, terms.holidays
    if not _is_working_day(day, holidays):
        return False
    if not on:
        return True
    if on.at_month_end and _next_working_day(day, holidays).month != day.month:
        return True
    stands_for = [day]
    while not _is_working_day(before := stands_for[-1] - _A_DAY, holidays):
        stands_for.append(before)
    return any(one.day in on.days or one.weekday() in on.weekdays for one in stands_for)


def _is_working_day(day: date, holidays: frozenset[date]) -> bool:
    return day.weekday() < 5 and day not in holidays


def _next_working_day(day: date, holidays: frozenset[date]) -> date:
    day += _A_DAY
    while not _is_working_day(day, holidays):
        day += _A_DAY
    return day
