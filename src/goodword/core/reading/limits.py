"""How often, how much and out of what? Limits, budget, stacking and screening, read."""

from __future__ import annotations

import re
from datetime import datetime

from goodword.core.contest import Contest, Prize
from goodword.core.documents import LimitPart, PromisePart, SharedLimitPart
from goodword.core.reading.reader import Reader
from goodword.core.terms import Budget, Limit, Promise, Screening, Stacking
from goodword.core.units import is_points

_COUNTED = ("grants", "joins", "open", "payments", "amount")
_LIMIT = re.compile(
    r"(\d+(?:\.\d+)?)(?:\s*(?:per|a|an)\s+(day|week|month|quarter|year|fiscal year|fiscal_year|lifetime))?"
)


def limits_of(reader: Reader, n: int, part: PromisePart, asset: str) -> tuple[Limit, ...]:
    """The limits of a promise, and those that it shares with others to the same role; amounts are in what it gives."""
    own = part.limit if isinstance(part.limit, list) else [part.limit] if part.limit else []
    found = [limit for m, one in enumerate(own) for limit in _limits(reader, one, f"promises[{n}].limit[{m}]", asset)]
    for m, one in enumerate(reader.part.limits):
        if one.to == part.to:
            found += _limits(reader, one, f"limits[{m}]", asset, shared=f"*{m}")
    return tuple(found)


def check_shared(reader: Reader) -> None:
    """A limit over promises that nobody makes is a mistake."""
    made = {promise.to for promise in reader.part.promises}
    for m, part in enumerate(reader.part.limits):
        if part.to not in made:
            reader.wrong(
                f"limits[{m}].to", f"no promise is made to the {part.to}", f"use one of: {', '.join(sorted(made))}"
            )
        _limits(reader, part, f"limits[{m}]")


def _limits(
    reader: Reader, part: LimitPart | SharedLimitPart, field: str, asset: str | None = None, shared: str = ""
) -> list[Limit]:
    found = []
    for counts in _COUNTED:
        text = getattr(part, counts)
        if text is None:
            continue
        match = _LIMIT.fullmatch(str(text).strip())
        if not match:
            reader.wrong(f"{field}.{counts}", f'"{text}" is not a limit', 'write for example "5 per month"')
            continue
        amount, period = match.group(1), (match.group(2) or "lifetime").replace(" ", "_")
        if counts == "amount":
            most = reader.money(amount, f"{field}.amount", asset)
        elif amount.isdigit() and int(amount) > 0:
            most = int(amount)
        else:
            reader.wrong(
                f"{field}.{counts}", f'"{amount}" is not a whole number above zero', 'write for example "5 per month"'
            )
            continue
        if counts == "open" and period != "lifetime":
            reader.wrong(
                f"{field}.open", "counts what is open at one time, not in a period", "write for example open: 5"
            )
        found.append(Limit(counts, most, period, part.over, part.edge, part.reopen, part.dated, shared))
    if not found and not reader.problems:
        reader.wrong(field, "limits nothing", 'name what it counts, for example limit: {grants: "5 per month"}')
    return found


def read_stacking(reader: Reader) -> Stacking:
    """What is given where one fact fulfils several promises."""
    part = reader.part.stacking
    if reader.part.program in part.programs:
        reader.wrong(
            "stacking.programs", "speaks of the program itself", "name another program, or use stacking.promises"
        )
    return Stacking(part.promises, tuple(part.programs.items()))


def read_budget(
    reader: Reader, promises: tuple[Promise | None, ...], contest: Contest | None, begins: datetime
) -> Budget | None:
    """What may be spent, from the first day on: it has to carry one grant of each promise."""
    part = reader.part.budget
    if part is None:
        return None
    amount = reader.money(part.amount, "budget.amount")
    for n, promise in enumerate(promises):
        most = _most_minor(promise, reader.part.currency) if promise else 0
        if most is None and part.reserve == "join" and part.at_end == "stop_new":
            reader.wrong(
                f"promises[{n}].give",
                "has no maximum, so the budget cannot reserve it",
                "add max, or budget: {reserve: grant}",
            )
        elif most and most > amount:
            reader.wrong(
                "budget.amount",
                f"cannot carry one single grant of promises[{n}]",
                "raise the budget or lower the reward",
            )
    _check_points(reader, promises, contest.prizes if contest else (), begins)
    return Budget(amount, part.reserve, part.at_end)


def _check_points(
    reader: Reader, promises: tuple[Promise | None, ...], prizes: tuple[Prize, ...], begins: datetime
) -> None:
    """Points come out of the budget at what one costs when they are given, so that has to be known from the beginning on."""
    given = {
        line.give.asset: f"promises[{n}].give"
        for n, promise in enumerate(promises)
        if promise
        for line in promise.lines
        if is_points(line.give.asset)
    }
    for n, prize in enumerate(prizes):
        if prize.give.asset in reader.part.units:
            given.setdefault(prize.give.asset, f"contest.prizes[{n}].give")
    for asset, place in given.items():
        unit = reader.part.units.get(asset)
        said = unit.cost if unit else None
        costs = said if isinstance(said, list) else [said] if said else []
        first = min((cost.start for cost in costs), default=None)
        since = reader.moment(first, f"units.{asset}.cost", end_of_day=False)
        if since is None or since > begins:
            why = "is not dated" if since is None else f"is not known before {first}"
            day = begins.astimezone(reader.zone).date()
            repair = f'say it: cost: {{from: {day}, each: "0.01"}}; or leave the budget out'
            reader.wrong(
                f"units.{asset}.cost", f"{why}, so the budget cannot tell what {place} takes out of it", repair
            )


def read_screening(reader: Reader) -> Screening | None:
    part = reader.part.screening
    if isinstance(part, str) or part is None:
        return None if part == "off" else Screening(30, 70, tuple(reader.shelves.signals.values()))
    for slug in part.off:
        if slug not in reader.shelves.signals:
            reader.wrong(
                "screening.off",
                f'"{slug}" is not a signal',
                f"use some of: {', '.join(sorted(reader.shelves.signals))}",
            )
    if part.hold_at > part.deny_at:
        reader.wrong("screening", "hold_at is above deny_at", "hold at fewer points than deny")
    return Screening(
        part.hold_at, part.deny_at, tuple(s for slug, s in reader.shelves.signals.items() if slug not in part.off)
    )


def _most_minor(promise: Promise, currency: str) -> int | None:
    """The most that one grant of the promise can cost in the program's currency; None: nobody knows."""
    lines = [line for line in promise.lines if line.give.asset == currency or is_points(line.give.asset)]
    most = [
        0 if line.give.asset != currency and line.give.per is None else line.kind.most_minor(line.give)
        for line in lines
    ]
    return None if None in most else max((minor for minor in most if minor), default=0)
