"""Which inputs does a place have, and what do the answers say? Derived from what the language declares for that place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from goodword.catalog import SHELVES
from goodword.core.conditions import MOMENTS
from goodword.core.events import Problem
from goodword.core.reading import read_terms
from goodword.core.terms import Terms
from goodword.web.desk.programs.editor import gifts, lenient, places, said
from goodword.web.desk.programs.editor.conditions import Offer, Row, rows_of, written_of
from goodword.web.desk.programs.editor.places import ABSENT, Spec

BLANK_ROWS = 1
MOST_ROWS = 60
_MOST_READINGS = 40
_SHOWN_FIRST = 3
_YES = "yes"


@dataclass(frozen=True)
class Input:
    """One thing to fill in: its name in the form is its place in the document, so that a problem finds it."""

    kind: str
    name: str
    label: str
    hint: str = ""
    value: str = ""
    options: tuple[tuple[str, str, bool], ...] = ()  # value, words, chosen
    suggested: tuple[str, ...] = ()
    children: tuple[Input, ...] = ()
    rows: tuple[tuple[Input, ...], ...] = ()
    shapes: tuple[gifts.Shape, ...] = ()
    conditions: tuple[Row, ...] = ()
    offers: tuple[Offer, ...] = ()
    wrong: str = ""
    written: str = ""
    is_written: bool = False
    is_needed: bool = False
    is_late: bool = False  # one of many, and nothing stands in it

    @property
    def id(self) -> str:
        """The id of its element."""
        return f"{places.anchor(self.name)}-in"

    @property
    def is_aside(self) -> bool:
        """Whether it has a default that rarely needs a look, so that it stands folded away beside the others."""
        if self.is_needed or self.wrong:
            return False
        return self.is_late or self.kind in ("choice", "flag", "checks", "written")

    @property
    def tells_wrong(self) -> bool:
        """Whether it says by itself what is wrong with it, so that nothing needs to be said above it."""
        return self.kind in ("text", "whole", "day", "written")

    @property
    def has_aside(self) -> bool:
        """Whether some of its parts stand folded away."""
        return any(one.is_aside for one in self.children)


@dataclass
class Answer:
    """What a form said: the value that shall stand at its place, or what is wrong by the name of the input."""

    value: Any = ABSENT
    document: dict[str, Any] = field(default_factory=dict)
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
    label, hint = said.label(spec.name), said.hint(spec.help)
    wrong = look.wrong.get(name, "")
    shown = spec.default if value is ABSENT and spec.kind in ("choice", "flag") else value
    if spec.kind == "group":
        children = _parts(spec, value, name, look)
        return Input("group", name, label, hint, children=children, wrong=wrong)
    if spec.kind == "rows":
        return Input("rows", name, label, hint, rows=_rows(spec, value, name, look), wrong=wrong)
    if spec.kind == "gift":
        given = None if value is ABSENT else value
        found = tuple(gifts.shapes(SHELVES.rewards, given, name, look.typed))
        chosen = look.text(name, gifts.chosen_of(SHELVES.rewards, given))
        written = look.text(f"{name}.{gifts.WRITTEN}", gifts.as_written(given))
        return Input("gift", name, label, hint, chosen, shapes=found, written=written,
                     is_written=chosen == gifts.WRITTEN, wrong=wrong, is_needed=spec.needed)  # fmt: skip
    if spec.kind == "conditions":
        listed = [] if value is ABSENT else list(value)
        return Input("conditions", name, label, hint, offers=look.offers, wrong=wrong,
                     conditions=rows_of(listed, name, look.offers, look.typed))  # fmt: skip
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
    return Input(spec.kind, name, label, hint, look.text(name, kept), suggested=said.suggested(spec.name), wrong=wrong,
                 is_needed=spec.needed)  # fmt: skip


def _texts(spec: Spec, value: Any, name: str, look: _Look, label: str, hint: str, wrong: str) -> Input:
    known = {"at": MOMENTS, "off": tuple(SHELVES.signals)}.get(spec.name)
    listed = value if isinstance(value, list) else spec.default if isinstance(spec.default, list) else []
    if known is None:
        return Input("text", name, label, hint, look.text(name, ", ".join(map(str, listed))), wrong=wrong)
    on = {one for one in known if look.typed.get(f"{name}.{one}")} if look.typed is not None else set(listed)
    options = tuple((one, said.choice(one), one in on) for one in known)
    return Input("checks", name, label, hint, options=options, wrong=wrong)


def _rows(spec: Spec, value: Any, name: str, look: _Look) -> tuple[tuple[Input, ...], ...]:
    listed: list[Any] = [] if value is ABSENT or value is None else value if isinstance(value, list) else [value]
    count = len(listed) + BLANK_ROWS
    if look.typed is not None:
        sent = [key[len(name) + 1 :].split("]")[0] for key in look.typed if key.startswith(f"{name}[")]
        count = max([count, *(int(one) + 1 for one in sent if one.isdecimal())])
    return tuple(
        _parts(spec, listed[n] if n < len(listed) else ABSENT, f"{name}[{n}]", look)
        for n in range(min(count, MOST_ROWS))
    )


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
    answer.wrong = reading.wrong
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

    def value(self, spec: Spec, name: str) -> Any:
        self.places.append(name)
        if spec.kind == "group":
            return self._group(spec, name)
        if spec.kind == "rows":
            return self._rows(spec, name)
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
        found = []
        for n in range(MOST_ROWS):
            sent = [key for key in self.typed if key.startswith(f"{name}[{n}].")]
            if not sent:
                break
            if self.typed.get(f"{name}[{n}].gone"):
                continue
            if not any(self.typed[key].strip() for key in sent if not _is_preset(key, spec)):
                continue
            row = self._group(spec, f"{name}[{n}]")
            if row is not ABSENT:
                found.append(row)
        return found or ABSENT

    def _gift(self, spec: Spec, name: str) -> Any:
        if not self.typed.get(name) and not spec.needed:
            return ABSENT
        try:
            return gifts.read(SHELVES.rewards, name, self.typed, self.currency)
        except ValueError as error:
            self.wrong[name] = said.sentence(str(error))
            return ABSENT

    def _conditions(self, name: str) -> Any:
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
        return text

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
        return parts or ABSENT

    def _written(self, name: str, text: str) -> Any:
        try:
            return gifts.read({}, name, {name: gifts.WRITTEN, f"{name}.{gifts.WRITTEN}": text}, self.currency)
        except ValueError as error:
            return self._refuse(name, str(error))

    def _refuse(self, name: str, why: str) -> Any:
        self.wrong[name] = why
        return ABSENT

    def nearest(self, field_: str, place: str) -> str:
        """The input that a problem is shown by: the one of its place, else the nearest around it, else the form itself."""
        at = field_
        while at:
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
        wrong = next((one.field for one in found if one.field in reading.texts), None)
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
        if isinstance(found, Terms) or not any(one.field == place for one in found):
            return tried, found
    return document, before


def _is_preset(key: str, spec: Spec) -> bool:
    """Whether an input of a blank row always says something (a choice, a switch): alone it makes no row."""
    name = key.rpartition("].")[2].split(".")[0]
    return any(one.name == name and one.kind in ("choice", "flag", "texts", "group") for one in spec.fields)


def taken_out(document: Mapping[str, Any], place: str) -> Answer:
    """The document without what stands there; or why it cannot go."""
    made = places.changed(document, place, ABSENT)
    found = problems_of(made)
    if isinstance(found, Terms):
        return Answer(ABSENT, made)
    return Answer(ABSENT, made, {place: said.problem(found[0])})
