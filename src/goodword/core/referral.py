"""What is a referral, where does it stand, and which moves are allowed? The one table of states that every screen uses."""

from __future__ import annotations

from datetime import datetime

import msgspec

from goodword.core.contest import Score
from goodword.core.kind import Finding
from goodword.core.reasons import Reason

# Referral: the way forward, side states, and ends. A state may move to any state named behind it.
REFERRAL_MOVES: dict[str, tuple[str, ...]] = {
    "joined": ("qualified", "rewarded", "waiting", "held", "not_qualified", "expired", "lapsed", "denied", "reversed"),
    "waiting": ("joined", "qualified", "rewarded", "held", "not_qualified", "expired", "lapsed", "denied", "reversed"),
    "held": ("joined", "qualified", "rewarded", "waiting", "denied", "reversed", "not_qualified", "expired", "lapsed"),
    "qualified": ("joined", "rewarded", "waiting", "held", "denied", "reversed", "not_qualified", "expired", "lapsed"),
    "rewarded": ("qualified", "waiting", "held", "reversed", "denied", "lapsed"),
    "not_qualified": ("joined", "qualified", "rewarded", "waiting", "held", "denied", "reversed", "expired", "lapsed"),
    "expired": ("joined", "qualified", "rewarded", "waiting", "held", "denied", "reversed", "not_qualified", "lapsed"),
    "lapsed": ("joined", "qualified", "rewarded", "waiting", "held", "denied", "reversed", "not_qualified", "expired"),
    "denied": ("joined", "qualified", "rewarded", "held", "waiting"),
    "reversed": ("joined", "qualified", "rewarded", "waiting", "held", "denied", "not_qualified", "expired", "lapsed"),
}

REWARD_MOVES: dict[str, tuple[str, ...]] = {
    "pending": ("payable", "in_review", "voided"),
    "in_review": ("pending", "payable", "voided"),
    "payable": ("sent", "in_review", "voided", "clawed_back"),  # in review again: a word or a switch was taken back
    "sent": ("clawed_back",),
    "clawed_back": ("written_off", "payable", "pending"),
    "voided": ("pending", "in_review", "payable"),  # earned again by a later order
    "written_off": (),
}

STANDING = frozenset({"pending", "in_review", "payable", "sent"})  # rewards that count as given
PAID = frozenset({"payable", "sent"})
TOLD = "told"  # the kind of claim that says of what notice was given


class Claim(msgspec.Struct, frozen=True, omit_defaults=True):
    """A fact written once, in order of decision, and an input of every later re-decision.

    `kind`: budget, limit, screening, review, waived, release, choice, counted (a place on a ladder),
    move (to the version `value`), told (notice was given by the version `value`; `key` says of what).
    `key` is the promise it speaks of ('' for the whole referral).
    `granted` True, False, or None where a person still has to decide.
    """

    kind: str
    key: str
    granted: bool | None
    at: datetime
    value: int = 0
    reason: Reason | None = None
    findings: tuple[Finding, ...] = ()
    counters: tuple[tuple[str, int, int], ...] = ()  # places taken: (counter, number, amount)
    without: tuple[str, ...] = ()  # signals whose findings do not count here: they were switched off since


# What the line about a reward says of each state: its code, and whether it is passed (None: still on its way).
REWARD_LINES: dict[str, tuple[str, bool | None]] = {
    "pending": ("reward_pending", None),
    "in_review": ("reward_in_review", None),
    "payable": ("reward_payable", True),
    "sent": ("reward_sent", True),
    "voided": ("reward_voided", False),
    "clawed_back": ("reward_clawed_back", False),
    "written_off": ("written_off", False),
}


class Reward(msgspec.Struct, frozen=True, omit_defaults=True):
    """A grant on its way to a payee. `round` counts how often it was granted anew after being voided."""

    id: str
    promise: str
    to: str
    payee: str
    kind: str
    asset: str
    amount_minor: int
    milestone_at: datetime
    due_at: datetime
    state: str
    granted_at: datetime
    state_at: datetime
    entry: str  # the pending entry, or the last posted one
    source: str  # account that the money came from
    round: int = 0
    clawed_minor: int = 0
    wallet: str | None = None  # the household that holds it, where that is not the payee
    base_minor: int | None = None  # what was bought, as far as the amount follows it: a share is a share of that

    @property
    def holder(self) -> str:
        """Whose account it was granted to."""
        return self.wallet or self.payee


class Referral(msgspec.Struct, frozen=True, omit_defaults=True):
    """One advocate, one friend, one subject, one program; `generation` counts re-referrals after a lapse."""

    id: str
    program: str
    friend: str
    subject: str
    version: int
    method: str
    bound_at: datetime
    bound_event: str
    touch_at: datetime
    touch_event: str
    state: str
    state_at: datetime
    created_at: datetime
    advocate: str
    code: str | None = None
    generation: int = 0
    reasons: tuple[Reason, ...] = ()
    rewards: tuple[Reward, ...] = ()
    claims: tuple[Claim, ...] = ()
    reserved: tuple[tuple[str, int], ...] = ()  # budget set aside: (promise key, minor units)
    next_due_at: datetime | None = None
    decides_at: datetime | None = None  # where the next moment only gives notice: the one after it
    waits_on: tuple[str, ...] = ()  # parties of whom something may be heard that this referral waits for
    stands_since: datetime | None = None  # when it first reached a milestone with a promise, while it stands
    woken: int = 0  # how often something that it reads changed elsewhere, after it was decided
    score: Score | None = None  # what it adds in a round of a contest
    kind: str = (
        "referral"  # referral | own (an own act, without any friend) | record (what many referrals together earned)
    )

    @property
    def is_record(self) -> bool:
        """Whether it stands for what many referrals together earned one person: a rung of a ladder, a prize."""
        return self.kind == "record"

    @property
    def deadline_at(self) -> datetime | None:
        """The next moment at which time alone changes something: one that only gives notice does not."""
        return self.decides_at or self.next_due_at

    @property
    def moved_to(self) -> int | None:
        """The version that it was moved to; None where it keeps the promise of its touch."""
        moved = [claim.value for claim in self.claims if claim.kind == "move" and claim.granted]
        return moved[-1] if moved else None

    def claim(self, kind: str, key: str = "") -> Claim | None:
        """The latest claim of that kind and key."""
        for claim in reversed(self.claims):
            if claim.kind == kind and claim.key == key:
                return claim
        return None

    def reward(self, promise: str) -> Reward | None:
        """The latest reward of that promise, whatever its state."""
        for reward in reversed(self.rewards):
            if reward.promise == promise:
                return reward
        return None


def allowed(moves: dict[str, tuple[str, ...]], before: str, after: str) -> bool:
    """Whether the table of states allows the move (staying is always allowed)."""
    return before == after or after in moves.get(before, ())
