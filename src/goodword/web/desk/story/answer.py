"""What may be said to the person who asks? The verdict in a participant's own words, as plain text for a reply."""

from __future__ import annotations

import html
from dataclasses import dataclass

from django.utils.html import strip_tags
from django.utils.translation import gettext as _

from goodword.store.reads.people import Person
from goodword.store.reads.referrals import Story
from goodword.web.desk.telling import tell
from goodword.web.desk.verdict import verdict


@dataclass(frozen=True)
class Answer:
    """The text for one of the two."""

    voice: str
    text: str


def answers(story: Story) -> tuple[Answer, ...]:
    """A text for the referrer, and one for the friend."""
    return tuple(Answer(voice, answer(story, voice)) for voice in ("referrer", "friend"))


def answer(story: Story, voice: str) -> str:
    """One text; it says what the program lets this voice know, and nothing else."""
    told = verdict(tell(story, voice))
    says = f"{told.headline} {plain(told.sentence)}".strip()
    if voice == "friend":
        who = _short(story.people.get(story.referral.advocate))
        return _("Your invitation by {who} ({program}): {says}").format(who=who, program=story.program, says=says)
    who = _short(story.people.get(story.referral.friend))
    return _("Your referral of {who} ({program}): {says}").format(who=who, program=story.program, says=says)


def plain(sentence: str) -> str:
    """A sentence of a page as text for a letter."""
    return html.unescape(strip_tags(sentence)).replace("\u00a0", " ")


def _short(one: Person | None) -> str:
    """First name and initial, as people speak of each other."""
    if one is None or one.is_erased or not one.name:
        return _("a friend")
    first, *rest = one.name.split()
    return f"{first} {rest[-1][0]}." if rest else first
