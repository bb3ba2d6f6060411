"""What may conditions ask, and what was the answer at a moment? Attributes as known then, derived facts, and the event itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from goodword.core.conditions import Answer, Condition, Facts, answer
from goodword.core.contracts import attribute_of
from goodword.core.derived import derived, turning_points
from goodword.core.events import Event, Order
from goodword.core.facts import base_of
from goodword.core.fields import COUNTS_FRIENDS, GROUP_FIELDS, asks_of_orders, is_derived
from goodword.core.situation import Situation
from goodword.core.terms import Terms

# What was asked of somebody who was forgotten since is not held against those who are left.
_NOBODY_LEFT_TO_ASK = Answer(True, None)

StepAmount = Callable[[str], int | None]  # "first_order.amount" -> minor units


def conditions_at(
    situation: Situation,
    terms: Terms,
    conditions: tuple[Condition, ...],
    moment: str,
    advocate: str,
    friend: str | None,
    event: Event | None,
    at: datetime,
    until: datetime | None = None,
    of_step: StepAmount | None = None,
) -> list[tuple[Condition, Answer]]:
    """Each condition that is looked at in this moment, with its answer as things stood then.

    What was unknown then is answered by the first value that became known later, at most until `until`.
    """
    asked = [condition for condition in conditions if moment in condition.moments]
    if not asked:
        return []
    facts = facts_at(situation, terms, advocate, friend, event, at, until, of_step)
    gone = {side for side, party in (("advocate", advocate), ("friend", friend)) if is_forgotten(situation, party)}
    return [
        (condition, _NOBODY_LEFT_TO_ASK if gone and _is_lost(condition, gone) else answer(condition, facts, terms.currency))
        for condition in asked
    ]


def is_forgotten(situation: Situation, party: str | None) -> bool:
    """Whether this person was forgotten on request: of such a one less is known than was decided with."""
    known = situation.parties.get(party) if party else None
    return known is not None and known.erased


def _is_lost(condition: Condition, gone: Collection[str]) -> bool:
    """Whether it reads what was forgotten with a person: attributes and lists, not what the log still tells."""
    return any(
        side in gone and (not is_derived(field) or field == "audience") for side, field in _read_by(condition)
    )


def changes_of(
    situation: Situation,
    terms: Terms,
    conditions: Iterable[Condition],
    parties: Mapping[str, str],
    after: datetime,
    until: datetime,
) -> list[datetime]:
    """Moments, past and to come, at which something that the conditions read turns: when what failed may hold."""
    moments: set[datetime] = set()
    for condition in conditions:
        for side, field in _read_by(condition):
            party = parties.get(side)
            if party is None:
                continue
            if is_derived(field):
                moments.update(turning_points(situation, terms, party, field, condition.values))
            else:
                moments.update(valid_from for valid_from, _ in situation.attributes.get((party, field), ()))
    return sorted(at for at in moments if after < at <= until)


def parties_of(conditions: Iterable[Condition], parties: Mapping[str, str]) -> tuple[str, ...]:
    """Whom the conditions speak of: what is heard of them may change the answer."""
    sides = (side for condition in conditions for side, _ in _read_by(condition))
    return tuple(dict.fromkeys(parties[side] for side in sides if side in parties))


def _read_by(condition: Condition) -> tuple[tuple[str, str], ...]:
    own = (condition.side, condition.field)
    return (own, condition.other) if condition.other else (own,)


def facts_at(
    situation: Situation,
    terms: Terms,
    advocate: str,
    friend: str | None,
    event: Event | None,
    at: datetime,
    until: datetime | None = None,
    of_step: StepAmount | None = None,
) -> Facts:
    """What conditions may ask of a moment."""

    def fact(side: str, field: str) -> Any:
        if side in ("advocate", "friend"):
            party = advocate if side == "advocate" else friend
            if party is None:
                return None
            if is_derived(field):
                return derived(situation, terms, party, field, at)
            return situation.attribute(party, field, at, until)
        if side == "step":
            return of_step(field) if of_step else None
        return _of_event(event, side, field) if event else None

    return fact


def _of_event(event: Event, side: str, field: str) -> Any:
    if side == "order":
        return _of_order(event, event.order, field) if event.order else None
    if side in ("item", "cheapest"):
        return _of_items(event.order, field, cheapest=side == "cheapest") if event.order else None
    if side == "subject":
        subject = event.subject
        known = {"kind": subject.kind, "stage": subject.stage, "value": subject.value_minor} if subject else {}
        return known.get(field)
    if side == "data":
        return event.data.get(field)
    of_event = {"channel": event.channel, "country": event.country, "source": event.source, "type": event.type}
    return of_event.get(field)


def _of_order(event: Event, order: Order, field: str) -> Any:
    if field in ("gross", "net", "items"):
        return base_of(event, field)
    return {
        "amount": order.amount_minor,
        "tax": order.tax_minor,
        "shipping": order.shipping_minor,
        "discount": order.discount_minor,
        "currency": order.currency,
    }.get(field)


def _of_items(order: Order, field: str, *, cheapest: bool) -> Any:
    """The field of every item, or of the cheapest; an order that came without its items is unknown."""
    if order.lines is None:
        return None
    lines = order.lines
    if cheapest:
        lines = tuple(sorted(lines, key=lambda line: line.amount_minor))[:1]
    named = {"amount": "amount_minor"}.get(field, field)
    return [getattr(line, named) for line in lines]


# -- what has to be at hand --------------------------------------------------------------------------------------------


def conditions_of(terms: Terms) -> Iterable[Condition]:
    """Every condition of the terms, wherever it stands."""
    yield from terms.advocate_conditions
    yield from terms.friend_conditions
    for milestone in terms.milestones:
        yield from milestone.conditions
        yield from (pause.condition for pause in milestone.pauses if pause.condition)
    for promise in terms.promises:
        for row in promise.lines:
            yield from row.conditions
    for _, own in terms.markets:
        yield from conditions_of(msgspec.structs.replace(own, markets=()))
    if terms.contest:
        yield from terms.contest.conditions
        yield from terms.contest.excluded


def attributes_asked(terms: Terms) -> frozenset[str]:
    """Names of the attributes that have to be loaded for deciding by these terms."""
    asked = [(one.side, one.field) for one in conditions_of(terms)]
    asked += [one.other for one in conditions_of(terms) if one.other]
    named = {field for side, field in asked if side in ("advocate", "friend") and not is_derived(field)}
    team = {terms.contest.team} if terms.contest and terms.contest.team else set()
    of_group = set(GROUP_FIELDS.values()) if terms.new_scope == "group" else set()
    contract = {attribute_of(terms.program)} if terms.contracts else set()
    return frozenset(named | team | of_group | contract | ({"country"} if terms.markets else set()))


def asks_of_advocates(terms: Terms) -> bool:
    """Whether an advocate's own orders have to be loaded."""
    own = (one for one in conditions_of(terms) if one.side == "advocate")
    return terms.who == "customers" or any(asks_of_orders(condition.field) for condition in own)


def asks_of_referrals(terms: Terms) -> bool:
    """Whether an advocate's (or friend's) other referrals have to be loaded."""
    return any(_counts(one) for one in conditions_of(terms))


def counts_friends(situation: Situation, terms: Terms) -> bool:
    """The same of terms that are published (or of one market of them); found out once."""
    key = (terms.program, terms.version)
    if key not in situation.counting:
        situation.counting[key] = asks_of_referrals(situation.terms_of(*key))
    return situation.counting[key]


def without_counting(terms: Terms) -> Terms:
    """The terms without conditions on how many friends somebody brought."""

    def kept(conditions: tuple[Condition, ...]) -> tuple[Condition, ...]:
        return tuple(condition for condition in conditions if not _counts(condition))

    return msgspec.structs.replace(
        terms,
        advocate_conditions=kept(terms.advocate_conditions),
        friend_conditions=kept(terms.friend_conditions),
        milestones=tuple(
            msgspec.structs.replace(milestone, conditions=kept(milestone.conditions)) for milestone in terms.milestones
        ),
    )


def _counts(condition: Condition) -> bool:
    return condition.field in COUNTS_FRIENDS and condition.side in ("advocate", "friend")
