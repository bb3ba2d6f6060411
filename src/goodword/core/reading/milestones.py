"""What has to happen? Milestones, read: events with conditions, and moments after them."""

from __future__ import annotations

import re

from goodword.core.documents import MilestonePart
from goodword.core.reading.reader import Reader
from goodword.core.requirements import Milestone, Repeat
from goodword.core.terms import Promise


def read_milestone(reader: Reader, name: str, part: MilestonePart) -> Milestone:
    field = f"milestones.{name}"
    if (part.event is None) == (part.moment is None):
        reader.wrong(
            field,
            "must be either an event or a moment",
            'write "event: purchase" or "moment: 90d after first_order"',
        )
        return Milestone(name)
    conditions = reader.conditions(part.conditions, ["milestone"], field, part.if_late)
    grace = reader.days(part.grace, f"{field}.grace") if part.grace else None
    if part.moment is not None:
        match = re.fullmatch(r"(\d{1,4})\s*(d|months?) after ([a-z][a-z0-9_]*)", part.moment.strip())
        if not match:
            reader.wrong(
                f"{field}.moment",
                f'"{part.moment}" is not a moment',
                'write "90d after first_order" or "3 months after joined"',
            )
            return Milestone(name)
        count, unit, after = int(match.group(1)), match.group(2), match.group(3)
        days, months = (count, 0) if unit == "d" else (0, count)
        return Milestone(
            name,
            moment_after=after,
            moment_days=days,
            moment_months=months,
            grace=grace,
            without=tuple(part.without),
            conditions=conditions,
            repeat=_repeat(part),
        )
    if part.repeat and (part.count > 1 or part.first_matching):
        reader.wrong(
            f"{field}.repeat",
            "looks at each of them, so count and first_matching say nothing",
            "leave them out, or leave repeat out",
        )
    within, within_of = None, "joined"
    if part.within:
        match = re.fullmatch(r"(\d{1,4}d)(?: of ([a-z][a-z0-9_]*))?", part.within.strip())
        if match:
            within, within_of = reader.days(match.group(1), f"{field}.within"), match.group(2) or "joined"
        else:
            reader.wrong(f"{field}.within", f'"{part.within}" is not a span', 'write for example "30d of joined"')
    cancelled_by = part.cancelled_by or ("order" if part.event in ("purchase", "renewal") else None)
    return Milestone(
        name,
        event=part.event,
        count=part.count,
        min_minor=reader.money(part.min, f"{field}.min") if part.min else None,
        base=part.of,
        within=within,
        within_of=within_of,
        first_matching=part.first_matching,
        first_order_decides=part.first_order_decides,
        cancelled_by=cancelled_by,
        grace=grace,
        without=tuple(part.without),
        conditions=conditions,
        repeat=_repeat(part),
    )


def _repeat(part: MilestonePart) -> Repeat | None:
    if part.repeat is None:
        return None
    by_default = "stop" if part.moment else "go_on"
    return Repeat(part.repeat.most, (part.repeat.gap or by_default) == "go_on")


def check_names(reader: Reader, milestones: tuple[Milestone, ...], promises: tuple[Promise | None, ...]) -> None:
    seen: set[str] = {"joined"}
    for milestone in milestones:
        base = milestone.moment_after or (milestone.within_of if milestone.within else None)
        if base and base not in seen:
            reader.wrong(
                f"milestones.{milestone.name}",
                f'speaks of "{base}", which is not an earlier milestone',
                "name a milestone above it",
            )
        seen.add(milestone.name)
    defined = {milestone.name for milestone in milestones}
    for n, promise in enumerate(promises):
        if promise and promise.on not in defined:
            reader.wrong(
                f"promises[{n}].on",
                f'"{promise.on}" is not a milestone',
                f"use one of: {', '.join(sorted(defined))}",
            )


def check_roles(reader: Reader) -> None:
    """A program rewards either people for their own acts, or people for friends; not both at once."""
    roles = {promise.to for promise in reader.part.promises}
    if "person" in roles and roles != {"person"}:
        reader.wrong(
            "promises",
            "are made to persons for their own acts and to others for friends",
            "make two programs of it: one for own acts, one for referrals",
        )
