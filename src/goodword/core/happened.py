"""What happened, as deciding sees it? The event with tokens in place of personal values, and its place in canonical order."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

import msgspec

# Acts of the house are rows of the log too (architecture, decision 10); nobody may send them through the front door.
ACTS = frozenset({"known", "code_issued", "publish", "review", "sent", "signal", "erase", "waive"}) | frozenset(
    {"move", "stop", "listed", "organization", "referred", "rewarded", "balance", "withdrawn"}  # brought in, and taken back
    | {"redeem", "redeem_cancelled", "choose", "drawn", "extend"}
    | {"contest_open", "contest_freeze", "contest_award", "contest_accept", "contest_disqualify", "contract"}
)

# Rank of a type in canonical order (terms.md 9); acts of the house come before what happened at the same moment.
_TYPE_RANK = {"click": 1, "share": 2, "signup": 3, "update": 4, "purchase": 5, "renewal": 6, "cancel": 8, "refund": 9}
# What takes back comes after it, and disputes after that: a refund of the same moment is settled before it is disputed.
DISPUTES = {"dispute_opened": 10, "dispute_lost": 11, "dispute_won": 12}
TAKES_BACK = frozenset({"refund", "cancel", *DISPUTES})
_TYPE_RANK |= DISPUTES
_TYPE_RANK |= dict.fromkeys(ACTS, 0)
_OTHER_RANK = 7


class Problem(msgspec.Struct, frozen=True):
    """What is wrong with an input: where (`field`), why, how to repair it, and a stable code."""

    field: str
    why: str
    repair: str
    code: str = "invalid"


class Line(msgspec.Struct, frozen=True, omit_defaults=True, rename={"amount_minor": "a", "quantity": "n"}):
    """An item of an order: its price, and of what it is only that which terms declare not personal."""

    amount_minor: int
    quantity: int = 1
    sku: str | None = None
    category: str | None = None
    kind: str | None = None


class Order(msgspec.Struct, frozen=True, omit_defaults=True, rename={"amount_minor": "a", "currency": "c"}):
    """An order in minor units of `currency`; `amount_minor` is what was paid (a refund: what was given back)."""

    id: str
    currency: str
    amount_minor: int
    tax_minor: int = 0
    shipping_minor: int = 0
    discount_minor: int = 0
    items_minor: int | None = None
    lines: tuple[Line, ...] | None = None


class Subject(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a referral is about where it is not the program itself."""

    kind: str
    id: str
    stage: str | None = None
    value_minor: int | None = None
    currency: str | None = None


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that happened. Identifying values are tokens; `ids` are those of the person, the most reliable first."""

    id: str
    type: str
    at: datetime
    source: str = "api"
    program: str | None = None
    ids: tuple[tuple[str, str], ...] = ()
    visitor: str | None = None
    click: str | None = None
    codes: tuple[str, ...] = ()
    advocate: tuple[tuple[str, str], ...] = ()
    agent: tuple[tuple[str, str], ...] = ()
    organization: tuple[tuple[str, str], ...] = ()
    subject: Subject | None = None
    order: Order | None = None
    cancels: str | None = None
    device: str | None = None
    payment: str | None = None
    ip: str | None = None
    channel: str | None = None
    country: str | None = None
    household: str | None = None
    data: dict[str, Any] = {}
    act: dict[str, Any] = {}
    has_attributes: bool = False
    attributes: dict[str, Any] = {}

    @property
    def rank(self) -> tuple[datetime, int, str, str]:
        """Place in canonical order: total, and independent of arrival and of the order of files."""
        return (self.at, _TYPE_RANK.get(self.type, _OTHER_RANK), self.source, self.id)


def ident(*parts: str) -> str:
    """Id as a function of its parts: 32 hex characters of SHA-256."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]
