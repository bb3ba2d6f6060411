"""How is a program written down as a whole? JSON Schema, docs and errors derive from these definitions."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, field

from goodword.core.documents.contests import ContestPart
from goodword.core.documents.markets import Country, MarketPart
from goodword.core.documents.milestones import MilestonePart
from goodword.core.documents.names import Name, Slug
from goodword.core.documents.people import AdvocatesPart, AttributionPart, ContractsPart, FriendsPart, RunsPart
from goodword.core.documents.points import ItemPart, UnitPart
from goodword.core.documents.promises import BudgetPart, PromisePart, SharedLimitPart, StackingPart, TakingBackPart


class ScreeningPart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Points from which a referral is held or denied; signals that are switched off."""

    hold_at: Annotated[int, Meta(ge=1, le=100, description="Points from which a person looks.")] = 30
    deny_at: Annotated[int, Meta(ge=1, le=101, description="Points from which it is denied; 101: never.")] = 70
    off: Annotated[list[str], Meta(description="Signals that do not look.")] = field(default_factory=list)


class DisclosurePart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What the advocate may learn of the friend's steps."""

    advocate_sees: Annotated[
        Literal["nothing", "steps", "steps_with_dates", "reasons"],
        Meta(description="Never amounts, purchases or fraud rules, whatever the level."),
    ] = "steps"


Decimal = Annotated[str, Meta(pattern=r"^\d{1,12}(\.\d{1,4})?$")]


class TargetPart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What shall be reached; the desk sets each figure against what was."""

    new_customers: Annotated[
        Annotated[int, Meta(ge=1)] | None, Meta(description="How many friends shall become customers.")
    ] = None
    cost_per_new_customer: Annotated[Decimal | None, Meta(description='At most so much for each, "15.00".')] = None
    cost: Annotated[Decimal | None, Meta(description='At most so much in all, "20000.00".')] = None


class ObjectivePart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What the program is for: kept beside the terms, and decides nothing."""

    why: Annotated[str, Meta(max_length=500, description="In a sentence of the client's own.")] = ""
    target: TargetPart = field(default_factory=TargetPart)


class FieldPart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A field of `data` that conditions use: its type, and the statement that it is not personal."""

    type: Annotated[Literal["text", "number", "date"], Meta(description="What it holds.")] = "text"
    personal: Annotated[
        bool,
        Meta(description="Only a field that is not personal may lie in plain, so only such a field can be compared."),
    ] = True


# Whose laws differ from those for everything else that is sold: "other".
Sector = Literal["insurance", "investments", "health", "employment", "banking", "gambling", "alcohol", "other"]


class ProgramDocument(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A program: what a client promises to people who refer. Silence means the default shown."""

    program: Slug
    name: Annotated[str, Meta(min_length=1, max_length=200, description="What people call it.")]
    type: Annotated[str, Meta(description="The template that fills in what is left out.")]
    currency: Annotated[str, Meta(description="ISO 4217, upper case.")]
    milestones: dict[Name, MilestonePart]
    promises: list[PromisePart]
    timezone: Annotated[str, Meta(description="Calendar of days, months and limits.")] = "UTC"
    sector: Annotated[
        Sector | None,
        Meta(description="Whose laws are looked at before it is published; silent: the client's sector."),
    ] = None
    places: Annotated[
        list[Annotated[str, Meta(pattern="^[A-Z]{2}(-[A-Z0-9]{1,3})?$")]],
        Meta(description="Countries or states whose laws are looked at: DE, US-NY; silent: its markets, else the client's."),
    ] = field(default_factory=list)
    languages: Annotated[
        list[Annotated[str, Meta(pattern="^[a-z]{2}$")]],
        Meta(description="Languages in which its texts are needed: en, de; silent: the client's."),
    ] = field(default_factory=list)
    runs: RunsPart = field(default_factory=RunsPart)
    objective: ObjectivePart = field(default_factory=ObjectivePart)
    advocates: AdvocatesPart = field(default_factory=AdvocatesPart)
    friends: FriendsPart = field(default_factory=FriendsPart)
    attribution: AttributionPart = field(default_factory=AttributionPart)
    contracts: Annotated[
        ContractsPart | None, Meta(description="Referrers accept contracts; {} for all that is silent, null for none.")
    ] = None
    limits: Annotated[list[SharedLimitPart], Meta(description="Limits over all promises to a role together.")] = field(
        default_factory=list
    )
    stacking: StackingPart = field(default_factory=StackingPart)
    fiscal_year: Annotated[
        str,
        Meta(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])$", description='First day of the fiscal year, "04-01".'),
    ] = "01-01"
    business_days: Annotated[
        int, Meta(ge=0, le=60, description="Working days after the hold by which the payee is to have a reward.")
    ] = 2
    payout_days: Annotated[
        list[int | str],
        Meta(
            description='Days on which rewards are paid out, after the working days: of the month (1 to 28, "last"),'
            " or of the week (friday); silent: any working day."
        ),
    ] = field(default_factory=list)
    holidays: Annotated[
        list[date],
        Meta(
            max_length=60,
            description="Days beside Saturdays and Sundays that are no working days: nothing is paid out on them, and none"
            " of them counts.",
        ),
    ] = field(default_factory=list)
    contest: Annotated[ContestPart | None, Meta(description="Most friends in a period win.")] = None
    budget: BudgetPart | None = None
    screening: Literal["off"] | ScreeningPart | None = None
    disclosure: DisclosurePart = field(default_factory=DisclosurePart)
    taking_back: TakingBackPart = field(default_factory=TakingBackPart)
    markets: Annotated[
        dict[Country, MarketPart],
        Meta(description="Countries that are served, each with what differs there; silent: everywhere, all the same."),
    ] = field(default_factory=dict)
    fields: dict[str, FieldPart] = field(default_factory=dict)
    units: Annotated[
        dict[str, UnitPart], Meta(description="What people collect besides money, by its name: PTS:acme-club.")
    ] = field(default_factory=dict)
    catalogue: Annotated[dict[Slug, ItemPart], Meta(description="What points are redeemed for.")] = field(
        default_factory=dict
    )
    landing: Annotated[str, Meta(pattern=r"^https?://", description="Page that a referral link leads to.")] | None = (
        None
    )


def program_schema() -> dict[str, Any]:
    """JSON Schema of a program document."""
    return msgspec.json.schema(ProgramDocument)
