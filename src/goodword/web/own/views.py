"""Which lists has somebody given a name? Kept and given up here; the lists themselves show them."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode

from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from goodword.store import own
from goodword.web import rooms
from goodword.web.shell import Desk, desk_of
from goodword.web.toasts import toast

_LONGEST_NAME = 60
_LONGEST_QUERY = 1_000
# Where one is in a list is no part of the view of it.
_PLACES = frozenset({"after", "before", "page", "cursor"})
_ROOM = re.compile(r"[a-z_]{1,40}\Z")


def _client_of(request: HttpRequest, slug: str) -> tuple[Desk, str]:
    desk = desk_of(request)
    if desk is None or desk.client is None or desk.client.slug != slug:
        raise Http404
    return desk, desk.client.id


def _address(room: str, slug: str) -> str:
    try:
        return rooms.address_of(rooms.room(room), slug)
    except KeyError:
        return ""


def narrowed(query: str) -> str:
    """The query of an address without the place within its list."""
    kept = [(name, value) for name, value in parse_qsl(query[:_LONGEST_QUERY]) if name not in _PLACES]
    return urlencode(kept)


@require_POST
def keep(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Give the list on the screen a name."""
    desk, client_id = _client_of(request, slug)
    room = request.POST.get("room", "")
    address = _address(room, slug) if _ROOM.match(room) else ""
    if not address:
        raise Http404
    name = " ".join(request.POST.get("name", "").replace("\x00", "").split())[:_LONGEST_NAME]
    query = narrowed(request.POST.get("query", ""))
    back = f"{address}?{query}" if query else address
    if not name:
        toast(request, _("A view needs a name. Nothing was kept."), tone="wait")
    elif not own.keep_view(client_id, desk.user.id, room, name, query, is_team="team" in request.POST):
        toast(request, _("There are 50 views of yours here already. Give one up first; nothing was kept."), tone="wait")
    else:
        toast(request, _("The view is kept. You find it under Views."))
    return HttpResponseRedirect(back, status=303)


@require_POST
def drop(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Give up a view of one's own."""
    desk, client_id = _client_of(request, slug)
    view_id = request.POST.get("view", "")
    gone = own.drop_view(client_id, desk.user.id, view_id) if re.fullmatch(r"[0-9a-f]{32}", view_id) else None
    if gone is None:
        toast(request, _("This view is not yours, or is gone already."), tone="wait")
    else:
        toast(request, _("The view is given up."))
    room = request.POST.get("room", "")
    back = _address(room, slug) if _ROOM.match(room) else ""
    return HttpResponseRedirect(back or reverse("home"), status=303)
