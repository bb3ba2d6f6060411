"""Which gifts of a program may a contract change, how are they asked for, and what was typed? One value a gift, tier or choice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from goodword.catalog import SHELVES
from goodword.core.amounts import Amount, to_decimal, unit_words
from goodword.core.contracts import Slot, overridable, read_values, slots
from goodword.core.kind import Give
from goodword.core.terms import Promise, Row, Terms
from goodword.core.units import is_points
from goodword.errors import BadInput
from goodword.store.creators import Gifts
from goodword.web import words
from goodword.web.desk.programs.editor import lenient

PERCENT, RATES, SLICED, MOST, SUM, NUMBER = "percent", "rates", "sliced", "most", "sum", "number"
_PERCENT = re.compile(r"\d{1,3}(?:\.\d{1,4})?\Z")
_RATE = re.compile(r"(?:(?P<to>.+?)[\s:;=]+)?(?P<percent>\d{1,3}(?:[.,]\d{1,4})?)\s*%?\Z")
_TRIAL = "1.00"
_TRIAL_RATES = [{"to": _TRIAL, "percent": "1"}, {"percent": "1"}]
_LONGEST_RATE = 60


@dataclass(frozen=True)
class Value:
    """A gift that a contract may change: what it is called, what the program gives there, and by which inputs it is typed."""

    name: str  # of its promise, in the values of a contract
    promise: Promise
    slot: Slot
    label: str
    asks: tuple[str, ...]
    currency: str

    @property
    def field(self) -> str:
        """What the names of its inputs end with."""
        return "-".join(part for part in (self.name, self.slot.part, self.slot.place) if part)

    @property
    def now(self) -> str:
        """What the program gives."""
        return sentence(self.slot.row)

    @property
    def counted(self) -> str:
        """In what its sums or numbers are counted."""
        return unit_words(self.slot.row.give.asset)

    @property
    def inputs(self) -> list[tuple[str, str]]:
        """Its inputs: (kind, name)."""
        return [(kind, f"{kind}-{self.field}") for kind in self.asks]


def sentence(row: Row) -> str:
    """A gift in words."""
    return row.kind.sentence(row.give)


def values_of(terms: Terms) -> list[Value]:
    """Every gift that a contract may change and a form can ask for, in the order of the terms."""
    found = []
    for name, promise in overridable(terms).items():
        for slot in slots(terms, promise):
            if asks := _asks(slot.row, terms.currency):
                found.append(Value(name, promise, slot, _label(promise, slot, terms), asks, terms.currency))
    return found


def read(posted: Mapping[str, str], terms: Terms) -> Gifts:
    """What the contract gives in place of the program's gifts; where nothing is typed, the program's own values hold."""
    found: Gifts = {}
    for value in values_of(terms):
        gift = _typed(posted, value)
        if not gift:
            continue
        alone = {value.slot.part: {value.slot.place: gift}} if value.slot.part else gift
        given = read_values(SHELVES, terms, value.promise, alone)
        if isinstance(given, tuple):
            what = _("This cannot be given: {why}.").format(why=given[0])
            kind = next((kind for kind in value.asks if _said(posted, kind, value)), value.asks[0])
            raise BadInput(what, "", f"{given[1]}.", f"{kind}-{value.field}")
        if value.slot.part:
            found.setdefault(value.name, {value.slot.part: {}})[value.slot.part][value.slot.place] = gift
        else:
            found[value.name] = gift
    return found


def told(terms: Terms | None, gifts: Gifts) -> list[tuple[str, str]]:
    """The values of a contract, each by what it is for; what the terms no longer know is told by its name alone."""
    found: list[tuple[str, str]] = []
    known = overridable(terms) if terms else {}
    for name, gift in gifts.items():
        promise = known.get(name)
        rows = read_values(SHELVES, terms, promise, gift) if terms and promise else ()
        if terms is None or promise is None or isinstance(rows, tuple):
            found.append((words.label(name.partition(":")[0]), "–"))
            continue
        found += _own(terms, promise, rows)
    return found


def _own(terms: Terms, promise: Promise, rows: list[Row]) -> Iterator[tuple[str, str]]:
    """The lines that the contract changes."""
    for slot, row in zip(slots(terms, promise), rows, strict=True):
        if row is not slot.row:
            yield _label(promise, slot, terms), sentence(row)


def _label(promise: Promise, slot: Slot, terms: Terms) -> str:
    milestone = words.label(promise.on)
    if slot.part == "choice":
        return _("{milestone}, choice {n}").format(milestone=milestone, n=slot.place)
    if not promise.ladder:
        return milestone
    ladder, at = promise.ladder, slot.row.at
    if ladder.by == "count":
        if ladder.every:
            return _("{milestone}, every {n} friends").format(milestone=milestone, n=at)
        if ladder.apply == "once":
            return _("{milestone}, at friend number {n}").format(milestone=milestone, n=at)
        return _("{milestone}, from friend number {n} on").format(milestone=milestone, n=at)
    place = str(Amount(at, terms.currency))
    if ladder.every:
        return _("{milestone}, every {amount}").format(milestone=milestone, amount=place)
    if ladder.apply == "once":
        return _("{milestone}, at {amount}").format(milestone=milestone, amount=place)
    return _("{milestone}, from {amount} on").format(milestone=milestone, amount=place)


# -- inputs ------------------------------------------------------------------------------------------------------------


def _asks(row: Row, currency: str) -> tuple[str, ...]:
    """The inputs by which a gift of this kind can be typed: a share or rates by value with a maximum, a sum, a number; none
    where words say it.
    """
    give = row.give
    if give.asset != currency:
        is_number = give.fixed_minor is not None and not give.per and (is_points(give.asset) or bool(give.name))
        return (NUMBER,) if is_number else ()
    share = (PERCENT,) if _reads(row, {"percent": _TRIAL, "max": _TRIAL}, currency) else ()
    rates = (RATES, SLICED) if _reads(row, {"bands": _TRIAL_RATES, "max": _TRIAL}, currency) else ()
    most = (MOST,) if share or rates else ()
    plain = (SUM,) if _reads(row, _TRIAL, currency) else ()
    return (*share, *most, *plain, *rates)


def _reads(row: Row, value: Any, currency: str) -> bool:
    try:
        row.kind.parse(value, currency)
    except ValueError:
        return False
    return True


def _said(posted: Mapping[str, str], kind: str, value: Value) -> str:
    text = posted.get(f"{kind}-{value.field}", "").strip()
    return text if kind == RATES else text.replace(",", ".").removesuffix("%").strip()


def _typed(posted: Mapping[str, str], value: Value) -> dict[str, Any]:
    """The gift that was typed, as a document writes it; {} where nothing was."""
    share, rates, plain, number = (_said(posted, kind, value) for kind in (PERCENT, RATES, SUM, NUMBER))
    most = _said(posted, MOST, value)
    slug = value.slot.row.kind.slug
    if sum(map(bool, (share, rates, plain))) > 1:
        what = _("Only one of a share, rates by value and a sum.")
        raise BadInput(what, "", _("Leave the others empty."), f"{PERCENT}-{value.field}")
    if most and not (share or rates):
        raise BadInput(
            _("A maximum stands alone."), "", _("Write the share that it limits."), f"{PERCENT}-{value.field}"
        )
    limit = {"max": most} if most else {}
    if rates:
        sliced = {"on": "slice"} if _said(posted, SLICED, value) else {}
        return {slug: {"bands": _bands(rates, value)} | sliced | limit}
    if share:
        if not _PERCENT.match(share):
            raise BadInput(
                _("This is no share."), "", _("Write a number such as 12 or 12.5."), f"{PERCENT}-{value.field}"
            )
        return {slug: {"percent": share} | limit}
    if plain:
        return {slug: plain}
    if not number:
        return {}
    if not number.isascii() or not number.isdigit():
        raise BadInput(_("This is no whole number."), "", _("Write a number such as 500."), f"{NUMBER}-{value.field}")
    return {slug: _pieces(value.slot.row.give, int(number), value.currency)}


def _bands(text: str, value: Value) -> list[dict[str, Any]]:
    """Rates by the order's value, one a line: up to which value, and the share; the last line is the share of all above."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    found: list[dict[str, Any]] = []
    for n, line in enumerate(lines, 1):
        read = _RATE.match(line) if len(line) < _LONGEST_RATE else None
        to = lenient.amount(read["to"], value.currency) if read and read["to"] else None
        needs_end = n < len(lines) or n == 1
        if read is None or bool(read["to"]) is not needs_end or (needs_end and to is None):
            what = _("Line {n}, “{line}”, is no rate.").format(n=n, line=line[:_LONGEST_RATE])
            repair = _(
                "Write one rate a line, such as “500 10”, and in the last line only the share of all above, “12”."
            )
            raise BadInput(what, "", repair, f"{RATES}-{value.field}")
        found.append(({"to": to} if to else {}) | {"percent": read["percent"].replace(",", ".")})
    return found


def _pieces(give: Give, number: int, currency: str) -> Any:
    """So many points, or so many of what the program names there."""
    if is_points(give.asset):
        return number
    cost = {} if give.cost_minor is None else {"cost": to_decimal(give.cost_minor, currency)}
    return {"name": give.name, "quantity": number} | cost
