"""How is a reward asked for? Inputs derived from each kind's own schema on the shelf; a kind that is new there is new here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import yaml
from django.utils.translation import gettext as _

from goodword.core.kind import RewardKind
from goodword.web import words
from goodword.web.desk.programs.editor import lenient, places

WRITTEN = "written"  # as the document writes it: whatever the inputs cannot say
_MOST_TRIALS = 64


@dataclass(frozen=True)
class Ask:
    """One input of a kind: its name in the form, its label and hint, and what stands in it."""

    name: str
    label: str
    hint: str
    value: str
    options: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The id of its element."""
        return f"{places.anchor(self.name)}-in"


@dataclass(frozen=True)
class Shape:
    """One way to write a kind: a plain value (its one input has no key), or an object with a key an input."""

    id: str  # voucher-1
    slug: str
    title: str
    hint: str
    keys: tuple[str, ...]  # ("",) for a plain value
    asks: tuple[Ask, ...]
    is_chosen: bool


def shapes(
    kinds: Mapping[str, RewardKind], gift: Any, name: str, typed: Mapping[str, str] | None = None
) -> list[Shape]:
    """Every way to promise something, by the shelf; what stands there now (or was typed) is filled in."""
    chosen = (typed or {}).get(name) or chosen_of(kinds, gift)
    found = []
    for slug, kind in kinds.items():
        forms = list(_forms(kind.schema))
        for n, (keys, parts) in enumerate(forms):
            id_ = f"{slug}-{n}"
            is_chosen = id_ == chosen
            value = gift.get(slug) if isinstance(gift, dict) and is_chosen else None
            asks = tuple(_ask(f"{name}.{id_}.{key or 'value'}", key, parts[key], value, typed) for key in keys)
            title = _(kind.title) if len(forms) == 1 else _way(_(kind.title), keys)
            found.append(Shape(id_, slug, title, _(kind.help.strip().split("\n")[0]), keys, asks, is_chosen))
    return found


def chosen_of(kinds: Mapping[str, RewardKind], gift: Any) -> str:
    """Which shape says what stands there; `written` where none does, '' where nothing stands there."""
    if not gift:
        return ""
    if not isinstance(gift, dict) or len(gift) != 1:
        return WRITTEN
    ((slug, value),) = gift.items()
    kind = kinds.get(slug)
    for n, (keys, _parts) in enumerate(_forms(kind.schema) if kind else ()):
        fits = keys == ("",) if not isinstance(value, dict) else "" not in keys and set(value) <= set(keys)
        if fits and not isinstance(value, list):
            return f"{slug}-{n}"
    return WRITTEN


def as_written(gift: Any) -> str:
    """The gift in the document's own spelling."""
    return str(yaml.safe_dump(gift, sort_keys=False, allow_unicode=True, default_flow_style=None)) if gift else ""


def read(kinds: Mapping[str, RewardKind], name: str, typed: Mapping[str, str], currency: str) -> Any:
    """The gift that was typed, leniently. Raises ValueError in words for whoever typed it."""
    chosen = typed.get(name, "")
    if chosen == WRITTEN:
        try:
            found = yaml.safe_load(typed.get(f"{name}.{WRITTEN}", ""))
        except yaml.YAMLError:
            raise ValueError(
                _("This is not written as the document writes it. Look at the example under the field.")
            ) from None
        if not found:
            raise ValueError(_("Nothing is given. Write what the person gets."))
        return found
    shape = next((one for one in shapes(kinds, None, name, typed) if one.id == chosen), None)
    if shape is None:
        raise ValueError(_("Choose what is given."))
    told = {key: typed.get(ask.name, "").strip() for key, ask in zip(shape.keys, shape.asks, strict=True)}
    if not any(told.values()):
        raise ValueError(_("Write how much is given."))
    return _first_that_reads(kinds[shape.slug], told, currency)


def _first_that_reads(kind: RewardKind, told: Mapping[str, str], currency: str) -> dict[str, Any]:
    """What was typed, in the first of its readings that the kind itself understands."""
    named = {key: text for key, text in told.items() if text}
    why: ValueError | None = None
    for n, texts in enumerate(product(*(_values(text, currency) for text in named.values()))):
        value: Any = dict(zip(named, texts, strict=True))
        value = value.get("", value)
        try:
            kind.parse(value, currency)
        except (ValueError, TypeError, KeyError) as error:
            why = why or ValueError(str(error))
        else:
            return {kind.slug: value}
        if n > _MOST_TRIALS:
            break
    raise why or ValueError(_("This cannot be read."))


def _values(text: str, currency: str) -> list[Any]:
    """Readings of one input: exact amounts first, then as typed; whole numbers as numbers last."""
    found: list[Any] = []
    money = lenient.amount(text, currency)
    if money is not None and not text.strip().endswith("%"):
        found.append(money)
    found += lenient.readings(text, currency)
    number = lenient.whole(text)
    if number is not None:
        found.append(number)
    if text.lower() in ("true", "false", "yes", "no", "on"):
        found.append(text.lower() in ("true", "yes", "on"))
    return [one for _kind, one in dict.fromkeys((type(one), one) for one in found)]


def _forms(schema: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], dict[str, Mapping[str, Any]]]]:
    """The ways that a JSON Schema leaves open: (keys, schema of each)."""
    for key in ("oneOf", "anyOf"):
        if key in schema:
            for one in schema[key]:
                yield from _forms(one)
            return
    types = schema.get("type")
    if types == "object" or "properties" in schema:
        parts = dict(schema.get("properties") or {})
        for needed in schema.get("required", ()):
            parts.setdefault(needed, {})
        if parts:
            yield tuple(parts), parts
    elif types != "array":
        yield ("",), {"": schema}


def _way(title: str, keys: tuple[str, ...]) -> str:
    if keys == ("",):
        return title
    named = ", ".join(words.label(key).lower() for key in keys)
    return _("{title}: {parts}").format(title=title, parts=named)


def _ask(name: str, key: str, schema: Mapping[str, Any], value: Any, typed: Mapping[str, str] | None) -> Ask:
    """An input for one value of the schema, with its own words where it has some."""
    stands = value.get(key, "") if isinstance(value, dict) else value if key == "" and value is not None else ""
    shown = (typed or {}).get(name, stands)
    label = _(schema["title"]) if schema.get("title") else words.label(key) if key else _("How much")
    examples = schema.get("examples") or ()
    hint = _(schema["description"]) if schema.get("description") else ""
    if not hint and examples:
        hint = _("For example {example}.").format(example=examples[0])
    return Ask(name, label, hint, str(shown), tuple(str(one) for one in schema.get("enum", ())))
