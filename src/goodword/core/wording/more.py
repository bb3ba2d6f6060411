"""Points, catalogue and contests, in words: what is collected, what it buys, who wins what."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from goodword.core.contest import Contest, Prize
from goodword.core.wording.gifts import gift
from goodword.core.wording.steps import conditions, step
from goodword.core.wording.voice import Voice, label


def points(voice: Voice) -> Iterator[str]:
    """When units expire, whose they are, what they are redeemed for."""
    for unit in voice.terms.units:
        name, expires = unit.name, unit.expires
        if expires is None:
            yield voice.say("u.never", unit=name)
        elif expires.period:
            yield voice.say(f"u.end.{expires.period}", unit=name, n=voice.number(expires.more))
        else:
            span = voice.count("months", expires.months) if expires.months else voice.count("days", expires.days)
            yield voice.say("u.idle" if expires.is_idle else "u.after", unit=name, span=span)
        if unit.wallet == "household":
            yield voice.say("u.household", unit=name)
        if expires is not None and unit.notice_days:
            yield voice.say("u.notice", unit=name, spans=voice.listed(voice.count("days", n) for n in unit.notice_days))
        if voice.terms.catalogue:
            yield voice.say("u.cancel", unit=name, span=voice.count("days", unit.cancel_days))
    for item in voice.terms.catalogue:
        yield voice.say("i.takes", item=item.name, points=voice.amount(item.points, item.unit))
        if item.stock is not None:
            yield voice.say("i.stock", item=item.name, n=voice.number(item.stock))
        if item.most is not None:
            yield voice.say("i.most", item=item.name, n=voice.number(item.most), period=voice.say(f"per.{item.period}"))
        if item.since is not None:
            yield voice.say("i.from", item=item.name, day=voice.day(item.since))
        if item.until is not None:
            yield voice.say("i.until", item=item.name, day=voice.day(item.until - timedelta(microseconds=1)))


def contest(voice: Voice) -> Iterator[str]:
    """Who wins what, by which rules, fixed before a round opens."""
    rules = voice.terms.contest
    if rules is None:
        return
    yield voice.say(f"ct.{rules.metric}", step=step(voice, rules.on))
    if rules.period:
        yield voice.say(f"ct.rounds.{rules.period}")
    for span in rules.spans:
        last = voice.day(span.closes_at - timedelta(microseconds=1))
        yield voice.say("ct.round", name=span.name, first=voice.day(span.opens_at), last=last)
    yield voice.say(f"ct.{rules.counts}")
    if rules.conditions:
        yield voice.say("ct.if", conditions=conditions(voice, rules.conditions))
    for prize in rules.prizes:
        yield from _prize(voice, rules, prize)
    if rules.minimum > 1:
        yield voice.say("ct.minimum", n=_score(voice, rules, rules.minimum))
    yield voice.say(f"ct.tie.{rules.ties}")
    if rules.excluded:
        yield voice.say("ct.excluded", conditions=conditions(voice, rules.excluded))
    if rules.one_a_household:
        yield voice.say("ct.household")
    if rules.team:
        yield voice.say("ct.team", name=label(rules.team.partition(".")[2] or rules.team))
    if rules.freeze_after:
        yield voice.say("ct.freeze", span=voice.span(rules.freeze_after))
    if rules.award_after:
        yield voice.say("ct.award", span=voice.span(rules.award_after))
    if rules.accept_within is not None:
        yield voice.say("ct.accept", span=voice.span(rules.accept_within))


def _prize(voice: Voice, rules: Contest, prize: Prize) -> Iterator[str]:
    given = gift(voice, prize.kind, prize.give)
    if prize.is_draw:
        yield voice.say("ct.draw", winners=voice.count("winners", prize.winners), gift=given)
        if prize.minimum > 1:
            yield voice.say("ct.draw_minimum", n=_score(voice, rules, prize.minimum))
    elif prize.first == prize.last:
        yield voice.say("ct.place", place=voice.number(prize.first), gift=given)
    else:
        yield voice.say("ct.places", first=voice.number(prize.first), last=voice.number(prize.last), gift=given)
    if prize.worth_minor is not None and prize.give.asset != voice.terms.currency:  # money is worth what it says
        yield voice.say("ct.worth", gift=given, amount=voice.amount(prize.worth_minor))
    if prize.tax:
        yield voice.say("ct.tax", gift=given, text=prize.tax.strip().rstrip("."))


def _score(voice: Voice, rules: Contest, value: int) -> str:
    if rules.metric == "amount":
        return voice.amount(value)
    return voice.count("points" if rules.metric == "points" else "friends", value)
