"""Has the moment come? Milestones that time reaches: so long after another one, once or again and again."""

from __future__ import annotations

from datetime import datetime

from goodword.core.clocks import clock_of
from goodword.core.journey import Journey, Step, reached_at, reached_step, under_conditions
from goodword.core.reasons import Reason
from goodword.core.requirements import Milestone, milestone_name

MOST_OCCURRENCES = 1200  # of one milestone: a hundred years of months


def moment_steps(journey: Journey, milestone: Milestone, steps: dict[str, Step]) -> dict[str, Step]:
    """How a moment stands; of a repeated one every occurrence that came, and the next."""
    after = milestone.moment_after or "joined"
    since = reached_at(journey, after, steps)
    first = milestone.occurrence(1) if milestone.repeat else milestone.name
    if since is None:
        return {first: Step("open", Reason("milestone_open", None, None, after), due_at=_after_base(after, steps))}
    if milestone.repeat is None:
        return {first: _moment_step(journey, milestone, since, 1, steps)}
    found: dict[str, Step] = {}
    for number in range(1, min(milestone.repeat.most or MOST_OCCURRENCES, MOST_OCCURRENCES) + 1):
        step = _moment_step(journey, milestone, since, number, steps)
        found[milestone.occurrence(number)] = step
        assert step.at is not None
        coming = step.at > journey.clock or step.reason.code == "clock_paused"
        if coming or (step.state == "failed" and not milestone.repeat.goes_on):
            break
    return found


def _moment_step(journey: Journey, milestone: Milestone, since: datetime, number: int, steps: dict[str, Step]) -> Step:
    """How one moment stands: not before its time; then nothing that breaks it, and its conditions."""
    terms = journey.terms
    clock = clock_of(journey, milestone, since, number)
    at = clock.at
    if terms.last_milestone_at and at > terms.last_milestone_at:
        reason = Reason("milestone_after_end", False, f"{at:%Y-%m-%d}", f"{terms.last_milestone_at:%Y-%m-%d}")
        return Step("failed", reason, at)
    if since > at:
        return Step("failed", Reason("too_late", False, f"{since:%Y-%m-%d}", f"{at:%Y-%m-%d}"), at)
    broken = next((one for one in journey.history if one.type in milestone.without and since <= one.at <= at), None)
    if broken:
        shown = f"{broken.type} on {broken.at:%Y-%m-%d}"
        return Step("failed", Reason("condition_failed", False, shown, f"no {broken.type}"), at)
    if clock.paused_by is not None:
        waits_on = (journey.friend, journey.touch.advocate)
        return Step("waiting", Reason("clock_paused", None, clock.paused_by, f"{at:%Y-%m-%d}"), at, waits_on=waits_on)
    if journey.clock < at:
        return Step("waiting", Reason("milestone_waiting", None, None, f"{at:%Y-%m-%d}"), at, due_at=at)
    base = reached_step(milestone.moment_after or "", steps)
    reason = Reason("milestone_reached", True, f"{at:%Y-%m-%d}")
    reached = Step("reached", reason, at, base_minor=base.base_minor if base else None, nth=number)
    return under_conditions(journey, milestone, milestone.conditions, None, reached, steps)


def _after_base(after: str, steps: dict[str, Step]) -> datetime | None:
    """A moment can no longer come once the milestone before it cannot be reached."""
    bases = [step for name, step in steps.items() if milestone_name(name) == after]
    return bases[-1].due_at if bases and bases[-1].state in ("open", "taken_back") else None
