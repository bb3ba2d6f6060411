"""How does each milestone of the terms stand? Events that count, once or each of them, and what ends a referral."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from goodword.core.amounts import to_decimal
from goodword.core.attribution import span_words
from goodword.core.combining import combined_step
from goodword.core.counting import counting_step
from goodword.core.events import Event
from goodword.core.facts import Fact, base_of
from goodword.core.journey import AN_INSTANT, Journey, counted, ends_at, reached_at, under_conditions, what_breaks
from goodword.core.journey import Step as Step
from goodword.core.moments import moment_steps
from goodword.core.reasons import Reason
from goodword.core.requirements import Milestone, milestone_name
from goodword.core.terms import Terms


def steps_of(journey: Journey) -> dict[str, Step]:
    """How every milestone stands, in the order of the document; a repeated one has a step for each occurrence."""
    steps: dict[str, Step] = {}
    for milestone in journey.terms.milestones:
        steps.update(steps_for(journey, milestone, steps))
    return steps


def steps_for(journey: Journey, milestone: Milestone, steps: dict[str, Step]) -> dict[str, Step]:
    """The steps of one milestone; `steps` are those of the milestones before it."""
    if milestone.moment_after:
        return moment_steps(journey, milestone, steps)
    if milestone.counting:
        return {milestone.name: counting_step(journey, milestone, steps)}
    if milestone.combines:
        return {milestone.name: combined_step(journey, milestone, steps)}
    if milestone.repeat:
        return _occurrences(journey, milestone, steps)
    return {milestone.name: _event_step(journey, milestone, steps)}


def _event_step(journey: Journey, milestone: Milestone, steps: dict[str, Step]) -> Step:
    """How an event milestone stands: the nth net event of its type after the binding, which must then meet the conditions."""
    kind = counted(journey, milestone, milestone.event)
    if ended := _ended_by_the_first(milestone, kind):
        return ended
    gone = [fact for fact in kind if fact.gone_for(milestone.cancelled_by)]
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
        return Step("taken_back", _taken_back(journey, milestone, gone[-1]), due_at=ends_at(journey, milestone, steps))
    needed = milestone.event if milestone.count == 1 else f"{milestone.event} number {milestone.count}"
    return Step("open", Reason("milestone_open", None, None, needed), due_at=ends_at(journey, milestone, steps))


def _occurrences(journey: Journey, milestone: Milestone, steps: dict[str, Step]) -> dict[str, Step]:
    """Each event of the kind is a step of its own, named after its place among all of them, so that one taken back moves none."""
    assert milestone.repeat is not None
    kind = counted(journey, milestone, milestone.event)
    if ended := _ended_by_the_first(milestone, kind):
        return {milestone.occurrence(1): ended}
    found: dict[str, Step] = {}
    nth = 0
    for number, fact in enumerate(kind, 1):
        if fact.gone_for(milestone.cancelled_by):
            reason = _taken_back(journey, milestone, fact)
            found[milestone.occurrence(number)] = Step("failed", reason, fact.event.at, fact.event.id)
            continue
        nth += 1
        step = _judge_fact(journey, milestone, fact, steps)
        found[milestone.occurrence(number)] = msgspec.structs.replace(step, nth=nth)
        if nth == milestone.repeat.most or (step.state == "failed" and not milestone.repeat.goes_on):
            return found
    waiting_for = Reason("milestone_open", None, None, milestone.event)
    found[milestone.occurrence(len(kind) + 1)] = Step("open", waiting_for, due_at=ends_at(journey, milestone, steps))
    return found


def _ended_by_the_first(milestone: Milestone, kind: list[Fact]) -> Step | None:
    """Where the first one decides, it ends the milestone when it is taken back."""
    if not (milestone.first_order_decides and kind and kind[0].gone_for(milestone.cancelled_by)):
        return None
    return Step("failed", Reason("taken_back", False, "0", "the first order"), kind[0].event.at, kind[0].event.id)


def _taken_back(journey: Journey, milestone: Milestone, fact: Fact) -> Reason:
    return Reason("taken_back", False, "0", to_decimal(base_of(fact.amount, milestone.base), journey.terms.currency))


def _judge_fact(journey: Journey, milestone: Milestone, fact: Fact, steps: dict[str, Step]) -> Step:
    """The ladder of one counted event: currency, span, end of program, what breaks it, minimum, conditions; then reached."""
    terms, event = journey.terms, fact.event

    def refuse(code: str, value: str | None, needed: str | None) -> Step:
        return Step("failed", Reason(code, False, value, needed), event.at, event.id)

    order = fact.amount.order
    if order is not None and order.currency not in ("", terms.currency) and milestone.event != "signup":
        return refuse("wrong_currency", order.currency, terms.currency)
    if milestone.within:
        since = reached_at(journey, milestone.within_of, steps)
        if since is None or event.at - since > milestone.within:
            return refuse("too_late", span_words(event.at - since) if since else None, span_words(milestone.within))
    if terms.last_milestone_at and event.at > terms.last_milestone_at:
        return refuse("milestone_after_end", f"{event.at:%Y-%m-%d}", f"{terms.last_milestone_at:%Y-%m-%d}")
    if broken := what_breaks(journey, milestone, event):
        return refuse("condition_failed", f"{broken.type} on {broken.at:%Y-%m-%d}", f"no {broken.type}")
    base = fact.base_minor(milestone.base) if order is not None else None
    if milestone.min_minor is not None and (base is None or base < milestone.min_minor):
        shown = f"{to_decimal(base or 0, terms.currency)} {terms.currency}"
        return refuse("below_minimum", shown, f"{to_decimal(milestone.min_minor, terms.currency)} {terms.currency}")
    reached = Step("reached", Reason("milestone_reached", True, f"{event.at:%Y-%m-%d}"), event.at, event.id, base)
    conditions = (*milestone.conditions, *terms.friend_conditions, *terms.advocate_conditions)
    return under_conditions(journey, milestone, conditions, fact.amount, reached, steps)


def lapse(
    terms: Terms, binding: Event, steps: dict[str, Step], clock: datetime, extended: list[tuple[datetime, int]]
) -> tuple[dict[str, Step], datetime | None, datetime | None]:
    """Steps without those reached after a lapse; when the friend became free to be referred anew; when a lapse is due."""
    reached = sorted((step.at, name) for name, step in steps.items() if step.state == "reached" and step.at)
    promised = {promise.on for promise in terms.promises}
    needed = [step for name, step in steps.items() if milestone_name(name) in promised] or list(steps.values())
    complete = bool(steps) and all(step.state == "reached" for step in needed)
    if terms.bound == "until_rewarded":
        return steps, reached[-1][0] if complete else None, None
    if terms.lapse is None:
        return steps, None, None
    lapses_at = binding.at + terms.lapse
    for at, days in sorted([(at, 0) for at, _ in reached] + extended):
        if at > lapses_at:
            break
        lapses_at = lapses_at + timedelta(days=days) if days else max(lapses_at, at + terms.lapse)
    late = {name for at, name in reached if at > lapses_at}
    if complete and not late:
        return steps, None, None
    if clock <= lapses_at:
        return steps, None, lapses_at + AN_INSTANT
    reason = Reason("lapsed", False, f"{lapses_at:%Y-%m-%d}", span_words(terms.lapse))
    kept = {name: Step("failed", reason, step.at, step.event) if name in late else step for name, step in steps.items()}
    return kept, lapses_at, None
