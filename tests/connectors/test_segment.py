"""What does each Segment message mean, read by the translator alone?"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from goodword.connectors import segment
from goodword.connectors.segment import Item, Unreadable
from goodword.core.events import Event, parse_event

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ORDER = {"type": "track", "userId": "b", "event": "Order Completed"}


def read(*messages: Any, path: str = "/v1/batch", **body: Any) -> list[Item]:
    sent = {"batch": list(messages), **body} if path == "/v1/batch" else {**messages[0], **body}
    return segment.read(path, json.dumps(sent).encode(), received_at=NOW, currency="EUR")


def one(**message: Any) -> dict[str, Any]:
    (item,) = read({"messageId": "m1", "userId": "bob", "timestamp": "2026-11-01T10:00:00.000Z", **message})
    assert item.event is not None, item.problems
    event = parse_event(json.dumps(item.event).encode(), received_at=NOW, source="segment", token=lambda kind, value: value)
    assert isinstance(event, Event), event
    return item.event


def test_an_identify_is_an_update_of_the_person() -> None:
    traits = {"email": "bob@x.test", "firstName": "Bob", "lastName": "B.", "plan": "gold", "companySize": 4,
              "address": {"street": "Lane 1", "postalCode": "10115", "country": "DE"}}  # fmt: skip
    event = one(type="identify", traits=traits)
    assert event["type"] == "update"
    assert event["person"] == {
        "id": "bob", "email": "bob@x.test", "name": "Bob B.", "attributes": {"plan": "gold", "company_size": 4},
        "address": {"line1": "Lane 1", "postcode": "10115", "country": "DE"},
    }  # fmt: skip


def test_an_alias_joins_the_earlier_visitor_to_the_person() -> None:
    event = one(type="alias", previousId="anon-7")
    assert (event["type"], event["visitor"], event["person"]["id"]) == ("update", "anon-7", "bob")


@pytest.mark.parametrize("url", ["https://a.example/x?via=ANA7K2", "https://a.example/?a=1&ref=ANA7K2#top"])
def test_a_page_with_a_code_is_a_touch(url: str) -> None:
    event = one(type="page", anonymousId="anon", userId=None, context={"page": {"url": url}})
    assert (event["type"], event["code"], event["visitor"]) == ("click", "ANA7K2", "anon")
    assert "person" not in event
    assert one(type="page", properties={"url": "https://a.example/"})["type"] == "page"


def test_a_sign_up_carries_its_code() -> None:
    event = one(type="track", event="Signed Up", properties={"referral_code": "ANA7K2"}, context={"traits": {"email": "b@x.test"}})
    assert (event["type"], event["code"], event["person"]["email"]) == ("signup", "ANA7K2", "b@x.test")


@pytest.mark.parametrize(
    ("properties", "amount"),
    [
        ({"total": 54.10}, "54.1"),
        ({"total": "54.10", "revenue": 1}, "54.10"),
        ({"revenue": 40, "tax": 8.62, "shipping": 4.9}, "53.52"),
        ({"value": 7}, "7"),
        ({"total": 0.1, "tax": 0.02}, "0.1"),
    ],
)
def test_an_order_is_a_purchase_of_what_was_paid(properties: dict[str, Any], amount: str) -> None:
    event = one(type="track", event="Order Completed", properties={"order_id": 8831, **properties})
    assert event["type"] == "purchase"
    assert (event["order"]["id"], event["order"]["amount"], event["order"]["currency"]) == ("8831", amount, "EUR")


def test_products_become_items_and_a_coupon_the_code() -> None:
    products = [{"sku": "A1", "category": "shoes", "quantity": 2, "price": 27.0}]
    event = one(
        type="track", event="order completed", properties={"order_id": "1", "total": 54, "coupon": "ANA7K2", "products": products}
    )
    assert event["code"] == "ANA7K2"
    assert event["order"]["items"] == [{"sku": "A1", "category": "shoes", "quantity": 2, "amount": "27.0"}]


def test_refunds_and_cancellations_take_back() -> None:
    assert one(type="track", event="Order Refunded", properties={"order_id": "1", "total": 5})["type"] == "refund"
    whole = one(type="track", event="Order Refunded", properties={"order_id": "1"})
    assert (whole["type"], whole["cancels"]) == ("cancel", "order")
    assert one(type="track", event="Order Cancelled", properties={"order_id": "1", "total": 5})["type"] == "cancel"


@pytest.mark.parametrize(
    ("name", "type"),
    [
        ("Quote Sent", "quote_sent"),
        ("quoteSent", "quote_sent"),
        ("Überweisung erhalten", "uberweisung_erhalten"),
        ("Purchase", "track_purchase"),
        ("Review", "track_review"),
        ("3rd Visit", "track_3rd_visit"),
        ("購入", "track_"),
    ],
)
def test_other_calls_keep_their_own_name(name: str, type: str) -> None:
    assert one(type="track", event=name)["type"] == type


def test_a_wrong_clock_is_corrected_and_an_absurd_one_is_not() -> None:
    message = {"type": "track", "event": "A", "messageId": "1", "userId": "b", "timestamp": "2026-11-22T09:00:00Z"}

    def at(sent_at: datetime) -> datetime:
        (item,) = read(message, sentAt=sent_at.isoformat())
        assert item.event is not None
        return datetime.fromisoformat(item.event["at"])

    assert at(NOW - timedelta(hours=3)) == datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    assert at(NOW - timedelta(seconds=2)) == datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    assert at(NOW - timedelta(days=400)) == datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def test_what_differs_on_a_retry_is_no_part_of_the_basis() -> None:
    message = {"type": "track", "event": "A", "userId": "b", "properties": {"total": 1.10}}
    first = read({**message, "sentAt": "2026-11-22T09:00:00Z"})[0]
    again = read({**message, "sentAt": "2026-11-22T09:05:00Z", "_metadata": {"retry": 1}})[0]
    assert first.event is not None and again.event is not None
    assert first.basis == again.basis and first.event["id"] == again.event["id"]
    other = read({**message, "properties": {"total": 1.20}})[0]
    assert other.basis != first.basis


@pytest.mark.parametrize(
    ("message", "field"),
    [
        (7, ""),
        ({"type": "dance", "userId": "b"}, "type"),
        ({"type": "track", "event": "A"}, "userId"),
        ({"type": "track", "event": "A", "userId": None, "anonymousId": None}, "userId"),
        ({"type": "track", "userId": "b", "event": " "}, "event"),
        ({"type": "track", "userId": "b", "event": "A", "timestamp": "soon"}, "timestamp"),
        (ORDER | {"properties": {}}, "properties.order_id"),
        (ORDER | {"properties": {"order_id": 1, "total": True}}, "properties.total"),
        (ORDER | {"properties": {"order_id": 1, "total": "1e5"}}, "properties.total"),
        ({"type": "group", "userId": "b"}, "groupId"),
        ({"type": "alias", "userId": "b"}, "previousId"),
        ({"type": "track", "userId": "b", "event": "A", "properties": {"text": "x" * 33_000}}, ""),
    ],
)
def test_a_message_that_means_nothing_says_where(message: Any, field: str) -> None:
    (item,) = read(message)
    assert item.event is None and item.problems[0].field == field
    assert item.problems[0].why and item.problems[0].repair


def test_single_calls_and_one_letter_paths() -> None:
    for path, call in (("/v1/track", "track"), ("/v1/t", "track")):
        (item,) = read({"userId": "b", "event": "A", "messageId": "1"}, path=path)
        assert item.event is not None and item.event["type"] == "a", call
    (item,) = read({"userId": "b", "messageId": "1"}, path="/v1/i")
    assert item.event is not None and item.event["type"] == "update"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b'{"batch": {}}', b"[" * 9000, b"\xff\xfe", b" " * 600_000])
def test_a_request_that_cannot_be_read_is_refused_whole(body: bytes) -> None:
    with pytest.raises(Unreadable):
        segment.read("/v1/batch", body, received_at=NOW, currency="EUR")
