"""What happened when, and what is still to come? Past steps solid, future ones hollow, what was reversed struck, nothing erased."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from goodword.core.referral import TOLD
from goodword.store.reads.referrals import Posting, Step
from goodword.web import words
from goodword.web.desk.telling import Telling


@dataclass(frozen=True)
class Line:
    """A consequence of a step; `is_struck` where a later one took it back."""

    text: SafeString
    is_struck: bool = False


@dataclass(frozen=True)
class Dot:
    """One point of the timeline."""

    at: datetime
    title: SafeString
    lines: tuple[Line, ...] = ()
    event: str = ""
    seq: int | None = None
    is_future: bool = False
    tone: str = ""


def timeline(telling: Telling, now: datetime) -> tuple[Dot, ...]:
    """The dots in order of time."""
    told, decided = _told(telling), [_decided(telling, step) for step in telling.story.steps]
    told_at = {dot.at for dot in told}  # a moment that only gave notice is told by what it gave
    past = [*_touch(telling), *(dot for dot in decided if dot.event or dot.lines or dot.at not in told_at), *told]
    return tuple(sorted(past, key=lambda dot: dot.at)) + tuple(_future(telling, now))


def _touch(telling: Telling) -> list[Dot]:
    """The winning touch, where it is not itself an event that decided something here."""
    referral = telling.referral
    if referral.kind != "referral" or any(step.event_id == referral.touch_event for step in telling.story.steps):
        return []
    title = format_html(_("{} invited by {}"), telling.friend, words.METHODS.get(referral.method, referral.method))
    if referral.code and referral.method in ("click", "code"):
        title = format_html("{} {}", title, words.bdi(referral.code, "code"))
    return [Dot(referral.touch_at, title, event=referral.touch_event)]


def _told(telling: Telling) -> list[Dot]:
    """When notice was given that the program ends."""
    return [
        Dot(claim.at, words.text(_("Notice of the end")), (Line(words.said(claim.reason, telling.core_voice)),))
        for claim in telling.referral.claims
        if claim.kind == TOLD and claim.reason
    ]


def _decided(telling: Telling, step: Step) -> Dot:
    postings = [one for one in telling.story.postings if one.decision == step.id and one.reason != "unreserve"]
    voided = {one.of for one in telling.story.postings if one.phase == "void"}
    lines = tuple(_line(telling, one, is_struck=one.id in voided) for one in postings)
    if step.event is None or step.event_id is None:
        title = _moment_title(telling, postings)
        return Dot(step.clock, title, lines, step.event_id or "", step.seq, tone=_tone(postings))
    amount = words.event_amount(step.event)
    title = (
        format_html("{} {}", words.event_word(step.event.type), amount)
        if amount
        else format_html("{}", words.event_word(step.event.type))
    )
    if step.event_id == telling.referral.bound_event:
        title = format_html(_("{}: {} joined"), title, telling.friend)
    return Dot(step.event.at, title, lines, step.event_id, step.seq, tone=_tone(postings))


def _moment_title(telling: Telling, postings: list[Posting]) -> SafeString:
    if any(one.reason == "release" for one in postings):
        return words.text(_("Return window ended"))
    if any(one.reason == "write_off" for one in postings):
        return words.text(_("Open balance written off"))
    return words.text(_("A moment came; decided anew"))


def _line(telling: Telling, posting: Posting, *, is_struck: bool) -> Line:
    did = words.move(posting.reason, posting.phase)
    amount = words.money(posting.amount_minor, posting.asset)
    to = words.account(posting.destination, telling.story.people)
    if posting.reason == "reserve":
        return Line(format_html("{} {}", amount, did))
    return Line(format_html(_("{}, {}: {}"), amount, to, did), is_struck)


def _tone(postings: list[Posting]) -> str:
    if any(one.phase == "void" or one.reason in ("claw_back") for one in postings):
        return "stop"
    return "ok" if any(one.phase == "post" for one in postings) else ""


def _future(telling: Telling, now: datetime) -> list[Dot]:
    """What time alone will bring: ends of return windows, then the next moment at which it is decided anew."""
    dots: dict[datetime, list[Line]] = {}
    for reward in telling.rewards("pending"):
        line = Line(
            format_html(
                _("{} for {} becomes payable"),
                words.money(reward.amount_minor, reward.asset),
                telling.named(reward.payee),
            )
        )
        dots.setdefault(reward.due_at, []).append(line)
    found = [
        Dot(at, words.text(_("Return window ends")), tuple(lines), is_future=True) for at, lines in sorted(dots.items())
    ]
    referral = telling.referral
    if referral.decides_at and referral.next_due_at and referral.next_due_at > now:
        found.append(Dot(referral.next_due_at, words.text(_("Notice that the program ends")), is_future=True))
    due = referral.deadline_at
    if due and due not in dots and due > now:
        found.append(Dot(due, words.text(_("Decided anew")), is_future=True))
    return sorted(found, key=lambda dot: dot.at)
