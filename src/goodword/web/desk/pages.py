"""What became of one referral, what of one event? The story and the inspector, each made from one read."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from goodword.actions import inspect as act
from goodword.actions.permissions import May
from goodword.errors import NotFound
from goodword.store.reads import events as reads
from goodword.store.reads.referrals import story
from goodword.web import errors, words
from goodword.web.desk.checks import Check, check_of, checks
from goodword.web.desk.door import Ask, asking
from goodword.web.desk.money import entry_lines, sums
from goodword.web.desk.telling import VOICES, tell
from goodword.web.desk.timeline import timeline
from goodword.web.desk.verdict import verdict

_RECENT = 100
_TABS = ("dead", "refused", "all")


@require_GET
@asking(May.REFERRALS)
def referral(ask: Ask, request: HttpRequest, id: str) -> HttpResponseBase:
    """The story of one referral in one of four voices."""
    found = story(ask.client_id, id, masked=ask.desk.is_masked)
    voice = request.GET.get("voice", "agent")
    if found is None or voice not in VOICES:
        raise Http404
    telling = tell(found, voice)
    address = reverse("referral", args=[ask.slug, id])
    staff = not telling.is_participant
    context = {
        "telling": telling,
        "referral": found.referral,
        "story": found,
        "verdict": verdict(telling),
        "checks": checks(telling),
        "dots": timeline(telling, datetime.now(UTC)) if staff else (),
        "entries": entry_lines(found.postings, found.people, found.referral.program) if staff else (),
        "sums": sums(found.postings, found.people, found.referral.program) if staff else (),
        "rewards": [(one, telling.named(one.payee)) for one in found.referral.rewards] if staff else [],
        "voices": [
            (name, f"{address}?{urlencode({'voice': name})}" if name != "agent" else address, name == voice)
            for name in VOICES
            if name != "auditor" or May.AUDIT in ask.desk.may
        ],
        "may_inspect": May.EVENTS in ask.desk.may,
        "is_auditor": voice == "auditor",
    }
    if voice == "auditor" and May.AUDIT not in ask.desk.may:
        return errors.forbidden(request)
    return TemplateResponse(request, "goodword/referral.html", context)


@require_GET
@asking(May.EVENTS)
def event(ask: Ask, request: HttpRequest, id: str) -> HttpResponseBase:
    """The inspector: receipt, facts, decisions, entries, proof, neighbours."""
    return _inspector(ask, request, id)


@require_POST
@asking(May.BODIES)
def body(ask: Ask, request: HttpRequest, id: str) -> HttpResponseBase:
    """The inspector with the body opened. A POST, since opening is an act that is kept."""
    opened = act.open_body(ask.client_id, id, actor=ask.desk.actor, at=datetime.now(UTC))
    return _inspector(ask, request, id, opened=opened, is_opened=True)


@require_POST
@asking(May.RETRY)
def retry(ask: Ask, request: HttpRequest, id: str) -> HttpResponseBase:
    """Have a dead-letter event decided again."""
    try:
        act.retry(ask.client_id, id, actor=ask.desk.actor, at=datetime.now(UTC))
    except NotFound as refusal:
        return errors.refused(request, 404, refusal)
    return HttpResponseRedirect(reverse("events", args=[ask.slug]) + "?asked=1")


@require_GET
@asking(May.EVENTS)
def events(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """What could not be decided, what was refused at the door, and the last rows of the log."""
    tab = request.GET.get("show", "dead")
    if tab not in _TABS:
        raise Http404
    address = reverse("events", args=[ask.slug])
    counts = reads.counts(ask.client_id)
    titles = {
        "dead": (_("Could not be decided"), counts.dead),
        "refused": (_("Refused at the door"), counts.refused),
        "all": (_("Latest"), None),
    }
    context = {
        "tab": tab,
        "tabs": [
            (title, address if name == "dead" else f"{address}?show={name}", name == tab, _capped(count))
            for name, (title, count) in titles.items()
        ],
        "dead": reads.dead_letters(ask.client_id) if tab == "dead" else (),
        "refused": reads.refused(ask.client_id) if tab == "refused" else (),
        "recent": reads.recent(ask.client_id, _RECENT) if tab == "all" else (),
        "may_retry": May.RETRY in ask.desk.may,
        "asked": request.GET.get("asked") == "1",
    }
    return TemplateResponse(request, "goodword/events.html", context)


def _capped(count: int | None) -> str:
    if count is None:
        return ""
    return f">{reads.MOST_LISTED}" if count > reads.MOST_LISTED else str(count)


def _inspector(
    ask: Ask, request: HttpRequest, id: str, *, opened: bytes | None = None, is_opened: bool = False
) -> HttpResponseBase:
    found = reads.inspect(ask.client_id, id, masked=ask.desk.is_masked)
    if found is None:
        raise Http404
    reasons: list[tuple[Check, list[str]]] = []
    for decision in found.decisions:
        for reason in decision.reasons:
            voices = ("agent", "advocate", "friend") if May.AUDIT in ask.desk.may else ("agent",)
            reasons.append((check_of(reason, "auditor"), [str(words.said(reason, voice)) for voice in voices]))
    context = {
        "found": found,
        "amount": words.event_amount(found.event),
        "facts": _pretty(found.facts.encode()),
        "body": _pretty(opened) if opened is not None else "",
        "is_opened": is_opened,
        "may_open": May.BODIES in ask.desk.may and found.has_body,
        "may_retry": May.RETRY in ask.desk.may,
        "may_read": May.REFERRALS in ask.desk.may,
        "reasons": reasons,
        "all_voices": May.AUDIT in ask.desk.may,
        "entries": entry_lines(found.postings, found.people),
        "moved": [
            (one, [(id, state, *found.referrals.get(id, ("", "", None))) for id, state in one.referrals])
            for one in found.decisions
        ],
        "people": found.people,
    }
    return TemplateResponse(request, "goodword/event.html", context)


def _pretty(raw: bytes) -> str:
    try:
        return json.dumps(json.loads(raw), indent=2, ensure_ascii=False)
    except ValueError:
        return raw.decode("utf-8", "replace")
