"""How much can one person get by what is promised, in a year, in any 12 months or in all? The worst case, for limits by law."""

from __future__ import annotations

from collections.abc import Sequence

from goodword.catalog.sighting import most_minor
from goodword.core.requirements import milestone_name
from goodword.core.terms import Limit, Promise, Terms

# So many calendar periods of a limit can touch a span: any 12 months touch two calendar years.
_TOUCHED = {
    "year": {"day": 366, "week": 54, "month": 12, "quarter": 4, "year": 1, "fiscal_year": 2, "lifetime": 1},
    "twelve_months": {"day": 367, "week": 54, "month": 13, "quarter": 5, "year": 2, "fiscal_year": 2, "lifetime": 1},
    "ever": {"lifetime": 1},
}
_HOLDS_A_PERSON = frozenset(
    {"person", "household", "organization", "program", "client"}
)  # a person may have many codes


def largest_minor(terms: Terms, promise: Promise) -> int | None:
    """The most that one reward of the promise is worth; None: nobody knows."""
    worths = [most_minor(terms, row) for row in promise.lines]
    return None if None in worths else max((worth for worth in worths if worth is not None), default=0)


def most_of_all_minor(terms: Terms, promises: Sequence[Promise], span: str) -> int | None:
    """The most that one person can get by promises to the same role within a span; None: there is no end to it."""
    each = [_most_of_one_minor(terms, promise, span) for promise in promises]
    without_shared = None if None in each else sum(worth for worth in each if worth is not None)
    worths = [largest_minor(terms, promise) or 0 for promise in promises]
    shared = [limit for limit in promises[0].limits if limit.shared] if promises else []
    bounds = [_bound_minor(terms, promises[0], limit, max(worths), span) for limit in shared]
    return min((one for one in (without_shared, *bounds) if one is not None), default=None)


def _most_of_one_minor(terms: Terms, promise: Promise, span: str) -> int | None:
    worth = largest_minor(terms, promise)
    if worth is None:
        return None
    own = (limit for limit in promise.limits if not limit.shared)
    bounds = [_bound_minor(terms, promise, limit, worth, span) for limit in own]
    bounds.append(_without_limits_minor(terms, promise, worth, span))
    return min((one for one in bounds if one is not None), default=None)


def _without_limits_minor(terms: Terms, promise: Promise, worth: int, span: str) -> int | None:
    """What a promise comes to by itself: a friend gets it once, each tier is given once; else there is no end."""
    if worth == 0:
        return 0
    known = {one.name: one for one in terms.milestones}
    milestone = known.get(milestone_name(promise.on))
    is_repeated = milestone is not None and milestone.repeat is not None
    ladder = promise.ladder
    if ladder and ladder.apply == "once" and not ladder.every and ladder.period in _TOUCHED[span]:
        whole = sum(most_minor(terms, row) or 0 for row in ladder.rows)
        return whole * _TOUCHED[span][ladder.period]
    return worth if promise.to == "friend" and not is_repeated and not ladder else None


def _bound_minor(terms: Terms, promise: Promise, limit: Limit, worth: int, span: str) -> int | None:
    """What a limit leaves to one person within a span; None: it does not hold a single person within it."""
    holds = limit.over in _HOLDS_A_PERSON or (limit.over == "friend" and promise.to == "friend")
    times = _TOUCHED[span].get(limit.period)
    if not holds or times is None:
        return None
    if limit.counts == "amount":
        if any(row.give.asset != terms.currency for row in promise.lines):
            return None
        return limit.most * times + (worth if limit.edge == "last_whole" else 0)
    is_once_a_friend = not any(one.repeat for one in terms.milestones if one.name == milestone_name(promise.on))
    counts_rewards = limit.counts == "grants" or (limit.counts == "joins" and is_once_a_friend)
    return limit.most * times * worth if counts_rewards else None
