"""How do keys come, change and end? Each secret is shown once, on the page that answers the form, and kept nowhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from goodword.actions.clients import end_key, make_key
from goodword.actions.keys import roll_key
from goodword.actions.permissions import May
from goodword.errors import BadInput, NotFound
from goodword.store.sql.keys import TEST_SCOPE
from goodword.web import errors
from goodword.web.desk import doing
from goodword.web.desk.developers.room import EXPIRES_DAYS, context_of, curl_of
from goodword.web.desk.door import Ask, asking, page
from goodword.web.toasts import toast

_MADE = "keys_made"
_MADE_KEPT = 20


@require_POST
@asking(May.CREATE_KEY)
def create(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """A new key, told once. The same form sent again makes no second one."""
    if _is_again(request):
        return _said_before(ask, request)
    source = request.POST.get("source", "").strip() or "api"
    name = request.POST.get("name", "").strip()[:200].replace("\x00", "")
    scopes = request.POST.getlist("scope")
    expires = request.POST.get("expires", "")
    now = datetime.now(UTC)
    try:
        if not scopes:
            raise BadInput(_("The key would open nothing."), "", _("Choose at least one scope."))
        if expires and expires not in {str(days) for days in EXPIRES_DAYS}:
            raise BadInput(_("This is no time after which a key can end."), "", _("Choose one of the list."))
        with doing.chain_of(ask) as (chain, client):
            secret, key_id = make_key(
                chain, client, ask.desk.actor, name=name or f"{source} of {client.slug}", scopes=scopes, source=source,
                expires_at=now + timedelta(days=int(expires)) if expires else None, at=now,
            )  # fmt: skip
    except BadInput as refusal:
        typed = {"name": name, "source": source, "scopes": scopes, "expires": expires}
        return _refused(ask, request, refusal, typed)
    return _shown_once(
        ask, request, secret, key_id, now, can_send="events:write" in scopes, is_test=scopes == [TEST_SCOPE]
    )


@require_POST
@asking(May.CREATE_KEY)
def roll(ask: Ask, request: HttpRequest, id: str) -> HttpResponseBase:
    """A successor, told once; the old key works on for the hours that were chosen."""
    if _is_again(request):
        return _said_before(ask, request)
    now = datetime.now(UTC)
    hours = request.POST.get("hours", "")
    try:
        overlap = int(hours) if hours.isdecimal() and len(hours) < 6 else -1
        with doing.chain_of(ask) as (chain, client):
            secret, key_id = roll_key(chain, client, ask.desk.actor, id, overlap_hours=overlap, at=now)
    except NotFound as refusal:
        return errors.refused(request, 404, refusal)
    except BadInput as refusal:
        return _refused(ask, request, refusal, {})
    return _shown_once(ask, request, secret, key_id, now, old_ends_at=now + timedelta(hours=overlap))


@require_POST
@asking(May.REVOKE_KEY)
def revoke(ask: Ask, request: HttpRequest, id: str) -> HttpResponseBase:
    """The key opens nothing from now on."""
    try:
        with doing.chain_of(ask) as (chain, client):
            row = end_key(chain, client, ask.desk.actor, id, at=datetime.now(UTC))
    except NotFound as refusal:
        return errors.refused(request, 404, refusal)
    except BadInput:
        toast(request, _("This key had ended already. Nothing is left to do."), tone="wait")
        return HttpResponseRedirect(reverse("developers", args=[ask.slug]), status=303)
    toast(request, _("The key …%(last4)s opens nothing any more.") % {"last4": row.last4})
    return HttpResponseRedirect(reverse("developers", args=[ask.slug]), status=303)


def _shown_once(
    ask: Ask, request: HttpRequest, secret: str, key_id: str, now: datetime,
    *, can_send: bool = True, is_test: bool = False, old_ends_at: datetime | None = None,
) -> HttpResponseBase:  # fmt: skip
    made = request.session.get(_MADE, [])
    request.session[_MADE] = [*made, request.POST.get("nonce", "")][-_MADE_KEPT:]
    context = {
        "secret": secret,
        "key_id": key_id,
        "curl": curl_of(ask, request, secret, now, is_test=is_test) if can_send or is_test else "",
        "is_test": is_test,
        "old_ends_at": old_ends_at,
        "has_no_overlap": old_ends_at == now,
        "home": reverse("developers", args=[ask.slug]),
        "events_href": reverse("events", args=[ask.slug]) + "?show=all",
    }
    return page(request, "goodword/developers/key_made.html", context)


def _is_again(request: HttpRequest) -> bool:
    nonce = request.POST.get("nonce", "")
    return bool(nonce) and nonce in request.session.get(_MADE, [])


def _said_before(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    toast(
        request,
        _("This form had made its key already, and the key was shown then. If it was lost, end it and make another."),
        tone="wait",
    )
    return HttpResponseRedirect(reverse("developers", args=[ask.slug]), status=303)


def _refused(ask: Ask, request: HttpRequest, refusal: BadInput, typed: dict[str, Any]) -> HttpResponseBase:
    context = context_of(ask, request) | {"refusal": refusal, "key": typed}
    response = page(request, "goodword/developers/home.html", context)
    response.status_code = 422
    return response
