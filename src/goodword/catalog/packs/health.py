"""Health: rewards for patients are restricted, and nobody may learn from a reward that a friend is treated."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from goodword.catalog.sighting import most_minor, promises
from goodword.core.checks import Case, Check, Pack, Place, Source

_READ = date(2026, 11, 22)
_KICKBACK = Source(
    "US Anti-Kickback Statute 42 USC 1320a-7b(b); OIG Advisory Opinion 12-06, as told by Holland & Hart",
    _READ,
    "https://hhhealthlawblog.com/referral-reward-programs",
)
_HWG = Source("German Heilmittelwerbegesetz section 7 (1): gifts only of small value (BGH 2013: 1 EUR)", _READ)
_MBO = Source(
    "Model professional code of German physicians (MBO-Ae) section 31 (1): no pay for the assignment of patients;"
    " named from memory, not read anew - ask counsel",
    _READ,
)
_GDPR = Source("GDPR article 9: data concerning health", _READ)
_SMALL_MINOR = 1_00
_SMALL_WORDS = "For remedies and medical devices only gifts of small value are allowed."
_OTHER_WORDS = f"{_SMALL_WORDS} The limit is about 1 EUR, and another currency cannot be compared with it."


def _patients(case: Case) -> Iterator[Place]:
    for field, promise in promises(case):
        if promise.to in ("advocate", "friend", "agent"):
            yield Place(
                f"{field}.give",
                "A reward for patients: rewarding referrals to services that federal programs pay is a felony.",
                "Reward nothing, or have compliance confirm that no federal program pays; then override with their name.",
                "US",
            )


def _assigned(case: Case) -> Iterator[Place]:
    for field, promise in promises(case):
        if promise.to in ("advocate", "agent"):
            yield Place(
                f"{field}.give",
                "Physicians may neither pay nor be paid for patients who are sent to them.",
                "Reward nothing for patients, or have counsel confirm that no physician pays; or leave Germany out of its places.",
                "DE",
            )


def _small(case: Case) -> Iterator[Place]:
    for field, promise in promises(case):
        for row in promise.lines:
            worth = most_minor(case.terms, row) if case.terms.currency == "EUR" else None
            if worth is None or worth > _SMALL_MINOR:
                yield Place(
                    f"{field}.give",
                    _SMALL_WORDS if case.terms.currency == "EUR" else _OTHER_WORDS,
                    "Give at most about 1 EUR, or leave Germany out of its places.",
                    "DE",
                )


def _discreet(case: Case) -> Iterator[Place]:
    if case.terms.disclosure != "nothing":
        yield Place(
            "disclosure.advocate_sees",
            "The referrer would learn from the steps that a friend is treated.",
            "Write advocate_sees: nothing.",
        )


HEALTH = Pack(
    slug="health",
    title="Health",
    help=__doc__ or "",
    sectors=("health",),
    checks=(
        Check("kickback", "No reward for referring patients.", "block", _KICKBACK, _patients, ("US",)),
        Check("small-gifts", "Gifts of small value only.", "warn", _HWG, _small, ("DE",)),
        Check("assignment", "Nobody is paid for sending patients to physicians.", "warn", _MBO, _assigned, ("DE",)),
        Check("discreet", "The referrer sees nothing but the own reward.", "block", _GDPR, _discreet),
    ),
)
