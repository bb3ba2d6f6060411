"""Has enough been done? Milestones that count events, sum their amounts or number their days, net of what came back."""

from __future__ import annotations

from datetime import date

import msgspec

from goodword.core.amounts import to_decimal
from goodword.core.events import Event, Line
from goodword.core.facts import Fact
from goodword.core.journey import Journey, Step, counted, ends_at, inside, under_conditions
from goodword.core.reasons import Reason
from goodword.core.requirements import Counting, Filter, Milestone


class _Tally(msgspec.Struct):
    """What came together so far."""

    number: int = 0
    sum_minor: int = 0
    days: set[date] = msgspec.field(default_factory=set)

    def is_enough(self, wanted: Counting) -> bool:
        enough = self.number >= wanted.number and self.sum_minor >= wanted.sum_minor
        return enough and len(self.days) >= wanted.days and self.number > 0


def counting_step(journey: Journey, milestone: Milestone, steps: dict[str, Step]) -> Step:
    """How it stands: reached by the event that completes it, open while something is missing."""
    wanted = milestone.counting
    assert wanted is not None
    tally = _Tally()
    for fact in counted(journey, milestone, wanted.event):
        minor = _counts(journey, milestone, wanted, fact, steps)
        if minor is None:
            continue
        tally.number += 1
        tally.sum_minor += minor
        tally.days.add(fact.event.at.astimezone(journey.terms.zone).date())
        if tally.is_enough(wanted):
            reason = Reason("milestone_reached", True, f"{fact.event.at:%Y-%m-%d}")
            reached = Step("reached", reason, fact.event.at, fact.event.id, tally.sum_minor)
            conditions = (
                *milestone.conditions,
                *journey.terms.friend_conditions,
                *journey.terms.advocate_conditions,
            )
            return under_conditions(journey, milestone, conditions, fact.amount, reached, steps)
    return Step("open", _missing(journey, wanted, tally), due_at=ends_at(journey, milestone, steps))


def _counts(journey: Journey, milestone: Milestone, wanted: Counting, fact: Fact, steps: dict[str, Step]) -> int | None:
    """What of an event counts, in minor units (0 where it has no amount); None where it does not count at all."""
    order = fact.amount.order
    if fact.gone_for(milestone.cancelled_by) or (order and order.currency not in ("", journey.terms.currency)):
        return None
    if not inside(journey, milestone, fact.event, steps):
        return None
    if not _passes(fact.amount, wanted):
        return None
    minor = _matching(fact, milestone.base, wanted) if order else 0
    if minor is None or (milestone.min_minor is not None and minor < milestone.min_minor):
        return None
    return minor


def _passes(event: Event, wanted: Counting) -> bool:
    """Whether the event itself is meant; one that does not say is neither on a list nor off it, so it does not count."""

    def value(one: Filter) -> str | None:
        found = event.data.get(one.field) if one.side == "data" else getattr(event, one.field)
        return None if found is None else str(found).strip().casefold()

    meant = (value(one) in one.values for one in wanted.only if one.side != "item")
    left_out = ((value(one) or "", one.values) for one in wanted.but if one.side != "item")
    return all(meant) and all(known and known not in values for known, values in left_out)


def _matching(fact: Fact, base: str, wanted: Counting) -> int | None:
    """The amount of the items that are meant, less the share of the order that was given back; None where none is."""
    lists = [one for one in (*wanted.only, *wanted.but) if one.side == "item"]
    order = fact.amount.order
    if not lists or order is None:
        return fact.base_minor(base)
    lines = [line for line in order.lines or () if _is_meant(line, wanted)]
    if not lines:
        return None
    whole = sum(line.amount_minor * line.quantity for line in lines)
    paid = order.amount_minor
    if fact.back_minor <= 0 or paid <= 0:
        return whole
    return (2 * whole * max(0, paid - fact.back_minor) + paid) // (2 * paid)


def _is_meant(line: Line, wanted: Counting) -> bool:
    def value(one: Filter) -> str:
        return str(getattr(line, one.field) or "").strip().casefold()

    meant = all(value(one) in one.values for one in wanted.only if one.side == "item")
    return meant and all(value(one) not in ("", *one.values) for one in wanted.but if one.side == "item")


def _missing(journey: Journey, wanted: Counting, tally: _Tally) -> Reason:
    currency = journey.terms.currency
    parts = []
    if wanted.number:
        parts.append(f"{tally.number} of {wanted.number}")
    if wanted.sum_minor:
        so_far, needed = to_decimal(tally.sum_minor, currency), to_decimal(wanted.sum_minor, currency)
        parts.append(f"{so_far} of {needed} {currency}")
    if wanted.days:
        parts.append(f"{len(tally.days)} of {wanted.days} days")
    return Reason("milestone_open", None, None, f"{wanted.event}: {', '.join(parts)}")
