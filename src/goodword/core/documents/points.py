"""How is it written what people collect, when it expires, and what it is redeemed for?"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, field


class CostPart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What one unit costs the client from a day on."""

    start: Annotated[date, Meta(description="First day on which it costs that.")] = field(name="from")
    each: Annotated[str, Meta(description='A decimal string in the program\'s currency, "0.01".')]


class ExpiryPart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """When collected points are gone: a span after they were earned, the end of a period, or a span without activity."""

    after: Annotated[str | None, Meta(description='So long after they were earned: "365d" or "12 months".')] = None
    end_of: Annotated[
        Literal["month", "quarter", "year", "fiscal_year"] | None,
        Meta(description="At the end of the period in which they were earned, in the program's zone."),
    ] = None
    more: Annotated[int, Meta(ge=0, le=120, description="So many periods later: 1 is the end of the next one.")] = 0
    idle: Annotated[str | None, Meta(description='All of them after so long without activity: "12 months".')] = None
    activity: Annotated[
        Literal["any", "earning"], Meta(description="What counts as activity: earning and redeeming, or earning alone.")
    ] = "any"


class UnitPart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A named unit that people collect; its name begins with PTS:."""

    name: Annotated[str, Meta(min_length=1, max_length=100, description="What people call them: Club points.")]
    cost: Annotated[
        CostPart | list[CostPart] | None,
        Meta(description="What one costs, dated; what is outstanding is a liability of so much money."),
    ] = None
    expires: Annotated[ExpiryPart | None, Meta(description="When they are gone; silent: never.")] = None
    wallet: Annotated[Literal["person", "household"], Meta(description="Whose wallet they are collected in.")] = (
        "person"
    )
    notices: Annotated[list[str], Meta(description="How long before they expire the person is told; [] for never.")] = (
        field(default_factory=lambda: ["30d", "7d"])
    )
    cancel_within: Annotated[str, Meta(description="How long a redemption can be cancelled.")] = "30d"


class ItemPart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Something that points are redeemed for."""

    name: Annotated[str, Meta(min_length=1, max_length=200, description="What it is called.")]
    points: Annotated[int, Meta(ge=1, le=10**12, description="What one of it takes.")]
    unit: Annotated[str | None, Meta(description="Of which unit, where the program has several.")] = None
    stock: Annotated[
        Annotated[int, Meta(ge=0)] | None,
        Meta(description="How many there are in all; raise it to restock. Silent: no end."),
    ] = None
    limit: Annotated[int | str | None, Meta(description='How many one wallet may take: 1, or "2 per year".')] = None
    cost: Annotated[str | None, Meta(description="What one costs the client in the program's currency.")] = None
    start: Annotated[date | None, Meta(description="First day on which it can be redeemed.")] = field(
        default=None, name="from"
    )
    until: Annotated[date | None, Meta(description="Last day on which it can be redeemed.")] = None
