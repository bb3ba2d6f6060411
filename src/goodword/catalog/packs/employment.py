"""Employment: what employees were paid is never taken back from their income, and who decides on the hire is left out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from goodword.catalog.sighting import promises, speaks_of_age
from goodword.core.checks import Case, Check, Pack, Place, Source

_READ = date(2026, 11, 22)
_WAGES = Source(
    "California Labor Code 221; deductions from pay are governed state by state",
    _READ,
    "https://legalclarity.org/are-employee-clawbacks-legal-in-california",
)
_PRACTICE = Source("Usual practice of employee referral programs", _READ)
_YOUTH = Source("Data about candidates: GDPR article 8; national laws on the employment of young people", _READ)


def is_employment(case: Case) -> bool:
    """Whether it is about jobs, by its sector or its type."""
    return case.sector == "employment" or case.terms.type == "employee"


def _taken_back(case: Case) -> Iterator[Place]:
    if is_employment(case) and case.terms.friend_debt:
        yield Place(
            "taking_back.friend_debt",
            "The person hired would owe what was paid out: that is taken from employment income.",
            "Write friend_debt: false; pay in instalments that are earned by staying.",
        )
    if is_employment(case) and case.terms.net_within.days:
        yield Place(
            "taking_back.net_within",
            "What was paid is netted against later rewards of the employee, which counts as wages in many places.",
            "Write net_within: 0d; give a part later instead.",
        )


def _deciders(case: Case) -> Iterator[Place]:
    if not is_employment(case) or any(one.side == "advocate" for one in case.terms.advocate_conditions):
        return
    if any(promise.to == "advocate" for _, promise in promises(case)):
        yield Place(
            "advocates.if",
            "Recruiters and hiring managers may refer for their own decision.",
            'Add if: ["advocate.role not in [recruiter, hiring_manager]"].',
        )


def _young(case: Case) -> Iterator[Place]:
    if is_employment(case) and not speaks_of_age(list(case.terms.friend_conditions)):
        yield Place(
            "friends.if",
            "Nothing keeps minors from being referred for jobs.",
            'Add if: ["friend.age >= 18"] where it matters.',
        )


EMPLOYMENT = Pack(
    slug="employment",
    title="Employment",
    help=__doc__ or "",
    checks=(
        Check("no-debt", "Nothing paid is taken back from employment income.", "block", _WAGES,
              lambda case: (one for one in _taken_back(case) if one.field.endswith("friend_debt"))),
        Check("no-netting", "Later rewards are not cut by earlier ones.", "warn", _WAGES,
              lambda case: (one for one in _taken_back(case) if one.field.endswith("net_within"))),
        Check("deciders", "Whoever decides on the hire is not rewarded for it.", "warn", _PRACTICE, _deciders),
        Check("young", "Minors are looked after.", "warn", _YOUTH, _young),
    ),
)  # fmt: skip
