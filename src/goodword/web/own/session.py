"""Is somebody still signed in, and how long? Asked by the page before it sends a form, and to warn before the end."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import get_token
from django.views.decorators.http import require_safe

from goodword import settings
from goodword.web.shell import desk_of

_SIGNED_IN_AT = "since"  # kept at the sign-in; the age of a session counts from there, however busy it is


@require_safe
def left(request: HttpRequest) -> HttpResponseBase:
    """The seconds that are left; 401 to whoever is signed out already.

    The token of forms changes with every sign-in. A page that was open meanwhile takes the new one from here, so that what
    was typed before goes on after a sign-in in another window.
    """
    if desk_of(request) is None:
        return HttpResponse(status=401)
    now = datetime.now(UTC)
    ends = []
    if isinstance(since := request.session.get(_SIGNED_IN_AT), int | float):
        ends.append(since + settings.number("session_hours") * 3600 - now.timestamp())
    if kept := Session.objects.filter(pk=request.session.session_key).first():
        ends.append((kept.expire_date - now).total_seconds())
    left_seconds = max(0, int(min(ends, default=0)))
    return JsonResponse({"seconds": left_seconds, "token": get_token(request)}, headers={"Cache-Control": "no-store"})
