"""How is it written who may take part, when, and by which touches?"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, field

from goodword.core.documents.names import Conditions, IfLate, Name


class RunsPart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """When the program runs: calendar days in its time zone, each inclusive."""

    start: Annotated[date | None, Meta(description="First day.")] = field(default=None, name="from")
    last_touch: Annotated[date | None, Meta(description="Last day on which a touch counts.")] = None
    last_join: Annotated[date | None, Meta(description="Last day on which a friend may join.")] = None
    last_milestone: Annotated[date | None, Meta(description="Last day on which a milestone may be reached.")] = None
    notice: Annotated[
        str | None,
        Meta(description='How long before that day ends those who are still on their way are told, "14d"; silent: never.'),
    ] = None


class AdvocatesPart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Who may refer, and at which moments that is looked at."""

    who: Annotated[str, Meta(description="anyone, customers (have bought before), or audience:NAME.")] = "anyone"
    conditions: Conditions = field(default_factory=list, name="if")
    at: Annotated[list[str], Meta(description="When: touch, join, milestone, release, payment.")] = field(
        default_factory=lambda: ["touch"]
    )
    if_late: IfLate = None


class FriendsPart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Who counts as a friend: what "new" means, and conditions."""

    new: Annotated[str, Meta(description='never_bought (default), no_account, anyone, or "not_for 180d".')] = (
        "never_bought"
    )
    scope: Annotated[
        Literal["client", "group", "household", "organization"],
        Meta(
            description="Whose orders or account count as the friend's. group: other brands tell it by the attributes"
            ' group_last_order or group_known_since, a day or "never".'
        ),
    ] = "client"
    no_open: Annotated[
        list[Name],
        Meta(description="What must not be open at the touch: quote (from quote_opened to quote_closed), application."),
    ] = field(default_factory=list)
    conditions: Conditions = field(default_factory=list, name="if")
    at: Annotated[list[str], Meta(description="When: touch, join, milestone, release, payment.")] = field(
        default_factory=lambda: ["join"]
    )
    if_late: IfLate = None


class ContractsPart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Referrers accept a contract of their own, whose values hold for them in place of the program's."""

    needed: Annotated[bool, Meta(description="Whether nobody refers without a contract in force.")] = True
    tail: Annotated[
        str, Meta(description="How long a contract that ended still earns by friends who came before; 0d: not at all.")
    ] = "0d"


class ChannelsPart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What holds where the sign-up or order came through another channel, or brought the code of another program."""

    refuse: Annotated[
        list[str],
        Meta(description="Channels through which nobody refers, whatever code is given: comparison, affiliate."),
    ] = field(default_factory=list)
    outranked_by: Annotated[
        list[str], Meta(description="Channels that outrank every touch but a code or name given at that very event.")
    ] = field(default_factory=list)
    other_code: Annotated[
        Literal["ignore", "refuse", "outrank"],
        Meta(description="What the code of another program at the event does to the touches of this one."),
    ] = "ignore"


class AttributionPart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Which touch wins and when a friend is bound."""

    methods: Annotated[list[str], Meta(description="Kinds of touches that count, the strongest first.")] = field(
        default_factory=lambda: ["named", "code", "click"]
    )
    touch: Annotated[Literal["last", "first"], Meta(description="Which of several clicks wins.")] = "last"
    window: Annotated[str, Meta(description="How long before the binding a touch may lie, inclusive.")] = "30d"
    bind: Annotated[
        Literal["join_or_first_milestone", "join", "milestone"], Meta(description="Where a touch may win the friend.")
    ] = "join_or_first_milestone"
    late_claim: Annotated[
        str, Meta(description="How long after the milestone a forgotten code may be claimed; 0d: never.")
    ] = "14d"
    promise_days: Annotated[
        int,
        Meta(
            ge=0,
            le=365,
            description="So long after a referrer shared it, a version holds for the referrer's part where the one at the touch"
            " promises less; 0: never.",
        ),
    ] = 30
    bound: Annotated[str, Meta(description='for_life (default), until_rewarded, or "lapses after 180d".')] = "for_life"
    channels: Annotated[ChannelsPart, Meta(description="Orders that came through other channels.")] = field(
        default_factory=ChannelsPart
    )
    split: Annotated[Any, Meta(description="Not supported: a referral has one advocate, its credit is not split.")] = (
        None
    )
