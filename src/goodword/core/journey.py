"""What is a milestone judged on, and how may it stand? The journey of one referral, its steps, and conditions in time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from goodword.core.asking import changes_of, conditions_at, parties_of
from goodword.core.attribution import Touch
from goodword.core.conditions import Answer, Condition
from goodword.core.derived import AN_INSTANT as AN_INSTANT
from goodword.core.events import Event
from goodword.core.facts import Fact, base_of
from goodword.core.reasons import Reason
from goodword.core.requirements import Milestone, milestone_name
from goodword.core.situation import Situation
from goodword.core.terms import Terms


class Step(msgspec.Struct, frozen=True):
    """How a milestone stands: reached, failed, open, waiting or taken_back. `due_at`: when time alone may change it.

    `nth` numbers the net occurrences of a repeated milestone; its step is named after the place among all of them.
    """

    state: str
    reason: Reason
    at: datetime | None = None
    event: str | None = None
    base_minor: int | None = None
    due_at: datetime | None = None
    waits_on: tuple[str, ...] = ()
    nth: int | None = None
    denies: bool = False  # what failed ends the referral, not this step alone


class Journey(msgspec.Struct, frozen=True):
    """What the milestones of one referral are judged on: the parties, the winning touch, the binding event, what happened."""

    situation: Situation
    friend: str
    touch: Touch
    binding: Event
    at_join: bool
    clock: datetime
    history: list[Event]
    facts: list[Fact]
    lapsed_at: datetime | None = None  # what the friend did before that belongs to an earlier referral

    @property
    def terms(self) -> Terms:
        """The version in force at the winning touch."""
        return self.touch.terms

    def since_binding(self, event: Event) -> bool:
        """Whether the event came after the join; for a friend bound at a milestone everything counts."""
        return event.rank > self.binding.rank if self.at_join else True


def reached_at(journey: Journey, name: str, steps: dict[str, Step]) -> datetime | None:
    """When the named milestone was (first) reached; "joined" is the binding where no such milestone was reached."""
    step = reached_step(name, steps)
    if step:
        return step.at
    return journey.binding.at if name == "joined" else None


def reached_step(name: str, steps: dict[str, Step]) -> Step | None:
    """The (first) reached step of the named milestone."""
    step = steps.get(name)
    if step is None:
        step = next(
            (one for known, one in steps.items() if milestone_name(known) == name and one.state == "reached"), None
        )
    return step if step and step.state == "reached" else None


def counted(journey: Journey, milestone: Milestone, type_: str | None) -> list[Fact]:
    """Facts of that kind, in order: after a binding at the join, else all that newness does not forget."""
    kind = [fact for fact in journey.facts if fact.event.type == type_]
    if type_ == "signup":
        return [fact for fact in kind if fact.event.rank >= journey.binding.rank][:1]
    if journey.touch.method == "own":
        return [fact for fact in kind if fact.event.rank >= journey.binding.rank]
    if journey.at_join:
        return [fact for fact in kind if fact.event.rank > journey.binding.rank]
    if journey.lapsed_at:
        return [fact for fact in kind if fact.event.at > journey.lapsed_at]
    if journey.terms.new == "not_for":
        forgotten = journey.binding.at - timedelta(days=journey.terms.new_days)
        return [fact for fact in kind if fact.event.at >= forgotten]
    return kind


def inside(journey: Journey, milestone: Milestone, event: Event, steps: dict[str, Step]) -> bool:
    """Whether the event lies in the milestone's span, before the program's last day, and before what breaks it."""
    if milestone.within:
        since = reached_at(journey, milestone.within_of, steps)
        starts_there = milestone.within_of != "joined" or journey.at_join
        if since is None or event.at - since > milestone.within or (starts_there and event.at < since):
            return False
    last = journey.terms.last_milestone_at
    return not (last and event.at > last) and what_breaks(journey, milestone, event) is None


def what_breaks(journey: Journey, milestone: Milestone, event: Event) -> Event | None:
    """What happened since the join and before the event that must not have."""
    if not milestone.without:
        return None
    return next(
        (
            known
            for known in journey.history
            if known.type in milestone.without and known.rank < event.rank and journey.since_binding(known)
        ),
        None,
    )


def ends_at(journey: Journey, milestone: Milestone, steps: dict[str, Step]) -> datetime | None:
    """When it is too late to reach it: the end of the span or of the program, whichever comes first."""
    ends = [at for at in (journey.terms.last_milestone_at,) if at]
    if milestone.within and (since := reached_at(journey, milestone.within_of, steps)):
        ends.append(since + milestone.within)
    return min(ends) + AN_INSTANT if ends else None


def under_conditions(
    journey: Journey,
    milestone: Milestone,
    conditions: tuple[Condition, ...],
    event: Event | None,
    reached: Step,
    steps: dict[str, Step],
) -> Step:
    """The step that all else has reached, under its conditions as known then; an unknown waits out the grace."""

    def answers_at(at: datetime) -> list[tuple[Condition, Answer]]:
        return conditions_at(
            journey.situation,
            journey.terms,
            conditions,
            "milestone",
            journey.touch.advocate,
            journey.friend,
            event,
            at,
            at + milestone.grace if milestone.grace else None,
            lambda words: _amount_of(journey, words, steps),
        )

    assert reached.at is not None
    if not conditions:
        return reached
    answers = answers_at(reached.at)
    failed = [(condition, found) for condition, found in answers if found.met is False]
    for condition, found in failed:
        if condition.late != "defer":
            reason = Reason("condition_failed", False, found.value, condition.words)
            return Step("failed", reason, reached.at, reached.event, denies=condition.late == "deny")
    if failed:
        return _deferred(journey, conditions, answers_at, reached, steps)
    for condition, found in answers:
        if found.met is None:
            return _unknown(journey, milestone, condition, reached)
    return reached


def _amount_of(journey: Journey, words: str, steps: dict[str, Step]) -> int | None:
    """The amount of the order that reached another step: "first_order.amount"."""
    name, _, field = words.partition(".")
    step = reached_step(name, steps)
    fact = next((one for one in journey.facts if step and one.event.id == step.event), None)
    return base_of(fact.amount, "gross" if field == "amount" else field) if fact else None


def _unknown(journey: Journey, milestone: Milestone, condition: Condition, reached: Step) -> Step:
    assert reached.at is not None
    until = reached.at + milestone.grace if milestone.grace else None
    if until and journey.clock > until:
        reason = Reason("condition_failed", False, "unknown", condition.words)
        return Step("failed", reason, reached.at, reached.event, denies=condition.late == "deny")
    missing = Reason("status_missing", None, f"{condition.side}.{condition.field}", condition.words)
    party = journey.touch.advocate if condition.side == "advocate" else journey.friend
    due_at = until + AN_INSTANT if until else None
    return msgspec.structs.replace(reached, state="waiting", reason=missing, due_at=due_at, waits_on=(party,))


def _deferred(
    journey: Journey,
    conditions: tuple[Condition, ...],
    answers_at: Callable[[datetime], list[tuple[Condition, Answer]]],
    reached: Step,
    steps: dict[str, Step],
) -> Step:
    """The first moment at which everything holds, where that may be waited for; else why not, or what is waited for."""
    assert reached.at is not None
    own = [condition for condition in conditions if condition.late == "defer" and condition.defer]
    until = reached.at + max(condition.defer for condition in own if condition.defer)
    parties = {"advocate": journey.touch.advocate, "friend": journey.friend}
    steps_at = (reached_at(journey, condition.step, steps) for condition in conditions if condition.step)
    turns = changes_of(journey.situation, journey.terms, conditions, parties, reached.at, until)
    turns = sorted({*turns, *(at for at in steps_at if at and reached.at < at <= until)})
    answers = answers_at(reached.at)
    for at in (turn for turn in turns if turn <= journey.clock):
        answers = answers_at(at)
        if all(found.met for _, found in answers):
            return msgspec.structs.replace(reached, at=at, reason=Reason("milestone_reached", True, f"{at:%Y-%m-%d}"))
    condition, found = next((condition, found) for condition, found in answers if not found.met)
    if journey.clock > until:
        return Step(
            "failed", Reason("condition_failed", False, found.value, condition.words), reached.at, reached.event
        )
    waits_on = parties_of(conditions, parties) or (journey.friend,)
    reason = Reason("condition_deferred", None, found.value, f"{condition.words} until {until:%Y-%m-%d}")
    due_at = next((at for at in turns if at > journey.clock), until + AN_INSTANT)
    return msgspec.structs.replace(reached, state="waiting", reason=reason, due_at=due_at, waits_on=waits_on)
