"""Who is meant, and what is open or was paid to them? Look-ups by identity and by party, for acts about one person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
import psycopg

from goodword.store.sql.connect import array_literal
from goodword.store.sql.vault import Vault


class RewardRow(msgspec.Struct, frozen=True):
    """A reward of one payee."""

    id: str
    referral: str
    kind: str
    asset: str
    amount_minor: int
    state: str
    granted_at: datetime
    state_at: datetime
    due_at: datetime | None


def parties_of(conn: psycopg.Connection[Any], client_id: str, identities: Iterable[tuple[str, str]]) -> list[str]:
    """Parties that own one of these (kind, token) pairs."""
    found: dict[str, None] = {}
    for kind, token in identities:
        rows = conn.execute(
            "SELECT party_id FROM identifier WHERE client_id = %s::uuid AND kind = %s AND token = %s::uuid",
            (client_id, kind, token),
        ).fetchall()
        found.update(dict.fromkeys(row[0] for row in rows))
    return list(found)


def rewards_of(conn: psycopg.Connection[Any], client_id: str, party_id: str, states: Iterable[str]) -> list[RewardRow]:
    """Rewards of a payee in these states, oldest first."""
    rows = conn.execute(
        "SELECT id, referral_id, kind, asset, amount_minor, state, granted_at, state_at, due_at FROM reward"
        " WHERE client_id = %s::uuid AND payee_id = %s::uuid AND state = ANY(%s::text[]) ORDER BY granted_at, id",
        (client_id, party_id, array_literal(states)),
    ).fetchall()
    return [RewardRow(*row) for row in rows]


def points_of(conn: psycopg.Connection[Any], client_id: str, party_id: str) -> list[tuple[int, str]]:
    """(points, unit) in the wallets that are a party's own."""
    return conn.execute(
        "SELECT available, unit FROM wallet WHERE client_id = %s::uuid AND holder_id = %s::uuid AND available > 0"
        " ORDER BY unit",
        (client_id, party_id),
    ).fetchall()


def referral_counts(conn: psycopg.Connection[Any], client_id: str, party_id: str) -> tuple[int, int]:
    """(referrals as the friend, referrals as the advocate)."""
    row = conn.execute(
        "SELECT (SELECT count(*) FROM referral WHERE client_id = %(c)s::uuid AND friend_id = %(p)s::uuid),"
        " (SELECT count(*) FROM referral WHERE client_id = %(c)s::uuid AND advocate_id = %(p)s::uuid)",
        {"c": client_id, "p": party_id},
    ).fetchone()
    assert row is not None, "an aggregate always has a row"
    return int(row[0]), int(row[1])


def open_fields(conn: psycopg.Connection[Any], vault: Vault, client_id: str, party_id: str) -> dict[str, Any]:
    """What is kept of a person, opened; empty once the person was erased."""
    key = vault.person_keys(conn, client_id, [party_id], create=False).get(party_id)
    if key is None:
        return {}
    rows = conn.execute(
        "SELECT field, sealed FROM personal WHERE client_id = %s::uuid AND party_id = %s::uuid ORDER BY field",
        (client_id, party_id),
    ).fetchall()
    return {field: msgspec.json.decode(key.open("personal", field, party_id, bytes(sealed))) for field, sealed in rows}


def note_erasure(
    conn: psycopg.Connection[Any], client_id: str, erasure_id: str, party_id: str, at: datetime, summary: str
) -> None:
    """Write down that a person was erased, in words without the person; once a person."""
    conn.execute(
        "INSERT INTO erasure (client_id, id, party_id, requested_at, done_at, summary)"
        " VALUES (%s::uuid, %s::uuid, %s::uuid, %s, %s, %s) ON CONFLICT (client_id, id) DO NOTHING",
        (client_id, erasure_id, party_id, at, at, summary),
    )
