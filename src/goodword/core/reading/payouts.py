"""On which days does a document say that rewards are paid out? Days of the month, or days of the week."""

from __future__ import annotations

from goodword.core.reading.reader import Reader
from goodword.core.terms import PayoutDays

_LAST = "last"
_LAST_DAY = 28  # of those that every month has
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
_REPAIR = f'use days of the month (1 to {_LAST_DAY}, "{_LAST}") or days of the week ({", ".join(_WEEKDAYS)})'


def read_payout_days(reader: Reader) -> PayoutDays | None:
    """The payout calendar; None where the document is silent, and any working day will do."""
    days: set[int] = set()
    weekdays: set[int] = set()
    at_month_end = False
    for n, written in enumerate(reader.part.payout_days):
        text = str(written).strip().lower()
        if text in _WEEKDAYS:
            weekdays.add(_WEEKDAYS.index(text))
        elif text == _LAST:
            at_month_end = True
        elif text.isascii() and text.isdigit() and len(text) < 3 and 1 <= int(text) <= _LAST_DAY:
            days.add(int(text))
        else:
            reader.wrong(f"payout_days[{n}]", _why(text), _REPAIR)
    if weekdays and (days or at_month_end):
        reader.wrong("payout_days", "days of the month and of the week do not go together", "keep those of one kind")
    if not (days or weekdays or at_month_end):
        return None
    return PayoutDays(tuple(sorted(days)), at_month_end, tuple(sorted(weekdays)))


def _why(text: str) -> str:
    if text in ("29", "30", "31"):
        return f'"{text}" is not a day of every month'
    if text in ("saturday", "sunday"):
        return f'"{text}" is not a working day'
    return f'"{text}" is not a day on which rewards can be paid out'
