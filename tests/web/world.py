"""Acme and Globex with people, referrals in every state, and the staff who see them: made by the real chain."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import psycopg

from goodword.house.roles import Urls
from goodword.store.sql.keyring import EnvKeyring, Keyring
from goodword.store.sql.log import Rejected, reject
from goodword.store.sql.seal import seal_all
from tests.worker.lane import Lane, lane_on

NOW = datetime.now(UTC).replace(microsecond=0)
CANARY = "globexcanary"  # stands in every text of Globex; it must never be seen by others
PASSWORD = "a few quiet words"
STAFF = {  # name -> (client, role); None: for all clients
    "dan": ("acme", "agent"),
    "carl": ("acme", "manager"),
    "lee": ("acme", "lead"),
    "vera": ("acme", "client_viewer"),
    "audra": ("acme", "auditor"),
    "ida": ("acme", "it"),
    "dev": ("acme", "developer"),
    "gil": ("globex", "agent"),
    "olga": (None, "admin"),
    "isa": (None, "it"),
    "nora": ("", ""),  # works nowhere yet
}


@dataclass
class World:
    """What tests know of it: ids of clients, users, referrals and events by names."""

    urls: Urls
    key: str
    keyring: Keyring
    clients: dict[str, str] = field(default_factory=dict)
    users: dict[str, str] = field(default_factory=dict)
    referrals: dict[str, str] = field(default_factory=dict)  # "acme/bob" -> id
    people: dict[str, str] = field(default_factory=dict)  # "acme/bob" -> party id
    events: dict[str, str] = field(default_factory=dict)  # "acme/paid-bob" -> id

    def path(self, client: str, friend: str) -> str:
        return f"/c/{client}/referrals/ref_{self.referrals[f'{client}/{friend}']}"

    def event_path(self, client: str, event: str) -> str:
        return f"/c/{client}/events/evt_{self.events[f'{client}/{event}']}"


def day(n: float) -> datetime:
    """So many days from now; negative: ago."""
    return NOW + timedelta(days=n)


def document(name: str, **more: Any) -> dict[str, Any]:
    """Both get something for a first order of 50, two weeks after it."""
    return {
        "program": "friends",
        "name": name,
        "type": "two_sided",
        "currency": "EUR",
        "timezone": "Europe/Berlin",
        "friends": {"new": "never_bought", "if": ["friend.status == active"], "at": ["milestone"]},
        "milestones": {
            "joined": {"event": "signup"},
            "first_order": {"event": "purchase", "min": "50.00", "within": "30d of joined"},
        },
        "promises": [
            {"to": "advocate", "on": "first_order", "give": {"cash": "10.00"}, "hold": "14d"},
            {"to": "friend", "on": "first_order", "give": {"voucher": "20.00"}, "hold": "14d"},
        ],
        "budget": {"amount": "5000.00"},
        **more,
    }


def build(urls: Urls) -> World:
    """Everything, once for a database."""
    key = base64.b64encode(os.urandom(32)).decode()
    world = World(urls, key, EnvKeyring(key))
    with lane_on(urls, "acme", world.keyring) as acme:
        world.clients["acme"] = acme.client_id
        acme.publish(document("Autumn friends"), at=day(-120))
        _acme(world, acme)
        _settled(world, acme, "acme")
    with lane_on(urls, "globex", world.keyring) as globex:
        world.clients["globex"] = globex.client_id
        terms = document(f"{CANARY} program", attribution={"bound": "lapses after 20d"}, payout_days=["last"])
        globex.publish(terms, at=day(-120))
        _globex(world, globex)
        _settled(world, globex, "globex")
    _staff(world)
    return world


def _acme(world: World, lane: Lane) -> None:
    play = _Play(world, lane, "acme")
    play.code("alice", "Alice Advocate", device="alices-phone")
    play.code("anna", "Anna-Katharina von und zu Oberhausen-Untermeier", code="ANNA7")
    play.join("bob", "Bob Builder", -10, visitor="v-bob", click="ANNA7")
    play.buy("bob", -6, "54.00")
    play.join("cleo", "Cléo d'Arc", -45)
    play.buy("cleo", -40, "120.00")
    play.join("dora", "نور الدين", -3)
    play.join("eve", "Eve Small", -30)
    play.buy("eve", -29, "43.20")
    play.join("finn", "王小明", -60)
    play.join("gus", "Gus Goesback", -20)
    play.buy("gus", -12, "80.00")
    play.back("gus", -11, "80.00")
    play.join("hana", "Hana Held", -5, device="alices-phone")
    play.buy("hana", -4, "75.00", device="alices-phone")
    play.join("mallory", "Mallory Twice", -7, email="alice+twice@x.test", device="alices-phone")
    play.buy("mallory", -6, "90.00", device="alices-phone", email="alice+twice@x.test")
    play.join("ivo", "=cmd Ivo", -9, status="")
    play.buy("ivo", -8, "60.00")
    play.send(
        "later",
        {"type": "purchase", "person": {"id": "bob"}, "order": {"id": "o-later", "amount": "5.00", "currency": "EUR"}},
        0.4,
    )
    for n in range(60):
        play.join(f"extra{n}", f"Extra Number {n}", -110 + n, code="ANNA7")
    play.play()


def _globex(world: World, lane: Lane) -> None:
    play = _Play(world, lane, "globex")
    play.code("alice", f"Alice {CANARY}", code=f"{CANARY.upper()}1")
    play.join("bob", f"Bob {CANARY}", -10, source=f"{CANARY}-source")
    play.buy("bob", -6, "54.00")
    play.join("lara", f"Lara {CANARY}", -40)
    play.send(
        "dead",
        {"type": "purchase", "person": {"id": "bob"}, "order": {"id": "o-dead", "amount": "5.00", "currency": "EUR"}},
        0.4,
    )
    play.play()


class _Play:
    """Sends what happens to people of one client."""

    def __init__(self, world: World, lane: Lane, slug: str) -> None:
        self.world, self.lane, self.slug = world, lane, slug
        self.codes: list[str] = []
        self.people: dict[str, dict[str, Any]] = {}
        self.queue: list[tuple[float, str, dict[str, Any], str]] = []

    def send(self, name: str, event: dict[str, Any], n: float, source: str = "api") -> None:
        self.queue.append((n, name, {"id": name, "at": day(n).isoformat(), **event}, source))

    def play(self) -> None:
        """All of it in the order in which it happened."""
        for _n, name, event, source in sorted(self.queue, key=lambda one: one[0]):
            self.world.events[f"{self.slug}/{name}"] = self.lane.send(event, received_at=NOW, source=source)[0]

    def code(self, name: str, full: str, code: str = "", device: str = "") -> None:
        self.people[name] = {"id": name, "email": f"{name}@x.test", "name": full}
        self.codes.append(code or f"CODE-{name.upper()}")
        if device:
            self.send(
                f"seen-{name}", {"type": "signup", "person": self.people[name], "context": {"device": device}}, -119
            )
        self.send(
            f"code-{name}",
            {"type": "code_issued", "code": self.codes[-1], "person": self.people[name], "act": {}},
            -118,
        )

    def join(
        self, name: str, full: str, n: float, *, visitor: str = "", click: str = "", device: str = "", email: str = "",
        status: str = "active", source: str = "api", code: str = "",
    ) -> None:  # fmt: skip
        person = {
            "id": name,
            "email": email or f"{name}@x.test",
            "phone": f"+49 151 55{len(self.people):05d}",
            "name": full,
        }
        self.people[name] = person
        told = person | ({"attributes": {"status": status}} if status else {})
        if click:
            self.send(f"click-{name}", {"type": "click", "code": click, "visitor": visitor}, n - 1)
        event: dict[str, Any] = {"type": "signup", "person": told, "code": code or self.codes[0]}
        event |= {"visitor": visitor} if visitor else {}
        event |= {"context": {"device": device}} if device else {}
        self.send(f"join-{name}", event, n, source)

    def buy(self, name: str, n: float, amount: str, *, device: str = "", email: str = "") -> None:
        event = {
            "type": "purchase",
            "person": self.people[name],
            "order": {"id": f"o-{name}", "amount": amount, "currency": "EUR"},
        }
        self.send(f"paid-{name}", event | ({"context": {"device": device}} if device else {}), n)

    def back(self, name: str, n: float, amount: str) -> None:
        event = {
            "type": "refund",
            "person": self.people[name],
            "order": {"id": f"o-{name}", "amount": amount, "currency": "EUR"},
        }
        self.send(f"back-{name}", event, n)


def _settled(world: World, lane: Lane, slug: str) -> None:
    """Decide all in the client's zone, let time run to now, refuse something at the door, seal."""
    with psycopg.connect(world.urls.owner, autocommit=True) as owner:
        owner.execute("UPDATE client SET timezone = 'Europe/Berlin' WHERE slug = %s", (slug,))
    lane.drain_all(now=NOW)
    lane.advance(NOW, now=NOW)
    problem = [
        {"field": "order.currency", "why": f'"{slug[:2]}x" is not a known currency', "repair": "send an ISO 4217 code"}
    ]
    keys = lane.lanes.vault.open_client(lane.client_id)
    _, sealed = keys.seal_intake("ab" * 16, NOW.strftime("%Y-%m"), b"{}")
    told = msgspec.json.encode(problem).decode()
    source = f"{CANARY}-door" if slug == "globex" else "shop"
    reject(lane.conn, [Rejected(lane.client_id, "ab" * 16, NOW, source, told, sealed)])
    seal_all(lane.conn, lane.client_id, keys)
    rows = lane.rows(
        "SELECT r.id, i.token, i.party_id FROM referral r JOIN identifier i ON i.client_id = r.client_id AND i.party_id = r.friend_id"
        " AND i.kind = 'id' WHERE r.client_id = %s::uuid",
        lane.client_id,
    )
    friends = {
        keys.token("id", name.split("/join-")[1]): name.split("/join-")[1]
        for name in world.events
        if name.startswith(f"{slug}/join-")
    }
    world.referrals |= {f"{slug}/{friends[token]}": id for id, token, _ in rows}
    world.people |= {f"{slug}/{friends[token]}": party for _, token, party in rows}


def _staff(world: World) -> None:
    """People of the house; the same password for all."""
    from django.contrib.auth.hashers import make_password

    hashed = make_password(PASSWORD)
    with psycopg.connect(world.urls.owner, autocommit=True) as owner:
        for name, (client, role) in STAFF.items():
            row = owner.execute(
                "INSERT INTO store_user (email, name, password) VALUES (%s, %s, %s) RETURNING id",
                (f"{name}@house.test", name.title(), hashed),
            ).fetchone()
            assert row is not None
            world.users[name] = row[0].hex
            if role:
                owner.execute(
                    "INSERT INTO membership (user_id, client_id, role) VALUES (%s, %s, %s)",
                    (row[0], world.clients[client] if client else None, role),
                )
