"""Which inputs does a place have, and what do the answers say? Derived from what the language declares for that place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from goodword.catalog import SHELVES
from goodword.core.conditions import MOMENTS
from goodword.core.events import Problem
from goodword.core.reading import read_terms
from goodword.core.terms import Terms
from goodword.web.desk.programs.editor import gifts, giving, lenient, pairs, places, rows, said
from goodword.web.desk.programs.editor.conditions import Offer, rows_of, written_of
from goodword.web.desk.programs.editor.inputs import Input
from goodword.web.desk.programs.editor.places import ABSENT, Spec

_MOST_READINGS = 40
_SHOWN_FIRST = 3
_YES = "yes"
_AMOUNTS = ("amount", "min", "cost", "worth", "cost_per_new_customer")
_LINE = Spec("gift", "give", needed=True)  # one line of several rewards


@dataclass
class Answer:
    """What a form said: the value that shall stand at its place, or what is wrong by the name of the input."""

    value: Any = ABSENT
    document: dict[str, Any] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)  # without the rows in which nothing stands
    wrong: dict[str, str] = field(default_factory=dict)


def form_at(
    document: Mapping[str, Any],
    place: str,
    *,
    offers: tuple[Offer, ...] = (),
    typed: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
) -> Input | None:
    """The inputs of a place with what stands there, or with what was typed and why it cannot be; None: no such place."""
    spec = places.spec_at(place)
    if spec is None:
        return None
    return _input(spec, places.value_at(document, place), place, _Look(offers, typed, wrong or {}))


@dataclass(frozen=True)
class _Look:
    offers: tuple[Offer, ...]
    typed: Mapping[str, str] | None
    wrong: Mapping[str, str]

    def text(self, name: str, value: Any) -> str:
        if self.typed is not None and name in self.typed:
            return self.typed[name]
        return "" if value is ABSENT or value is None else str(value)


def _input(spec: Spec, value: Any, name: str, look: _Look) -> Input:
    named = [step for step in places.steps_of(name)[:-1] if isinstance(step, str)]
    label, hint = said.label(spec.name, named[-1] if named else ""), said.hint(spec.help)
    wrong = look.wrong.get(name, "")
    shown = spec.default if value is ABSENT and spec.kind in ("choice", "flag") else value
    if spec.kind == "group":
        children = _parts(spec, value, name, look)
        return Input("group", name, label, hint, children=children, wrong=wrong)
    if spec.kind == "rows":
        made = _rows(spec, value, name, look)
        shown = {one.column for row in made for one in row if not one.is_aside}
        known = sorted(spec.fields, key=lambda one: one.kind == "gift")  # what is given comes last
        columns = tuple(one.name for one in known if one.name in shown)
        return Input("rows", name, label, hint, rows=made, columns=columns, wrong=wrong)
    if spec.kind == "pairs":
        return _pairs(spec, value, name, look, label, hint, wrong)
    if spec.kind == "gift":
        return _gift(None if value is ABSENT else value, name, look, label, hint, spec)
    if spec.kind == "conditions":
        listed = [] if value is ABSENT else list(value)
        return Input("conditions", name, label, hint, offers=look.offers, wrong=wrong,
                     conditions=rows_of(listed, name, look.offers, look.typed, look.wrong))  # fmt: skip
    if spec.kind == "choice":
        options = tuple((one, said.choice(one), one == look.text(name, shown)) for one in spec.choices)
        if (spec.default is ABSENT and not spec.needed) or spec.default is None:
            options = (("", _("not said"), look.text(name, shown) == ""), *options)
        return Input("choice", name, label, hint, look.text(name, shown), options=options, wrong=wrong,
                     is_needed=spec.needed)  # fmt: skip
    if spec.kind == "flag":
        on = look.typed.get(name) == _YES if look.typed is not None else shown is True
        return Input("flag", name, label, hint, _YES if on else "", wrong=wrong)
    if spec.kind == "texts":
        return _texts(spec, value, name, look, label, hint, wrong)
    if spec.kind in ("any", "named"):
        text = (
            look.text(name, ABSENT)
            if look.typed is not None and name in look.typed
            else gifts.as_written(None if value is ABSENT else value)
        )
        return Input("written", name, label, hint, text, wrong=wrong)
    kept = value if value is not ABSENT else spec.default if isinstance(spec.default, str | int) else ABSENT
    keyboard = "numeric" if spec.kind == "whole" else "decimal" if spec.name in _AMOUNTS else "text"
    return Input(spec.kind, name, label, hint, look.text(name, kept), suggested=said.suggested(spec.name, *named[-1:]), wrong=wrong,
                 is_needed=spec.needed, keyboard=keyboard)  # fmt: skip


def _gift(gift: Any, name: str, look: _Look, label: str, hint: str, spec: Spec) -> Input:
    """A reward: its kind, and the inputs of that kind; or several with what each hangs on."""
    known = gifts.shapes(SHELVES.rewards)
    chosen = look.text(name, gifts.chosen_of(SHELVES.rewards, gift))
    kinds = [("", _("Choose what is given")), *((id_, one.title) for id_, one in known.items())]
    if spec.takes_many:
        kinds += [(how, str(title)) for how, title in gifts.SEVERAL.items()]
    text = ""
    if chosen == gifts.WRITTEN:
        kinds.append((gifts.WRITTEN, _("As the document writes it")))
        text = look.text(f"{name}.{gifts.WRITTEN}", gifts.as_written(gift))
    made = Input("gift", name, label, hint, chosen, wrong=look.wrong.get(name, ""), is_needed=spec.needed,
                 options=tuple((id_, title, id_ == chosen) for id_, title in kinds))  # fmt: skip
    if chosen == gifts.WRITTEN:
        return replace(made, children=(Input("written", f"{name}.{gifts.WRITTEN}", _("The reward"), value=text),))
    if chosen in gifts.SEVERAL:
        lines = _lines(gift, name, chosen, look)
        columns = {gifts.TABLE: ("if", "give"), gifts.CHOICE: ("give",), gifts.CHANCE: ("weight", "give")}[chosen]
        return replace(made, rows=lines, columns=columns, list_name=gifts.list_of(name, chosen))
    shape = known.get(chosen)
    if shape is None:
        return made
    stands = gift if chosen == gifts.chosen_of(SHELVES.rewards, gift) else None
    return replace(made, hint_of_kind=shape.hint, asks=shape.asks(name, stands, look.typed, look.wrong))


def _lines(gift: Any, name: str, how: str, look: _Look) -> tuple[tuple[Input, ...], ...]:
    """Several rewards, each with what it hangs on: its conditions, or its weight."""
    listed = gifts.lines_of(how, gift)
    sent = rows.numbers(look.typed or {}, gifts.list_of(name, how))
    found = []
    for n in range(len(sent) or len(listed)):
        line = listed[n] if n < len(listed) else {}
        at = gifts.name_of_line(name, how, n)
        row = []
        if how == gifts.TABLE:
            texts = list(line.get("if", []))
            row.append(Input("conditions", f"{at}.if", _("Where this holds"), offers=look.offers,
                             wrong=look.wrong.get(f"{at}.if", ""),
                             conditions=rows_of(texts, f"{at}.if", look.offers, look.typed, look.wrong)))  # fmt: skip
        if how == gifts.CHANCE:
            weight = look.text(f"{at}.weight", line.get("weight", 1))
            row.append(Input("whole", f"{at}.weight", _("Weight"), value=weight, keyboard="numeric",
                             wrong=look.wrong.get(f"{at}.weight", "")))  # fmt: skip
        one = _gift(gifts.alone(line) or None, at, look, _("Reward"), "", _LINE)
        row.append(replace(one, column_name="give"))
        found.append(tuple(row))
    return tuple(found)


def _texts(spec: Spec, value: Any, name: str, look: _Look, label: str, hint: str, wrong: str) -> Input:
    known = {"at": MOMENTS, "off": tuple(SHELVES.signals)}.get(spec.name)
    listed = value if isinstance(value, list) else spec.default if isinstance(spec.default, list) else []
    if known is None:
        return Input("text", name, label, hint, look.text(name, ", ".join(map(str, listed))), wrong=wrong)
    on = {one for one in known if look.typed.get(f"{name}.{one}")} if look.typed is not None else set(listed)
    options = tuple((one, said.choice(one), one in on) for one in known)
    return Input("checks", name, label, hint, options=options, wrong=wrong)


def _pairs(spec: Spec, value: Any, name: str, look: _Look, label: str, hint: str, wrong: str) -> Input:
    """Values by names: a row each, its name and its value side by side. Folded away while nothing stands there."""
    made = _rows(pairs.row_of(spec), pairs.listed(spec, value), name, look)
    is_late = look.typed is None and value is ABSENT
    return Input("pairs", name, label, pairs.hint(hint), rows=made, columns=pairs.COLUMNS, wrong=wrong, is_late=is_late)


def _rows(spec: Spec, value: Any, name: str, look: _Look) -> tuple[tuple[Input, ...], ...]:
    """The rows that were sent, else those that stand there; one blank row where there is none."""
    listed: list[Any] = [] if value is ABSENT or value is None else value if isinstance(value, list) else [value]
    count = len(listed) if look.typed is None else len(rows.numbers(look.typed, name))
    found = []
    for n in range(min(count or 1, rows.MOST_ROWS)):
        row = f"{name}[{n}]"
        is_new = look.typed is not None and rows.of_row(look.typed, row).keys() == {rows.MARK}  # it says what is usual
        value_ = ABSENT if is_new or n >= len(listed) else listed[n]
        found.append(_parts(spec, value_, row, replace(look, typed=None) if is_new else look))
    return tuple(found)


def _parts(spec: Spec, value: Any, name: str, look: _Look) -> tuple[Input, ...]:
    """The inputs of a group; of many, those beyond the first few in which nothing stands can wait."""
    found = [_input(one, _of(value, one.name), f"{name}.{one.name}", look) for one in spec.fields]
    shown = [one for one in found if not one.is_aside]
    late = {one.name for one in shown[_SHOWN_FIRST:] if one.kind in ("text", "whole", "day") and not one.value}
    return tuple(replace(one, is_late=True) if one.name in late else one for one in found)


def _of(value: Any, key: str) -> Any:
    return value.get(key, ABSENT) if isinstance(value, Mapping) else ABSENT


# ---- what was answered


def read(document: Mapping[str, Any], place: str, typed: Mapping[str, str], offers: tuple[Offer, ...] = ()) -> Answer:
    """The document with what was typed, each text in the first reading that the terms accept; or what is wrong, by input."""
    spec = places.spec_at(place)
    answer = Answer()
    if spec is None:
        answer.wrong[place] = _("The terms know no such place. Reload the page.")
        return answer
    currency = str(document.get("currency", ""))
    reading = _Reading(typed, currency, offers)
    answer.value = reading.value(spec, place)
    answer.wrong, answer.typed = reading.wrong, reading.typed
    if answer.value is ABSENT and spec.default is None and spec.kind == "group" and not any(one.needed for one in spec.fields):
        answer.value = {}  # what silence leaves out is there as soon as it is set, with all that is usual
    if answer.wrong:
        return answer
    answer.document, problems = _settled(document, place, answer.value, reading)
    answer.value = places.value_at(answer.document, place)
    for problem in problems:
        answer.wrong.setdefault(reading.nearest(problem.field, place), said.problem(problem))
    return answer


def problems_of(document: Mapping[str, Any], *, at: datetime = said.SOME_DAY) -> Terms | list[Problem]:
    """The terms of a document, or its problems."""
    return read_terms(dict(document), SHELVES, version=1, live_from=at)


class _Reading:
    """Values out of a form; remembers what is wrong and which texts may be read otherwise."""

    def __init__(self, typed: Mapping[str, str], currency: str, offers: tuple[Offer, ...]) -> None:
        self.typed, self.currency, self.offers = typed, currency, offers
        self.wrong: dict[str, str] = {}
        self.texts: dict[str, str] = {}  # place -> as typed
        self.places: list[str] = []
        self.shown_by: dict[str, str] = {}  # place -> the input that stands for it in a row

    def value(self, spec: Spec, name: str) -> Any:
        self.places.append(name)
        if spec.kind == "group":
            return self._group(spec, name)
        if spec.kind == "rows":
            return self._rows(spec, name)
        if spec.kind == "pairs":
            return self._pairs(spec, name)
        if spec.kind == "gift":
            return self._gift(spec, name)
        if spec.kind == "conditions":
            return self._conditions(name)
        found = self._plain(spec, name)
        return ABSENT if found == spec.default and not spec.needed else found

    def _group(self, spec: Spec, name: str) -> Any:
        found = {one.name: self.value(one, f"{name}.{one.name}") for one in spec.fields}
        kept = {key: value for key, value in found.items() if value is not ABSENT}
        return kept or ABSENT

    def _rows(self, spec: Spec, name: str) -> Any:
        self._without_blanks(name, lambda row: rows.is_blank(row, spec))
        found = [self._group(spec, f"{name}[{n}]") for n in rows.numbers(self.typed, name)]
        return [one for one in found if one is not ABSENT] or ABSENT

    def _pairs(self, spec: Spec, name: str) -> Any:
        """Values by names, or alone where the language allows that; what is wrong with a row is told by the row."""
        row = pairs.row_of(spec)
        self._without_blanks(name, lambda typed: pairs.is_blank(typed, row))
        found = [(n, self._group(row, f"{name}[{n}]")) for n in rows.numbers(self.typed, name)]
        told = [(n, one) for n, one in found if one is not ABSENT]
        for n, one in told:  # the terms name a value by its place, and the row shows what is wrong with it
            key, shown = pairs.meant(spec, one.get(pairs.NAME, "")), f"{name}[{n}].{pairs.VALUE}"
            place = f"{name}.{key}" if key else name
            self.shown_by[place] = shown
            self.texts = {place + key.removeprefix(shown) if key.startswith(shown) else key: text
                          for key, text in self.texts.items()}  # fmt: skip
        wrong = pairs.wrong_with(spec, name, told)
        self.wrong = wrong | self.wrong  # what is wrong with a value itself says more
        return pairs.together(spec, [one for _n, one in told]) if told and not wrong else ABSENT

    def _without_blanks(self, name: str, is_blank: Callable[[Mapping[str, str]], bool]) -> None:
        """Rows in which nothing was typed are gone, and the others numbered as the document will number them."""
        for n in reversed(rows.numbers(self.typed, name)):
            if is_blank(rows.of_row(self.typed, f"{name}[{n}]")):
                self.typed = rows.rearranged(self.typed, rows.Wish("gone", name, n))

    def _gift(self, spec: Spec, name: str) -> Any:
        chosen = self.typed.get(name, "")
        if not chosen and not spec.needed:
            return ABSENT
        if chosen == gifts.WRITTEN:
            return self._written(f"{name}.{gifts.WRITTEN}", self.typed.get(f"{name}.{gifts.WRITTEN}", ""))
        if chosen in gifts.SEVERAL and spec.takes_many:
            return self._lines(name, chosen)
        wrong: dict[str, str] = {}
        found = giving.read(SHELVES.rewards, name, self.typed, self.currency, wrong)
        self.wrong |= {at: said.sentence(why) for at, why in wrong.items()}
        return found or ABSENT

    def _lines(self, name: str, how: str) -> Any:
        """Several rewards, each with its conditions or its weight; blank lines are left out."""
        listed = gifts.list_of(name, how)
        self._without_blanks(listed, rows.is_blank_line)
        found = []
        for n in rows.numbers(self.typed, listed):
            at = gifts.name_of_line(name, how, n)
            self.places.append(at)
            line: dict[str, Any] = {}
            if how == gifts.TABLE and (asked := self._conditions(f"{at}.if")) is not ABSENT:
                line["if"] = asked
            gift = self._gift(_LINE, at)
            line |= gift if isinstance(gift, dict) else {}
            if how == gifts.CHANCE:
                line |= self._weight(f"{at}.weight")
            found.append(line)
        if not found:
            return self._refuse(name, _("No reward is written yet. Fill in a line for each."))
        return found if how == gifts.TABLE else {how: found}

    def _weight(self, name: str) -> dict[str, int]:
        text = self.typed.get(name, "").strip()
        number = lenient.whole(text) if text else 1
        if not number:
            self._refuse(name, _("Write a whole number above zero: three against one is drawn three times as often."))
            return {}
        return {"weight": number} if number > 1 else {}

    def _conditions(self, name: str) -> Any:
        self.places.append(name)
        found, wrong = written_of(name, self.typed, self.offers, self.currency)
        self.wrong |= wrong
        return found or ABSENT

    def _plain(self, spec: Spec, name: str) -> Any:
        text = self.typed.get(name, "").strip()
        if spec.kind == "flag":
            return self.typed.get(name) == _YES
        if spec.kind == "texts":
            return self._texts(spec, name, text)
        if not text:
            return ABSENT
        if spec.kind == "choice":
            return text if text in spec.choices else self._refuse(name, _("Choose one of the list."))
        if spec.kind == "whole":
            return self._whole(spec, name, text)
        if spec.kind == "day":
            on = lenient.day(text)
            return (
                on.isoformat() if on else self._refuse(name, _("This is no day. Write it as 3 Nov 2026 or 2026-11-03."))
            )
        if spec.kind in ("any", "named"):
            return self._written(name, text)
        self.texts[name] = text
        exact = lenient.amount(text, self.currency) if spec.name in _AMOUNTS else None
        return exact or text

    def _whole(self, spec: Spec, name: str, text: str) -> Any:
        number = lenient.whole(text)
        if number is None:
            return self._refuse(name, _("Write a whole number."))
        if (spec.least is not None and number < spec.least) or (spec.most is not None and number > spec.most):
            told = _("Write a whole number from {least} to {most}.")
            return self._refuse(name, told.format(least=spec.least or 0, most=spec.most or "…"))
        return number

    def _texts(self, spec: Spec, name: str, text: str) -> Any:
        known = {"at": MOMENTS, "off": tuple(SHELVES.signals)}.get(spec.name)
        if known is not None:
            return [one for one in known if self.typed.get(f"{name}.{one}")] or ABSENT
        parts = [one.strip() for one in text.replace("\n", ",").split(",") if one.strip()]
        if spec.item is not None and spec.item.kind == "whole":
            numbers = [lenient.whole(one) for one in parts]
            if None in numbers:
                return self._refuse(name, _("Write whole numbers with commas between them."))
            return numbers or ABSENT
        if spec.item is not None and spec.item.kind == "day":
            days = lenient.days(text)
            if days is None:
                return self._refuse(name, _("Write days as 24 Dec 2026 or 2026-12-24, with commas between them."))
            return [on.isoformat() for on in days] or ABSENT
        if spec.item is not None and spec.item.kind == "either":
            return [int(one) if one.isdecimal() and len(one) < 12 else one for one in parts] or ABSENT
        return parts or ABSENT

    def _written(self, name: str, text: str) -> Any:
        try:
            return giving.written(text)
        except ValueError as error:
            return self._refuse(name, str(error))

    def _refuse(self, name: str, why: str) -> Any:
        self.wrong[name] = why
        return ABSENT

    def written_at(self, field_: str) -> str:
        """The place of the document that a problem speaks of; of a market's own terms the line that says what differs there."""
        market, is_of_market, inner = field_.partition(": ")
        if not is_of_market:
            return field_
        told = set(places.steps_of(inner))
        known = (one for one in self.shown_by if one.startswith(f"{market}."))
        return next((one for one in known if set(places.steps_of(one.removeprefix(f"{market}."))) <= told), field_)

    def nearest(self, field_: str, place: str) -> str:
        """The input that a problem is shown by: the one of its place, else the nearest around it, else the form itself."""
        at = field_ = self.written_at(field_)
        while at:
            if at in self.shown_by:
                return self.nearest(self.shown_by[at] + field_[len(at) :], place)
            if at in self.places:
                return at
            at = at[: max(at.rfind("."), at.rfind("["))] if max(at.rfind("."), at.rfind("[")) > 0 else ""
        return place


def _settled(
    document: Mapping[str, Any], place: str, value: Any, reading: _Reading
) -> tuple[dict[str, Any], list[Problem]]:
    """The document with the value, its texts in readings that the terms accept where there are some."""
    made = places.changed(document, place, value)
    found = problems_of(made)
    for _round in range(_MOST_READINGS):
        if isinstance(found, Terms):
            return made, []
        wrong = next((at for one in found if (at := reading.written_at(one.field)) in reading.texts), None)
        if wrong is None:
            break
        made, found = _read_otherwise(made, wrong, reading.texts.pop(wrong), reading.currency, found)
    return made, [] if isinstance(found, Terms) else found


def _read_otherwise(
    document: dict[str, Any], place: str, text: str, currency: str, before: list[Problem]
) -> tuple[dict[str, Any], Terms | list[Problem]]:
    number = lenient.whole(text)
    for other in (*(() if number is None else (number,)), *lenient.readings(text, currency)[1:]):
        tried = places.changed(document, place, other)
        found = problems_of(tried)
        left = set() if isinstance(found, Terms) else {one.field for one in found}
        if place not in left and left < {one.field for one in before}:
            return tried, found
    return document, before


def taken_out(document: Mapping[str, Any], place: str) -> Answer:
    """The document without what stands there; or why it cannot go."""
    made = places.changed(document, place, ABSENT)
    found = problems_of(made)
    if isinstance(found, Terms):
        return Answer(ABSENT, made)
    return Answer(ABSENT, made, {place: said.problem(found[0])})
