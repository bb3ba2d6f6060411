"""On which day does the budget run out? From what was granted of late and what the draft would have given for the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.safestring import SafeString

from goodword.core.amounts import exponent, percent_of
from goodword.core.terms import Promise, Terms
from goodword.store.reads.drafting import PACE_DAYS, Given, Reached, given_since, reached
from goodword.web import words
from goodword.web.desk.programs.views import Line

LONGEST_DAYS = 3650
_USUAL_ORDER = 100  # whole units of the currency, where nothing is on record and the terms name no smallest order


@dataclass(frozen=True)
class Horizon:
    """The budget bar: what is bound, and the day on which the rest is gone at the pace of the last days."""

    total: SafeString
    bound: SafeString
    percent: int
    a_day: SafeString
    ends_on: date | None  # None: nothing was granted of late, or it lasts for years
    ended_before: date | None  # by the terms in force
    moved_days: int
    has_history: bool

    @property
    def earlier(self) -> int:
        """By how many days it ends earlier than by the terms in force."""
        return max(0, -self.moved_days)


@dataclass(frozen=True)
class Target:
    """One figure that the program is for, beside what was reached."""

    name: str
    wanted: SafeString | str
    actual: SafeString | str
    percent: int | None


def horizon(line: Line | None, live: Terms | None, draft: Terms, client_id: str, now: datetime) -> Horizon | None:
    """The bar of a draft; None where it has no budget."""
    if draft.budget is None:
        return None
    given = given_since(client_id, line.row.id, now - timedelta(days=PACE_DAYS)) if line else []
    bound = line.used.bound_minor if line and line.used else 0
    pace = _pace(given, live, draft)
    ends_on = _ends_on(draft.budget.amount_minor - bound, pace, now)
    before = None
    if live is not None and live.budget is not None:
        before = _ends_on(live.budget.amount_minor - bound, _pace(given, live, live), now)
    return Horizon(
        words.money(draft.budget.amount_minor, draft.currency),
        words.money(bound, draft.currency),
        max(0, min(100, round(100 * bound / draft.budget.amount_minor))),
        words.money(round(pace), draft.currency),
        ends_on,
        before,
        (ends_on - before).days if ends_on and before else 0,
        bool(given),
    )


def targets(line: Line | None, draft: Terms, objective: object, client_id: str) -> list[Target]:
    """The objective's figures against what was reached, where the document names some that are counted."""
    wanted = objective.get("target") if isinstance(objective, dict) else None
    if not isinstance(wanted, dict):
        return []
    found = reached(client_id, line.row.id) if line else Reached(0, {})
    given = found.given_minor.get(draft.currency, 0)
    counted: dict[str, tuple[int, bool]] = {
        "new_customers": (found.customers, False),
        "cost_per_new_customer": (given // found.customers if found.customers else 0, True),
        "cost": (given, True),
    }
    return [_target(name, text, counted.get(name), draft.currency) for name, text in wanted.items()]


def _target(name: str, wanted: object, actual: tuple[int, bool] | None, currency: str) -> Target:
    if actual is None:
        return Target(words.label(name), words.bdi(wanted), words.text("–"), None)
    value, is_money = actual
    shown = words.money(value, currency) if is_money else words.bdi(f"{value:,}", "num")
    try:
        goal = float(str(wanted)) * (10 ** exponent(currency) if is_money else 1)
    except ValueError:
        return Target(words.label(name), words.bdi(wanted), shown, None)
    told = words.money(round(goal), currency) if is_money else words.bdi(f"{round(goal):,}", "num")
    return Target(words.label(name), told, shown, round(100 * value / goal) if goal else None)


def _pace(given: list[Given], live: Terms | None, draft: Terms) -> float:
    """Minor units a day: what each role got of late, times what the draft gives for the same against the terms in force."""
    found = 0.0
    for one in given:
        if one.asset != draft.currency:
            continue
        before = _typical(live, one) if live is not None else 0
        factor = _typical(draft, one) / before if before else 1.0
        found += one.amount_minor / PACE_DAYS * factor
    return found


def _typical(terms: Terms, given: Given) -> int:
    """What the promises to a role give for an order as they usually are."""
    mine = [promise for promise in terms.promises if promise.to == given.role]
    return sum(_amount(promise, terms, given) for promise in mine)


def _amount(promise: Promise, terms: Terms, given: Given) -> int:
    give = promise.give
    if give.asset != terms.currency:
        return 0
    if give.percent is None:
        return give.fixed_minor or 0
    least = max((one.min_minor or 0 for one in terms.milestones), default=0)
    order = least * 3 // 2 or _USUAL_ORDER * 10 ** exponent(terms.currency)
    return give.at_most(percent_of(order, give.percent))


def _ends_on(left_minor: int, pace: float, now: datetime) -> date | None:
    if pace <= 0:
        return None
    days = max(0, left_minor) / pace
    return None if days > LONGEST_DAYS else (now + timedelta(days=int(days))).date()
