"""Who referred whom? Collects the touches before a binding event, refuses by name what does not count, and ranks the rest."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from goodword.core.asking import conditions_at as conditions_at
from goodword.core.contracts import why_not_touching
from goodword.core.events import Event
from goodword.core.facts import has_bought
from goodword.core.markets import in_market
from goodword.core.reasons import Reason
from goodword.core.situation import Situation
from goodword.core.terms import Terms

REFUSED_SHOWN = 10  # the latest refused touches of a friend that are kept with their reason
LATER_SHOWN = 3  # touches after the binding that are told of


class Touch(msgspec.Struct, frozen=True):
    """What ties a friend to an advocate: method, moment, the event it came with, and the version in force then."""

    method: str
    advocate: str
    at: datetime
    event: str
    code: str | None
    terms: Terms
    rank: tuple[datetime, int, str, str]
    unknowns: tuple[tuple[str, str], ...] = ()  # conditions that cannot be answered yet: (words, party waited for)


class Attribution(msgspec.Struct, frozen=True):
    """The winning touch (or None) and what happened to all of them."""

    touch: Touch | None
    reasons: tuple[Reason, ...]


class _Candidate(msgspec.Struct, frozen=True):
    """A touch before it is judged. `at` is the moment at which the terms look at it."""

    method: str
    event: Event
    at: datetime
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
        yield from _touches_of(event)


def _touches_of(event: Event) -> Iterable[_Candidate]:
    """What one event offers: a click its codes, any other event the advocate named and its codes."""
    if event.advocate and event.type != "click":
        yield _Candidate("named", event, event.at)
    for code in event.codes:
        yield _Candidate("click" if event.type == "click" else "code", event, event.at, code)


def later_touches(
    situation: Situation, history: list[Event], binding: Event, program: str, advocate: str
) -> tuple[Reason, ...]:
    """Touches by somebody else after the binding: they never move a friend, but the desk wants to see them."""
    found: list[Reason] = []
    for event in history:
        if event.rank <= binding.rank or not bears_touch(event) or event.type == "claim":
            continue
        for candidate in _touches_of(event):
            other, named, refused = _whose(situation, candidate)
            if refused is None and other != advocate and named in (None, program):
                found.append(Reason("touch_after_binding", False, candidate.method, None, event.id))
    return tuple(found[:LATER_SHOWN])


def _judge(
    situation: Situation, friend: str, candidate: _Candidate, binding: Event, program: str
) -> Touch | Reason | None:
    """The ladder of a touch. None: it speaks of another program. A Reason: refused. A Touch: it counts."""
    event, at = candidate.event, candidate.at
    advocate, program_named, refused = _whose(situation, candidate)
    if program_named is not None and program_named != program:
        return None
    if refused:
        return refused
    assert advocate is not None
    if program_named is None and len(situation.book) > 1:
        live = [slug for slug in situation.book if _takes_touches(situation, slug, at)]
        if len(live) > 1 and program in live:
            return Reason("program_ambiguous", False, ", ".join(sorted(live))[:80], "a program", event.id)
        if live and program not in live:
            return None
    terms = situation.terms_at(program, at)
    if terms is None or (terms.runs_from and at < terms.runs_from):
        starts = terms.runs_from if terms else situation.book[program][0].live_from
        return Reason("program_not_started", False, _day(at), _day(starts), event.id)
    if terms.last_touch_at and at > terms.last_touch_at:
        return Reason("program_ended", False, _day(at), _day(terms.last_touch_at), event.id)
    if candidate.method not in (*terms.methods, "claim"):
        return Reason("method_not_allowed", False, candidate.method, ", ".join(terms.methods), event.id)
    if advocate == friend:
        return Reason("own_code", False, candidate.code, None, event.id)
    if shut := _shut_out(situation, candidate, binding, terms):
        return shut
    if binding.at - at > terms.window:
        return Reason("touch_too_old", False, span_words(binding.at - at), span_words(terms.window), event.id)
    return _allowed(situation, candidate, advocate, friend, in_market(situation, terms, friend, binding))


def _shut_out(situation: Situation, candidate: _Candidate, binding: Event, terms: Terms) -> Reason | None:
    """Why a touch does not count where the binding event came through another channel or brought another program's code."""
    channel, rules = (binding.channel or "").casefold(), terms.channels
    given_there = candidate.event.id == binding.id
    for came in (binding, candidate.event):  # a code given at a refused sign-up is no better at a later step
        if came.type != "click" and (came.channel or "").casefold() in rules.refuse:
            return Reason("channel_excluded", False, came.channel, None, candidate.event.id)
    if channel and channel in rules.outranked_by and not given_there:
        return Reason("channel_outranks", False, candidate.method, binding.channel, candidate.event.id)
    if rules.other_code == "ignore":
        return None
    others = [code for code in binding.codes if _of_another(situation, code, terms.program)]
    if others and rules.other_code == "refuse":
        return Reason("channel_excluded", False, others[0], None, candidate.event.id)
    if others and not given_there:
        return Reason("channel_outranks", False, candidate.method, others[0], candidate.event.id)
    return None


def _of_another(situation: Situation, code: str, program: str) -> bool:
    known = situation.codes.get(code)
    return known is not None and known.program not in (None, program)


def judge_claim(situation: Situation, friend: str, claim: Event, fact: Event, program: str) -> Touch | Reason | None:
    """The ladder of a late claim about `fact`, judged as a touch at that moment; the span is the caller's to look at."""
    code = claim.codes[0] if claim.codes and not claim.advocate else None
    candidate = _Candidate("claim", claim, fact.at, code)
    return _judge(situation, friend, candidate, fact, program)


def own_touch(situation: Situation, person: str, event: Event, program: str) -> Touch | Reason:
    """The ladder of an own act: the program runs, and the person may take part; person and referrer are one."""
    terms = situation.terms_at(program, event.at)
    if terms is None or (terms.runs_from and event.at < terms.runs_from):
        starts = terms.runs_from if terms else situation.book[program][0].live_from
        return Reason("program_not_started", False, _day(event.at), _day(starts), event.id)
    if terms.last_touch_at and event.at > terms.last_touch_at:
        return Reason("program_ended", False, _day(event.at), _day(terms.last_touch_at), event.id)
    terms = in_market(situation, terms, person, event)
    return _allowed(situation, _Candidate("own", event, event.at), person, person, terms)


def _takes_touches(situation: Situation, program: str, at: datetime) -> bool:
    """Whether a program is live at a moment: published, started, and before its last touch."""
    terms = situation.terms_at(program, at)
    if terms is None or (terms.runs_from and at < terms.runs_from):
        return False
    return not (terms.last_touch_at and at > terms.last_touch_at)


def _whose(situation: Situation, candidate: _Candidate) -> tuple[str | None, str | None, Reason | None]:
    """Advocate and program that a touch names, or why it names nobody."""
    event = candidate.event
    code_text = candidate.code
    if code_text is None:
        named_codes = [token for kind, token in event.advocate if kind == "code"]
        party = situation.party_of(ids for ids in event.advocate if ids[0] != "code")
        if party:
            return party, event.program, None
        if not named_codes:
            return None, event.program, Reason("advocate_unknown", False, None, None, event.id)
        code_text = named_codes[0]
    code = situation.codes.get(code_text)
    if code is None:
        return None, event.program, Reason("code_unknown", False, code_text, None, event.id)
    if code.ended_at and code.ended_at < candidate.at:
        return (
            None,
            code.program or event.program,
            Reason("code_ended", False, code_text, _day(code.ended_at), event.id),
        )
    return code.party, code.program or event.program, None


def _allowed(situation: Situation, candidate: _Candidate, advocate: str, friend: str, terms: Terms) -> Touch | Reason:
    """Whether advocate and friend may take part at that moment; an unknown lets the touch stand and the referral wait."""
    event, at = candidate.event, candidate.at
    if why := why_not_touching(situation, terms, advocate, at, event.id):
        return why
    kind, _, name = terms.who.partition(":")
    if kind == "audience" and not situation.in_audience(name, advocate, at):
        return Reason("advocate_not_allowed", False, "not on the list", name, event.id)
    if kind == "customers" and not has_bought(situation, advocate, at):
        return Reason("advocate_not_allowed", False, "has not bought yet", "a purchase", event.id)
    looked = look(situation, terms, "touch", advocate, friend, event, at)
    if looked.refused:
        return msgspec.structs.replace(looked.refused, about=event.id)
    return Touch(candidate.method, advocate, at, event.id, candidate.code, terms, event.rank, looked.unknowns)


class Looked(msgspec.Struct, frozen=True):
    """What the conditions of a moment say: the first that refuses, and those that cannot be answered yet."""

    refused: Reason | None = None
    unknowns: tuple[tuple[str, str], ...] = ()  # (words, party waited for)


def look(
    situation: Situation,
    terms: Terms,
    moment: str,
    advocate: str,
    friend: str,
    event: Event | None,
    at: datetime,
) -> Looked:
    """The conditions on advocate and friend that the terms look at in this moment."""
    unknowns: list[tuple[str, str]] = []
    for code, conditions in (
        ("advocate_not_allowed", terms.advocate_conditions),
        ("friend_not_allowed", terms.friend_conditions),
    ):
        for condition, found in conditions_at(situation, terms, conditions, moment, advocate, friend, event, at):
            if found.met is False:
                return Looked(Reason(code, False, found.value, condition.words))
            if found.met is None:
                unknowns.append((condition.words, advocate if condition.side == "advocate" else friend))
    return Looked(None, tuple(unknowns))


def span_words(span: timedelta) -> str:
    """A span in days (or hours below two days) for people."""
    hours = span.total_seconds() / 3600
    return f"{hours / 24:.0f} days" if hours >= 48 or hours % 24 == 0 else f"{hours:.0f} hours"


def _day(at: datetime | None) -> str:
    return at.strftime("%Y-%m-%d") if at else "–"
