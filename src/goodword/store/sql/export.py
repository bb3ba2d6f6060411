"""What does an outsider need to check the log without us? Leaves, checkpoints, the public key, a verifier.

Leaves hold ids, tokens and amounts, no personal value; still the folder is made for its reader alone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from psycopg import Connection

from goodword.core import proof
from goodword.errors import Unsafe
from goodword.store.sql import verifier
from goodword.store.sql.seal import origin
from goodword.store.sql.verify import Leaf, checkpoints, leaf_batches, leaves_of, snapshot

VERIFIER_NAME = "goodword-verify.py"


@dataclass(frozen=True)
class Exported:
    """What was written."""

    folder: Path
    leaves: int
    checkpoints: int


def export(conn: Connection[Any], client_id: str, folder: Path, public_key: bytes) -> Exported:
    """Write leaves.jsonl, checkpoints.txt, public.key and goodword-verify.py; sealed leaves only.

    A row that is gone is written without content and an altered one as it now is, so that the verifier names both.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    leaf_count = note_count = 0
    with snapshot(conn):
        with _private(folder / "leaves.jsonl") as file:
            for leaf in _sealed_leaves(conn, client_id):
                file.write(_line(leaf))
                leaf_count += 1
        with _private(folder / "checkpoints.txt") as file:
            for _, _, note in checkpoints(conn, client_id):
                file.write(note + "\n")
                note_count += 1
    with _private(folder / "public.key") as file:
        file.write(proof.verifier_key(origin(client_id), public_key) + "\n")
    with _private(folder / VERIFIER_NAME) as file:
        file.write(Path(verifier.__file__).read_text(encoding="utf-8"))
    return Exported(folder, leaf_count, note_count)


def _sealed_leaves(conn: Connection[Any], client_id: str) -> Iterator[Leaf]:
    for batch in leaf_batches(conn, client_id, sealed=True):
        try:
            yield from leaves_of(conn, client_id, batch)
        except ValueError as trouble:
            raise Unsafe(
                f"The leaf batch {batch.id} is damaged: {trouble}.",
                "An export without its leaves would not show what was signed.",
                "Run `goodword proof verify`, which names every fault, and restore the row from a backup.",
            ) from None


def _line(leaf: Leaf) -> str:
    hashes = [proof.leaf_hash(content) for content in leaf.contents]
    content = b"null"
    if leaf.contents:
        content = leaf.contents[hashes.index(leaf.hash) if leaf.hash in hashes else 0]
    # The content is spliced in as it was hashed: decoding and encoding it again would cost more than the rest.
    head = json.dumps({"n": leaf.number, "kind": leaf.kind, "id": leaf.id, "hash": leaf.hash.hex()})
    return f'{head[:-1]}, "leaf": {content.decode()}}}\n'


def _private(path: Path) -> IO[str]:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8", newline="\n")
