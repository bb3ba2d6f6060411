"""By what is a comparison split? The channel, the market and the tier of a referral."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from goodword.core.amounts import Amount
from goodword.core.markets import country_of
from goodword.core.offers import row_at
from goodword.core.recorded import Known, RecordedClaim, RecordedReward
from goodword.core.referral import Claim, Reward
from goodword.core.situation import Situation
from goodword.core.terms import Ladder, Terms

UNKNOWN = ""


class Part(NamedTuple):
    """Where one referral belongs; '' where nobody knows, or where the program has no such thing."""

    channel: str
    market: str
    tier: str


def part_of(situation: Situation, referral: Known) -> Part:
    """By the country at the binding, and by the tier of the version that judges the referral."""
    return Part(referral.method, _market(situation, referral), tier_of(situation, referral))


def _market(situation: Situation, referral: Known) -> str:
    """The friend's country at the binding: what the markets of a program go by, known too where it has none."""
    told = situation.attribute(referral.friend, "country", referral.bound_at)
    if told:
        return str(told).strip().upper()
    binding = next((event for event in situation.history(referral.friend) if event.id == referral.bound_event), None)
    return (country_of(situation, referral.friend, binding) if binding else None) or UNKNOWN


def tier_of(situation: Situation, referral: Known) -> str:
    """Where the tier begins that a place on a ladder falls into, or the rung that a reward of its own was given for."""
    versions = situation.book.get(referral.program, ())
    terms = next((one for one in versions if one.version == referral.version), None)
    if terms is None:
        return UNKNOWN
    rewards: Sequence[Reward | RecordedReward] = referral.rewards
    claims: Sequence[Claim | RecordedClaim] = referral.claims
    for reward in reversed(rewards):
        rung = reward.promise.partition("@")[2]
        promise = terms.promise(reward.promise)
        if rung and promise is not None and promise.ladder is not None:
            return _told(terms, promise.ladder, int(rung)) if rung.isdecimal() else rung
    for claim in reversed(claims):
        promise = terms.promise(claim.key) if claim.kind == "counted" and claim.counters else None
        if promise is not None and promise.ladder is not None and len(promise.ladder.rows) > 1:
            row = row_at(promise.ladder.rows, claim.value)
            return _told(terms, promise.ladder, row.at if row else 0)
    return UNKNOWN


def _told(terms: Terms, ladder: Ladder, begin: int) -> str:
    """3 friends as "3", 500.00 EUR of orders as "500.00 EUR"; "0" below the first tier."""
    return str(begin) if ladder.by == "count" or not begin else str(Amount(begin, terms.currency))
