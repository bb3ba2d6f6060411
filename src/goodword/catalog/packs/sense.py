"""Sense: terms that can be read and still cannot work - milestones never reached, promises nobody can carry, rules in a circle."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

from goodword.catalog.sighting import chain_days, conditions_of, most_minor, promises
from goodword.core.amounts import Amount
from goodword.core.checks import Case, Check, Pack, Place, Source, values
from goodword.core.costs import cost_of
from goodword.core.fields import is_derived
from goodword.core.terms import Promise, Terms
from goodword.core.units import is_points

_SENSE = Source("The terms language of Goodword: docs/program/README.md", date(2026, 11, 22))
_LAST = datetime(9999, 1, 1, tzinfo=UTC)  # by then every cost that is dated holds
# Currency of a market; what is not here is not judged.
_CURRENCY = {
    **dict.fromkeys("AT BE BG CY DE EE ES FI FR GR HR IE IT LT LU LV MT NL PT SI SK".split(), "EUR"),
    "US": "USD", "GB": "GBP", "CH": "CHF", "LI": "CHF", "JP": "JPY", "CA": "CAD", "AU": "AUD", "NZ": "NZD", "SE": "SEK",
    "NO": "NOK", "DK": "DKK", "PL": "PLN", "CZ": "CZK", "HU": "HUF", "RO": "RON", "BR": "BRL", "MX": "MXN", "IN": "INR",
    "CN": "CNY", "KR": "KRW", "AE": "AED", "SA": "SAR", "EG": "EGP", "MA": "MAD", "ZA": "ZAR", "TR": "TRY",
}  # fmt: skip


# -- milestones ------------------------------------------------------------------------------------------------------


def _never_in_time(case: Case) -> Iterator[Place]:
    """A moment that lies after the last day on which milestones count, even for whoever joins first."""
    terms = case.terms
    if terms.runs_from is None or terms.last_milestone_at is None:
        return
    runs_days = (terms.last_milestone_at - terms.runs_from).days
    for milestone in terms.milestones:
        needs = chain_days(terms, milestone)
        if needs > runs_days:
            yield Place(
                f"milestones.{milestone.name}.moment",
                "It takes at least {needs} days, but milestones count for {days} days only: nobody reaches it.",
                "Make the moment earlier, or runs.last_milestone later.",
                values=values(needs=needs, days=runs_days),
            )


def _too_short(case: Case) -> Iterator[Place]:
    """A milestone that must come within a span of another, while moments that it needs come later after the same one."""
    known = {one.name: one for one in case.terms.milestones}
    for milestone in case.terms.milestones:
        if milestone.within is None or milestone.combines is None:
            continue
        needed = (known[name] for name in milestone.combines.names if name in known)
        late = [
            one for one in needed if one.moment_after == milestone.within_of and one.moment_days > milestone.within.days
        ]
        if len(late) > len(milestone.combines.names) - milestone.combines.needed:
            yield Place(
                f"milestones.{milestone.name}.within",
                "It has to come within {within} days, but {step} comes after {days} only.",
                "Make the span longer, or the moment earlier.",
                values=values(within=milestone.within.days, step=late[0].name, days=late[0].moment_days),
            )


# -- money ------------------------------------------------------------------------------------------------------------


def _beyond_budget(case: Case) -> Iterator[Place]:
    """The target that the objective names costs more than the budget holds."""
    terms = case.terms
    target = ((case.document.get("objective") or {}).get("target") or {}).get("new_customers")
    if terms.budget is None or not isinstance(target, int) or target < 1:
        return
    each = sum(_most_cost(terms, promise) for promise in terms.promises)
    if each * target > terms.budget.amount_minor:
        needed, has = Amount(each * target, terms.currency), Amount(terms.budget.amount_minor, terms.currency)
        carried = terms.budget.amount_minor // max(1, each)
        yield Place(
            "budget.amount",
            "The target of {target} friends can cost {needed}; the budget of {has} carries {carried}.",
            "Raise the budget, lower the reward or the target.",
            values=values(target=f"{target:,}", needed=needed, has=has, carried=f"{carried:,}"),
        )


def _most_cost(terms: Terms, promise: Promise) -> int:
    """The most that one grant takes out of the budget; points and things by what one cost last."""
    if promise.ladder and promise.ladder.apply == "once":
        return 0
    costs = [cost_of(terms, terms, row.give, row.kind.most_minor(row.give) or 0, _LAST) for row in promise.lines]
    return max((cost.amount.minor for cost in costs if cost and cost.amount.asset == terms.currency), default=0)


def _round_costs(terms: Terms) -> list[int]:
    """What all prizes of one round take out of the budget, once for each day on which another cost of a unit begins."""
    contest = terms.contest
    if contest is None or terms.budget is None or not any(is_points(prize.give.asset) for prize in contest.prizes):
        return []  # where points are no prizes, the terms are refused when they are read
    days = {since for unit in terms.units for since, _ in unit.costs} or {_LAST}
    listed = [[cost_of(terms, terms, one.give, one.minor * one.count, day) for one in contest.prizes] for day in days]
    return [sum(cost.amount.minor for cost in costs if cost and cost.amount.asset == terms.currency) for costs in listed]


def _prizes_at_any_cost(case: Case) -> Iterator[Place]:
    """Prizes in points of one round that cost more than the budget holds, whatever a point cost until now."""
    costs = _round_costs(case.terms)
    if costs and case.terms.budget and min(costs) > case.terms.budget.amount_minor:
        yield _round_place(case.terms, min(costs))


def _prizes_at_some_cost(case: Case) -> Iterator[Place]:
    """The same at one of the costs of a point, while the budget carries a round at another."""
    costs = _round_costs(case.terms)
    if costs and case.terms.budget and min(costs) <= case.terms.budget.amount_minor < max(costs):
        yield _round_place(case.terms, max(costs))


def _round_place(terms: Terms, minor: int) -> Place:
    has = Amount(terms.budget.amount_minor if terms.budget else 0, terms.currency)
    return Place(
        "contest.prizes",
        "The prizes of one round cost {needed}, points at what one costs; the budget holds {has}.",
        "Raise the budget, or give smaller prizes.",
        values=values(needed=Amount(minor, terms.currency), has=has),
    )


def _beyond_limit(case: Case) -> Iterator[Place]:
    """A tier that a limit on the same promise never lets anybody reach."""
    for field, promise in promises(case):
        ladder = promise.ladder
        if ladder is None:
            continue
        highest = max(row.at for row in ladder.rows)
        for limit in promise.limits:
            if limit.over not in ("person", "code", "household") or limit.period != ladder.period:
                continue
            if limit.counts == "joins" and ladder.by == "count" and limit.most < highest:
                yield Place(
                    f"{field}.limit",
                    "Only {most} friends may join, so the tier at {highest} is never reached.",
                    "Allow at least {highest} joins.",
                    values=values(most=limit.most, highest=highest),
                )
            given = len(ladder.rows) if ladder.apply == "once" else highest
            if limit.counts == "grants" and not ladder.every and ladder.by == "count" and limit.most < given:
                yield Place(
                    f"{field}.limit",
                    "Only {most} rewards are given, so the last of the promised tiers never is.",
                    "Allow at least {given} rewards.",
                    values=values(most=limit.most, given=given),
                )
        yield from _beyond_amount(case, field, promise.limits, [most_minor(case.terms, row) for row in ladder.rows])


def _beyond_amount(case: Case, field: str, limits: object, worths: list[int | None]) -> Iterator[Place]:
    top = max((worth for worth in worths if worth), default=0)
    for limit in limits if isinstance(limits, tuple) else ():
        if limit.counts == "amount" and limit.most < top:
            most, promised = Amount(limit.most, case.terms.currency), Amount(top, case.terms.currency)
            yield Place(
                f"{field}.limit",
                "A limit of {most} is below the promised {promised}.",
                "Raise it to {promised}.",
                values=values(most=most, promised=promised),
            )


def _one_above_limit(case: Case) -> Iterator[Place]:
    """A single reward above the limit on its amount."""
    for field, promise in promises(case):
        if promise.ladder is None:
            yield from _beyond_amount(
                case,
                field,
                promise.limits,
                [most_minor(case.terms, row) for row in promise.lines if row.give.percent is None],
            )


def _above_minimum(case: Case) -> Iterator[Place]:
    """A reward worth more than the smallest order that earns it."""
    known = {one.name: one for one in case.terms.milestones}
    for field, promise in promises(case):
        least = known[promise.on.partition("#")[0]].min_minor if promise.on.partition("#")[0] in known else None
        for row in promise.lines:
            worth = row.give.fixed_minor if row.give.asset == case.terms.currency and row.give.percent is None else None
            if least and worth and worth > least:
                given, order = Amount(worth, case.terms.currency), Amount(least, case.terms.currency)
                yield Place(
                    f"{field}.give",
                    "{given} is given for an order of {order}.",
                    "Is that meant? Raise min, or give less.",
                    values=values(given=given, order=order),
                )


def _currencies(case: Case) -> Iterator[Place]:
    """Markets with another currency than the program's; orders in several currencies without markets."""
    own = case.terms.currency
    priced = case.document.get("markets") or {}  # each has its own currency
    others = sorted(
        {
            f"{one} ({_CURRENCY[one[:2]]})"
            for one in case.places
            if _CURRENCY.get(one[:2], own) != own and one[:2] not in priced
        }
    )
    if others:
        yield Place(
            "currency",
            "The program promises {currency}, but people pay otherwise in: {places}.",
            "Write markets with a currency of their own, or name only places that pay in it.",
            values=values(currency=own, places=", ".join(others)),
        )
    for place, one in conditions_of(case.terms):
        if (one.side, one.field) == ("order", "currency") and set(one.values) - {own} and not priced:
            yield Place(
                place,
                "Orders in two currencies are spoken of, but no market has its own.",
                "Write markets, or take it out.",
            )


# -- what it hangs on -------------------------------------------------------------------------------------------------


def _texts(case: Case) -> Iterator[Place]:
    if not case.around.texts:
        return
    for language in case.languages:
        if language not in case.around.texts:
            yield Place(
                "languages",
                'There is no text in "{language}": people would read {other}.',
                "Have it translated, or take it out; there are: {languages}.",
                values=values(language=language, other=case.around.texts[0], languages=", ".join(case.around.texts)),
            )


def _undelivered(case: Case) -> Iterator[Place]:
    """Attributes that conditions ask, though no feed ever brought them: they would wait for ever."""
    if case.around.delivered is None:
        return
    told = set()
    for place, one in conditions_of(case.terms):
        if one.side not in ("advocate", "friend") or is_derived(one.field) or one.field in case.around.delivered:
            continue
        if (place, one.field) not in told:
            told.add((place, one.field))
            yield Place(
                place,
                'No feed ever brought "{name}", so "{condition}" would stay unknown and wait.',
                "Connect a feed that brings it, correct the name, or take the condition out.",
                values=values(name=one.field, condition=one.words),
            )


def _circles(case: Case) -> Iterator[Place]:
    """Programs that each come after the other: along "after" and "before" no order may lead back."""
    rules = {**case.around.stacking, case.terms.program: dict(case.terms.stacking.programs)}
    earlier: dict[str, set[str]] = {}
    for program, listed in rules.items():
        for other, rule in listed.items():
            if rule == "before":
                earlier.setdefault(other, set()).add(program)
            elif rule == "after":
                earlier.setdefault(program, set()).add(other)
    circle = _circle(earlier, case.terms.program)
    if circle:
        yield Place(
            "stacking.programs",
            "The order of programs goes in a circle: {circle}.",
            "Take one of the rules out.",
            values=values(circle=" after ".join(circle)),
        )


def _circle(earlier: dict[str, set[str]], start: str) -> list[str]:
    """A way from a program back to itself."""
    ways, seen = [[start]], set()
    while ways:
        way = ways.pop()
        for other in sorted(earlier.get(way[-1], ())):
            if other == start:
                return [*way, start]
            if other not in seen:
                seen.add(other)
                ways.append([*way, other])
    return []


SENSE = Pack(
    slug="sense",
    title="Sense",
    help=__doc__ or "",
    stale_after_days=36_500,
    checks=(
        Check("in-time", "Each milestone can be reached before the program ends.", "block", _SENSE, _never_in_time),
        Check("too-short", "No span ends before what it waits for.", "block", _SENSE, _too_short),
        Check("budget", "The budget carries the target.", "warn", _SENSE, _beyond_budget),
        Check("prizes", "The budget carries the points among prizes.", "block", _SENSE, _prizes_at_any_cost),
        Check("prizes-cost", "It carries them whatever a point costs.", "warn", _SENSE, _prizes_at_some_cost),
        Check("tier-limit", "No limit lies below a promised tier.", "block", _SENSE, _beyond_limit),
        Check("reward-limit", "No limit lies below a single reward.", "block", _SENSE, _one_above_limit),
        Check("above-minimum", "No reward is worth more than the order that earns it.", "warn", _SENSE, _above_minimum),
        Check("currencies", "One currency for all its markets.", "warn", _SENSE, _currencies),
        Check("texts", "Texts in every language that is spoken.", "warn", _SENSE, _texts),
        Check("feeds", "Feeds bring every attribute that conditions ask.", "block", _SENSE, _undelivered),
        Check("circle", "Programs do not wait for each other in a circle.", "block", _SENSE, _circles),
    ),
)
