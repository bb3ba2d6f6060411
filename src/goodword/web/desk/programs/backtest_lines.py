"""Who comes out otherwise under a draft? One page of them at a time, all or of one kind of change, each with both explanations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from goodword.actions.permissions import May
from goodword.core.comparison import CHANGES, Change, Comparison, Outcome, standing
from goodword.core.reasons import verdict
from goodword.core.recorded import Recorded
from goodword.store.reads.people import people
from goodword.web import words
from goodword.web.desk.door import Ask

ROWS = 30
OTHERWISE: tuple[Change, ...] = ("newly", "no_longer", "changed")
_LONGEST_NUMBER = 9
CHANGE_WORDS: dict[Change, tuple[str | Promise, str, str]] = {  # word, icon, tone
    "newly": (gettext_lazy("newly rewarded"), "ok", "ok"),
    "no_longer": (gettext_lazy("no longer rewarded"), "no", "stop"),
    "changed": (gettext_lazy("amount changed"), "half", "wait"),
    "same": (gettext_lazy("same reward"), "dot", "mute"),
    "neither": (gettext_lazy("no reward either way"), "sand", "mute"),
}


@dataclass(frozen=True)
class Side:
    """How a referral came out on one side: its state, what it gave, and why."""

    state: str
    rewards: tuple[tuple[str, SafeString], ...]
    why: SafeString


@dataclass(frozen=True)
class Changed:
    """A referral that comes out otherwise; `href` is empty where the draft alone knows it, or this person may not read it."""

    friend: SafeString
    href: str
    word: str | Promise
    icon: str
    tone: str
    before: Side | None
    after: Side | None


@dataclass(frozen=True)
class Lines:
    """A page of those who come out otherwise: which change is asked for ('' for all), from which to which, of how many."""

    change: str
    rows: list[Changed]
    first: int
    last: int
    total: int
    previous: str
    next: str


def counts(compared: Comparison, home: str) -> list[tuple[str | Promise, str, str, int, str]]:
    """(word, icon, tone, how many, where they are listed) of each kind of change; what stays the same is listed nowhere."""
    return [
        (
            *CHANGE_WORDS[change],
            compared.counts[change],
            _address(home, change, 0) if change in OTHERWISE and compared.counts[change] else "",
        )
        for change in CHANGES
    ]


def asked_for(ask: Ask, compared: Comparison, home: str, query: QueryDict) -> Lines:
    """The page that the address asks for; what it asks wrongly is the first page of all."""
    change = next((one for one in OTHERWISE if one == query.get("change") and compared.counts[one]), None)
    total = compared.counts[change] if change else len(compared.changed)
    typed = query.get("from", "")
    begin = int(typed) if typed.isdecimal() and typed.isascii() and len(typed) < _LONGEST_NUMBER else 0
    begin = begin if begin < total else 0
    wanted = (one for one in compared.changed if change is None or one.change == change)
    rows = list(_changed(ask, list(islice(wanted, begin, begin + ROWS))))
    end = begin + len(rows)
    return Lines(
        change or "",
        rows,
        begin + 1,
        end,
        total,
        _address(home, change, max(0, begin - ROWS)) if begin else "",
        _address(home, change, end) if end < total else "",
    )


def _address(home: str, change: Change | None, begin: int) -> str:
    asked: dict[str, Any] = ({"change": change} if change else {}) | ({"from": begin} if begin else {})
    return f"{home}?{urlencode(asked)}#changed" if asked else f"{home}#changed"


def _changed(ask: Ask, outcomes: list[Outcome]) -> Iterator[Changed]:
    known = [(one, one.after or one.before) for one in outcomes]
    named = people(ask.client_id, [side.friend for _one, side in known if side], masked=ask.desk.is_masked)
    for one, side in known:
        if side is None:
            continue
        href = ""
        if one.before is not None and May.REFERRALS in ask.desk.may:
            href = reverse("referral", args=[ask.slug, one.before.id])
        word, icon, tone = CHANGE_WORDS[one.change]
        friend = words.person(named.get(side.friend), side.friend)
        yield Changed(friend, href, word, icon, tone, _side(one.before), _side(one.after))


def _side(referral: Recorded | None) -> Side | None:
    if referral is None:
        return None
    reason = verdict(referral.reasons)
    given = tuple(
        (_("referrer") if to == "advocate" else _("friend"), words.money(minor, asset))
        for (to, asset), minor in standing(referral).items()
    )
    return Side(referral.state, given, words.said(reason, "agent") if reason else SafeString(""))
