"""What else can a draft say? Every part of the document with what stands there, so that nothing of the language is out of reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise as Words
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from goodword.catalog import SHELVES
from goodword.core.terms import Terms
from goodword.web import words
from goodword.web.desk.programs import sentence
from goodword.web.desk.programs.editor import gifts, places, said
from goodword.web.desk.programs.editor.places import ABSENT, Spec
from goodword.web.desk.programs.editor.tokens import Tokens

_NOT_HERE = ("program",)
_LONGEST = 140


@dataclass(frozen=True)
class Leaf:
    """One value of a part: its name, its token, and what it is for."""

    label: str
    token: SafeString
    hint: str


@dataclass(frozen=True)
class Part:
    """A part of the document with all that it may say."""

    name: str
    label: str
    hint: str
    leaves: list[Leaf]
    says: int  # how many of them say something


@dataclass(frozen=True)
class Tier:
    """One row of a promise's ladder."""

    at: SafeString
    gift: str


@dataclass(frozen=True)
class Ladder:
    """The tiers of a promise as a small table, and the token that opens them."""

    who: str
    rows: list[Tier]
    token: SafeString


def parts(document: Mapping[str, Any], tokens: Tokens) -> list[Part]:
    """Every part that the language declares, in its order."""
    found = []
    for spec in places.whole().fields:
        if spec.name in _NOT_HERE:
            continue
        leaves = list(_leaves(spec, document, tokens))
        says = sum(1 for one in _places_of(spec, document) if places.value_at(document, one) is not ABSENT)
        found.append(Part(spec.name, said.label(spec.name), said.hint(spec.help), leaves, says))
    return found


def tiers(terms: Terms, tokens: Tokens) -> list[Ladder]:
    """Promises that hang on how many friends came, each as a table."""
    found = []
    for n, promise in enumerate(terms.promises):
        if promise.ladder is None or len(promise.ladder.rows) < 2:
            continue
        rows = [
            Tier(
                words.money(row.at, terms.currency)
                if promise.ladder.by == "amount"
                else words.bdi(f"{row.at:,}", "num"),
                sentence.gift(row.kind, row.give),
            )
            for row in promise.ladder.rows
        ]
        found.append(Ladder(said.choice(promise.to), rows, tokens.token(f"promises[{n}].when", _("Change the tiers"))))
    return found


def summary(value: Any, document: Mapping[str, Any], place: str) -> SafeString | str:
    """What stands at a place, in a few words."""
    spec = places.spec_at(place)
    if value is ABSENT:
        value = spec.default if spec and spec.default not in (ABSENT, None, [], {}) and spec.kind != "group" else ABSENT
    if value is ABSENT or value is None:
        return _("not said")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if spec is not None and spec.kind == "choice":
        return said.choice(str(value))
    if spec is not None and spec.kind == "gift":
        return _gift(value, str(document.get("currency", "")))
    if spec is not None and spec.kind == "conditions":
        return words.bdi(_(" and ").join(words.humane(str(one)) for one in value))
    if isinstance(value, list) and all(isinstance(one, str | int) for one in value):
        return words.bdi(", ".join(str(one) for one in value))
    if spec is not None and spec.kind == "group" and isinstance(value, Mapping):
        return _of_group(spec, value, document, place)
    if spec is not None and spec.kind == "pairs" and isinstance(value, Mapping):
        return _of_pairs(value, document, place)
    if isinstance(value, Mapping | list):
        return words.bdi(_short(gifts.as_written(value)))
    return words.bdi(_short(str(value)))


def _of_group(spec: Spec, value: Mapping[str, Any], document: Mapping[str, Any], place: str) -> SafeString:
    told = (
        format_html(
            _("{part}: {value}"),
            part=said.label(one.name),
            value=summary(value[one.name], document, f"{place}.{one.name}"),
        )
        for one in spec.fields
        if one.name in value
    )
    return format_html_join("; ", "{}", ((one,) for one in told))


def _of_pairs(value: Mapping[str, Any], document: Mapping[str, Any], place: str) -> SafeString:
    told = (
        format_html(_("{part}: {value}"), part=words.bdi(name), value=summary(one, document, f"{place}.{name}"))
        for name, one in value.items()
    )
    return format_html_join("; ", "{}", ((one,) for one in told))


def _gift(value: Any, currency: str) -> SafeString | str:
    if isinstance(value, Mapping) and len(value) == 1:
        ((slug, told),) = value.items()
        kind = SHELVES.rewards.get(slug)
        try:
            if kind is not None:
                return words.bdi(sentence.gift(kind, kind.parse(told, currency)))
        except (ValueError, TypeError):
            pass
    return words.bdi(_short(gifts.as_written(value)))


def _leaves(spec: Spec, document: Mapping[str, Any], tokens: Tokens) -> Any:
    for place in _places_of(spec, document):
        here = places.spec_at(place)
        if here is None:
            continue
        steps = places.steps_of(place)
        name: str | Words = said.label(str(steps[-1])) if isinstance(steps[-1], str) else said.label(str(steps[0]))
        if spec.kind == "named":
            name = words.label(str(steps[-1]))
        if isinstance(steps[-1], int):
            name = _("{part} {n}").format(part=name, n=steps[-1] + 1)
        value = places.value_at(document, place)
        tone = "" if value is not ABSENT else "silent"
        about = str(name)
        yield Leaf(
            about, tokens.token(place, summary(value, document, place), tone=tone, about=about), said.hint(here.help)
        )
    if spec.kind in ("named", "rows") and spec.item is not None and spec.item.kind == "group":
        listed = places.value_at(document, spec.name)
        count = len(listed) if isinstance(listed, list) else 0
        new = f"{spec.name}.new_one" if spec.kind == "named" else f"{spec.name}[{count}]"
        yield Leaf(_("One more"), tokens.token(new, _("add"), tone="silent", about=_("One more")), "")


def _places_of(spec: Spec, document: Mapping[str, Any]) -> list[str]:
    """The places of a part: the fields of a group, the things of a list or table; else the part itself."""
    if spec.kind == "group":
        return [f"{spec.name}.{one.name}" for one in spec.fields]
    listed = places.value_at(document, spec.name)
    if spec.kind == "named" and spec.item is not None and spec.item.kind == "group":
        return [f"{spec.name}.{key}" for key in listed] if isinstance(listed, Mapping) else []
    if spec.kind == "rows":
        return [f"{spec.name}[{n}]" for n in range(len(listed))] if isinstance(listed, list) else []
    return [spec.name]


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= _LONGEST else plain[: _LONGEST - 1] + "…"
