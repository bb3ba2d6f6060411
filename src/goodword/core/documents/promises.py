"""How is it written what is given, how often, and out of what?"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, field

from goodword.core.documents.names import Name


class LimitPart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """At most so many grants or joins, or so much, over whom and per period; `edge` says what happens at the last one."""

    grants: Annotated[int | str | None, Meta(description='Rewards: "5 per month"; a bare number is for life.')] = None
    joins: Annotated[int | str | None, Meta(description="Friends who may join.")] = None
    amount: Annotated[str | None, Meta(description='Sum of the rewards: "100.00 per year".')] = None
    open: Annotated[int | str | None, Meta(description="Friends on their way at the same time.")] = None
    payments: Annotated[int | str | None, Meta(description='Rewards that become payable: "1 per month".')] = None
    over: Annotated[
        Literal["person", "friend", "code", "channel", "household", "organization", "program", "client"],
        Meta(description="Over whom it is counted; person: the payee."),
    ] = "person"
    dated: Annotated[
        Literal["milestone", "join", "grant"], Meta(description="The date that puts an item into the period.")
    ] = "milestone"
    edge: Annotated[
        Literal["none", "partial", "last_whole"], Meta(description="What an amount that no longer fits gives.")
    ] = "none"
    reopen: Annotated[bool, Meta(description="Whether a reward taken back frees its place for later friends.")] = True


Gift = dict[str, Any]


class TierPart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One step of a ladder: a gift once at a place, or for each friend from a place on."""

    give: Annotated[Gift, Meta(description='One kind of reward: {cash: "25.00"}.')]
    at: Annotated[int | str | None, Meta(description='Given once, exactly here: 5 friends, or "500.00" of orders.')] = (
        None
    )
    start: Annotated[
        int | str | None, Meta(description='Given for each friend from here on: 3 friends, or "1000.00" of orders.')
    ] = field(default=None, name="from")


class WhenPart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """How many friends (or how much) it takes: at the nth, at every nth, from the nth on, or a ladder of tiers."""

    nth: Annotated[Annotated[int, Meta(ge=1, le=100_000)] | None, Meta(description="Once, exactly at this friend.")] = (
        None
    )
    every: Annotated[Annotated[int, Meta(ge=1, le=100_000)] | None, Meta(description="At every so many friends.")] = (
        None
    )
    start: Annotated[Annotated[int, Meta(ge=1)] | None, Meta(description="For each friend from this one on.")] = field(
        default=None, name="from"
    )
    tiers: Annotated[list[TierPart] | None, Meta(description="Several steps, each with its own gift.")] = None
    by: Annotated[Literal["count", "amount"], Meta(description="What is counted: friends, or their orders' base.")] = (
        "count"
    )
    per: Annotated[
        Literal["day", "week", "month", "quarter", "year", "fiscal_year", "lifetime"],
        Meta(description="The period over which it is counted, in the program's zone."),
    ] = "lifetime"
    apply: Annotated[
        Literal["from_here_on", "whole_period", "slice"],
        Meta(
            description="Tiers with from: for what comes after, or with a true-up at the close of the period for all of it"
            " or for each slice at its own tier."
        ),
    ] = "from_here_on"
    shrinks: Annotated[
        Literal["suspend", "keep", "take_back"],
        Meta(
            description="What becomes of a reward when its number is no longer reached: suspended until earned again"
            " (kept once sent), kept, or taken back."
        ),
    ] = "suspend"


class ClaimPart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The payee has to say yes (or to choose) in time."""

    within: Annotated[str, Meta(description='How long after the milestone, "7d".')]
    otherwise: Annotated[
        Literal["default", "forfeit", "chance"],
        Meta(description="Else the first gift, nothing, or one by a recorded random number."),
    ] = "default"


class PromisePart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Who gets what at which milestone."""

    to: Annotated[
        Literal["advocate", "friend", "person", "agent"],
        Meta(
            description="Who gets it; person: for an own act, without any friend; agent: who registered the referral."
        ),
    ]
    on: Annotated[Name, Meta(description="The milestone.")]
    give: Annotated[
        Gift | list[Gift],
        Meta(
            description='One kind of reward: {cash: "10.00"}, {percent: {percent: 10, max: "30.00"}}, {voucher: "20.00"};'
            " {choice: [...]} or {chance: [...]} of several; or a table, a list of such gifts each with its"
            ' conditions: [{if: [order.product == gold], cash: "50.00"}, {cash: "20.00"}], where the first line that'
            " holds is given."
        ),
    ] = field(default_factory=dict)
    when: Annotated[WhenPart | None, Meta(description="How many friends it takes; silent: each one.")] = None
    claim: Annotated[ClaimPart | None, Meta(description="The payee has to claim or choose it in time.")] = None
    hold: Annotated[
        str | None, Meta(description='Days after the milestone in which a reward can still be voided, "14d".')
    ] = None
    limit: Annotated[LimitPart | list[LimitPart] | None, Meta(description="One limit or several.")] = None


class SharedLimitPart(LimitPart, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """A limit over all promises to one role together: 2,000 a fiscal year."""

    to: Annotated[Literal["advocate", "friend", "person", "agent"], Meta(description="Whose promises it counts.")]


class StackingPart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What is given where one fact fulfils several promises."""

    promises: Annotated[
        Literal["all", "best", "first"],
        Meta(description="To one person in this program: all of them, the best one, or the first of the document."),
    ] = "all"
    programs: Annotated[
        dict[str, Literal["all", "best", "before", "after"]],
        Meta(description="With another program: both are given, the better one, this one before it, or after it."),
    ] = field(default_factory=dict)


class BudgetPart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What may be spent in all."""

    amount: Annotated[str, Meta(description="A decimal string in the program's currency.")]
    reserve: Annotated[Literal["join", "grant"], Meta(description="When it is set aside.")] = "join"
    at_end: Annotated[
        Literal["stop_new", "while_funds_last"],
        Meta(description="New friends are promised nothing and joined ones honoured, or grants stop at zero."),
    ] = "stop_new"
    alerts: Annotated[list[int], Meta(description="Percent spent at which the client is told.")] = field(
        default_factory=lambda: [50, 80, 95]
    )


class TakingBackPart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """How a reward that was already sent comes back: netted against later ones, then written off."""

    net_within: Annotated[str, Meta(description="How long it is netted before it is written off.")] = "365d"
    friend_debt: Annotated[bool, Meta(description="Whether a friend owes what was sent.")] = False
