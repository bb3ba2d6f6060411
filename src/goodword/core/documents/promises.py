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
    over: Annotated[
        Literal["person", "friend", "code", "program", "client"],
        Meta(description="Over whom it is counted; person: the payee."),
    ] = "person"
    edge: Annotated[
        Literal["none", "partial", "last_whole"], Meta(description="What an amount that no longer fits gives.")
    ] = "none"
    reopen: Annotated[bool, Meta(description="Whether a reward taken back frees its place for later friends.")] = True


class PromisePart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Who gets what at which milestone."""

    to: Annotated[Literal["advocate", "friend"], Meta(description="Who gets it.")]
    on: Annotated[Name, Meta(description="The milestone.")]
    give: Annotated[
        dict[str, Any],
        Meta(
            description='One kind of reward: {cash: "10.00"}, {percent: {percent: 10, max: "30.00"}}, {voucher: "20.00"}.'
        ),
    ]
    hold: Annotated[
        str | None, Meta(description='Days after the milestone in which a reward can still be voided, "14d".')
    ] = None
    limit: Annotated[LimitPart | list[LimitPart] | None, Meta(description="One limit or several.")] = None


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
