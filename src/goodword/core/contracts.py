"""Which contract did somebody accept, and what does it change? Values that override a program's for one party, from a date on.

A contract is a history of dated facts, kept with the party's attributes: versions that were accepted, pauses, an end. What
rules at a moment is read from it, so a late event is judged by the contract of its own day.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from goodword.core.kind import Shelves
from goodword.core.reasons import Reason
from goodword.core.situation import Situation
from goodword.core.terms import Promise, Row, Terms

PREFIX = "contract:"  # no sender may name an attribute so
DEEDS = ("accept", "pause", "resume", "end")
ACTIVE, PAUSED, ENDED = "active", "paused", "ended"


class Contract(msgspec.Struct, frozen=True):
    """A contract as it stands at a moment. `values` are gifts by milestone, as a document writes them."""

    state: str
    number: int
    values: dict[str, dict[str, Any]]
    ended_at: datetime | None = None


def may_say(name: str, value: Any) -> bool:
    """Whether an attribute that a sender names is kept: there is a value, and contracts are nobody's but the house's."""
    return value is not None and not name.startswith(PREFIX)


def attribute_of(program: str) -> str:
    """The attribute under which a party's contract with a program is kept."""
    return f"{PREFIX}{program}"


def contract_at(situation: Situation, program: str, party: str, at: datetime) -> Contract | None:
    """What rules between a program and a party at a moment; None: nothing was ever accepted by then."""
    found: Contract | None = None
    for valid_from, fact in situation.attributes.get((party, attribute_of(program)), ()):
        if valid_from > at:
            break
        found = _after(found, fact, valid_from)
    return found


def _after(before: Contract | None, fact: Any, at: datetime) -> Contract | None:
    deed = fact.get("deed") if isinstance(fact, dict) else None
    if deed == "accept":  # a newer version alone ends no pause
        state = PAUSED if before and before.state == PAUSED else ACTIVE
        return Contract(state, int(fact["number"]), dict(fact["values"]))
    if before is None or deed not in DEEDS:
        return before
    if deed == "end":
        return msgspec.structs.replace(before, state=ENDED, ended_at=at)
    return msgspec.structs.replace(before, state=PAUSED if deed == "pause" else ACTIVE)


def why_not_touching(situation: Situation, terms: Terms, party: str, at: datetime, event: str) -> Reason | None:
    """Why a touch of the party does not count at that moment; None: its contract allows it, or none is needed."""
    if terms.contracts is None:
        return None
    known = contract_at(situation, terms.program, party, at)
    if known is None:
        return Reason("contract_missing", False, None, None, event) if terms.contracts.needed else None
    if known.state == PAUSED:
        return Reason("contract_paused", False, f"{at:%Y-%m-%d}", None, event)
    if known.state == ENDED and known.ended_at:
        return Reason("contract_ended", False, f"{at:%Y-%m-%d}", f"{known.ended_at:%Y-%m-%d}", event)
    return None


def why_not_earning(
    situation: Situation, terms: Terms, party: str, at: datetime, touched_at: datetime, key: str
) -> Reason | None:
    """Why the party earns nothing by what was reached at that moment: its contract ended, and the tail after it too.

    What was reached before the touch that won earns only where a touch would have counted then.
    """
    if terms.contracts is None:
        return None
    if at < touched_at and (why := why_not_touching(situation, terms, party, at, key)):
        return why
    known = contract_at(situation, terms.program, party, at)
    if known is None or known.ended_at is None or at <= known.ended_at + terms.contracts.tail:
        return None
    last = known.ended_at + terms.contracts.tail
    return Reason("contract_tail_over", False, f"{at:%Y-%m-%d}", f"{last:%Y-%m-%d}", key)


def own_gift(situation: Situation, terms: Terms, promise: Promise, party: str, at: datetime) -> Row | None:
    """What the party's contract gives in place of the program's gift; None: the program's holds."""
    if terms.contracts is None or promise.to != "advocate":
        return None
    known = contract_at(situation, terms.program, party, at)
    gift = known.values.get(promise.on) if known else None
    row = None if gift is None else read_gift(situation.shelves, terms, promise, gift)
    return row if isinstance(row, Row) else None  # terms that changed since no longer fit: theirs hold


def read_gift(shelves: Shelves, terms: Terms, promise: Promise, gift: Any) -> Row | tuple[str, str]:
    """A gift of a contract, read as the document's own; or why it cannot be given, with a repair."""
    if not isinstance(gift, dict) or len(gift) != 1:
        return f"{promise.on} needs exactly one kind of reward", 'write for example {commission: {percent: "12"}}'
    ((slug, value),) = gift.items()
    kind = shelves.rewards.get(slug)
    if kind is None:
        return f"{slug} is not a kind of reward", f"use one of {', '.join(sorted(shelves.rewards))}"
    try:
        give = kind.parse(value, terms.currency)
    except ValueError as error:
        return f"{promise.on}: {error}", "see the reward kinds in the program documentation"
    if give.asset != promise.give.asset:
        return f"{promise.on} is promised in {promise.give.asset}, not in {give.asset}", "keep the currency or unit"
    if terms.budget and terms.budget.reserve == "join" and kind.most_minor(give) is None:
        return f"{promise.on} has no maximum", "add one, so that the budget can bear it"
    return Row(kind, give)


def overridable(terms: Terms) -> dict[str, Promise]:
    """Promises to referrers that a contract may override, by their milestone: one gift or a table, once a milestone."""
    own = [promise for promise in terms.promises if promise.to == "advocate"]
    alone = {promise.on: promise for promise in own if sum(1 for one in own if one.on == promise.on) == 1}
    return {on: promise for on, promise in alone.items() if promise.ladder is None and promise.choice is None}
