"""Which days does the overview look at? A day, week, month or year, the one before it, and the steps of the trend."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

KEYS = ("d", "w", "m", "y")
GRAINS: dict[str, tuple[str, ...]] = {"d": ("day",), "w": ("day",), "m": ("day", "week"), "y": ("month", "week")}
_TREND_DAYS = {"d": 14, "w": 28}  # one day or one week alone is no trend
_FIRST, _LAST = date(2000, 1, 1), date(2100, 1, 1)


@dataclass(frozen=True)
class Period:
    """Days from `begin` up to, not with, `end`; a period that still runs is compared with as many days of the one before."""

    key: str
    begin: date
    end: date
    today: date

    @property
    def is_running(self) -> bool:
        """Whether today lies in it."""
        return self.begin <= self.today < self.end

    @property
    def counted_end(self) -> date:
        """The first day that is not counted: the future holds nothing."""
        return self.today + timedelta(days=1) if self.is_running else self.end

    @property
    def before_begin(self) -> date:
        """The first day of the period before."""
        return _begin(self.key, self.begin - timedelta(days=1))

    @property
    def before_end(self) -> date:
        """The first day after what this period is compared with."""
        same = self.before_begin + (self.counted_end - self.begin)
        return min(same, self.begin) if self.is_running else self.begin

    @property
    def trend_begin(self) -> date:
        """Where the trend begins."""
        days = _TREND_DAYS.get(self.key)
        return self.counted_end - timedelta(days=days) if days else self.begin

    @property
    def title(self) -> str:
        """The period as people call it."""
        if self.key == "d":
            return date_format(self.begin, "j M Y")
        if self.key == "w":
            return _("Week of {day}").format(day=date_format(self.begin, "j M Y"))
        return date_format(self.begin, "F Y" if self.key == "m" else "Y")

    @property
    def compared(self) -> str:
        """The days that it is compared with."""
        first, last = self.before_begin, self.before_end - timedelta(days=1)
        if first == last:
            return date_format(first, "j M Y")
        same_year, same_month = first.year == last.year, (first.year, first.month) == (last.year, last.month)
        short = date_format(first, "j" if same_month else "j M" if same_year else "j M Y")
        return _("{first} to {last}").format(first=short, last=date_format(last, "j M Y"))

    @property
    def earlier(self) -> date | None:
        """A day of the period before."""
        return self.before_begin if self.before_begin >= _FIRST else None

    @property
    def later(self) -> date | None:
        """The first day of the next period; None: it has not begun."""
        return self.end if self.end <= self.today else None

    def steps(self, grain: str) -> tuple[date, ...]:
        """The first days of the trend's steps."""
        found = []
        step = _begin({"day": "d", "week": "w", "month": "m"}[grain], self.trend_begin)
        while step < self.counted_end:
            found.append(step)
            step = _end({"day": "d", "week": "w", "month": "m"}[grain], step)
        return tuple(found)

    def spans(self, grain: str) -> tuple[tuple[date, date], ...]:
        """The first and the last day of each step, as far as they are counted."""
        steps = self.steps(grain)
        ends = (*steps[1:], self.counted_end)
        return tuple((first, end - timedelta(days=1)) for first, end in zip(steps, ends, strict=True))


def period_of(key: str, on: str, today: date) -> Period:
    """The period around a day (ISO; '' is today). Raises ValueError for what is no period or no day."""
    if key not in KEYS:
        raise ValueError(f"{key} is no period")
    day = date.fromisoformat(on) if on else today
    if not _FIRST <= day < _LAST:
        raise ValueError(f"{day} is too far away")
    day = min(day, today)
    begin = _begin(key, day)
    return Period(key, begin, _end(key, begin), today)


def _begin(key: str, day: date) -> date:
    if key == "w":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if key == "m" else day.replace(month=1, day=1) if key == "y" else day


def _end(key: str, begin: date) -> date:
    if key == "m":
        return (begin + timedelta(days=31)).replace(day=1)
    return begin.replace(year=begin.year + 1) if key == "y" else begin + timedelta(days=7 if key == "w" else 1)
