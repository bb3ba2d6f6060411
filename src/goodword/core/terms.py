"""What exactly is promised? Terms: one published version of a program, checked, complete and immutable. `reading` makes them."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from goodword.core.conditions import Condition
from goodword.core.kind import Give, RewardKind, Signal
from goodword.core.requirements import Milestone, milestone_name

METHODS = ("named", "code", "click")
PERIODS = ("day", "week", "month", "quarter", "year", "lifetime")


class Limit(msgspec.Struct, frozen=True):
    """At most `most` (a number, or minor units for `amount`) of what it `counts`, over whom, in a period."""

    counts: str
    most: int
    period: str
    over: str
    edge: str
    reopen: bool


class Promise(msgspec.Struct, frozen=True):
    """Who gets what, at which milestone, after how many days of hold, under which limits."""

    key: str
    to: str
    on: str
    kind: RewardKind
    give: Give
    hold_days: int
    limits: tuple[Limit, ...]


class Budget(msgspec.Struct, frozen=True):
    """What may be spent: reserved when a friend joins or at the grant, and what happens at its end."""

    amount_minor: int
    reserve: str
    at_end: str


class Screening(msgspec.Struct, frozen=True):
    """Points from which a referral is held or denied, and the signals that look."""

    hold_at: int
    deny_at: int
    signals: tuple[Signal, ...]


class Terms(msgspec.Struct, frozen=True):
    """One published, immutable version of a program's promise. Days are whole; moments are UTC."""

    program: str
    version: int
    live_from: datetime
    name: str
    type: str
    currency: str
    zone: ZoneInfo
    runs_from: datetime | None
    last_touch_at: datetime | None
    last_join_at: datetime | None
    last_milestone_at: datetime | None
    who: str
    advocate_conditions: tuple[Condition, ...]
    new: str
    new_days: int
    friend_conditions: tuple[Condition, ...]
    methods: tuple[str, ...]
    touch: str
    window: timedelta
    bind: str
    late_claim: timedelta
    bound: str
    lapse: timedelta | None
    milestones: tuple[Milestone, ...]
    promises: tuple[Promise, ...]
    budget: Budget | None
    screening: Screening | None
    disclosure: str
    net_within: timedelta
    friend_debt: bool
    landing: str | None
    hash: str

    def milestone(self, name: str) -> Milestone:
        """The milestone of that name (or of that step of it); read_terms made sure that every name used exists."""
        return next(milestone for milestone in self.milestones if milestone.name == milestone_name(name))

    @property
    def event_types(self) -> frozenset[str]:
        """Event types that can reach a milestone of these terms."""
        return frozenset(milestone.event for milestone in self.milestones if milestone.event)

    def reserve_minor(self, promise: Promise) -> int:
        """What has to be set aside for one grant of the promise."""
        return promise.kind.most_minor(promise.give) or 0
