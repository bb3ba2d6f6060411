"""What would a document have decided on what really happened? Started, watched and stopped over HTTP; nothing is written."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from goodword.actions import judging
from goodword.actions.backtest_told import as_data, line_of
from goodword.actions.judging import Judging
from goodword.api.door import Asked, Refused, keyed, told
from goodword.api.programs import not_read, read_body

MOST_LINES = 1_000


@keyed({"POST": "programs:read"})
def begun(asked: Asked, request: HttpRequest) -> HttpResponseBase:
    """Judge history by the document in the body; `?since=2026-03-01`. 200 with the outcome, or 202 and where to look."""
    read = read_body(asked, request)
    if not isinstance(read, tuple):
        return not_read(read)
    document, terms = read
    id_, one = uuid.uuid4().hex, Judging(asked.client.id, document, terms, _since(request))
    if not judging.begin((asked.client.id, id_), one):
        raise Refused(429, "Busy", "Other backtests are under way; ask again in a minute.", "busy")
    response = told(_as_data(id_, one), 200 if one.is_over.is_set() else 202)
    response["Location"] = f"/v1/backtests/{id_}"
    return response


@keyed({"GET": "programs:read", "DELETE": "programs:read"})
def one_of_them(asked: Asked, request: HttpRequest, id: str) -> HttpResponseBase:
    """GET: how it stands. DELETE: stop it and forget it."""
    one = judging.of((asked.client.id, id))
    if one is None:
        raise Refused(404, "Not found", "There is no such backtest, or it was forgotten.", "not_found")
    if request.method == "DELETE":
        judging.forget((asked.client.id, id))
        return HttpResponse(status=204)
    return told(_as_data(id, one))


def _as_data(id_: str, one: Judging) -> dict[str, Any]:
    """How it stands: under way with its progress, refused with the reason, or the outcome."""
    state = {"id": id_, "program": one.program, "done": one.done, "of": one.of}
    if not one.is_over.is_set():
        return state | {"state": "running"}
    if one.found is None:
        return state | {"state": "refused", "refusal": _refusal(one)}
    changed = one.found.comparison.changed
    lines = {"changed": [line_of(outcome) for outcome in changed[:MOST_LINES]], "changed_in_all": len(changed)}
    return state | {"state": "done", "outcome": as_data(one.found), **lines}


def _refusal(one: Judging) -> dict[str, str]:
    if one.refusal is not None:
        return one.refusal.as_data()
    if one.was_stopped:
        return {"code": "stopped", "what": "It was stopped."}
    return {"code": "failed", "what": "It was cut short.", "why": "The reason is in the log of the server."}


def _since(request: HttpRequest) -> datetime | None:
    text = request.GET.get("since", "")
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(422, "Not a day", "since is a day such as 2026-03-01.", "since_invalid") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
