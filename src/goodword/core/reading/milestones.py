"""What has to happen? Milestones, read: events, what is counted of them, moments, and milestones combined."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import msgspec

from goodword.core.documents import MilestonePart
from goodword.core.events import TYPE_NAME
from goodword.core.reading.reader import Reader
from goodword.core.requirements import Combination, Counting, Filter, Milestone, Pause, Repeat
from goodword.core.terms import Promise

KINDS = ("event", "counts", "moment", "all", "any", "among")
_COMBINED = ("all", "any", "among")
# What may be said of which kinds; of the others it would say nothing, so it is refused.
_FITS = {
    "count": ("event", "counts"),
    "sum": ("counts",),
    "days": ("counts",),
    "only": ("counts",),
    "min": ("event", "counts"),
    "within": ("event", "counts", *_COMBINED),
    "first_matching": ("event",),
    "first_order_decides": ("event",),
    "cancelled_by": ("event", "counts"),
    "repeat": ("event", "moment"),
    "pauses": ("moment",),
    "at_least": ("among",),
    "in_order": ("all",),
    "without": ("event", "counts", "moment"),
}
_MOMENT = re.compile(
    r"(?:(?P<n>\d{1,4})\s*(?P<unit>d|months?)|end of (?P<period>week|month|quarter|year|fiscal_year))"
    r" (?:after|of) (?P<after>[a-z][a-z0-9_]*)|on (?P<on>\d{4}-\d{2}-\d{2})"
)


def read_milestone(reader: Reader, name: str, part: MilestonePart) -> Milestone:
    """The milestone of that name; what is wrong with it goes to the reader."""
    field = f"milestones.{name}"
    written = [kind for kind in KINDS if getattr(part, kind) is not None]
    if len(written) != 1:
        reader.wrong(
            field,
            f"must be exactly one of {', '.join(KINDS)}" + (f", not {' and '.join(written)}" if written else ""),
            'write for example "event: purchase" or "moment: 90d after first_order"',
        )
        return Milestone(name)
    kind = written[0]
    _check_fit(reader, field, part, kind)
    within, within_of = _span(reader, field, part.within)
    common = Milestone(
        name,
        base=part.of,
        min_minor=reader.money(part.min, f"{field}.min") if part.min else None,
        within=within,
        within_of=within_of,
        grace=reader.days(part.grace, f"{field}.grace") if part.grace else None,
        without=tuple(part.without) if isinstance(part.without, list) else (),
        conditions=reader.conditions(part.conditions, ["milestone"], field, part.if_late),
        repeat=_repeat(part),
    )
    if kind == "moment":
        own = _moment(reader, field, part)
    elif kind == "counts":
        own = _counting(reader, field, part)
    elif kind == "event":
        own = _event(part)
    else:
        own = _combined(reader, field, part)
    return msgspec.structs.replace(common, **own)


def _check_fit(reader: Reader, field: str, part: MilestonePart, kind: str) -> None:
    defaults = MilestonePart()
    for option, kinds in _FITS.items():
        if kind not in kinds and getattr(part, option) != getattr(defaults, option):
            reader.wrong(
                f"{field}.{option}",
                f"says nothing of a milestone by {kind}",
                f"leave it out, or use it with: {', '.join(kinds)}",
            )
    if part.repeat and (part.count > 1 or part.first_matching):
        reader.wrong(
            f"{field}.repeat",
            "looks at each of them, so count and first_matching say nothing",
            "leave them out, or leave repeat out",
        )
    if kind != "counts" and isinstance(part.without, dict):
        reader.wrong(
            f"{field}.without", "leaves items out only with counts", "write a list of event types, or use counts"
        )


def _span(reader: Reader, field: str, text: str | None) -> tuple[timedelta | None, str]:
    if not text:
        return None, "joined"
    match = re.fullmatch(r"(\d{1,4}d)(?: of ([a-z][a-z0-9_]*))?", text.strip())
    if not match:
        reader.wrong(f"{field}.within", f'"{text}" is not a span', 'write for example "30d of joined"')
        return None, "joined"
    return reader.days(match.group(1), f"{field}.within"), match.group(2) or "joined"


def _event(part: MilestonePart) -> dict[str, Any]:
    cancelled_by = part.cancelled_by or ("order" if part.event in ("purchase", "renewal") else None)
    return {
        "event": part.event,
        "count": part.count,
        "first_matching": part.first_matching,
        "first_order_decides": part.first_order_decides,
        "cancelled_by": cancelled_by,
    }


def _counting(reader: Reader, field: str, part: MilestonePart) -> dict[str, Any]:
    assert part.counts is not None
    by_itself = part.sum is None and part.days is None
    but = part.without if isinstance(part.without, dict) else {}
    counting = Counting(
        part.counts,
        number=part.count if part.count > 1 or by_itself else 0,
        sum_minor=reader.money(part.sum, f"{field}.sum") if part.sum else 0,
        days=part.days or 0,
        only=_filters(reader, f"{field}.only", part.only),
        but=_filters(reader, f"{field}.without", but),
    )
    if part.sum and part.counts == "signup":
        reader.wrong(f"{field}.sum", "a sign-up has no amount", "count purchases or renewals")
    cancelled_by = part.cancelled_by or ("order" if part.counts in ("purchase", "renewal") else None)
    return {"counting": counting, "cancelled_by": cancelled_by}


def _filters(reader: Reader, field: str, lists: dict[str, list[str]]) -> tuple[Filter, ...]:
    """Lists of what counts or is left out; each field is one of items or of data that the terms declare, or of the event."""
    found = []
    for name, values in lists.items():
        if name in ("sku", "category", "kind") and f"item.{name}" in reader.declared:
            side = "item"
        elif name in reader.declared:
            side = "data"
        elif name in ("channel", "country", "source"):
            side = "event"
        else:
            reader.wrong(
                f"{field}.{name}",
                "is not kept, so nothing could be told by it",
                f"declare it: fields: {{item.{name}: {{type: text, personal: false}}}} (or {name}, for a field of data)",
            )
            continue
        if not values:
            reader.wrong(f"{field}.{name}", "is an empty list", "name at least one value, or leave it out")
        found.append(Filter(side, name, tuple(value.strip().casefold() for value in values)))
    return tuple(found)


def _combined(reader: Reader, field: str, part: MilestonePart) -> dict[str, Any]:
    names = tuple(part.all or part.any or part.among or ())
    needed = len(names) if part.all is not None else 1 if part.any is not None else part.at_least or 0
    if len(set(names)) != len(names) or len(names) < 2:
        reader.wrong(field, "combines two or more different milestones", "name each of them once")
    elif part.among is not None and not 1 <= needed <= len(names):
        reader.wrong(
            f"{field}.at_least", f"{needed} of {len(names)} can never be", f"write a number from 1 to {len(names)}"
        )
    return {"combines": Combination(names, needed, part.in_order)}


def _moment(reader: Reader, field: str, part: MilestonePart) -> dict[str, Any]:
    assert part.moment is not None
    match = _MOMENT.fullmatch(part.moment.strip())
    if not match:
        reader.wrong(
            f"{field}.moment",
            f'"{part.moment}" is not a moment',
            'write "90d after first_order", "3 months after joined", "end of quarter of joined" or "on 2026-12-31"',
        )
        return {"moment_after": "joined"}
    pauses = tuple(_pause(reader, f"{field}.pauses[{n}]", text) for n, text in enumerate(part.pauses))
    if match["on"]:
        if part.repeat:
            reader.wrong(f"{field}.repeat", "a day comes once", "write a span, or leave repeat out")
        try:
            day = date.fromisoformat(match["on"])
        except ValueError:
            reader.wrong(f"{field}.moment", f'"{match["on"]}" is not a day', 'write for example "on 2026-12-31"')
            return {"moment_after": "joined"}
        return {"moment_after": "joined", "moment_on": reader.moment(day, field, end_of_day=True), "pauses": ()}
    if match["period"]:
        return {"moment_after": match["after"], "moment_end_of": match["period"]}
    n = int(match["n"])
    if not n and part.repeat:
        reader.wrong(f"{field}.moment", "comes at once, so it cannot repeat", "write a span of at least a day")
    days, months = (n, 0) if match["unit"] == "d" else (0, n)
    return {"moment_after": match["after"], "moment_days": days, "moment_months": months, "pauses": pauses}


def _pause(reader: Reader, field: str, text: str) -> Pause:
    """A pause between two events (leave_started, leave_ended), or while an attribute has a value."""
    if TYPE_NAME.fullmatch(text):
        return Pause(text)
    conditions = reader.conditions([text], ["milestone"], field)
    if conditions and conditions[0].side not in ("advocate", "friend"):
        reader.wrong(field, f'"{text}" does not speak of a person', 'write "leave", or "friend.status == on_leave"')
    return Pause(condition=conditions[0] if conditions else None)


def _repeat(part: MilestonePart) -> Repeat | None:
    if part.repeat is None:
        return None
    by_default = "stop" if part.moment else "go_on"
    return Repeat(part.repeat.most, (part.repeat.gap or by_default) == "go_on")


def check_names(reader: Reader, milestones: tuple[Milestone, ...], promises: tuple[Promise | None, ...]) -> None:
    """Every name speaks of a milestone: of an earlier one where milestones speak of each other."""
    seen: set[str] = {"joined"}
    for milestone in milestones:
        spoken = [condition.step for condition in milestone.conditions if condition.step]
        spoken += milestone.combines.names if milestone.combines else ()
        spoken += [base for base in (milestone.moment_after, milestone.within_of if milestone.within else None) if base]
        for base in spoken:
            if base not in seen:
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
