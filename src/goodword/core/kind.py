"""What must a kind on a shelf be able to say? The shapes of reward kinds, signals and program templates; the shelves are above."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from goodword.core.amounts import percent_of


class Band(msgspec.Struct, frozen=True):
    """A rate for values below `to_minor`; None: for all above."""

    percent: Decimal
    to_minor: int | None


class Give(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one promise gives, as its reward kind understood it. One of `fixed_minor`, `percent` and `bands` is set."""

    kind: str
    asset: str
    fixed_minor: int | None = None
    percent: Decimal | None = None
    max_minor: int | None = None
    per: str | None = None  # so many for each of this part of an order, as written and in minor units
    per_minor: int | None = None
    bands: tuple[Band, ...] = ()
    is_sliced: bool = False  # each slice of the value by its own band
    name: str = ""  # what is given, or to whom, in the client's words
    cost_minor: int | None = None  # what one piece of a unit costs the client, in the program's currency

    @property
    def is_share(self) -> bool:
        """Whether it comes to so much of what was bought: a percentage, rates, so many for each part."""
        return self.percent is not None or bool(self.bands) or self.per is not None

    @property
    def most_minor(self) -> int | None:
        """The most that a sum or a share can come to; None: nobody knows."""
        return self.max_minor if self.percent is not None else self.fixed_minor

    def worth_minor(self, base: int | None) -> int | None:
        """The fixed sum, or the share of an order's base, at most the maximum; None: it needs an order."""
        if self.percent is None:
            return self.fixed_minor
        return None if base is None else self.at_most(percent_of(base, self.percent))

    def at_most(self, minor: int) -> int:
        """An amount, cut at the maximum where there is one."""
        return minor if self.max_minor is None else min(minor, self.max_minor)


class RewardKind(msgspec.Struct, frozen=True):
    """A kind of reward: how its part of the document is read, what it comes to, and what it can cost at most."""

    slug: str
    title: str
    help: str
    schema: Mapping[str, Any]  # JSON Schema of what stands behind `give: {<slug>: ...}`
    parse: Callable[[Any, str], Give]  # (document value, program currency) -> Give; raises ValueError with a repair
    amount_minor: Callable[[Give, int | None], int | None]  # (give, base of the order) -> amount; None: needs an order
    most_minor: Callable[[Give], int | None]  # the most one grant can cost; None: unbounded
    sentence: Callable[[Give], str]  # "10.00 EUR", "20 % voucher, at most 30.00 EUR"


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """A signal that fired (or failed): points toward hold and deny, and words for the desk. Holds no personal value."""

    signal: str
    family: str
    points: int
    words: str


class Need(msgspec.Struct, frozen=True):
    """What a signal wants to know beyond the two parties: the kind of trait whose holders are loaded, or sign-ups counted by."""

    trait: str | None = None
    signups_by: str | None = None  # "advocate": sign-ups bound to the advocate in the last `days`
    days: int = 1


class Signal(msgspec.Struct, frozen=True):
    """A fraud signal: its family, its need, and how it finds. `find` sees a `screening.View`; raising means hold."""

    slug: str
    title: str
    family: str
    help: str
    need: Need
    find: Callable[[Any], Finding | None]


class Template(msgspec.Struct, frozen=True):
    """A program type: what it fills in where the document is silent. Never looked at again after the terms are read.

    Form, portal wording, docs page and scenario tests derive from it: `headline` is the portal's, with the sentences of the
    first gift to each role in braces; `asks` the roles that the short form asks a gift for; `example` a ready document in
    YAML; `scenarios` stories about it in the language of the scenario tests.
    """

    slug: str
    title: str
    help: str
    defaults: Mapping[str, Any]
    headline: str = ""
    asks: tuple[str, ...] = ()
    example: str = ""
    scenarios: str = ""


class Shelves(msgspec.Struct, frozen=True):
    """Everything that lies on the shelves, handed to `terms.read_terms` by whoever stands above core."""

    rewards: Mapping[str, RewardKind]
    signals: Mapping[str, Signal]
    templates: Mapping[str, Template]
