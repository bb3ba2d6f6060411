"""What is given, to whom, how often and out of what? Promises, limits, budget and screening, read."""

from __future__ import annotations

import re

from goodword.core.documents import LimitPart, PromisePart
from goodword.core.reading.reader import Reader
from goodword.core.terms import Budget, Limit, Promise, Screening


def read_promise(reader: Reader, n: int, part: PromisePart) -> Promise | None:
    field = f"promises[{n}]"
    if len(part.give) != 1:
        reader.wrong(f"{field}.give", "must name exactly one kind of reward", 'write for example give: {cash: "10.00"}')
        return None
    ((slug, value),) = part.give.items()
    kind = reader.shelves.rewards.get(slug)
    if kind is None:
        reader.wrong(
            f"{field}.give",
            f'"{slug}" is not a kind of reward',
            f"use one of: {', '.join(sorted(reader.shelves.rewards))}",
        )
        return None
    try:
        give = kind.parse(value, reader.part.currency)
    except ValueError as error:
        reader.wrong(f"{field}.give.{slug}", str(error), "see the reward kinds in the program documentation")
        return None
    hold = reader.days(part.hold, f"{field}.hold").days if part.hold else 0
    limits = part.limit if isinstance(part.limit, list) else [part.limit] if part.limit else []
    read = tuple(limit for m, one in enumerate(limits) for limit in _limits(reader, one, f"{field}.limit[{m}]"))
    nth = sum(1 for known in reader.part.promises[:n] if (known.to, known.on) == (part.to, part.on))
    return Promise(f"{part.to}:{part.on}:{nth}", part.to, part.on, kind, give, hold, read)


def _limits(reader: Reader, part: LimitPart, field: str) -> list[Limit]:
    found = []
    for counts in ("grants", "joins", "amount"):
        text = getattr(part, counts)
        if text is None:
            continue
        match = re.fullmatch(
            r"(\d+(?:\.\d+)?)(?:\s*(?:per|a|an)\s+(day|week|month|quarter|year|lifetime))?", str(text).strip()
        )
        if not match:
            reader.wrong(f"{field}.{counts}", f'"{text}" is not a limit', 'write for example "5 per month"')
            continue
        amount = match.group(1)
        if counts == "amount":
            most = reader.money(amount, f"{field}.amount")
        elif amount.isdigit() and int(amount) > 0:
            most = int(amount)
        else:
            reader.wrong(
                f"{field}.{counts}",
                f'"{amount}" is not a whole number above zero',
                'write for example "5 per month"',
            )
            continue
        found.append(Limit(counts, most, match.group(2) or "lifetime", part.over, part.edge, part.reopen))
    if not found and not reader.problems:
        reader.wrong(field, "limits nothing", 'name what it counts, for example limit: {grants: "5 per month"}')
    return found


def read_budget(reader: Reader, promises: tuple[Promise | None, ...]) -> Budget | None:
    part = reader.part.budget
    if part is None:
        return None
    amount = reader.money(part.amount, "budget.amount")
    for n, promise in enumerate(promises):
        most = promise.kind.most_minor(promise.give) if promise else 0
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
    return Budget(amount, part.reserve, part.at_end)


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
