"""May this person see this page? The one check in front of every page of a client; it hands the view what it works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from goodword.actions.permissions import May
from goodword.web.shell import Desk, desk_of


@dataclass(frozen=True)
class Ask:
    """Who asks, for which client."""

    desk: Desk
    client_id: str
    slug: str


View = Callable[..., HttpResponseBase]


def asking(may: May) -> Callable[[View], View]:
    """The view gets an `Ask` before the request, if the person has this permission for the client of the address."""

    def around(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, slug: str, **more: Any) -> HttpResponseBase:
            desk = desk_of(request)
            if desk is None or desk.client is None or desk.client.slug != slug:
                raise Http404
            if may not in desk.may:
                raise PermissionDenied
            return view(Ask(desk, desk.client.id, slug), request, **more)

        return checked

    return around
