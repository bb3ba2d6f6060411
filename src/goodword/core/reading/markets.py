"""What differs from market to market? Each market's terms, read from the document with the market's amounts in their places."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import msgspec

from goodword.core.documents import MarketPart
from goodword.core.events import Problem
from goodword.core.reading.reader import Reader
from goodword.core.terms import Terms

Read = Callable[[dict[str, Any]], Terms | list[Problem]]


def read_markets(reader: Reader, document: dict[str, Any], terms: Terms, read: Read) -> tuple[tuple[str, Terms], ...]:
    """The terms of every market by its country; what is wrong goes to the reader with the market's place."""
    found: list[tuple[str, Terms]] = []
    for country, part in reader.part.markets.items():
        field = f"markets.{country}"
        written = _written(reader, field, document, part, terms)
        if part.currency not in (None, terms.currency):
            _check_currency(reader, field, part, terms)
        if reader.problems:
            continue
        own = read(written)
        if isinstance(own, Terms):
            found.append((country, msgspec.structs.replace(own, hash=terms.hash)))
        else:
            for problem in own:
                reader.wrong(f"{field}: {problem.field}", problem.why, problem.repair)
    return tuple(found)


def _written(reader: Reader, field: str, document: dict[str, Any], part: MarketPart, terms: Terms) -> dict[str, Any]:
    """The document as it would be written for this market alone."""
    written = copy.deepcopy(document)
    written.pop("markets", None)
    written["currency"] = part.currency or terms.currency
    for option in ("min", "sum"):
        for name, amount in getattr(part, option).items():
            if name in written["milestones"]:
                written["milestones"][name][option] = amount
            else:
                names = ", ".join(written["milestones"])
                reader.wrong(f"{field}.{option}.{name}", "is not a milestone", f"use one of: {names}")
    for whom, gift in part.give.items():
        role, _, milestone = whom.partition(":")
        meant = [one for one in written["promises"] if one["to"] == role and milestone in ("", one["on"])]
        for promise in meant:
            promise["give"] = gift
        if not meant:
            reader.wrong(
                f"{field}.give.{whom}", "is promised nothing", "name a role, or a role and a milestone, of promises"
            )
    return written


def _check_currency(reader: Reader, field: str, part: MarketPart, terms: Terms) -> None:
    """In another currency no amount of the program holds: each has to be said anew, and what counts money cannot mix."""
    needed = f"in {terms.currency}, and the market counts {part.currency}"
    for name, milestone in reader.part.milestones.items():
        for option in ("min", "sum"):
            if getattr(milestone, option) and name not in getattr(part, option):
                reader.wrong(
                    f"{field}.{option}", f"the {option} of {name} is {needed}", f"say it: {option}: {{{name}: ...}}"
                )
    given = {whom.partition(":")[0] if ":" not in whom else whom for whom in part.give}
    for n, promise in enumerate(reader.part.promises):
        if promise.when and promise.when.tiers:
            reader.wrong(f"promises[{n}].when", f"its tiers are {needed}", "give the market a program of its own")
        elif promise.to not in given and f"{promise.to}:{promise.on}" not in given:
            reader.wrong(f"{field}.give", f"promises[{n}] gives {needed}", f"say it: give: {{{promise.to}: ...}}")
    mixed = {
        "budget": terms.budget is not None,
        "contest": terms.contest is not None,
        "limit": any(limit.counts == "amount" for promise in terms.promises for limit in promise.limits),
    }
    for name in (name for name, is_there in mixed.items() if is_there):
        reader.wrong(name, f"counts money {needed}", "leave it out, or give the market a program of its own")
