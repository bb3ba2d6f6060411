"""What of a referral tells how it came out? As little of it as two histories need to be laid side by side."""

from __future__ import annotations

from datetime import datetime

import msgspec

from goodword.core.amounts import Amount
from goodword.core.reasons import Reason
from goodword.core.referral import REWARD_LINES, Referral

# Lines that say what a reward comes to, each with how it is passed: others of the same code tell of a part of it.
_OF_A_REWARD = dict(REWARD_LINES.values())
# What befell it on the way: these speak of sums that were, not of where it stands.
_BEFELL = frozenset({"reward_changed", "reward_netted", "reward_clawed_back", "written_off"})


class RecordedReward(msgspec.Struct, frozen=True, omit_defaults=True):
    """A reward as far as it counts: whose, what, of what, and where it stands."""

    promise: str
    to: str
    payee: str
    asset: str
    amount_minor: int
    state: str
    base_minor: int | None = None


class RecordedClaim(msgspec.Struct, frozen=True, omit_defaults=True):
    """A claim as far as it says what a referral was refused, or which place on a ladder it took."""

    kind: str
    key: str
    granted: bool | None = None
    value: int = 0
    counters: tuple[tuple[str, int, int], ...] = ()


class Recorded(msgspec.Struct, frozen=True, omit_defaults=True):
    """A referral's body, read for what is compared; its reasons stay as they were written until somebody asks."""

    id: str
    program: str
    friend: str
    subject: str
    version: int
    method: str
    advocate: str
    state: str
    touch_at: datetime
    bound_at: datetime
    bound_event: str
    generation: int = 0
    rewards: tuple[RecordedReward, ...] = ()
    claims: tuple[RecordedClaim, ...] = ()
    told: msgspec.Raw = msgspec.field(name="reasons", default=msgspec.Raw(b"[]"))

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """The steps of the decision as they stand; the line about a reward says what the reward comes to here."""
        latest = {reward.promise: reward for reward in self.rewards}
        standing = [one for one in _reasons(self.told) if not (one.passed and one.code in _BEFELL)]
        return tuple(_about(reason, latest) for reason in standing)


Known = Referral | Recorded

read_recorded = msgspec.json.Decoder(Recorded).decode
_reasons = msgspec.json.Decoder(tuple[Reason, ...]).decode


def _about(reason: Reason, latest: dict[str, RecordedReward]) -> Reason:
    is_its_line = _OF_A_REWARD.get(reason.code, reason) is reason.passed
    reward = latest.get(reason.about or "") if is_its_line else None
    return msgspec.structs.replace(reason, value=str(Amount(reward.amount_minor, reward.asset))) if reward else reason


def kept(known: Known) -> Recorded:
    """What is kept of a referral that comes out otherwise: there may be a hundred thousand of them."""
    if isinstance(known, Recorded):
        return msgspec.structs.replace(known, claims=(), told=msgspec.Raw(bytes(known.told)))
    rewards = tuple(
        RecordedReward(one.promise, one.to, one.payee, one.asset, one.amount_minor, one.state, one.base_minor)
        for one in known.rewards
    )
    return Recorded(
        known.id,
        known.program,
        known.friend,
        known.subject,
        known.version,
        known.method,
        known.advocate,
        known.state,
        known.touch_at,
        known.bound_at,
        known.bound_event,
        known.generation,
        rewards,
        (),
        msgspec.Raw(msgspec.json.encode(known.reasons)),
    )
