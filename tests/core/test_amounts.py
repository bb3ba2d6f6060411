"""Are amounts exact? Round trips of every currency, and percentages half up against decimal arithmetic."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodword.core.amounts import (
    CURRENCIES,
    LARGEST_MINOR,
    Amount,
    exponent,
    is_currency,
    parse_percent,
    percent_of,
    to_decimal,
    to_minor,
)
from tests.core.worlds import CAREFULLY

assets = st.sampled_from([*sorted(CURRENCIES), "PTS:acme-club", "MONTH:acme"])
minors = st.integers(-LARGEST_MINOR, LARGEST_MINOR)


@CAREFULLY
@given(minors, assets)
def test_minor_units_survive_the_way_through_text(minor: int, asset: str) -> None:
    assert to_minor(to_decimal(minor, asset), asset) == minor


@CAREFULLY
@given(minors, st.decimals("0.0001", "100", places=4))
def test_percentages_round_half_up_as_decimals_do(minor: int, percent: Decimal) -> None:
    exact = Decimal(minor) * percent / 100
    assert percent_of(minor, percent) == int(exact.quantize(Decimal(1), ROUND_HALF_UP))


@pytest.mark.parametrize(
    ("minor", "percent", "expected"), [(1010, "5", 51), (1009, "5", 50), (49, "1", 0), (50, "1", 1)]
)
def test_half_a_cent_is_a_cent(minor: int, percent: str, expected: int) -> None:
    assert percent_of(minor, Decimal(percent)) == expected


@pytest.mark.parametrize(
    ("text", "asset", "minor"),
    [("54.00", "EUR", 5400), ("54", "EUR", 5400), ("-0.5", "EUR", -50), ("54.000", "EUR", 5400), ("5", "JPY", 5)],
)
def test_decimal_strings_are_read(text: str, asset: str, minor: int) -> None:
    assert to_minor(text, asset) == minor


def test_each_asset_has_its_own_smallest_unit() -> None:
    assert to_minor("1.005", "KWD") == 1005
    assert to_minor("3", "PTS:acme-club") == 3


@pytest.mark.parametrize(
    ("text", "asset", "says"),
    [
        ("54,00", "EUR", "not a decimal number"),
        ("1e3", "EUR", "not a decimal number"),
        ("", "EUR", "not a decimal number"),
        ("NaN", "EUR", "not a decimal number"),
        ("٥", "EUR", "not a decimal number"),
        ("5.001", "EUR", "no smaller unit"),
        ("5.5", "JPY", "no smaller unit"),
        ("99999999999999.00", "EUR", "largest amount"),
    ],
)
def test_what_is_no_amount_is_refused_in_words(text: str, asset: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        to_minor(text, asset)


@pytest.mark.parametrize("text", ["0", "-5", "100.01", "abc", "NaN", "Infinity", "12.34567"])
def test_what_is_no_percentage_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="percentage"):
        parse_percent(text)


def test_currencies_have_their_own_number_of_digits() -> None:
    assert (exponent("EUR"), exponent("JPY"), exponent("BHD"), exponent("PTS:x")) == (2, 0, 3, 0)
    assert is_currency("EUR") and not is_currency("eur") and not is_currency("EURO")
    assert str(Amount(-5, "EUR")) == "-0.05 EUR"
