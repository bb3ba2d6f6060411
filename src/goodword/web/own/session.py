"""How long is somebody still signed in? Asked by the page, which warns before it ends and keeps what is being written."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from goodword import settings
from goodword.web.shell import desk_of

_SIGNED_IN_AT = "since"  # kept at the sign-in; the age of a session counts from there, however busy it is


@require_safe
def left(request: HttpRequest) -> HttpResponseBase:
    """The seconds that are left; 401 to whoever is signed out already."""
    if desk_of(request) is None:
        return HttpResponse(status=401)
    now = datetime.now(UTC)
    ends = []
    if isinstance(since := request.session.get(_SIGNED_IN_AT), int | float):
        ends.append(since + settings.number("session_hours") * 3600 - now.timestamp())
    if kept := Session.objects.filter(pk=request.session.session_key).first():
        ends.append((kept.expire_date - now).total_seconds())
    return JsonResponse({"seconds": max(0, int(min(ends, default=0)))})
