"""A client's lane for tests: events go into the log as every way in writes them, and are decided in this process, batch by batch."""

from __future__ import annotations

import base64
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from goodword.actions.drain import Drained, Lanes, advance, drain
from goodword.catalog import SHELVES
from goodword.core.events import ident
from goodword.house.roles import Urls
from goodword.store.recompute import LedgerReport, Replay, replay, verify_ledger
from goodword.store.sql import runs
from goodword.store.sql.connect import Connection, connect
from goodword.store.sql.intake import Intake
from goodword.store.sql.keyring import EnvKeyring, Keyring
from goodword.store.sql.log import append
from goodword.store.sql.seal import seal_all
from goodword.store.sql.vault import Vault
from goodword.store.sql.verify import verify

NOW = datetime(2027, 1, 1, tzinfo=UTC)
START = datetime(2026, 3, 1, 9, tzinfo=UTC)


def new_keyring() -> Keyring:
    """A master key of its own."""
    return EnvKeyring(base64.b64encode(os.urandom(32)).decode())


def direct(**more: Any) -> dict[str, Any]:
    """Acme's promise: ten euros for whoever brought a friend who buys, payable after two weeks."""
    return {
        "program": "friends",
        "name": "Friends",
        "type": "direct",
        "currency": "EUR",
        "screening": "off",
        "promises": [{"to": "advocate", "on": "first_order", "give": {"cash": "10.00"}, "hold": "14d"}],
        **more,
    }


def settle(conn: Connection, client_id: str, within_s: float = 10.0) -> None:
    """Wait until all of a lane is safely committed: the database's own jobs are transactions too, and what was appended
    while one of them runs is read after it only."""
    deadline = time.monotonic() + within_s
    while not runs.is_settled(conn, client_id) and time.monotonic() < deadline:
        time.sleep(0.005)


@dataclass
class Lane:
    """One client on one database, with the engine's connection and the vault."""

    urls: Urls
    client_id: str
    keyring: Keyring
    conn: Connection
    lanes: Lanes

    def send(self, *events: Mapping[str, Any], received_at: datetime = NOW, source: str = "api") -> list[str]:
        """Append to the log; the ids on the server. Acts of the house may be among them."""
        keys = self.lanes.vault.open_client(self.client_id)
        intake = Intake(self.client_id, source, keys, frozenset({"friends", "club"}), frozenset(), received_at, acts=True)
        rows = []
        for event in events:
            row = intake.row(json.dumps(event).encode())
            assert not isinstance(row, list), row
            rows.append(row)
        receipts = append(self.conn, rows)
        assert not any(receipt.conflict or receipt.problem for receipt in receipts), receipts
        return [receipt.event_id for receipt in receipts]

    def publish(self, document: Mapping[str, Any], version: int = 1, at: datetime = START - timedelta(days=60)) -> None:
        """Put a version live, and decide it."""
        act = {"document": document, "version": version, "live_from": at.isoformat()}
        self.send({"id": f"publish-{version}", "type": "publish", "at": at.isoformat(), "act": act})
        self.drain_all()

    def drain(self, *, limit: int = 1000, now: datetime = NOW, tick: bool = False) -> Drained:
        """Decide one batch."""
        settle(self.conn, self.client_id)
        return drain(self.conn, self.lanes, self.client_id, now=now, limit=limit, tick=tick)

    def drain_all(self, *, limit: int = 1000, now: datetime = NOW, tick: bool = False) -> Drained:
        """Decide until nothing is left; what was done together."""
        total = Drained()
        while not (done := self.drain(limit=limit, now=now, tick=tick)).idle:
            total = Drained(total.events + done.events, total.decisions + done.decisions, total.dead + done.dead)
        return total

    def advance(self, until: datetime, now: datetime = NOW) -> int:
        """Let the business clock run."""
        return advance(self.conn, self.lanes, self.client_id, until, now=now)

    def rows(self, query: str, *arguments: Any) -> list[tuple[Any, ...]]:
        """Rows of a query, `%s` standing for its arguments."""
        return self.conn.execute(query, arguments).fetchall()

    def count(self, table: str, where: str = "true") -> int:
        """How many rows of this client a table holds."""
        return int(
            self.rows(f"SELECT count(*) FROM {table} WHERE client_id = %s::uuid AND {where}", self.client_id)[0][0]
        )

    def replay(self) -> Replay:
        return replay(self.conn, self.lanes.vault, self.client_id, SHELVES)

    def ledger(self) -> LedgerReport:
        return verify_ledger(self.conn, self.client_id)

    def assert_sound(self) -> None:
        """Everything stored follows from the log, every cent balances, the proof holds."""
        replayed = self.replay()
        assert replayed.ok, replayed.differences[:3]
        ledger = self.ledger()
        assert ledger.ok, ledger.faults[:3]
        keys = self.lanes.vault.open_client(self.client_id)
        seal_all(self.conn, self.client_id, keys)
        report = verify(self.conn, self.client_id, keys.public_key)
        assert report.ok, report.sentence()

    def outcome(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything that deciding wrote, but for what is sealed or numbered anew at each run."""
        return {table: self.rows(query, self.client_id) for table, query in _OUTCOME.items()}


_OUTCOME = {
    "decision": "SELECT seq, id, event_id, cause, referral_id, clock, verdict, body FROM decision"
    " WHERE client_id = %s::uuid ORDER BY seq",
    "entry": "SELECT seq, id, decision_id, source_id, destination_id, asset, amount_minor, phase, of_id, reason, at,"
    " referral_id, reward_id FROM entry WHERE client_id = %s::uuid ORDER BY seq",
    "referral": "SELECT id, friend_id, advocate_id, method, code, version, state, state_at, next_due_at, waits_on, body,"
    " decision_seq FROM referral WHERE client_id = %s::uuid ORDER BY id",
    "reward": "SELECT id, referral_id, payee_id, role, promise, kind, asset, amount_minor, state, due_at, granted_at,"
    " state_at FROM reward WHERE client_id = %s::uuid ORDER BY id",
    "account": "SELECT name, asset, floor_minor, posted_minor, pending_out_minor, pending_in_minor FROM account"
    " WHERE client_id = %s::uuid ORDER BY name, asset",
    "wallet": "SELECT id, holder_id, unit, available, next_due_at, body FROM wallet WHERE client_id = %s::uuid ORDER BY id",
    "redemption": "SELECT id, wallet_id, party_id, item, quantity, points, at, cancelled_at FROM redemption"
    " WHERE client_id = %s::uuid ORDER BY id",
    "counter": "SELECT key, n, amount_minor FROM counter WHERE client_id = %s::uuid ORDER BY key",
    "rollup": "SELECT program_id, day, metric, asset, n, amount_minor FROM rollup WHERE client_id = %s::uuid"
    " ORDER BY program_id, day, metric, asset",
    "party": "SELECT id, kind, known_since, purchased_at, organization_id FROM party WHERE client_id = %s::uuid ORDER BY id",
    "identifier": "SELECT kind, token, party_id, since FROM identifier WHERE client_id = %s::uuid ORDER BY kind, token, party_id",
    "trait": "SELECT kind, token, party_id, first_at FROM trait WHERE client_id = %s::uuid ORDER BY kind, token, party_id",
    "trail": "SELECT owner, event_id, at, facts FROM trail WHERE client_id = %s::uuid ORDER BY owner, event_id",
    "attribute": "SELECT party_id, name, valid_from FROM attribute WHERE client_id = %s::uuid ORDER BY party_id, name, valid_from",
    "personal": "SELECT party_id, field FROM personal WHERE client_id = %s::uuid ORDER BY party_id, field",
    "event_body": "SELECT id, party_id FROM event_body WHERE client_id = %s::uuid ORDER BY id",
    "outbox": "SELECT id, kind, body FROM outbox WHERE client_id = %s::uuid ORDER BY id",
    "lane": "SELECT cursor_xid::text, cursor_seq, decision_seq, clock FROM lane WHERE client_id = %s::uuid",
}


@contextmanager
def lane_on(urls: Urls, slug: str = "acme", keyring: Keyring | None = None) -> Iterator[Lane]:
    """The lane of a client, made at its first use. Who gives the same keyring sees what was sealed before."""
    keyring = keyring or new_keyring()
    client_id = ident("client", slug)
    with psycopg.connect(urls.owner, autocommit=True) as owner:
        owner.execute(
            "INSERT INTO client (id, slug, name, code_prefix) VALUES (%s::uuid, %s, %s, %s) ON CONFLICT DO NOTHING",
            (client_id, slug, slug.title(), slug.upper()),
        )
        owner.execute("INSERT INTO lane (client_id) VALUES (%s::uuid) ON CONFLICT DO NOTHING", (client_id,))
    with connect(urls.engine, "worker", pinned_plans=True) as conn:
        yield Lane(urls, client_id, keyring, conn, Lanes(Vault(lambda: connect(urls.engine, "vault"), keyring)))


# -- what happens to Alice and her friends -----------------------------------------------------------------------------


def person(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "email": f"{name}@x.test", **more}


def code_of(name: str, at: datetime = START - timedelta(days=30)) -> dict[str, Any]:
    """The house hands out a code, CODE-NAME."""
    return {
        "id": f"code-{name}",
        "type": "code_issued",
        "at": at.isoformat(),
        "code": f"CODE-{name}",
        "person": person(name),
        "act": {},
    }


def signup(friend: str, at: datetime, code: str | None = None, **more: Any) -> dict[str, Any]:
    sent = {"id": f"signup-{friend}", "type": "signup", "at": at.isoformat(), "person": person(friend), **more}
    return sent | ({"code": f"CODE-{code}"} if code else {})


def purchase(
    friend: str, at: datetime, amount: str = "54.00", order: str = "", code: str | None = None, **more: Any
) -> dict[str, Any]:
    order = order or f"order-{friend}"
    sent = {
        "id": f"paid-{order}", "type": "purchase", "at": at.isoformat(), "person": person(friend),
        "order": {"id": order, "amount": amount, "currency": more.pop("currency", "EUR")}, **more,
    }  # fmt: skip
    return sent | ({"code": f"CODE-{code}"} if code else {})


def refund(friend: str, at: datetime, amount: str, name: str = "", order: str = "") -> dict[str, Any]:
    order = order or f"order-{friend}"
    return {
        "id": name or f"back-{order}", "type": "refund", "at": at.isoformat(), "person": person(friend),
        "order": {"id": order, "amount": amount, "currency": "EUR"},
    }  # fmt: skip
