"""Do Segment's own clients work unchanged, and is nothing that they send dropped in silence?"""

from __future__ import annotations

import base64
import gzip
import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import segment.analytics

from tests.ingest.conftest import Front


def basic(key: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}


def test_the_public_client_posts_to_the_running_server(front: Front) -> None:
    failures: list[Any] = []
    for packed in (False, True):
        client = segment.analytics.Client(
            front.acme.keys["all"], host=front.server.url, gzip=packed, on_error=lambda *seen: failures.append(seen)
        )
        client.identify(f"bob-{packed}", {"email": "bob@x.test", "plan": "gold"})
        client.track(f"bob-{packed}", "Signed Up", {"referral_code": "ALICE1"})
        order = {"order_id": f"o-{packed}", "total": 54.1, "currency": "EUR", "coupon": "ALICE1"}
        client.track(f"bob-{packed}", "Order Completed", order, timestamp=datetime(2026, 11, 1, tzinfo=UTC))
        client.page(anonymous_id="browser-1", properties={"url": "https://acme.example/?via=ALICE1"})
        client.flush()
        client.join()
    assert failures == []
    found = front.rows("SELECT type, facts FROM event WHERE source = 'segment' ORDER BY seq")
    assert [type_ for type_, _ in found] == ["update", "signup", "purchase", "click"] * 2
    assert '"a":5410' in found[2][1] and '"codes":["ALICE1"]' in found[2][1]
    assert all("bob" not in facts for _, facts in found)


def test_a_retry_with_a_later_clock_is_the_same_message(front: Front) -> None:
    message = {"type": "track", "messageId": "m-1", "userId": "bob", "event": "Signed Up", "timestamp": "2026-11-20T10:00:00Z"}
    before = front.count()
    for sent_at in ("2026-11-21T10:00:00Z", "2026-11-21T10:05:00Z"):
        body = {"batch": [message], "sentAt": sent_at}
        answer = httpx.post(f"{front.server.url}/v1/batch", json=body, headers=basic(front.acme.keys["all"]))
        assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert front.count() == before + 1
    assert front.rows("SELECT count(*) FROM rejected_event WHERE source = 'segment'") == [(0,)]


def test_bad_items_are_kept_for_people_and_good_ones_taken(front: Front) -> None:
    good = {"type": "track", "messageId": "g-1", "userId": "bob", "event": "Quote Sent"}
    bad = [
        {"type": "track", "messageId": "b-1", "userId": "bob"},
        {"type": "dance", "messageId": "b-2", "userId": "bob"},
        {"type": "track", "messageId": "g-1", "userId": "mallory", "event": "Quote Sent"},
        "text",
    ]
    for _ in range(2):
        answer = httpx.post(
            f"{front.server.url}/v1/batch", json={"batch": [good, *bad]}, headers=basic(front.acme.keys["all"])
        )
        assert (answer.status_code, answer.json()) == (200, {"success": True})
    kept = front.rows("SELECT problem, sealed FROM rejected_event WHERE source = 'segment' ORDER BY received_at, problem")
    assert len(kept) == len(bad), "a retry keeps them once"
    told = [json.loads(problem)[0] for problem, _ in kept]
    assert {(one["index"], one["field"]) for one in told} == {(1, "event"), (2, "type"), (3, "messageId"), (4, "")}
    assert all(b"mallory" not in bytes(sealed) for _, sealed in kept)


def test_a_browser_library_starts_and_sends(front: Front) -> None:
    key = front.acme.keys["all"]
    started = httpx.get(f"{front.server.url}/v1/projects/{key}/settings")
    assert started.json()["integrations"]["Segment.io"]["apiKey"] == key
    assert started.headers["access-control-allow-origin"] == "*"
    asked = httpx.options(f"{front.server.url}/v1/t", headers={"access-control-request-headers": "authorization"})
    assert asked.status_code == 204
    assert "x-retry-count" in asked.headers["access-control-allow-headers"]
    message = {"messageId": "w-1", "anonymousId": "browser-2", "userId": None, "event": "Wishlist Opened", "writeKey": key}
    sent = httpx.post(
        f"{front.server.url}/v1/t", content=json.dumps(message), headers={"content-type": "text/plain", "origin": "https://a.example"}
    )
    assert (sent.status_code, sent.json()) == (200, {"success": True})
    assert sent.headers["access-control-allow-origin"] == "*"
    assert front.count("wishlist_opened") == 1
    assert httpx.post(f"{front.server.url}/v1/m", json={"series": []}, headers=basic(key)).status_code == 200
    assert httpx.get(f"{front.server.url}/sourceConfig/", headers=basic(key)).json()["source"]["enabled"]


def test_the_unload_beacon_carries_its_key_in_the_address(front: Front) -> None:
    body = {"batch": [{"type": "track", "messageId": "beacon-1", "anonymousId": "b", "event": "Left Page"}]}
    address = f"{front.server.url}/beacon/v1/batch?writeKey={front.acme.keys['all']}"
    packed = gzip.compress(json.dumps(body).encode())
    answer = httpx.post(address, content=packed, headers={"content-type": "application/x-www-form-urlencoded"})
    assert answer.status_code == 200 and front.count("left_page") == 1


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"{}", {}, 401, "key_missing"),
        (b"{}", basic("gw_wrong"), 401, "key_unknown"),
        (b"{broken", None, 400, "malformed"),
        (b"[]", None, 400, "malformed"),
        (b'{"batch": 7}', None, 400, "malformed"),
        (b" " * (500 * 1024 + 1), None, 413, "too_large"),
    ],
)
def test_refusals_have_the_form_that_these_clients_show(
    front: Front, body: bytes, headers: dict[str, str] | None, status: int, code: str
) -> None:
    sent = basic(front.acme.keys["all"]) if headers is None else headers
    answer = httpx.post(f"{front.server.url}/v1/batch", content=body, headers=sent)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["message"] and answer.headers["access-control-allow-origin"] == "*"
