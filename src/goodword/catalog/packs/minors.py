"""Minors: nothing that is for adults is promised to children, and children are not used to sell."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from goodword.catalog.sighting import friend_conditions, promises, speaks_of_age
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


def _exhortation(case: Case) -> Iterator[Place]:
    asked = [one for one in case.terms.friend_conditions if one.field == "age" and one.operator in ("<", "<=", "==")]
    for field, promise in promises(case):
        if asked and promise.to == "friend":
            yield Place(
                field,
                "Children are promised something for buying.",
                "Promise it to adults, or for a sign-up only.",
                "EU",
            )
            return


MINORS = Pack(
    slug="minors",
    title="Minors",
    help=__doc__ or "",
    checks=(
        Check("adults-only", "Products for adults ask the age of both sides.", "block", _ADULTS, _adults_only),
        Check("exhortation", "Children are not exhorted to buy.", "block", _UCPD, _exhortation, _EU),
    ),
)
