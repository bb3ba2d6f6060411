"""What did somebody type by hand? Codes, contacts, orders and people, read leniently and echoed; what is wrong, why, and the repair."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from goodword.core.amounts import to_minor
from goodword.core.identities import normal_phone
from goodword.core.reasons import Reason
from goodword.store.models import Decision
from goodword.store.reads.people import find, opened
from goodword.store.reads.person import owner_of

_LONGEST = 300
_ORDER = re.compile(r"(?P<id>\S{1,200})(?:\s+(?P<amount>[0-9][0-9.,'’\u00a0 ]*?)\s*(?P<currency>[A-Za-z]{3})?)?\Z")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z")


@dataclass
class Form:
    """What was typed, and what is wrong with it by field; nothing typed is ever thrown away."""

    values: dict[str, str]
    wrong: dict[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A field without blanks around it."""
        return self.values.get(name, "").replace("\x00", "").strip()[:_LONGEST]

    def refuse(self, name: str, words: str) -> None:
        """Say what is wrong with a field; the first word about it stands."""
        self.wrong.setdefault(name, words)


@dataclass(frozen=True)
class Referrer:
    """A referrer who was found: the wire's code or advocate, and the party behind it."""

    wire: dict[str, Any]
    party: str


def referrer(client_id: str, form: Form, name: str = "referrer") -> Referrer | None:
    """The referrer by code, e-mail, phone, customer number or id; None after saying what is wrong."""
    typed = form.text(name)
    if not typed:
        form.refuse(name, _("Give the code of the referrer, or their e-mail address, phone or customer number."))
        return None
    found = find(client_id, typed)
    if found.kind == "code":
        return Referrer({"code": found.id}, owner_of(client_id, found.id))
    if found.kind != "party":
        form.refuse(
            name, _("No code and nobody of this client fits exactly. Check the spelling, or ask for another one.")
        )
        return None
    wire = identity(client_id, found.id)
    if not wire:
        form.refuse(name, _("What identifies this person was erased or never kept. Use their code."))
        return None
    return Referrer({"advocate": wire}, found.id)


def identity(client_id: str, party_id: str) -> dict[str, str]:
    """What names a person in an event, as it was once sent; empty where nothing is kept."""
    found = {kind: opened(client_id, [party_id], kind).get(party_id, "") for kind in ("id", "email", "phone")}
    return {kind: value for kind, value in found.items() if value}


def contact(form: Form, name: str = "contact") -> dict[str, str]:
    """An e-mail address or a phone number as an event carries it; empty after saying what is wrong."""
    typed = form.text(name)
    if "@" in typed:
        if _EMAIL.match(typed):
            return {"email": typed}
        form.refuse(name, _("“{}” is no whole e-mail address. It needs a name, an @ and a host.").format(typed))
    elif typed and normal_phone(typed):
        return {"phone": typed}
    else:
        form.refuse(name, _("Give an e-mail address, or a phone number with at least seven digits."))
    return {}


def order(form: Form, currency: str, name: str = "order") -> dict[str, str] | None:
    """An order as “A-8831 54.00 EUR”; None where none was typed, or after saying what is wrong."""
    typed = form.text(name)
    if not typed:
        return None
    match = _ORDER.match(typed)
    if match is None or not match["amount"]:
        form.refuse(name, _("Give the order's number and its amount, for example: A-8831 54.00"))
        return None
    code = (match["currency"] or currency).upper()
    amount = _amount(match["amount"])
    try:
        to_minor(amount, code)
    except ValueError:
        form.refuse(
            name, _("“{}” is no clear amount in {}. Write it like 1234.50.").format(match["amount"].strip(), code)
        )
        return None
    return {"id": match["id"], "amount": amount, "currency": code}


def _amount(text: str) -> str:
    """54,00 and 1.234,50 and 1'234.50 as a decimal; '' where one separator could be either (1.234)."""
    bare = re.sub(r"['’\s\u00a0]", "", text)
    last = max(bare.rfind("."), bare.rfind(","))
    if last < 0:
        return bare
    whole, fraction = re.sub(r"[.,]", "", bare[:last]), bare[last + 1 :]
    separators = set(re.findall(r"[.,]", bare))
    if len(fraction) == 3 and len(separators) == 1:
        return ""
    return f"{whole}.{fraction}" if fraction else whole


@dataclass(frozen=True)
class Decided:
    """How an entered event was decided."""

    event: str
    is_decided: bool
    reasons: tuple[Reason, ...] = ()
    referrals: tuple[tuple[str, str], ...] = ()


class _Body(msgspec.Struct):
    reasons: tuple[Reason, ...] = ()
    referrals: tuple[tuple[str, str], ...] = ()


def decided(client_id: str, event_id: str) -> Decided:
    """The decision of an event; not there yet: it is kept and waits for the worker."""
    body = (
        Decision.objects.filter(client_id=client_id, event_id=event_id)
        .order_by("-seq")
        .values_list("body", flat=True)
        .first()
    )
    if body is None:
        return Decided(event_id, False)
    read = msgspec.json.decode(body, type=_Body)
    return Decided(event_id, True, read.reasons, read.referrals)
