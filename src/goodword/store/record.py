"""How does a decision become rows? Everything that follows from a batch of events in ONE transaction, by bulk statements.

Decisions, entries, trails and leaves are added; referrals, rewards, balances, counters and rollups are brought to where the
decisions left them; the lane's cursor moves in the same commit. Each statement names the client, for the engine sees all.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
import psycopg

from goodword.core import proof
from goodword.core.decide import fingerprint
from goodword.core.events import ident
from goodword.core.reasons import verdict
from goodword.core.referral import Referral
from goodword.core.situation import Situation
from goodword.store.decided import Decided, StoredDecision, account_id
from goodword.store.load import Book
from goodword.store.persons import bodies, people
from goodword.store.sql.bulk import Bulk
from goodword.store.sql.connect import copy_rows
from goodword.store.sql.log import LoggedEvent
from goodword.store.sql.seal import write_leaves
from goodword.store.sql.vault import Vault
from goodword.store.standing import money, publications, referrals, rollups, switches

DECIDED_CHANNEL = "goodword_decided"

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
) -> int:
    """Write everything that follows from the batch; returns the number of the last decision. The caller commits."""
    bulk = Bulk(conn, client_id)
    with conn.cursor() as cursor:
        people(bulk, situation, batch, now)
        bodies(bulk, vault, batch, now)
        publications(bulk, batch, book, now)
        switches(bulk, batch, book)
        leaves = [_event_leaf(one.logged) for one in batch if one.logged is not None]
        leaves += _decisions(bulk, cursor, batch, first_seq, now)
        leaves += _entries(bulk, cursor, situation, batch, first_seq, now)
        _trails(bulk, batch)
        referrals(bulk, situation, batch, book, first_seq)
        money(bulk, situation, batch)
        rollups(bulk, batch, book, before)
        _outbox(bulk, cursor, batch, now)
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
    bulk: Bulk, cursor: Any, batch: Sequence[Decided], first_seq: int, now: datetime
) -> list[tuple[proof.LeafKind, str, bytes]]:
    rows: list[tuple[Any, ...]] = []
    leaves: list[tuple[proof.LeafKind, str, bytes]] = []
    for n, one in enumerate(batch):
        decision = one.decision
        main = verdict(decision.reasons)
        referral = decision.due or (decision.referrals[0].id if decision.referrals else None)
        body = StoredDecision(
            decision.reasons,
            tuple((known.id, known.state) for known in decision.referrals),
            len(decision.entries),
            decision.party,
            fingerprint(decision),
        )
        row = (
            bulk.client_id,
            decision.id,
            first_seq + n,
            decision.event,
            "due" if decision.cause == "due" else "event",
            referral,
            decision.clock,
            now,
            main.code if main else "recorded",
            _encode(body).decode(),
        )
        rows.append(row)
        leaves.append(("decision", decision.id, proof.leaf_hash(proof.decision_leaf(*row))))
    columns = (
        "client_id",
        "id",
        "seq",
        "event_id",
        "cause",
        "referral_id",
        "clock",
        "decided_at",
        "verdict",
        "body",
    )
    copy_rows(cursor, "decision", columns, rows)
    return leaves


def _entries(
    bulk: Bulk, cursor: Any, situation: Situation, batch: Sequence[Decided], first_seq: int, now: datetime
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
    columns = (
        "client_id",
        "id",
        "seq",
        "decision_id",
        "source_id",
        "destination_id",
        "asset",
        "amount_minor",
        "phase",
        "of_id",
    )
    copy_rows(cursor, "entry", (*columns, "reason", "at", "recorded_at", "referral_id", "reward_id"), rows)
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


def _outbox(bulk: Bulk, cursor: Any, batch: Sequence[Decided], now: datetime) -> None:
    """Notices to deliver after the commit; an outbox id is a function of the decision and the place in it."""
    rows = [
        (
            bulk.client_id,
            ident("notice", one.decision.id, str(n)),
            notice.kind,
            _encode(notice).decode(),
            now,
            0,
            now,
        )
        for one in batch
        for n, notice in enumerate(one.decision.notices)
    ]
    copy_rows(cursor, "outbox", ("client_id", "id", "kind", "body", "created_at", "attempts", "next_at"), rows)
