"""Which place in the log does each leaf get, and who signs for it? The sealer: one at a time, in order, never twice.

A transaction that writes rows writes their leaves beside them, without numbers. The sealer numbers them, appends them
to the client's Merkle tree and signs a checkpoint: when 60 seconds have passed or 1,000 leaves wait, and after each day
(UTC) even if nothing happened, so that silence can be proved too. It never builds on a tree that was not signed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from psycopg import Connection
from psycopg.rows import tuple_row

from goodword.core import proof
from goodword.errors import Unsafe

CHECKPOINT_SECONDS = 60
CHECKPOINT_LEAVES = 1_000
_BATCHES_A_CALL = 2_000


class Signer(Protocol):
    """Who signs checkpoints: `ClientKeys` does."""

    public_key: bytes

    def sign(self, message: bytes) -> bytes:
        """Ed25519 signature of the message."""


@dataclass(frozen=True)
class Sealed:
    """What one call sealed. `note` is the signed checkpoint, None when none was due; `more` leaves may wait."""

    count: int
    size: int
    root: bytes
    note: str | None
    more: bool


def origin(client_id: str) -> str:
    """Name of a client's log and of the key that signs it."""
    return f"goodword/log/{client_id}"


def signature_holds(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether an Ed25519 signature by this raw key fits the message."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def write_leaves(
    conn: Connection[Any], client_id: str, decision_seq: int, leaves: Sequence[tuple[proof.LeafKind, str, bytes]]
) -> None:
    """Put the leaves (kind, row id, leaf hash) of one transaction beside its rows; the sealer numbers them later.

    `decision_seq` is the last decision of the transaction, 0 for acts outside the chain: it orders what waits together.
    """
    if not leaves:
        return
    hashes = b"".join([leaf[2] for leaf in leaves])
    listed = json.dumps([[kind, row_id] for kind, row_id, _ in leaves], separators=(",", ":"))
    conn.execute(
        "INSERT INTO leaf_batch (client_id, id, decision_seq, count, leaves, hashes)"
        " VALUES (%s::uuid, %s::uuid, %s, %s, %s, %s)",
        (client_id, hashlib.sha256(hashes).hexdigest()[:32], decision_seq, len(leaves), listed, hashes),
    )


def seal(
    conn: Connection[Any], client_id: str, signer: Signer, *, now: datetime | None = None, force: bool = False
) -> Sealed:
    """Number what waits and sign a checkpoint, in one transaction; does nothing while neither is due.

    `force` signs now whatever waits (before an export, after an import); without `now` the database's clock counts.
    """
    with conn.transaction(), conn.cursor(row_factory=tuple_row) as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (_lock_number(client_id),))
        moment = _read_clock(cursor) if now is None else now.astimezone(UTC)
        tree, signed_at = _read_tree(cursor, client_id, signer)
        if signed_at is not None:  # a command that began before somebody else signed: checkpoints never run back
            moment = max(moment, signed_at)
        waiting = _read_waiting(cursor, client_id)
        count = sum(row[1] for row in waiting)
        if not (_is_due(count, moment, signed_at) or (force and (count or signed_at is None))):
            return Sealed(0, tree.size, tree.root(), None, bool(count))
        _number(cursor, client_id, tree, waiting, moment)
        note = _sign(client_id, tree, signer, moment)
        _store(cursor, client_id, tree, note, moment)
        return Sealed(count, tree.size, tree.root(), note, len(waiting) == _BATCHES_A_CALL)


def seal_all(conn: Connection[Any], client_id: str, signer: Signer, *, now: datetime | None = None) -> Sealed:
    """Seal until nothing waits; returns the last checkpoint with the count of all."""
    sealed = seal(conn, client_id, signer, now=now, force=True)
    total = sealed.count
    while sealed.more:
        sealed = seal(conn, client_id, signer, now=now, force=True)
        total += sealed.count
    return Sealed(total, sealed.size, sealed.root, sealed.note, False)


def _lock_number(client_id: str) -> int:
    return int.from_bytes(hashlib.sha256(f"goodword seal {client_id}".encode()).digest()[:8], signed=True)


def _is_due(count: int, now: datetime, signed_at: datetime | None) -> bool:
    if signed_at is None:
        return count > 0
    if count >= CHECKPOINT_LEAVES or now.date() > signed_at.date():
        return True
    return count > 0 and now - signed_at >= timedelta(seconds=CHECKPOINT_SECONDS)


def _read_clock(cursor: Any) -> datetime:
    moment: datetime = cursor.execute("SELECT clock_timestamp()").fetchone()[0]
    return moment.astimezone(UTC)


def _read_tree(cursor: Any, client_id: str, signer: Signer) -> tuple[proof.Tree, datetime | None]:
    """The tree as it was put away, checked against the last signed checkpoint, and when that was signed."""
    cursor.execute("SELECT size, frontier FROM tree WHERE client_id = %s::uuid", (client_id,))
    kept = cursor.fetchone()
    cursor.execute(
        "SELECT note, created_at FROM checkpoint WHERE client_id = %s::uuid"
        " ORDER BY size DESC, created_at DESC LIMIT 1",
        (client_id,),
    )
    last = cursor.fetchone()
    if kept is None and last is None:
        return proof.Tree(), None
    try:
        if kept is None or last is None:
            raise proof.ProofError("one of the two is missing")
        tree = proof.Tree(kept[0], bytes(kept[1]))
        text = proof.open_note(
            last[0], origin(client_id), signer.public_key, lambda sig, msg: signature_holds(signer.public_key, sig, msg)
        )
        signed = proof.parse_checkpoint(text)
        if (signed.size, signed.root) != (tree.size, tree.root()):
            raise proof.ProofError(f"signed were {signed.size} leaves, put away {tree.size} or others")
    except proof.ProofError as trouble:
        raise Unsafe(
            "The log of this client is not the one that was signed last; nothing more is sealed.",
            f"The tree that was put away does not fit the last checkpoint: {trouble}.",
            "Run `goodword proof verify`, which names the place, and restore what was changed from a backup.",
        ) from None
    return tree, last[1].astimezone(UTC)


def _read_waiting(cursor: Any, client_id: str) -> list[tuple[str, int, bytes, str | None]]:
    """Unsealed batches in order: (id, count, hashes, list of leaves if an act of a person is among them)."""
    cursor.execute(
        "SELECT id::text, count, hashes, CASE WHEN leaves LIKE '%%\"action\"%%' THEN leaves END FROM leaf_batch"
        " WHERE client_id = %s::uuid AND first_leaf IS NULL ORDER BY decision_seq, id LIMIT %s",
        (client_id, _BATCHES_A_CALL),
    )
    rows: list[tuple[str, int, bytes, str | None]] = cursor.fetchall()
    for row_id, count, hashes, _ in rows:
        if len(hashes) != proof.HASH_BYTES * count:
            raise Unsafe(f"The leaf batch {row_id} does not hold {count} hashes.", "", "Run `goodword proof verify`.")
    return rows


def _number(
    cursor: Any, client_id: str, tree: proof.Tree, waiting: list[tuple[str, int, bytes, str | None]], now: datetime
) -> None:
    """Give every waiting leaf its place and append it to the tree."""
    firsts: list[int] = []
    acts: list[tuple[str, int]] = []
    for _, count, hashes, leaves in waiting:
        firsts.append(tree.size)
        if leaves is not None:
            listed = enumerate(json.loads(leaves), tree.size)
            acts += [(row_id, number) for number, (kind, row_id) in listed if kind == "action"]
        for at in range(0, proof.HASH_BYTES * count, proof.HASH_BYTES):
            tree.append(hashes[at : at + proof.HASH_BYTES])
    if waiting:
        cursor.execute(
            "UPDATE leaf_batch AS b SET first_leaf = n.first_leaf, sealed_at = %s"
            " FROM unnest(%s::uuid[], %s::bigint[]) AS n (id, first_leaf) WHERE b.client_id = %s::uuid AND b.id = n.id",
            (now, [row[0] for row in waiting], firsts, client_id),
        )
    if acts:
        cursor.execute(
            "UPDATE action AS a SET seq = n.seq FROM unnest(%s::uuid[], %s::bigint[]) AS n (id, seq)"
            " WHERE a.client_id = %s::uuid AND a.id = n.id",
            ([row_id for row_id, _ in acts], [number for _, number in acts], client_id),
        )


def _sign(client_id: str, tree: proof.Tree, signer: Signer, now: datetime) -> str:
    # The time is an extension line, so that two checkpoints of an unchanged log differ and prove the silence between.
    time = f"time {now.isoformat(timespec='microseconds').replace('+00:00', 'Z')}"
    checkpoint = proof.Checkpoint(origin(client_id), tree.size, tree.root(), (time,))
    return proof.sign_note(proof.checkpoint_text(checkpoint), origin(client_id), signer.public_key, signer.sign)


def _store(cursor: Any, client_id: str, tree: proof.Tree, note: str, now: datetime) -> None:
    cursor.execute(
        "INSERT INTO tree (client_id, size, frontier) VALUES (%s::uuid, %s, %s)"
        " ON CONFLICT (client_id) DO UPDATE SET size = excluded.size, frontier = excluded.frontier",
        (client_id, tree.size, tree.frontier),
    )
    cursor.execute(
        "INSERT INTO checkpoint (client_id, size, root, note, created_at) VALUES (%s::uuid, %s, %s, %s, %s)",
        (client_id, tree.size, tree.root(), note, now),
    )
