"""What has to happen before something is given? A milestone and its parts, as terms hold them."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from goodword.core.conditions import Condition

OCCURRENCE = "#"  # between a repeated milestone's name and the number of the occurrence: "payment#3"


class Repeat(msgspec.Struct, frozen=True, omit_defaults=True):
    """A milestone reached again and again: at most so often; one that failed ends it unless it `goes_on`."""

    most: int | None = None
    goes_on: bool = True


class Milestone(msgspec.Struct, frozen=True, omit_defaults=True):
    """An event with conditions, or (where `moment_after` is set) a moment so long after another milestone."""

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
    grace: timedelta | None = None
    without: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    repeat: Repeat | None = None

    def occurrence(self, number: int) -> str:
        """Name of the step that its occurrence of this number is."""
        return f"{self.name}{OCCURRENCE}{number}"


def milestone_name(step: str) -> str:
    """Name of the milestone that a step belongs to: "payment" for "payment#3"."""
    return step.partition(OCCURRENCE)[0]
