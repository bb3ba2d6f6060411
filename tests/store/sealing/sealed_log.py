"""What do the worker and the staff write beside their rows? As little as a log needs, for the tests of this folder."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from goodword.core import proof
from goodword.core.events import ident
from goodword.store.sql import seal, verify
from goodword.store.sql.vault import ClientKeys

ACME, GLOBEX = "ac" * 16, "60" * 16
NOON = datetime(2026, 3, 1, 12, 0, 0, 250, tzinfo=UTC)
Conn = psycopg.Connection[Any]
TABLES = (
    "client_key person_key event event_body decision entry action leaf_batch checkpoint tree lane dead_letter".split()
)


def insert(conn: Conn, table: str, names: str, values: tuple[Any, ...]) -> None:
    conn.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join(['%s'] * len(values))})", values)


def decide(conn: Conn, number: int, client_id: str = ACME, at: datetime = NOON) -> None:
    """What the worker writes in one transaction for one event: event, decision, two entries and their leaves."""
    event, decision, account = ident("event", str(number)), ident("decision", str(number)), ident("account")
    leaves: list[tuple[proof.LeafKind, str, bytes]] = []

    def write(kind: proof.LeafKind, *row: Any) -> None:
        insert(conn, kind, f"client_id, {verify._COLUMNS[kind]}", (client_id, *row))
        leaves.append((kind, row[0], proof.leaf_hash(proof.LEAF_OF[kind](client_id, *row))))

    with conn.transaction():
        write("event", event, at, number, at, "shop", "purchase", b"\x01" * 32, f'{{"order":"{number}","text":"ü"}}')
        write("decision", decision, number, event, "event", None, at, at, "qualified", f'{{"n":{number}}}')
        for role in ("advocate", "friend"):
            entry, other = ident("entry", str(number), role), ident(role)
            seq = 2 * number + (role == "friend")
            amount = ("EUR", 1000 + number, "pending", None, role, at, at, None, None)
            write("entry", entry, seq, decision, account, other, *amount)
        if number == 1:
            insert(conn, "lane", "client_id", (client_id,))
        conn.execute(
            "UPDATE lane SET cursor_xid = pg_current_xact_id(), cursor_seq = %s WHERE client_id = %s",
            (number, client_id),
        )
        seal.write_leaves(conn, client_id, number, leaves)


def act(conn: Conn, number: int, client_id: str = ACME) -> str:
    """A staff action with its leaf."""
    row = (ident("action", str(number)), NOON, "olga", "office", "deny", "referral", "r1", b"", b"\x02" * 32, "req-1")
    with conn.transaction():
        insert(conn, "action", f"client_id, {verify._COLUMNS['action']}", (client_id, *row))
        content = proof.LEAF_OF["action"](client_id, *row)
        seal.write_leaves(conn, client_id, 0, [("action", row[0], proof.leaf_hash(content))])
    return row[0]


def check(conn: Conn, keys: ClientKeys, held: list[str] | None = None) -> verify.Report:
    return verify.verify(conn, ACME, keys.public_key, held or [])


def row_of(kind: str) -> str:
    return {
        "event": ident("event", "9"),
        "decision": ident("decision", "9"),
        "entry": ident("entry", "9", "friend"),
        "action": ident("action", "1"),
    }[kind]


def cut_back(owner: Conn) -> None:
    """The whole last stretch taken back, by somebody who misses nothing in the database."""
    owner.execute("DELETE FROM leaf_batch WHERE first_leaf >= 57")
    owner.execute("DELETE FROM checkpoint WHERE size > 57")
    for table in ("event", "decision"):
        owner.execute(f"DELETE FROM {table} WHERE seq >= 15")
    owner.execute("DELETE FROM entry WHERE seq >= 30")


def rewrite(conn: Conn, owner: Conn, keys: ClientKeys) -> None:
    """The last stretch written anew and signed with the right key: by the operator, who has it."""
    cut_back(owner)
    tree = proof.Tree()
    for (hashes,) in owner.execute("SELECT hashes FROM leaf_batch ORDER BY first_leaf").fetchall():
        for at in range(0, len(hashes), proof.HASH_BYTES):
            tree.append(hashes[at : at + proof.HASH_BYTES])
    owner.execute("UPDATE tree SET size = %s, frontier = %s", (tree.size, tree.frontier))
    for number in range(15, 21):
        decide(conn, number, at=NOON + timedelta(seconds=1))
    seal.seal(conn, ACME, keys, now=NOON + timedelta(minutes=15), force=True)
