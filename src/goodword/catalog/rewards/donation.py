"""A donation that the client makes in the person's name: a fixed sum, to the cause that the terms name."""

from __future__ import annotations

from typing import Any

import msgspec

from goodword.catalog.sums import MONEY, fixed_sum
from goodword.core.amounts import Amount
from goodword.core.kind import Give, RewardKind


def _parse(value: Any, currency: str) -> Give:
    if not isinstance(value, dict) or set(value) != {"amount", "to"} or not str(value["to"]).strip():
        raise ValueError('write {donation: {amount: "10.00", to: "Sea Rescue"}}')
    give = fixed_sum("donation")(value["amount"], currency)
    return msgspec.structs.replace(give, name=str(value["to"]).strip())


DONATION = RewardKind(
    slug="donation",
    title="Donation",
    help=__doc__ or "",
    schema={
        "type": "object",
        "required": ["amount", "to"],
        "properties": {"amount": MONEY, "to": {"type": "string", "minLength": 1}},
        "additionalProperties": False,
    },
    parse=_parse,
    amount_minor=lambda give, base: give.fixed_minor,
    most_minor=lambda give: give.fixed_minor,
    sentence=lambda give: f"a donation of {Amount(give.fixed_minor or 0, give.asset)} to {give.name}",
)
