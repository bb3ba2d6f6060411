"""What would a friend get now? `GET /v1/codes/CODE`: the promise behind a code, and why not where there is none."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

import msgspec

from goodword.catalog import SHELVES
from goodword.core.identities import normal_code
from goodword.core.reading import read_terms
from goodword.core.reasons import Reason, text_of
from goodword.core.terms import Terms
from goodword.ingest.http import NO_STORE, Refusal, Request
from goodword.store.sql.codes import CodeState
from goodword.store.sql.keys import KeyBook, KeyInfo


class House(Protocol):
    """What the code check asks of the service around it."""

    keys: KeyBook

    def authorize(self, request: Request, scope: str) -> KeyInfo: ...

    async def find_code(self, client_id: str, code: str) -> CodeState | None: ...

    async def live_document(self, client_id: str, program_id: str) -> tuple[str, str, int, datetime] | None: ...

    def now(self) -> datetime: ...


async def get_code(house: House, request: Request) -> None:
    """200 whatever the code is worth: `valid`, the friend's promises, and coded reasons with a text for the friend."""
    key = house.authorize(request, "codes:read")
    text = request.path.rpartition("/")[2]
    if len(text) > 100 or not text.isprintable():
        raise Refusal(404, "Not found", "This is not a code.", code="not_a_code")
    code = normal_code(text)
    client = house.keys.client(key.client_id)
    prefix = f"{client.code_prefix.upper()}-" if client and client.code_prefix else ""
    state = await house.find_code(key.client_id, code)
    if state is None and prefix and code.startswith(prefix):
        state = await house.find_code(key.client_id, code[len(prefix) :])
    reasons: list[Reason] = []
    terms: Terms | None = None
    if state is None:
        reasons.append(Reason("code_unknown", False, value=code))
    else:
        if state.has_ended(house.now()) and state.ended_at is not None:
            reasons.append(Reason("code_ended", False, value=state.code, needed=f"{state.ended_at:%Y-%m-%d}"))
        terms = await _live_terms(house, state)
        reasons.extend(_running(terms, house.now()))
    await request.answer_json(200, _answer(code, state, terms, reasons), [NO_STORE])


def _answer(code: str, state: CodeState | None, terms: Terms | None, reasons: list[Reason]) -> dict[str, Any]:
    return {
        "code": state.code if state else code,
        "valid": not reasons,
        "program": terms.program if terms else None,
        "name": terms.name if terms else None,
        "friend": [
            {"on": promise.on, "kind": promise.give.kind, "text": promise.kind.sentence(promise.give)}
            for promise in (terms.promises if terms and not reasons else ())
            if promise.to == "friend"
        ],
        "reasons": [
            {
                "code": reason.code,
                "value": reason.value,
                "needed": reason.needed,
                "text": text_of(reason, "friend"),
            }
            for reason in reasons
        ],
    }


async def _live_terms(house: House, state: CodeState) -> Terms | None:
    if state.program_id is None:
        return None
    live = await house.live_document(state.client_id, state.program_id)
    if live is None:
        return None
    _, document, number, live_from = live
    terms = read_terms(msgspec.json.decode(document), SHELVES, version=number, live_from=live_from)
    if isinstance(terms, list):
        raise Refusal(503, "Not available", "The live version of the program cannot be read.", code="program_unreadable")
    return terms


def _running(terms: Terms | None, now: datetime) -> list[Reason]:
    """Why a touch made now would not count."""
    if terms is None:
        return [Reason("not_running", False, value=f"{now:%Y-%m-%d}")]
    if terms.runs_from is not None and now < terms.runs_from:
        return [Reason("program_not_started", False, value=f"{now:%Y-%m-%d}", needed=f"{terms.runs_from:%Y-%m-%d}")]
    if terms.last_touch_at is not None and now > terms.last_touch_at:
        return [Reason("program_ended", False, value=f"{now:%Y-%m-%d}", needed=f"{terms.last_touch_at:%Y-%m-%d}")]
    if "code" not in terms.methods:
        return [Reason("method_not_allowed", False, value="code")]
    return []
