"""What is counted of a referral and of an entry? Lines that add up by day, so that pages never count rows one by one.

A referral stands in these sums as it is now: what it said before a decision is taken out, what it says after it is put in.
Days are those of the client's time zone (`recount`); everything about a referral and its rewards stands at the day on which the
friend joined, but what is owed at the day on which it comes due, and what was sent at the day on which it left.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from goodword.core.ledger import Entry
from goodword.core.referral import STANDING, Referral, Reward
from goodword.core.units import is_points

NOWHERE = "0" * 32  # stands for the program of what belongs to none: a click, a posting between people
OWED = frozenset({"pending", "in_review", "payable"})  # rewards that are promised and have not left the house
COUNTED_EVENTS = frozenset({"click", "share"})
SECONDS = "s"  # the unit of a duration where an asset has its name
LAST_WEEK = 26  # later ones are counted together

_WEEK_SECONDS = 7 * 24 * 3600
_PAYABLE = "payable:"


class Figure(NamedTuple):
    """One line: it adds `n` and `amount_minor` to a sum of that day, metric and asset."""

    day: date
    metric: str
    asset: str
    n: int
    amount_minor: int


def of_referral(referral: Referral, zone: ZoneInfo) -> tuple[Figure, ...]:
    """All that a referral adds to the sums of its program as it stands now."""
    return tuple(_of_referral(referral, zone))


def _of_referral(referral: Referral, zone: ZoneInfo) -> Iterator[Figure]:
    joined = day_of(referral.bound_at, zone)
    if not referral.is_record:
        yield Figure(joined, f"stand:{referral.state}:{referral.method}", "", 1, 0)
    earned = []
    for reward in referral.rewards:
        if reward.state in STANDING:
            earned.append(reward.milestone_at)
            yield Figure(joined, f"given:{reward.state}", reward.asset, 1, reward.amount_minor)
        if reward.state in OWED and not _is_in_wallet(reward):
            yield Figure(day_of(reward.due_at, zone), f"due:{reward.state}", reward.asset, 1, reward.amount_minor)
        elif reward.state == "sent":
            seconds = int((reward.state_at - reward.granted_at).total_seconds())
            yield Figure(day_of(reward.state_at, zone), "sent_after", SECONDS, 1, seconds)
        elif reward.state == "voided" and referral.state == "denied":
            yield Figure(joined, "stopped", reward.asset, 1, reward.amount_minor)
    if earned and not referral.is_record:
        weeks = int((min(earned) - referral.bound_at).total_seconds() // _WEEK_SECONDS)
        yield Figure(joined, f"after:{max(0, min(weeks, LAST_WEEK))}", "", 1, 0)


def _is_in_wallet(reward: Reward) -> bool:
    """Points that are payable were handed over: they lie in the wallet and wait for nobody of the house."""
    return is_points(reward.asset) and reward.state == "payable"


def of_entry(entry: Entry, day: date) -> Figure | None:
    """What an entry adds to what is owed to people, promised amounts included; None: it moves nothing there."""
    minor = entry.amount_minor
    if entry.destination.startswith(_PAYABLE):
        change = {"posted": minor, "pending": minor, "void": -minor}.get(entry.phase, 0)
    elif entry.source.startswith(_PAYABLE):
        change = {"posted": -minor, "pending": -minor, "void": minor}.get(entry.phase, 0)
    else:
        return None
    return Figure(day, "owed", entry.asset, 1, change)


def day_of(at: datetime, zone: ZoneInfo) -> date:
    """The day of a moment where the client lives."""
    return at.astimezone(zone).date()
