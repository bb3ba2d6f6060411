"""Which texts are made of terms? The rule in short, the terms & conditions by paragraphs, and what the friend is told."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

import msgspec

from goodword.core.terms import Terms
from goodword.core.wording import more, promises
from goodword.core.wording.gifts import gift
from goodword.core.wording.sentence import in_short, promised
from goodword.core.wording.steps import asked, conditions, deferred, event_name
from goodword.core.wording.voice import MarkedVoice, Piece, Voice, pieces_of, with_capital


class Paragraph(msgspec.Struct, frozen=True):
    """One part of the terms & conditions: what it is about, its heading, and its sentences."""

    about: str
    heading: str
    sentences: tuple[str, ...]

    @property
    def text(self) -> str:
        """The sentences, one after the other."""
        return " ".join(self.sentences)


def rule(terms: Terms, language: str) -> str:
    """The promise in short: who gets what for which step, and what the steps ask."""
    return " ".join(_sentences(in_short(Voice(terms, language))))


def rule_in_pieces(terms: Terms, language: str) -> tuple[tuple[Piece, ...], ...]:
    """The same, sentence by sentence, each taken apart into what tells a value and what stands between."""
    return tuple(pieces_of(one) for one in _sentences(in_short(MarkedVoice(terms, language))))


def paragraphs_in_pieces(terms: Terms, language: str) -> dict[str, tuple[tuple[Piece, ...], ...]]:
    """The terms & conditions by what a paragraph is about, each sentence taken apart."""
    made = _paragraphs(MarkedVoice(terms, language), "", ())
    return {one.about: tuple(pieces_of(sentence) for sentence in one.sentences) for one in made}


def paragraphs(terms: Terms, language: str, *, organiser: str = "", law: Iterable[str] = ()) -> tuple[Paragraph, ...]:
    """Terms & conditions: everything that the terms hold and people may rely on, and nothing else."""
    return _paragraphs(Voice(terms, language), organiser, law)


def _paragraphs(voice: Voice, organiser: str, law: Iterable[str]) -> tuple[Paragraph, ...]:
    terms = voice.terms
    told: tuple[tuple[str, Iterable[str]], ...] = (
        ("organiser", _organiser(voice, organiser)),
        ("who", _who(voice)),
        ("contracts", _contracts(voice)),
        ("friend", _friend(voice)),
        ("counts", (sentence for one in terms.milestones for sentence in asked(voice, one))),
        ("rewards", promised(voice)),
        ("stacking", _stacking(voice)),
        ("contest", more.contest(voice)),
        ("points", more.points(voice)),
        ("paid", promises.paid(voice)),
        ("limits", promises.limits(voice)),
        ("budget", _budget(voice)),
        ("back", _back(voice)),
        (
            "disclosure",
            (voice.at("disclosure.advocate_sees", voice.say(f"d.{terms.disclosure}")),) if not terms.is_own else (),
        ),
        ("referral", _referral(voice)),
        ("channels", _channels(voice)),
        ("markets", _markets(terms, voice)),
        ("runs", _runs(voice)),
        ("calendar", (voice.say("zone", zone=terms.zone.key),)),
        ("law", (voice.say("law", note=note) for note in law)),
    )
    made = (Paragraph(about, voice.say(f"a.{about}"), _sentences(sentences)) for about, sentences in told)
    return tuple(one for one in made if one.sentences)


def for_the_friend(terms: Terms, language: str) -> str:
    """What the friend is told before joining: that somebody may be rewarded, and what that person will see."""
    voice = Voice(terms, language)
    gifts = [line for one in terms.promises if one.to == "advocate" for line in promises.lines(voice, one)]
    prizes = [gift(voice, prize.kind, prize.give) for prize in terms.contest.prizes] if terms.contest else []
    every = dict.fromkeys((*gifts, *prizes))
    told = voice.say("f.gets", gifts=voice.apart(every)) if every else voice.say("f.nothing")
    return " ".join((told, voice.say(f"d.{terms.disclosure}"), voice.say("f.narrow")))


def plain_text(made: Iterable[Paragraph]) -> str:
    """The whole text as it is shown and kept."""
    return "\n\n".join(f"{one.heading}\n{one.text}" for one in made) + "\n"


def text_hash(text: str) -> str:
    """SHA-256 of a text as it was shown: kept as evidence beside the version."""
    return hashlib.sha256(text.encode()).hexdigest()


def _sentences(told: Iterable[str]) -> tuple[str, ...]:
    """Each once, with a capital first."""
    return tuple(dict.fromkeys(with_capital(one) for one in told))


# -- paragraphs --------------------------------------------------------------------------------------------------------


def _organiser(voice: Voice, organiser: str) -> Iterator[str]:
    if organiser:
        yield voice.say("o.with", organiser=organiser, name=voice.terms.name)
    else:
        yield voice.say("o.without", name=voice.terms.name)


def _who(voice: Voice) -> Iterator[str]:
    kind, _, name = voice.terms.who.partition(":")
    if not voice.terms.is_own:
        told = voice.say(f"who.{kind}", name=name) if name else voice.say(f"who.{kind}")
        yield voice.at("advocates.who", told)
    if voice.terms.advocate_conditions:
        told = voice.at("advocates", conditions(voice, voice.terms.advocate_conditions))
        yield voice.say("who.if", conditions=told)
        yield from deferred(voice, voice.terms.advocate_conditions)


def _contracts(voice: Voice) -> Iterator[str]:
    contracts = voice.terms.contracts
    if contracts is None:
        return
    yield voice.at("contracts", voice.say("cn.needed" if contracts.needed else "cn.some"))
    if contracts.tail:
        yield voice.say("cn.tail", span=voice.at("contracts.tail", voice.span(contracts.tail)))


def _friend(voice: Voice) -> Iterator[str]:
    terms = voice.terms
    if terms.is_own:
        return
    if terms.new == "not_for":
        yield voice.at("friends.new", voice.say("new.not_for", span=voice.count("days", terms.new_days)))
    else:
        yield voice.at("friends.new", voice.say(f"new.{terms.new}"))
    if terms.new != "anyone" and terms.new_scope != "client":
        yield voice.say(f"new.scope.{terms.new_scope}")
    if terms.no_open:
        yield voice.say("new.no_open", names=voice.listed(event_name(voice, name) for name in terms.no_open))
    if terms.friend_conditions:
        yield voice.say("friend.if", conditions=voice.at("friends", conditions(voice, terms.friend_conditions)))
        yield from deferred(voice, terms.friend_conditions)


def _stacking(voice: Voice) -> Iterator[str]:
    stacking = voice.terms.stacking
    if stacking.promises != "all":
        yield voice.at("stacking", voice.say(f"st.{stacking.promises}"))
    for program, how in stacking.programs:
        yield voice.say(f"st.program.{how}", program=voice.at("stacking.programs", program))


def _budget(voice: Voice) -> Iterator[str]:
    budget = voice.terms.budget
    if budget is not None:
        yield voice.say(f"budget.{budget.at_end}", amount=voice.at("budget.amount", voice.amount(budget.amount_minor)))


def _back(voice: Voice) -> Iterator[str]:
    if not voice.terms.promises:
        return
    if any(promise.hold_days for promise in voice.terms.promises):
        yield voice.say("back.hold")
    if voice.terms.net_within.days:
        yield voice.say("back.net", span=voice.span(voice.terms.net_within))
    else:
        yield voice.say("back.none")
    if any(promise.to == "friend" for promise in voice.terms.promises):
        yield voice.say("back.friend_debt" if voice.terms.friend_debt else "back.friend")


def _referral(voice: Voice) -> Iterator[str]:
    terms = voice.terms
    if terms.is_own:
        return
    yield voice.say("r.methods", methods=voice.listed(voice.say(f"m.{method}") for method in terms.methods))
    yield voice.say("r.window", span=voice.at("attribution.window", voice.span(terms.window)))
    if terms.bind in ("join", "milestone"):
        yield voice.say(f"r.bind.{terms.bind}")
    if "click" in terms.methods:
        yield voice.say(f"r.{terms.touch}")
    if terms.lapse is not None:
        yield voice.say("r.lapses", span=voice.span(terms.lapse))
    else:
        yield voice.say(f"r.{terms.bound}")
    if terms.promise_days and any(promise.to == "advocate" for promise in terms.promises):
        yield voice.say("r.shared", span=voice.count("days", terms.promise_days))
    late = "attribution.late_claim"
    if terms.late_claim:
        yield voice.say("r.late", span=voice.at(late, voice.span(terms.late_claim)))
    else:
        yield voice.at(late, voice.say("r.late_none"))


def _channels(voice: Voice) -> Iterator[str]:
    channels = voice.terms.channels
    if channels.refuse:
        yield voice.say("ch.refuse", names=voice.listed(channels.refuse))
    if channels.outranked_by:
        yield voice.say("ch.outrank", names=voice.listed(channels.outranked_by))
    if channels.other_code != "ignore":
        yield voice.say(f"ch.other.{channels.other_code}")


def _markets(terms: Terms, voice: Voice) -> Iterator[str]:
    """What each market says otherwise than the program as a whole."""
    asks = (one for known in terms.milestones for one in asked(voice, known))
    common = {*promises.rewards(voice), *asks, *_budget(voice)}
    for country, own in terms.markets:
        there = Voice(own, voice.language)
        asks = (one for known in own.milestones for one in asked(there, known))
        for sentence in (*promises.rewards(there), *asks, *_budget(there)):
            if sentence not in common:
                yield voice.say("mk", country=country, told=sentence)


def _runs(voice: Voice) -> Iterator[str]:
    terms = voice.terms
    for name, field, at in (
        ("from", "from", terms.runs_from),
        ("touch", "last_touch", terms.last_touch_at),
        ("join", "last_join", terms.last_join_at),
        ("milestone", "last_milestone", terms.last_milestone_at),
    ):
        if at is not None:
            yield voice.say(f"run.{name}", day=voice.at(f"runs.{field}", voice.day(at)))
    if terms.notice:
        yield voice.say("run.notice", span=voice.at("runs.notice", voice.span(terms.notice)))
