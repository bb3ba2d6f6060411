"""What does the reader's complaint about the shape of a document mean to its author? The place, what is wrong, the repair."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from goodword.core.events import Problem

_WHERE = re.compile(r" - at `(key )?\$\.?([^`]*)`")


def document_problem(error: msgspec.ValidationError, document: Any = None) -> Problem:
    """The reader's complaint as a problem with its place and a repair."""
    text = str(error)
    where = _WHERE.search(text)
    place, why = where.group(2) if where else "", _WHERE.sub("", text)
    unknown = re.search(r"unknown field `([^`]+)`", why)
    if unknown:
        place = f"{place}.{unknown.group(1)}".lstrip(".")
        return Problem(
            place,
            "is not a field that the terms know",
            "check the spelling against the program documentation",
            "unknown_field",
        )
    missing = re.search(r"missing required field `([^`]+)`", why)
    if missing:
        return Problem(f"{place}.{missing.group(1)}".lstrip("."), "is missing", "add it", "missing")
    if re.search(r"Expected `(?:[^`]* )?str(?: [^`]*)?`, got `(?:int|float)`", why):
        return _unquoted(document, place)
    return Problem(place, why, "see the program documentation", "terms")


def _unquoted(document: Any, place: str) -> Problem:
    """A number where a text is meant: YAML drops the zeros of 90.00, so amounts stand in quotes."""
    found = _first_number(document, re.findall(r"[^.\[\]]+|\[\d+\]|\[\.\.\.\]", place), "")
    place, number = found or (place, 10)
    written = str(number) if round(number, 2) != number or str(number).isdecimal() else f"{number:.2f}"
    name = place.rpartition(".")[2]
    return Problem(
        place,
        f"{number} is a number, and here a text is read",
        f'write it in quotes, {name}: "{written}"',
        "unquoted",
    )


def _first_number(value: Any, parts: list[str], place: str) -> tuple[str, float] | None:
    """The first number at a place whose names the reader left out: `[...]` stands for any key."""
    if not parts:
        return (place, value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
    part, *rest = parts
    if part == "[...]" and isinstance(value, dict):
        inside = (_first_number(one, rest, f"{place}.{key}".lstrip(".")) for key, one in value.items())
        return next((one for one in inside if one), None)
    if isinstance(value, list) and part.startswith("["):
        listed = range(len(value)) if part == "[...]" else [int(part[1:-1])]
        inside = (_first_number(value[n], rest, f"{place}[{n}]") for n in listed if n < len(value))
        return next((one for one in inside if one), None)
    if isinstance(value, dict) and part in value:
        return _first_number(value[part], rest, f"{place}.{part}".lstrip("."))
    return None
