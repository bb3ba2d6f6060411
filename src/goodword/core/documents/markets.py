"""How is it written what differs from market to market?"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta, field

from goodword.core.documents.names import Name
from goodword.core.documents.promises import Gift, TierPart

Country = Annotated[str, Meta(pattern=r"^[A-Z]{2}$", description="ISO 3166 code of the friend's country.")]


class MarketPart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What holds for friends of one country in place of what the program says; silence means the program's."""

    currency: Annotated[str | None, Meta(description="ISO 4217; then every amount has to be said anew.")] = None
    min: Annotated[dict[Name, str], Meta(description='Minimum of each milestone, {first_order: "60.00"}.')] = field(
        default_factory=dict
    )
    sum: Annotated[dict[Name, str], Meta(description='Sum of each milestone that counts, {spent: "600.00"}.')] = field(
        default_factory=dict
    )
    give: Annotated[
        dict[str, Gift | list[Gift]],
        Meta(
            description='What is given, by role or by role and milestone: {advocate: {cash: "12.00"}, "friend:joined": ...}.'
        ),
    ] = field(default_factory=dict)
    tiers: Annotated[
        dict[str, list[TierPart]],
        Meta(
            description="Tiers of the promises that have some, by role or by role and milestone; what they count and when"
            " stays the program's. Amounts are counted for this market alone, friends over all markets."
        ),
    ] = field(default_factory=dict)
    budget: Annotated[
        str | None,
        Meta(description="What may be spent in the market's own currency; the markets of one currency share it."),
    ] = None
