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
    at: list[str] = field(default_factory=lambda: ["touch"])


class FriendsPart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Who counts as a friend: what "new" means, and conditions."""

    new: Annotated[str, Meta(description='never_bought (default), no_account, anyone, or "not_for 180d".')] = (
        "never_bought"
    )
    conditions: _Conditions = field(default_factory=list, name="if")
    at: list[str] = field(default_factory=lambda: ["join"])


class AttributionPart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Which touch wins and when a friend is bound."""

    methods: list[str] = field(default_factory=lambda: ["named", "code", "click"])
    touch: Literal["last", "first"] = "last"
    window: str = "30d"
    bind: Literal["join_or_first_milestone", "join", "milestone"] = "join_or_first_milestone"
    late_claim: str = "14d"
    bound: Annotated[str, Meta(description='for_life (default), until_rewarded, or "lapses after 180d".')] = "for_life"


class MilestonePart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """An event (with count, minimum, base and span) or a moment after another milestone."""

    event: Annotated[str | None, Meta(description="Event type that reaches it: signup, purchase, or your own.")] = None
    count: Annotated[
        int, Meta(ge=1, le=10_000, description="Which one of them, counted before conditions are looked at.")
    ] = 1
    min: Annotated[str | None, Meta(description='Minimum as a decimal string, "50.00".')] = None
    of: Literal["net", "gross", "items"] = "net"
    within: Annotated[str | None, Meta(description='"30d of joined": inclusive, N x 24 h.')] = None
    first_matching: bool = False
    first_order_decides: bool = False
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

    grants: int | str | None = None
    joins: int | str | None = None
    amount: str | None = None
    over: Literal["person", "friend", "code", "program", "client"] = "person"
    edge: Literal["none", "partial", "last_whole"] = "none"
    reopen: bool = True


class PromisePart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Who gets what at which milestone."""

    to: Literal["advocate", "friend"]
    on: _Name
    give: Annotated[
        dict[str, Any],
        Meta(
            description='One kind of reward: {cash: "10.00"}, {percent: {percent: 10, max: "30.00"}}, {voucher: "20.00"}.'
        ),
    ]
    hold: Annotated[
        str | None, Meta(description='Days after the milestone in which a reward can still be voided, "14d".')
    ] = None
    limit: LimitPart | list[LimitPart] | None = None


class BudgetPart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What may be spent in all."""

    amount: str
    reserve: Literal["join", "grant"] = "join"
    at_end: Literal["stop_new", "while_funds_last"] = "stop_new"
    alerts: list[int] = field(default_factory=lambda: [50, 80, 95])


class ScreeningPart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Points from which a referral is held or denied; signals that are switched off."""

    hold_at: Annotated[int, Meta(ge=1, le=100)] = 30
    deny_at: Annotated[int, Meta(ge=1, le=101)] = 70
    off: list[str] = field(default_factory=list)


class TakingBackPart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """How a reward that was already sent comes back: netted against later ones, then written off."""

    net_within: str = "365d"
    friend_debt: bool = False


class DisclosurePart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What the advocate may learn of the friend's steps."""

    advocate_sees: Literal["nothing", "steps", "steps_with_dates", "reasons"] = "steps"


class FieldPart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A field of `data` that conditions use: its type, and the statement that it is not personal."""

    type: Literal["text", "number", "date"] = "text"
    personal: bool = True


class ProgramDocument(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A program: what a client promises to people who refer. Silence means the default shown."""

    program: _Slug
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    type: str
    currency: str
    milestones: dict[_Name, MilestonePart]
    promises: list[PromisePart]
    timezone: str = "UTC"
    runs: RunsPart = field(default_factory=RunsPart)
    objective: dict[str, Any] = field(default_factory=dict)
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
