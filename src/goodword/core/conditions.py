"""Does a fact meet a condition? Typed comparisons that answer yes, no or unknown, and never guess."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from goodword.core.amounts import is_currency, to_decimal, to_minor
from goodword.core.fields import MOMENTS as MOMENTS
from goodword.core.fields import OPERATORS as OPERATORS
from goodword.core.fields import SIDES as SIDES
from goodword.core.fields import FieldType, field_type

Facts = Callable[[str, str], Any]  # (side, field) -> value; None: unknown

_ORDERED = (">=", "<=", ">", "<")
_SHAPE = re.compile(
    r"\s*(?:(any|every|none|cheapest)\s+)?"
    r"(advocate|friend|order|item|event|data|subject)\.([a-z][a-z0-9_]*)"
    r"\s*(==|!=|>=|<=|>|<|not in\b|in\b)\s*(.+?)\s*\Z"
)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_OTHER = re.compile(r"(advocate|friend|event|data|subject)\.([a-z][a-z0-9_]*)\Z")
_STEP = re.compile(r"([a-z][a-z0-9_]*)\.(amount|net|gross|items)\Z")


class Condition(msgspec.Struct, frozen=True, omit_defaults=True):
    """`side.field operator values`, compared as `kind` (number, money, date or text) at each of `moments`.

    `which` of an order's items are meant. In place of a value may stand the amount of the order of another milestone
    (`step`) or another fact (`other`: side, field). `late` says what follows where it fails after the join: the reward is
    forfeited, the referral denied, or it is deferred for a while.
    """

    side: str
    field: str
    operator: str
    values: tuple[str, ...]
    kind: str
    moments: tuple[str, ...]
    which: str = ""
    step: str = ""
    other: tuple[str, str] | None = None
    late: str = "forfeit"
    defer: timedelta | None = None

    @property
    def words(self) -> str:
        """The condition as a person would write it."""
        right = self.values[0] if self.operator not in ("in", "not in") else f"[{', '.join(self.values)}]"
        return f"{self.which} {self.side}.{self.field} {self.operator} {right}".lstrip()


class Answer(msgspec.Struct, frozen=True):
    """`met` True, False, or None for unknown; `value` what was compared, readable."""

    met: bool | None
    value: str | None


def read_condition(
    text: str, moments: tuple[str, ...], declared: Mapping[str, str] | None = None, currency: str | None = None
) -> Condition:
    """The condition in `text`, for example "friend.country in [DE, AT]". Raises ValueError in words an author can act on.

    With `declared` (the fields that the terms declare) and `currency`, what could never be answered is refused as well.
    """
    shape = _SHAPE.match(text)
    if not shape:
        raise ValueError(
            f'"{text}" is not a condition; write for example "friend.status == active" or "friend.country in [DE, AT]"'
        )
    which, side, field, operator, right = shape.groups()
    type_ = field_type(side, field, declared)
    if type_ is None:
        raise ValueError(_unknown(side, field))
    if (which or "") and side != "item":
        raise ValueError(f'"{which}" speaks of the items of an order; {side}.{field} is there once')
    if side == "item" and not which:
        raise ValueError(f'say which items are meant: "any item.{field} {operator} {right}", or every, none, cheapest')
    values = _values(text, operator, right)
    _check_operator(type_, operator, right)
    step = _STEP.fullmatch(values[0]) if operator in (*_ORDERED, "==", "!=") and type_.kind == "money" else None
    other = _other(type_, operator, values[0], declared) if not step else None
    if not step and not other:
        values = tuple(_checked(type_, value, right, currency) for value in values)
    kind = "money" if step else "text" if other else _kind_of(type_, values)
    if operator in _ORDERED and kind == "text":
        raise ValueError(f'"{operator}" compares numbers, money and dates; "{values[0]}" is a text')
    for moment in moments:
        if declared is not None and moment in MOMENTS and moment not in type_.moments:
            raise ValueError(f"{side}.{field} is not known at the {moment}; it can be asked at: {_and(type_.moments)}")
    return Condition(side, field, operator, values, kind, moments, which or "", step.group(1) if step else "", other)


def _other(type_: FieldType, operator: str, value: str, declared: Mapping[str, str] | None) -> tuple[str, str] | None:
    """The other fact that a text is compared with: "advocate.team != data.team"."""
    match = _OTHER.fullmatch(value)
    if not match or operator not in ("==", "!=") or type_.kind not in ("text", "set", "any"):
        return None
    side, field = match.groups()
    known = field_type(side, field, declared)
    if known is None:
        raise ValueError(_unknown(side, field))
    if known.kind not in ("text", "set", "any"):
        raise ValueError(f"{side}.{field} is a {known.kind}; {type_.side}.{type_.name} is compared with texts")
    return side, field


def _unknown(side: str, field: str) -> str:
    if side == "data":
        return f"data.{field} is kept sealed; declare it as not personal: fields: {{{field}: {{type: text, personal: false}}}}"
    if side == "item" and field in ("sku", "category", "kind"):
        return f"item.{field} is not kept; declare it: fields: {{item.{field}: {{type: text, personal: false}}}}"
    return f"{side}.{field} is not a field that conditions know"


def _values(text: str, operator: str, right: str) -> tuple[str, ...]:
    if operator in ("in", "not in"):
        if not (right.startswith("[") and right.endswith("]")):
            raise ValueError(f'after "{operator}" a list is needed, for example [DE, AT]')
        values = tuple(_unquoted(part) for part in right[1:-1].split(",") if part.strip())
        if not values:
            raise ValueError("the list is empty, so nothing could ever meet it")
    else:
        values = (_unquoted(right),)
    if not all(values):
        raise ValueError(f'"{text}" is not a condition; nothing stands behind "{operator}"')
    return values


def _unquoted(text: str) -> str:
    return text.strip().strip("\"'")


def _check_operator(type_: FieldType, operator: str, right: str) -> None:
    if operator not in type_.operators:
        raise ValueError(
            f'"{operator}" compares numbers, money and dates; {type_.side}.{type_.name} is a {type_.kind}: '
            f"use one of {_and(type_.operators)}"
        )


def _checked(type_: FieldType, value: str, right: str, currency: str | None) -> str:
    """The value, if it is of the field's type: unlike things are not compared."""
    name = f"{type_.side}.{type_.name}"
    if type_.kind == "money":
        amount, _, named = value.partition(" ")
        if named and (not is_currency(named) or (currency and named != currency)):
            raise ValueError(f'{name} is money in {currency or "one currency"}; "{right}" is not')
        if _number(amount) is None:
            raise ValueError(f'{name} is money; compare it with a decimal such as 50.00, not with "{right}"')
        return amount
    if type_.kind == "number" and _number(value) is None:
        raise ValueError(f'{name} is a number; compare it with one such as 3, not with "{right}"')
    if type_.kind == "date" and not _DATE.match(value):
        raise ValueError(f'{name} is a date; compare it with a day such as 2026-01-31, not with "{right}"')
    return value


def _kind_of(type_: FieldType, values: tuple[str, ...]) -> str:
    if type_.kind in ("money", "number", "date"):
        return type_.kind
    if type_.kind == "any":
        are_dates = [bool(_DATE.match(value)) for value in values]
        are_numbers = [_number(value) is not None for value in values]
        if all(are_dates):
            return "date"
        if all(are_numbers):
            return "number"
        if len(values) > 1 and (any(are_dates) or any(are_numbers)):
            raise ValueError(f"the list mixes unlike things: {', '.join(values)}; put them into quotes of one kind")
    return "text"


def _and(words: tuple[str, ...]) -> str:
    return ", ".join(words)


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _date(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def _comparable(value: Any, kind: str, currency: str) -> Any:
    """The value as its kind compares it; None where it is not of that kind (a number in words is unknown, not smaller)."""
    if kind == "money":
        return value if isinstance(value, int) else to_minor(str(value), currency)
    if kind == "number":
        return _number(value)
    if kind == "date":
        return _date(value)
    return str(value).strip().casefold()


def answer(condition: Condition, facts: Facts, currency: str) -> Answer:
    """Whether the facts meet the condition. A fact that is missing or of another type answers unknown, which never passes."""
    raw = facts("cheapest" if condition.which == "cheapest" else condition.side, condition.field)
    if raw is None or raw == "":
        return Answer(None, None)
    seen = raw if isinstance(raw, list | tuple | set | frozenset) else (raw,)
    right: tuple[Any, ...] = condition.values
    if condition.step:
        right = (facts("step", condition.values[0]),)
    elif condition.other:
        told = facts(*condition.other)
        right = tuple(told) if isinstance(told, list | tuple | set | frozenset) else (told,)
    if any(one is None for one in (*seen, *right)):
        return Answer(None, None)
    try:
        values = [_comparable(value, condition.kind, currency) for value in seen]
        needed = [_comparable(value, condition.kind, currency) for value in right]
    except ValueError:
        return Answer(None, str(raw)[:80])
    shown = (
        ", ".join(to_decimal(value, currency) if condition.kind == "money" else str(value) for value in values)
        or "none"
    )
    if any(value is None for value in values):
        return Answer(None, str(raw)[:80])
    if condition.which:
        return Answer(_of_items(condition, values, needed), shown[:80])
    return Answer(_compare(condition.operator, values, needed), shown[:80])


def _of_items(condition: Condition, values: list[Any], needed: list[Any]) -> bool:
    """Any, every or none of an order's items, or the cheapest of them; an order without items meets only `none`."""
    met = [_compare(condition.operator, [value], needed) for value in values]
    if condition.which == "none":
        return not any(met)
    if condition.which == "every":
        return bool(met) and all(met)
    return any(met)  # of the cheapest, the facts are that one item's


def _compare(operator: str, values: list[Any], needed: list[Any]) -> bool:
    """A set of values meets `==` and `in` when any of its members does, and the negations when none does."""
    if operator in ("==", "in"):
        return any(value in needed for value in values)
    if operator in ("!=", "not in"):
        return all(value not in needed for value in values)
    if not values:
        return False
    (limit,) = needed
    compare: dict[str, Callable[[Any], bool]] = {
        ">=": lambda value: value >= limit,
        "<=": lambda value: value <= limit,
        ">": lambda value: value > limit,
        "<": lambda value: value < limit,
    }
    return all(compare[operator](value) for value in values)


# -- what contradicts itself -------------------------------------------------------------------------------------------


def contradiction(conditions: tuple[Condition, ...], currency: str) -> tuple[int, int] | None:
    """Places of two conditions that nothing could meet together; None where there are none."""
    for n, one in enumerate(conditions):
        for m, other in enumerate(conditions[:n]):
            same = (one.side, one.field, one.kind) == (other.side, other.field, other.kind)
            if (
                same
                and not (one.step or other.step or one.other or other.other)
                and not _can_meet(one, other, currency)
            ):
                return m, n
    return None


def always(value: Any) -> Facts:
    """Facts that answer everything with one value."""
    return lambda side, field: value


def _can_meet(one: Condition, other: Condition, currency: str) -> bool:
    if one.which not in ("", "every", "cheapest") or one.which != other.which:
        return True
    type_ = field_type(one.side, one.field)
    many = type_ is not None and type_.kind == "set"
    for chosen, rest in ((one, other), (other, one)):
        if chosen.operator in ("==", "in"):
            if many and rest.operator in ("==", "in"):
                return True
            return any(answer(rest, always(value), currency).met for value in chosen.values)
    if one.operator not in _ORDERED or other.operator not in _ORDERED:
        return True
    low = next((known for known in (one, other) if known.operator in (">", ">=")), None)
    high = next((known for known in (one, other) if known.operator in ("<", "<=")), None)
    if low is None or high is None:
        return True
    lowest, highest = (_comparable(known.values[0], one.kind, currency) for known in (low, high))
    if low.operator == ">" and high.operator == "<" and one.kind == "money":
        return bool(highest - lowest > 1)
    return bool(lowest < highest or (lowest == highest and (low.operator, high.operator) == (">=", "<=")))
