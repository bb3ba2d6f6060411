"""What is known of one event? Receipt, facts, body, decisions with reasons, entries, what it follows from, its proof."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.http import Http404, HttpRequest, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from goodword.actions import inspect as act
from goodword.actions.permissions import May
from goodword.errors import NotFound
from goodword.store.reads import events as reads
from goodword.web import errors, words
from goodword.web.desk.checks import Check, check_of
from goodword.web.desk.door import Ask, asking, page
from goodword.web.desk.money import entry_lines
from goodword.web.toasts import toast


@require_GET
@asking(May.EVENTS)
def event(ask: Ask, request: HttpRequest, id: str) -> HttpResponseBase:
    """The inspector."""
    return _inspector(ask, request, id)


@require_GET
@asking(May.EVENTS)
def event_json(ask: Ask, request: HttpRequest, id: str) -> HttpResponseBase:
    """The same as data, for tests and tickets: no body, no name."""
    found = reads.inspect(ask.client_id, id, masked=True)
    if found is None:
        raise Http404
    return JsonResponse(_as_data(found), json_dumps_params={"indent": 1, "ensure_ascii": False})


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
    toast(request, _("The worker was asked to decide the event again. It leaves this list once that succeeds."))
    return HttpResponseRedirect(reverse("events", args=[ask.slug]), status=303)


def _inspector(
    ask: Ask, request: HttpRequest, id: str, *, opened: bytes | None = None, is_opened: bool = False
) -> HttpResponseBase:
    found = reads.inspect(ask.client_id, id, masked=ask.desk.is_masked)
    if found is None:
        raise Http404
    may = ask.desk.may
    reasons: list[tuple[Check, list[str]]] = []
    for decision in found.decisions:
        for reason in decision.reasons:
            voices = ("agent", "advocate", "friend") if May.AUDIT in may else ("agent",)
            reasons.append((check_of(reason, "auditor"), [str(words.said(reason, voice)) for voice in voices]))
    context = {
        "found": found,
        "amount": words.event_amount(found.event),
        "facts": _pretty(found.facts.encode()),
        "body": _pretty(opened) if opened is not None else "",
        "is_opened": is_opened,
        "may_open": May.BODIES in may and found.has_body,
        "may_retry": May.RETRY in may,
        "may_read": May.REFERRALS in may,
        "may_audit": May.AUDIT_LOG in may,
        "rules": [(one, _program_page(ask, one.program)) for one in found.rules],
        "before": [one for one in found.chain if one.is_before],
        "later": [one for one in found.chain if not one.is_before],
        "reasons": reasons,
        "all_voices": May.AUDIT in may,
        "entries": entry_lines(found.postings, found.people),
        "moved": [
            (one, [(id, state, *found.referrals.get(id, ("", "", None))) for id, state in one.referrals])
            for one in found.decisions
        ],
        "people": found.people,
    }
    return page(request, "goodword/developers/event.html", context)


def _program_page(ask: Ask, program: str) -> str:
    """The page of a program, where this installation has one and the person may see it."""
    if May.PROGRAMS not in ask.desk.may:
        return ""
    try:
        return reverse("program", args=[ask.slug, program])
    except NoReverseMatch:
        return ""


def _as_data(found: reads.Inspection) -> dict[str, Any]:
    return {
        "event": f"evt_{found.id}",
        "type": found.type,
        "at": found.at,
        "received_at": found.received_at,
        "source": found.source,
        "facts": json.loads(found.facts),
        "decisions": [
            {
                "decision": f"dec_{one.id}",
                "number": one.seq,
                "clock": one.clock,
                "verdict": one.verdict,
                "reasons": [msgspec.to_builtins(reason) for reason in one.reasons],
                "referrals": [{"referral": f"ref_{id}", "state": state} for id, state in one.referrals],
            }
            for one in found.decisions
        ],
        "entries": [
            {
                "entry": f"ent_{one.id}", "from": one.source, "to": one.destination, "asset": one.asset,
                "amount_minor": one.amount_minor, "phase": one.phase, "reason": one.reason,
            }
            for one in found.postings
        ],
        "rules": [{"program": one.program, "version": one.version} for one in found.rules],
        "leaves": [{"kind": one.kind, "id": one.id, "number": one.number} for one in found.leaves],
        "failed": {"reason": found.dead.reason, "detail": found.dead.detail, "attempts": found.dead.attempts}
        if found.dead and not found.dead.resolved_at
        else None,
    }  # fmt: skip


def _pretty(raw: bytes) -> str:
    try:
        return json.dumps(json.loads(raw), indent=2, ensure_ascii=False)
    except ValueError:
        return raw.decode("utf-8", "replace")
