"""A fixed sum of money in the program's currency."""

from __future__ import annotations

from typing import Any

from goodword.core.amounts import Amount, to_minor
from goodword.core.kind import Give, RewardKind


def _parse(value: Any, currency: str) -> Give:
    if not isinstance(value, str):
        raise ValueError(f'{value!r} is not an amount; write a decimal string in quotes, {{cash: "10.00"}}')
    minor = to_minor(value, currency)
    if minor <= 0:
        raise ValueError("the amount must be above zero")
    return Give("cash", currency, fixed_minor=minor)


def _sentence(give: Give) -> str:
    return str(Amount(give.fixed_minor or 0, give.asset))


CASH = RewardKind(
    slug="cash",
    title="Cash",
    help=__doc__ or "",
    schema={"type": "string", "pattern": r"^\d+(\.\d+)?$", "examples": ["10.00"]},
    parse=_parse,
    amount_minor=lambda give, base: give.fixed_minor,
    most_minor=lambda give: give.fixed_minor,
    sentence=_sentence,
)
