"""May this person listen, and where does the client stand? Asked by `web.live` for each stream, again and again."""

from __future__ import annotations

import json

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from goodword.store.reads.standing import decided_so_far
from goodword.web import live
from goodword.web.shell import desk_of

_AGAIN_MS = 3000


@require_GET
def listen(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The first words of a stream. A server that cannot hold it open lets the browser ask again every few seconds."""
    desk = desk_of(request)
    if desk is None or desk.client is None or desk.client.slug != slug:
        raise Http404
    told = json.dumps({"client": slug, "decision": decided_so_far(desk.client.id)})
    response = HttpResponse(
        f"retry: {_AGAIN_MS}\nevent: standing\ndata: {told}\n\n",
        content_type="text/event-stream; charset=utf-8",
    )
    response["Cache-Control"] = "private, no-store, no-transform"
    response["X-Accel-Buffering"] = "no"  # a proxy that gathers answers would keep a stream for itself
    response[live.CLIENT_HEADER.decode()] = desk.client.id
    response[live.PERSON_HEADER.decode()] = desk.user.id.hex
    return response
