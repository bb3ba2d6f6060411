"""What is promised, in words? One place for each shape: a gift, a table, a ladder, a choice; and when it is paid."""

from __future__ import annotations

from collections.abc import Iterator

from goodword.core.requirements import milestone_name
from goodword.core.terms import Limit, Promise, Row
from goodword.core.wording import numbers
from goodword.core.wording.gifts import gift
from goodword.core.wording.steps import conditions, step
from goodword.core.wording.voice import Voice


def rewards(voice: Voice) -> Iterator[str]:
    """Who gets what, for each promise."""
    if not voice.terms.promises and voice.terms.contest is None:
        yield voice.say("reward.none")
    for promise in voice.terms.promises:
        yield from reward(voice, promise)


def reward(voice: Voice, promise: Promise) -> Iterator[str]:
    """One promise: a sentence of who gets what, and one for each rule of its shape."""
    gifts = voice.apart(dict.fromkeys(lines(voice, promise)))
    place = f"{voice.place_of(promise)}.{'when' if promise.ladder else 'give'}"
    named = voice.at(f"milestones.{milestone_name(promise.on)}", step(voice, promise.on))
    yield voice.say(f"reward.{promise.to}", step=named, gifts=voice.at(place, gifts))
    if promise.ladder:
        yield from _ladder(voice, promise)
    if promise.choice:
        yield from _choice(voice, promise)


def lines(voice: Voice, promise: Promise) -> Iterator[str]:
    """Each gift that may come of a promise, with what it hangs on."""
    for row in promise.lines:
        told = gift(voice, row.kind, row.give)
        if promise.ladder:
            yield _rung(voice, promise, row, told)
        elif promise.choice:
            weighed = promise.choice.by_chance and len({one.weight for one in promise.lines}) > 1
            yield voice.say("line.chance", gift=told, n=voice.number(row.weight)) if weighed else told
        elif row.conditions:
            yield voice.say("line.if", gift=told, conditions=conditions(voice, row.conditions))
        else:
            yield voice.say("line.else", gift=told) if len(promise.lines) > 1 else told


def _rung(voice: Voice, promise: Promise, row: Row, told: str) -> str:
    ladder = promise.ladder
    assert ladder is not None
    shape = "every" if ladder.every else "at" if ladder.apply == "once" else "from"
    place = ladder.every or row.at
    if ladder.by == "amount":
        return voice.say(f"line.{shape}.amount", gift=told, amount=voice.amount(place))
    if shape == "from":
        return voice.say("line.from.count", gift=told, n=voice.number(max(1, place)))
    return voice.say(f"line.{shape}.count", gift=told, friends=voice.count("friends", place))


def _ladder(voice: Voice, promise: Promise) -> Iterator[str]:
    ladder = promise.ladder
    assert ladder is not None
    if ladder.period == "fiscal_year":
        month, day = voice.terms.fiscal_from
        yield voice.say("counted.fiscal_year", day=numbers.day_of_year(month, day, voice.language))
    else:
        yield voice.say(f"counted.{ladder.period}")
    if ladder.apply in ("whole_period", "slice"):
        yield voice.say(f"apply.{ladder.apply}")
    if ladder.has_record:
        yield voice.say(f"shrinks.{ladder.shrinks}")


def _choice(voice: Voice, promise: Promise) -> Iterator[str]:
    choice = promise.choice
    assert choice is not None
    if choice.by_chance:
        yield voice.say("choice.chance")
    elif len(choice.rows) > 1:
        yield voice.say("choice.open")
    if choice.within is not None:
        yield voice.say(f"claim.{choice.otherwise}", span=voice.span(choice.within))


def paid(voice: Voice) -> Iterator[str]:
    """When each reward is payable, and how soon it arrives."""
    held = [one for one in voice.terms.promises if one.hold_days]
    for promise in held:
        span = voice.at(f"{voice.place_of(promise)}.hold", voice.count("days", promise.hold_days))
        yield voice.say(f"pay.{promise.to}", span=span)
    at_once = [one for one in voice.terms.promises if not one.hold_days]
    if at_once:
        told = voice.say("pay.at_once" if held else "pay.all_at_once")
        yield voice.at(f"{voice.place_of(at_once[0])}.hold", told)
    if voice.terms.promises:
        yield from _arrives(voice)


def _arrives(voice: Voice) -> Iterator[str]:
    """How soon it is there: within working days, or on the payout days that follow them."""
    on, holidays = voice.terms.payout_days, voice.terms.holidays
    working_days = voice.count("working_days", voice.terms.business_days) if voice.terms.business_days else ""
    span = voice.at("business_days", working_days) if working_days else ""
    if on is None:
        if span:
            yield voice.say("pay.business", span=span)
            yield from _holidays(voice)
        return
    if on.weekdays:
        listed = voice.listed(voice.say(f"weekday.{one + 1}") for one in on.weekdays)
        yield voice.say("pay.weekly", days=voice.at("payout_days", listed))
    else:
        days = [voice.say("day.month", day=numbers.day_of_month(one, voice.language)) for one in on.days]
        last = [voice.say("day.last")] if on.at_month_end else []
        yield voice.say("pay.monthly", days=voice.at("payout_days", voice.listed([*days, *last])))
    if holidays and (on.days or on.weekdays):
        yield voice.say("pay.moved_off")
    elif on.days:
        yield voice.say("pay.moved")
    if span:
        yield voice.say("pay.first", span=span)
    yield from _holidays(voice)


def _holidays(voice: Voice) -> Iterator[str]:
    """Which days are no working days, beside Saturdays and Sundays."""
    if voice.terms.holidays:
        days = voice.listed(numbers.day(one, voice.language) for one in sorted(voice.terms.holidays))
        yield voice.say("pay.holidays", days=voice.at("holidays", days))


def limits(voice: Voice) -> Iterator[str]:
    """At most how often and how much, and what happens at the edge."""
    for promise in voice.terms.promises:
        for limit in promise.limits:
            yield from _limit(voice, limit, f"{voice.place_of(promise)}.limit")


def _limit(voice: Voice, limit: Limit, place: str) -> Iterator[str]:
    most = voice.amount(limit.most) if limit.counts == "amount" else voice.number(limit.most)
    over, told = voice.say(f"over.{limit.over}"), voice.at(place, most)
    if limit.counts == "open":
        yield voice.say("l.open", most=told, over=over)
    else:
        yield voice.say(f"l.{limit.counts}", most=told, over=over, period=voice.say(f"per.{limit.period}"))
    if limit.edge != "none":
        yield voice.say(f"l.{limit.edge}", most=most)
    if limit.dated != "milestone":
        yield voice.say(f"l.dated.{limit.dated}", most=most)
    if not limit.reopen:
        yield voice.say("l.closed", most=most)
