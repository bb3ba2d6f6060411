"""How do Segment's and RudderStack's own clients talk to us? Their routes, keys and answers; the meaning is the connector's."""

from __future__ import annotations

import base64
import binascii
from typing import Any, Protocol

import msgspec

from goodword.connectors import segment
from goodword.core.events import Problem, ident
from goodword.ingest.http import NO_STORE, Refusal, Request, cors
from goodword.ingest.writer import Unavailable
from goodword.store.sql.intake import Intake
from goodword.store.sql.keys import ClientInfo, KeyBook, KeyInfo
from goodword.store.sql.log import LogRow, Receipt, Rejected

BODY_SECONDS = 30.0
_LONGEST_RETRY_S = 300
CORS = cors(b"authorization, content-type, x-retry-count, anonymousid")
METRICS_PATHS = frozenset({"/v1/m"})
POST_PATHS = segment.BATCH_PATHS | segment.MESSAGE_PATHS | METRICS_PATHS


class House(Protocol):
    """What these routes ask of the service around them."""

    keys: KeyBook

    def authorize_secret(self, request: Request, secret: str, scope: str) -> KeyInfo: ...

    def intake(self, key: KeyInfo, source: str) -> Intake: ...

    async def append(self, rows: list[LogRow], rejected: list[Rejected] = ...) -> list[Receipt]: ...


async def post_messages(house: House, request: Request) -> None:
    """200 {"success": true} once everything is durable: what can be used as events, the rest as rejected ones."""
    try:
        if request.path not in METRICS_PATHS:  # the library's own metrics say nothing to us
            await _take_in(house, request)
    except segment.Unreadable as error:
        return await _answer(request, 400, {"code": error.code, "message": error.message})
    except Refusal as refusal:
        return await _refuse(request, refusal)
    except Unavailable as error:
        return await _answer(
            request,
            error.status,
            {"code": error.code, "message": error.why},
            [(b"retry-after", b"%d" % min(error.retry_after_s, _LONGEST_RETRY_S))],
        )
    return await _answer(request, 200, {"success": True})


async def get_settings(house: House, request: Request) -> None:
    """What a browser library reads first; the write key in it is the one it was started with."""
    try:
        if request.path.startswith("/v1/projects/"):
            secret = request.path.removeprefix("/v1/projects/").partition("/")[0]
            house.authorize_secret(request, secret, "events:write")
            await _answer(request, 200, segment.settings(secret, request.header(b"host")))
        else:
            secret = _secret_of_headers(request) or request.query().get("writeKey", "")
            house.authorize_secret(request, secret, "events:write")
            await _answer(request, 200, segment.source_config(secret))
    except Refusal as refusal:
        await _refuse(request, refusal)


async def preflight(request: Request) -> None:
    """A browser asks whether it may."""
    await request.answer(204, b"", CORS)


async def _take_in(house: House, request: Request) -> None:
    body = await request.read(segment.BATCH_BYTES, BODY_SECONDS)
    # Content types and encodings are mislabelled by half of the clients: only the bytes tell.
    body = await request.unpack(body, segment.BATCH_BYTES)
    secret = _secret_of_headers(request) or request.query().get("writeKey", "") or segment.write_key(body) or ""
    key = house.authorize_secret(request, secret, "events:write")
    intake = house.intake(key, segment.SLUG)
    client = house.keys.client(key.client_id)
    items = segment.read(
        request.path, body, received_at=intake.received_at, currency=client.currency if isinstance(client, ClientInfo) else "EUR"
    )
    rows: list[LogRow] = []
    places: list[segment.Item] = []
    rejected: list[Rejected] = []
    for item in items:
        row = list(item.problems) if item.event is None else intake.row(msgspec.json.encode(item.event), item.basis)
        if isinstance(row, list):
            rejected.append(_rejected(intake, item, row))
        else:
            rows.append(row)
            places.append(item)
    receipts = await house.append(rows, rejected)
    late = [_rejected(intake, item, found) for item, receipt in zip(places, receipts, strict=True) if (found := _refused(receipt))]
    if late:
        await house.append([], late)


def _refused(receipt: Receipt) -> list[Problem]:
    if receipt.conflict:
        return [Problem("messageId", "is taken by other content", "use a new id for a new message", "id_taken")]
    return [receipt.problem] if receipt.problem else []


def _rejected(intake: Intake, item: segment.Item, problems: list[Problem]) -> Rejected:
    """Kept under an id made of the message, so that a retry does not keep it twice."""
    id = ident("rejected", intake.source, intake.keys.body_hash(item.basis).hex())
    _, sealed = intake.keys.seal_intake(id, intake.received_at.strftime("%Y-%m"), item.message)
    told: list[dict[str, Any]] = [{"index": item.index, **msgspec.structs.asdict(problem)} for problem in problems]
    return Rejected(intake.client_id, id, intake.received_at, intake.source, msgspec.json.encode(told).decode(), sealed)


def _secret_of_headers(request: Request) -> str:
    """The write key: user of Basic authentication, or a Bearer token."""
    kind, _, value = request.header(b"authorization").partition(" ")
    if kind.lower() == "bearer":
        return value.strip()
    if kind.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value.strip(), validate=True).decode("latin-1").partition(":")[0]
    except (binascii.Error, ValueError):
        return ""


async def _refuse(request: Request, refusal: Refusal) -> None:
    kept = [header for header in refusal.headers if header[0] in (b"retry-after", b"www-authenticate")]
    await _answer(request, refusal.status, {"code": refusal.code, "message": refusal.detail or refusal.title}, kept)


async def _answer(request: Request, status: int, value: Any, headers: list[tuple[bytes, bytes]] | None = None) -> None:
    await request.answer_json(status, value, [*CORS, NO_STORE, *(headers or [])])
