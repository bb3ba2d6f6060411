"""What would have come out otherwise? Two histories of the same events under two versions of a program, referral by referral."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from goodword.core.amounts import is_currency, to_minor
from goodword.core.reasons import Reason, verdict
from goodword.core.recorded import Known, Recorded, kept
from goodword.core.referral import PAID, STANDING
from goodword.core.splitting import UNKNOWN, Part

Change = Literal["newly", "no_longer", "changed", "same", "neither"]
CHANGES: tuple[Change, ...] = ("newly", "no_longer", "changed", "same", "neither")
CUSTOMERS = frozenset({"qualified", "rewarded"})  # states in which the friend did what the program asks for
TAKEN_BACK = frozenset({"denied", "reversed"})
NEAR = (10, 25, 50)  # a near miss fell short by at most so many per cent of what was needed

Key = tuple[str, str, int]  # friend, subject, generation: what a referral is about, whoever gets it


class Outcome(NamedTuple):
    """How one referral came out: None for both where there is none."""

    before: Recorded | None
    after: Recorded | None

    @property
    def change(self) -> Change:
        """The one word for it."""
        return change_of((self.before, self.after))


Pair = tuple[Known | None, Known | None]  # one referral in two histories


def change_of(pair: Pair) -> Change:
    """How a referral comes out in the second history."""
    given, would_be = standing(pair[0]), standing(pair[1])
    if given == would_be:
        return "same" if given else "neither"
    if not given:
        return "newly"
    return "changed" if would_be else "no_longer"


class Sums(msgspec.Struct):
    """What one side costs, in minor units by asset, and how many customers it brought."""

    referrals: int = 0
    customers: int = 0
    given_minor: dict[str, int] = {}
    open_minor: dict[str, int] = {}  # of that, still waiting: the liability

    def add(self, referral: Known | None) -> None:
        """Count one referral in."""
        if referral is None:
            return
        self.referrals += 1
        self.customers += referral.state in CUSTOMERS
        for reward in referral.rewards:
            if reward.state in STANDING:
                self.given_minor[reward.asset] = self.given_minor.get(reward.asset, 0) + reward.amount_minor
                if reward.state not in PAID:
                    self.open_minor[reward.asset] = self.open_minor.get(reward.asset, 0) + reward.amount_minor


class Sides(msgspec.Struct):
    """The same part of a program before and after."""

    before: Sums
    after: Sums

    def add(self, more: Sides) -> None:
        """Count a part of it in."""
        for own, other in ((self.before, more.before), (self.after, more.after)):
            own.referrals += other.referrals
            own.customers += other.customers
            for sums, added in ((own.given_minor, other.given_minor), (own.open_minor, other.open_minor)):
                for asset, minor in added.items():
                    sums[asset] = sums.get(asset, 0) + minor


class NearMisses(msgspec.Struct, frozen=True):
    """Referrals without reward that fell short of one sum by at most `percent` of it."""

    code: str
    needed_minor: int
    asset: str
    percent: int
    count: int
    most_missing_minor: int


class Comparison(msgspec.Struct):
    """The whole: counts of each change, sums in all and by channel, market and tier, what is near, and all that changes."""

    counts: dict[Change, int]
    whole: Sides
    by_channel: dict[str, Sides]
    by_market: dict[str, Sides]  # country at the binding; '' where nobody said
    by_tier: dict[str, Sides]  # where the tier begins: "3", "500.00 EUR"; '' for what hangs on no tier
    suspicious: int  # newly rewarded, though in truth they were denied or taken back
    near: list[NearMisses]
    changed: list[Outcome]


def standing(referral: Known | None) -> Mapping[tuple[str, str], int]:
    """(who, asset) -> what of a referral's rewards counts as given, in minor units."""
    sums: dict[tuple[str, str], int] = {}
    for reward in referral.rewards if referral else ():
        if reward.state in STANDING:
            sums[(reward.to, reward.asset)] = sums.get((reward.to, reward.asset), 0) + reward.amount_minor
    return sums


def compare(
    before: Iterable[Known],
    after: Iterable[Known],
    *,
    part_of: Callable[[Known], Part] = lambda referral: Part(referral.method, UNKNOWN, UNKNOWN),
) -> Comparison:
    """Lay two histories side by side, split by where `part_of` puts a referral.

    Of `before`, which may be read as it is needed, only what comes out otherwise is kept.
    """
    would_be = {key_of(referral): referral for referral in after}
    return gathered(_pairs(before, would_be), part_of)


def _pairs(before: Iterable[Known], would_be: dict[Key, Known]) -> Iterator[Pair]:
    """Each referral of either history once, with what it is in the other."""
    for referral in before:
        yield referral, would_be.pop(key_of(referral), None)
    for referral in would_be.values():
        yield None, referral


def gathered(pairs: Iterable[Pair], part_of: Callable[[Known], Part]) -> Comparison:
    """The comparison of referrals that stand beside each other already."""
    counts: dict[Change, int] = dict.fromkeys(CHANGES, 0)
    found, near = Comparison(counts, _sides(), {}, {}, {}, 0, [], []), _Near()
    parts: dict[Part, Sides] = {}
    for pair in pairs:
        before, after = pair
        change = change_of(pair)
        counts[change] += 1
        # What it counts in is that of the draft, so that both sides of a part stand beside each other.
        known = after or before
        part = part_of(known) if known else Part(UNKNOWN, UNKNOWN, UNKNOWN)
        sides = parts.get(part) or parts.setdefault(part, _sides())
        sides.before.add(before)
        sides.after.add(after)
        if change not in ("same", "neither"):
            found.changed.append(Outcome(kept(before) if before else None, kept(after) if after else None))
        found.suspicious += change == "newly" and before is not None and before.state in TAKEN_BACK
        if after is not None and change in ("neither", "no_longer"):
            near.add(after)
    for part, sides in parts.items():
        found.whole.add(sides)
        for split, name in zip((found.by_channel, found.by_market, found.by_tier), part, strict=True):
            split.setdefault(name, _sides()).add(sides)
    found.changed.sort(key=_place_of)
    found.near = near.groups()
    return found


def _place_of(outcome: Outcome) -> Key:
    known = outcome.after or outcome.before
    assert known is not None, "an outcome is of a referral of one history at least"
    return key_of(known)


def key_of(referral: Known) -> Key:
    """What a referral is about."""
    return referral.friend, referral.subject, referral.generation


class _Near:
    """Referrals without reward that a little more would have earned one, grouped: each is in the narrowest group only."""

    def __init__(self) -> None:
        self._short: dict[tuple[str, int, str, int], list[int]] = {}

    def add(self, referral: Known) -> None:
        """Take one in that has no reward."""
        reason = verdict(referral.reasons)
        missing = _missing(reason) if reason else None
        if reason is None or missing is None:
            return
        short_minor, needed_minor, asset = missing
        percent = next((most for most in NEAR if short_minor * 100 <= needed_minor * most), None)
        if percent is not None:
            self._short.setdefault((reason.code, needed_minor, asset, percent), []).append(short_minor)

    def groups(self) -> list[NearMisses]:
        """The groups, in one order."""
        return [NearMisses(*group, len(short), max(short)) for group, short in sorted(self._short.items())]


def _missing(reason: Reason) -> tuple[int, int, str] | None:
    """(how much was missing, what was needed, currency) where a refused reason compares two sums of one currency."""
    if reason.passed is not False or not reason.value or not reason.needed:
        return None
    have, need = (_amount(text) for text in (reason.value, reason.needed))
    if have is None or need is None or have[1] != need[1] or have[0] >= need[0]:
        return None
    return need[0] - have[0], need[0], need[1]


def _amount(text: str) -> tuple[int, str] | None:
    number, _, currency = text.partition(" ")
    if not is_currency(currency):
        return None
    try:
        return to_minor(number, currency), currency
    except ValueError:
        return None


def counts(referral: Known, program: str, since: datetime | None, leave_out: frozenset[str]) -> bool:
    """Whether it is compared: of this program, touched since then. `leave_out` are parties of whom one history knows less."""
    if referral.program != program or referral.friend in leave_out or referral.advocate in leave_out:
        return False
    return since is None or referral.touch_at >= since


def _sides() -> Sides:
    return Sides(Sums(given_minor={}, open_minor={}), Sums(given_minor={}, open_minor={}))
