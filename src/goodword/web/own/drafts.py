"""What had somebody begun to write? Texts go to the server while they are typed, sealed, and come back after a lost session."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from goodword.store import own
from goodword.web.shell import desk_of

# A place names a thing of a page ("note:ref_0a1b"), never a person.
_PLACE = re.compile(r"[a-z][a-z0-9_:.-]{0,119}\Z")


@sensitive_post_parameters("text")
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: HttpRequest, slug: str) -> HttpResponseBase:
    """GET: the text begun at a place. POST: keep it; an empty one is forgotten."""
    desk = desk_of(request)
    if desk is None or desk.client is None or desk.client.slug != slug:
        raise Http404
    asked = request.POST if request.method == "POST" else request.GET
    place = asked.get("place", "")
    if not _PLACE.match(place):
        return JsonResponse({"wrong": _("This place is not known. Reload the page.")}, status=400)
    if request.method == "POST":
        text = request.POST.get("text", "").replace("\x00", "")
        own.keep_draft(desk.client.id, desk.user.id, place, text, at=datetime.now(UTC))
        return HttpResponse(status=204)
    return JsonResponse({"text": own.draft(desk.client.id, desk.user.id, place)})
