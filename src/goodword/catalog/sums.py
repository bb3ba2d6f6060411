"""How are sums, shares and pieces of rewards written and read? What several kinds on the shelf have in common."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from goodword.core.amounts import Amount, parse_percent, to_minor
from goodword.core.kind import Give

MONEY: Mapping[str, Any] = {"type": "string", "pattern": r"^\d+(\.\d+)?$", "examples": ["10.00"]}
PIECES: Mapping[str, Any] = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "minLength": 1, "description": "What it is called."},
        "quantity": {"type": "integer", "minimum": 1, "default": 1, "description": "How many."},
        "cost": {**MONEY, "description": "What one of it costs the client."},
    },
    "additionalProperties": False,
}
MOST_PIECES = 10_000


def money_or_share(*, needs_max: bool) -> dict[str, Any]:
    """JSON Schema of a fixed sum, or a percentage with a maximum."""
    share = {
        "type": "object",
        "required": ["percent", "max"] if needs_max else ["percent"],
        "properties": {
            "percent": {"type": ["number", "string"], "description": "Of the order's base."},
            "max": {**MONEY, "description": "At most so much."},
        },
        "additionalProperties": False,
    }
    return {"oneOf": [MONEY, share]}


def fixed_sum(slug: str) -> Callable[[Any, str], Give]:
    """Reads "10.00": money above zero in the program's currency."""

    def parse(value: Any, currency: str) -> Give:
        if not isinstance(value, str):
            raise ValueError(f'{value!r} is not an amount; write a decimal string in quotes, {{{slug}: "10.00"}}')
        minor = to_minor(value, currency)
        if minor <= 0:
            raise ValueError("the amount must be above zero")
        return Give(slug, currency, fixed_minor=minor)

    return parse


def share_or_sum(slug: str) -> Callable[[Any, str], Give]:
    """Reads "10.00", or {percent: 10, max: "30.00"} of which the maximum may be left out."""

    def parse(value: Any, currency: str) -> Give:
        if isinstance(value, str):
            return fixed_sum(slug)(value, currency)
        part = {"percent": value} if isinstance(value, int | float) and not isinstance(value, bool) else value
        if not isinstance(part, dict) or set(part) - {"percent", "max"} or "percent" not in part:
            raise ValueError(f'write {{{slug}: "5.00"}} or {{{slug}: {{percent: 10, max: "30.00"}}}}')
        maximum = part.get("max")
        if maximum is not None and not isinstance(maximum, str):
            raise ValueError('max must be a decimal string in quotes, max: "30.00"')
        most = to_minor(maximum, currency) if maximum is not None else None
        if most is not None and most <= 0:
            raise ValueError("max must be above zero")
        return Give(slug, currency, percent=parse_percent(str(part["percent"])), max_minor=most)

    return parse


def pieces(slug: str, family: str, repair: str) -> Callable[[Any, str], Give]:
    """Reads {name, quantity, cost}: whole pieces of a unit of that family, named after what they are."""

    def parse(value: Any, currency: str) -> Give:
        part = {"name": value} if isinstance(value, str) else value
        if (
            not isinstance(part, dict)
            or set(part) - {"name", "quantity", "cost"}
            or not str(part.get("name", "")).strip()
        ):
            raise ValueError(f"write {repair}")
        quantity, cost = part.get("quantity", 1), part.get("cost")
        if isinstance(quantity, bool) or not isinstance(quantity, int) or not 0 < quantity <= MOST_PIECES:
            raise ValueError(f"quantity is a whole number above zero; write {repair}")
        if cost is not None and not isinstance(cost, str):
            raise ValueError('cost must be a decimal string in quotes, cost: "8.00"')
        name = str(part["name"]).strip()
        each = to_minor(cost, currency) if cost is not None else None
        return Give(slug, f"{family}:{unit_name(name)}", fixed_minor=quantity, name=name, cost_minor=each)

    return parse


def unit_name(name: str) -> str:
    """A name as it stands in the name of a unit: "Tote bag" -> "tote-bag"."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return re.sub(r"[^\w]+", "-", plain).strip("-") or "item"


def sentence_of(words: str) -> Callable[[Give], str]:
    """A sentence about a sum or a share, put where `{}` stands."""

    def sentence(give: Give) -> str:
        if give.percent is None:
            return words.format(Amount(give.fixed_minor or 0, give.asset))
        most = "" if give.max_minor is None else f", at most {Amount(give.max_minor, give.asset)}"
        return words.format(f"{give.percent} %") + most

    return sentence


def pieces_sentence(words: str) -> Callable[[Give], str]:
    """A sentence about pieces, by `{count}` and `{name}`."""
    return lambda give: words.format(count=give.fixed_minor, name=give.name)
