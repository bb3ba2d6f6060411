"""What has to happen, in words? Steps as nouns, and a sentence for each thing that a milestone asks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from goodword.core.conditions import Condition
from goodword.core.requirements import Combination, Milestone, milestone_name
from goodword.core.wording import numbers
from goodword.core.wording.voice import Voice, label

_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


def step(voice: Voice, name: str) -> str:
    """A milestone as a noun; by its own name where another one would be called the same."""
    found = next((one for one in voice.terms.milestones if one.name == milestone_name(name)), None)
    if found is None:
        return voice.say("s.signup") if name == "joined" else voice.say("s.named", name=label(name))
    told = _noun(voice, found)
    is_alone = sum(_noun(voice, one) == told for one in voice.terms.milestones) == 1
    return told if is_alone else voice.say("s.named", name=label(found.name))


def _noun(voice: Voice, one: Milestone) -> str:
    if one.event is None or (one.repeat is not None and one.event == "purchase"):
        return voice.say("s.named", name=label(one.name))
    if one.event == "signup":
        return voice.say("s.signup")
    if one.event == "purchase":
        if one.first_matching:
            return voice.say("s.order")
        return voice.say("s.first_order") if one.count == 1 else voice.say("s.order_nth", n=voice.number(one.count))
    event = event_name(voice, one.event)
    return voice.say("s.event", event=event) if one.count == 1 else voice.say(
        "s.event_nth", event=event, n=voice.number(one.count)
    )  # fmt: skip


def event_name(voice: Voice, event: str) -> str:
    """An event type of the client's own, set apart as its name."""
    return voice.say("s.named", name=label(event))


def place_of(one: Milestone) -> str:
    """Where a milestone stands in the document."""
    return f"milestones.{one.name}"


def after(voice: Voice, one: Milestone) -> str:
    """The span of a moment after another step."""
    return voice.count("months", one.moment_months) if one.moment_months else voice.count("days", one.moment_days)


def combined(voice: Voice, combines: Combination) -> str:
    """Several steps as one thing to reach: all of them, one of them, or some."""
    steps = [step(voice, name) for name in combines.names]
    if combines.needed == 1:
        return voice.listed(steps, is_either=True)
    if combines.needed < len(steps):
        return voice.say("s.some", n=voice.number(combines.needed), steps=voice.listed(steps))
    listed = voice.listed(steps)
    return voice.say("s.in_order", steps=listed) if combines.in_order else listed


def asked(voice: Voice, one: Milestone, *, is_told: bool = False) -> Iterator[str]:
    """All that a milestone asks beyond its event, a sentence each; `is_told` of one whose amount, span, parts and
    repetition were said before.
    """
    named = step(voice, one.name)
    yield from _in_time(voice, one, named, is_told=is_told)
    if one.min_minor is not None and not (is_told and one.base == "net"):
        least = voice.at(f"{place_of(one)}.min", voice.amount(one.min_minor))
        yield voice.say(f"c.min.{one.base}", step=named, amount=least)
    yield from _counted(voice, one, named)
    if one.combines and not is_told:
        steps = voice.listed(step(voice, name) for name in one.combines.names)
        if one.combines.needed == len(one.combines.names):
            yield voice.say("c.all_in_order" if one.combines.in_order else "c.all", step=named, steps=steps)
        else:
            yield voice.say("c.some", step=named, n=voice.number(one.combines.needed), steps=steps)
    if one.conditions:
        told = voice.at(f"{place_of(one)}.if", conditions(voice, one.conditions))
        yield voice.say("c.if", step=named, conditions=told)
        yield from deferred(voice, one.conditions)
    if one.without:
        yield voice.say("c.without", step=named, events=voice.listed(event_name(voice, event) for event in one.without))
    if one.first_matching:
        yield voice.say("c.matching", step=named)
    if one.first_order_decides:
        yield voice.say("c.decides", step=named)
    if one.cancelled_by and one.cancelled_by != "order":
        yield voice.say("c.cancelled", step=named, what=event_name(voice, one.cancelled_by))


def _in_time(voice: Voice, one: Milestone, named: str, *, is_told: bool) -> Iterator[str]:
    if one.moment_on is not None:
        yield voice.say("c.on", step=named, day=voice.day(one.moment_on))
    elif one.moment_after is not None and one.moment_end_of:
        yield voice.say(f"c.end.{one.moment_end_of}", step=named, other=step(voice, one.moment_after))
    elif one.moment_after is not None:
        other = step(voice, one.moment_after)
        if one.moment_days or one.moment_months:
            if not is_told:
                yield voice.say("c.after", step=named, span=after(voice, one), other=other)
        else:
            yield voice.say("c.at_once", step=named, other=other)
    if one.within is not None and not is_told:
        span = voice.at(f"{place_of(one)}.within", voice.span(one.within))
        yield voice.say("c.within", step=named, span=span, other=step(voice, one.within_of))
    if one.repeat is not None:
        most = one.repeat.most
        if not is_told:
            yield voice.say("c.repeat", step=named) if most is None else voice.say(
                "c.repeat_most", step=named, n=voice.number(most)
            )
        if not one.repeat.goes_on:
            yield voice.say("c.repeat_stop", step=named)
    for pause in one.pauses:
        what = condition(voice, pause.condition) if pause.condition else event_name(voice, pause.name)
        yield voice.say("c.pause", step=named, what=what)
    if one.grace is not None:
        yield voice.say("c.grace", step=named, span=voice.span(one.grace))


def _counted(voice: Voice, one: Milestone, named: str) -> Iterator[str]:
    counting = one.counting
    if counting is None:
        return
    event = event_name(voice, counting.event)
    if counting.number:
        yield voice.say("c.number", step=named, n=voice.number(counting.number), event=event)
    if counting.sum_minor:
        yield voice.say("c.sum", step=named, event=event, amount=voice.amount(counting.sum_minor))
    if counting.days:
        yield voice.say("c.days", step=named, event=event, span=voice.count("days", counting.days))
    for one_filter in counting.only:
        yield voice.say("c.only", step=named, values=voice.listed(one_filter.values))
    for one_filter in counting.but:
        yield voice.say("c.but", step=named, values=voice.listed(one_filter.values))


def conditions(voice: Voice, listed: Iterable[Condition]) -> str:
    """Conditions set side by side."""
    return voice.apart(dict.fromkeys(condition(voice, one) for one in listed))


def condition(voice: Voice, one: Condition) -> str:
    """A condition: whose field, how compared, with what."""
    field = voice.say(f"of.{one.side}", name=label(one.field))
    if one.step:
        value = step(voice, one.step)
    elif one.other:
        side, name = one.other
        value = voice.say(f"of.{side}", name=label(name))
    else:
        value = voice.listed(_value(voice, one, text) for text in one.values)
    told = voice.say(f"k.{one.operator}", field=field, value=value)
    return voice.say(f"which.{one.which}", told=told) if one.which else told


def _value(voice: Voice, one: Condition, text: str) -> str:
    if _ISO_DAY.match(text):
        return numbers.day(date.fromisoformat(text), voice.language)
    if one.kind == "money":
        return f"{voice.number(Decimal(text))}\u00a0{voice.terms.currency}"
    return text


def deferred(voice: Voice, listed: Iterable[Condition]) -> Iterator[str]:
    """How long is waited for conditions that do not hold yet."""
    for span in sorted({one.defer for one in listed if one.defer is not None}):
        yield voice.say("defer", span=voice.span(span))
