"""What was looked at, what was found, what was needed? The checks of a referral, the failing one first, in one voice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from goodword.core.kind import Finding
from goodword.core.reasons import Reason, rank_of
from goodword.web import words
from goodword.web.desk.telling import Telling, with_unit

_ABOUT_TOUCHES = range(30, 46)
_ABOUT_REWARDS = range(140, 150)
_MARKS = {True: ("ok", "ok"), False: ("no", "stop"), None: ("clock", "wait")}
_MILESTONES = frozenset({"milestone_reached", "milestone_open"})
_PUBLIC = frozenset({"joined", "touch_won"})


@dataclass(frozen=True)
class Check:
    """One line: icon, what it is about, the sentence, and the values that were compared."""

    reason: Reason
    icon: str
    tone: str
    word: str
    about: str
    event: str
    sentence: SafeString
    value: str
    needed: str


@dataclass(frozen=True)
class Checks:
    """The checks about the referral itself, and apart from them the touches that did not win and what screening found."""

    decided: tuple[Check, ...]
    touches: tuple[Check, ...]
    findings: tuple[Finding, ...]


def checks(telling: Telling) -> Checks:
    """All that this voice may read. Findings and other people's touches are for staff only."""
    reasons = [with_unit(telling, reason) for reason in telling.referral.reasons if reason.code != "finding"]
    lines = [check_of(reason, telling.core_voice) for reason in reasons]
    if telling.is_participant:
        return Checks(tuple(_for_participant(telling, lines)), (), ())
    lines = [_with_terms(telling, line) for line in lines if not _is_said_twice(telling, line)]
    decided = [
        line
        for line in lines
        if rank_of(line.reason) not in (*_ABOUT_TOUCHES, *_ABOUT_REWARDS) or line.reason.code == "touch_won"
    ]
    touches = [line for line in lines if rank_of(line.reason) in _ABOUT_TOUCHES and line.reason.code != "touch_won"]
    findings = tuple(finding for claim in telling.referral.claims for finding in claim.findings)
    return Checks(tuple(sorted(decided, key=_failing_first)), tuple(touches), findings)


def check_of(reason: Reason, voice: str) -> Check:
    """A reason as a line of the page."""
    icon, tone = _MARKS[reason.passed]
    mark = {True: _("met"), False: _("not met"), None: _("open")}[reason.passed]
    about, event = _about(reason.about)
    value, needed = (words.humane(text) if text else "" for text in (reason.value, reason.needed))
    if reason.passed or reason.code == "outranked" or rank_of(reason) in _ABOUT_REWARDS:
        value = needed = ""  # the sentence says it all; a pair would suggest a comparison
    return Check(reason, icon, tone, mark, about, event, words.said(reason, voice), value, needed)


def _is_said_twice(telling: Telling, line: Check) -> bool:
    """A sign-up that binds is also a milestone: one line is enough."""
    milestone = telling.milestone(line.reason.about or "")
    return line.reason.code == "milestone_reached" and milestone is not None and milestone.event == "signup"


def _with_terms(telling: Telling, line: Check) -> Check:
    """A milestone with what its version asks: at least 50.00 EUR, within 30 days."""
    milestone = telling.milestone(line.reason.about or "") if line.reason.code in _MILESTONES else None
    if milestone is None or telling.terms is None:
        return line
    asked = []
    if milestone.min_minor is not None:
        asked.append(_("at least {}").format(words.plain_money(milestone.min_minor, telling.terms.currency)))
    if milestone.within:
        asked.append(_("within {} days").format(milestone.within.days))
    asked += [words.humane(condition.words) for condition in milestone.conditions]
    return replace(line, needed=", ".join(asked)) if asked else line


def _failing_first(line: Check) -> tuple[int, int]:
    return ({False: 0, None: 1, True: 2}[line.reason.passed], rank_of(line.reason))


def _about(about: str | None) -> tuple[str, str]:
    """(words, event id): a reason speaks of a milestone, of a promise (to:milestone:n), or of the event of a touch."""
    if not about:
        return "", ""
    try:
        return "", UUID(about).hex
    except ValueError:
        pass
    to, _colon, rest = about.partition(":")
    if rest:
        who = {"advocate": _("referrer"), "friend": _("friend")}.get(to, to)
        return f"{words.label(rest.partition(':')[0])}, {who}", ""
    return words.label(about), ""


def promised_to(reason: Reason) -> str | None:
    """Whose promise a reason speaks of (to:milestone:n); None: of none."""
    to, colon, _rest = (reason.about or "").partition(":")
    return to if colon else None


def _for_participant(telling: Telling, lines: list[Check]) -> list[Check]:
    """Each sentence once, and nothing of what the other gets; the referrer learns of the friend's steps what the program's
    disclosure allows."""
    found: dict[str, Check] = {}
    for line in sorted(lines, key=lambda one: rank_of(one.reason)):
        if not line.sentence or (rank_of(line.reason) in _ABOUT_TOUCHES and line.reason.code not in _PUBLIC):
            continue
        if promised_to(line.reason) not in (None, telling.role):
            continue
        if telling.voice == "referrer":
            if telling.disclosure == "nothing":
                continue
            if telling.disclosure != "reasons" and line.reason.passed is False:
                continue
        found.setdefault(str(line.sentence), line)
    return list(found.values())
