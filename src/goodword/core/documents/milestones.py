"""How is it written what has to happen?"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, field

from goodword.core.documents.names import Conditions, IfLate, Name


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
    """One of: an event, events counted together, a moment after another milestone, or other milestones combined."""

    event: Annotated[str | None, Meta(description="Event type that reaches it: signup, purchase, or your own.")] = None
    counts: Annotated[
        str | None, Meta(description="Event type of which so many (count), so much (sum) or so many days are needed.")
    ] = None
    all: Annotated[list[Name] | None, Meta(description="Milestones above, each of which has to be reached.")] = None
    any: Annotated[list[Name] | None, Meta(description="Milestones above, one of which has to be reached.")] = None
    among: Annotated[
        list[Name] | None, Meta(description="Milestones above, so many of which (at_least) have to be reached.")
    ] = None
    at_least: Annotated[
        Annotated[int, Meta(ge=1, le=100)] | None, Meta(description="How many of those in among are needed.")
    ] = None
    in_order: Annotated[
        bool, Meta(description="Whether all has to be reached in the order in which it names them.")
    ] = False
    count: Annotated[
        int,
        Meta(ge=1, le=10_000, description="Which one of the events, counted before conditions; with counts: how many."),
    ] = 1
    sum: Annotated[
        str | None, Meta(description='With counts: sum of the amounts, net of what was given back, "500.00".')
    ] = None
    days: Annotated[
        Annotated[int, Meta(ge=1, le=10_000)] | None,
        Meta(description="With counts: distinct days in the program's zone."),
    ] = None
    only: Annotated[
        dict[str, list[str]],
        Meta(description="With counts: only items or events of these, {category: [shoes]}; declare the field first."),
    ] = field(default_factory=dict)
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
    moment: Annotated[
        str | None,
        Meta(
            description='"90d after first_order", "3 months after joined", "end of quarter of joined" or "on 2026-12-31".'
        ),
    ] = None
    pauses: Annotated[
        list[str],
        Meta(
            description="What stops a moment's clock: leave (from leave_started to leave_ended), or a condition such as"
            ' "friend.status == on_leave".'
        ),
    ] = field(default_factory=list)
    repeat: Annotated[
        RepeatPart | None, Meta(description="Reached again and again: every payment, or every month after the join.")
    ] = None
    grace: Annotated[str | None, Meta(description="How long an unknown may be waited for.")] = None
    without: Annotated[
        list[str] | dict[str, list[str]],
        Meta(description="Event types that must not happen before it; with counts also {kind: [transfer]}: left out."),
    ] = field(default_factory=list)
    conditions: Conditions = field(default_factory=list, name="if")
    if_late: IfLate = None
