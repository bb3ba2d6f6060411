"""What does a native event say? Reads it (contracts 1.1) into an Event that holds tokens, never personal values."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import msgspec

from goodword.core.amounts import LARGEST_MINOR, is_currency, to_minor
from goodword.core.happened import ACTS as ACTS
from goodword.core.happened import DISPUTES as DISPUTES
from goodword.core.happened import TAKES_BACK as TAKES_BACK
from goodword.core.happened import Event as Event
from goodword.core.happened import Line as Line
from goodword.core.happened import Order as Order
from goodword.core.happened import Problem as Problem
from goodword.core.happened import Subject as Subject
from goodword.core.happened import ident as ident
from goodword.core.identities import Token, identities, normal_address, normal_code

AHEAD_ACCEPTED = timedelta(minutes=5)
AHEAD_HELD = timedelta(days=1)
EVENT_BYTES = 32 * 1024
ACT_BYTES = 1024 * 1024  # an act of the house may carry a document and every text made of it

# -- what comes over the wire ------------------------------------------------------------------------------------------

TYPE_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")

_Text = Annotated[str, msgspec.Meta(max_length=500)]
_Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class _WirePerson(msgspec.Struct):
    id: _Text | None = None
    email: _Text | None = None
    phone: _Text | None = None
    name: _Text | None = None
    address: dict[str, Any] | None = None
    attributes: dict[str, Any] | None = None


class _WireAdvocate(msgspec.Struct):
    id: _Text | None = None
    email: _Text | None = None
    phone: _Text | None = None
    code: _Text | None = None


class _WireAgent(msgspec.Struct):
    id: _Text | None = None
    email: _Text | None = None


class _WireOrganization(msgspec.Struct):
    id: _Text | None = None
    name: _Text | None = None
    domain: _Text | None = None
    vat_id: _Text | None = None


class _WireCoupon(msgspec.Struct):
    code: _Text


class _WireItem(msgspec.Struct):
    sku: _Text | None = None
    category: _Text | None = None
    kind: _Text | None = None
    amount: str | None = None
    quantity: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 1


class _WireOrder(msgspec.Struct):
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    amount: str | None = None
    amount_minor: int | None = None
    currency: str | None = None
    tax: str | None = None
    shipping: str | None = None
    discount: str | None = None
    coupons: list[_WireCoupon] | None = None
    items: list[_WireItem] | None = None
    paid_at: _Moment | None = None


class _WireSubject(msgspec.Struct):
    kind: Annotated[str, msgspec.Meta(max_length=60)]
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    stage: str | None = None
    value: str | None = None
    currency: str | None = None


class _WireContext(msgspec.Struct):
    ip: _Text | None = None
    user_agent: str | None = None
    device: _Text | None = None
    payment: _Text | None = None
    channel: _Text | None = None
    country: _Text | None = None


class WireEvent(msgspec.Struct):
    """The native event as sent; unknown fields are let through here because the raw body is kept whole and sealed."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    type: Annotated[str, msgspec.Meta(pattern=f"^{TYPE_NAME.pattern}$")]
    at: _Moment
    program: Annotated[str, msgspec.Meta(max_length=100)] | None = None
    person: _WirePerson | None = None
    visitor: _Text | None = None
    code: _Text | None = None
    click: _Text | None = None
    advocate: _WireAdvocate | None = None
    agent: _WireAgent | None = None
    organization: _WireOrganization | None = None
    subject: _WireSubject | None = None
    order: _WireOrder | None = None
    cancels: str | None = None
    context: _WireContext | None = None
    data: dict[str, Any] | None = None
    act: dict[str, Any] | None = None


_decode_wire = msgspec.json.Decoder(WireEvent).decode
_encode_facts = msgspec.json.Encoder().encode
_decode_facts = msgspec.json.Decoder(Event).decode
_WHERE = re.compile(r" - at `\$\.?([^`]*)`")
_REPAIRS = {
    "at": 'send RFC 3339 with an offset, for example "2026-11-03T18:05:00+01:00"',
    "type": 'use lower case letters, digits and _ ("purchase", "plan_changed")',
    "id": "send your own id of this event, 1 to 200 characters, the same on every retry",
}


def parse_event(
    raw: bytes | dict[str, Any],
    *,
    received_at: datetime,
    source: str,
    token: Token,
    plain: frozenset[str] = frozenset(),
    acts: bool = False,
) -> Event | list[Problem]:
    """The Event in `raw`, or every problem found. `plain` names the `data` fields that terms declare not personal.

    `acts` lets the reserved types of the house through. Money becomes minor units, times UTC, identities tokens.
    """
    try:
        wire = _decode_wire(raw) if isinstance(raw, bytes) else msgspec.convert(raw, WireEvent)
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError) as error:
        return [_problem_of(error)]
    problems: list[Problem] = []
    _check_head(wire, received_at, acts, problems)
    order = _order_of(wire, token, plain, problems)
    subject = _subject_of(wire, token, problems)
    if problems:
        return problems
    person, context = wire.person, wire.context or _WireContext()
    attributes = _attributes_of(person) if person else {}
    return Event(
        id=token("event", f"{source}\x1f{wire.id}"),
        type=wire.type,
        at=wire.at.astimezone(UTC),
        source=source,
        program=wire.program,
        ids=identities(token, person.id, person.email, person.phone) if person else (),
        visitor=token("visitor", wire.visitor) if wire.visitor else None,
        click=token("click", wire.click) if wire.click else None,
        codes=_codes_of(wire),
        advocate=_named(wire.advocate, token) if wire.advocate else (),
        agent=identities(token, wire.agent.id, wire.agent.email, None) if wire.agent else (),
        organization=_organization_of(wire, token),
        subject=subject,
        order=order,
        cancels=wire.cancels,
        device=token("device", context.device) if context.device else None,
        payment=token("payment", context.payment) if context.payment else None,
        ip=token("ip", context.ip) if context.ip else None,
        channel=context.channel,
        country=context.country,
        household=_household_of(person, token) if person else None,
        data={name: value for name, value in (wire.data or {}).items() if name in plain},
        act=wire.act or {},
        has_attributes=bool(attributes),
        attributes=attributes,
    )


def encode_facts(event: Event) -> bytes:
    """The event as it may lie in plain columns: attributes stay behind, sealed with the body."""
    return _encode_facts(msgspec.structs.replace(event, attributes={}) if event.attributes else event)


def decode_facts(facts: bytes | str) -> Event:
    """The inverse of `encode_facts`."""
    return _decode_facts(facts)


def attributes_in(raw: bytes) -> dict[str, Any]:
    """The person's attributes in a body that was accepted before; facts do not carry them."""
    person = _decode_wire(raw).person
    return _attributes_of(person) if person else {}


def personal_in(raw: bytes) -> dict[str, Any]:
    """What a body says about its person in plain words: name, e-mail, phone, address, own id."""
    person = _decode_wire(raw).person
    if person is None:
        return {}
    found = {
        "id": person.id,
        "name": person.name,
        "email": person.email,
        "phone": person.phone,
        "address": person.address,
    }
    return {field: value for field, value in found.items() if value}


def advocate_in(raw: bytes) -> dict[str, Any]:
    """What a body says about the advocate it names: own id, e-mail, phone."""
    sent = _decode_wire(raw).advocate
    found = {"id": sent.id, "email": sent.email, "phone": sent.phone} if sent else {}
    return {field: value for field, value in found.items() if value}


def organization_in(raw: bytes) -> dict[str, Any]:
    """What a body says about its organization in plain words: name, domain, tax number, own id."""
    sent = _decode_wire(raw).organization
    if sent is None:
        return {}
    found = {"id": sent.id, "name": sent.name, "domain": sent.domain, "vat_id": sent.vat_id}
    return {field: value for field, value in found.items() if value}


def canonical_body(raw: bytes | dict[str, Any]) -> bytes:
    """The body with sorted keys: what the idempotency hash is taken over."""
    return msgspec.json.encode(msgspec.json.decode(raw) if isinstance(raw, bytes) else raw, order="sorted")


# -- the parts ---------------------------------------------------------------------------------------------------------


def _problem_of(error: Exception) -> Problem:
    text = str(error)
    where = _WHERE.search(text)
    field = where.group(1) if where else ""
    if isinstance(error, UnicodeDecodeError):
        return Problem("", "not valid UTF-8", "send JSON in UTF-8", "malformed")
    if isinstance(error, msgspec.DecodeError) and not isinstance(error, msgspec.ValidationError):
        return Problem("", f"not valid JSON: {text}", "send one JSON object in UTF-8", "malformed")
    why = _WHERE.sub("", text)
    missing = re.search(r"missing required field `(\w+)`", why)
    if missing:
        field = f"{field}.{missing.group(1)}".lstrip(".")
    leaf = field.rsplit(".", 1)[-1]
    if leaf in ("amount", "tax", "shipping", "discount", "value") and ("float" in why or "int" in why):
        return Problem(
            field, f"money must not be a number: {why}", 'send a decimal string, for example "54.00"', "money_not_text"
        )
    return Problem(
        field,
        why,
        _REPAIRS.get(leaf, "see the event format in the documentation"),
        "wrong_type" if where else "invalid",
    )


def _check_head(wire: WireEvent, received_at: datetime, acts: bool, problems: list[Problem]) -> None:
    if wire.type in ACTS and not acts:
        problems.append(
            Problem(
                "type", f'"{wire.type}" is reserved for acts of the house', "use a name of your own", "type_reserved"
            )
        )
    if wire.at > received_at + AHEAD_HELD:
        problems.append(
            Problem(
                "at",
                f"{wire.at.isoformat()} is more than a day ahead of the clock",
                "check the sender's clock and offset",
                "at_in_future",
            )
        )
    if wire.at.year < 1990:
        problems.append(
            Problem("at", f"{wire.at.isoformat()} is too long ago", "send the moment when it happened", "at_too_old")
        )
    if wire.type in ("purchase", "renewal", "refund") and wire.order is None:
        problems.append(
            Problem(
                "order",
                f"a {wire.type} needs its order",
                'send "order": {"id": ..., "amount": ..., "currency": ...}',
                "missing",
            )
        )
    if wire.type == "signup" and wire.person is None:
        problems.append(Problem("person", "a signup needs the person", 'send "person": {"id": ...}', "missing"))
    if wire.person and not (wire.person.id or wire.person.email or wire.person.phone):
        problems.append(Problem("person", "names nobody", 'send at least one of "id", "email" and "phone"', "missing"))


def _order_of(wire: WireEvent, token: Token, plain: frozenset[str], problems: list[Problem]) -> Order | None:
    sent = wire.order
    if sent is None:
        return None
    order_id = token("order", sent.id)
    if sent.amount is None and sent.amount_minor is None:
        if wire.type in ("purchase", "renewal", "refund"):
            problems.append(
                Problem("order.amount", "is missing", 'send a decimal string, for example "54.00"', "missing")
            )
        return Order(order_id, sent.currency or "", 0)
    if sent.currency is None or not is_currency(sent.currency):
        why = "is missing" if sent.currency is None else f'"{sent.currency[:12]}" is not a known currency'
        problems.append(
            Problem("order.currency", why, 'send an ISO 4217 code in upper case, for example "EUR"', "unknown_currency")
        )
        return None
    money: dict[str, int] = {}
    for name in ("amount", "tax", "shipping", "discount"):
        text = getattr(sent, name)
        if text is not None:
            money[name] = _money(text, sent.currency, f"order.{name}", problems)
    if sent.amount_minor is not None:
        if abs(sent.amount_minor) > LARGEST_MINOR:
            problems.append(
                Problem(
                    "order.amount_minor", "is beyond the largest amount accepted", "check the amount", "absurd_amount"
                )
            )
        money["amount"] = sent.amount_minor
    if money.get("amount", 0) < 0:
        problems.append(
            Problem(
                "order.amount",
                "must not be negative",
                'send what was paid; what is given back is an event of type "refund"',
                "negative_amount",
            )
        )
    lines = _lines_of(sent, plain, problems)
    items = None if lines is None else sum(line.amount_minor * line.quantity for line in lines)
    return Order(
        order_id,
        sent.currency,
        money.get("amount", 0),
        money.get("tax", 0),
        money.get("shipping", 0),
        money.get("discount", 0),
        items,
        lines if any(name.startswith("item.") for name in plain) else None,
    )


def _lines_of(sent: _WireOrder, plain: frozenset[str], problems: list[Problem]) -> tuple[Line, ...] | None:
    """The items of an order; what they are only as far as terms declare it."""
    if sent.items is None or sent.currency is None:
        return None
    found = []
    for n, item in enumerate(sent.items):
        amount = 0
        if item.amount is not None:
            amount = _money(item.amount, sent.currency, f"order.items[{n}].amount", problems)
        told = {name: getattr(item, name) for name in ("sku", "category", "kind") if f"item.{name}" in plain}
        found.append(Line(amount, item.quantity, **told))
    return tuple(found)


def _money(text: str, currency: str, field: str, problems: list[Problem]) -> int:
    try:
        return to_minor(text, currency)
    except ValueError as error:
        problems.append(Problem(field, str(error), 'send a decimal string, for example "54.00"', "bad_amount"))
        return 0


def _subject_of(wire: WireEvent, token: Token, problems: list[Problem]) -> Subject | None:
    sent = wire.subject
    if sent is None:
        return None
    value: int | None = None
    if sent.value is not None:
        if sent.currency is None or not is_currency(sent.currency):
            problems.append(
                Problem(
                    "subject.currency",
                    "is missing or unknown",
                    'send an ISO 4217 code, for example "EUR"',
                    "unknown_currency",
                )
            )
        else:
            value = _money(sent.value, sent.currency, "subject.value", problems)
    return Subject(sent.kind, token("subject", f"{sent.kind}\x1f{sent.id}"), sent.stage, value, sent.currency)


def _codes_of(wire: WireEvent) -> tuple[str, ...]:
    codes = [wire.code] if wire.code else []
    if wire.order and wire.order.coupons:
        codes.extend(coupon.code for coupon in wire.order.coupons)
    return tuple(dict.fromkeys(normal_code(code) for code in codes))


def _attributes_of(person: _WirePerson) -> dict[str, Any]:
    country = (person.address or {}).get("country")
    known = {"country": country} if country else {}
    return known | (person.attributes or {})


def _household_of(person: _WirePerson, token: Token) -> str | None:
    """Who lives together: the household that the sender declares, else the address in its normal form."""
    declared = (person.attributes or {}).get("household")
    if isinstance(declared, str | int) and str(declared).strip():
        return token("household", str(declared).strip().casefold())
    form = normal_address(person.address or {})
    return token("household", form) if form else None


def _named(sent: _WireAdvocate, token: Token) -> tuple[tuple[str, str], ...]:
    known = identities(token, sent.id, sent.email, sent.phone)
    return (*known, ("code", normal_code(sent.code))) if sent.code else known


def _organization_of(wire: WireEvent, token: Token) -> tuple[tuple[str, str], ...]:
    sent = wire.organization
    if sent is None:
        return ()
    found = [("org", sent.id), ("vat", sent.vat_id), ("domain", sent.domain)]
    return tuple((kind, token(kind, value.strip().casefold())) for kind, value in found if value)
