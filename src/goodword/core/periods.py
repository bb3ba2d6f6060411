"""In which calendar period does a moment lie, and when does it close? Days, weeks, months, quarters and years of a program's zone."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from goodword.core.terms import Terms


def period_of(at: datetime, period: str, terms: Terms) -> str:
    """Name of the calendar period of a moment in the program's zone; "" for a lifetime. A fiscal year has its first year's name."""
    local = at.astimezone(terms.zone)
    if period == "week":
        year, week, _ = local.isocalendar()
        return f"{year}-W{week:02d}"
    if period == "quarter":
        return f"{local:%Y}-Q{(local.month + 2) // 3}"
    if period == "fiscal_year":
        return f"FY{local.year - ((local.month, local.day) < terms.fiscal_from)}"
    return {"day": f"{local:%Y-%m-%d}", "month": f"{local:%Y-%m}", "year": f"{local:%Y}", "lifetime": ""}[period]


def period_end(name: str, period: str, terms: Terms) -> datetime | None:
    """The moment at which the period of that name is over: the first one of the next; None for a lifetime."""
    if period == "lifetime":
        return None
    if period == "day":
        after = datetime.fromisoformat(name) + timedelta(days=1)
    elif period == "week":
        year, _, week = name.partition("-W")
        after = datetime.fromisocalendar(int(year), int(week), 1) + timedelta(days=7)
    elif period == "month":
        after = _month(int(name[:4]), int(name[5:]) + 1)
    elif period == "quarter":
        after = _month(int(name[:4]), int(name[6:]) * 3 + 1)
    elif period == "fiscal_year":
        month, day = terms.fiscal_from
        after = datetime(int(name[2:]) + 1, month, day)
    else:
        after = datetime(int(name) + 1, 1, 1)
    return datetime.combine(after.date(), time(0), terms.zone).astimezone(UTC)


def _month(year: int, month: int) -> datetime:
    return datetime(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)
