"""Is this an event, and may it come in? `POST /v1/events`: bodies to checked and sealed rows, receipts to answers."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from typing import Any, Protocol

import msgspec

from goodword.core.events import Problem
from goodword.ingest.http import NO_STORE, Refusal, Request
from goodword.ingest.writer import Unavailable
from goodword.store.sql.intake import Intake
from goodword.store.sql.keys import KeyInfo
from goodword.store.sql.log import LogRow, Receipt
from goodword.store.sql.waits import Decided, Listener, Wait

BODY_BYTES = 16 * 1024 * 1024
BODY_SECONDS = 30.0
EVENTS_A_REQUEST = 10_000
LONGEST_WAIT_S = 10
_SLICE = 200  # events parsed before other requests get their turn
_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,4})")
_HIT = (b"idempotency-hit", b"true")

_split_array = msgspec.json.Decoder(list[msgspec.Raw]).decode


class House(Protocol):
    """What the routes ask of the service around them."""

    listener: Listener

    def authorize(self, request: Request, scope: str) -> KeyInfo: ...

    def intake(self, key: KeyInfo, source: str) -> Intake: ...

    async def append(self, rows: list[LogRow]) -> list[Receipt]: ...

    def admit(self, events: int, size_bytes: int) -> None: ...

    async def decisions(self, wait: Wait, timeout_s: float, *, look_now: bool) -> dict[str, list[Decided]]: ...


async def post_events(house: House, request: Request) -> None:
    """One object -> 202 (or 200 with its decision); an array or NDJSON -> 207 with one result an item."""
    key = house.authorize(request, "events:write")
    body = await request.unpack(await request.read(BODY_BYTES, BODY_SECONDS), BODY_BYTES)
    intake = house.intake(key, key.source)
    is_lines = request.header(b"content-type").partition(";")[0].strip().lower() in (
        "application/x-ndjson",
        "application/ndjson",
        "application/jsonl",
    )
    if is_lines or body.lstrip()[:1] == b"[":
        await _post_many(house, request, intake, split(body, is_lines=is_lines))
    else:
        await _post_one(house, request, intake, body)


async def _post_one(house: House, request: Request, intake: Intake, body: bytes) -> None:
    row = intake.row(body)
    if isinstance(row, list):
        raise refusal_of(row)
    event_id = row.event.id
    wait_s = _preferred_wait(request)
    wait = house.listener.expect(intake.client_id, [event_id]) if wait_s else None
    try:
        receipt = (await house.append([row]))[0]
        if receipt.conflict:
            raise conflict(event_id)
        if receipt.problem:
            raise refusal_of([receipt.problem])
        headers = [NO_STORE, _HIT] if receipt.duplicate else [NO_STORE]
        found: list[Decided] = []
        if wait is not None:
            answers = await house.decisions(wait, wait_s, look_now=receipt.duplicate)
            found = answers.get(event_id, [])
    finally:
        if wait is not None:
            house.listener.drop(wait)
    answer: dict[str, Any] = {"event": f"evt_{event_id}", "duplicate": receipt.duplicate}
    if found:
        answer |= _decided(found)
        headers.append((b"preference-applied", b"wait=%d" % wait_s))
    await request.answer_json(200 if found else 202, answer, headers)


async def _post_many(house: House, request: Request, intake: Intake, items: list[bytes | Problem]) -> None:
    house.admit(len(items), sum(len(item) for item in items if isinstance(item, bytes)))
    results: list[dict[str, Any]] = [{}] * len(items)
    rows: list[LogRow] = []
    places: list[int] = []
    for start in range(0, len(items), _SLICE):
        for n in range(start, min(start + _SLICE, len(items))):
            item = items[n]
            row = [item] if isinstance(item, Problem) else intake.row(item)
            if isinstance(row, list):
                results[n] = _bad(n, 422, row)
            else:
                rows.append(row)
                places.append(n)
        await asyncio.sleep(0)
    receipts = await house.append(rows) if rows else []
    for n, receipt in zip(places, receipts, strict=True):
        results[n] = _result(n, receipt)
    accepted = sum("event" in result for result in results)
    hit = bool(receipts) and len(receipts) == len(items) and all(receipt.duplicate for receipt in receipts)
    await request.answer_json(
        207,
        {"accepted": accepted, "rejected": len(items) - accepted, "results": results},
        [NO_STORE, _HIT] if hit else [NO_STORE],
    )


def split(body: bytes, *, is_lines: bool) -> list[bytes | Problem]:
    """The single bodies of an array or of lines; a line that is no JSON fails alone, a broken array fails whole."""
    items: list[bytes | Problem]
    if is_lines:
        items = [line for line in body.split(b"\n") if line.strip()]
    else:
        try:
            items = [bytes(raw) for raw in _split_array(body)]
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise refusal_of([_malformed(error)]) from None
    if not items:
        raise refusal_of([Problem("", "holds no event", "send at least one event", "empty")])
    if len(items) > EVENTS_A_REQUEST:
        raise Refusal(
            413,
            "Too many",
            f"{len(items)} events; a request may hold {EVENTS_A_REQUEST}.",
            code="too_many",
            errors=[Problem("", f"more than {EVENTS_A_REQUEST} events", "send them in several requests", "too_many")],
        )
    return items


def refusal_of(problems: Iterable[Problem]) -> Refusal:
    """The answer to a body that is wrong: 413 too large, 400 not even JSON, 422 anything else."""
    listed = list(problems)
    codes = {problem.code for problem in listed}
    if "too_large" in codes:
        return Refusal(413, "Too large", "An event may hold 32 KB.", code="too_large", errors=listed)
    if codes & {"malformed", "empty"}:
        return Refusal(400, "Not readable", "The body is not JSON as expected.", code="malformed", errors=listed)
    return Refusal(422, "Not accepted", "The event was not taken in.", code="invalid", errors=listed)


def refusal_of_unavailable(error: Unavailable) -> Refusal:
    """Try again later: nothing was lost, nothing was acknowledged."""
    title = "Too many requests" if error.status == 429 else "Not available"
    return Refusal(error.status, title, error.why, code=error.code, retry_after_s=error.retry_after_s)


def conflict(event_id: str) -> Refusal:
    return Refusal(
        409,
        "Already there with other content",
        "An event with this id was accepted before, with another body. The first one stands.",
        code="id_taken",
        errors=[_taken(event_id)],
    )


def _taken(event_id: str) -> Problem:
    return Problem(
        "id",
        f"is taken by evt_{event_id} with other content",
        "use a new id for a new fact; to correct an order, send it again under a new id",
        "id_taken",
    )


def _result(n: int, receipt: Receipt) -> dict[str, Any]:
    if receipt.conflict:
        return _bad(n, 409, [_taken(receipt.event_id)])
    if receipt.problem:
        return _bad(n, 422, [receipt.problem])
    return {"index": n, "event": f"evt_{receipt.event_id}", "duplicate": receipt.duplicate}


def _bad(n: int, status: int, problems: list[Problem]) -> dict[str, Any]:
    return {"index": n, "status": status, "errors": [msgspec.structs.asdict(problem) for problem in problems]}


def _decided(found: list[Decided]) -> dict[str, Any]:
    bodies = [_told(one) for one in found]
    return {"decision": bodies[0]} if len(bodies) == 1 else {"decision": bodies[0], "decisions": bodies}


def _told(decided: Decided) -> dict[str, Any]:
    """A stored decision in full words: what is left out in storage because it is the rule stands here."""
    stored = msgspec.json.decode(decided.body, type=dict[str, Any])
    return {
        "verdict": decided.verdict,
        "reasons": [
            {
                "code": reason["code"],
                "passed": reason.get("passed", True),
                "value": reason.get("value"),
                "needed": reason.get("needed"),
                "about": reason.get("about"),
            }
            for reason in stored.get("reasons", ())
        ],
        "referrals": [{"id": f"ref_{id_}", "state": state} for id_, state in stored.get("referrals", ())],
        "entries": stored.get("entries", 0),
    }


def _preferred_wait(request: Request) -> int:
    asked = _WAIT.search(request.header(b"prefer"))
    return min(int(asked.group(1)), LONGEST_WAIT_S) if asked else 0


def _malformed(error: Exception) -> Problem:
    return Problem("", f"not valid JSON: {error}", "send JSON in UTF-8: one object, an array, or lines", "malformed")


