"""How much is it? Whole minor units of one named asset, parsed and rounded without floats."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

import msgspec

# ISO 4217 currencies whose minor unit is not 1/100; every other three-letter code in CURRENCIES has two digits.
_OTHER_EXPONENTS = {
    **dict.fromkeys(
        (
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
CURRENCIES = frozenset(
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP"
    " CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR"
    " ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN"
    " MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD"
    " SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW"
    " ZWG".split()
)
LARGEST_MINOR = 10**15  # beyond this an amount is a mistake, and a bigint sum of 9,000 of them still fits

_DECIMAL = re.compile(r"-?[0-9]{1,16}(\.[0-9]{1,6})?\Z")


class Amount(msgspec.Struct, frozen=True, order=True):
    """`minor` whole minor units of `asset` (a currency code, or a named unit such as PTS:acme-club)."""

    minor: int
    asset: str

    def __str__(self) -> str:
        return f"{to_decimal(self.minor, self.asset)} {unit_words(self.asset)}"


def exponent(asset: str) -> int:
    """Decimal digits of the asset: 2 for EUR, 0 for JPY and for named units that are not money."""
    if ":" in asset:
        return 0
    return _OTHER_EXPONENTS.get(asset, 2)


def unit_words(asset: str) -> str:
    """What people call an asset: a currency by its code, a named unit by its name ("PTS:glow" -> "glow points")."""
    family, named, name = asset.partition(":")
    if not named:
        return asset
    plain = name.replace("-", " ")
    return f"{plain} points" if family == "PTS" and not plain.endswith("points") else plain


def is_currency(code: str) -> bool:
    """Whether `code` is a currency that Goodword accepts for money (ISO 4217, upper case)."""
    return code in CURRENCIES


def to_minor(text: str, asset: str) -> int:
    """Minor units of a decimal string: "54.00" EUR -> 5400. Raises ValueError in words a sender can act on."""
    if not _DECIMAL.match(text):
        raise ValueError(f'"{text[:40]}" is not a decimal number; send a decimal string such as "54.00"')
    digits = exponent(asset)
    whole, _, fraction = text.partition(".")
    if len(fraction) > digits and fraction[digits:].strip("0"):
        raise ValueError(
            f'"{text}" has more than {digits} decimals, {asset} has no smaller unit; round it before sending'
        )
    minor = int(whole + fraction[:digits].ljust(digits, "0"))
    if abs(minor) > LARGEST_MINOR:
        raise ValueError(f'"{text}" is beyond the largest amount accepted')
    return minor


def to_decimal(minor: int, asset: str) -> str:
    """Decimal string of minor units: 5400 EUR -> "54.00"."""
    digits = exponent(asset)
    sign = "-" if minor < 0 else ""
    if digits == 0:
        return f"{sign}{abs(minor)}"
    whole, rest = divmod(abs(minor), 10**digits)
    return f"{sign}{whole}.{rest:0{digits}d}"


def percent_of(minor: int, percent: Decimal) -> int:
    """`percent` of an amount, half up to the minor unit (ties away from zero): the rounding of terms.md 3."""
    numerator = abs(minor) * int(percent * 1_000_000)
    rounded = (2 * numerator + 100_000_000) // 200_000_000
    return rounded if minor >= 0 else -rounded


def parse_percent(text: str) -> Decimal:
    """Percent from a decimal string or int ("20", "12.5"); between 0 and 100, at most 4 decimals."""
    try:
        percent = Decimal(text)
    except InvalidOperation:
        raise ValueError(f'"{text}" is not a percentage; write a number such as 20 or "12.5"') from None
    if not percent.is_finite() or not 0 < percent <= 100 or percent != percent.quantize(Decimal("0.0001")):
        raise ValueError(f'"{text}" is not a percentage above 0 and up to 100 with at most 4 decimals')
    return percent
