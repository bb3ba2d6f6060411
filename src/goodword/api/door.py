"""Who asks? The API key of a request, what it may do, and refusals as RFC 9457 problems."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any, NamedTuple

import msgspec
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from goodword.actions.deeds import Actor
from goodword.actions.opening import Chain, ClientRow, chain_of_installation
from goodword.actions.permissions import PROGRAM_KEY
from goodword.errors import PROBLEM_TYPE, BadInput, GoodwordError, NotAllowed, NotFound, problem
from goodword.store.sql.keys import key_of

MOST_BODY_BYTES = 256 * 1024

View = Callable[..., HttpResponseBase]


class Asked(NamedTuple):
    """A request that may be answered: the open chain, the key's client, and who is noted as having done it."""

    chain: Chain
    client: ClientRow
    actor: Actor
    at: datetime
    source: str  # the stream that the key sends


class Refused(Exception):
    """Not carried out: a status and what to say."""

    def __init__(self, status: int, title: str, detail: str, code: str) -> None:
        super().__init__(title)
        self.status, self.title, self.detail, self.code = status, title, detail, code


def keyed(methods: dict[str, str]) -> Callable[[View], View]:
    """The view gets an `Asked` before the request, for a key with the scope that its method needs: {"GET": "programs:read"}."""

    def around(view: View) -> View:
        @csrf_exempt  # a key is sent on purpose by each request, never by a browser on its own
        @wraps(view)
        def answer(request: HttpRequest, **more: Any) -> HttpResponseBase:
            try:
                scope = methods.get(request.method or "")
                if scope is None:
                    takes = f"This address takes {', '.join(methods)}."
                    raise Refused(405, "Not that way", takes, "method_not_allowed")
                with chain_of_installation() as chain:
                    return view(_asked(chain, request, scope), request, **more)
            except Refused as refused:
                return said(refused.status, refused.title, refused.detail, code=refused.code)
            except GoodwordError as trouble:
                return _refusal(trouble)

        return answer

    return around


def _asked(chain: Chain, request: HttpRequest, scope: str) -> Asked:
    """A ladder: is there a key, is it known, does it still hold, and may it do this?"""
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    secret = secret.strip()
    if kind.lower() != "bearer" or not secret:
        raise Refused(401, "Who asks?", "Send an API key: Authorization: Bearer KEY.", "key_missing")
    now = datetime.now(UTC)
    key = key_of(chain.conn, secret)
    if key is None:
        raise Refused(401, "Who asks?", "This API key is not known.", "key_unknown")
    if key.revoked_at is not None:
        raise Refused(401, "Who asks?", "This API key was revoked. Use its successor.", "key_revoked")
    if key.expires_at is not None and key.expires_at <= now:
        raise Refused(401, "Who asks?", "This API key has expired. Use its successor.", "key_expired")
    if scope not in key.scopes:
        raise Refused(403, "Not allowed", f"This API key lacks the scope {scope}.", "scope_missing")
    return Asked(chain, chain.client_of(key.client_id), Actor(f"key_{key.id[:12]}", PROGRAM_KEY), now, key.source)


def body_of(request: HttpRequest) -> bytes:
    """The body, if it is not too large."""
    if len(request.body) > MOST_BODY_BYTES:
        raise Refused(413, "Too large", f"A document has at most {MOST_BODY_BYTES // 1024} KB.", "body_too_large")
    return request.body


def told(data: Any, status: int = 200) -> HttpResponse:
    """An answer in JSON."""
    return HttpResponse(msgspec.json.encode(data), status=status, content_type="application/json")


def said(status: int, title: str, detail: str, errors: Any = (), **more: Any) -> HttpResponse:
    """A refusal as a problem."""
    body = problem(status, title, detail, errors, **more)
    response = HttpResponse(msgspec.json.encode(body), status=status, content_type=PROBLEM_TYPE)
    if status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response


def _refusal(trouble: GoodwordError) -> HttpResponse:
    status = 404 if isinstance(trouble, NotFound) else 403 if isinstance(trouble, NotAllowed) else 422
    if not isinstance(trouble, NotFound | NotAllowed | BadInput):
        status = 503
    return said(status, trouble.what, " ".join(filter(None, (trouble.why, trouble.repair))), code=trouble.code)
