"""To whom does a friend belong, and since when? The first event in canonical order that a touch wins: a join, a milestone, a claim."""

from __future__ import annotations

from datetime import datetime

import msgspec

from goodword.core.attribution import Touch, attribute, judge_claim, own_touch, span_words
from goodword.core.carried import carried_over
from goodword.core.events import TAKES_BACK, Event
from goodword.core.facts import facts_of, subject_of
from goodword.core.journey import Journey, counted
from goodword.core.milestones import steps_for
from goodword.core.reasons import Reason
from goodword.core.situation import Situation
from goodword.core.terms import Terms


class Search(msgspec.Struct, frozen=True):
    """Where a binding is looked for: the friend's events about a subject, and `rest`, those since the last lapse."""

    situation: Situation
    friend: str
    program: str
    subject: str
    history: list[Event]
    rest: list[Event]
    lapsed_at: datetime | None = None


class Bound(msgspec.Struct, frozen=True):
    """The winning touch, the event it won, and what happened to the other touches."""

    touch: Touch
    binding: Event
    at_join: bool
    reasons: tuple[Reason, ...]


def bind(search: Search) -> Bound | None:
    """The binding: at the sign-up or the first event that reaches a milestone, whichever a touch wins first; else by a claim."""
    types = _milestone_types(search)
    join = _join(search)
    if is_own(search.situation, search.program):
        return _own_act(search, types, join)
    brought = carried_over(search.situation, search.friend, search.rest, search.program, search.subject)
    if brought:
        return Bound(brought.touch, brought.binding, True, ())
    for event in search.rest:
        if event is join:
            won = attribute(search.situation, search.friend, search.rest, event, search.program)
            if won.touch and won.touch.terms.bind != "milestone":
                return Bound(won.touch, event, True, (*won.reasons, *_needless_claims(search)))
        elif event.type in types and subject_of(event) == search.subject:
            origin = _origin(search.rest, event)
            won = attribute(search.situation, search.friend, search.rest, origin, search.program)
            if won.touch and won.touch.terms.bind != "join" and _reaches(search, event, origin, won.touch):
                return Bound(won.touch, origin, False, (*won.reasons, *_needless_claims(search)))
    return _claimed(search, types, join)


def is_own(situation: Situation, program: str) -> bool:
    """Whether a program rewards people for what they do themselves; its live version says so."""
    return situation.live_terms(program).is_own


def _own_act(search: Search, types: frozenset[str], join: Event | None) -> Bound | None:
    """Of a program without friends: the first act that may count while it runs binds a person to himself."""
    refused: list[Reason] = []
    for event in search.rest:
        if event is not join and not (event.type in types and subject_of(event) == search.subject):
            continue
        touch = own_touch(search.situation, search.friend, event, search.program)
        if isinstance(touch, Touch):
            return Bound(touch, event, event is join, tuple(dict.fromkeys(refused)))
        refused.append(touch)
    return None


def refusals(search: Search, event: Event) -> tuple[Reason, ...]:
    """Why no touch up to this event made the friend somebody's: refused touches, else how far the event was from a milestone."""
    if event.type == "claim":
        return tuple(_refused_claim(search, event))
    until = [known for known in search.history if known.rank <= event.rank]
    won = attribute(search.situation, search.friend, until, event, search.program)
    if won.touch is None:
        return won.reasons
    journey = _journey(search, won.touch, event, event, until)
    found: list[Reason] = []
    for milestone in won.touch.terms.milestones:
        if event.type not in milestone.types or event.type == "signup":
            continue
        standing = [
            fact for fact in counted(journey, milestone, milestone.event) if not fact.gone_for(milestone.cancelled_by)
        ]
        place = next((n for n, fact in enumerate(standing, 1) if fact.event.id == event.id), 0)
        if milestone.event and place > milestone.count and not (milestone.first_matching or milestone.repeat):
            found.append(Reason("not_the_first", False, str(place), str(milestone.count), milestone.name))
            continue
        steps = steps_for(journey, milestone, {}).values()
        step = next((one for one in steps if one.event == event.id), list(steps)[-1])
        found.append(msgspec.structs.replace(step.reason, about=milestone.name))
    return tuple(found)


def _milestone_types(search: Search) -> frozenset[str]:
    versions = search.situation.book[search.program]
    return frozenset().union(*(terms.event_types for terms in versions)) - {"signup"}


def _join(search: Search) -> Event | None:
    """The earliest sign-up; after a lapse, the earliest since then."""
    return next(
        (event for event in search.rest if event.type == "signup" and subject_of(event) == search.subject), None
    )


def _origin(rest: list[Event], event: Event) -> Event:
    """The first sending of an order: a correction speaks of the same order."""
    if event.order is None:
        return event
    return next(
        known
        for known in rest
        if known is event or (known.type == event.type and known.order and known.order.id == event.order.id)
    )


def _reaches(search: Search, event: Event, origin: Event, touch: Touch) -> bool:
    """Whether the event reaches a milestone. That it is taken back or corrected later does not unbind the friend."""
    history = [known for known in search.history if not (known.rank > event.rank and _speaks_of(known, event))]
    return _is_reached(_journey(search, touch, origin, event, history))


def _journey(search: Search, touch: Touch, origin: Event, event: Event, history: list[Event]) -> Journey:
    """The journey as it would be if that event bound the friend."""
    facts = facts_of(known for known in history if subject_of(known) == search.subject)
    return Journey(search.situation, search.friend, touch, origin, False, event.at, history, facts, search.lapsed_at)


def _speaks_of(later: Event, event: Event) -> bool:
    """Whether a later event is about the same order, or ends what began with an event that has none."""
    if event.order is None or later.order is None:
        return later.type in TAKES_BACK and later.order is None
    return later.order.id == event.order.id


def _is_reached(journey: Journey) -> bool:
    for milestone in journey.terms.milestones:
        if journey.binding.type in milestone.types:
            for step in steps_for(journey, milestone, {}).values():
                if step.event == journey.binding.id and step.state in ("reached", "waiting"):
                    return True
    return False


# -- late claims -------------------------------------------------------------------------------------------------------


def _claims(search: Search) -> list[Event]:
    return [event for event in search.rest if event.type == "claim" and (event.codes or event.advocate)]


def _claimed(search: Search, types: frozenset[str], join: Event | None) -> Bound | None:
    """A late claim: within so many days after the milestone, once, only where no other touch won."""
    refused: list[Reason] = []
    for claim in _claims(search):
        for fact in search.rest:
            if fact.rank >= claim.rank:
                break
            if fact is not join and (fact.type not in types or subject_of(fact) != search.subject):
                continue
            terms = search.situation.terms_at(search.program, fact.at)
            if terms is None or not _in_time(terms, claim.at, fact.at):
                continue
            touch = judge_claim(search.situation, search.friend, claim, fact, search.program)
            if isinstance(touch, Reason):
                refused.append(touch)
            elif touch is not None and _binds(search, fact, fact is join, touch):
                won = Reason("touch_won", True, "late claim", span_words(terms.late_claim), claim.id)
                return Bound(touch, fact, fact is join, (won, *dict.fromkeys(refused)))
    return None


def _binds(search: Search, fact: Event, at_join: bool, touch: Touch) -> bool:
    if at_join:
        return touch.terms.bind != "milestone"
    return touch.terms.bind != "join" and _reaches(search, fact, _origin(search.rest, fact), touch)


def _in_time(terms: Terms, claimed_at: datetime, at: datetime) -> bool:
    return bool(terms.late_claim) and claimed_at - at <= terms.late_claim


def _needless_claims(search: Search) -> list[Reason]:
    return [Reason("claim_not_needed", False, None, None, claim.id) for claim in _claims(search)]


def _refused_claim(search: Search, claim: Event) -> list[Reason]:
    """Why a claim did not win: what the terms say against the touch, else that it came too late."""
    types, join = _milestone_types(search), _join(search)
    facts = [
        fact
        for fact in search.rest
        if fact.rank < claim.rank and (fact is join or (fact.type in types and subject_of(fact) == search.subject))
    ]
    if not facts:
        return [Reason("milestone_open", None, None, "a sign-up or an order before the claim")]
    latest = facts[-1]
    touch = judge_claim(search.situation, search.friend, claim, latest, search.program)
    if isinstance(touch, Reason):
        return [touch]
    terms = search.situation.terms_at(search.program, latest.at)
    if touch is None or terms is None or _in_time(terms, claim.at, latest.at):
        return []
    return [Reason("claim_too_late", False, span_words(claim.at - latest.at), span_words(terms.late_claim), claim.id)]
