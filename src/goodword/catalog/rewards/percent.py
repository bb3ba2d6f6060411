"""A share of the order that reached the milestone, in the program's currency, optionally with a maximum."""

from __future__ import annotations

from typing import Any

from goodword.core.amounts import Amount, parse_percent, percent_of, to_minor
from goodword.core.kind import Give, RewardKind


def _parse(value: Any, currency: str) -> Give:
    part = value if isinstance(value, dict) else {"percent": value}
    unknown = set(part) - {"percent", "max"}
    if unknown or "percent" not in part:
        raise ValueError('write {percent: 10} or {percent: {percent: 10, max: "30.00"}}')
    maximum = part.get("max")
    if maximum is not None and not isinstance(maximum, str):
        raise ValueError('max must be a decimal string in quotes, max: "30.00"')
    most = to_minor(maximum, currency) if maximum is not None else None
    if most is not None and most <= 0:
        raise ValueError("max must be above zero")
    return Give("percent", currency, percent=parse_percent(str(part["percent"])), max_minor=most)


def _amount_minor(give: Give, base: int | None) -> int | None:
    if base is None or give.percent is None:
        return None
    minor = percent_of(base, give.percent)
    return minor if give.max_minor is None else min(minor, give.max_minor)


def _sentence(give: Give) -> str:
    most = "" if give.max_minor is None else f", at most {Amount(give.max_minor, give.asset)}"
    return f"{give.percent} % of the order{most}"


PERCENT = RewardKind(
    slug="percent",
    title="Percent of the order",
    help=__doc__ or "",
    schema={
        "oneOf": [
            {"type": ["number", "string"], "examples": [10]},
            {
                "type": "object",
                "required": ["percent"],
                "properties": {
                    "percent": {"type": ["number", "string"], "description": "Of the order's base."},
                    "max": {"type": "string", "description": "At most so much."},
                },
                "additionalProperties": False,
            },
        ]
    },
    parse=_parse,
    amount_minor=_amount_minor,
    most_minor=lambda give: give.max_minor,
    sentence=_sentence,
)
