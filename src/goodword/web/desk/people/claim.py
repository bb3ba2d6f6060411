"""Who referred this person, told afterwards? A late claim with its evidence, decided by the published rules like any touch."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, date, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from goodword.actions.entering import enter
from goodword.actions.permissions import May
from goodword.core.events import Event
from goodword.errors import GoodwordError
from goodword.store.models import Referral
from goodword.store.reads import person as reads
from goodword.web import words
from goodword.web.desk.doing import chain_of
from goodword.web.desk.door import Ask, asking, page
from goodword.web.desk.referrals import typed
from goodword.web.desk.referrals.typed import Form

FIELDS = ("referrer", "told_by", "told_on", "evidence", "reference", "once")
WAYS: tuple[tuple[str, Promise], ...] = (
    ("phone", gettext_lazy("Phone")),
    ("mail", gettext_lazy("E-mail or letter")),
    ("chat", gettext_lazy("Chat")),
    ("in_person", gettext_lazy("In person")),
)
_ONCE = re.compile(r"[0-9a-f]{32}\Z")
_EVENT = re.compile(r"evt_[0-9a-f]{32}\Z")
_STANDING_ASIDE = frozenset({"lapsed"})  # a friend whose referral lapsed may be referred again


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@asking(May.ADD_REFERRAL)
def claim(ask: Ask, request: HttpRequest, id: str) -> HttpResponseBase:
    """The form with what stands against a claim said first; then the answer with its reasons."""
    found = reads.person(ask.client_id, id, masked=ask.desk.is_masked)
    if found is None:
        raise Http404
    against = _against(ask, id, found)
    if request.method != "POST":
        form = Form({"once": uuid.uuid4().hex, "told_on": timezone.localdate().isoformat()})
        return _page(ask, request, id, found, form, against)
    form = Form({name: request.POST.get(name, "") for name in FIELDS})
    event = _event(ask, id, form)
    if against or form.wrong:
        return _page(ask, request, id, found, form, against, status=422)
    told = {name: form.text(name) for name in ("told_by", "told_on", "evidence", "reference")}
    try:
        with chain_of(ask) as (chain, client):
            entered = enter(
                chain, client, ask.desk.actor, [event], about=("person", id), detail=told, at=datetime.now(UTC)
            )
    except GoodwordError as refusal:
        form.refuse("", " ".join(part for part in (refusal.what, refusal.why, refusal.repair) if part))
        return _page(ask, request, id, found, form, "", status=422)
    address = reverse("person_claim", args=[ask.slug, id])
    return HttpResponseRedirect(f"{address}?entered=evt_{entered[0].event}", status=303)


def _page(
    ask: Ask, request: HttpRequest, id: str, found: reads.Whole, form: Form, against: str, *, status: int = 200
) -> HttpResponseBase:
    entered = request.GET.get("entered", "")
    answer = typed.decided(ask.client_id, entered.removeprefix("evt_")) if _EVENT.match(entered) else None
    context = {
        "id": id,
        "named": words.person(found.person, id),
        "form": form,
        "against": against if answer is None else "",
        "ways": WAYS,
        "answer": answer,
        "lines": [text for reason in answer.reasons if (text := words.said(reason, "agent"))] if answer else [],
        "is_won": bool(answer and answer.referrals),
        "facts": [one for one in found.events if one.type in ("signup", "purchase")][:5],
    }
    response = page(request, "goodword/people/claim.html", context)
    response.status_code = status
    return response


def _against(ask: Ask, id: str, found: reads.Whole) -> str:
    """What makes a claim pointless before it is entered; '' where nothing does."""
    if found.erased_at:
        return _("This person was erased; nothing can be entered about them any more.")
    bound = Referral.objects.filter(client_id=ask.client_id, friend_id=id).exclude(state__in=_STANDING_ASIDE)
    standing = bound.order_by("-bound_at").first()
    if standing is not None and standing.bound_at is not None:
        since = timezone.localtime(standing.bound_at).strftime("%Y-%m-%d")
        return _("Somebody referred this person already, on {} (ref_{}). A claim counts only where no other touch won.").format(
            words.humane(since), standing.id.hex[:8]
        )
    if not any(one.type != "claim" for one in found.events):
        return _("No sign-up or order of this person is on record yet. A claim speaks of one; enter it after that.")
    if (before := _claim_since_the_last_fact(found.events)) is not None:
        since = timezone.localtime(before.at).strftime("%Y-%m-%d")
        return _("A claim about this was entered on {} and was decided. It counts once; look at its event for the reasons.").format(
            words.humane(since)
        )
    return ""


def _claim_since_the_last_fact(events: tuple[Event, ...]) -> Event | None:
    """The newest event where it is a claim: after a new sign-up or order another one may be entered."""
    newest = next((one for one in events if one.type in ("claim", "signup", "purchase")), None)
    return newest if newest is not None and newest.type == "claim" else None


def _event(ask: Ask, id: str, form: Form) -> dict[str, Any]:
    referrer = typed.referrer(ask.client_id, form)
    if referrer is not None and referrer.party == id:
        form.refuse("referrer", _("This is the same person. Nobody can refer themselves."))
    if form.text("told_by") not in dict(WAYS):
        form.refuse("told_by", _("Say how you were told."))
    told_on = _day(form)
    if not form.text("evidence"):
        form.refuse("evidence", _("Say what was told, in a sentence: who said it, and what speaks for it."))
    friend = typed.identity(ask.client_id, id)
    if not friend:
        form.refuse("", _("What identifies this person is not kept here, so no claim can name them."))
    if not _ONCE.match(form.text("once")):
        form.refuse("", _("The form is incomplete. Open it anew; what you typed stays until then."))
    if form.wrong or referrer is None:
        return {}
    data = {
        "told_by": form.text("told_by"),
        "told_on": told_on,
        "evidence": form.text("evidence"),
        "reference": form.text("reference"),
    }
    return {"id": f"claim-{form.text('once')}", "type": "claim", "person": friend, **referrer.wire, "data": data}


def _day(form: Form) -> str:
    text = form.text("told_on")
    try:
        told_on = date.fromisoformat(text)
    except ValueError:
        form.refuse("told_on", _("“{}” is not a day. Write it like 2026-11-03.").format(text))
        return ""
    if told_on > timezone.localdate():
        form.refuse("told_on", _("This day lies ahead. Give the day on which you were told."))
    return text
