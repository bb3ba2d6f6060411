"""Which contract did somebody accept, and what does it change? Values that override a program's for one party, from a date on.

A contract is a history of dated facts, kept with the party's attributes: versions that were accepted, pauses, an end. What
rules at a moment is read from it, so a late event is judged by the contract of its own day.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from goodword.core.amounts import to_decimal, to_minor
from goodword.core.kind import Give, Shelves
from goodword.core.reasons import Reason
from goodword.core.situation import Situation
from goodword.core.terms import Promise, Row, Terms
from goodword.core.units import POINTS, is_points

PREFIX = "contract:"  # no sender may name an attribute so
DEEDS = ("accept", "pause", "resume", "end")
ACTIVE, PAUSED, ENDED = "active", "paused", "ended"
Refusal = tuple[str, str]  # why, and what can be done instead


class Contract(msgspec.Struct, frozen=True):
    """A contract as it stands at a moment. `values` are gifts by milestone, as a document writes them."""

    state: str
    number: int
    values: dict[str, dict[str, Any]]
    ended_at: datetime | None = None


class Slot(msgspec.Struct, frozen=True):
    """A gift that a contract may replace, and where it stands: alone, or at a place of `tiers` or of a `choice`."""

    row: Row
    part: str = ""
    place: str = ""  # of a tier "5" or "500.00", of a choice "1" for its first line


class Own(msgspec.Struct, frozen=True):
    """The lines of a promise as version `number` of a contract has them; what it does not name is the program's own Row."""

    number: int
    rows: tuple[Row, ...]


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


# -- values ------------------------------------------------------------------------------------------------------------


def overridable(terms: Terms) -> dict[str, Promise]:
    """Promises to referrers that a contract may override, by the name that its values call them.

    A promise is called by its milestone, and by its number beside it where several hang on one ("order:1"). What chance
    gives is nobody's to change: everybody was told the odds and the prizes.
    """
    mine = [one for one in terms.promises if one.to == "advocate" and not (one.choice and one.choice.by_chance)]
    return {_name_of(terms, promise): promise for promise in mine}


def _name_of(terms: Terms, promise: Promise) -> str:
    is_alone = sum(1 for one in terms.promises if (one.to, one.on) == (promise.to, promise.on)) == 1
    return promise.on if is_alone else promise.key.partition(":")[2]


def slots(terms: Terms, promise: Promise) -> list[Slot]:
    """The gifts of a promise that a contract may replace, one by one; of a table the contract's gift replaces the whole."""
    ladder, choice = promise.ladder, promise.choice
    if ladder and len(ladder.rows) > 1:
        by_count = ladder.by == "count"
        places = (str(row.at) if by_count else to_decimal(row.at, terms.currency) for row in ladder.rows)
        return [Slot(row, "tiers", place) for row, place in zip(ladder.rows, places, strict=True)]
    if choice and len(choice.rows) > 1:
        return [Slot(row, "choice", str(n)) for n, row in enumerate(choice.rows, 1)]
    return [Slot(promise.lines[0])]


def own_values(situation: Situation, terms: Terms, promise: Promise, party: str, at: datetime) -> Own | None:
    """What the party's contract gives in place of the gifts of a promise; None: the program's hold."""
    if terms.contracts is None or promise.to != "advocate":
        return None
    known = contract_at(situation, terms.program, party, at)
    value = known.values.get(_name_of(terms, promise)) if known else None
    if known is None or value is None:
        return None
    rows = read_values(situation.shelves, terms, promise, value)
    return Own(known.number, tuple(rows)) if isinstance(rows, list) else None  # terms that changed since: theirs hold


def read_values(shelves: Shelves, terms: Terms, promise: Promise, value: Any) -> list[Row] | Refusal:
    """The lines of a promise with the gifts of a contract in them: one gift, or by the place on a ladder or in a choice
    (`{tiers: {"5": {cash: "80.00"}}}`), where lines that are not named stay. Or why it cannot be given, with a repair.
    """
    open_to = slots(terms, promise)
    part = open_to[0].part
    if not part:
        row = _read_gift(shelves, terms, promise, open_to[0].row, value)
        return [row] if isinstance(row, Row) else row
    given = value.get(part) if isinstance(value, dict) and len(value) == 1 else None
    if not isinstance(given, dict) or not given:
        return f"{promise.on} has several gifts", f'write for example {{{part}: {{"{open_to[0].place}": {{cash: "80.00"}}}}}}'
    if unknown := set(given) - {slot.place for slot in open_to}:
        return f"{promise.on} has no gift at {min(unknown)}", f"use one of {', '.join(slot.place for slot in open_to)}"
    rows: list[Row] = []
    for slot in open_to:
        row = _read_gift(shelves, terms, promise, slot.row, given[slot.place]) if slot.place in given else slot.row
        if not isinstance(row, Row):
            return row
        rows.append(row)
    return rows


def _read_gift(shelves: Shelves, terms: Terms, promise: Promise, instead_of: Row, gift: Any) -> Row | Refusal:
    """A gift of a contract, read as the document's own, at the place of the one that it replaces."""
    if not isinstance(gift, dict) or len(gift) != 1:
        return f"{promise.on} needs exactly one kind of reward", 'write for example {commission: {percent: "12"}}'
    ((slug, value),) = gift.items()
    kind = shelves.rewards.get(slug)
    if kind is None:
        return f"{slug} is not a kind of reward", f"use one of {', '.join(sorted(shelves.rewards))}"
    try:
        give = _in_unit(kind.parse(value, terms.currency), instead_of, terms)
    except ValueError as error:
        return f"{promise.on}: {error}", "see the reward kinds in the program documentation"
    if give.asset != instead_of.give.asset:
        return f"{promise.on} is promised in {instead_of.give.asset}, not in {give.asset}", "keep the currency or unit"
    if terms.budget and terms.budget.reserve == "join" and kind.most_minor(give) is None:
        return f"{promise.on} has no maximum", "add one, so that the budget can bear it"
    return msgspec.structs.replace(instead_of, kind=kind, give=give, conditions=())


def _in_unit(give: Give, instead_of: Row, terms: Terms) -> Give:
    """Points without the name of a unit are those of the promise."""
    if not (is_points(give.asset) and is_points(instead_of.give.asset)):
        return give
    asset = instead_of.give.asset if give.asset == POINTS else give.asset
    return msgspec.structs.replace(give, asset=asset, per_minor=to_minor(give.per, terms.currency) if give.per else None)


def told(own: Own, row: Row, about: str) -> Reason:
    """That a line is given by the contract, in words."""
    return Reason("contract_value", True, str(own.number), row.kind.sentence(row.give), about)
