"""What do several packs ask of terms? Which rewards hang on a sale, what they are worth, which conditions speak of age."""

from __future__ import annotations

from collections.abc import Iterator

from goodword.core.checks import Case
from goodword.core.conditions import Condition
from goodword.core.fields import is_derived
from goodword.core.requirements import Milestone
from goodword.core.terms import Promise, Row, Terms

SALES = frozenset({"purchase", "renewal", "sale", "subscription_started", "policy_started", "contract_signed"})
MONEY_KINDS = frozenset({"cash", "percent", "commission", "guarantee"})


def promises(case: Case) -> Iterator[tuple[str, Promise]]:
    """Every promise with its place in the document."""
    for n, promise in enumerate(case.terms.promises):
        yield f"promises[{n}]", promise


def needs_sale(terms: Terms, name: str) -> bool:
    """Whether a milestone cannot be reached without a sale: its event, or one that it hangs on."""
    known = {one.name: one for one in terms.milestones}
    milestone = known.get(name)
    if milestone is None:
        return False
    if milestone.types & SALES:
        return True
    if milestone.combines:
        sales = sum(needs_sale(terms, one) for one in milestone.combines.names)
        return sales > len(milestone.combines.names) - milestone.combines.needed
    return milestone.moment_after is not None and needs_sale(terms, milestone.moment_after)


def most_minor(terms: Terms, row: Row) -> int | None:
    """The most that one gift is worth in the program's currency; None: nobody knows."""
    if row.give.asset == terms.currency:
        return row.kind.most_minor(row.give)
    return None if row.give.cost_minor is None else row.give.cost_minor * (row.give.fixed_minor or 1)


def friend_conditions(terms: Terms) -> Iterator[Condition]:
    """Conditions on friends, of the program and of its milestones."""
    yield from terms.friend_conditions
    for milestone in terms.milestones:
        yield from (one for one in milestone.conditions if one.side == "friend")


def speaks_of_age(conditions: tuple[Condition, ...] | list[Condition]) -> bool:
    """Whether somebody's age is asked."""
    return any(one.field in ("age", "birth_year", "birth_date", "is_adult") for one in conditions)


def conditions_of(terms: Terms) -> Iterator[tuple[str, Condition]]:
    """Every condition with the place where it is written."""
    for n, one in enumerate(terms.advocate_conditions):
        yield f"advocates.if[{n}]", one
    for n, one in enumerate(terms.friend_conditions):
        yield f"friends.if[{n}]", one
    for milestone in terms.milestones:
        for n, one in enumerate(milestone.conditions):
            yield f"milestones.{milestone.name}.if[{n}]", one
    for p, promise in enumerate(terms.promises):
        for n, row in enumerate(promise.lines):
            for one in row.conditions:
                yield f"promises[{p}].give[{n}].if", one


def asked_attributes(terms: Terms) -> frozenset[str]:
    """Names of attributes that conditions ask of people, here or in a market, and that only a feed can bring."""
    own = (one for each in (terms, *(market for _, market in terms.markets)) for _, one in conditions_of(each))
    return frozenset(one.field for one in own if one.side in ("advocate", "friend") and not is_derived(one.field))


def chain_days(terms: Terms, milestone: Milestone) -> int:
    """So many days have to pass at least from the join until a milestone can be reached (a month counts as 28)."""
    known = {one.name: one for one in terms.milestones}
    days, at = 0, milestone
    for _ in terms.milestones:
        if at.moment_after is None:
            break
        days += at.moment_days + 28 * at.moment_months
        base = known.get(at.moment_after)
        if base is None:
            break
        at = base
    return days
