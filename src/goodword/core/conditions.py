"""Does a fact meet a condition? Typed comparisons that answer yes, no or unknown, and never guess."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from goodword.core.amounts import to_decimal, to_minor

MOMENTS = ("touch", "join", "milestone", "release", "payment")
SIDES = ("advocate", "friend", "order", "event", "data", "subject")
OPERATORS = ("==", "!=", ">=", "<=", ">", "<", "in", "not in")

Facts = Callable[[str, str], Any]  # (side, field) -> value; None: unknown

_SHAPE = re.compile(
    r"\s*(advocate|friend|order|event|data|subject)\.([a-z][a-z0-9_]*)\s*(==|!=|>=|<=|>|<|not in\b|in\b)\s*(.+?)\s*\Z"
)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_MONEY_FIELDS = frozenset({"amount", "net", "gross", "items", "value"})


class Condition(msgspec.Struct, frozen=True):
    """`side.field operator values`, compared as `kind` (number, money, date or text) at each of `moments`."""

    side: str
    field: str
    operator: str
    values: tuple[str, ...]
    kind: str
    moments: tuple[str, ...]

    @property
    def words(self) -> str:
        """The condition as a person would write it."""
        right = self.values[0] if self.operator not in ("in", "not in") else f"[{', '.join(self.values)}]"
        return f"{self.side}.{self.field} {self.operator} {right}"


class Answer(msgspec.Struct, frozen=True):
    """`met` True, False, or None for unknown; `value` what was compared, readable."""

    met: bool | None
    value: str | None


def read_condition(text: str, moments: tuple[str, ...]) -> Condition:
    """The condition in `text`, for example "friend.country in [DE, AT]". Raises ValueError in words an author can act on."""
    shape = _SHAPE.match(text)
    if not shape:
        raise ValueError(
            f'"{text}" is not a condition; write for example "friend.status == active" or "friend.country in [DE, AT]"'
        )
    side, field, operator, right = shape.groups()
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
    kind = _kind_of(side, field, values)
    if kind == "money" and any(_number(value) is None for value in values):
        raise ValueError(f'{side}.{field} is money; compare it with a decimal such as 50.00, not with "{right}"')
    if operator in (">=", "<=", ">", "<") and kind == "text":
        raise ValueError(f'"{operator}" compares numbers, money and dates; "{values[0]}" is a text')
    return Condition(side, field, operator, values, kind, moments)


def _unquoted(text: str) -> str:
    return text.strip().strip("\"'")


def _kind_of(side: str, field: str, values: tuple[str, ...]) -> str:
    if side in ("order", "subject") and field in _MONEY_FIELDS:
        return "money"
    if all(_DATE.match(value) for value in values):
        return "date"
    if all(_number(value) is not None for value in values):
        return "number"
    return "text"


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
    raw = facts(condition.side, condition.field)
    if raw is None or raw == "":
        return Answer(None, None)
    seen = raw if isinstance(raw, list | tuple | set | frozenset) else (raw,)
    try:
        values = [_comparable(value, condition.kind, currency) for value in seen]
        needed = [_comparable(value, condition.kind, currency) for value in condition.values]
    except ValueError:
        return Answer(None, str(raw)[:80])
    shown = (
        ", ".join(to_decimal(value, currency) if condition.kind == "money" else str(value) for value in values)
        or "none"
    )
    if any(value is None for value in values):
        return Answer(None, str(raw)[:80])
    return Answer(_compare(condition.operator, values, needed), shown[:80])


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
