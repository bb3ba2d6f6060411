"""What protects my account, and where am I signed in? One page that says it, and the deeds that change it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.usersessions.internal.flows.sessions import end_other_sessions, end_sessions
from allauth.usersessions.models import UserSession
from django.contrib.auth import update_session_auth_hash
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from goodword.actions import lockout, second_factor
from goodword.actions import sign_in as act
from goodword.errors import BadInput
from goodword.store.models import User
from goodword.web import letters
from goodword.web.door import reachable
from goodword.web.door.forms import locked_words
from goodword.web.door.watch import roles_of
from goodword.web.sign_in import inside, signed_in_only
from goodword.web.toasts import toast


@dataclass(frozen=True)
class Place:
    """Somewhere the person is signed in."""

    number: int
    browser: str
    ip: str
    since: datetime
    seen_at: datetime
    is_here: bool


@require_GET
@signed_in_only
def account(request: HttpRequest, user: User) -> HttpResponseBase:
    """Password, second factors, recovery codes, sessions, and what this way of reaching the server cannot do."""
    found: dict[str, list[Authenticator]] = {}
    for one in Authenticator.objects.filter(user_id=user.id).order_by("created_at"):
        found.setdefault(one.type, []).append(one)
    codes = found.get(Authenticator.Type.RECOVERY_CODES)
    context = {
        "app": next(iter(found.get(Authenticator.Type.TOTP, [])), None),
        "passkeys": [(one, one.wrap().name) for one in found.get(Authenticator.Type.WEBAUTHN, [])],
        "has_second_factor": bool(set(found) & set(second_factor.KINDS)),
        "has_codes": codes is not None,
        "codes_left": len(codes[0].wrap().get_unused_codes()) if codes else 0,
        "is_demanded": second_factor.is_demanded(roles_of(request)),
        "places": _places(request, user),
        "is_secure_place": reachable.is_secure_place(request),
        "passkeys_work": reachable.passkeys_work(request),
    }
    return render(request, "goodword/door/account.html", context)


@require_GET
@signed_in_only
def second_factor_first(request: HttpRequest, user: User) -> HttpResponseBase:
    """Why there is nothing else yet, and the two ways on."""
    onward = inside(request, request.GET.get("next", "/"))
    if second_factor.has_one(user.id) or not second_factor.is_demanded(roles_of(request)):
        return HttpResponseRedirect(onward)
    return render(
        request, "goodword/door/second_factor_first.html", {"passkeys_work": reachable.passkeys_work(request)}
    )


@sensitive_post_parameters("old", "password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_only
def password(request: HttpRequest, user: User) -> HttpResponseBase:
    """Another password. It ends every other session."""
    context: dict[str, Any] = {"shortest": act.SHORTEST_PASSWORD}
    if request.method != "POST":
        return render(request, "goodword/door/password.html", context)
    now = datetime.now(UTC)
    status = 422
    if request.POST.get("password", "") != request.POST.get("again", ""):
        context |= {"field": "again", "error": _("The two passwords differ. Type the same one twice.")}
    else:
        try:
            if act.change_password(user, request.POST.get("old", ""), request.POST.get("password", ""), now):
                return _changed(request, user)
            context |= {"field": "old", "error": _("This is not your password now. Type the one you signed in with.")}
        except lockout.Locked as locked:
            context |= {"field": "old", "error": locked_words(locked, now)}
            status = 429
        except BadInput as refusal:
            context |= {"field": "password", "error": refusal.why}
    return render(request, "goodword/door/password.html", context, status=status)


def _changed(request: HttpRequest, user: User) -> HttpResponse:
    update_session_auth_hash(request, user)
    record_authentication(request, user, method="password", reauthenticated=True)
    UserSession.objects.create_from_request(request)
    letters.news(user, "password", datetime.now(UTC))
    toast(request, _("The new password holds. All other sessions were ended."))
    return HttpResponseRedirect(reverse("account"), status=303)


@require_POST
@signed_in_only
def end_others(request: HttpRequest, user: User) -> HttpResponseBase:
    """End every session but this one."""
    end_other_sessions(request, user)
    toast(request, _("All other sessions were ended."))
    return HttpResponseRedirect(f"{reverse('account')}#sessions", status=303)


@require_POST
@signed_in_only
def end_one(request: HttpRequest, user: User, number: int) -> HttpResponseBase:
    """End one session of one's own; others' do not exist."""
    session = UserSession.objects.filter(user_id=user.id, pk=number).first()
    if session is None:
        raise Http404
    was_here = session.is_current()
    end_sessions(request, [session])
    if was_here:
        return HttpResponseRedirect(reverse("sign_in"), status=303)
    toast(request, _("That session was ended."))
    return HttpResponseRedirect(f"{reverse('account')}#sessions", status=303)


def _places(request: HttpRequest, user: User) -> list[Place]:
    places = [
        Place(
            number=one.pk,
            browser=reachable.browser_of(one.user_agent),
            ip="" if one.ip == "0.0.0.0" else one.ip,
            since=one.created_at,
            seen_at=one.last_seen_at,
            is_here=one.is_current(),
        )
        for one in UserSession.objects.purge_and_list(user)
    ]
    return sorted(places, key=lambda place: (not place.is_here, -place.seen_at.timestamp()))
