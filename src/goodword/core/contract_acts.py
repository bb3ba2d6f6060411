"""What did the house do with somebody's contract? A version was accepted, or it was paused, taken up again, or ended."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import msgspec

from goodword.core.acting import Outcome, blank, done, moment, refused
from goodword.core.contracts import (
    ACTIVE,
    DEEDS,
    ENDED,
    PAUSED,
    Contract,
    Refusal,
    attribute_of,
    contract_at,
    overridable,
    read_values,
)
from goodword.core.draft import Draft
from goodword.core.events import Event
from goodword.core.observation import whose
from goodword.core.situation import AttributeFact, Owner, Situation
from goodword.core.terms import Terms

_HASH = re.compile(r"[0-9a-f]{64}\Z")
_TICK = timedelta(microseconds=1)


def contract(event: Event, draft: Draft) -> Outcome:
    """The party (named by the event, or by its id) accepts a version of a contract, or the house changes its state."""
    situation, act = draft.situation, event.act
    named = act.get("party")
    party, parties = (named, ()) if isinstance(named, str) else whose(event, situation)
    if party is None or (isinstance(named, str) and named not in situation.parties):
        return refused(draft, event, "the person is not known", "look the person up first")
    program = str(event.program or act.get("program"))
    terms = situation.live_terms(program) if program in situation.book else None
    if terms is None:
        return refused(draft, event, "the program is not live", "take its name from the list of programs")
    if terms.contracts is None:
        return refused(draft, event, "the program works without contracts", "publish terms with contracts")
    deed, name = str(act.get("deed")), attribute_of(program)
    last = situation.attributes.get((party, name), [])[-1:]
    known = contract_at(situation, program, party, max([event.at, *(valid_from for valid_from, _ in last)]))
    why = _why_not(deed, known) or (_unacceptable(event, situation, terms, known) if deed == "accept" else None)
    if why:
        return refused(draft, event, *why)
    fact: dict[str, Any] = {"deed": deed}
    if deed == "accept":
        fact |= {"number": act["number"], "text": act["text"], "values": act.get("values") or {}}
    starts_at = moment(act.get("from")) if deed == "accept" else None
    valid_from = _free(situation, party, name, starts_at or event.at)
    decision = msgspec.structs.replace(
        blank(draft, event),
        party=party,
        parties=parties,
        owners=tuple(Owner(kind, token, party, event.at) for kind, token in event.ids),
        attributes=(AttributeFact(party, name, fact, valid_from),),
        reasons=done(f"{deed} {act['number']}" if deed == "accept" else deed),
    )
    return Outcome(decision)


def _why_not(deed: str, known: Contract | None) -> Refusal | None:
    """Why a deed cannot follow on what stands."""
    if deed not in DEEDS:
        return "this is nothing that is done to a contract", f"one of {', '.join(DEEDS)}"
    if deed == "accept":
        return None
    if known is None:
        return "no contract was accepted", "have a version accepted first"
    if known.state == ENDED:
        return "the contract has ended", "have a new version accepted"
    wanted = PAUSED if deed == "resume" else ACTIVE
    if deed != "end" and known.state != wanted:
        return f"the contract is {known.state}", "nothing is left to do"
    return None


def _unacceptable(event: Event, situation: Situation, terms: Terms, known: Contract | None) -> Refusal | None:
    """Why a version cannot be accepted: every value has to be one that the program could give."""
    act = event.act
    number, values, starts_at = act.get("number"), act.get("values") or {}, moment(act.get("from"))
    if not isinstance(number, int) or number < 1:
        return "the version has no number", "number the versions 1, 2, 3"
    if known is not None and number <= known.number:
        return f"version {known.number} was accepted already", "offer a newer version"
    if not _HASH.match(str(act.get("text"))):
        return "the text is not named", "send SHA-256 of the text in hex"
    if starts_at is not None and starts_at < event.at:
        return "it would change what was decided", "let it begin now or later"
    if not isinstance(values, dict):
        return "the values are not gifts by milestone", 'write {order: {commission: {percent: "12"}}}'
    promises = overridable(terms)
    for milestone, gift in values.items():
        if milestone not in promises:
            known_ones = ", ".join(sorted(promises)) or "none"
            return f"nothing that a contract could change is promised on {milestone}", f"use one of: {known_ones}"
        read = read_values(situation.shelves, terms, promises[milestone], gift)
        if isinstance(read, tuple):
            return read
    return None


def _free(situation: Situation, party: str, name: str, at: datetime) -> datetime:
    """The first moment from `at` on at which nothing else was noted, so that no fact hides another."""
    taken = {valid_from for valid_from, _ in situation.attributes.get((party, name), ())}
    while at in taken:
        at += _TICK
    return at
