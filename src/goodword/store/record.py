"""How does a decision become rows? Everything that follows from a batch of events in ONE transaction, by bulk statements.

Decisions, entries, trails and leaves are added; referrals, rewards, balances, counters and rollups are brought to where the
decisions left them; the lane's cursor moves in the same commit. Each statement names the client, for the engine sees all.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import psycopg

from goodword.core import proof
from goodword.core.decide import fingerprint
from goodword.core.events import ident
from goodword.core.reasons import verdict
from goodword.core.referral import Referral
from goodword.core.situation import Situation
from goodword.store.book import Book
from goodword.store.contests import write_contests
from goodword.store.decided import Decided, StoredDecision, account_id
from goodword.store.persons import bodies, people
from goodword.store.sql.bulk import Bulk
from goodword.store.sql.connect import array_literal
from goodword.store.sql.log import LoggedEvent
from goodword.store.sql.seal import write_leaves
from goodword.store.sql.vault import Vault
from goodword.store.standing import money, publications, referrals, rollups, stops, switches
from goodword.store.wallets import write_wallets

DECIDED_CHANNEL = "goodword_decided"

_DECISION = {
    "id": "uuid",
    "seq": "bigint",
    "event_id": "uuid",
    "cause": "text",
    "referral_id": "uuid",
    "clock": "timestamptz",
    "decided_at": "timestamptz",
    "verdict": "text",
    "body": "text",
}
_ENTRY = {
    "id": "uuid",
    "seq": "bigint",
    "decision_id": "uuid",
    "source_id": "uuid",
    "destination_id": "uuid",
    "asset": "text",
    "amount_minor": "bigint",
    "phase": "text",
    "of_id": "uuid",
    "reason": "text",
    "at": "timestamptz",
    "recorded_at": "timestamptz",
    "referral_id": "uuid",
    "reward_id": "uuid",
}
_OUTBOX = {
    "id": "uuid",
    "kind": "text",
    "body": "text",
    "created_at": "timestamptz",
    "attempts": "int",
    "next_at": "timestamptz",
}

_encode = msgspec.json.Encoder().encode


def record(
    conn: psycopg.Connection[Any],
    vault: Vault,
    client_id: str,
    book: Book,
    situation: Situation,
    before: dict[str, Referral],
    batch: Sequence[Decided],
    first_seq: int,
    now: datetime,
    zone: ZoneInfo,
) -> int:
    """Write everything that follows from the batch; returns the number of the last decision. The caller commits.

    `zone` is the one by whose days the lane's sums are counted.
    """
    bulk = Bulk(conn, client_id)
    # One statement after the other without waiting for answers: the database writes a table while the next one's rows are made.
    with conn.pipeline():
        bodies(bulk, vault, batch, now)
        people(bulk, situation, batch, now)
        publications(bulk, batch, book, now)
        switches(bulk, batch, book)
        stops(bulk, batch, book)
        referrals(bulk, situation, batch, book, first_seq)
        write_wallets(bulk, situation, batch, book.programs)
        write_contests(bulk, situation, batch, book.programs, before)
        _trails(bulk, batch)
        leaves = [_event_leaf(one.logged) for one in batch if one.logged is not None]
        leaves += _decisions(bulk, situation, batch, first_seq, now)
        leaves += _entries(bulk, situation, batch, first_seq, now)
        money(bulk, situation, batch)
        rollups(bulk, batch, book, before, zone)
        _outbox(bulk, batch, now)
        write_leaves(conn, client_id, first_seq + len(batch) - 1, leaves)
    return first_seq + len(batch) - 1


def _event_leaf(logged: LoggedEvent) -> tuple[proof.LeafKind, str, bytes]:
    content = proof.event_leaf(
        logged.client_id,
        logged.id,
        logged.received_at,
        logged.seq,
        logged.at,
        logged.source,
        logged.type,
        logged.body_hash,
        logged.facts,
    )
    return ("event", logged.id, proof.leaf_hash(content))


def _decisions(
    bulk: Bulk, situation: Situation, batch: Sequence[Decided], first_seq: int, now: datetime
) -> list[tuple[proof.LeafKind, str, bytes]]:
    rows: list[tuple[Any, ...]] = []
    leaves: list[tuple[proof.LeafKind, str, bytes]] = []
    for n, one in enumerate(batch):
        decision = one.decision
        main = verdict(decision.reasons)
        moment = decision.due if decision.due not in situation.referrals else None
        due = decision.due if moment is None else None
        referral = due or (decision.referrals[0].id if decision.referrals else None)
        body = StoredDecision(
            decision.reasons,
            tuple((known.id, known.state) for known in decision.referrals),
            len(decision.entries),
            decision.party,
            fingerprint(decision),
            moment,
        )
        row = (
            bulk.client_id,
            decision.id,
            first_seq + n,
            decision.event,
            "moment" if moment else "due" if decision.cause == "due" else "event",
            referral,
            decision.clock,
            now,
            main.code if main else "recorded",
            _encode(body).decode(),
        )
        rows.append(row)
        leaves.append(("decision", decision.id, proof.leaf_hash(proof.decision_leaf(*row))))
    bulk.add("decision", _DECISION, (row[1:] for row in rows))
    return leaves


def _entries(
    bulk: Bulk, situation: Situation, batch: Sequence[Decided], first_seq: int, now: datetime
) -> list[tuple[proof.LeafKind, str, bytes]]:
    """Entries in the order in which they were booked; their number is that of the decision and their place in it."""
    rows: list[tuple[Any, ...]] = []
    leaves: list[tuple[proof.LeafKind, str, bytes]] = []
    for n, one in enumerate(batch):
        for m, entry in enumerate(one.decision.entries):
            row = (
                bulk.client_id,
                entry.id,
                (first_seq + n) * 1000 + m,
                one.decision.id,
                account_id(entry.source, entry.asset),
                account_id(entry.destination, entry.asset),
                entry.asset,
                entry.amount_minor,
                entry.phase,
                entry.of,
                entry.reason,
                entry.at,
                now,
                entry.referral if entry.referral in situation.referrals else None,
                entry.reward,
            )
            rows.append(row)
            leaves.append(("entry", entry.id, proof.leaf_hash(proof.entry_leaf(*row))))
    bulk.add("entry", _ENTRY, (row[1:] for row in rows))
    return leaves


def _trails(bulk: Bulk, batch: Sequence[Decided]) -> None:
    rows = {
        (owner, one.event.id): (owner, one.event.id, one.event.at, one.logged.facts)
        for one in batch
        if one.event is not None and one.logged is not None
        for owner in one.decision.trail
    }
    columns = {"owner": "uuid", "event_id": "uuid", "at": "timestamptz", "facts": "text"}
    bulk.put("trail", "client_id, owner, event_id", columns, rows.values(), "NOTHING")
    withdrawn = {pair for one in batch for pair in one.decision.withdrawn}
    if withdrawn:  # the log keeps the event; it only lies on nobody's trail any more
        bulk.conn.execute(
            "DELETE FROM trail t USING unnest(%s::uuid[], %s::uuid[]) AS w(owner, event_id)"
            " WHERE t.client_id = %s::uuid AND t.owner = w.owner AND t.event_id = w.event_id",
            (*(array_literal(column) for column in zip(*withdrawn, strict=True)), bulk.client_id),
        )


def _outbox(bulk: Bulk, batch: Sequence[Decided], now: datetime) -> None:
    """Notices to deliver after the commit; an outbox id is a function of the decision and the place in it."""
    rows = [
        (ident("notice", one.decision.id, str(n)), notice.kind, _encode(notice).decode(), now, 0, now)
        for one in batch
        for n, notice in enumerate(one.decision.notices)
    ]
    bulk.add("outbox", _OUTBOX, rows)
