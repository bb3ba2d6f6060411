"""Which conditions can be asked for? Exactly those that a field's type allows; and rows of a form for those that stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from goodword.core import conditions as core
from goodword.core.fields import SIDES, FieldType, field_type, known_fields
from goodword.web import words
from goodword.web.desk.programs.editor import lenient, places
from goodword.web.desk.programs.editor.rows import numbers

_USUAL_DAYS = (30, 90, 365)
_SIDES = ("friend", "advocate", *(one for one in SIDES if one not in ("friend", "advocate")))
_ATTRIBUTE = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")
_SIGNS: dict[str, Promise] = {
    "==": gettext_lazy("is"), "!=": gettext_lazy("is not"), ">=": gettext_lazy("is at least"),
    "<=": gettext_lazy("is at most"), ">": gettext_lazy("is more than"), "<": gettext_lazy("is less than"),
    "in": gettext_lazy("is one of"), "not in": gettext_lazy("is none of"),
}  # fmt: skip
_KINDS: dict[str, Promise] = {
    "text": gettext_lazy("a text"), "number": gettext_lazy("a number"), "date": gettext_lazy("a day"),
    "money": gettext_lazy("an amount"), "set": gettext_lazy("a list"),
}  # fmt: skip
_WHICH: dict[str, Promise] = {
    "any": gettext_lazy("any"), "every": gettext_lazy("every"), "none": gettext_lazy("no"),
    "cheapest": gettext_lazy("the cheapest"),
}  # fmt: skip


@dataclass(frozen=True)
class Offer:
    """A field that can be asked about, and the comparisons that its type allows."""

    side: str
    field: str
    kind: str  # text | number | date | money | set | any
    title: str
    signs: tuple[tuple[str, str], ...]  # value of the option, words


@dataclass(frozen=True)
class Row:
    """One condition in a form: which comparison of which field, and with what."""

    name: str
    chosen: str  # "friend.status ==", "" for a new one, "written" for one that no offer says
    value: str
    written: str
    wrong: str = ""
    kind: str = ""  # of the field that is asked about

    @property
    def expects(self) -> str:
        """What is to be written, in a word."""
        return str(_KINDS.get(self.kind, ""))

    @property
    def keyboard(self) -> str:
        """Which keys a phone shows for it."""
        return "decimal" if self.kind in ("number", "money") else "text"

    @property
    def id(self) -> str:
        """The id of its element."""
        return places.anchor(self.name)


def offers(document: Mapping[str, Any], attributes: Iterable[str] = ()) -> tuple[Offer, ...]:
    """What can be asked: all that the language knows, the client's own attributes, and the fields that the document declares.

    `attributes` are names that the client's feeds deliver; those that the document's own conditions speak of are there too.
    """
    declared = _declared(document)
    found: dict[tuple[str, str], FieldType] = {}
    for name in attributes:
        if _ATTRIBUTE.match(name):
            _add(found, "friend", name, declared)
            _add(found, "advocate", name, declared)
    for text in _texts(document):
        try:
            one = core.read_condition(text, ("join",))
        except ValueError:
            continue
        _add(found, one.side, one.field, declared)
    for known in known_fields(declared):
        for name in _concrete(known.name):
            _add(found, known.side, name, declared)
    return tuple(_offer(one) for _key, one in sorted(found.items(), key=lambda pair: _SIDES.index(pair[0][0])))


def _add(found: dict[tuple[str, str], FieldType], side: str, name: str, declared: Mapping[str, str]) -> None:
    type_ = field_type(side, name, declared)
    if type_ is not None:
        found.setdefault((side, name), msgspec.structs.replace(type_, name=name))


def _concrete(name: str) -> Iterable[str]:
    """A field that counts over N days stands for a few usual numbers of days."""
    return [name.replace("_Nd", f"_{days}d") for days in _USUAL_DAYS] if "_Nd" in name else (name,)


def _declared(document: Mapping[str, Any]) -> dict[str, str]:
    fields = document.get("fields")
    return {
        str(name): str(part.get("type", "text"))
        for name, part in (fields.items() if isinstance(fields, Mapping) else ())
        if isinstance(part, Mapping) and part.get("personal") is False
    }


def rows_of(
    listed: list[Any],
    name: str,
    known: tuple[Offer, ...],
    typed: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
) -> tuple[Row, ...]:
    """The conditions that stand, and a blank one; or what was typed, with what is wrong about it."""
    options = {value: offer.kind for offer in known for value, _words in offer.signs}
    if typed is not None and any(key.startswith(f"{name}[") for key in typed):
        return tuple(
            Row(
                at, typed.get(f"{at}.what", ""), typed.get(f"{at}.value", ""), typed.get(f"{at}.written", ""),
                (wrong or {}).get(at, ""), options.get(typed.get(f"{at}.what", ""), ""),
            )
            for at in (f"{name}[{n}]" for n in numbers(typed, name))
        )  # fmt: skip
    found = []
    for n, text in enumerate(listed):
        try:
            one = core.read_condition(str(text), ("join",))
        except ValueError:
            one = None
        what = f"{one.which} {one.side}.{one.field} {one.operator}".strip() if one else ""
        if one is None or what not in options:
            found.append(Row(f"{name}[{n}]", "written", "", str(text)))
        else:
            found.append(Row(f"{name}[{n}]", what, ", ".join(one.values), "", kind=options[what]))
    return (*found, Row(f"{name}[{len(found)}]", "", "", ""))


def written_of(
    name: str, typed: Mapping[str, str], known: tuple[Offer, ...], currency: str
) -> tuple[list[str], dict[str, str]]:
    """The conditions that were typed as the document writes them, and what is wrong by row."""
    kinds = {value: offer.kind for offer in known for value, _words in offer.signs}
    found: list[str] = []
    wrong: dict[str, str] = {}
    for n in numbers(typed, name):
        at = f"{name}[{n}]"
        what, value = typed.get(f"{at}.what", ""), typed.get(f"{at}.value", "").strip()
        text = typed.get(f"{at}.written", "").strip()
        if not (what or text or value):
            continue
        if what != "written":
            if what not in kinds:
                wrong[at] = _("Choose one of the list.")
                continue
            if not value:
                wrong[at] = _("Write what it is compared with.")
                continue
            kind = kinds[what]
            is_many = what.endswith((" in", " not in"))
            parts = [one.strip() for one in value.strip("[]").split(",")] if is_many else [value]
            read = [_read(one, kind, currency) for one in parts if one]
            if None in read:
                wrong[at] = _("This field holds {kind}, and that is none.").format(kind=_KINDS.get(kind, kind))
                continue
            text = f"{what} [{', '.join(map(str, read))}]" if is_many else f"{what} {read[0]}"
        try:
            core.read_condition(text, ("join",))
        except ValueError as error:
            wrong[at] = str(error)
        else:
            found.append(text)
    return found, wrong


def _read(text: str, kind: str, currency: str) -> str | None:
    if kind == "money":
        return lenient.amount(text, currency)
    if kind == "number":
        plain = text.replace(",", ".").strip()
        return plain if re.fullmatch(r"-?\d+(\.\d+)?", plain) else None
    if kind == "date":
        on = lenient.day(text)
        return on.isoformat() if on else None
    return text


def _offer(one: FieldType) -> Offer:
    field = f"{one.side}.{one.name}"
    title = words.humane(field) if one.side in ("advocate", "friend") else words.label(f"{one.side} {one.name}").lower()
    kind = _KINDS.get(one.kind)
    what = _("{field}: {kind}").format(field=title, kind=kind) if kind else title
    signs = tuple(
        (f"{which} {field} {sign}".strip(), f"{_WHICH.get(which, which)} {title} {_SIGNS.get(sign, sign)}".strip())
        for which in one.quantifiers or ("",)
        for sign in one.operators
    )
    return Offer(one.side, one.name, one.kind, what[:1].upper() + what[1:], signs)


def _texts(part: Any) -> Iterable[str]:
    """Every condition that the document writes, wherever it stands."""
    if isinstance(part, Mapping):
        for key, value in part.items():
            if key == "if" and isinstance(value, list):
                yield from (str(one) for one in value)
            else:
                yield from _texts(value)
    elif isinstance(part, list):
        for one in part:
            yield from _texts(one)
