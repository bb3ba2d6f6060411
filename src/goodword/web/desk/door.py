"""May this person see this page? The one check in front of every page; it hands the view what it works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse

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


def asking_house(may: May | None) -> Callable[[View], View]:
    """The view gets the `Desk` before the request, if a role for the whole house has this permission.

    None: everybody who is signed in. A role for one client opens nothing of the house.
    """

    def around(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, **more: Any) -> HttpResponseBase:
            desk = desk_of(request)
            if desk is None:
                return redirect_to_login(request.get_full_path())
            if may is not None and may not in desk.may_house:
                raise PermissionDenied
            return view(desk, request, **more)

        return checked

    return around


def asking_somewhere(may: May) -> Callable[[View], View]:
    """The view gets the `Desk` if the person has this permission for at least one client; it looks at each by itself."""

    def around(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, **more: Any) -> HttpResponseBase:
            desk = desk_of(request)
            if desk is None:
                return redirect_to_login(request.get_full_path())
            if not desk.serving(may):
                raise PermissionDenied
            return view(desk, request, **more)

        return checked

    return around


def page(request: HttpRequest, template: str, context: dict[str, Any], *, fragment: str = "") -> TemplateResponse:
    """The whole page, or to htmx only the part that was asked for.

    `fragment` is a template of its own which the page includes, so both always say the same.
    """
    htmx = getattr(request, "htmx", None)  # where django-htmx has seen the request
    is_part = bool(fragment and htmx and not htmx.boosted)
    return TemplateResponse(request, fragment if is_part else template, context, headers={"Vary": "HX-Request"})
