"""When are points gone? The date of expiry of what is earned (or was last used) at a moment, by the rule of its unit."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta

from goodword.core.periods import period_end, period_of
from goodword.core.terms import Terms
from goodword.core.units import Expiry, Unit


def expires_at(unit: Unit, terms: Terms, at: datetime) -> datetime | None:
    """The first moment at which points of that moment are gone: N x 24 h, calendar months, or the end of a period; None: never."""
    rule = unit.expires
    if rule is None:
        return None
    if rule.period:
        end = at
        for _ in range(rule.more + 1):
            after = period_end(period_of(end, rule.period, terms), rule.period, terms)
            assert after is not None, "points do not expire at the end of a lifetime"
            end = after
        return end
    return at + timedelta(days=rule.days) if rule.days else _months_after(at, rule, terms)


def _months_after(at: datetime, rule: Expiry, terms: Terms) -> datetime:
    """The same day and time in the program's zone, the last day of a shorter month."""
    local = at.astimezone(terms.zone)
    month = local.month - 1 + rule.months
    year, month = local.year + month // 12, month % 12 + 1
    day = min(local.day, monthrange(year, month)[1])
    return local.replace(year=year, month=month, day=day).astimezone(UTC)
