"""Who wins what, and when is it settled? A contest, read: rounds, prizes by place or draw, and dates that hold together."""

from __future__ import annotations

import re
from datetime import timedelta

from goodword.core.contest import Contest, Prize, Span, midnight
from goodword.core.documents.contests import ContestPart, PrizePart, RoundPart
from goodword.core.kind import Give, RewardKind
from goodword.core.reading.points import with_unit
from goodword.core.reading.reader import Reader
from goodword.core.terms import Promise

LONGEST = timedelta(days=90)  # of the freeze after a round: afterwards nobody remembers it


def read_contest(reader: Reader, promises: tuple[Promise | None, ...]) -> Contest | None:
    """The contest of the document; problems go to the reader."""
    part = reader.part.contest
    if part is None:
        return None
    if part.on not in reader.part.milestones:
        names = ", ".join(sorted(reader.part.milestones))
        reader.wrong("contest.on", f'"{part.on}" is not a milestone', f"use one of: {names}")
    freeze = reader.days(part.freeze, "contest.freeze")
    if freeze > LONGEST:
        reader.wrong("contest.freeze", f"is longer than {LONGEST.days} days", "freeze the board sooner")
    prizes = _prizes(reader, part)
    _check_ties(reader, part, prizes)
    _check_budget(reader, prizes)
    return Contest(
        part.rounds if isinstance(part.rounds, str) else "",
        () if isinstance(part.rounds, str) else _spans(reader, part.rounds),
        part.counts,
        part.metric,
        part.on,
        reader.conditions(part.conditions, ["milestone"], "contest"),
        reader.conditions(part.excluded, ["milestone"], "contest.excluded"),
        part.households == "one",
        part.team.partition(".")[2] if part.team else None,
        _level(reader, part, part.minimum, "contest.minimum"),
        part.ties,
        prizes,
        freeze,
        _award_after(reader, part, promises),
        reader.days(part.accept, "contest.accept") if part.accept else None,
    )


def _spans(reader: Reader, rounds: RoundPart | list[RoundPart]) -> tuple[Span, ...]:
    listed = rounds if isinstance(rounds, list) else [rounds]
    found: list[Span] = []
    for n, one in enumerate(listed):
        field = f"contest.rounds[{n}]" if isinstance(rounds, list) else "contest.rounds"
        if one.end < one.start:
            reader.wrong(f"{field}.to", "lies before from", "put the dates in order")
        opens_at, closes_at = midnight(one.start, reader.zone), midnight(one.end + timedelta(days=1), reader.zone)
        if found and opens_at < found[-1].closes_at:
            reader.wrong(f"{field}.from", "lies in the round before it", "put the rounds one after the other")
        found.append(Span(one.name or f"{one.start}/{one.end}", opens_at, closes_at))
    if not listed:
        reader.wrong("contest.rounds", "names no round", 'write "month", or {from: 2026-05-01, to: 2026-05-31}')
    if len({span.name for span in found}) < len(found):
        reader.wrong("contest.rounds", "two rounds have one name", "name each of them differently")
    return tuple(found)


def _level(reader: Reader, part: ContestPart, given: int | str | None, field: str) -> int:
    """A number of friends or points, or an amount in minor units."""
    if given is None:
        return 1
    if part.metric == "amount":
        return reader.money(str(given), field)
    if isinstance(given, int) and given > 0:
        return given
    reader.wrong(field, f'"{given}" is not a whole number above zero', "write how many it takes, for example 3")
    return 1


def _award_after(reader: Reader, part: ContestPart, promises: tuple[Promise | None, ...]) -> timedelta:
    """After the last hold: what stands on the milestone may come back until then."""
    longest = timedelta(days=max((p.hold_days for p in promises if p and p.on == part.on), default=0))
    if part.award is None:
        return longest
    award = reader.days(part.award, "contest.award")
    if award < longest:
        reader.wrong("contest.award", f"comes before the last hold of {longest.days} days", f'write "{longest.days}d"')
    return award


# -- prizes ------------------------------------------------------------------------------------------------------------


def _prizes(reader: Reader, part: ContestPart) -> tuple[Prize, ...]:
    found: list[Prize] = []
    next_place = 1
    for n, one in enumerate(part.prizes):
        field = f"contest.prizes[{n}]"
        given = _give(reader, one, field)
        first, last = _places(reader, one, field, next_place)
        next_place = last + 1 if last else next_place
        if given is None:
            continue
        kind, give = given
        found.append(
            Prize(
                f"prize:{n}",
                kind,
                give,
                first,
                last,
                one.draw or 0,
                one.weight,
                _level(reader, part, one.minimum, f"{field}.minimum"),
                one.tax,
                reader.money(one.worth, f"{field}.worth") if one.worth else None,
            )
        )
    return tuple(found)


def _places(reader: Reader, part: PrizePart, field: str, next_place: int) -> tuple[int, int]:
    if (part.place is None) == (part.draw is None):
        reader.wrong(field, "must be for a place or drawn", 'write "place: 1", "place: 2-5" or "draw: 3"')
        return 0, 0
    if part.place is None:
        return 0, 0
    match = re.fullmatch(r"(\d{1,4})(?:\s*-\s*(\d{1,4}))?", str(part.place).strip())
    first = int(match.group(1)) if match else 0
    last = int(match.group(2) or first) if match else 0
    if first != next_place or last < first:
        reader.wrong(
            f"{field}.place",
            f'"{part.place}" does not follow the place before it',
            f'go on with place {next_place}, or a range such as "{next_place}-{next_place + 3}"',
        )
        return next_place, next_place
    return first, last


def _give(reader: Reader, part: PrizePart, field: str) -> tuple[RewardKind, Give] | None:
    if len(part.give) != 1:
        reader.wrong(
            f"{field}.give", "must name exactly one kind of reward", 'write for example give: {cash: "500.00"}'
        )
        return None
    ((slug, value),) = part.give.items()
    kind = reader.shelves.rewards.get(slug)
    if kind is None:
        known = ", ".join(sorted(reader.shelves.rewards))
        reader.wrong(f"{field}.give", f'"{slug}" is not a kind of reward', f"use one of: {known}")
        return None
    try:
        give = kind.parse(value, reader.part.currency)
    except ValueError as error:
        reader.wrong(f"{field}.give.{slug}", str(error), "see the reward kinds in the program documentation")
        return None
    if not kind.amount_minor(give, None):
        reader.wrong(f"{field}.give.{slug}", "depends on an order", "give a fixed amount as a prize")
        return None
    return kind, with_unit(reader, give, f"{field}.give.{slug}")


def _check_budget(reader: Reader, prizes: tuple[Prize, ...]) -> None:
    """The prizes of a round are set aside when it opens, so the budget has to carry at least one round."""
    budget = reader.part.budget
    total = sum(_worth_minor(reader, prize) * prize.count for prize in prizes) if budget else 0
    if budget and total and total > reader.money(budget.amount, "budget.amount"):
        repair = "raise the budget or give smaller prizes"
        reader.wrong("budget.amount", "cannot carry the prizes of one single round", repair)


def _worth_minor(reader: Reader, prize: Prize) -> int:
    """What one of a prize takes out of the budget: money as it is, a thing its price; points cost what they do when it opens."""
    if prize.give.asset == reader.part.currency:
        return prize.minor
    return prize.minor * (prize.give.cost_minor or 0) if ":" in prize.give.asset else 0


def _check_ties(reader: Reader, part: ContestPart, prizes: tuple[Prize, ...]) -> None:
    """Only prizes of one kind and unit can be added up and shared."""
    listed = {(prize.kind.slug, prize.give.asset) for prize in prizes if not prize.is_draw}
    if part.ties == "share" and len(listed) > 1:
        reader.wrong("contest.ties", "prizes of several kinds cannot be shared", "use reached_first or draw")
    if part.ties == "share" and any(":" in asset for _, asset in listed):
        reader.wrong("contest.ties", "only money can be shared", "use reached_first or draw")
