"""What stands around every page? Headers that confine it, and the one door to a client's rows, open for the whole answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils import timezone

from goodword.store.models import User
from goodword.store.reads.desk import served_by
from goodword.store.scope import scoped_response, user_scope
from goodword.web.errors import read_only
from goodword.web.own import preferences
from goodword.web.seeing import is_refused, seen
from goodword.web.shell import Desk

Answer = Callable[[HttpRequest], HttpResponseBase]

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_CLIENT_PATH = re.compile(r"/c(?:/([^/]*))?(?:/|\Z)")
_ALL_CLIENTS = re.compile(r"/(?:today|all)(?:/|\Z)")
_LAST_CLIENT = "client"


class Compressed(GZipMiddleware):
    """Answers travel compressed, padded at random so that their size tells nothing of a page's secrets.

    Compressing weakens the mark of a style sheet; who comes back with it is understood, and is not sent the same again.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Read a weak mark as the one that it was made of."""
        mark = request.META.get("HTTP_IF_NONE_MATCH", "")
        if mark.startswith("W/"):
            request.META["HTTP_IF_NONE_MATCH"] = mark.removeprefix("W/")


class SecurityHeaders:
    """No foreign code, frames or forms; pages that show people are kept by nobody on the way."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        response["X-Frame-Options"] = "DENY"  # for browsers that do not know frame-ancestors
        response.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        response.setdefault("X-Robots-Tag", "noindex")
        response.setdefault("Cache-Control", "private, no-store")
        return response


class ClientScope:
    """Everything under /c/<slug>/ runs inside that client's scope, if the person serves it; else it does not exist.

    `/today` and `/all/` read the rows of all clients that the person serves and write none.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        under_client = _CLIENT_PATH.match(request.path_info)
        over_all = _ALL_CLIENTS.match(request.path_info)
        user = request.user
        if not isinstance(user, User) or not user.is_authenticated:
            if under_client or over_all:
                return HttpResponseRedirect(f"{settings.LOGIN_URL}?next={quote(request.get_full_path(), safe='/')}")
            return self.get_response(request)
        preferences.speak(user)
        with user_scope(user.id):
            house, served = served_by(user.id)
        seeing = None
        if as_another := seen(request, house, served):
            seeing, house, served = as_another
            if is_refused(request):
                return read_only(request)
        client = next((one for one in served if under_client and one.slug == under_client[1]), None)
        is_stream = request.path_info.endswith("/live")  # of a window in the background, maybe: nobody went there now
        if client is not None and not is_stream and request.session.get(_LAST_CLIENT) != client.slug:
            request.session[_LAST_CLIENT] = client.slug
        last = next((one for one in served if one.slug == request.session.get(_LAST_CLIENT)), served[0] if served else None)
        desk = Desk(user, served, client, house, last, seeing)
        request.desk = desk  # type: ignore[attr-defined]  # Django's requests carry what middleware puts there
        if over_all:
            return scoped_response(self.get_response, request, [one.id for one in served], user_id=user.id)
        if not under_client:
            return self.get_response(request)
        if client is None:
            raise Http404  # the same answer for a client of others and for none at all
        with timezone.override(desk.zone):
            return scoped_response(self.get_response, request, [client.id], write=client.id, user_id=user.id)
