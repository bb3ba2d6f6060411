"""Have enough of the other milestones been reached? All of them, any, so many, in their order or in any."""

from __future__ import annotations

from datetime import datetime

import msgspec

from goodword.core.attribution import span_words
from goodword.core.journey import Journey, Step, reached_at, reached_step, under_conditions
from goodword.core.reasons import Reason
from goodword.core.requirements import Combination, Milestone, milestone_name

_HOPEFUL = frozenset({"open", "waiting", "taken_back"})


def combined_step(journey: Journey, milestone: Milestone, steps: dict[str, Step]) -> Step:
    """How it stands: reached with the last milestone it needs, failed when too few of them can still be."""
    wanted = milestone.combines
    assert wanted is not None
    parts = {name: _part(name, steps) for name in wanted.names}
    reached = sorted(
        (step.at, place, name)
        for place, (name, step) in enumerate(parts.items())
        if step.state == "reached" and step.at
    )
    if disorder := _out_of_order(wanted, [name for _, _, name in reached]):
        return Step("failed", Reason("condition_failed", False, disorder, "in this order: " + ", ".join(wanted.names)))
    if len(reached) >= wanted.needed:
        return _reached(journey, milestone, parts, reached[: wanted.needed], steps)
    hopeful = [step for step in parts.values() if step.state in _HOPEFUL]
    if len(reached) + len(hopeful) < wanted.needed:
        failed = next(step for step in parts.values() if step.state == "failed")
        return Step("failed", failed.reason, failed.at)
    missing = ", ".join(name for name in wanted.names if parts[name].state != "reached")
    told = f"{wanted.needed - len(reached)} of: {missing}"
    return Step("open", Reason("milestone_open", None, None, told), due_at=_due_at(wanted, hopeful, len(reached)))


def _part(name: str, steps: dict[str, Step]) -> Step:
    """The step of a milestone; of one that repeats the first reached, else the latest."""
    reached = reached_step(name, steps)
    if reached:
        return reached
    return next(step for known, step in reversed(steps.items()) if milestone_name(known) == name)


def _out_of_order(wanted: Combination, reached: list[str]) -> str | None:
    if not wanted.in_order or reached == list(wanted.names[: len(reached)]):
        return None
    return ", ".join(reached)


def _reached(
    journey: Journey,
    milestone: Milestone,
    parts: dict[str, Step],
    counted: list[tuple[datetime, int, str]],
    steps: dict[str, Step],
) -> Step:
    """Reached with the last of those that count; its amount is that of the last of them that has one."""
    at, _, last = counted[-1]
    since = reached_at(journey, milestone.within_of, steps) if milestone.within else None
    if milestone.within and (since is None or at - since > milestone.within):
        shown = span_words(at - since) if since else None
        return Step("failed", Reason("too_late", False, shown, span_words(milestone.within)), at)
    amounts = [parts[name].base_minor for _, _, name in counted if parts[name].base_minor is not None]
    step = Step("reached", Reason("milestone_reached", True, f"{at:%Y-%m-%d}"), at, parts[last].event)
    step = msgspec.structs.replace(step, base_minor=amounts[-1] if amounts else None)
    event = next((fact.amount for fact in journey.facts if fact.event.id == step.event), None)
    return under_conditions(journey, milestone, milestone.conditions, event, step, steps)


def _due_at(wanted: Combination, hopeful: list[Step], reached: int) -> datetime | None:
    """When it can no longer be reached: as soon as too few of those that may still come can."""
    ends = sorted(step.due_at for step in hopeful if step.state == "open" and step.due_at)
    spare = len(hopeful) - (wanted.needed - reached)
    return ends[spare] if spare < len(ends) else None
