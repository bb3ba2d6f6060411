"""May this person listen, and where does the client stand? Asked by `web.live` for each stream, again and again."""

from __future__ import annotations

import json

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from goodword.store.reads.standing import decided_of_all
from goodword.web import live
from goodword.web.shell import desk_of

_AGAIN_MS = 3000


@require_GET
def listen(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The first words of a stream. A server that cannot hold it open lets the browser ask again every few seconds."""
    desk = desk_of(request)
    if desk is None or desk.client is None or desk.client.slug != slug:
        raise Http404
    return _standing(slug, [desk.client.id], desk.user.id.hex)


@require_GET
def listen_to_all(request: HttpRequest) -> HttpResponseBase:
    """The same for a page over all clients: one stream, which speaks when something was decided for any of them."""
    desk = desk_of(request)
    if desk is None or not desk.served:
        raise Http404
    return _standing(None, sorted(one.id for one in desk.served), desk.user.id.hex)


def _standing(slug: str | None, client_ids: list[str], person_id: str) -> HttpResponse:
    told = json.dumps({"client": slug, "decision": decided_of_all(client_ids)})
    response = HttpResponse(
        f"retry: {_AGAIN_MS}\nevent: standing\ndata: {told}\n\n",
        content_type="text/event-stream; charset=utf-8",
    )
    response["Cache-Control"] = "private, no-store, no-transform"
    response["X-Accel-Buffering"] = "no"  # a proxy that gathers answers would keep a stream for itself
    response[live.CLIENT_HEADER.decode()] = " ".join(client_ids)
    response[live.PERSON_HEADER.decode()] = person_id
    return response
