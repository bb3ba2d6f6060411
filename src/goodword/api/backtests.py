"""What would a document have decided on what really happened? Started, watched and stopped; nothing is written.

An outcome lives in this process for an hour. Few run at once, for each folds a whole history in memory.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from goodword.actions.backtest_told import as_data, line_of
from goodword.actions.backtesting import Backtest, Cancelled, backtest
from goodword.actions.opening import chain_of_installation
from goodword.api.door import Asked, Refused, keyed, told
from goodword.api.programs import not_read, read_body
from goodword.core.terms import Terms
from goodword.errors import GoodwordError

PATIENCE_SECONDS = 2.0  # a small history is judged within it: then the answer is the result
KEPT_SECONDS = 3_600
MOST_KEPT = 20
MOST_RUNNING = 2
MOST_LINES = 1_000

log = logging.getLogger(__name__)


@dataclass
class Running:
    """A backtest under way or done."""

    id: str
    client_id: str
    document: dict[str, Any]
    terms: Terms
    since: datetime | None
    done: int = 0
    of: int = 0
    found: Backtest | None = None
    refusal: dict[str, str] | None = None
    started: float = field(default_factory=time.monotonic)
    wants_end: threading.Event = field(default_factory=threading.Event)
    is_over: threading.Event = field(default_factory=threading.Event)

    def progress(self, done: int, of: int) -> bool:
        """Take note of how far it is; go on unless it was stopped."""
        self.done, self.of = done, of
        return not self.wants_end.is_set()

    def run(self) -> None:
        """Judge history, on a connection of its own, in a transaction that cannot write."""
        try:
            with chain_of_installation() as chain:
                self.found = backtest(
                    chain.conn,
                    chain.vault,
                    self.client_id,
                    self.document,
                    self.terms,
                    since=self.since,
                    progress=self.progress,
                )
        except Cancelled:
            self.refusal = {"code": "stopped", "what": "It was stopped."}
        except GoodwordError as refusal:
            self.refusal = refusal.as_data()
        except Exception as trouble:
            self.refusal = {"code": "failed", "what": "It was cut short.", "why": type(trouble).__name__}
            log.error("a backtest of %s was cut short: %s", self.client_id, type(trouble).__name__)
        finally:
            self.is_over.set()

    def as_data(self) -> dict[str, Any]:
        """How it stands: under way with its progress, refused with the reason, or the outcome."""
        state = {"id": self.id, "program": self.terms.program, "done": self.done, "of": self.of}
        if not self.is_over.is_set():
            return state | {"state": "running"}
        if self.found is None:
            return state | {"state": "refused", "refusal": self.refusal}
        changed = [line_of(outcome) for outcome in self.found.comparison.changed]
        lines = {"changed": changed[:MOST_LINES], "changed_in_all": len(changed)}
        return state | {"state": "done", "outcome": as_data(self.found), **lines}


_lock = threading.Lock()
_known: dict[str, Running] = {}


@keyed({"POST": "programs:read"})
def begun(asked: Asked, request: HttpRequest) -> HttpResponseBase:
    """Judge history by the document in the body; `?since=2026-03-01`. 200 with the outcome, or 202 and where to look."""
    read = read_body(asked, request)
    if not isinstance(read, tuple):
        return not_read(read)
    document, terms = read
    one = Running(uuid.uuid4().hex, asked.client.id, document, terms, _since(request))
    with _lock:
        _forget_old()
        if sum(not known.is_over.is_set() for known in _known.values()) >= MOST_RUNNING:
            raise Refused(429, "Busy", "Other backtests are under way; ask again in a minute.", "busy")
        _known[one.id] = one
    threading.Thread(target=one.run, name="backtest", daemon=True).start()
    one.is_over.wait(PATIENCE_SECONDS)
    response = told(one.as_data(), 200 if one.is_over.is_set() else 202)
    response["Location"] = f"/v1/backtests/{one.id}"
    return response


@keyed({"GET": "programs:read", "DELETE": "programs:read"})
def one_of_them(asked: Asked, request: HttpRequest, id: str) -> HttpResponseBase:
    """GET: how it stands. DELETE: stop it and forget it."""
    one = _known.get(id)
    if one is None or one.client_id != asked.client.id:
        raise Refused(404, "Not found", "There is no such backtest, or it was forgotten.", "not_found")
    if request.method == "DELETE":
        one.wants_end.set()
        with _lock:
            _known.pop(id, None)
        return HttpResponse(status=204)
    return told(one.as_data())


def _forget_old() -> None:
    now = time.monotonic()
    over = [known for known in _known.values() if known.is_over.is_set()]
    for known in over:
        if now - known.started > KEPT_SECONDS:
            _known.pop(known.id, None)
    for known in sorted(over, key=lambda known: known.started)[: max(0, len(_known) - MOST_KEPT + 1)]:
        _known.pop(known.id, None)


def _since(request: HttpRequest) -> datetime | None:
    text = request.GET.get("since", "")
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(422, "Not a day", "since is a day such as 2026-03-01.", "since_invalid") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
