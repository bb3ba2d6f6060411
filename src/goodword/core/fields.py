"""Of which facts may conditions speak, of what type is each, and which operators and moments does it allow?

The editor offers exactly what `known_fields` lists; the reader refuses everything else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

MOMENTS = ("touch", "join", "milestone", "release", "payment")
SIDES = ("advocate", "friend", "order", "item", "event", "data", "subject")
OPERATORS = ("==", "!=", ">=", "<=", ">", "<", "in", "not in")
QUANTIFIERS = ("any", "every", "none", "cheapest")

_EQUALITY = ("==", "!=", "in", "not in")
_BY_KIND = {
    "number": OPERATORS,
    "money": OPERATORS,
    "date": OPERATORS,
    "text": _EQUALITY,
    "set": _EQUALITY,
    "any": OPERATORS,  # an attribute of a client's own: its type is that of the value it is compared with
}
_OF_EVENTS = ("touch", "join", "milestone")  # later moments look at no event any more
_OF_ORDERS = ("join", "milestone")


class FieldType(msgspec.Struct, frozen=True):
    """A fact that conditions may speak of: its type (number, money, date, text, set, any) and when it can be asked."""

    side: str
    name: str
    kind: str
    help: str
    moments: tuple[str, ...] = MOMENTS

    @property
    def operators(self) -> tuple[str, ...]:
        """Comparisons that its type allows."""
        return _BY_KIND[self.kind]

    @property
    def quantifiers(self) -> tuple[str, ...]:
        """Words that say which of an order's items are meant; none for what is there once."""
        return QUANTIFIERS if self.side == "item" else ()


# Facts derived from what a person did; N is a number of days.
_DERIVED: tuple[tuple[str, str, str], ...] = (
    ("orders", "number", "Net orders so far."),
    ("orders_in_Nd", "number", "Net orders in the last N days."),
    ("amount", "money", "Net amount of all orders so far."),
    ("amount_in_Nd", "money", "Net amount of the orders of the last N days."),
    ("days_since_order", "number", "Whole days since the last net order; unknown before the first."),
    ("days_known", "number", "Whole days since the person became known."),
    ("known_since", "date", "Day on which the person became known."),
    ("referrals", "number", "Friends brought to this program who had reached a milestone with a promise before, and still stand."),
    ("level", "number", "Tiers of the program's ladder of friends that those friends come to; 0 below the first."),
    ("audience", "set", "Named lists that the person is on."),
)
# A touch that was refused leaves no referral that could be decided anew when an older friend's event comes in late.
COUNTS_FRIENDS = ("referrals", "level")
_ASKED_AT = dict.fromkeys(COUNTS_FRIENDS, ("join", "milestone", "release", "payment"))
# What a brand of a group tells of a friend: the day of the last order (or of becoming known) anywhere in the group, or "never".
GROUP_FIELDS = {"no_account": "group_known_since", "never_bought": "group_last_order", "not_for": "group_last_order"}
_SETS = frozenset({"audience", "tags", "segment", "segments"})
_MONEY = ("amount", "net", "gross", "items", "tax", "shipping", "discount")
_ORDER = (*((name, "money", f"The order's {name}.") for name in _MONEY), ("currency", "text", "Currency of the order."))
_ITEM = (
    ("sku", "text", "Article number of an item; declare it as item.sku."),
    ("category", "text", "Category of an item; declare it as item.category."),
    ("kind", "text", "Kind of an item; declare it as item.kind."),
    ("amount", "money", "Price of an item."),
    ("quantity", "number", "How many of an item."),
)
_EVENT = (
    ("type", "text", "Type of the event."),
    ("channel", "text", "Channel through which it came: app, web, affiliate, comparison, ads, field_sales ..."),
    ("country", "text", "Country of the event."),
    ("source", "text", "Feed that sent it."),
)
_SUBJECT = (
    ("kind", "text", "What the referral is about: product, job, deal, account."),
    ("stage", "text", "Stage of a deal."),
    ("value", "money", "Value of a deal."),
)
_ITEM_NEEDS = frozenset({"sku", "category", "kind"})


def field_type(side: str, name: str, declared: Mapping[str, str] | None = None) -> FieldType | None:
    """The field of that name; None where there is none. `declared` are the fields of data and items that terms declare."""
    for known in known_fields(declared):
        if known.side == side and re.fullmatch(known.name.replace("_Nd", r"_[1-9]\d{0,3}d"), name):
            return known
    if side in ("advocate", "friend"):
        return FieldType(side, name, "set" if name in _SETS else "any", "An attribute of the person.")
    if declared is None and side == "data":
        return FieldType(side, name, "any", "A field of data.", _OF_EVENTS)
    return None


def known_fields(declared: Mapping[str, str] | None = None) -> tuple[FieldType, ...]:
    """Every field but a client's own attributes; with `declared`, only the fields of data and items that are declared."""
    found = [FieldType(side, *one, _ASKED_AT.get(one[0], MOMENTS)) for side in ("advocate", "friend") for one in _DERIVED]
    found += [FieldType("order", *one, _OF_ORDERS) for one in _ORDER]
    found += [
        FieldType("item", *one, _OF_ORDERS)
        for one in _ITEM
        if declared is None or one[0] not in _ITEM_NEEDS or f"item.{one[0]}" in declared
    ]
    found += [FieldType("event", *one, _OF_EVENTS) for one in _EVENT]
    found += [FieldType("subject", *one, _OF_EVENTS) for one in _SUBJECT]
    for name, kind in sorted((declared or {}).items()):
        if not name.startswith("item."):
            found.append(FieldType("data", name, kind, "A field of data that the terms declare.", _OF_EVENTS))
    return tuple(found)


def is_derived(name: str) -> bool:
    """Whether a field of a person is computed rather than sent."""
    return any(re.fullmatch(known.replace("_Nd", r"_[1-9]\d{0,3}d"), name) for known, _, _ in _DERIVED)


def asks_of_orders(name: str) -> bool:
    """Whether answering needs the person's own orders."""
    return is_derived(name) and name.startswith(("orders", "amount", "days_since"))
