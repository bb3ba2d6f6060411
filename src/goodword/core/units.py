"""What is collected besides money? Named units: what one costs, when it expires, whose wallet holds it, what it is redeemed for."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import msgspec

MILLION = 10**6  # costs of one are exact to a millionth of the currency
POINTS = "PTS:"  # units that people collect and redeem have names that begin with it


class Expiry(msgspec.Struct, frozen=True, omit_defaults=True):
    """When collected points are gone: so long after they were earned, at the end of a period, or after a time without activity.

    Exactly one of a span (`days` or `months`) and `period` is set. `is_idle`: the span runs from the last activity, of the
    kind that `restarts` names (`earning`, or `any`: earning and redeeming), and holds for the whole wallet.
    """

    days: int = 0
    months: int = 0
    period: str | None = None
    more: int = 0  # so many periods after the one in which they were earned
    is_idle: bool = False
    restarts: str = "any"


class Unit(msgspec.Struct, frozen=True, omit_defaults=True):
    """A named unit of a client. `costs` are dated: (from when on, what one costs in the program's currency)."""

    asset: str
    name: str
    costs: tuple[tuple[datetime, Decimal], ...] = ()
    expires: Expiry | None = None
    wallet: str = "person"  # person | household
    notice_days: tuple[int, ...] = ()
    cancel_days: int = 30  # so long a redemption can be cancelled

    def cost_each(self, at: datetime) -> Decimal:
        """What one unit costs at a moment; nothing is known before the first date."""
        return Decimal(self.micro_at(at) or 0) / MILLION

    def micro_at(self, at: datetime) -> int | None:
        """What one unit costs at a moment in millionths of the currency; None where no cost is dated yet."""
        known = [each for since, each in self.costs if since <= at]
        return int(known[-1] * MILLION) if known else None

    def cost_minor(self, number: int, at: datetime, exponent: int) -> int:
        """What so many units cost at a moment in minor units of the program's currency, half up."""
        value = self.cost_each(at) * number * 10**exponent
        return int(value + Decimal("0.5")) if value >= 0 else -int(Decimal("0.5") - value)


class Item(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that points are redeemed for. `stock` None: without end; `most` None: as often as somebody likes."""

    slug: str
    name: str
    unit: str
    points: int
    stock: int | None = None
    most: int | None = None
    period: str = "lifetime"
    cost_minor: int | None = None  # what one costs the client; None: what its points cost
    since: datetime | None = None
    until: datetime | None = None


def is_points(asset: str) -> bool:
    """Whether the asset is collected in wallets."""
    return asset.startswith(POINTS)
