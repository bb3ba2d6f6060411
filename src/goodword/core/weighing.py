"""Is one version's promise at least as good as another's? What cannot be shown to be as good counts as worse."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from goodword.core.kind import Give
from goodword.core.requirements import Milestone
from goodword.core.terms import Promise, Row, Terms

# Orders of 1 to 50,000,000 of a currency's hundredths, at which two rewards are laid side by side: both rise evenly
# between their caps, so one that is not lower at any of these is not lower in between by more than a cap's corner.
_BASES = tuple(step * 10**power for power in range(10) for step in (1, 2, 5))
_IN_WORDS = {  # what a milestone asks more of, by its field
    "event": "another event",
    "count": "another number",
    "min_minor": "a higher minimum",
    "base": "another base",
    "within": "less time",
    "grace": "less patience",
    "conditions": "new conditions",
    "without": "new hindrances",
    "repeat": "other repetitions",
}
_LATE_MOMENTS = frozenset({"milestone", "release", "payment"})


def what_is_lost(promise: Promise, old: Terms, new: Terms) -> str:
    """What a promise loses under newer terms, in a word or two; "" where it is at least as good."""
    other = next((one for one in new.promises if one.key == promise.key), None)
    if other is None:
        return "the whole promise"
    if other.hold_days > promise.hold_days:
        return f"{other.hold_days - promise.hold_days} days of waiting more"
    if not _at_least(promise, other):
        return f"{_told(other)} instead of {_told(promise)}"
    harder = _harder(old.milestone(promise.on), new.milestone(other.on))
    return f"{harder} for {promise.on.replace('_', ' ')}" if harder else ""


def _told(promise: Promise) -> str:
    """The gifts of a promise, in the words of their kinds."""
    return " / ".join(dict.fromkeys(row.kind.sentence(row.give) for row in promise.lines))


def _at_least(promise: Promise, other: Promise) -> bool:
    """Whether every gift of the other is of the same kind and never lower, and the way to it the same."""
    mine, theirs = _shape(promise), _shape(other)
    if mine != theirs:
        return False
    return all(_gives_at_least(row, newer) for row, newer in zip(promise.lines, other.lines, strict=True))


def _shape(promise: Promise) -> dict[str, Any]:
    """Everything of a promise but what is given, how long it is held, and its limits (those of the live version count)."""
    lines = [(row.conditions, row.at, row.weight) for row in promise.lines]
    rest = {
        field: getattr(promise, field)
        for field in promise.__struct_fields__
        if field not in ("key", "kind", "give", "hold_days", "limits", "rows", "ladder", "choice")
    }
    for name in ("ladder", "choice"):
        part = getattr(promise, name)
        rest[name] = part and {field: getattr(part, field) for field in part.__struct_fields__ if field != "rows"}
    return {**rest, "lines": lines, "is_table": bool(promise.rows)}


def _gives_at_least(row: Row, newer: Row) -> bool:
    if row.kind.slug != newer.kind.slug or row.give.asset != newer.give.asset:
        return False
    if row.give == newer.give:
        return True
    if _beyond_amounts(row.give) != _beyond_amounts(newer.give):
        return False
    pairs = [
        (row.kind.amount_minor(row.give, base), newer.kind.amount_minor(newer.give, base)) for base in (None, *_BASES)
    ]
    return all((before or 0) <= (after or 0) for before, after in pairs)


def _beyond_amounts(give: Give) -> dict[str, Any]:
    """What a gift says besides how much it comes to; that has to be the same."""
    amounts = ("fixed_minor", "percent", "max_minor", "per", "per_minor", "cost_minor")
    return {field: getattr(give, field) for field in give.__struct_fields__ if field not in amounts}


def _harder(before: Milestone, after: Milestone) -> str:
    """What makes a milestone harder to reach, in a word; "" where everything that reached it still does."""
    for field in before.__struct_fields__:
        was, is_now = getattr(before, field), getattr(after, field)
        if field == "name" or was == is_now or _is_easier(field, was, is_now):
            continue
        return _IN_WORDS.get(field, field.replace("_", " "))
    return ""


def _is_easier(field: str, was: Any, is_now: Any) -> bool:
    """Whether a changed field only lets in more."""
    if field == "min_minor":
        return is_now is None or (was is not None and is_now < was)
    if field in ("within", "grace"):
        return _is_longer(was, is_now)
    if field in ("conditions", "without"):
        return set(is_now) <= set(was)
    return False


def _is_longer(was: timedelta | None, is_now: timedelta | None) -> bool:
    return is_now is None or (was is not None and is_now > was)


def harder_terms(old: Terms, new: Terms, *, for_friend: bool = True) -> list[str]:
    """What the terms as a whole make worse for a friend who joined under the old ones, or for their referrer alone."""
    found = []
    if new.currency != old.currency:
        found.append("another currency")
    if new.last_milestone_at and (old.last_milestone_at is None or new.last_milestone_at < old.last_milestone_at):
        found.append(f"an end on {new.last_milestone_at:%Y-%m-%d}")
    if new.last_milestone_at and old.notice and (new.notice is None or new.notice < old.notice):
        found.append("shorter notice of the end")
    if new.lapse is not None and (old.lapse is None or new.lapse < old.lapse):
        found.append("an earlier lapse")
    if for_friend and new.friend_debt and not old.friend_debt:
        found.append("a debt of the friend")
    if new.stacking != old.stacking:
        found.append("another rule for several rewards")
    for name in ("advocate_conditions", "friend_conditions"):
        before, after = (
            {one for one in getattr(terms, name) if _LATE_MOMENTS & set(one.moments)} for terms in (old, new)
        )
        if not after <= before:
            found.append("a new condition")
    return found
