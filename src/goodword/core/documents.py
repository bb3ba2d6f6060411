"""How is a program written down? The shape of the YAML document; JSON Schema, docs and errors derive from these definitions."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, field

from goodword.core.events import Problem

_Slug = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,63}$", description="Lower case letters, digits and hyphens.")]
_Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
_Conditions = Annotated[
    list[str], Meta(description='Conditions such as "friend.country in [DE, AT]"; all must be met.')
]


class RunsPart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """When the program runs: calendar days in its time zone, each inclusive."""

    start: Annotated[date | None, Meta(description="First day.")] = field(default=None, name="from")
    last_touch: Annotated[date | None, Meta(description="Last day on which a touch counts.")] = None
    last_join: Annotated[date | None, Meta(description="Last day on which a friend may join.")] = None
    last_milestone: Annotated[date | None, Meta(description="Last day on which a milestone may be reached.")] = None


class AdvocatesPart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Who may refer, and at which moments that is looked at."""

    who: Annotated[str, Meta(description="anyone, customers (have bought before), or audience:NAME.")] = "anyone"
    conditions: _Conditions = field(default_factory=list, name="if")
    at: Annotated[list[str], Meta(description="When: touch, join, milestone, release.")] = field(
        default_factory=lambda: ["touch"]
    )


class FriendsPart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Who counts as a friend: what "new" means, and conditions."""

    new: Annotated[str, Meta(description='never_bought (default), no_account, anyone, or "not_for 180d".')] = (
        "never_bought"
    )
    conditions: _Conditions = field(default_factory=list, name="if")
    at: Annotated[list[str], Meta(description="When: touch, join, milestone, release.")] = field(
        default_factory=lambda: ["join"]
    )


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
    bound: Annotated[str, Meta(description='for_life (default), until_rewarded, or "lapses after 180d".')] = "for_life"


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
    grace: Annotated[str | None, Meta(description="How long an unknown may be waited for.")] = None
    without: Annotated[list[str], Meta(description="Event types that must not happen before the moment.")] = field(
        default_factory=list
    )
    conditions: _Conditions = field(default_factory=list, name="if")


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
    on: Annotated[_Name, Meta(description="The milestone.")]
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


class ScreeningPart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Points from which a referral is held or denied; signals that are switched off."""

    hold_at: Annotated[int, Meta(ge=1, le=100, description="Points from which a person looks.")] = 30
    deny_at: Annotated[int, Meta(ge=1, le=101, description="Points from which it is denied; 101: never.")] = 70
    off: Annotated[list[str], Meta(description="Signals that do not look.")] = field(default_factory=list)


class TakingBackPart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """How a reward that was already sent comes back: netted against later ones, then written off."""

    net_within: Annotated[str, Meta(description="How long it is netted before it is written off.")] = "365d"
    friend_debt: Annotated[bool, Meta(description="Whether a friend owes what was sent.")] = False


class DisclosurePart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What the advocate may learn of the friend's steps."""

    advocate_sees: Annotated[
        Literal["nothing", "steps", "steps_with_dates", "reasons"],
        Meta(description="Never amounts, purchases or fraud rules, whatever the level."),
    ] = "steps"


class FieldPart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A field of `data` that conditions use: its type, and the statement that it is not personal."""

    type: Annotated[Literal["text", "number", "date"], Meta(description="What it holds.")] = "text"
    personal: Annotated[
        bool,
        Meta(description="Only a field that is not personal may lie in plain, so only such a field can be compared."),
    ] = True


class ProgramDocument(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A program: what a client promises to people who refer. Silence means the default shown."""

    program: _Slug
    name: Annotated[str, Meta(min_length=1, max_length=200, description="What people call it.")]
    type: Annotated[str, Meta(description="The template that fills in what is left out.")]
    currency: Annotated[str, Meta(description="ISO 4217, upper case.")]
    milestones: dict[_Name, MilestonePart]
    promises: list[PromisePart]
    timezone: Annotated[str, Meta(description="Calendar of days, months and limits.")] = "UTC"
    runs: RunsPart = field(default_factory=RunsPart)
    objective: Annotated[dict[str, Any], Meta(description="What it is for; kept, not interpreted.")] = field(
        default_factory=dict
    )
    advocates: AdvocatesPart = field(default_factory=AdvocatesPart)
    friends: FriendsPart = field(default_factory=FriendsPart)
    attribution: AttributionPart = field(default_factory=AttributionPart)
    budget: BudgetPart | None = None
    screening: Literal["off"] | ScreeningPart | None = None
    disclosure: DisclosurePart = field(default_factory=DisclosurePart)
    taking_back: TakingBackPart = field(default_factory=TakingBackPart)
    fields: dict[str, FieldPart] = field(default_factory=dict)
    landing: Annotated[str, Meta(pattern=r"^https?://", description="Page that a referral link leads to.")] | None = (
        None
    )


_WHERE = re.compile(r" - at `(key )?\$\.?([^`]*)`")


def document_problem(error: msgspec.ValidationError) -> Problem:
    """The reader's complaint as a problem with its place and a repair."""
    text = str(error)
    where = _WHERE.search(text)
    place = where.group(2) if where else ""
    why = _WHERE.sub("", text)
    unknown = re.search(r"unknown field `([^`]+)`", why)
    if unknown:
        place = f"{place}.{unknown.group(1)}".lstrip(".")
        return Problem(
            place,
            "is not a field that the terms know",
            "check the spelling against the program documentation",
            "unknown_field",
        )
    missing = re.search(r"missing required field `([^`]+)`", why)
    if missing:
        return Problem(f"{place}.{missing.group(1)}".lstrip("."), "is missing", "add it", "missing")
    return Problem(place, why, "see the program documentation", "terms")


def program_schema() -> dict[str, Any]:
    """JSON Schema of a program document."""
    return msgspec.json.schema(ProgramDocument)
