"""Do conditions answer yes, no or unknown, as typed facts compare, and never by guessing?"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodword.core.conditions import MOMENTS, Condition, answer, contradiction, read_condition
from goodword.core.fields import known_fields
from tests.core.worlds import CAREFULLY


def condition(text: str) -> Condition:
    return read_condition(text, ("milestone",))


def met(text: str, value: Any) -> bool | None:
    return answer(condition(text), lambda side, field: value, "EUR").met


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("friend.status == active", "active", True),
        ("friend.status == active", " Active ", True),
        ("friend.status == active", "closed", False),
        ("friend.status != active", "closed", True),
        ("friend.age >= 18", 9, False),
        ("friend.age >= 18", "100", True),
        ("friend.age >= 18", "18.0", True),
        ("friend.age > 18", 18, False),
        ("friend.age >= 18", "old", None),
        ("friend.age >= 18", True, None),
        ("friend.since < 2026-02-01", "2026-01-31", True),
        ("friend.since < 2026-02-01", "2026-02-01", False),
        ("friend.since < 2026-02-01", "2026-01-31T23:00:00Z", True),
        ("friend.since < 2026-02-01", "soon", None),
        ("friend.vip == true", True, True),
        ("friend.country in [DE, AT]", "at", True),
        ("friend.country not in [DE, AT]", "CH", True),
        ("friend.tags == gold", ["new", "gold"], True),
        ("friend.tags != gold", ["new", "gold"], False),
        ("friend.tags in [a, b]", [], False),
        ("friend.tags not in [a, b]", [], True),
        ("friend.scores >= 3", [3, 4], True),
        ("friend.scores >= 3", [2, 4], False),
        ("order.amount >= 50.00", 5000, True),
        ("order.amount >= 50.00", 4999, False),
        ("order.net in [50.00]", 5000, True),
        ('friend.name == "a b"', "a b", True),
        ("friend.status == active", None, None),
        ("friend.status == active", "", None),
    ],
)
def test_typed_comparisons(text: str, value: Any, expected: bool | None) -> None:
    assert met(text, value) is expected


@CAREFULLY
@given(st.integers(-1000, 1000), st.sampled_from(["==", "!=", ">=", "<=", ">", "<"]), st.integers(-1000, 1000))
def test_numbers_compare_as_numbers_do(value: int, operator: str, limit: int) -> None:
    expected = {
        "==": value == limit,
        "!=": value != limit,
        ">=": value >= limit,
        "<=": value <= limit,
        ">": value > limit,
        "<": value < limit,
    }[operator]
    text = f"friend.n {operator} {limit}"
    assert met(text, value) is met(text, str(value)) is met(text, Decimal(value)) is expected


@CAREFULLY
@given(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(),
        st.lists(st.text()),
        st.dictionaries(st.text(), st.text()),
    )
)
def test_no_fact_of_whatever_type_raises_and_a_negation_never_agrees(value: Any) -> None:
    for left, right in (
        ("friend.x == a", "friend.x != a"),
        ("friend.x in [1, 2]", "friend.x not in [1, 2]"),
        ("friend.x >= 2026-01-01", "friend.x < 2026-01-01"),
        ("order.amount >= 5.00", "order.amount < 5.00"),
    ):
        answers = (met(left, value), met(right, value))
        if None in answers:
            assert answers == (None, None)
        elif not isinstance(value, list):
            assert answers[0] is not answers[1]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("status is active", "is not a condition"),
        ("friend.status", "is not a condition"),
        ("nobody.status == active", "is not a condition"),
        ("friend.country in DE", "a list is needed"),
        ("friend.country in []", "nothing could ever meet it"),
        ("friend.status >= active", "compares numbers, money and dates"),
        ("order.amount >= much", "is money"),
        ('friend.age >= ""', "nothing stands behind"),
    ],
)
def test_what_is_no_condition_is_refused_in_words(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read_condition(text, MOMENTS)


@pytest.mark.parametrize(
    "text",
    ["friend.status == active", "friend.country in [DE, AT]", "order.amount >= 50.00", "friend.age not in [1, 2]"],
)
def test_words_read_back_as_the_same_condition(text: str) -> None:
    assert condition(condition(text).words) == condition(text)


DECLARED = {"channel": "text", "points": "number", "item.category": "text"}


@pytest.mark.parametrize(
    ("text", "moment", "says"),
    [
        ("advocate.orders >= gold", "touch", "is a number"),
        ("friend.known_since >= 3", "join", "is a date"),
        ("order.amount >= 50.00 USD", "milestone", "is money in EUR"),
        ("event.channel > 3", "milestone", "is a text"),
        ("data.points == many", "milestone", "is a number"),
        ("data.secret == a", "milestone", "declare it as not personal"),
        ("any item.sku == a", "milestone", "declare it"),
        ("item.category == a", "milestone", "which items"),
        ("any friend.status == a", "milestone", "is there once"),
        ("order.weight == 3", "milestone", "not a field"),
        ("order.amount >= 50.00", "release", "not known at the release"),
        ("friend.plan in [3, gold]", "join", "mixes unlike things"),
        ("advocate.audience >= 3", "touch", "is a set"),
        ("advocate.team != data.secret", "join", "declare it as not personal"),
        ("advocate.team == data.points", "join", "is a number"),
    ],
)
def test_unlike_types_and_moments_are_refused(text: str, moment: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read_condition(text, (moment,), DECLARED, "EUR")


@pytest.mark.parametrize(
    ("first", "second", "clash"),
    [
        ("friend.n > 5", "friend.n < 3", True),
        ("friend.n >= 3", "friend.n <= 3", False),
        ("friend.n > 3", "friend.n <= 3", True),
        ("friend.n == 4", "friend.n > 5", True),
        ("friend.n in [4, 6]", "friend.n > 5", False),
        ("friend.status == active", "friend.status != active", True),
        ("friend.status == active", "friend.status == closed", True),
        ("friend.tags == new", "friend.tags == gold", False),
        ("friend.since < 2026-01-01", "friend.since > 2026-02-01", True),
        ("order.amount > 5.00", "order.amount < 5.01", True),
        ("any item.amount > 5.00", "any item.amount < 3.00", False),
        ("every item.amount > 5.00", "every item.amount < 3.00", True),
        ("friend.n > 5", "advocate.n < 3", False),
    ],
)
def test_what_nothing_could_meet_is_found(first: str, second: str, clash: bool) -> None:
    pair = tuple(read_condition(text, ("milestone",)) for text in (first, second))
    assert (contradiction(pair, "EUR") is not None) is clash
    assert (contradiction(pair[::-1], "EUR") is not None) is clash


def test_every_offered_operator_and_moment_of_a_field_is_accepted() -> None:
    example = {"number": "3", "money": "5.00", "date": "2026-01-01", "text": "a", "set": "a", "any": "3"}
    for known in known_fields(DECLARED):
        name = known.name.replace("_Nd", "_90d")
        for which in known.quantifiers or ("",):
            for operator in known.operators:
                value = example[known.kind]
                right = f"[{value}]" if operator in ("in", "not in") else value
                text = f"{which} {known.side}.{name} {operator} {right}".strip()
                for moment in known.moments:
                    assert read_condition(text, (moment,), DECLARED, "EUR").words == text
