"""What follows from what a person did? Orders, amounts and friends up to a moment, as facts that conditions may compare."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from goodword.core.facts import Fact, facts_of
from goodword.core.referral import Referral
from goodword.core.situation import Situation
from goodword.core.terms import Terms

STANDING_REFERRALS = frozenset({"qualified", "rewarded"})


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
        return sum(1 for referral in _referrals(situation, party) if _stands(referral, terms, at))
    if name == "audience":
        lists = {audience for audience, member in situation.audiences if member == party}
        return sorted(audience for audience in lists if situation.in_audience(audience, party, at))
    since = known.known_since if known else None
    if since is None or since > at:
        return None
    return (at - since).days if name == "days_known" else since.astimezone(terms.zone).date().isoformat()


def _spelled(field: str) -> tuple[str, int | None]:
    """Name and span: "orders_in_90d" is orders, 90 days."""
    match = re.fullmatch(r"(orders|amount)_in_(\d+)d", field)
    return (match.group(1), int(match.group(2))) if match else (field, None)


def _orders(situation: Situation, party: str, before: datetime, days: int | None) -> Iterator[Fact]:
    """Net purchases before a moment, of the last so many days."""
    since = before - timedelta(days=days) if days else None
    for fact in facts_of(situation.history(party)):
        is_before = fact.event.type == "purchase" and fact.event.at < before and not fact.gone
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


def _referrals(situation: Situation, advocate: str) -> Iterator[Referral]:
    for id_ in situation.of_advocate.get(advocate, ()):
        yield situation.referrals[id_]


def _stands(referral: Referral, terms: Terms, at: datetime) -> bool:
    of_friend = referral.kind == "referral" and referral.program == terms.program
    return of_friend and referral.bound_at < at and referral.state in STANDING_REFERRALS
