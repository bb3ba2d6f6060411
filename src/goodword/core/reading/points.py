"""What is collected and redeemed? Units, what they cost, when they expire, and the catalogue, read."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal, InvalidOperation

import msgspec

from goodword.core.documents.points import CostPart, ExpiryPart, ItemPart, UnitPart
from goodword.core.kind import Give
from goodword.core.reading.reader import Reader
from goodword.core.units import POINTS, Expiry, Item, Unit

_UNIT = re.compile(r"PTS:[a-z0-9][a-z0-9-]{0,59}\Z")
_SPAN = re.compile(r"(\d{1,4})\s*(d|months?)\Z")
_LIMIT = re.compile(r"(\d{1,6})(?:\s*per\s+(day|week|month|quarter|year|fiscal year|lifetime))?\Z")


def read_units(reader: Reader) -> tuple[Unit, ...]:
    """Every unit that the document declares."""
    return tuple(_unit(reader, asset, part) for asset, part in reader.part.units.items())


def read_catalogue(reader: Reader) -> tuple[Item, ...]:
    """Everything that points of this program are redeemed for."""
    return tuple(_item(reader, slug, part) for slug, part in reader.part.catalogue.items())


def with_unit(reader: Reader, give: Give, field: str) -> Give:
    """A gift of points in the unit that it names, or in the only one of the program."""
    if not give.asset.startswith(POINTS):
        return give
    unit = _unit_named(reader, None if give.asset == POINTS else give.asset, field)
    per_minor = reader.money(give.per, f"{field}.per") if give.per else None
    return msgspec.structs.replace(give, asset=unit, per_minor=per_minor)


def _unit(reader: Reader, asset: str, part: UnitPart) -> Unit:
    field = f"units.{asset}"
    if not _UNIT.match(asset):
        reader.wrong(field, "is not the name of a unit", 'write PTS: and a name in small letters, "PTS:acme-club"')
    costs = part.cost if isinstance(part.cost, list) else [part.cost] if part.cost else []
    read = [_cost(reader, f"{field}.cost[{n}]", cost) for n, cost in enumerate(costs)]
    days = [since for since, _ in read]
    if days != sorted(set(days)):
        reader.wrong(f"{field}.cost", "is not in the order of its days", "put the earliest day first, each day once")
    notices = [reader.days(text, f"{field}.notices[{n}]").days for n, text in enumerate(part.notices)]
    return Unit(
        asset=asset,
        name=part.name,
        costs=tuple(read),
        expires=_expiry(reader, f"{field}.expires", part.expires) if part.expires else None,
        wallet=part.wallet,
        notice_days=tuple(sorted(set(notices), reverse=True)) if part.expires else (),
        cancel_days=reader.days(part.cancel_within, f"{field}.cancel_within").days,
    )


def _cost(reader: Reader, field: str, part: CostPart) -> tuple[datetime, Decimal]:
    since = reader.moment(part.start, field, end_of_day=False)
    assert since is not None, "the document's reader asked for it"
    try:
        each = Decimal(part.each)
    except InvalidOperation:
        each = Decimal(-1)
    if not each.is_finite() or not 0 <= each <= 10**6 or each != each.quantize(Decimal("0.000001")):
        reader.wrong(f"{field}.each", f'"{part.each}" is not what one costs', 'write a decimal string, each: "0.01"')
        return since, Decimal(0)
    return since, each


def _expiry(reader: Reader, field: str, part: ExpiryPart) -> Expiry | None:
    named = [text for text in (part.after, part.end_of, part.idle) if text is not None]
    if len(named) != 1:
        reader.wrong(
            field,
            "must name exactly one of after, end_of and idle",
            "write for example {after: 12 months}, {end_of: year, more: 1} or {idle: 12 months}",
        )
        return None
    if part.end_of:
        return Expiry(period=part.end_of, more=part.more)
    if part.more:
        reader.wrong(f"{field}.more", "is for the end of a period", "leave it out, or write end_of")
    if part.activity != "any" and not part.idle:
        reader.wrong(f"{field}.activity", "is for points that expire without activity", "leave it out, or write idle")
    text, name = (part.idle, "idle") if part.idle else (part.after or "", "after")
    match = _SPAN.match(text.strip())
    if not match or not int(match.group(1)):
        reader.wrong(f"{field}.{name}", f'"{text}" is not a span', 'write for example "365d" or "12 months"')
        return None
    count = int(match.group(1))
    days, months = (count, 0) if match.group(2) == "d" else (0, count)
    return Expiry(days=days, months=months, is_idle=part.idle is not None, restarts=part.activity)


def _item(reader: Reader, slug: str, part: ItemPart) -> Item:
    field = f"catalogue.{slug}"
    most, period = None, "lifetime"
    if part.limit is not None:
        match = _LIMIT.match(str(part.limit).strip())
        if match and int(match.group(1)):
            most, period = int(match.group(1)), (match.group(2) or "lifetime").replace(" ", "_")
        else:
            reader.wrong(f"{field}.limit", f'"{part.limit}" is not a limit', 'write for example 1 or "2 per year"')
    since = reader.moment(part.start, f"{field}.from", end_of_day=False)
    until = reader.moment(part.until, f"{field}.until", end_of_day=True)
    if since and until and until < since:
        reader.wrong(f"{field}.until", "lies before from", "put the first day before the last")
    return Item(
        slug=slug,
        name=part.name,
        unit=_unit_named(reader, part.unit, field),
        points=part.points,
        stock=part.stock,
        most=most,
        period=period,
        cost_minor=reader.money(part.cost, f"{field}.cost") if part.cost else None,
        since=since,
        until=until,
    )


def _unit_named(reader: Reader, named: str | None, field: str) -> str:
    """The unit of that name, or the only one; anything else is a mistake of the document."""
    known = list(reader.part.units)
    if named is None and len(known) == 1:
        return known[0]
    if named in known:
        return str(named)
    why = f'speaks of the unit "{named}", which is not declared' if named else "does not say which unit"
    if not known:
        why = "gives points, but the program declares no unit" if named is None else why
    repair = f"name one of: {', '.join(known)}" if known else 'declare it: units: {PTS:club: {name: "Club points"}}'
    reader.wrong(field, why, repair)
    return named or POINTS
