"""What is given, to whom and for how many friends? Promises, read."""

from __future__ import annotations

from typing import Any

from goodword.core.amounts import to_minor
from goodword.core.conditions import Condition
from goodword.core.documents import PromisePart, TierPart
from goodword.core.reading.limits import limits_of
from goodword.core.reading.points import with_unit
from goodword.core.reading.reader import Reader
from goodword.core.terms import Choice, Ladder, Promise, Row

_CHOSEN = ("choice", "chance")


def read_promise(reader: Reader, n: int, part: PromisePart) -> Promise | None:
    """One promise; None where nothing can be given by it."""
    field = f"promises[{n}]"
    rows = choice = ladder = None
    if part.when is not None:
        ladder = _ladder(reader, field, part)
        lines = ladder.rows if ladder else ()
    elif isinstance(part.give, dict) and len(part.give) == 1 and next(iter(part.give)) in _CHOSEN:
        choice = _choice(reader, field, part)
        lines = choice.rows if choice else ()
    elif isinstance(part.give, list):
        lines = rows = _table(reader, field, part.give)
    else:
        line = _line(reader, f"{field}.give", part.give)
        lines = (line,) if line else ()
        if line and part.claim:
            choice = Choice((line,), within=reader.days(part.claim.within, f"{field}.claim.within"))
            choice = _with_otherwise(reader, field, part, choice)
    if not lines:
        return None
    first = lines[0]
    hold = reader.days(part.hold, f"{field}.hold").days if part.hold else 0
    nth = sum(1 for known in reader.part.promises[:n] if (known.to, known.on) == (part.to, part.on))
    key = f"{part.to}:{part.on}:{nth}"
    limits = limits_of(reader, n, part, first.give.asset)
    return Promise(key, part.to, part.on, first.kind, first.give, hold, limits, rows or (), ladder, choice)


def check_levels(reader: Reader, promises: tuple[Promise | None, ...], conditions: tuple[Condition, ...]) -> None:
    """A level is a tier of a ladder of friends, so there has to be one."""
    ladders = [promise.ladder for promise in promises if promise and promise.to == "advocate" and promise.ladder]
    rows = (row for promise in promises if promise for row in promise.lines)
    asked = (*conditions, *(condition for row in rows for condition in row.conditions))
    named = next((one for one in asked if one.field == "level" and one.side in ("advocate", "friend")), None)
    if named and not any(ladder.by == "count" for ladder in ladders):
        why = f'"{named.words}" asks for a level, and no promise to the advocate has tiers of friends'
        reader.wrong("promises", why, "write when: {tiers: [...]}, or ask for advocate.referrals")


def _line(reader: Reader, field: str, gift: Any, **more: Any) -> Row | None:
    """One kind of reward and its value."""
    if not isinstance(gift, dict) or len(gift) != 1:
        reader.wrong(field, "must name exactly one kind of reward", 'write for example give: {cash: "10.00"}')
        return None
    ((slug, value),) = gift.items()
    kind = reader.shelves.rewards.get(slug)
    if kind is None:
        known = ", ".join(sorted(reader.shelves.rewards))
        reader.wrong(field, f'"{slug}" is not a kind of reward', f"use one of: {known}")
        return None
    try:
        return Row(kind, with_unit(reader, kind.parse(value, reader.part.currency), f"{field}.{slug}"), **more)
    except ValueError as error:
        reader.wrong(f"{field}.{slug}", str(error), "see the reward kinds in the program documentation")
        return None


def _table(reader: Reader, field: str, gifts: list[dict[str, Any]]) -> tuple[Row, ...]:
    """Lines with conditions, of which the first that holds is given; only the last may be without any."""
    rows = []
    for m, gift in enumerate(gifts):
        place = f"{field}.give[{m}]"
        texts = gift.get("if", [])
        if not texts and m < len(gifts) - 1:
            reader.wrong(f"{place}.if", "is missing, so that no line below could ever be given", "add its conditions")
        conditions = reader.conditions(texts, ["milestone"], place)
        line = _line(reader, place, {key: value for key, value in gift.items() if key != "if"}, conditions=conditions)
        rows += [line] if line else []
    if not gifts:
        reader.wrong(
            f"{field}.give", "has no line", 'write for example give: [{if: [...], cash: "50.00"}, {cash: "20.00"}]'
        )
    return tuple(rows)


def _choice(reader: Reader, field: str, part: PromisePart) -> Choice | None:
    """Several gifts: the payee chooses, or chance does by weights."""
    assert isinstance(part.give, dict)
    ((how, gifts),) = part.give.items()
    if not isinstance(gifts, list) or len(gifts) < 2:
        reader.wrong(
            f"{field}.give.{how}", "is not a list of at least two gifts", f'write {how}: [{{cash: "10.00"}}, ...]'
        )
        return None
    rows = []
    for m, gift in enumerate(gifts):
        place = f"{field}.give.{how}[{m}]"
        weight = gift.get("weight", 1) if isinstance(gift, dict) else 1
        if not isinstance(weight, int) or weight < 1 or (how == "choice" and weight != 1):
            reader.wrong(f"{place}.weight", "is a whole number above zero, and only for chance", "write weight: 3")
            weight = 1
        plain = {key: value for key, value in gift.items() if key != "weight"} if isinstance(gift, dict) else gift
        line = _line(reader, place, plain, weight=weight)
        rows += [line] if line else []
    choice = Choice(tuple(rows), by_chance=how == "chance")
    if how == "chance" and part.claim:
        reader.wrong(f"{field}.claim", "chance asks nobody", "leave it away, or write choice: with otherwise: chance")
    return _with_otherwise(reader, field, part, choice) if how == "choice" and part.claim else choice


def _with_otherwise(reader: Reader, field: str, part: PromisePart, choice: Choice) -> Choice:
    assert part.claim is not None
    within = reader.days(part.claim.within, f"{field}.claim.within")
    return Choice(choice.rows, False, within, part.claim.otherwise)


def _ladder(reader: Reader, field: str, part: PromisePart) -> Ladder | None:
    """nth, every, from or tiers; exactly one of them."""
    when = part.when
    assert when is not None
    given = [
        name
        for name, value in (("nth", when.nth), ("every", when.every), ("from", when.start), ("tiers", when.tiers))
        if value
    ]
    if len(given) != 1:
        reader.wrong(
            f"{field}.when", "must say exactly one of nth, every, from and tiers", "write for example when: {nth: 5}"
        )
        return None
    if part.claim or isinstance(part.give, list) or any(name in part.give for name in _CHOSEN):
        reader.wrong(field, "when does not go together with a table, a choice or a claim", "make two promises of it")
        return None
    if when.tiers is None:
        line = _line(reader, f"{field}.give", part.give, at=when.nth or when.every or when.start or 1)
        if line is None:
            return None
        apply = "from_here_on" if when.start else "once"
        return Ladder(when.by, when.per, apply, (line,), when.every or 0, when.shrinks)
    if part.give:
        reader.wrong(f"{field}.give", "stands beside tiers, which have gifts of their own", "leave one of them away")
    return _tiers(reader, field, part, when.tiers)


def _tiers(reader: Reader, field: str, part: PromisePart, tiers: list[TierPart]) -> Ladder | None:
    when = part.when
    assert when is not None
    rows: list[Row] = []
    kinds = {"at" if tier.at is not None else "from" for tier in tiers}
    for m, tier in enumerate(tiers):
        place = f"{field}.when.tiers[{m}]"
        if (tier.at is None) == (tier.start is None):
            reader.wrong(
                place, "must say either at or from", "write at: 5 for once, or from: 5 for each friend from there on"
            )
            return None
        at = _place(
            reader,
            f"{place}.{'at' if tier.at is not None else 'from'}",
            tier.at if tier.at is not None else tier.start,
            when.by,
        )
        if rows and at <= rows[-1].at:
            reader.wrong(place, f"{at} does not come after the tier above it", "sort the tiers, each place once")
        line = _line(reader, f"{place}.give", tier.give, at=at)
        rows += [line] if line else []
    if len(kinds) != 1:
        reader.wrong(f"{field}.when.tiers", "mixes at and from", "make two promises of it")
    apply = "once" if "at" in kinds else when.apply
    if apply in ("whole_period", "slice") and when.per == "lifetime":
        reader.wrong(
            f"{field}.when.per", "a lifetime has no close at which the rest could be given", "name a period, per: month"
        )
    if apply != "once" and rows and rows[0].at > (1 if when.by == "count" else 0) and apply != "from_here_on":
        reader.wrong(
            f"{field}.when.tiers[0].from",
            "a true-up needs a first tier from the beginning",
            'begin with from: 1, or from: "0"',
        )
    if len({row.give.asset for row in rows}) > 1 and apply in ("whole_period", "slice"):
        reader.wrong(
            f"{field}.when.tiers", "gives different things, which cannot be made up for each other", "use one kind"
        )
    return Ladder(when.by, when.per, apply, tuple(rows), 0, when.shrinks) if rows else None


def _place(reader: Reader, field: str, value: int | str | None, by: str) -> int:
    """A place on a ladder: a number of friends, or an amount in minor units."""
    if by == "count":
        if isinstance(value, int) and value >= 1:
            return value
        reader.wrong(field, f"{value!r} is not a number of friends", "write a whole number, at: 5")
        return 1
    try:
        minor = to_minor(str(value), reader.part.currency)
    except ValueError as error:
        reader.wrong(field, str(error), 'write a decimal string in quotes, at: "500.00"')
        return 0
    if minor < 0:
        reader.wrong(field, "must not be negative", 'begin with from: "0"')
    return minor
