"""How is the promise said in one sentence? Who gets what, and what has to happen; what the sentence cannot hold follows it."""

from __future__ import annotations

from collections.abc import Iterator

from goodword.core.requirements import Milestone, milestone_name
from goodword.core.terms import Promise
from goodword.core.wording import more, promises
from goodword.core.wording.steps import after, asked, combined, place_of, step
from goodword.core.wording.voice import Voice

_ORDER, _JOINING = "purchase", "signup"


def promised(voice: Voice) -> Iterator[str]:
    """One sentence for each step that is rewarded; where that cannot hold it all, one for each promise and rule of its shape."""
    terms = voice.terms
    if not terms.promises and terms.contest is None:
        yield voice.say("reward.none")
    plain = {one.name: one for one in terms.milestones if _is_plain(voice, one)}
    for one in plain.values():
        yield _sentence(voice, one)
    for promise in terms.promises:
        if promise.on not in plain:
            yield from promises.reward(voice, promise)


def in_short(voice: Voice) -> Iterator[str]:
    """What is promised, and what its steps ask that was not said with it."""
    terms = voice.terms
    yield from promised(voice)
    rewarded = {milestone_name(promise.on) for promise in terms.promises}
    for one in terms.milestones:
        if one.name in rewarded or (terms.contest and terms.contest.on == one.name):
            yield from asked(voice, one, is_told=_is_plain(voice, one))
    yield from list(more.contest(voice))[:2]


def _is_plain(voice: Voice, one: Milestone) -> bool:
    """Whether one sentence can hold the step and all that is promised for it: an event, several steps or a span, and single
    gifts.
    """
    mine = _of(voice, one)
    is_single = all(not (promise.rows or promise.ladder or promise.choice) for promise in mine)
    is_span = one.moment_after is not None and bool(one.moment_days or one.moment_months) and not one.moment_end_of
    is_one = (one.event is not None or one.combines is not None or (is_span and not one.repeat)) and not one.counting
    return bool(mine) and is_single and is_one and all(promise.on == one.name for promise in mine)


def _of(voice: Voice, one: Milestone) -> list[Promise]:
    return [promise for promise in voice.terms.promises if milestone_name(promise.on) == one.name]


def _sentence(voice: Voice, one: Milestone) -> str:
    gets = []
    for promise in _of(voice, one):
        gift = "".join(promises.lines(voice, promise))
        gets.append(voice.say(f"gets.{promise.to}", gift=voice.at(f"{voice.place_of(promise)}.give", gift)))
    when = _when(voice, one)
    if one.repeat is not None:
        most = one.repeat.most
        when = voice.say("when.each", when=when) if most is None else voice.say(
            "when.each_most", when=when, n=voice.number(most)
        )  # fmt: skip
    return voice.say("rule", gets=voice.listed(gets), when=when)


def _when(voice: Voice, one: Milestone) -> str:
    """What has to happen; of an order also how much it is and how soon it comes."""
    place, who = place_of(one), "own" if voice.terms.is_own else "friend"
    if one.moment_after is not None:
        return voice.say("when.after", span=voice.at(place, after(voice, one)), since=step(voice, one.moment_after))
    if one.event == _JOINING:
        return voice.say(f"when.{who}.joins")
    values = {"order": voice.at(place, _order(voice, one))}
    shape = "order" if one.event == _ORDER else "step"
    if one.min_minor is not None:
        values["least"] = voice.at(f"{place}.min", voice.amount(one.min_minor))
        shape += ".least"
    if one.within is not None:
        values["span"] = voice.at(f"{place}.within", voice.span(one.within))
        values["since"] = step(voice, one.within_of)
        shape += ".within"
    return voice.say(f"when.{who}.{shape}", **values)


def _order(voice: Voice, one: Milestone) -> str:
    if one.combines is not None:
        return combined(voice, one.combines)
    if one.event != _ORDER:
        return step(voice, one.name)
    if one.first_matching or one.repeat:
        return voice.say("order.any")
    return voice.say("order.first") if one.count == 1 else voice.say("order.nth", n=voice.number(one.count))
