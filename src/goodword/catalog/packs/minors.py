"""Minors: nothing that is for adults is promised to children, and children are not used to sell."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from math import ceil, floor

from goodword.catalog.sighting import friend_conditions, needs_sale, promises, speaks_of_age
from goodword.core.checks import Case, Check, Pack, Place, Source

_READ = date(2026, 11, 22)
_UCPD = Source(
    "Unfair Commercial Practices Directive 2005/29/EC, annex I no. 28: direct exhortation to children",
    _READ,
    "https://webgate.ec.europa.eu/ucp/public/index.cfm?event=public.directive.compare&elemID=196&ret=196",
)
_ADULTS = Source(
    "Laws on products for adults (gambling, alcohol, investments): at least 18, in the US 21 for alcohol", _READ
)
_COPPA = Source(
    "Children's Online Privacy Protection Rule, 16 CFR 312.5: verifiable consent of a parent",
    _READ,
    "https://law.lawstack.com/laws/16-cfr_s_312-5_parental-consent",
)
_GROWN_UP, _COPPA_YEARS = 18, 13
_FOR_ADULTS = ("gambling", "alcohol", "investments", "banking")
_EU = tuple(
    "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE".split()  # of the Union
)


def _adults_only(case: Case) -> Iterator[Place]:
    if case.sector not in _FOR_ADULTS or not case.terms.promises:
        return
    if not speaks_of_age(list(friend_conditions(case.terms))):
        yield Place(
            "friends.if",
            "Nothing keeps minors from joining.",
            'Add if: ["friend.age >= 18"] (21 where that is the law).',
        )
    if not speaks_of_age(list(case.terms.advocate_conditions)):
        yield Place("advocates.if", "Nothing keeps minors from referring.", 'Add if: ["advocate.age >= 18"].')


def _ages(case: Case) -> tuple[int, int] | None:
    """The youngest and oldest whole years that a friend may be; None: nobody asks."""
    youngest, oldest, is_asked = 0, 150, False
    for one in friend_conditions(case.terms):
        if one.field != "age" or not all(_is_number(value) for value in one.values):
            continue
        values = [float(value) for value in one.values]
        if one.operator in (">", ">="):
            youngest = max(youngest, floor(values[0]) + 1 if one.operator == ">" else ceil(values[0]))
        elif one.operator in ("<", "<="):
            oldest = min(oldest, ceil(values[0]) - 1 if one.operator == "<" else floor(values[0]))
        elif one.operator in ("==", "in"):
            youngest, oldest = max(youngest, ceil(min(values))), min(oldest, floor(max(values)))
        else:
            continue
        is_asked = True
    return (youngest, oldest) if is_asked else None


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal()


def _exhortation(case: Case) -> Iterator[Place]:
    """Only children may join, and a friend is promised something that takes a purchase."""
    ages = _ages(case)
    if ages is None or ages[1] >= _GROWN_UP:
        return
    for field, promise in promises(case):
        if promise.to == "friend" and needs_sale(case.terms, promise.on.partition("#")[0]):
            yield Place(
                field,
                "Children are promised something for buying.",
                "Promise it to adults, or for a sign-up only.",
                "EU",
            )


def _under_13(case: Case) -> Iterator[Place]:
    """Age is asked, so it is known, and children under 13 may join."""
    ages = _ages(case)
    if ages is not None and ages[0] < _COPPA_YEARS:
        yield Place(
            "friends.if",
            "Children under 13 may join, and their data would be collected without the consent of a parent.",
            'Add if: ["friend.age >= 13"], or have a parent consent verifiably before anything is collected.',
            "US",
        )


MINORS = Pack(
    slug="minors",
    title="Minors",
    help=__doc__ or "",
    checks=(
        Check("adults-only", "Products for adults ask the age of both sides.", "block", _ADULTS, _adults_only),
        Check("exhortation", "Children are not exhorted to buy.", "block", _UCPD, _exhortation, _EU),
        Check("coppa", "No data of children under 13 without a parent.", "warn", _COPPA, _under_13, ("US",)),
    ),
)
