"""What differs from market to market? Each market's terms, read from the document with the market's amounts in their places."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Iterator
from typing import Any

import msgspec

from goodword.core.conditions import Condition
from goodword.core.documents import MarketPart
from goodword.core.events import Problem
from goodword.core.reading.reader import Reader
from goodword.core.terms import Ladder, Promise, Row, Terms

Read = Callable[[dict[str, Any], str], Terms | list[Problem]]  # (document of the market, its country)

_ALONE = "give the market a program of its own"


def read_markets(reader: Reader, document: dict[str, Any], terms: Terms, read: Read) -> tuple[tuple[str, Terms], ...]:
    """The terms of every market by its country; what is wrong goes to the reader with the market's place."""
    found: list[tuple[str, Terms]] = []
    budgets = _budgets(reader, terms)
    for country, part in reader.part.markets.items():
        field = f"markets.{country}"
        written = _written(reader, field, document, part, terms)
        if part.currency not in (None, terms.currency):
            _check_currency(reader, field, part, terms)
            written |= {"budget": budgets.get(str(part.currency)), "contest": None, "catalogue": {}}
        if reader.problems:
            continue
        own = read(written, country)
        if isinstance(own, Terms):
            found.append((country, _of_program(own, terms, {*part.tiers})))
        else:
            for problem in own:
                reader.wrong(f"{field}: {problem.field}", problem.why, problem.repair)
    for country, own in found:
        _check_ladders(reader, f"markets.{country}", own, terms)
    return tuple(found)


def _of_program(own: Terms, terms: Terms, own_tiers: set[str]) -> Terms:
    """The market's terms with what is the whole program's: contest, units and catalogue; ladders that count apart are named."""
    promises = []
    for promise in own.promises:
        ladder = promise.ladder
        differs = own.currency != terms.currency or own_tiers & {promise.to, f"{promise.to}:{promise.on}"}
        if ladder and differs and (ladder.by == "amount" or ladder.apply in ("whole_period", "slice")):
            promise = msgspec.structs.replace(promise, ladder=msgspec.structs.replace(ladder, part=own.market))
        promises.append(promise)
    return msgspec.structs.replace(
        own,
        hash=terms.hash,
        promises=tuple(promises),
        contest=terms.contest,
        units=terms.units,
        catalogue=terms.catalogue,
    )


# -- the document of one market ----------------------------------------------------------------------------------------


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
        for promise in _meant(reader, f"{field}.give", whom, written):
            promise["give"] = gift
    for whom, tiers in part.tiers.items():
        meant = _meant(reader, f"{field}.tiers", whom, written)
        tiered = [promise for promise in meant if (promise.get("when") or {}).get("tiers")]
        for promise in tiered:
            promise["when"]["tiers"] = msgspec.to_builtins(tiers)
        if meant and not tiered:
            reader.wrong(f"{field}.tiers.{whom}", "has no tiers in the program", "say it under give")
    return written


def _meant(reader: Reader, field: str, whom: str, written: dict[str, Any]) -> list[dict[str, Any]]:
    """The promises of a role, or of a role on a milestone."""
    role, _, milestone = whom.partition(":")
    meant = [one for one in written["promises"] if one["to"] == role and milestone in ("", one["on"])]
    if not meant:
        reader.wrong(f"{field}.{whom}", "is promised nothing", "name a role, or a role and a milestone, of promises")
    return meant


def _budgets(reader: Reader, terms: Terms) -> dict[str, dict[str, Any]]:
    """The budget of each other currency, which all its markets share; when it is set aside is the program's rule for all."""
    rules = msgspec.to_builtins(reader.part.budget) if reader.part.budget else {}
    found: dict[str, dict[str, Any]] = {}
    for country, part in reader.part.markets.items():
        if part.budget is None:
            continue
        field, currency = f"markets.{country}.budget", part.currency or terms.currency
        if currency == terms.currency:
            why = f"the market counts {currency} like the program, and they share one budget"
            reader.wrong(field, why, "leave it out, and say budget.amount for both")
        elif currency in found:
            reader.wrong(
                field, f"another market says the budget in {currency}, and they share it", "leave one of them out"
            )
        found[currency] = rules | {"amount": part.budget}
    return found


# -- what cannot be said once for all ----------------------------------------------------------------------------------


def _check_currency(reader: Reader, field: str, part: MarketPart, terms: Terms) -> None:
    """In another currency no amount of the program holds: each has to be said anew, and nothing is ever added to another."""
    needed = f"in {terms.currency}, and the market counts {part.currency}"
    for name, milestone in reader.part.milestones.items():
        for option in ("min", "sum"):
            if getattr(milestone, option) and name not in getattr(part, option):
                reader.wrong(
                    f"{field}.{option}", f"the {option} of {name} is {needed}", f"say it: {option}: {{{name}: ...}}"
                )
    for n, promise in enumerate(terms.promises):
        when = reader.part.promises[n].when
        tiers = when.tiers if when else None
        said: Collection[str] = part.tiers if tiers else part.give
        if _is_priced(promise) and not {promise.to, f"{promise.to}:{promise.on}"} & {*said}:
            name = "tiers" if tiers else "give"
            reader.wrong(
                f"{field}.{name}",
                f"promises[{n}] gives {needed}",
                f'say it: {name}: {{"{promise.to}:{promise.on}": ...}}',
            )
    if terms.budget and not any(
        other.budget for other in reader.part.markets.values() if other.currency == part.currency
    ):
        reader.wrong(f"{field}.budget", f"the budget is {needed}", 'say what may be spent there: budget: "5000.00"')
    if terms.contest and terms.contest.metric == "amount":
        repair = f"count friends or points, or {_ALONE}"
        reader.wrong("contest.metric", f"would add amounts {needed}", repair)
    for place, condition in _of_money(terms):
        reader.wrong(place, f'"{condition.words}" speaks of money {needed}', f"leave it out, or {_ALONE}")
    for promise in terms.promises:
        if any(limit.counts == "amount" and ":" not in promise.give.asset for limit in promise.limits):
            reader.wrong("limit", f"counts money {needed}", f"count grants, or {_ALONE}")


def _is_priced(promise: Promise) -> bool:
    """Whether what it gives, or from where on, is said in money; a number of points or a thing without a price is not."""
    by_amount = promise.ladder is not None and promise.ladder.by == "amount"
    return by_amount or any(_has_price(row) for row in promise.lines)


def _has_price(row: Row) -> bool:
    give = row.give
    in_money = ":" not in give.asset and (
        give.fixed_minor is not None or give.max_minor is not None or bool(give.bands)
    )
    return in_money or give.cost_minor is not None or give.per is not None or any(_compares_money(row.conditions))


def _of_money(terms: Terms) -> Iterator[tuple[str, Condition]]:
    """Conditions that compare with an amount, each with its place; those of gifts are said anew with them."""
    parts = [("advocates", terms.advocate_conditions), ("friends", terms.friend_conditions)]
    parts += [(f"milestones.{milestone.name}", milestone.conditions) for milestone in terms.milestones]
    for place, conditions in parts:
        for condition in _compares_money(conditions):
            yield f"{place}.if", condition


def _compares_money(conditions: tuple[Condition, ...]) -> Iterator[Condition]:
    return (condition for condition in conditions if condition.kind == "money" and not condition.step)


def _check_ladders(reader: Reader, field: str, own: Terms, terms: Terms) -> None:
    """Friends of all markets stand on one ladder, so its places are the same everywhere; a slice belongs to one market."""
    for promise in own.promises:
        theirs = terms.promise(promise.key)
        ladder, common = promise.ladder, theirs.ladder if theirs else None
        if ladder is None or common is None or ladder.by != "count":
            continue
        place = f"{field}.tiers"
        if _places(ladder) != _places(common):
            wanted = ", ".join(str(at) for at in _places(common))
            reader.wrong(place, "friends of all markets are counted together, and the places differ", f"use {wanted}")
        if ladder.apply == "slice" and ladder.part == own.market:
            why = "a slice of friends cannot be cut across markets that give different things"
            reader.wrong(place, why, f"use apply: whole_period or from_here_on, or {_ALONE}")


def _places(ladder: Ladder) -> list[int]:
    return [row.at for row in ladder.rows]
