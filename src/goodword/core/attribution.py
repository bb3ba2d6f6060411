"""Who referred whom? Collects the touches before a binding event, refuses by name what does not count, and ranks the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from goodword.core.conditions import Answer, Condition, answer
from goodword.core.events import Event
from goodword.core.reasons import Reason
from goodword.core.situation import Situation
from goodword.core.terms import Terms

REFUSED_SHOWN = 10  # the latest refused touches of a friend that are kept with their reason


class Touch(msgspec.Struct, frozen=True):
    """What ties a friend to an advocate: method, moment, the event it came with, and the version in force then."""

    method: str
    advocate: str
    at: datetime
    event: str
    code: str | None
    terms: Terms
    rank: tuple[datetime, int, str, str]
    unknowns: tuple[str, ...] = ()  # conditions on the advocate that cannot be answered yet


class Attribution(msgspec.Struct, frozen=True):
    """The winning touch (or None) and what happened to all of them."""

    touch: Touch | None
    reasons: tuple[Reason, ...]


class _Candidate(msgspec.Struct, frozen=True):
    method: str
    event: Event
    code: str | None = None


def bears_touch(event: Event) -> bool:
    """Whether the event could tie somebody to an advocate."""
    return bool(event.codes or event.advocate) and event.type != "share"


def attribute(situation: Situation, friend: str, history: list[Event], binding: Event, program: str) -> Attribution:
    """The touch that wins `binding` for `program`, among the friend's touches up to and including that event."""
    reasons: list[Reason] = []
    accepted: list[Touch] = []
    for candidate in _candidates(situation, friend, history, binding):
        verdict = _judge(situation, friend, candidate, binding, program)
        if isinstance(verdict, Touch):
            accepted.append(verdict)
        elif verdict is not None:
            reasons.append(verdict)
    reasons = reasons[-REFUSED_SHOWN:]
    if not accepted:
        return Attribution(None, tuple(reasons))
    winner = min(accepted, key=_preference)
    outranked = [
        Reason("outranked", False, touch.method, winner.method, touch.event)
        for touch in accepted
        if touch is not winner
    ]
    won = Reason("touch_won", True, winner.method, None, winner.event)
    return Attribution(winner, (won, *reasons, *outranked[-REFUSED_SHOWN:]))


def _preference(touch: Touch) -> tuple[Any, ...]:
    """Smaller wins: method rank, then the last touch (or the first, where the terms say so) in canonical order."""
    method = (
        touch.terms.methods.index(touch.method) if touch.method in touch.terms.methods else len(touch.terms.methods)
    )
    at, order, source, id_ = touch.rank
    if touch.method == "click" and touch.terms.touch == "first":
        return (method, at.timestamp(), order, _Ascending((source, id_)))
    return (method, -at.timestamp(), -order, _Descending((source, id_)))


class _Ascending(tuple[str, ...]):
    """Compares like any tuple: the first in canonical order is preferred."""


class _Descending(tuple[str, ...]):
    """Compares the other way round: the last in canonical order is preferred."""

    def __lt__(self, other: tuple[str, ...]) -> bool:
        return tuple(self) > tuple(other)


def _candidates(situation: Situation, friend: str, history: list[Event], binding: Event) -> Iterable[_Candidate]:
    visitors = situation.visitors.get(friend, {})
    for event in history:
        if event.rank > binding.rank:
            break
        if not bears_touch(event) or event.type == "claim":
            continue
        if event.type == "click":
            since = [visitors[token] for token in (event.visitor, event.click) if token in visitors]
            if since and min(since) > binding.at and event.ids == ():
                continue  # the visitor came to belong to this person only after the binding
            yield from (_Candidate("click", event, code) for code in event.codes)
            continue
        if event.advocate:
            yield _Candidate("named", event)
        yield from (_Candidate("code", event, code) for code in event.codes)


def _judge(
    situation: Situation, friend: str, candidate: _Candidate, binding: Event, program: str
) -> Touch | Reason | None:
    """The ladder of a touch. None: it speaks of another program. A Reason: refused. A Touch: it counts."""
    event = candidate.event
    advocate, program_named, refused = _whose(situation, candidate)
    if program_named is not None and program_named != program:
        return None
    if refused:
        return refused
    assert advocate is not None
    if program_named is None and len(situation.book) > 1:
        live = [slug for slug in situation.book if situation.terms_at(slug, event.at)]
        if live != [program]:
            return (
                Reason("program_ambiguous", False, ", ".join(sorted(live))[:80], "a program", event.id)
                if program in live
                else None
            )
    terms = situation.terms_at(program, event.at)
    if terms is None or (terms.runs_from and event.at < terms.runs_from):
        starts = terms.runs_from if terms else situation.book[program][0].live_from
        return Reason("program_not_started", False, _day(event.at), _day(starts), event.id)
    if terms.last_touch_at and event.at > terms.last_touch_at:
        return Reason("program_ended", False, _day(event.at), _day(terms.last_touch_at), event.id)
    if candidate.method not in terms.methods:
        return Reason("method_not_allowed", False, candidate.method, ", ".join(terms.methods), event.id)
    if advocate == friend:
        return Reason("own_code", False, candidate.code, None, event.id)
    if binding.at - event.at > terms.window:
        return Reason("touch_too_old", False, span_words(binding.at - event.at), span_words(terms.window), event.id)
    return _allowed(situation, candidate, advocate, terms)


def _whose(situation: Situation, candidate: _Candidate) -> tuple[str | None, str | None, Reason | None]:
    """Advocate and program that a touch names, or why it names nobody."""
    event = candidate.event
    code_text = candidate.code
    if candidate.method == "named":
        named_codes = [token for kind, token in event.advocate if kind == "code"]
        party = situation.party_of(ids for ids in event.advocate if ids[0] != "code")
        if party:
            return party, event.program, None
        if not named_codes:
            return None, event.program, Reason("advocate_unknown", False, None, None, event.id)
        code_text = named_codes[0]
    assert code_text is not None
    code = situation.codes.get(code_text)
    if code is None:
        return None, event.program, Reason("code_unknown", False, code_text, None, event.id)
    if code.ended_at and code.ended_at < event.at:
        return None, code.program, Reason("code_ended", False, code_text, _day(code.ended_at), event.id)
    return code.party, code.program or event.program, None


def _allowed(situation: Situation, candidate: _Candidate, advocate: str, terms: Terms) -> Touch | Reason:
    """Whether the advocate may refer at that moment; an unknown lets the touch stand and the referral wait."""
    event = candidate.event
    kind, _, name = terms.who.partition(":")
    if kind == "audience" and not situation.in_audience(name, advocate, event.at):
        return Reason("advocate_not_allowed", False, "not on the list", name, event.id)
    if kind == "customers" and not has_bought(situation, advocate, event.at):
        return Reason("advocate_not_allowed", False, "has not bought yet", "a purchase", event.id)
    unknowns: list[str] = []
    for condition, found in conditions_at(
        situation, terms, terms.advocate_conditions, "touch", advocate, None, event, event.at
    ):
        if found.met is False:
            return Reason("advocate_not_allowed", False, found.value, condition.words, event.id)
        if found.met is None:
            unknowns.append(condition.words)
    return Touch(candidate.method, advocate, event.at, event.id, candidate.code, terms, event.rank, tuple(unknowns))


def conditions_at(
    situation: Situation,
    terms: Terms,
    conditions: tuple[Condition, ...],
    moment: str,
    advocate: str,
    friend: str | None,
    event: Event | None,
    at: datetime,
) -> list[tuple[Condition, Answer]]:
    """Each condition that is looked at in this moment, with its answer as things stood then."""
    facts = facts_at(situation, advocate, friend, event, at)
    return [
        (condition, answer(condition, facts, terms.currency)) for condition in conditions if moment in condition.moments
    ]


def facts_at(
    situation: Situation, advocate: str, friend: str | None, event: Event | None, at: datetime
) -> Callable[[str, str], Any]:
    """What conditions may ask: attributes as known at the moment, orders, audiences, and the event itself."""

    def look(side: str, field: str) -> Any:
        if side in ("advocate", "friend"):
            party = advocate if side == "advocate" else friend
            if party is None:
                return None
            if field == "orders":
                return sum(1 for _ in net_purchases(situation, party, at))
            if field == "audience":
                return [
                    name
                    for name, member in situation.audiences
                    if member == party and situation.in_audience(name, party, at)
                ]
            return situation.attribute(party, field, at)
        if event is None:
            return None
        if side == "order":
            if event.order is None:
                return None
            order = event.order
            if field == "currency":
                return order.currency
            return {
                "amount": order.amount_minor,
                "gross": order.amount_minor,
                "net": base_of(event, "net"),
                "items": base_of(event, "items"),
            }.get(field)
        if side == "subject":
            subject = event.subject
            return (
                {"kind": subject.kind, "stage": subject.stage, "value": subject.value_minor}.get(field)
                if subject
                else None
            )
        if side == "data":
            return event.data.get(field)
        return {"channel": event.channel, "country": event.country, "source": event.source, "type": event.type}.get(
            field
        )

    return look


def base_of(event: Event, base: str) -> int:
    """Money base of an order in minor units before anything is given back: net, gross or items (terms.md 3)."""
    order = event.order
    if order is None:
        return 0
    if base == "gross":
        return order.amount_minor
    if base == "items":
        return order.items_minor if order.items_minor is not None else max(0, order.amount_minor - order.shipping_minor)
    return max(0, order.amount_minor - order.tax_minor - order.shipping_minor)


def net_purchases(situation: Situation, party: str, before: datetime) -> Iterable[Event]:
    """Purchases of a party before a moment that were not taken back in full."""
    history = situation.history(party)
    back: dict[str, int] = {}
    for event in history:
        if event.order and event.type == "refund":
            back[event.order.id] = back.get(event.order.id, 0) + event.order.amount_minor
        elif event.order and event.type == "cancel":
            back[event.order.id] = 1 << 60
    seen: set[str] = set()
    for event in history:
        if event.type != "purchase" or event.order is None or event.at >= before or event.order.id in seen:
            continue
        seen.add(event.order.id)
        if back.get(event.order.id, 0) < max(1, event.order.amount_minor):
            yield event


def has_bought(situation: Situation, party: str, before: datetime) -> bool:
    """Whether a net purchase of the party is known before a moment."""
    known = situation.parties.get(party)
    if known and known.purchased_at and known.purchased_at < before:
        return True
    return any(True for _ in net_purchases(situation, party, before))


def span_words(span: timedelta) -> str:
    """A span in days (or hours below two days) for people."""
    hours = span.total_seconds() / 3600
    return f"{hours / 24:.0f} days" if hours >= 48 or hours % 24 == 0 else f"{hours:.0f} hours"


def _day(at: datetime | None) -> str:
    return at.strftime("%Y-%m-%d") if at else "–"
