"""How does a referral by phone or on paper come in? Five fields, checked before anything is kept, decided while the agent waits."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from goodword.actions.entering import enter
from goodword.actions.permissions import May
from goodword.core.identities import normal_email
from goodword.errors import GoodwordError
from goodword.store.models import Event, Program, Referral
from goodword.store.reads.people import find, people
from goodword.web import words
from goodword.web.desk.doing import chain_of
from goodword.web.desk.door import Ask, asking, page
from goodword.web.desk.referrals import typed
from goodword.web.desk.referrals.typed import Form

FIELDS = ("program", "referrer", "friend", "contact", "consent", "order", "known", "once")
CONSENTS: tuple[tuple[str, Promise], ...] = (
    ("phone", gettext_lazy("Said so on the phone")),
    ("in_writing", gettext_lazy("In writing: signed form, letter, e-mail")),
    ("online", gettext_lazy("On the client's website")),
    ("in_person", gettext_lazy("Said so in person")),
)
_ONCE = re.compile(r"[0-9a-f]{32}\Z")
_EVENT = re.compile(r"evt_[0-9a-f]{32}\Z")


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@asking(May.ADD_REFERRAL)
def referral_new(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """The form; saved, it comes back empty with the answer above it and the same program."""
    programs = _programs(ask)
    if request.method != "POST":
        program = request.GET.get("program", "")
        form = Form({"program": program if program in dict(programs) else "", "once": uuid.uuid4().hex})
        return _page(ask, request, form, programs)
    form = Form({name: request.POST.get(name, "") for name in FIELDS})
    events = _events(ask, form, programs)
    if form.wrong:
        return _page(ask, request, form, programs, status=422)
    try:
        with chain_of(ask) as (chain, client):
            told = {"consent": form.text("consent")}
            entered = enter(
                chain, client, ask.desk.actor, events, about=("event", ""), detail=told, at=datetime.now(UTC)
            )
    except GoodwordError as refusal:
        form.refuse("", " ".join(part for part in (refusal.what, refusal.why, refusal.repair) if part))
        return _page(ask, request, form, programs, status=422)
    onward = {"program": form.text("program"), "entered": f"evt_{entered[-1].event}"}
    address = reverse("referral_new", args=[ask.slug])
    return HttpResponseRedirect(f"{address}?{urlencode({k: v for k, v in onward.items() if v})}", status=303)


@sensitive_post_parameters()
@require_POST
@asking(May.ADD_REFERRAL)
def referral_known(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """Who is it that was typed so far? Asked for by the form while it is filled in; nothing is kept."""
    form = Form({name: request.POST.get(name, "") for name in FIELDS})
    return TemplateResponse(request, "goodword/referrals/known.html", _known(ask, form))


def _programs(ask: Ask) -> tuple[tuple[str, str], ...]:
    return tuple(Program.objects.of(ask.client_id).order_by("name").values_list("slug", "name"))


def _page(
    ask: Ask, request: HttpRequest, form: Form, programs: tuple[tuple[str, str], ...], *, status: int = 200
) -> HttpResponseBase:
    entered = request.GET.get("entered", "")
    context = {
        "form": form,
        "programs": programs,
        "consents": CONSENTS,
        "entered": _answer(ask, entered.removeprefix("evt_")) if _EVENT.match(entered) else None,
        **_known(ask, form),
    }
    response = page(request, "goodword/referrals/new.html", context)
    response.status_code = status
    return response


def _answer(ask: Ask, event_id: str) -> dict[str, Any] | None:
    """What became of the entry just saved."""
    if not Event.objects.filter(client_id=ask.client_id, id=event_id).exists():
        return None
    found = typed.decided(ask.client_id, event_id)
    return {
        "event": event_id,
        "is_decided": found.is_decided,
        "lines": [text for reason in found.reasons if (text := words.said(reason, "agent"))],
        "referrals": found.referrals,
    }


def _known(ask: Ask, form: Form) -> dict[str, Any]:
    """The person behind the contact and the referrer, where they are known already."""
    contact, referrer = form.text("contact"), form.text("referrer")
    friend = find(ask.client_id, contact) if contact else None
    owner = typed.referrer(ask.client_id, Form({"referrer": referrer})) if referrer else None
    parties = [
        one for one in (friend.id if friend and friend.kind == "party" else "", owner.party if owner else "") if one
    ]
    named = people(ask.client_id, parties, masked=ask.desk.is_masked)
    friend_id = friend.id if friend and friend.kind == "party" else ""
    mine = (
        Referral.objects.filter(client_id=ask.client_id, friend_id=friend_id).order_by("-created_at")
        if friend_id
        else ()
    )
    return {
        "friend_known": named.get(friend_id) if friend_id else None,
        "friend_referrals": list(mine[:3]) if friend_id else [],
        "referrer_known": named.get(owner.party) if owner else None,
        "referrer_is_code": bool(owner and "code" in owner.wire),
        "referrer_typed": bool(referrer),
    }


def _events(ask: Ask, form: Form, programs: tuple[tuple[str, str], ...]) -> list[dict[str, Any]]:
    """The sign-up, and the purchase where an order was given; none after something was said to be wrong."""
    assert ask.desk.client is not None
    program = form.text("program")
    if program and program not in dict(programs):
        form.refuse("program", _("This program is not known any more. Choose another one."))
    elif not program and len(programs) > 1:
        form.refuse("program", _("Choose the program: this client has several, and a code may count in more than one."))
    referrer = typed.referrer(ask.client_id, form)
    if not form.text("friend"):
        form.refuse("friend", _("Give the friend's name, as they want to be called."))
    contact = typed.contact(form)
    if form.text("consent") not in dict(CONSENTS):
        form.refuse(
            "consent",
            _(
                "Say how the friend agreed. Without their consent the contact may not be kept: let the referrer send the link."
            ),
        )
    order = typed.order(form, ask.desk.client.currency)
    _look_for_doubles(ask, form, referrer.party if referrer else "")
    once = form.text("once")
    if not _ONCE.match(once):
        form.refuse("", _("The form is incomplete. Open it anew; what you typed stays until then."))
    if form.wrong or referrer is None:
        return []
    person = {**contact, "name": form.text("friend"), "attributes": {"consent": form.text("consent")}}
    base: dict[str, Any] = {"person": person, **referrer.wire} | ({"program": program} if program else {})
    events = [{"id": f"entry-{once}-signup", "type": "signup", **base}]
    if order:
        events.append({"id": f"entry-{once}-purchase", "type": "purchase", **base, "order": order})
    return events


def _look_for_doubles(ask: Ask, form: Form, referrer: str) -> None:
    """A friend who is known already, and a referrer who refers themselves, are told before anything is kept."""
    contact = form.text("contact")
    found = find(ask.client_id, normal_email(contact) if "@" in contact else contact) if contact else None
    if found is None or found.kind != "party":
        return
    if found.id == referrer:
        form.refuse("contact", _("This is the referrer's own contact. Nobody can refer themselves."))
    elif not form.text("known"):
        form.refuse("known", _("This person is known already. Look first; tick the box to enter it all the same."))
