"""A voucher for a later purchase: of a fixed value, or a percentage with a maximum, which is what it can cost at most."""

from __future__ import annotations

from typing import Any

from goodword.core.amounts import Amount, parse_percent, to_minor
from goodword.core.kind import Give, RewardKind


def _parse(value: Any, currency: str) -> Give:
    if isinstance(value, str):
        minor = to_minor(value, currency)
        if minor <= 0:
            raise ValueError("the value must be above zero")
        return Give("voucher", currency, fixed_minor=minor)
    if not isinstance(value, dict) or set(value) != {"percent", "max"} or not isinstance(value["max"], str):
        raise ValueError(
            'write {voucher: "20.00"} or {voucher: {percent: 20, max: "30.00"}}; without a maximum its cost is unknown'
        )
    most = to_minor(value["max"], currency)
    if most <= 0:
        raise ValueError("max must be above zero")
    return Give("voucher", currency, fixed_minor=most, percent=parse_percent(str(value["percent"])), max_minor=most)


def _sentence(give: Give) -> str:
    if give.percent is not None:
        return f"a voucher of {give.percent} %, at most {Amount(give.max_minor or 0, give.asset)}"
    return f"a voucher of {Amount(give.fixed_minor or 0, give.asset)}"


VOUCHER = RewardKind(
    slug="voucher",
    title="Voucher",
    help=__doc__ or "",
    schema={
        "oneOf": [{"type": "string"}, {"type": "object", "required": ["percent", "max"], "additionalProperties": False}]
    },
    parse=_parse,
    amount_minor=lambda give, base: give.fixed_minor,
    most_minor=lambda give: give.fixed_minor,
    sentence=_sentence,
)
