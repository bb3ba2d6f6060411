"""What was booked, and what lies where? Entries in order and balances of a client, as they are stored."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
import psycopg

from goodword.core.ledger import Accounts, Balance
from goodword.core.referral import Referral
from goodword.store.sql.vault import Vault

_PIECE = 5_000
_decode_referral = msgspec.json.Decoder(Referral).decode


class JournalLine(msgspec.Struct, frozen=True):
    """One entry with the names of its accounts."""

    seq: int
    id: str
    at: datetime
    source: str
    destination: str
    amount_minor: int
    asset: str
    phase: str
    reason: str
    referral: str | None


def read_accounts(conn: psycopg.Connection[Any], client_id: str) -> Accounts:
    """Stored balances by account name and asset."""
    rows = conn.execute(
        "SELECT name, asset, posted_minor, pending_out_minor, pending_in_minor, floor_minor FROM account"
        " WHERE client_id = %s::uuid ORDER BY name, asset",
        (client_id,),
    ).fetchall()
    return {(name, asset): Balance(*balance) for name, asset, *balance in rows}


def read_journal(conn: psycopg.Connection[Any], client_id: str, since: datetime | None) -> Iterator[JournalLine]:
    """Entries in the order in which they were booked, read piece by piece."""
    after = -1
    while True:
        rows = conn.execute(
            "SELECT e.seq, e.id, e.at, s.name, d.name, e.amount_minor, e.asset, e.phase, e.reason, e.referral_id FROM entry e"
            " JOIN account s ON s.client_id = e.client_id AND s.id = e.source_id"
            " JOIN account d ON d.client_id = e.client_id AND d.id = e.destination_id"
            " WHERE e.client_id = %s::uuid AND e.seq > %s AND (%s::timestamptz IS NULL OR e.at >= %s)"
            " ORDER BY e.seq LIMIT %s",
            (client_id, after, since, since, _PIECE),
        ).fetchall()
        for row in rows:
            yield JournalLine(*row)
        if len(rows) < _PIECE:
            return
        after = rows[-1][0]


def read_referrals(conn: psycopg.Connection[Any], client_id: str) -> Iterator[Referral]:
    """Every referral as it stands, by id."""
    after = "0" * 32
    while True:
        rows = conn.execute(
            "SELECT id, body FROM referral WHERE client_id = %s::uuid AND id > %s::uuid ORDER BY id LIMIT %s",
            (client_id, after, _PIECE),
        ).fetchall()
        for _, body in rows:
            yield _decode_referral(body)
        if len(rows) < _PIECE:
            return
        after = rows[-1][0]


def own_ids(conn: psycopg.Connection[Any], vault: Vault, client_id: str, parties: list[str]) -> dict[str, str]:
    """The ids that the client's own systems gave these people, opened; who was erased or never had one is missing."""
    found: dict[str, str] = {}
    for start in range(0, len(parties), _PIECE):
        piece = parties[start : start + _PIECE]
        keys = vault.person_keys(conn, client_id, piece, create=False)
        rows = conn.execute(
            "SELECT party_id, sealed FROM personal WHERE client_id = %s::uuid AND party_id = ANY(%s::uuid[]) AND field = 'id'",
            (client_id, piece),
        ).fetchall()
        for party, sealed in rows:
            if party in keys:
                found[party] = msgspec.json.decode(keys[party].open("personal", "id", party, bytes(sealed)), type=str)
    return found
