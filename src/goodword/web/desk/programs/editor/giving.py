"""Which reward was typed? The inputs of its kind, read leniently, in the first reading that the kind itself understands."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import yaml
from django.utils.translation import gettext as _

from goodword.core.kind import RewardKind
from goodword.web.desk.programs.editor import gifts, lenient, rows
from goodword.web.desk.programs.editor.gifts import Shape

_MOST_TRIALS = 64
_YES, _NO = ("true", "yes", "on"), ("false", "no")


def read(
    kinds: Mapping[str, RewardKind], name: str, typed: Mapping[str, str], currency: str, wrong: dict[str, str]
) -> dict[str, Any]:
    """One reward as the document writes it; {} where something of it is wrong, which is then told by the input."""
    shape = gifts.shapes(kinds).get(typed.get(name, ""))
    if shape is None:
        wrong[name] = _("Choose what is given.")
        return {}
    told = {key: typed.get(shape.name_of(name, key), "").strip() for key in shape.parts}
    tables = {key: _rows(shape, key, name, typed, currency, wrong) for key in told if gifts.is_table(shape.parts[key])}
    if not any((*told.values(), *tables.values())):
        wrong[name] = _("Write how much is given.")
    if wrong:
        return {}
    options = {key: _values(text, currency) for key, text in told.items() if text}
    options |= {key: [found] for key, found in tables.items() if found}
    try:
        return {shape.slug: _first_that_reads(kinds[shape.slug], options, currency)}
    except ValueError as error:
        wrong[name] = str(error)
        return {}


def written(text: str) -> Any:
    """What stands there as the document writes it. Raises ValueError in words for whoever typed it."""
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError:
        raise ValueError(
            _("This is not written as the document writes it. Look at the example under the field.")
        ) from None
    if not found:
        raise ValueError(_("Nothing is written here. Write what shall stand there."))
    return found


def _first_that_reads(kind: RewardKind, options: Mapping[str, list[Any]], currency: str) -> Any:
    why: ValueError | None = None
    for n, one in enumerate(product(*options.values())):
        value: Any = dict(zip(options, one, strict=True))
        value = value.get("", value)
        try:
            kind.parse(value, currency)
        except (ValueError, TypeError, KeyError) as error:
            why = why or ValueError(str(error))
        else:
            return value
        if n > _MOST_TRIALS:
            break
    raise why or ValueError(_("This cannot be read."))


def _rows(
    shape: Shape, key: str, name: str, typed: Mapping[str, str], currency: str, wrong: dict[str, str]
) -> list[dict[str, Any]]:
    """The rows of a table of a kind, such as bands; blank ones are left out."""
    columns: Mapping[str, Mapping[str, Any]] = shape.parts[key]["items"]["properties"]
    listed = shape.name_of(name, key)
    found = []
    for n in rows.numbers(typed, listed):
        texts = {column: typed.get(f"{listed}[{n}].{column}", "").strip() for column in columns}
        row: dict[str, Any] = {}
        for column, text in texts.items():
            if not text:
                continue
            value = _cell(text, columns[column], currency)
            if value is None:
                wrong[f"{listed}[{n}].{column}"] = _("Write a number, such as 12.5 or 1,500.00.")
            row[column] = value
        if row:
            found.append(row)
    return found


def _cell(text: str, schema: Mapping[str, Any], currency: str) -> Any:
    """A cell by the type of its column; None where it is none of that type."""
    types = gifts.types_of(schema)
    if types == ("integer",):
        return lenient.whole(text)
    if "number" in types:
        return lenient.decimal(text)
    return lenient.amount(text, currency) if str(schema.get("pattern", "")).startswith(r"^\d") else text


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
    if text.lower() in (*_YES, *_NO):
        found.append(text.lower() in _YES)
    return [one for _kind, one in dict.fromkeys((type(one), one) for one in found)]
