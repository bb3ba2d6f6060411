"""What would other sums have come to? A draft that changes only how much is given need not decide anew who gets it.

Every referral stands on record with all that was weighed for it. Where a draft differs from what was live in nothing but
sums and shares, budgets, higher limits and what is only told, and none of these ever decided anything (no budget ran short, no
limit was near, nothing is weighed against something else), the same people get the same rewards at the same moments, and each
comes to what the draft gives for the same order. Whatever cannot be shown to be so is named, and history is decided anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import msgspec

from goodword.core.amounts import is_currency
from goodword.core.kind import Band, Give, RewardKind
from goodword.core.recorded import Recorded, RecordedReward
from goodword.core.rows import SINCE_EVER
from goodword.core.terms import Promise, Terms
from goodword.core.units import is_points

# What a reason of a referral may not say: here a sum decided, or terms of more than one version were put together.
_SUMS_DECIDED = tuple(
    f'"{code}"'.encode()
    for code in (
        "budget_ended", "funds_ended", "paid_from_overrun", "limit_partial", "promise_shared", "outdone", "no_reward",
    )
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


class Gift(msgspec.Struct, frozen=True):
    """What a promise gives: a fixed sum, or so much of what was bought, the more the more of it."""

    kind: RewardKind
    give: Give

    @property
    def fixed_minor(self) -> int | None:
        """The one sum that it always comes to; None: it hangs on what was bought."""
        return None if self.give.is_share else self.give.fixed_minor

    def of(self, base_minor: int | None) -> int | None:
        """What it comes to for an order; None where nobody knows of one."""
        return self.kind.amount_minor(self.give, base_minor)


class Cap(msgspec.Struct, frozen=True):
    """A limit of sums: over which promises together, at most how much, and whether each payee has a place of one's own."""

    promises: frozenset[str]
    most_minor: int
    is_each: bool


class Repricing(msgspec.Struct):
    """A draft that changes only sums: what each promise gave by version, and what it gives under the draft's number."""

    number: int
    was: dict[int, dict[str, Gift]]
    now: dict[str, Gift]
    caps: tuple[Cap, ...]
    growth: Fraction  # the most that any of them grows by, as far as that can be said; never below 1
    limits_rise: bool  # where one was reached, somebody else would have been let in
    are_rounded: bool = False  # shares change, and each is rounded for itself
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
                raise DecidedAnew("A budget, a limit, a promise that was shared or too small an order decided about sums.")

    def _repriced(self, reward: RecordedReward, was: dict[str, Gift]) -> RecordedReward:
        key = _key(reward)
        gift, after = self.now.get(key), reward.amount_minor
        if gift is not None:
            if after != was[key].of(reward.base_minor):
                raise DecidedAnew("A reward came to something else than its promise says.")
            after = gift.of(reward.base_minor) or 0
            if not after:
                raise DecidedAnew("A reward would come to nothing, or nobody knows for what it was given.")
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
    """What a draft changes of the versions in whose place it stands, where that is nothing but sums and shares.

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
    now = _gifts(draft)
    plain = _with_gifts(draft, now)
    if any(_with_gifts(terms, now) != plain for terms in replaced):
        raise DecidedAnew("More than sums and shares changes.")
    limits = [
        tuple(limit.most for promise in terms.promises for limit in promise.limits) for terms in (draft, *replaced)
    ]
    lowest = tuple(map(min, zip(*limits, strict=True)))
    if any(most < before for earlier in limits[1:] for most, before in zip(limits[0], earlier, strict=True)):
        raise DecidedAnew("A limit is lower than it was.")
    was = {terms.version: _gifts(terms) for terms in replaced}
    if any(len({gifts[key].kind.slug for gifts in was.values()}) > 1 for key in now):
        raise DecidedAnew("What was given was not of one kind.")  # who is attributed anew, gives the one back for the other
    changed = {key for gifts in was.values() for key, gift in now.items() if gifts[key] != gift}
    if draft.has_budget and any(_unit_of(draft, key) for key in changed):
        raise DecidedAnew("What its units cost comes out of a budget.")
    shares = {key for gifts in (now, *was.values()) for key, gift in gifts.items() if gift.fixed_minor is None}
    growth = [_growth(gifts[key], now[key]) for gifts in was.values() for key in changed]
    if draft.has_budget and None in growth:
        raise DecidedAnew("A budget stands over shares of what was bought.")
    caps = _caps(draft, changed, lowest)
    if any(cap.promises - (now.keys() - shares) for cap in caps):  # what it was over for a while is not on record
        raise DecidedAnew("A limit of sums stands over shares of what was bought.")
    most = max((Fraction(1), *filter(None, growth)))
    return Repricing(number, was, now, caps, most, limits_rise=lowest != limits[0], are_rounded=bool(shares & changed))


def _growth(was: Gift, now: Gift) -> Fraction | None:
    """The most that it grows by, whatever was bought; None: for some orders by any number of times."""
    if was.fixed_minor and now.fixed_minor:
        return Fraction(now.fixed_minor, was.fixed_minor)
    old, new = was.give, now.give
    if old.percent is None or new.percent is None or (old.max_minor and not new.max_minor):
        return None
    of_most = Fraction(new.max_minor, old.max_minor) if old.max_minor and new.max_minor else Fraction(0)
    return max(Fraction(new.percent) / Fraction(old.percent), of_most)


def is_less_for_referrers(draft: Terms, earlier: Terms) -> bool:
    """Whether a version may promise the referrer something that the draft does not."""
    mine, now = _gifts(earlier), _gifts(draft)
    if _with_gifts(draft, now) != _with_gifts(earlier, now):
        return True
    theirs = [one.key for one in draft.promises if one.to == "advocate" and one.key in now]
    return any(_may_be_more(mine[key], now[key]) for key in theirs)


def _may_be_more(gift: Gift, other: Gift) -> bool:
    if gift.fixed_minor is None or other.fixed_minor is None:
        return gift != other
    return gift.fixed_minor > other.fixed_minor


def _is_plain(promise: Promise) -> bool:
    """Whether it gives one sum of money or points: a fixed one, or the more the more was bought.

    Of what was sent a part is taken back where less was bought in the end: what it comes to then follows from the least that was
    ever bought only where less bought never comes to more.
    """
    give = promise.give
    if promise.rows or promise.ladder or promise.choice or not (is_currency(give.asset) or is_points(give.asset)):
        return False
    fixed = Gift(promise.kind, give).fixed_minor
    if fixed is not None:
        return bool(fixed) and promise.kind.amount_minor(give, None) == fixed
    return give.is_sliced or _rise(give.bands)


def _rise(bands: Sequence[Band]) -> bool:
    return all(before.percent <= after.percent for before, after in pairwise(bands))


def _with_gifts(terms: Terms, gifts: Mapping[str, Gift]) -> Terms:
    """The terms with these gifts in the place of their own plain ones, without numbers of limits and budgets and all that is
    only told."""
    return msgspec.structs.replace(
        terms,
        promises=tuple(_with_gift(promise, gifts.get(promise.key)) for promise in terms.promises),
        budget=terms.budget and msgspec.structs.replace(terms.budget, amount_minor=0),
        version=0,
        live_from=SINCE_EVER,
        hash="",
        **_ONLY_TOLD,
    )


def _with_gift(promise: Promise, gift: Gift | None) -> Promise:
    limits = tuple(msgspec.structs.replace(limit, most=0) for limit in promise.limits)
    if gift is None or not _is_plain(promise) or gift.give.asset != promise.give.asset:
        return msgspec.structs.replace(promise, limits=limits)
    return msgspec.structs.replace(promise, kind=gift.kind, give=gift.give, limits=limits)


def _gifts(terms: Terms) -> dict[str, Gift]:
    return {one.key: Gift(one.kind, one.give) for one in terms.promises if _is_plain(one)}


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
