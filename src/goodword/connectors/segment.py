"""What does a Segment or RudderStack message mean to us? Its calls, page views and orders as native events.

Names follow the e-commerce part of the Segment specification; a track call that we do not know becomes an event of its own name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from goodword.core.events import ACTS, EVENT_BYTES, Problem, ident

SLUG = "segment"
BATCH_BYTES = 500 * 1024
CODE_NAMES = ("ref", "via", "fpr", "fp_ref", "refcode", "referral")
_CALLS = ("track", "identify", "page", "screen", "group", "alias")
_PATHS = {f"/v1/{call}": call for call in _CALLS} | {f"/v1/{call[0]}": call for call in _CALLS}
BATCH_PATHS = frozenset({"/v1/batch", "/v1/b", "/v1/import", "/beacon/v1/batch"})
MESSAGE_PATHS = frozenset(_PATHS)
_UNSTABLE = ("sentAt", "writeKey", "receivedAt", "_metadata")  # differ on a retry of the same message
_BELIEVED_SKEW = timedelta(days=2)
_SMALLEST_SKEW = timedelta(seconds=30)  # less is the way here, not the clock

_SIGNUPS = frozenset(("signed up", "sign up", "signup", "account created", "user signed up", "user registered", "registered"))
_ORDERS = {
    "order completed": "purchase",
    "completed order": "purchase",
    "order paid": "purchase",
    "order refunded": "refund",
    "order cancelled": "cancel",
    "order canceled": "cancel",
}
_SHAPED = frozenset(("purchase", "renewal", "refund", "cancel", "click", "share", "claim"))  # native types with rules of their own

_decode = msgspec.json.Decoder(float_hook=Decimal).decode


class Item(msgspec.Struct, frozen=True):
    """One message: its place, itself, and the native event it means, or what is wrong with it.

    `basis` is the part that stays the same when the client sends the message again: the idempotency hash is taken over it.
    """

    index: int
    message: bytes
    basis: bytes
    event: dict[str, Any] | None = None
    problems: tuple[Problem, ...] = ()


class Unreadable(Exception):
    """The request as a whole is refused: (code, message) as the clients of this protocol show them."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def read(path: str, body: bytes, *, received_at: datetime, currency: str) -> list[Item]:
    """Every message of a request as a native event. `currency` is the client's own, for orders that name none."""
    if len(body) > BATCH_BYTES:
        raise Unreadable("too_large", f"a request may hold {BATCH_BYTES // 1024} KB")
    try:
        sent = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unreadable("malformed", f"the body is not JSON: {error}") from None
    if not isinstance(sent, dict):
        raise Unreadable("malformed", "the body is not a JSON object")
    if path in MESSAGE_PATHS:
        messages: Any = [{"type": _PATHS[path], **sent}]
    else:
        messages = sent.get("batch")
    if not isinstance(messages, list):
        raise Unreadable("malformed", '"batch" is not a list of messages')
    skew = _skew(sent.get("sentAt"), received_at)
    return [_item(n, message, skew, received_at, currency) for n, message in enumerate(messages)]


def write_key(body: bytes) -> str | None:
    """The write key in a body, for senders that cannot set headers."""
    try:
        return msgspec.json.decode(body, type=_Keyed).writeKey
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def settings(key: str, host: str) -> dict[str, Any]:
    """What a browser library reads at its start: one destination, us."""
    return {
        "integrations": {"Segment.io": {"apiKey": key, "apiHost": f"{host}/v1", "unbundledIntegrations": []}},
        "plan": {"track": {"__default": {"enabled": True}}, "identify": {"__default": {"enabled": True}}},
    }


def source_config(key: str) -> dict[str, Any]:
    """The same for RudderStack's browser library: a source without further destinations."""
    off = {"enabled": False}
    return {
        "source": {
            "id": "goodword",
            "name": "Goodword",
            "writeKey": key,
            "enabled": True,
            "workspaceId": "goodword",
            "config": {"statsCollection": {"errors": off, "metrics": off}},
            "connections": [],
            "destinations": [],
            "dataplanes": {},
        }
    }


class _Keyed(msgspec.Struct):
    writeKey: str | None = None


# -- one message -------------------------------------------------------------------------------------------------------


def _item(n: int, message: Any, skew: timedelta, received_at: datetime, currency: str) -> Item:
    raw = msgspec.json.encode(message)
    if not isinstance(message, dict):
        return Item(n, raw, raw, None, (_wrong("", "is not an object", "send one object a message"),))
    if len(raw) > EVENT_BYTES:
        why = f"{len(raw)} bytes; a message may hold {EVENT_BYTES}"
        return Item(n, raw, raw, None, (Problem("", why, "leave out what nobody needs", "too_large"),))
    stable = {name: value for name, value in message.items() if name not in _UNSTABLE}
    basis = msgspec.json.encode(stable, order="sorted")
    reading = _Reading(message, received_at, skew, currency)
    event = reading.event(basis)
    if reading.problems:
        return Item(n, raw, basis, None, tuple(reading.problems))
    return Item(n, raw, basis, event)


class _Reading:
    """A message being read: collects what is wrong on the way."""

    def __init__(self, message: dict[str, Any], received_at: datetime, skew: timedelta, currency: str) -> None:
        self.message, self.received_at, self.skew, self.currency = message, received_at, skew, currency
        self.context = _mapping(message.get("context"))
        self.problems: list[Problem] = []

    def event(self, basis: bytes) -> dict[str, Any]:
        call = self.message.get("type")
        if call not in _CALLS:
            self.problems.append(_wrong("type", f"{_shown(call)} is not a call", f"send one of {', '.join(_CALLS)}"))
            return {}
        user_id, anonymous_id = _id(self.message.get("userId")), _id(self.message.get("anonymousId"))
        if user_id is None and anonymous_id is None:
            self.problems.append(_wrong("userId", "and anonymousId are both missing", "send one of them"))
        event: dict[str, Any] = {
            "id": _id(self.message.get("messageId")) or f"auto-{ident(basis.decode())}",
            "type": call,
            "at": self._at(),
        }
        if person := self._person(call, user_id):
            event["person"] = person
        if anonymous_id:
            event["visitor"] = anonymous_id
        if context := self._context():
            event["context"] = context
        getattr(self, f"_{call}")(event)
        return event

    def _at(self) -> str:
        for name in ("timestamp", "originalTimestamp", "sentAt"):
            written = self.message.get(name)
            if written is None:
                continue
            at = _moment(written)
            if at is None:
                why = f"{_shown(written)} is not a moment"
                self.problems.append(_wrong(name, why, 'send ISO 8601 with an offset: "2026-11-03T18:05:00.000Z"'))
                return ""
            own = _skew(self.message.get("sentAt"), self.received_at) if self.message.get("sentAt") else self.skew
            return (at + own).isoformat()
        return self.received_at.isoformat()

    def _person(self, call: str, user_id: str | None) -> dict[str, Any]:
        traits = _mapping(self.context.get("traits"))
        if call == "identify":
            traits = traits | _mapping(self.message.get("traits"))
        person: dict[str, Any] = {"id": user_id} if user_id else {}
        for name in ("email", "phone"):
            if isinstance(traits.get(name), str) and traits[name]:
                person[name] = traits[name]
        if not person:
            return {}
        names = [traits.get("firstName"), traits.get("lastName")]
        full = traits.get("name") or " ".join(part for part in names if isinstance(part, str))
        if isinstance(full, str) and full:
            person["name"] = full
        if address := _address(traits.get("address")):
            person["address"] = address
        if call == "identify":
            own = ("email", "phone", "name", "firstName", "lastName", "address")
            attributes = {_snake(name): _plain(value) for name, value in traits.items() if name not in own}
            if attributes:
                person["attributes"] = attributes
        return person

    def _context(self) -> dict[str, Any]:
        found = {
            "ip": self.context.get("ip"),
            "user_agent": self.context.get("userAgent"),
            "device": _mapping(self.context.get("device")).get("id"),
            "locale": self.context.get("locale"),
            "channel": _mapping(self.context.get("campaign")).get("medium"),
        }
        return {name: value for name, value in found.items() if isinstance(value, str) and value}

    # one method a call

    def _identify(self, event: dict[str, Any]) -> None:
        event["type"] = "update"

    def _alias(self, event: dict[str, Any]) -> None:
        """The earlier id is a visitor of this person from now on."""
        event["type"] = "update"
        previous = _id(self.message.get("previousId"))
        if previous is None:
            self.problems.append(_wrong("previousId", "is missing", "send the id that the person had before"))
            return
        event["visitor"] = previous
        event["data"] = {"previous_id": previous}

    def _group(self, event: dict[str, Any]) -> None:
        group_id = _id(self.message.get("groupId"))
        if group_id is None:
            self.problems.append(_wrong("groupId", "is missing", "send the id of the company"))
            return
        traits = _mapping(self.message.get("traits"))
        organization = {"id": group_id, "name": traits.get("name"), "domain": traits.get("domain")}
        event["organization"] = {name: value for name, value in organization.items() if isinstance(value, str)}
        event["data"] = _plain(traits)

    def _page(self, event: dict[str, Any]) -> None:
        """A page opened with a code in its address is a touch."""
        properties = _mapping(self.message.get("properties"))
        query = self._page_query(properties)
        if code := next((query[name] for name in CODE_NAMES if query.get(name)), None):
            event["type"], event["code"] = "click", code
            if query.get("click", "").startswith("clk_"):
                event["click"] = query["click"]
        event["data"] = _plain(properties) | _named(self.message.get("name"))

    def _screen(self, event: dict[str, Any]) -> None:
        event["data"] = _plain(_mapping(self.message.get("properties"))) | _named(self.message.get("name"))

    def _track(self, event: dict[str, Any]) -> None:
        name = self.message.get("event")
        if not isinstance(name, str) or not name.strip():
            self.problems.append(_wrong("event", "is missing", 'send the name of what happened, "Order Completed"'))
            return
        properties = _mapping(self.message.get("properties"))
        event["data"] = _plain(properties)
        if code := _id(properties.get("coupon")) or _id(properties.get("referral_code")):
            event["code"] = code
        folded = " ".join(name.split()).casefold()
        native = _ORDERS.get(folded)
        if folded in _SIGNUPS:
            event["type"] = "signup"
        elif native is None:
            event["type"] = _own_type(name)
        else:
            self._order(event, native, properties)

    def _order(self, event: dict[str, Any], native: str, properties: dict[str, Any]) -> None:
        order_id = _id(properties.get("order_id")) or _id(properties.get("orderId")) or _id(properties.get("checkout_id"))
        if order_id is None:
            self.problems.append(_wrong("properties.order_id", "is missing", "send the number of the order"))
            return
        event["type"] = native
        order: dict[str, Any] = {"id": order_id, "currency": properties.get("currency") or self.currency}
        for name in ("tax", "shipping", "discount"):
            if (text := self._money(properties, name)) is not None:
                order[name] = text
        if (amount := self._paid(properties)) is not None:
            order["amount"] = amount
        elif native == "refund":
            native = event["type"] = "cancel"  # a refund without an amount gives all of the order back
        if native == "cancel":
            event["cancels"] = "order"
        if isinstance(properties.get("products"), list) and native == "purchase":
            order["items"] = [self._product(n, product) for n, product in enumerate(properties["products"])]
        event["order"] = order

    def _paid(self, properties: dict[str, Any]) -> str | None:
        """What was paid: `total`; or `revenue`, which is without tax and shipping; or `value`."""
        if (total := self._money(properties, "total")) is not None:
            return total
        if (revenue := self._money(properties, "revenue")) is not None:
            parts = [revenue, *(self._money(properties, name) or "0" for name in ("tax", "shipping"))]
            return format(sum((Decimal(part) for part in parts), Decimal(0)), "f")
        return self._money(properties, "value")

    def _product(self, n: int, product: Any) -> dict[str, Any]:
        fields = _mapping(product)
        item: dict[str, Any] = {name: fields[name] for name in ("sku", "category") if isinstance(fields.get(name), str)}
        if type(fields.get("quantity")) is int:
            item["quantity"] = fields["quantity"]
        if (price := self._money(fields, "price", f"products[{n}].")) is not None:
            item["amount"] = price
        return item

    def _money(self, fields: dict[str, Any], name: str, within: str = "") -> str | None:
        """A decimal string from what JSON had there, digit by digit as sent; these clients send numbers."""
        value = fields.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
            number = Decimal(value)
            if number.is_finite() and abs(number.adjusted()) < 20:
                return format(number, "f")
        elif isinstance(value, str) and re.fullmatch(r"-?\d{1,15}(\.\d{1,6})?", value.strip()):
            return value.strip()
        self.problems.append(_wrong(f"properties.{within}{name}", f"{_shown(value)} is not an amount", "send a number such as 54.00"))
        return None

    def _page_query(self, properties: dict[str, Any]) -> dict[str, str]:
        page = _mapping(self.context.get("page"))
        for place in (properties.get("url"), properties.get("search"), page.get("url"), page.get("search")):
            if isinstance(place, str) and "?" in place:
                return dict(parse_qsl(urlsplit(place).query[:4096], max_num_fields=None))
        return {}


# -- small readings ----------------------------------------------------------------------------------------------------


def _skew(sent_at: Any, received_at: datetime) -> timedelta:
    """How far the sender's clock is behind ours. Small differences are the way here; absurd ones are not believed."""
    sent = _moment(sent_at)
    if sent is None:
        return timedelta(0)
    skew = received_at - sent
    return skew if _SMALLEST_SKEW < abs(skew) < _BELIEVED_SKEW else timedelta(0)


def _moment(text: Any) -> datetime | None:
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _id(value: Any) -> str | None:
    """An id; clients send numbers too, and explicit nulls."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return str(value)
    return value if isinstance(value, str) and value else None


def _named(name: Any) -> dict[str, Any]:
    return {"name": name} if isinstance(name, str) and name else {}


def _plain(value: Any) -> Any:
    """The same without decimals: a number with a fraction travels as its text, exactly as sent."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value


def _address(value: Any) -> dict[str, str]:
    names = {"street": "line1", "city": "city", "postalCode": "postcode", "postal_code": "postcode", "country": "country"}
    sent = _mapping(value)
    return {ours: sent[theirs] for theirs, ours in names.items() if isinstance(sent.get(theirs), str)}


def _own_type(name: str) -> str:
    """A native type name of a track call's own name; one that has rules of its own here is marked as foreign."""
    type = _snake(name)[:60]
    return f"track_{type}"[:60] if type in ACTS or type in _SHAPED or not type[:1].isalpha() else type


def _snake(name: str) -> str:
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", unicodedata.normalize("NFKD", str(name)))
    return re.sub(r"[^a-z0-9]+", "_", spaced.lower().encode("ascii", "ignore").decode()).strip("_")


def _shown(value: Any) -> str:
    return f'"{str(value)[:40]}"'


def _wrong(field: str, why: str, repair: str) -> Problem:
    return Problem(field, why, repair)
