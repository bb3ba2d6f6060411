"""What became of one referral? The story in one of four voices, with the answer for the person who asks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from goodword.actions.permissions import May
from goodword.core.amounts import is_currency
from goodword.core.payouts import promised_by
from goodword.core.referral import Reward
from goodword.core.terms import Terms
from goodword.core.units import is_points
from goodword.store.reads.referrals import Story, story
from goodword.web import errors
from goodword.web.desk.checks import checks
from goodword.web.desk.door import Ask, asking
from goodword.web.desk.money import entry_lines, sums
from goodword.web.desk.story import record
from goodword.web.desk.story.answer import answers
from goodword.web.desk.telling import VOICES, Telling, tell
from goodword.web.desk.timeline import timeline
from goodword.web.desk.verdict import verdict
from goodword.web.words import money


@require_GET
@asking(May.REFERRALS)
def referral(ask: Ask, request: HttpRequest, id: str) -> HttpResponseBase:
    """The story of one referral in one of four voices."""
    found = story(ask.client_id, id, masked=ask.desk.is_masked)
    voice = request.GET.get("voice", "agent")
    if found is None or voice not in VOICES:
        raise Http404
    if voice == "auditor" and May.AUDIT not in ask.desk.may:
        return errors.forbidden(request)
    if found.referral.kind != "referral":
        return TemplateResponse(request, "goodword/story/record.html", _context_of_record(ask, found))
    return TemplateResponse(request, "goodword/story/page.html", _context(ask, found, voice))


def _rewards(telling: Telling) -> list[tuple[Reward, SafeString, SafeString | None, datetime, bool]]:
    """Each reward with its payee, of what it is a share, the day by which it was promised, and whether that day has passed
    without it."""
    found = []
    for one in telling.referral.rewards:
        until = promised_by(one, telling.terms)
        waits = one.state == "pending" or (
            one.state == "payable" and not is_points(one.asset)
        )  # points are handed over
        is_late = waits and until < datetime.now(UTC)
        found.append((one, telling.named(one.payee), _base(one, telling.terms), until, is_late))
    return found


def _base(reward: Reward, terms: Terms | None) -> SafeString | None:
    """What was bought, where the reward is a share of it; points say nothing of the money of a market."""
    promise = terms.promise(reward.promise) if terms else None
    if terms is None or promise is None or reward.base_minor is None:
        return None
    is_known = is_currency(reward.asset) or not terms.markets
    if not is_known or not any(line.give.is_share for line in promise.lines):
        return None
    return money(reward.base_minor, reward.asset if is_currency(reward.asset) else terms.currency)


def _context_of_record(ask: Ask, found: Story) -> dict[str, Any]:
    """What somebody earned without one certain friend is told to the house only, and asks for nobody's word."""
    telling = tell(found, "agent")
    referral = found.referral
    return {
        "telling": telling,
        "referral": referral,
        "story": found,
        "checks": checks(telling),
        "dots": timeline(telling, datetime.now(UTC)),
        "entries": entry_lines(found.postings, found.people, referral.program),
        "sums": sums(found.postings, found.people, referral.program),
        "rewards": _rewards(telling),
        "may_inspect": May.EVENTS in ask.desk.may,
        "may_see_people": May.PEOPLE in ask.desk.may,
        **record.told(referral),
    }


def _context(ask: Ask, found: Story, voice: str) -> dict[str, Any]:
    telling = tell(found, voice)
    address = reverse("referral", args=[ask.slug, found.referral.id])
    staff = not telling.is_participant
    given = answers(found)
    return {
        "telling": telling,
        "referral": found.referral,
        "story": found,
        "address": address,
        "verdict": verdict(telling),
        "checks": checks(telling),
        "dots": timeline(telling, datetime.now(UTC)) if staff else (),
        "entries": entry_lines(found.postings, found.people, found.referral.program) if staff else (),
        "sums": sums(found.postings, found.people, found.referral.program) if staff else (),
        "rewards": _rewards(telling) if staff else [],
        "voices": [
            (name, f"{address}?{urlencode({'voice': name})}" if name != "agent" else address, name == voice)
            for name in VOICES
            if name != "auditor" or May.AUDIT in ask.desk.may
        ],
        "answers": [one for one in given if staff or one.voice == voice],
        "may_inspect": May.EVENTS in ask.desk.may,
        "may_see_people": May.PEOPLE in ask.desk.may,
        "may_review": May.REVIEW in ask.desk.may and found.referral.state in ("held", "denied"),
        "claim": _claim(ask, found) if staff else "",
        "is_auditor": voice == "auditor",
    }


def _claim(ask: Ask, found: Story) -> str:
    """Where somebody else is entered afterwards, with the evidence, once this referral holds the friend no longer."""
    if May.ADD_REFERRAL not in ask.desk.may or found.referral.state != "lapsed":
        return ""
    return reverse("person_claim", args=[ask.slug, found.referral.friend])
