"""What follows from what a person did? Orders, amounts and friends up to a moment, as facts that conditions may compare."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from goodword.core.facts import Fact, facts_of
from goodword.core.periods import period_end, period_of
from goodword.core.referral import Referral
from goodword.core.situation import Situation
from goodword.core.terms import Terms

AN_INSTANT = timedelta(microseconds=1)  # what happened counts right after it, and spans are over right after their end


def derived(situation: Situation, terms: Terms, party: str, field: str, at: datetime) -> Any:
    """The value of a derived fact as it stood at that moment; None where it is not known."""
    name, days = _spelled(field)
    if name in ("orders", "amount"):
        orders = list(_orders(situation, party, at, days))
        if name == "orders":
            return max(len(orders), 1 if _bought_before(situation, party, at, days) else 0)
        return sum(fact.base_minor("net") for fact in orders if _currency(fact) == terms.currency)
    known = situation.parties.get(party)
    if name == "days_since_order":
        moments = [fact.event.at for fact in _orders(situation, party, at, None)]
        if known and known.purchased_at and known.purchased_at < at:
            moments.append(known.purchased_at)
        return (at - max(moments)).days if moments else None
    if name == "referrals":
        return sum(1 for since in _standing(situation, terms, party) if since < at)
    if name == "level":
        return _level(situation, terms, party, at)
    if name == "audience":
        lists = {audience for audience, member in situation.audiences if member == party}
        return sorted(audience for audience in lists if situation.in_audience(audience, party, at))
    since = known.known_since if known else None
    if since is None or since > at:
        return None
    return (at - since).days if name == "days_known" else since.astimezone(terms.zone).date().isoformat()


def turning_points(
    situation: Situation, terms: Terms, party: str, field: str, values: tuple[str, ...]
) -> Iterator[datetime]:
    """Moments at which a comparison of a derived fact with these values may turn out otherwise than before."""
    name, days = _spelled(field)
    known = situation.parties.get(party)
    if name in ("orders", "amount", "days_since_order"):
        for at in (fact.event.at for fact in _orders(situation, party, None, None)):
            yield at + AN_INSTANT
            if days:
                yield at + timedelta(days=days) + AN_INSTANT
            if name == "days_since_order":
                yield from _days_after(at, values)
        if known and known.purchased_at and name == "days_since_order":
            yield from _days_after(known.purchased_at, values)
        elif known and known.purchased_at and days:
            yield known.purchased_at + timedelta(days=days) + AN_INSTANT
    elif name in ("referrals", "level"):
        ladder = terms.ladder_of_friends
        for since in _standing(situation, terms, party):
            yield since + AN_INSTANT
            closes_at = period_end(period_of(since, ladder.period, terms), ladder.period, terms) if ladder else None
            if name == "level" and closes_at:
                yield closes_at
    elif name == "audience":
        for (_, member), spans in situation.audiences.items():
            for since, until in spans if member == party else ():
                yield since
                if until is not None:
                    yield until + AN_INSTANT
    elif known and known.known_since:
        yield known.known_since
        yield from _days_after(known.known_since, values)


def _days_after(at: datetime, values: tuple[str, ...]) -> Iterator[datetime]:
    """When a number of whole days since a moment comes to one of the values, and to one more."""
    for value in values:
        if re.fullmatch(r"\d{1,5}(\.\d+)?", value):
            yield from (at + timedelta(days=int(float(value)) + more) for more in (0, 1))


def _spelled(field: str) -> tuple[str, int | None]:
    """Name and span: "orders_in_90d" is orders, 90 days."""
    match = re.fullmatch(r"(orders|amount)_in_(\d+)d", field)
    return (match.group(1), int(match.group(2))) if match else (field, None)


def _orders(situation: Situation, party: str, before: datetime | None, days: int | None) -> Iterator[Fact]:
    """Net purchases before a moment (None: all of them), of the last so many days."""
    since = before - timedelta(days=days) if days and before else None
    for fact in facts_of(situation.history(party)):
        is_before = fact.event.type == "purchase" and (before is None or fact.event.at < before) and not fact.gone
        if is_before and (since is None or fact.event.at >= since):
            yield fact


def _bought_before(situation: Situation, party: str, at: datetime, days: int | None) -> bool:
    """Whether a purchase is known from a file rather than from events."""
    known = situation.parties.get(party)
    if known is None or known.purchased_at is None or known.purchased_at >= at:
        return False
    return days is None or at - known.purchased_at <= timedelta(days=days)


def _currency(fact: Fact) -> str:
    return fact.amount.order.currency if fact.amount.order else ""


def _level(situation: Situation, terms: Terms, party: str, at: datetime) -> int | None:
    """How many tiers of the ladder of friends were reached, in the ladder's period of that moment; None without a ladder."""
    ladder = terms.ladder_of_friends
    if ladder is None:
        return None
    period = period_of(at, ladder.period, terms)
    stood = (since for since in _standing(situation, terms, party) if since < at)
    number = sum(1 for since in stood if period_of(since, ladder.period, terms) == period)
    return number // ladder.every if ladder.every else sum(1 for row in ladder.rows if row.at <= number)


def _standing(situation: Situation, terms: Terms, advocate: str) -> Iterator[datetime]:
    """Since when each friend that somebody brought to the program stands: a matter of merit, whatever order it was heard in."""
    for id_ in situation.of_advocate.get(advocate, ()):
        referral: Referral = situation.referrals[id_]
        if referral.kind == "referral" and referral.program == terms.program and referral.stands_since:
            yield referral.stands_since
