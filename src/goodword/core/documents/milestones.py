"""How is it written what has to happen?"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, field

from goodword.core.documents.names import Conditions, IfLate


class RepeatPart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """How often a milestone is reached: each event of its kind, or its moment again and again, is an occurrence."""

    most: Annotated[
        Annotated[int, Meta(ge=1, le=1200)] | None,
        Meta(description="How many occurrences count, those taken back left out."),
    ] = None
    gap: Annotated[
        Literal["stop", "go_on"] | None,
        Meta(
            description="What one that failed does to those after it: moments stop (default), events go on (default)."
        ),
    ] = None


class MilestonePart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """An event (with count, minimum, base and span) or a moment after another milestone."""

    event: Annotated[str | None, Meta(description="Event type that reaches it: signup, purchase, or your own.")] = None
    count: Annotated[
        int, Meta(ge=1, le=10_000, description="Which one of them, counted before conditions are looked at.")
    ] = 1
    min: Annotated[str | None, Meta(description='Minimum as a decimal string, "50.00".')] = None
    of: Annotated[
        Literal["net", "gross", "items"],
        Meta(description="Base of minimum and percent: net is without tax and shipping."),
    ] = "net"
    within: Annotated[str | None, Meta(description='"30d of joined": inclusive, N x 24 h.')] = None
    first_matching: Annotated[bool, Meta(description="The first order that meets the conditions counts.")] = False
    first_order_decides: Annotated[
        bool, Meta(description="A first order taken back ends the referral; no later one takes its place.")
    ] = False
    cancelled_by: Annotated[
        str | None, Meta(description='What a cancel must name to take it back: "subscription", "deal" ...')
    ] = None
    moment: Annotated[str | None, Meta(description='"90d after first_order" or "3 months after joined".')] = None
    repeat: Annotated[
        RepeatPart | None, Meta(description="Reached again and again: every payment, or every month after the join.")
    ] = None
    grace: Annotated[str | None, Meta(description="How long an unknown may be waited for.")] = None
    without: Annotated[list[str], Meta(description="Event types that must not happen before it.")] = field(
        default_factory=list
    )
    conditions: Conditions = field(default_factory=list, name="if")
    if_late: IfLate = None
