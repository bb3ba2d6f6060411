"""With what is a story told? The referral, its terms, the people and the voice, and which reason weighs most."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from goodword.catalog import SHELVES
from goodword.core.amounts import to_minor
from goodword.core.reading import read_terms
from goodword.core.reasons import Reason, rank_of, ranked
from goodword.core.referral import Referral, Reward
from goodword.core.requirements import Milestone, milestone_name
from goodword.core.terms import Terms
from goodword.store.reads.people import Person
from goodword.store.reads.referrals import Story
from goodword.web import words
from goodword.web.desk.programs import sentence

VOICES = ("agent", "referrer", "friend", "auditor")
_CORE_VOICE = {"referrer": "advocate"}
_MONEY = re.compile(r"(-?\d+(?:\.\d+)?) ([A-Z]{3})\Z")
# Ranks of reasons that decide about the referral itself: not about the event, a single touch, or a reward's state.
_DECIDING = range(60, 130)
_NEVER_THE_VERDICT = frozenset(
    {"finding", "outranked", "superseded", "joined", "milestone_reached", "screening_passed"}
)


@dataclass(frozen=True)
class Telling:
    """What every part of the page looks at."""

    story: Story
    terms: Terms | None
    voice: str

    @property
    def referral(self) -> Referral:
        """The core's referral."""
        return self.story.referral

    @property
    def core_voice(self) -> str:
        """The voice as the reasons call it."""
        return _CORE_VOICE.get(self.voice, self.voice)

    @property
    def is_participant(self) -> bool:
        """Whether the page is told to one of the two, who learn less."""
        return self.voice in ("referrer", "friend")

    @property
    def role(self) -> str | None:
        """Whom the promises to the listener are made to; None: staff hear of all."""
        return {"referrer": "advocate", "friend": "friend"}.get(self.voice)

    @property
    def disclosure(self) -> str:
        """What the program lets the referrer learn of the friend's steps."""
        return self.terms.disclosure if self.terms else "steps"

    @property
    def referrer(self) -> SafeString:
        """The referrer by name."""
        return self.named(self.referral.advocate)

    @property
    def friend(self) -> SafeString:
        """The friend by name."""
        return self.named(self.referral.friend)

    def named(self, party: str) -> SafeString:
        """A party of this story by name."""
        found: Person | None = self.story.people.get(party)
        return words.person(found, party)

    def rewards(self, *states: str) -> tuple[Reward, ...]:
        """Rewards in these states; a participant hears of the own ones only."""
        return tuple(one for one in self.referral.rewards if one.state in states and self.role in (None, one.to))

    def listed(self, rewards: tuple[Reward, ...]) -> SafeString:
        """Amounts with who gets them: 10.00 EUR for Alice, 20.00 EUR for Bob."""
        parts = [(words.money(one.amount_minor, one.asset), self.named(one.payee)) for one in rewards]
        return format_html_join(", ", _("{} for {}"), parts)

    def milestone(self, name: str) -> Milestone | None:
        """A milestone of the terms by its name, or by that of one of its occurrences."""
        own = milestone_name(name)
        return next((one for one in self.terms.milestones if one.name == own), None) if self.terms else None

    def hold(self, reward: Reward) -> timedelta:
        """How long the return window of a reward is."""
        return reward.due_at - reward.milestone_at

    def promised(self) -> SafeString:
        """What the version promises: 10.00 EUR to Alice and 20 % voucher to Bob."""
        if self.terms is None:
            return SafeString("")
        parts = [
            (words.bdi(sentence.gift(one.kind, one.give)), self.referrer if one.to == "advocate" else self.friend)
            for one in self.terms.promises
        ]
        return format_html_join(", ", _("{} for {}"), parts)


def tell(story: Story, voice: str) -> Telling:
    """The telling of a story; terms that this version cannot read are simply not quoted."""
    terms = None
    if story.document and story.live_from is not None:
        read = read_terms(
            msgspec.json.decode(story.document), SHELVES, version=story.referral.version, live_from=story.live_from
        )
        terms = read if isinstance(read, Terms) else None
    return Telling(story, terms, voice)


def deciding(referral: Referral, passed: bool | None) -> Reason | None:
    """The reason that weighs most among the refused (False) or open (None) ones about the referral itself."""
    for reason in ranked(referral.reasons):
        if reason.passed is passed and reason.code not in _NEVER_THE_VERDICT and rank_of(reason) in _DECIDING:
            return reason
    return None


def shortfall(reason: Reason) -> tuple[int, str] | None:
    """How much was missing: (minor units, currency) where a reason compares two amounts of one currency."""
    have, need = (_MONEY.match(text or "") for text in (reason.value, reason.needed))
    if not have or not need or have[2] != need[2]:
        return None
    missing = to_minor(need[1], need[2]) - to_minor(have[1], have[2])
    return (missing, need[2]) if missing > 0 else None


def with_unit(telling: Telling, reason: Reason) -> Reason:
    """What is left of an order, with the currency of the terms: the log keeps the bare numbers."""
    if reason.code != "taken_back" or telling.terms is None or not (reason.needed or "")[:1].isdigit():
        return reason
    value, needed = (f"{number} {telling.terms.currency}" for number in (reason.value or "0", reason.needed))
    return msgspec.structs.replace(reason, value=value, needed=needed)


def spelled_day(text: str | None) -> datetime | None:
    """The day in a reason's value, if it is one."""
    try:
        return datetime.fromisoformat(f"{text}T00:00:00+00:00") if text else None
    except ValueError:
        return None


def days(span: timedelta) -> SafeString:
    """A span in whole days."""
    return format_html(_("{} days"), words.bdi(span.days))
