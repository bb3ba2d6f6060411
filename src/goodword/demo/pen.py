"""How is one brand's history written down? People, and events that know when they happened and when they were sent."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from goodword.demo.names import Land

Event = dict[str, Any]
_CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_CHANNELS = ("whatsapp", "whatsapp", "email", "email", "facebook", "instagram", "sms", "qr", "linkedin")
_LATE_SHARE = 0.02
_HOUR_WEIGHTS = (1, 0, 0, 0, 0, 1, 3, 6, 8, 9, 9, 8, 9, 8, 7, 8, 9, 10, 12, 13, 12, 9, 5, 2)


@dataclass
class Person:
    """Somebody of the demo world. `code` is what they pass on, `since` the moment from which they have it."""

    id: str
    name: str
    email: str
    phone: str
    country: str
    postcode: str
    town: str
    device: str
    payment: str
    code: str = ""
    since: datetime | None = None
    attributes: dict[str, str] = field(default_factory=dict)

    def as_known(self) -> Event:
        """The person as a sign-up tells of them."""
        known: Event = {
            "id": self.id,
            "name": self.name,
            "email": self.email,
            "phone": self.phone,
            "address": {"postcode": self.postcode, "city": self.town, "country": self.country},
        }
        return known | ({"attributes": dict(self.attributes)} if self.attributes else {})


@dataclass(frozen=True)
class Sent:
    """An event and when it reached us: mostly at once, sometimes days later."""

    at: datetime
    sent_at: datetime
    number: int
    body: Event


class Pen:
    """Writes the history of one brand between `begin` and `end`. The same seed writes the same history."""

    def __init__(self, brand: str, currency: str, begin: datetime, end: datetime, seed: int) -> None:
        self.brand = brand
        self.currency = currency
        self.begin = begin
        self.end = end
        self.days = (end - begin).days
        self.rng = Random(f"{seed}:{brand}")  # noqa: S311 - a seeded world needs a seeded chance, nothing here is a secret
        self.people: list[Person] = []
        self.events: list[Sent] = []
        self._codes: set[str] = set()
        self._orders = 0

    # -- people

    def person(self, land: Land, name: str = "", stem: str = "") -> Person:
        """Somebody new. `stem` stands in mail address and code where the name is not in Latin letters."""
        rng, number = self.rng, len(self.people) + 1
        name = name or f"{rng.choice(land.given)} {rng.choice(land.family)}"
        stem = stem or _latin(name)
        postcode, town = rng.choice(land.towns)
        person = Person(
            id=f"c-{number:05d}",
            name=name,
            email=f"{stem[:40]}{number}@mail.example",
            phone=f"{land.calling} {rng.randrange(10**6):06d}{number % 100:02d}",
            country=land.country,
            postcode=postcode,
            town=town,
            device=f"d_{rng.getrandbits(48):012x}",
            payment=f"pm_{rng.getrandbits(48):012x}",
        )
        self.people.append(person)
        return person

    def give_code(self, person: Person, since: datetime, code: str = "") -> None:
        """Let a person refer from a moment on; at most once."""
        if person.code:
            return
        stem = _latin(person.name).replace(".", "").upper()[:5] or "WORD"
        while not code or code in self._codes:
            code = stem + "".join(self.rng.choice(_CODE_LETTERS) for _ in range(3))
        self._codes.add(code)
        person.code, person.since = code, since

    def referrer(self, at: datetime, among: list[Person]) -> Person:
        """One who already could refer at that moment; a few bring many, most bring few."""
        able = [person for person in among if person.since is not None and person.since <= at - timedelta(days=1)]
        return able[int(len(able) * self.rng.random() ** 2.2)]

    # -- time and money

    def day(self, low: float = 0.0, high: float = 1.0) -> datetime:
        """A moment of the half year, between two fractions of it, at an hour when people are awake."""
        days = low + (high - low) * self.rng.random()
        return self.hour(self.begin + timedelta(days=int(days * self.days)))

    def hour(self, day: datetime) -> datetime:
        """A moment of that day."""
        hour = self.rng.choices(range(24), _HOUR_WEIGHTS)[0]
        second = self.rng.randrange(3600)
        return day.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(hours=hour, seconds=second)

    def after(self, at: datetime, low_days: float, high_days: float) -> datetime:
        """A later moment, so many days on."""
        return at + timedelta(seconds=int(86400 * (low_days + (high_days - low_days) * self.rng.random())))

    def chance(self, share: float) -> bool:
        """True in that share of cases."""
        return self.rng.random() < share

    def amount_minor(self, low: int, high: int) -> int:
        """An amount between two, small ones more often, ending in 0 or 9 as prices do."""
        whole = low + (high - low) * self.rng.random() ** 2
        return int(whole) // 10 * 10 + self.rng.choice((0, 9))

    # -- what happens

    def write(self, type_: str, at: datetime, sent_at: datetime | None = None, **body: Any) -> None:
        """One event. What lies after the end has not happened yet; a few events are sent days late."""
        if sent_at is None:
            late = self.chance(_LATE_SHARE) and type_ != "signup"
            sent_at = self.after(at, 1, 6) if late else at
        if sent_at >= self.end:
            return
        number = len(self.events) + 1
        event = {"id": f"{self.brand}-{number:06d}", "type": type_, "at": _written(at), **body}
        self.events.append(Sent(at, sent_at, number, event))

    def click(self, advocate: Person, visitor: str, at: datetime) -> None:
        """Somebody follows a link."""
        context = {"channel": self.rng.choice(_CHANNELS), "device": f"d_{self.rng.getrandbits(48):012x}"}
        self.write("click", at, visitor=visitor, code=advocate.code, context=context)

    def order(self, person: Person, at: datetime, amount_minor: int, *, type_: str = "purchase", **more: Any) -> str:
        """A purchase or renewal; returns its order id. Tax and shipping are inside the amount."""
        self._orders += 1
        order_id = f"{self.brand[:1].upper()}{self._orders:05d}"
        order = {"id": order_id, "amount": money(amount_minor), "currency": self.currency, **more.pop("order", {})}
        context = {"device": person.device, "payment": person.payment}
        self.write(type_, at, person={"id": person.id}, order=order, context=context, **more)
        return order_id

    def give_back(self, person: Person, order_id: str, at: datetime, amount_minor: int, why: str) -> None:
        """A refund, of all or of a part."""
        order = {"id": order_id, "amount": money(amount_minor), "currency": self.currency}
        self.write("refund", at, person={"id": person.id}, order=order, data={"why": why})

    def told(self) -> list[Sent]:
        """Everything in the order in which it was sent."""
        return sorted(self.events, key=lambda sent: (sent.sent_at, sent.number))


def money(amount_minor: int) -> str:
    """Minor units of a currency with two digits, as text."""
    return f"{amount_minor // 100}.{amount_minor % 100:02d}"


def _written(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _latin(name: str) -> str:
    """A name as it may stand in a mail address: small Latin letters and dots."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss").replace("ı", "i"))
    letters = "".join(
        character for character in plain.lower() if (character.isascii() and character.isalpha()) or character == " "
    )
    return ".".join(letters.split())
