"""What does `POST /v1/events` answer to good events, to the same again, and to everything that can be wrong?"""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from goodword.store.sql.connect import connect
from tests.ingest.conftest import Front
from tests.ingest.front import add_key, purchase, until


@pytest.fixture
def acme(front: Front) -> Any:
    with front.server.client(front.acme.keys["all"]) as client:
        yield client


def only_error(answer: httpx.Response) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status_code and body["title"]
    (error,) = body["errors"]
    assert error["why"] and error["repair"]
    return dict(error)


def test_a_receipt_means_that_the_event_is_in_the_log(front: Front, acme: httpx.Client) -> None:
    answer = acme.post("/v1/events", json=purchase("e1"))
    assert answer.status_code == 202
    event_id = answer.json()["event"].removeprefix("evt_")
    assert answer.json()["duplicate"] is False and "idempotency-hit" not in answer.headers
    ((source, type_, facts),) = front.rows("SELECT source, type, facts FROM event WHERE id = %s::uuid", event_id)
    assert (source, type_) == ("api", "purchase")
    assert "bob" not in facts and "c-991" not in facts
    ((sealed,),) = front.rows("SELECT sealed FROM event_body WHERE id = %s::uuid", event_id)
    assert b"bob" not in bytes(sealed)


def test_the_same_again_is_the_first_receipt(acme: httpx.Client) -> None:
    first = acme.post("/v1/events", json=purchase("e2"))
    shuffled = json.dumps(dict(reversed(purchase("e2").items())), indent=2)
    again = acme.post("/v1/events", content=shuffled)
    assert again.status_code == 202 and again.headers["idempotency-hit"] == "true"
    assert again.json() == {"event": first.json()["event"], "duplicate": True}


def test_the_same_id_with_other_content_is_a_conflict(acme: httpx.Client) -> None:
    acme.post("/v1/events", json=purchase("e3"))
    answer = acme.post("/v1/events", json=purchase("e3", code="OTHER"))
    assert answer.status_code == 409
    assert only_error(answer)["field"] == "id"


def soon(**ahead: float) -> str:
    return (datetime.now(UTC) + timedelta(**ahead)).isoformat()


def order(**fields: Any) -> dict[str, Any]:
    return purchase("w1", order={"id": "w1", "amount": "1.00", "currency": "EUR"} | fields)


@pytest.mark.parametrize(
    ("body", "status", "field", "code"),
    [
        (b'{"id": "x", ', 400, "", "malformed"),
        (b"", 400, "", "malformed"),
        (b"[" * 5000, 400, "", "malformed"),
        (b'{"a":' * 4000 + b"1" + b"}" * 4000, 400, "", "malformed"),
        (b'{"id": "\xff\xfe"}', 400, "", "malformed"),
        (b"[]", 400, "", "empty"),
        (b"[1, 2", 400, "", "malformed"),
        (purchase("w1", id=7), 422, "id", "wrong_type"),
        (purchase("w1", id="x" * 201), 422, "id", "wrong_type"),
        (purchase("w1", type="Not A Type"), 422, "type", "wrong_type"),
        (purchase("w1", type="review"), 422, "type", "type_reserved"),
        (purchase("w1", at="yesterday"), 422, "at", "wrong_type"),
        (purchase("w1", at="2026-11-03T18:05:00"), 422, "at", "wrong_type"),
        (purchase("w1", at="9999-12-31T23:59:59-14:00"), 422, "at", "at_in_future"),
        (purchase("w1", at="0001-01-01T00:00:00+14:00"), 422, "at", "at_too_old"),
        (order(amount=54.0), 422, "order.amount", "money_not_text"),
        (order(amount="-1.00"), 422, "order.amount", "negative_amount"),
        (order(amount="9" * 15), 422, "order.amount", "bad_amount"),
        (order(amount="1e9"), 422, "order.amount", "bad_amount"),
        (order(amount="1.999"), 422, "order.amount", "bad_amount"),
        (order(currency="XYZ"), 422, "order.currency", "unknown_currency"),
        (purchase("w1", program="no-such"), 422, "program", "program_unknown"),
        (purchase("w1", data={"text": "x" * 33_000}), 413, "", "too_large"),
    ],
)
def test_wrong_input_names_the_place_and_the_repair(
    front: Front, acme: httpx.Client, body: Any, status: int, field: str, code: str
) -> None:
    before = front.count()
    answer = acme.post("/v1/events", content=body if isinstance(body, bytes) else json.dumps(body))
    assert answer.status_code == status, answer.text
    error = only_error(answer)
    assert (error["field"], error["code"]) == (field, code)
    assert front.count() == before


def test_a_little_ahead_of_the_clock_is_accepted_and_a_day_is_not(acme: httpx.Client) -> None:
    assert acme.post("/v1/events", json=purchase("ahead1", at=soon(minutes=4))).status_code == 202
    assert acme.post("/v1/events", json=purchase("ahead2", at=soon(hours=23))).status_code == 202
    answer = acme.post("/v1/events", json=purchase("ahead3", at=soon(hours=25)))
    assert answer.status_code == 422 and only_error(answer)["code"] == "at_in_future"


def test_good_neighbours_of_bad_items_are_kept(front: Front, acme: httpx.Client) -> None:
    acme.post("/v1/events", json=purchase("taken"))
    lines = [
        json.dumps(purchase("m1")),
        "{broken",
        json.dumps(purchase("m2", at="nonsense")),
        json.dumps(purchase("taken", code="OTHER")),
        "",
        json.dumps(purchase("m1")),
    ]
    headers = {"content-type": "application/x-ndjson"}
    answer = acme.post("/v1/events", content="\n".join(lines), headers=headers)
    assert answer.status_code == 207
    body = answer.json()
    assert (body["accepted"], body["rejected"]) == (2, 3)
    by_index = {result["index"]: result for result in body["results"]}
    assert by_index[0]["event"] == by_index[4]["event"] and by_index[4]["duplicate"]
    assert by_index[1]["errors"][0]["code"] == "malformed"
    assert by_index[2]["errors"][0]["field"] == "at" and by_index[2]["status"] == 422
    assert by_index[3]["status"] == 409
    again = acme.post("/v1/events", content=lines[0] + "\n" + lines[0], headers=headers)
    assert again.headers["idempotency-hit"] == "true"


def test_an_array_of_many(front: Front, acme: httpx.Client) -> None:
    events = [purchase(f"many{n}") for n in range(4_500)]
    answer = acme.post("/v1/events", json=events)
    assert (answer.status_code, answer.json()["accepted"]) == (207, 4_500)
    ids = {result["event"] for result in answer.json()["results"]}
    assert len(ids) == 4_500
    answer = acme.post("/v1/events", json=[{}] * 10_001)
    assert answer.status_code == 413 and only_error(answer)["code"] == "too_many"


def test_gzip_is_unpacked_and_a_bomb_is_not(acme: httpx.Client) -> None:
    packed = gzip.compress(json.dumps(purchase("zip1")).encode())
    assert acme.post("/v1/events", content=packed, headers={"content-encoding": "gzip"}).status_code == 202
    assert acme.post("/v1/events", content=packed).json()["duplicate"], "whatever the headers say"
    for bomb in (gzip.compress(b" " * 64_000_000), gzip.compress(b" " * 9_000_000) * 2):
        answer = acme.post("/v1/events", content=bomb)
        assert answer.status_code == 413 and only_error(answer)["code"] == "too_large"
    for broken in (packed[:-9], packed[:20] + b"xxxx" + packed[24:], b"\x1f\x8bnothing"):
        answer = acme.post("/v1/events", content=broken)
        assert answer.status_code == 400 and only_error(answer)["code"] == "malformed"


def test_a_body_over_the_limit_is_refused_while_it_is_read(front: Front, acme: httpx.Client) -> None:
    answer = acme.post("/v1/events", content=b" " * (16 * 1024 * 1024 + 1))
    assert answer.status_code == 413

    def endless() -> Any:
        for _ in range(40):
            yield b" " * 1_000_000

    with contextlib.suppress(httpx.HTTPError):  # hung up on while sending, which is an answer too
        assert acme.post("/v1/events", content=endless()).status_code == 413
    assert front.server.client().get("/healthz").status_code == 200


def test_a_slow_client_holds_nobody_up(front: Front, acme: httpx.Client) -> None:
    """Sockets that promise much and send little: others are served meanwhile."""
    slow = []
    for _ in range(50):
        one = socket.create_connection(("127.0.0.1", front.server.port))
        key = front.acme.keys["all"]
        one.sendall(
            f"POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Length: 16000000\r\n\r\n".encode()
        )
        one.sendall(b" " * 1000)
        slow.append(one)
    assert acme.post("/v1/events", json=purchase("beside-the-slow")).status_code == 202
    for one in slow:
        one.close()


def test_keys_are_judged_one_by_one(front: Front) -> None:
    urls, acme = front.urls, front.acme
    add_key(urls.owner, acme, "expired", expires_at=datetime.now(UTC) - timedelta(minutes=1))
    add_key(urls.owner, acme, "reader", scopes=("codes:read",))
    revoked = add_key(urls.owner, acme, "revoked")
    with connect(urls.owner, "test") as conn:
        conn.execute("UPDATE api_key SET revoked_at = now() WHERE name = 'revoked'")
        conn.execute("UPDATE lane SET version = version + 1 WHERE client_id = %s::uuid", (acme.id,))

    def post(secret: str, **headers: str) -> tuple[int, str]:
        answer = front.server.client(secret).post("/v1/events", json=purchase("k1"), headers=headers)
        assert secret not in answer.text or not secret
        if answer.status_code == 401:
            assert answer.headers["www-authenticate"] == "Bearer"
        return answer.status_code, answer.json().get("code", "")

    door = front.server.client(revoked)
    until(lambda: door.get("/v1/codes/ALICE1").json().get("code") == "key_revoked")
    assert post("") == (401, "key_missing")
    assert post("gw_nonsense") == (401, "key_unknown")
    assert post(acme.keys["expired"]) == (401, "key_expired")
    assert post(revoked) == (401, "key_revoked")
    assert post(acme.keys["reader"]) == (403, "scope_missing")
    assert post(front.globex.keys["all"], **{"goodword-client": "acme"}) == (403, "key_of_another_client")
    assert post(acme.keys["all"], **{"goodword-client": "acme"}) == (202, "")


def test_a_key_that_is_made_now_works_now(front: Front) -> None:
    secret = add_key(front.urls.owner, front.globex, "fresh", source="shop")
    fresh = front.server.client(secret)
    until(lambda: fresh.post("/v1/events", json=purchase("fresh")).status_code == 202)
    other_stream = front.server.client(front.globex.keys["all"]).post("/v1/events", json=purchase("fresh"))
    assert other_stream.json()["duplicate"] is False, "the source is part of the idempotency key"


def test_the_same_id_of_two_clients_is_two_events(front: Front, acme: httpx.Client) -> None:
    mine = acme.post("/v1/events", json=purchase("shared"))
    theirs = front.server.client(front.globex.keys["all"]).post("/v1/events", json=purchase("shared"))
    assert theirs.json()["duplicate"] is False and theirs.json()["event"] != mine.json()["event"]


def decide(front: Front, event_id: str) -> None:
    """Stands in for the worker: a decision and its notification, in one transaction."""
    with connect(front.urls.engine, "worker") as conn, conn.transaction():
        conn.execute(
            "INSERT INTO decision (client_id, id, seq, event_id, cause, clock, decided_at, verdict, body)"
            " SELECT %s::uuid, gen_random_uuid(), 1 + coalesce(max(seq), 0), %s::uuid, 'event', now(), now(), 'touch_won',"
            " '{\"reasons\":[{\"code\":\"touch_won\"}]}' FROM decision",
            (front.acme.id, event_id),
        )
        conn.execute("SELECT pg_notify('goodword_decided', %s)", (front.acme.id,))


def test_prefer_wait_answers_with_the_decision(front: Front, acme: httpx.Client) -> None:
    def work() -> None:
        with connect(front.urls.engine, "worker") as conn:
            conn.execute("LISTEN goodword_lane")
            acme_started.set()
            for note in conn.notifies(timeout=10, stop_after=1):
                assert note.payload.replace("-", "") == front.acme.id
            ((event_id,),) = conn.execute("SELECT id FROM event ORDER BY seq DESC LIMIT 1").fetchall()
        decide(front, event_id)

    acme_started = threading.Event()
    worker = threading.Thread(target=work)
    worker.start()
    acme_started.wait()
    answer = acme.post("/v1/events", json=purchase("waited"), headers={"prefer": "respond-async, wait=8"})
    worker.join()
    assert answer.status_code == 200 and answer.headers["preference-applied"] == "wait=8"
    # An end of the wait looks at nothing any more: that there is a decision came by the notification.
    assert answer.json()["decision"]["verdict"] == "touch_won"
    reason = {"code": "touch_won", "passed": True, "value": None, "needed": None, "about": None}
    assert answer.json()["decision"]["reasons"] == [reason]
    again = acme.post("/v1/events", json=purchase("waited"), headers={"prefer": "wait=8"})
    assert again.status_code == 200 and again.json()["duplicate"] and again.json()["decision"]["reasons"]


def test_prefer_wait_without_a_decision_is_a_receipt(acme: httpx.Client) -> None:
    answer = acme.post("/v1/events", json=purchase("not-waited"), headers={"prefer": "wait=1"})
    assert answer.status_code == 202 and "preference-applied" not in answer.headers
    assert "decision" not in answer.json()


def test_declared_fields_are_plain_and_all_others_sealed(front: Front, acme: httpx.Client) -> None:
    answer = acme.post("/v1/events", json=purchase("plain", data={"tier": "gold", "note": "call Bob"}))
    event_id = answer.json()["event"].removeprefix("evt_")
    ((facts,),) = front.rows("SELECT facts FROM event WHERE id = %s::uuid", event_id)
    assert json.loads(facts)["data"] == {"tier": "gold"}


def test_health_and_unknown_routes(front: Front) -> None:
    answer = front.server.client().get("/healthz")
    assert answer.status_code == 200 and answer.json()["writer"] == "ok"


def test_nothing_personal_is_logged(front: Front) -> None:
    log = (front.server.folder / "web.log").read_text(errors="replace")
    assert "bob" not in log.lower() and "gw_" not in log
