"""What would other sums have come to? A draft that changes only how much is given need not decide anew who gets it.

Every referral stands on record with all that was weighed for it. Where a draft differs from what was live in nothing but
fixed sums, budgets, higher limits and what is only told, and none of these ever decided anything (no budget ran short, no limit
was near, nothing is weighed against something else), the same people get the same rewards at the same moments, and each
comes to the new sum. Whatever cannot be shown to be so is named, and history is decided anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

import msgspec

from goodword.core.amounts import is_currency
from goodword.core.recorded import Recorded, RecordedReward
from goodword.core.rows import SINCE_EVER
from goodword.core.terms import Promise, Terms
from goodword.core.units import is_points

# What a reason of a referral may not say: here a sum decided, or terms of more than one version were put together.
_SUMS_DECIDED = tuple(
    f'"{code}"'.encode()
    for code in ("budget_ended", "funds_ended", "paid_from_overrun", "limit_partial", "promise_shared", "outdone")
)
_NOT_AS_DECIDED = frozenset({"move", "carried"})  # claims: moved to other terms, brought in from another system


# Names, addresses, what people are shown, and the calendar of payments: none of it decides anything.
_ONLY_TOLD: dict[str, Any] = {
    "name": "",
    "type": "",
    "landing": None,
    "disclosure": "",
    "business_days": 0,
    "payout_days": None,
    "holidays": frozenset(),
}


class DecidedAnew(Exception):
    """Why the record cannot tell: the sentence says what stands against it."""


class Cap(msgspec.Struct, frozen=True):
    """A limit of sums: over which promises together, at most how much, and whether each payee has a place of one's own."""

    promises: frozenset[str]
    most_minor: int
    is_each: bool


class Repricing(msgspec.Struct):
    """A draft that changes only sums: what each promise came to by version, and what it comes to under the draft's number."""

    number: int
    was: dict[int, dict[str, int]]
    now: dict[str, int]
    caps: tuple[Cap, ...]
    growth: Fraction  # the most that any promise grows by, never below 1
    limits_rise: bool  # where one was reached, somebody else would have been let in
    given: dict[tuple[int, str], list[int]] = {}  # (cap, payee) -> all that was ever given there, and would have been

    def of(self, known: Recorded) -> Recorded:
        """The referral under the draft. Raises DecidedAnew where the record does not say all."""
        was = self.was.get(known.version)
        if was is None:
            raise DecidedAnew("Referrals stand under versions that were not in force.")
        self._check(known)
        rewards = tuple(self._repriced(reward, was) for reward in known.rewards)
        return msgspec.structs.replace(known, version=self.number, rewards=rewards)

    def beside(self, known: Recorded) -> None:
        """A referral that keeps its version and is not compared: budget and limits are its own too."""
        self._check(known)
        for reward in known.rewards:
            self._counted(_key(reward), reward, reward.amount_minor)

    def _check(self, known: Recorded) -> None:
        """No sum, and nobody who moved it, decided about this referral."""
        for claim in known.claims:
            if claim.kind in _NOT_AS_DECIDED:
                raise DecidedAnew("Referrals were moved between versions, or brought in from another system.")
            if claim.kind == "limit" and not claim.granted and (self.caps or self.limits_rise):
                raise DecidedAnew("A limit was reached.")
        told = bytes(known.told)
        if self.limits_rise and b'"limit_reached"' in told:
            raise DecidedAnew("A limit was reached.")
        for code in _SUMS_DECIDED:
            if code in told:
                raise DecidedAnew("A budget, a limit or a promise that was shared decided about sums.")

    def _repriced(self, reward: RecordedReward, was: dict[str, int]) -> RecordedReward:
        key = _key(reward)
        minor = self.now.get(key)
        if minor is not None and reward.amount_minor != was[key]:
            raise DecidedAnew("A reward came to something else than its promise says.")
        after = reward.amount_minor if minor is None else minor
        self._counted(key, reward, after)
        if after == reward.amount_minor:
            return reward
        return msgspec.structs.replace(reward, amount_minor=after)

    def _counted(self, key: str, reward: RecordedReward, after: int) -> None:
        for n, cap in enumerate(self.caps):
            if key in cap.promises:
                place = (n, reward.payee if cap.is_each else "")
                sums = self.given.get(place) or self.given.setdefault(place, [0, 0])
                sums[0] += reward.amount_minor
                sums[1] += after
                if max(sums) > cap.most_minor:
                    raise DecidedAnew("A limit of sums may have been reached.")


def _key(reward: RecordedReward) -> str:
    """The promise; of one that repeats without the number of the occurrence, of a ladder without the rung."""
    return reward.promise.partition("#")[0].partition("@")[0]


def only_sums(draft: Terms, replaced: Sequence[Terms], others: Iterable[Terms], number: int) -> Repricing:
    """What a draft changes of the versions in whose place it stands, where that is nothing but fixed sums.

    `others` are the terms of the client's other programs. Raises DecidedAnew with what else changes, or what hangs on sums.
    """
    if draft.markets or draft.contest or draft.contracts:
        raise DecidedAnew("Markets, contests and contracts have sums of their own.")
    if (
        draft.stacking.promises != "all"
        or draft.stacking.programs
        or any(one.stacking.with_program(draft.program) for one in others)
    ):
        raise DecidedAnew("Rewards are weighed against each other.")
    plain = _without_sums(draft)
    if any(_without_sums(terms) != plain for terms in replaced):
        raise DecidedAnew("More than fixed sums changes.")
    limits = [
        tuple(limit.most for promise in terms.promises for limit in promise.limits) for terms in (draft, *replaced)
    ]
    lowest = tuple(map(min, zip(*limits, strict=True)))
    if any(most < before for earlier in limits[1:] for most, before in zip(limits[0], earlier, strict=True)):
        raise DecidedAnew("A limit is lower than it was.")
    now = _sums(draft)
    was = {terms.version: _sums(terms) for terms in replaced}
    changed = {key for sums in was.values() for key, minor in now.items() if sums[key] != minor}
    if draft.has_budget and any(_unit_of(draft, key) for key in changed):
        raise DecidedAnew("What its units cost comes out of a budget.")
    growth = max((Fraction(now[key], sums[key]) for sums in was.values() for key in changed), default=Fraction(1))
    return Repricing(
        number, was, now, _caps(draft, changed, lowest), max(growth, Fraction(1)), limits_rise=lowest != limits[0]
    )


def is_less_for_referrers(draft: Terms, earlier: Terms) -> bool:
    """Whether a version may promise the referrer something that the draft does not."""
    if _without_sums(draft) != _without_sums(earlier):
        return True
    mine, now = _sums(earlier), _sums(draft)
    return any(mine[one.key] > now[one.key] for one in draft.promises if one.to == "advocate" and one.key in now)


def _is_plain(promise: Promise) -> bool:
    """Whether it gives one fixed sum of money or points, above zero, whatever was bought."""
    give = promise.give
    if promise.rows or promise.ladder or promise.choice or not (is_currency(give.asset) or is_points(give.asset)):
        return False
    is_fixed = give.percent is None and not give.bands and give.per is None and bool(give.fixed_minor)
    return is_fixed and promise.kind.amount_minor(give, None) == give.fixed_minor


def _without_sums(terms: Terms) -> Terms:
    """The terms with plain sums, the numbers of limits and budgets, and all that is only told left out."""
    return msgspec.structs.replace(
        terms,
        promises=tuple(_without_sum(promise) for promise in terms.promises),
        budget=terms.budget and msgspec.structs.replace(terms.budget, amount_minor=0),
        version=0,
        live_from=SINCE_EVER,
        hash="",
        **_ONLY_TOLD,
    )


def _without_sum(promise: Promise) -> Promise:
    give = msgspec.structs.replace(promise.give, fixed_minor=0) if _is_plain(promise) else promise.give
    limits = tuple(msgspec.structs.replace(limit, most=0) for limit in promise.limits)
    return msgspec.structs.replace(promise, give=give, limits=limits)


def _sums(terms: Terms) -> dict[str, int]:
    return {one.key: one.give.fixed_minor or 0 for one in terms.promises if _is_plain(one)}


def _unit_of(terms: Terms, key: str) -> bool:
    promise = terms.promise(key)
    return promise is not None and not is_currency(promise.give.asset)


def _caps(terms: Terms, changed: set[str], lowest: tuple[int, ...]) -> tuple[Cap, ...]:
    """Limits of sums that a changed promise stands under, each at its lowest, over all promises that share it."""
    found: dict[str, Cap] = {}
    places = [(promise.key, limit) for promise in terms.promises for limit in promise.limits]
    for n, ((key, limit), most) in enumerate(zip(places, lowest, strict=True)):
        if limit.counts == "amount":
            name = limit.shared or str(n)
            together = found[name].promises if name in found else frozenset()
            found[name] = Cap(together | {key}, most, limit.over == "person")
    return tuple(cap for cap in found.values() if cap.promises & changed)
