"""How does each milestone of the terms stand? Events that count, moments that come, and what an unknown has to wait for."""

from __future__ import annotations

from calendar import monthrange
from datetime import datetime, timedelta

import msgspec

from goodword.core.amounts import to_decimal
from goodword.core.attribution import Touch, conditions_at, span_words
from goodword.core.conditions import Condition
from goodword.core.events import Event
from goodword.core.facts import Fact, base_of
from goodword.core.reasons import Reason
from goodword.core.situation import Situation
from goodword.core.terms import Milestone, Terms

AN_INSTANT = timedelta(microseconds=1)  # spans are inclusive: what they end is over right after them


class Step(msgspec.Struct, frozen=True):
    """How a milestone stands: reached, failed, open, waiting or taken_back. `due_at`: when time alone may change it."""

    state: str
    reason: Reason
    at: datetime | None = None
    event: str | None = None
    base_minor: int | None = None
    due_at: datetime | None = None
    waits_on: tuple[str, ...] = ()


class Journey(msgspec.Struct, frozen=True):
    """What the milestones of one referral are judged on: the parties, the winning touch and the binding event."""

    situation: Situation
    friend: str
    touch: Touch
    binding: Event
    at_join: bool
    clock: datetime

    @property
    def terms(self) -> Terms:
        """The version in force at the winning touch."""
        return self.touch.terms


def steps_of(journey: Journey, facts: list[Fact], history: list[Event]) -> dict[str, Step]:
    """How every milestone stands, in the order of the document."""
    steps: dict[str, Step] = {}
    for milestone in journey.terms.milestones:
        if milestone.moment_after:
            steps[milestone.name] = _moment_step(journey, milestone, history, steps)
        else:
            steps[milestone.name] = event_step(journey, milestone, facts, steps)
    return steps


def counted(journey: Journey, milestone: Milestone, facts: list[Fact]) -> list[Fact]:
    """Facts of the milestone's kind, in order: after a binding at the join, else all that newness does not forget."""
    kind = [fact for fact in facts if fact.event.type == milestone.event]
    if milestone.event == "signup":
        return [fact for fact in kind if fact.event.rank >= journey.binding.rank][:1]
    if journey.at_join:
        return [fact for fact in kind if fact.event.rank > journey.binding.rank]
    if journey.terms.new == "not_for":
        forgotten = journey.binding.at - timedelta(days=journey.terms.new_days)
        return [fact for fact in kind if fact.event.at >= forgotten]
    return kind


def event_step(journey: Journey, milestone: Milestone, facts: list[Fact], steps: dict[str, Step]) -> Step:
    """How an event milestone stands: the nth net event of its type after the binding, which must then meet the conditions."""
    kind = counted(journey, milestone, facts)
    gone = [fact for fact in kind if fact.gone_for(milestone.cancelled_by)]
    if gone and milestone.first_order_decides and gone[0] is kind[0]:
        return Step("failed", Reason("taken_back", False, "0", "the first order"), kind[0].event.at, kind[0].event.id)
    standing = [fact for fact in kind if not fact.gone_for(milestone.cancelled_by)]
    tried = standing[milestone.count - 1 :]
    failed: Step | None = None
    for fact in tried if milestone.first_matching else tried[:1]:
        step = _judge_fact(journey, milestone, fact, steps)
        if step.state in ("reached", "waiting"):
            return step
        failed = step
    if failed:
        return failed
    if gone:
        was = to_decimal(base_of(gone[-1].amount, milestone.base), journey.terms.currency)
        return Step("taken_back", Reason("taken_back", False, "0", was), due_at=_ends_at(journey, milestone, steps))
    needed = milestone.event if milestone.count == 1 else f"{milestone.event} number {milestone.count}"
    return Step("open", Reason("milestone_open", None, None, needed), due_at=_ends_at(journey, milestone, steps))


def _ends_at(journey: Journey, milestone: Milestone, steps: dict[str, Step]) -> datetime | None:
    """When it is too late to reach it: the end of the span or of the program, whichever comes first."""
    ends = [at for at in (journey.terms.last_milestone_at,) if at]
    if milestone.within and (since := _since(journey, milestone.within_of, steps)):
        ends.append(since + milestone.within)
    return min(ends) + AN_INSTANT if ends else None


def _since(journey: Journey, name: str, steps: dict[str, Step]) -> datetime | None:
    """When the named step was reached; "joined" is the binding where no such milestone was reached."""
    step = steps.get(name)
    if step and step.state == "reached":
        return step.at
    return journey.binding.at if name == "joined" else None


def _judge_fact(journey: Journey, milestone: Milestone, fact: Fact, steps: dict[str, Step]) -> Step:
    """The ladder of one counted event: currency, span, end of program, minimum, conditions; reached at the bottom."""
    terms, event = journey.terms, fact.event

    def refuse(code: str, value: str | None, needed: str | None) -> Step:
        return Step("failed", Reason(code, False, value, needed), event.at, event.id)

    order = fact.amount.order
    if order is not None and order.currency not in ("", terms.currency) and milestone.event != "signup":
        return refuse("wrong_currency", order.currency, terms.currency)
    if milestone.within:
        since = _since(journey, milestone.within_of, steps)
        if since is None or event.at - since > milestone.within:
            return refuse("too_late", span_words(event.at - since) if since else None, span_words(milestone.within))
    if terms.last_milestone_at and event.at > terms.last_milestone_at:
        return refuse("milestone_after_end", f"{event.at:%Y-%m-%d}", f"{terms.last_milestone_at:%Y-%m-%d}")
    base = fact.base_minor(milestone.base) if order is not None else None
    if milestone.min_minor is not None and (base is None or base < milestone.min_minor):
        shown = f"{to_decimal(base or 0, terms.currency)} {terms.currency}"
        return refuse("below_minimum", shown, f"{to_decimal(milestone.min_minor, terms.currency)} {terms.currency}")
    reached = Step("reached", Reason("milestone_reached", True, f"{event.at:%Y-%m-%d}"), event.at, event.id, base)
    conditions = (*milestone.conditions, *terms.friend_conditions, *terms.advocate_conditions)
    return _under_conditions(journey, milestone, conditions, fact.amount, reached)


def _under_conditions(
    journey: Journey, milestone: Milestone, conditions: tuple[Condition, ...], event: Event | None, reached: Step
) -> Step:
    """The step that all else has reached, under its conditions as known then; an unknown waits out the grace."""
    assert reached.at is not None
    until = reached.at + milestone.grace if milestone.grace else None
    answers = conditions_at(
        journey.situation,
        journey.terms,
        conditions,
        "milestone",
        journey.touch.advocate,
        journey.friend,
        event,
        reached.at,
        until,
    )
    for condition, found in answers:
        if found.met is False:
            reason = Reason("condition_failed", False, found.value, condition.words)
            return Step("failed", reason, reached.at, reached.event)
    for condition, found in answers:
        if found.met is not None:
            continue
        if until and journey.clock > until:
            reason = Reason("condition_failed", False, "unknown", condition.words)
            return Step("failed", reason, reached.at, reached.event)
        missing = Reason("status_missing", None, f"{condition.side}.{condition.field}", condition.words)
        party = journey.touch.advocate if condition.side == "advocate" else journey.friend
        due_at = until + AN_INSTANT if until else None
        return msgspec.structs.replace(reached, state="waiting", reason=missing, due_at=due_at, waits_on=(party,))
    return reached


def _moment_step(journey: Journey, milestone: Milestone, history: list[Event], steps: dict[str, Step]) -> Step:
    """How a moment stands: not before its time; then nothing that breaks it, and its conditions."""
    terms = journey.terms
    after = milestone.moment_after or "joined"
    since = _since(journey, after, steps)
    if since is None:
        return Step("open", Reason("milestone_open", None, None, after), due_at=_after_base(steps.get(after)))
    at = _moment_at(since, milestone, terms)
    if terms.last_milestone_at and at > terms.last_milestone_at:
        reason = Reason("milestone_after_end", False, f"{at:%Y-%m-%d}", f"{terms.last_milestone_at:%Y-%m-%d}")
        return Step("failed", reason, at)
    broken = next((event for event in history if event.type in milestone.without and since <= event.at <= at), None)
    if broken:
        shown = f"{broken.type} on {broken.at:%Y-%m-%d}"
        return Step("failed", Reason("condition_failed", False, shown, f"no {broken.type}"), at)
    if journey.clock < at:
        return Step("waiting", Reason("milestone_waiting", None, None, f"{at:%Y-%m-%d}"), at, due_at=at)
    base = steps[after].base_minor if after in steps else None
    reached = Step("reached", Reason("milestone_reached", True, f"{at:%Y-%m-%d}"), at, base_minor=base)
    return _under_conditions(journey, milestone, milestone.conditions, None, reached)


def _after_base(base: Step | None) -> datetime | None:
    """A moment can no longer come once the milestone before it cannot be reached."""
    return base.due_at if base and base.state in ("open", "taken_back") else None


def _moment_at(since: datetime, milestone: Milestone, terms: Terms) -> datetime:
    """N x 24 h, or N calendar months in the program's zone (the last day of a shorter month)."""
    if not milestone.moment_months:
        return since + timedelta(days=milestone.moment_days)
    local = since.astimezone(terms.zone)
    month = local.month - 1 + milestone.moment_months
    year, month = local.year + month // 12, month % 12 + 1
    day = min(local.day, monthrange(year, month)[1])
    return local.replace(year=year, month=month, day=day).astimezone(since.tzinfo)


def lapse(
    terms: Terms, binding: Event, steps: dict[str, Step], clock: datetime
) -> tuple[dict[str, Step], datetime | None, datetime | None]:
    """Steps without those reached after a lapse; when the friend became free to be referred anew; when a lapse is due."""
    reached = sorted((step.at, name) for name, step in steps.items() if step.state == "reached" and step.at)
    complete = bool(steps) and len(reached) == len(steps)
    if terms.bound == "until_rewarded":
        return steps, reached[-1][0] if complete else None, None
    if terms.lapse is None:
        return steps, None, None
    last = binding.at
    for at, _ in reached:
        if at - last > terms.lapse:
            break
        last = max(last, at)
    lapses_at = last + terms.lapse
    late = {name for at, name in reached if at > lapses_at}
    if complete and not late:
        return steps, None, None
    if clock <= lapses_at:
        return steps, None, lapses_at + AN_INSTANT
    reason = Reason("lapsed", False, f"{lapses_at:%Y-%m-%d}", span_words(terms.lapse))
    kept = {name: Step("failed", reason, step.at, step.event) if name in late else step for name, step in steps.items()}
    return kept, lapses_at, None
