"""What is looked at on every request of somebody signed in? When and where they were last seen, and whether more proof is due."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import quote

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from allauth.account.signals import user_logged_in
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from allauth.usersessions.models import UserSession
from django.contrib.auth import logout
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import urlencode

from goodword import settings
from goodword.actions import second_factor
from goodword.actions.deeds import Actor
from goodword.store.models import User
from goodword.web.shell import desk_of

Answer = Callable[[HttpRequest], HttpResponseBase]

_SEEN_EVERY_SECONDS = 300
_SINCE = "since"
# What somebody may open who still has to set up their second factor.
_OPEN_WITHOUT = re.compile(r"/(?:account|sign-out|look|welcome)(?:/|\Z)")


class LastSeen:
    """Ends sessions that are too old, and notes when and from where the others were last used.

    The note is written every few minutes: a write on each request would cost more than it tells. The age counts from the
    sign-in, however busy the session is; the cookie alone would live on with every change.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        since = request.session.get(_SINCE)
        if since is not None and time.time() - since > settings.number("session_hours") * 3600:
            logout(request)
        response = self.get_response(request)
        user, key = request.user, request.session.session_key
        if key and user.is_authenticated and cache.add(f"seen:{key}", True, _SEEN_EVERY_SECONDS):
            UserSession.objects.create_from_request(request)
        return response


class SecondFactorFirst:
    """Leads whoever needs a second factor and has none to setting one up, before anything else."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        user, desk = request.user, desk_of(request)
        if (
            isinstance(user, User)
            and not (desk and desk.seeing)  # the roles are another's then, and their own let them in
            and not _OPEN_WITHOUT.match(request.path)
            and second_factor.is_demanded(roles_of(request))
            and not second_factor.has_one(user.id)
        ):
            return HttpResponseRedirect(f"{reverse('second_factor_first')}?next={quote(request.get_full_path())}")
        return self.get_response(request)


def roles_of(request: HttpRequest) -> frozenset[str]:
    """All roles of whoever asks, for any client and for the house."""
    desk = desk_of(request)
    if desk is None:
        return frozenset()
    own_house = desk.seeing.own_house if desk.seeing else desk.house  # seen as somebody else, one's own still count
    return own_house.union(*(client.within or client.roles for client in desk.served))


def fresh(request: HttpRequest) -> bool:
    """Whether the person proved within the last minutes that it is them: ask before money, keys and whole lists."""
    return bool(did_recently_reauthenticate(request))


def prove_again(request: HttpRequest, onward: str = "") -> HttpResponseRedirect:
    """Lead to proving it, and from there onward (by default: back to this page)."""
    return HttpResponseRedirect(
        f"{reverse('account_reauthenticate')}?{urlencode({'next': onward or request.get_full_path()})}"
    )


def _keep(verb: str) -> Callable[..., None]:
    def receiver(*, user: User, authenticator: object, **_: object) -> None:
        kind = getattr(authenticator, "type", "")
        second_factor.keep(user.id, Actor(user.id.hex, ""), f"user.second_factor_{verb}:{kind}", datetime.now(UTC))

    return receiver


def _came_in(*, request: HttpRequest, **_: object) -> None:
    """Signing in is proof as good as being asked again: whoever just came in is not asked twice.

    It is also rare enough to sweep up what ran out: nothing else deletes the sessions that nobody comes back to.
    """
    Session.objects.filter(expire_date__lt=datetime.now(UTC)).delete()
    request.session[_SINCE] = int(time.time())
    records = request.session.get("account_authentication_methods")
    if records:
        records[-1]["reauthenticated"] = True
        request.session["account_authentication_methods"] = records


_RECEIVERS = [
    (authenticator_added, _keep("added")),
    (authenticator_removed, _keep("removed")),
    (authenticator_reset, _keep("renewed")),
    (user_logged_in, _came_in),
]
for _signal, _receiver in _RECEIVERS:
    _signal.connect(_receiver, dispatch_uid=f"goodword.door.{id(_receiver)}", weak=False)
