"""What would other sums have come to? A draft that changes only how much is given need not decide anew who gets it.

Every referral stands on record with all that was weighed for it. Where a draft differs from what was live in nothing but
fixed sums, and no sum ever decided anything (no budget ran short, no limit of sums was near, nothing is weighed against
something else), the same people get the same rewards at the same moments, and each comes to the new sum. Whatever cannot be
shown to be so is named, and history is decided anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

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
            if claim.kind == "limit" and not claim.granted and self.caps:
                raise DecidedAnew("A limit was reached.")
        told = bytes(known.told)
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
    now = _sums(draft)
    was = {terms.version: _sums(terms) for terms in replaced}
    changed = {key for sums in was.values() for key, minor in now.items() if sums[key] != minor}
    if draft.has_budget and any(_unit_of(draft, key) for key in changed):
        raise DecidedAnew("What its units cost comes out of a budget.")
    growth = max((Fraction(now[key], sums[key]) for sums in was.values() for key in changed), default=Fraction(1))
    return Repricing(number, was, now, _caps(draft, changed), max(growth, Fraction(1)))


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
    """The terms with every plain sum, and all that only names them, left out."""
    promises = tuple(
        msgspec.structs.replace(one, give=msgspec.structs.replace(one.give, fixed_minor=0)) if _is_plain(one) else one
        for one in terms.promises
    )
    return msgspec.structs.replace(
        terms, version=0, live_from=SINCE_EVER, name="", type="", landing=None, hash="", promises=promises
    )


def _sums(terms: Terms) -> dict[str, int]:
    return {one.key: one.give.fixed_minor or 0 for one in terms.promises if _is_plain(one)}


def _unit_of(terms: Terms, key: str) -> bool:
    promise = terms.promise(key)
    return promise is not None and not is_currency(promise.give.asset)


def _caps(terms: Terms, changed: set[str]) -> tuple[Cap, ...]:
    """Limits of sums that a changed promise stands under, in the amounts of all promises that share them."""
    found: dict[str, Cap] = {}
    for promise in terms.promises:
        for n, limit in enumerate(promise.limits):
            if limit.counts == "amount":
                name = limit.shared or f"{promise.key} {n}"
                together = found[name].promises if name in found else frozenset()
                found[name] = Cap(together | {promise.key}, limit.most, limit.over == "person")
    return tuple(cap for cap in found.values() if cap.promises & changed)
