"""A commission on what was ordered: one rate with a maximum, or rates by the order's value, on the whole or slice by slice."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from goodword.catalog.sums import MONEY, money_or_share, share_or_sum
from goodword.core.amounts import Amount, parse_percent, percent_of, to_minor
from goodword.core.kind import Band, Give, RewardKind

_REPAIR = 'write {commission: {bands: [{to: "25000.00", percent: 10}, {percent: 12}], on: whole}} (or on: slice)'


def _parse(value: Any, currency: str) -> Give:
    if not isinstance(value, dict) or "bands" not in value:
        return share_or_sum("commission")(value, currency)
    bands = value["bands"]
    if set(value) - {"bands", "on", "max"} or value.get("on", "whole") not in ("whole", "slice"):
        raise ValueError(_REPAIR)
    if not isinstance(bands, list) or len(bands) < 2 or not all(isinstance(band, dict) for band in bands):
        raise ValueError(_REPAIR)
    most = value.get("max")
    if most is not None and not isinstance(most, str):
        raise ValueError('max must be a decimal string in quotes, max: "500.00"')
    read = tuple(_band(band, currency, is_last=n == len(bands) - 1) for n, band in enumerate(bands))
    ends = [band.to_minor for band in read if band.to_minor is not None]
    if ends != sorted(set(ends)):
        raise ValueError("the bands must rise: each `to` above the one before it")
    return Give(
        "commission",
        currency,
        bands=read,
        is_sliced=value.get("on") == "slice",
        max_minor=to_minor(most, currency) if most else None,
    )


def _band(band: dict[str, Any], currency: str, *, is_last: bool) -> Band:
    if set(band) - {"to", "percent"} or "percent" not in band or ("to" in band) is is_last:
        raise ValueError(_REPAIR)
    return Band(parse_percent(str(band["percent"])), None if is_last else to_minor(str(band["to"]), currency))


def _amount_minor(give: Give, base: int | None) -> int | None:
    """By the band of the whole value (an order of exactly `to` lies above it), or each slice by its own band."""
    if not give.bands:
        return give.worth_minor(base)
    if base is None:
        return None
    total, begins = Decimal(0), 0
    for band in give.bands:
        is_here = band.to_minor is None or base < band.to_minor
        if not give.is_sliced:
            if is_here:
                return give.at_most(percent_of(base, band.percent))
            continue
        top = base if is_here or band.to_minor is None else band.to_minor
        total += Decimal(top - begins) * band.percent
        begins = top
        if is_here:
            break
    return give.at_most(_half_up(total))


def _half_up(hundredths: Decimal) -> int:
    return int((hundredths / 100 + Decimal("0.5")) // 1)


def _sentence(give: Give) -> str:
    if not give.bands:
        share = (
            f"{give.percent} % of the order" if give.percent is not None else Amount(give.fixed_minor or 0, give.asset)
        )
        most = "" if give.max_minor is None else f", at most {Amount(give.max_minor, give.asset)}"
        return f"a commission of {share}{most}"
    parts = [
        f"{band.percent} % below {Amount(band.to_minor, give.asset)}"
        if band.to_minor is not None
        else f"{band.percent} % above"
        for band in give.bands
    ]
    return f"a commission of {', '.join(parts)}" + (", slice by slice" if give.is_sliced else "")


COMMISSION = RewardKind(
    slug="commission",
    title="Commission",
    help=__doc__ or "",
    schema={
        "oneOf": [
            *money_or_share(needs_max=False)["oneOf"],
            {
                "type": "object",
                "title": "rates by the order's value",
                "required": ["bands"],
                "properties": {
                    "bands": {
                        "type": "array",
                        "minItems": 2,
                        "description": "By the value of the order; the last one has no end.",
                        "items": {
                            "type": "object",
                            "properties": {
                                "to": {**MONEY, "title": "Below"},
                                "percent": {"type": ["number", "string"], "title": "Rate in %"},
                            },
                            "required": ["percent"],
                        },
                    },
                    "on": {
                        "enum": ["whole", "slice"],
                        "title": "Rate of",
                        "description": "whole: one rate for the whole order; slice: each slice of it at its own rate.",
                    },
                    "max": {**MONEY, "description": "At most so much."},
                },
                "additionalProperties": False,
            },
        ]
    },
    parse=_parse,
    amount_minor=_amount_minor,
    most_minor=lambda give: give.max_minor if give.bands else give.most_minor,
    sentence=_sentence,
)
