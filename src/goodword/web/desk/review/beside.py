"""What does the page of an item show beside the decision? What it waits for, whom a colleague asked, what may be told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from goodword.actions.asides import LONGEST_PAUSE, LONGEST_TEXT
from goodword.actions.permissions import GIVEN, ROLES, May
from goodword.store.reads import review_aside as reads
from goodword.store.reads.referrals import story
from goodword.store.reads.review_case import Case
from goodword.web.desk.door import Ask
from goodword.web.desk.review import asked
from goodword.web.desk.story.answer import plain
from goodword.web.desk.telling import tell
from goodword.web.desk.verdict import verdict

VOICES = ("referrer", "friend")
TEXTS = ("proof", "looking", "rule")


def beside(ask: Ask, request: HttpRequest, found: Case, business_now: datetime) -> dict[str, Any]:
    """What three of the keys (hold, message, transfer) work with, and what was done with them."""
    referral, pause, handover = found.referral, found.aside.pause, found.aside.handover
    text, voice = request.GET.get("text", ""), request.GET.get("to", "referrer")
    chosen = (text if text in TEXTS else "proof", voice if voice in VOICES else "referrer")
    today = business_now.astimezone(ask.desk.zone).date()
    here = reverse("review_item", args=[ask.slug, referral.id])
    return {
        "pause": pause if pause and pause.until > business_now else None,
        "pause_why": asked.PAUSE_WHYS.get(pause.why, "") if pause else "",
        "pause_whys": list(asked.PAUSE_WHYS.items()),
        "pause_first": (today + timedelta(days=1)).isoformat(),
        "pause_last": (today + LONGEST_PAUSE).isoformat(),
        "pause_until": request.POST.get("until") or (today + timedelta(days=1)).isoformat(),
        "handover": handover,
        "handed_to_me": handover is not None and handover.to_id == ask.desk.user.id.hex,
        "handed_note": reads.note_of(ask.client_id, referral.id) if handover else "",
        "colleagues": reads.colleagues(ask.client_id, ask.desk.user.id, deciders()) if referral.state == "held" else [],
        "messages": [
            (one, _role(found, one.party), found.people.get(one.party))
            for one in reads.messages(ask.client_id, referral.id)
        ],
        "message_to": chosen[1],
        "message_kind": f"{chosen[0]}:{chosen[1]}",
        "message_text": request.POST.get("message") or text_for(ask, found, *chosen),
        "message_open": bool(text) or "message" in request.POST,
        "message_most": LONGEST_TEXT,
        "message_texts": [
            (
                name,
                [(f"{here}?text={one}&to={voice}#message", title, (one, voice) == chosen) for one, title in titles()],
            )
            for voice, name in ((VOICES[0], _("Referrer")), (VOICES[1], _("Friend")))
        ],
    }


def deciders() -> list[str]:
    """Roles that may decide what is held."""
    return [role for role in GIVEN if May.REVIEW in ROLES[role]]


def titles() -> list[tuple[str, str]]:
    """(code, name) of the texts to begin with."""
    return list(zip(TEXTS, (_("Ask for proof"), _("We are still looking"), _("What the rule says")), strict=True))


def text_for(ask: Ask, found: Case, text: str, voice: str) -> str:
    """A text to begin with, for one of the two. It names neither of them, no amount and no rule of screening."""
    program = found.program
    if text == "rule":
        told = story(ask.client_id, found.referral.id, masked=ask.desk.is_masked)
        assert told is not None, "its case was found"
        says = verdict(tell(told, voice))
        return _("About your invitation ({program}): {says}").format(
            program=program, says=f"{says.headline} {plain(says.sentence)}".strip()
        )
    if text == "looking":
        return _(
            "About your invitation ({program}): we are still looking at it, and you will hear from us. You need not do anything."
        ).format(program=program)
    if voice == "referrer":
        return _(
            "About your invitation ({program}): before we can go on, please tell us how you know the person you invited,"
            " and send us something that shows it was passed on to them."
        ).format(program=program)
    return _(
        "About the invitation you used ({program}): before we can go on, please tell us who invited you,"
        " and send us something that shows your order is your own, such as the confirmation you were sent."
    ).format(program=program)


def _role(found: Case, party: str) -> str:
    return _("for the referrer") if party == found.referral.advocate else _("for the friend")


def until_of(ask: Ask, typed: str) -> datetime | None:
    """The beginning of a day in the client's calendar; None: this is no day."""
    try:
        return datetime.fromisoformat(f"{typed.strip()[:10]}T00:00:00").replace(tzinfo=ask.desk.zone)
    except ValueError:
        return None
