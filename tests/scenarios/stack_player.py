"""How does the whole stack play a scenario? Sealed rows in the log, drained event by event or in batches, read back from tables."""

from __future__ import annotations

import base64
import uuid
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import msgspec
import psycopg
import pytest

from goodword.actions.drain import Lanes, advance, drain
from goodword.catalog import SHELVES
from goodword.core.contest_board import Standing
from goodword.core.events import canonical_body, parse_event
from goodword.core.ledger import Balance
from goodword.core.reasons import Reason
from goodword.core.referral import Referral
from goodword.core.terms import Terms
from goodword.core.units import is_points
from goodword.core.wallet import Wallet, wallet_id
from goodword.scenarios.player import SOURCE, Balances, Referrals, SeenReferral, SeenReward, SeenWallet, seen_wallet
from goodword.store.book import Book
from goodword.store.contests import standings_of
from goodword.store.decided import StoredDecision
from goodword.store.sql.connect import connect
from goodword.store.sql.keyring import EnvKeyring
from goodword.store.sql.log import LogRow, append
from goodword.store.sql.vault import Vault
from tests.worker.lane import settle

_KEY = base64.b64encode(bytes(range(32))).decode()
_stacks: dict[str, tuple[psycopg.Connection[Any], Vault]] = {}


def _stack(engine_url: str) -> tuple[psycopg.Connection[Any], Vault]:
    """One connection and one vault for all scenarios of a database."""
    if engine_url not in _stacks:
        conn = connect(engine_url, "scenarios", pinned_plans=True)
        _stacks[engine_url] = (conn, Vault(connect(engine_url, "vault"), EnvKeyring(_KEY)))
    return _stacks[engine_url]


class StackPlayer:
    """Plays a scenario as a client of its own, one event at a time."""

    name = "stack"
    batch = 1

    def __init__(self, request: pytest.FixtureRequest) -> None:
        urls = request.getfixturevalue("urls")
        self.conn, self.vault = _stack(urls.engine)
        self.client = uuid.uuid4().hex
        with psycopg.connect(urls.owner, autocommit=True) as owner:
            owner.execute(
                "INSERT INTO client (id, slug, name, legal_name, currency, timezone, code_prefix, colour)"
                " VALUES (%s, %s, 'Acme', 'Acme', 'EUR', 'UTC', %s, '#0b6e63')",
                (self.client, f"acme-{self.client[:12]}", self.client[:12].upper()),
            )
        self.keys = self.vault.open_client(self.client)
        self.lanes = Lanes(self.vault)
        self.plain: frozenset[str] = frozenset()
        self._versions: dict[str, int] = {}
        self._words: dict[str, str] = {}  # token -> what a person would read
        self._sender: dict[str, str] = {}  # sender's event id -> event id
        self._waiting: list[LogRow] = []
        self._now: datetime | None = None

    def close(self) -> None:
        """Nothing of a scenario matters to the next one: it has a client of its own."""

    def token(self, kind: str, value: str) -> str:
        token = self.keys.token(kind, value)
        self._words[token] = value
        return token

    def publish(self, document: dict[str, Any], at: datetime) -> None:
        slug = str(document.get("program"))
        version = self._versions[slug] = self._versions.get(slug, 0) + 1
        self.plain |= {name for name, field in document.get("fields", {}).items() if field.get("personal") is False}
        act = {"document": document, "version": version}
        self.deliver({"id": f"publish-{slug}-{version}", "type": "publish", "at": at.isoformat(), "act": act}, at)

    def deliver(self, raw_event: dict[str, Any], received_at: datetime) -> None:
        raw = msgspec.json.encode(raw_event)
        event = parse_event(raw, received_at=received_at, source=SOURCE, token=self.token, plain=self.plain, acts=True)
        assert not isinstance(event, list), f"the event was refused: {event}"
        key_id, sealed = self.keys.seal_intake(event.id, f"{received_at:%Y-%m}", raw)
        row = LogRow(self.client, event, self.keys.body_hash(canonical_body(raw)), key_id, sealed, received_at)
        ahead = event.at > received_at
        if ahead or self._has_retries():
            self.flush(received_at)
        self._sender[raw_event["id"]] = event.id
        self._waiting.append(row)
        self._now = received_at
        if ahead or len(self._waiting) >= self.batch:
            self.flush(received_at)

    def flush(self, now: datetime | None = None) -> None:
        """Append what waits, and drain the lane without letting time pass."""
        moment = now or self._now
        if moment is None:
            return
        if self._waiting:
            receipts = append(self.conn, self._waiting)
            assert all(receipt.problem is None and not receipt.conflict for receipt in receipts)
            self._waiting.clear()
        settle(self.conn, self.client)
        while not drain(self.conn, self.lanes, self.client, now=moment, tick=False).idle:
            pass

    def _has_retries(self) -> bool:
        query = "SELECT count(*) FROM dead_letter WHERE client_id = %s::uuid AND resolved_at IS NULL"
        row = self.conn.execute(query, (self.client,)).fetchone()
        return bool(row and row[0])

    def run_until(self, at: datetime) -> None:
        self.flush()
        self.flush(at)
        if self._has_retries():  # what came from the future is taken up by the worker's tick, not by an import's
            settle(self.conn, self.client)
            while not drain(self.conn, self.lanes, self.client, now=at).idle:
                pass
        advance(self.conn, self.lanes, self.client, at, now=at)

    def referrals(self) -> Referrals:
        self.flush()
        rows = self.conn.execute("SELECT body FROM referral WHERE client_id = %s::uuid", (self.client,)).fetchall()
        known = [msgspec.json.decode(row[0], type=Referral) for row in rows]
        names = self._names()
        found: Referrals = {}
        for referral in sorted(known, key=lambda referral: referral.generation):
            friend, advocate = names.get(referral.friend, "?"), names.get(referral.advocate, "?")
            subject = self._words.get(referral.subject, referral.subject).replace("\x1f", " ")
            found[(friend, referral.program, subject)] = SeenReferral(
                id=referral.id,
                program=referral.program,
                subject=subject,
                friend=friend,
                advocate=advocate,
                advocate_party=referral.advocate,
                friend_party=referral.friend,
                state=referral.state,
                method=referral.method,
                version=referral.version,
                reasons=referral.reasons,
                rewards=tuple(
                    SeenReward(
                        reward.id,
                        names.get(reward.payee, "?"),
                        reward.to,
                        reward.kind,
                        reward.asset,
                        reward.amount_minor,
                        reward.state,
                        max(reward.due_at, reward.granted_at),
                    )
                    for reward in referral.rewards
                ),
            )
        return found

    def _names(self) -> dict[str, str]:
        """External id of each party: its own id, else its e-mail, else its phone."""
        rows = self.conn.execute(
            "SELECT party_id, kind, token FROM identifier WHERE client_id = %s::uuid AND kind IN ('id', 'email', 'phone')"
            " ORDER BY array_position(ARRAY['phone', 'email', 'id'], kind), token DESC",
            (self.client,),
        ).fetchall()
        return {party: self._words.get(token, "?") for party, _, token in rows}

    def reasons_of(self, event_id: str) -> tuple[Reason, ...]:
        self.flush()
        id_ = self._sender[event_id]
        row = self.conn.execute(
            "SELECT body FROM decision WHERE client_id = %s::uuid AND event_id = %s::uuid", (self.client, id_)
        ).fetchone()
        if row:
            return msgspec.json.decode(row[0], type=StoredDecision).reasons
        row = self.conn.execute(
            "SELECT d.reason FROM dead_letter d WHERE d.client_id = %s::uuid AND d.id = %s::uuid", (self.client, id_)
        ).fetchone()
        assert row, f"{event_id} was neither decided nor set aside"
        return (Reason(row[0], None),)

    def wallets(self) -> list[SeenWallet]:
        self.flush()
        accounts = {
            (name, asset): Balance(posted, out, into)
            for name, asset, posted, out, into in self.conn.execute(
                "SELECT name, asset, posted_minor, pending_out_minor, pending_in_minor FROM account"
                " WHERE client_id = %s::uuid",
                (self.client,),
            ).fetchall()
        }
        rows = self.conn.execute("SELECT body FROM wallet WHERE client_id = %s::uuid", (self.client,)).fetchall()
        known = {wallet.id: wallet for wallet in (msgspec.json.decode(body, type=Wallet) for (body,) in rows)}
        names, homes = self._names(), self._homes()
        found = []
        for name, asset in accounts:
            kind, _, holder = name.partition(":")
            if kind == "payable" and is_points(asset):
                id_ = wallet_id(holder, asset)
                wallet = known.get(id_) or Wallet(id_, holder, asset, datetime(2026, 1, 1, tzinfo=UTC))
                members = [names.get(party, "?") for party in homes.get(holder, [holder])]
                found.append(
                    seen_wallet(
                        wallet,
                        lambda account, unit: accounts.get((account, unit), Balance()),
                        members,
                        lambda party: names.get(party, "?"),
                    )
                )
        return found

    def terms(self, program: str, version: int) -> Terms:
        self.flush()
        book = Book()
        book.refresh(self.conn, self.client, SHELVES)
        return next(one for one in book.versions if (one.program, one.version) == (program, version))

    def _homes(self) -> dict[str, list[str]]:
        """Household -> who lives in it."""
        rows = self.conn.execute(
            "SELECT DISTINCT ON (party_id) token, party_id FROM identifier WHERE client_id = %s::uuid AND kind = 'household'"
            " ORDER BY party_id, since DESC",
            (self.client,),
        ).fetchall()
        homes: dict[str, list[str]] = {}
        for token, party in rows:
            homes.setdefault(token, []).append(party)
        return homes

    def notices(self) -> Counter[str]:
        self.flush()
        rows = self.conn.execute(
            "SELECT kind, count(*) FROM outbox WHERE client_id = %s::uuid GROUP BY 1", (self.client,)
        )
        return Counter(dict(rows.fetchall()))

    def board(self, round_: str) -> dict[str, Standing]:
        self.flush()
        names = self._names()
        return {names.get(one.party, "?"): one for one in standings_of(self.conn, self.client, round_)}

    def balances(self) -> Balances:
        self.flush()
        names = self._names()
        found: Balances = {}
        for account, asset, minor in self.conn.execute(
            "SELECT name, asset, posted_minor - pending_out_minor FROM account WHERE client_id = %s::uuid",
            (self.client,),
        ).fetchall():
            kind, colon, owner = account.partition(":")
            name = f"{kind}:{names.get(owner, owner)}" if kind in ("payable", "owed") else f"{kind}{colon}{owner}"
            if minor:
                found[(name, asset)] = minor
        return found


class BatchPlayer(StackPlayer):
    """Plays a scenario with as many events in one batch as no question comes between."""

    name = "batches"
    batch = 1000
