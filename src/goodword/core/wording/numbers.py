"""How are amounts, dates and numbers written in a language, and which plural does a number take?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from goodword.core.amounts import exponent, unit_words

Messages = Mapping[str, str | Mapping[str, str]]

# (between thousands, before decimals, before a unit or a percent sign)
_SIGNS = {"en": (",", ".", "\u00a0"), "de": (".", ",", "\u00a0"), "es": (".", ",", "\u00a0"), "fr": ("\u202f", ",", "\u00a0"),
          "ar": (",", ".", "\u00a0")}  # fmt: skip
_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "ar": "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
}
_DAYS = {"en": "{d} {m} {y}", "de": "{d}. {m} {y}", "es": "{d} de {m} de {y}", "fr": "{d} {m} {y}", "ar": "{d} {m} {y}"}
_DAYS_OF_YEAR = {"en": "{d} {m}", "de": "{d}. {m}", "es": "{d} de {m}", "fr": "{d} {m}", "ar": "{d} {m}"}


def plain(number: int | Decimal, language: str) -> str:
    """A number: 1,234.5 in English, 1.234,5 in German."""
    thousands, decimals, _ = _SIGNS[language]
    whole, _, fraction = f"{abs(Decimal(number)):f}".partition(".")
    grouped = f"{int(whole):,}".replace(",", thousands)
    if language == "es" and len(whole) == 4:  # four digits stand together in Spanish
        grouped = whole
    sign = "−" if number < 0 else ""
    return f"{sign}{grouped}{decimals}{fraction}" if fraction else f"{sign}{grouped}"


def amount(minor: int, asset: str, language: str, names: Mapping[str, str]) -> str:
    """An amount with its unit: 1.234,50 EUR; named units by the name that the terms give them."""
    digits = exponent(asset)
    number = plain(Decimal(minor).scaleb(-digits) if digits else minor, language)
    return f"{number}{_SIGNS[language][2]}{names.get(asset) or unit_words(asset)}"


def percent(share: Decimal, language: str) -> str:
    """A share: 12,5 %."""
    return f"{plain(share.normalize(), language)}{_SIGNS[language][2]}%"


def day(at: date, language: str) -> str:
    """A day: 31 December 2026, 31. Dezember 2026."""
    return _DAYS[language].format(d=at.day, m=_MONTHS[language].split()[at.month - 1], y=at.year)


def day_of_year(month: int, day_: int, language: str) -> str:
    """A day that comes each year: 1 April."""
    return _DAYS_OF_YEAR[language].format(d=day_, m=_MONTHS[language].split()[month - 1])


def day_of_month(day_: int, language: str) -> str:
    """A day that comes each month: 1st, 15th."""
    if language == "en":
        return f"{day_}{'th' if day_ in (11, 12, 13) else {1: 'st', 2: 'nd', 3: 'rd'}.get(day_ % 10, 'th')}"
    if language == "de":
        return f"{day_}."
    return "1er" if language == "fr" and day_ == 1 else f"{day_}"


def plural(number: int, language: str) -> str:
    """The form that a number takes: one and other, in Arabic six of them."""
    if language == "ar":
        if number in (0, 1, 2):
            return ("zero", "one", "two")[number]
        return "few" if 3 <= number % 100 <= 10 else "many" if number % 100 >= 11 else "other"
    if language == "fr":
        return "one" if number in (0, 1) else "other"
    return "one" if number == 1 else "other"
