"""How is a person forgotten for good? Shredding, what the law makes us keep, and a list that outlives a backup.

Shredding destroys the person's key and deletes the person's sealed rows and blind indexes; log, decisions, entries and
proofs hold neither and stay as they are. Key rows also lie in backups: shredding is complete when their retention has
run out, and until then the erasure list is replayed after every restore, before the service opens.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import tuple_row

from goodword.core.proof import canonical
from goodword.errors import BadInput
from goodword.store.sql.envelope import KEY_BYTES, SealingKey, key_id_of, place
from goodword.store.sql.vault import Vault

# Everything that names or describes the person. `trail`, `referral` and `entry` hold ids and tokens only and stay.
_SHREDDED = ("personal", "attribute", "identifier", "trait", "audience_member", "contest_name", "event_body")


@dataclass(frozen=True)
class Shredded:
    """What shredding one person removed: whether there was a key, and rows by table."""

    key_destroyed: bool
    rows: dict[str, int]


@dataclass(frozen=True)
class KeptRecord:
    """A statutory record as it lies in the database: sealed under a key of its own."""

    id: str
    wrapped: bytes
    sealed: bytes
    expires_at: datetime


@dataclass(frozen=True)
class Statutory:
    """A statutory record, opened: the few fields that the law makes us keep until `expires_at`."""

    id: str
    fields: dict[str, Any]
    expires_at: datetime


@dataclass(frozen=True)
class Replayed:
    """What replaying the list did: people listed, people who were back and are gone again, records put back."""

    listed: int
    shredded: int
    records: int


def shred_person(vault: Vault, conn: Connection[Any], client_id: str, party_id: str) -> Shredded:
    """Make a person unreadable in the caller's transaction. Doing it twice changes nothing more."""
    destroyed = vault.destroy(conn, client_id, party_id)
    creators = _creators_of(conn, client_id, party_id)
    rows = {
        table: conn.execute(
            f"DELETE FROM {table} WHERE client_id = %s::uuid AND party_id = %s::uuid", (client_id, party_id)
        ).rowcount
        for table in _SHREDDED
    }
    rows["creator"] = forget_creators(conn, client_id, creators)
    conn.execute(
        "UPDATE party SET erased_at = coalesce(erased_at, now()) WHERE client_id = %s::uuid AND id = %s::uuid",
        (client_id, party_id),
    )
    return Shredded(destroyed, rows)


def forget_creators(conn: Connection[Any], client_id: str, creators: Sequence[str]) -> int:
    """What these wrote as creators goes; that a text was accepted stays, by its mark."""
    given = (client_id, list(creators))
    for table, sealed in (
        ("creator_contract", "text_sealed"),
        ("creator_contract", "note_sealed"),
        ("creator_brief", "sealed"),
        ("creator_post", "sealed"),
    ):
        conn.execute(
            f"UPDATE {table} SET {sealed} = NULL WHERE client_id = %s::uuid AND creator_id = ANY(%s::uuid[])", given
        )
    return conn.execute(
        "UPDATE creator SET sealed = NULL, email_token = NULL, phone_token = NULL, link_hash = NULL, link_until = NULL"
        " WHERE client_id = %s::uuid AND id = ANY(%s::uuid[]) AND sealed IS NOT NULL",
        given,
    ).rowcount


def _creators_of(conn: Connection[Any], client_id: str, party_id: str) -> list[str]:
    """Where the person applied as a creator, also before the chain knew who that was."""
    rows = conn.execute(
        "SELECT id::text FROM creator c WHERE client_id = %(client)s::uuid AND (party_id = %(party)s::uuid OR email_token IN"
        " (SELECT token FROM identifier WHERE client_id = %(client)s::uuid AND party_id = %(party)s::uuid AND kind = 'email'))",
        {"client": client_id, "party": party_id},
    ).fetchall()
    return [str(row[0]) for row in rows]


def keep_statutory(
    vault: Vault, conn: Connection[Any], client_id: str, party_id: str, fields: dict[str, Any], expires_at: datetime
) -> KeptRecord:
    """Seal the fields that must stay (payee, amounts as text or minor units, dates) under a key of their own.

    The record's id is a function of person and fields: keeping the same twice keeps it once.
    """
    keys = vault.open_client(client_id)
    plain = canonical(fields)
    record_id = keys.commit(b"statutory\x1f" + party_id.encode() + b"\x1f" + plain)[:16].hex()
    key = os.urandom(KEY_BYTES)
    record = KeptRecord(
        record_id,
        keys.wrapping_key.seal(key, _place(client_id, party_id, "wrapped", record_id)),
        SealingKey(bytes.fromhex(record_id), key).seal(plain, _place(client_id, party_id, "sealed", record_id)),
        expires_at.astimezone(UTC),
    )
    _insert_record(conn, client_id, party_id, record)
    return record


def read_statutory(
    vault: Vault, conn: Connection[Any], client_id: str, party_id: str, now: datetime
) -> list[Statutory]:
    """The records kept for a person that have not expired."""
    keys = vault.open_client(client_id)
    with conn.cursor(row_factory=tuple_row) as cursor:
        cursor.execute(
            "SELECT replace(id::text, '-', ''), wrapped, sealed, expires_at FROM statutory"
            " WHERE client_id = %s::uuid AND party_id = %s::uuid AND expires_at > %s ORDER BY expires_at, id",
            (client_id, party_id, now),
        )
        rows = cursor.fetchall()
    records = []
    for record_id, wrapped, sealed, expires_at in rows:
        wrapping = keys.wrapping_key_named(key_id_of(wrapped))
        key = wrapping.open(wrapped, _place(client_id, party_id, "wrapped", record_id))
        plain = SealingKey(bytes.fromhex(record_id), key).open(sealed, _place(client_id, party_id, "sealed", record_id))
        records.append(Statutory(record_id, json.loads(plain), expires_at))
    return records


def purge_statutory(conn: Connection[Any], client_id: str, now: datetime) -> int:
    """Delete the records whose time has run out, key and all; returns how many."""
    return conn.execute(
        "DELETE FROM statutory WHERE client_id = %s::uuid AND expires_at <= %s", (client_id, now)
    ).rowcount


def list_erasure(path: Path, client_id: str, party_id: str, at: datetime, kept: Sequence[KeptRecord] = ()) -> None:
    """Add one erasure to the list, on disk before this returns. Call it before the shredding transaction commits:
    a person listed and not shredded is shredded by the next replay, the other way round would bring the person back.

    Kept records go along, still sealed: a backup from before the erasure does not hold them.
    """
    line = {
        "client": client_id,
        "party": party_id,
        "at": at.astimezone(UTC).isoformat(),
        "kept": [
            {
                "id": record.id,
                "wrapped": base64.b64encode(record.wrapped).decode(),
                "sealed": base64.b64encode(record.sealed).decode(),
                "expires_at": record.expires_at.isoformat(),
            }
            for record in kept
        ],
    }
    with _locked(path) as handle:
        os.ftruncate(handle, path.read_bytes().rfind(b"\n") + 1)  # a line torn by a crash was never acknowledged
        os.write(handle, json.dumps(line).encode() + b"\n")
        os.fsync(handle)


def replay_erasures(vault: Vault, conn: Connection[Any], client_id: str, path: Path, now: datetime) -> Replayed:
    """After a restore: shred again everybody on the list and put back the records that the law makes us keep."""
    listed = [line for line in _read_list(path) if line["client"] == client_id]
    shredded = records = 0
    for line in listed:
        if shred_person(vault, conn, client_id, line["party"]).key_destroyed:
            shredded += 1
        for kept in line["kept"]:
            record = _kept_from(kept)
            if record.expires_at > now:
                records += _insert_record(conn, client_id, line["party"], record)
    return Replayed(len(listed), shredded, records)


def trim_list(path: Path, now: datetime) -> int:
    """Take expired statutory records out of the list (the erasures stay); returns how many were taken out."""
    with _locked(path) as handle:
        lines = _read_list(path)
        taken = 0
        for line in lines:
            current = [kept for kept in line["kept"] if _kept_from(kept).expires_at > now]
            taken += len(line["kept"]) - len(current)
            line["kept"] = current
        if taken:
            text = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
            beside = path.with_name(path.name + ".new")
            fresh = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            try:
                os.write(fresh, text)
                os.fsync(fresh)
            finally:
                os.close(fresh)
            os.fsync(handle)
            beside.replace(path)
    return taken


def _insert_record(conn: Connection[Any], client_id: str, party_id: str, record: KeptRecord) -> int:
    return conn.execute(
        "INSERT INTO statutory (client_id, id, party_id, wrapped, sealed, expires_at)"
        " VALUES (%s::uuid, %s::uuid, %s::uuid, %s, %s, %s) ON CONFLICT (client_id, id) DO NOTHING",
        (client_id, record.id, party_id, record.wrapped, record.sealed, record.expires_at),
    ).rowcount


def _place(client_id: str, party_id: str, field: str, record_id: str) -> bytes:
    return place(client_id, party_id, "statutory", field, record_id)


def _kept_from(kept: dict[str, str]) -> KeptRecord:
    return KeptRecord(
        kept["id"],
        base64.b64decode(kept["wrapped"]),
        base64.b64decode(kept["sealed"]),
        datetime.fromisoformat(kept["expires_at"]),
    )


def _read_list(path: Path) -> list[dict[str, Any]]:
    """Lines of the list. An unended last line is a crash before its erasure was acknowledged, and is left out."""
    if not path.exists():
        return []
    lines = []
    for number, line in enumerate(path.read_bytes().split(b"\n")[:-1], 1):
        try:
            read = json.loads(line)
            lines.append({"client": read["client"], "party": read["party"], "at": read["at"], "kept": read["kept"]})
        except (ValueError, KeyError, TypeError):
            raise BadInput(
                f"Line {number} of the erasure list {path} cannot be read.",
                "People who were erased would come back if it were passed over.",
                "Repair the line from a copy of the list, or take it out if it is known to be empty.",
            ) from None
    return lines


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.lockf(handle, fcntl.LOCK_EX)
            if path.exists() and os.path.samestat(os.fstat(handle), path.stat()):
                yield handle
                return
        finally:
            os.close(handle)  # trimming put another file in this place meanwhile: wait for that one
