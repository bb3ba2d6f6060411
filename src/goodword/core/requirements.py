"""What has to happen before something is given? A milestone and its parts, as terms hold them."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from goodword.core.conditions import Condition

OCCURRENCE = "#"  # between a repeated milestone's name and the number of the occurrence: "payment#3"


class Repeat(msgspec.Struct, frozen=True, omit_defaults=True):
    """A milestone reached again and again: at most so often; one that failed ends it unless it `goes_on`."""

    most: int | None = None
    goes_on: bool = True


class Filter(msgspec.Struct, frozen=True):
    """Which events (or which items of an order) are meant: those whose field has one of the values."""

    side: str  # item | data | event
    field: str
    values: tuple[str, ...]  # case folded


class Counting(msgspec.Struct, frozen=True, omit_defaults=True):
    """So many events, so much of their amounts and on so many distinct days, all of which must be reached."""

    event: str
    number: int = 0
    sum_minor: int = 0
    days: int = 0
    only: tuple[Filter, ...] = ()
    but: tuple[Filter, ...] = ()


class Combination(msgspec.Struct, frozen=True, omit_defaults=True):
    """So many of the named milestones, in their order or in any."""

    names: tuple[str, ...]
    needed: int
    in_order: bool = False


class Pause(msgspec.Struct, frozen=True, omit_defaults=True):
    """What stops a moment's clock: from `<name>_started` to `<name>_ended`, or while a condition on a person holds."""

    name: str = ""
    condition: Condition | None = None


class Milestone(msgspec.Struct, frozen=True, omit_defaults=True):
    """An event with conditions; or what its `counting` or `combines` says; or a moment so long after another milestone."""

    name: str
    event: str | None = None
    count: int = 1
    min_minor: int | None = None
    base: str = "net"
    within: timedelta | None = None
    within_of: str = "joined"
    first_matching: bool = False
    first_order_decides: bool = False
    cancelled_by: str | None = None
    moment_after: str | None = None
    moment_days: int = 0
    moment_months: int = 0
    moment_on: datetime | None = None
    moment_end_of: str = ""
    pauses: tuple[Pause, ...] = ()
    grace: timedelta | None = None
    without: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    repeat: Repeat | None = None
    counting: Counting | None = None
    combines: Combination | None = None

    @property
    def types(self) -> frozenset[str]:
        """Types of events that can reach it by themselves."""
        return frozenset(one for one in (self.event, self.counting.event if self.counting else None) if one)

    def occurrence(self, number: int) -> str:
        """Name of the step that its occurrence of this number is."""
        return f"{self.name}{OCCURRENCE}{number}"


def milestone_name(step: str) -> str:
    """Name of the milestone that a step belongs to: "payment" for "payment#3"."""
    return step.partition(OCCURRENCE)[0]
