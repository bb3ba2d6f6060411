"""How is everything copied away, and how does one know that the copy is whole? One sealed file, read again once it is written."""

from __future__ import annotations

import hashlib
import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import psycopg

from goodword import __version__
from goodword.actions.clients import HOUSE_SLUG
from goodword.actions.deeds import COMMAND_LINE, HOUSE, note
from goodword.actions.opening import Chain
from goodword.errors import BadInput, GoodwordError, Unsafe
from goodword.house.folder import DataFolder, write_private
from goodword.house.physical import Sums, base_backup, check
from goodword.house.postgres import Cluster
from goodword.store.sql.keyring import Keyring
from goodword.store.sql.seal import seal_all
from goodword.store.sql.sealed_file import SealedReader, SealedWriter

SUFFIX = ".gwbackup"
LAST = "backup.json"  # in the data folder: what the page System and `status` tell of
_PRIVATE = ("passwords.json", "secret_key")


class Head(msgspec.Struct, frozen=True):
    """How far a client's log was when the copy was taken, and the checkpoint that says so, signed."""

    client: str
    slug: str
    size: int
    checkpoint: str | None


class Manifest(msgspec.Struct, frozen=True):
    """What a backup says of itself; it is the first thing sealed in it. `private` are the small files of the data folder."""

    taken_at: datetime
    version: str
    postgres: int
    schema: str
    master_keys: tuple[str, ...]
    heads: tuple[Head, ...]
    private: dict[str, str]


class BackedUp(msgspec.Struct, frozen=True):
    """A backup that was written and read again."""

    path: str
    taken_at: datetime
    bytes: int
    sha256: str
    files: int
    database_bytes: int


def back_up(
    cluster: Cluster, chain: Chain, keyring: Keyring, folder: DataFolder, target: Path, *, now: datetime
) -> BackedUp:
    """Seal the logs, copy the running database into one sealed file, and read it back before it gets its name."""
    for client_id in (*_clients(chain), HOUSE):
        seal_all(chain.conn, client_id, chain.keys(client_id))
    manifest = _manifest(chain, folder, now)
    part = target.with_name(target.name + ".part")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as error:
        raise BadInput(f"{part} cannot be written.", error.strerror or "", "Name another place with --to.") from None
    try:
        with os.fdopen(handle, "wb") as file:
            writer = SealedWriter(file, keyring, {"taken_at": now.isoformat(), "goodword": __version__})
            writer.write(msgspec.json.encode(manifest))
            writer.end_piece()
            base_backup(cluster, writer)
            writer.close()
        sums = verified(part, keyring)[1]
        digest = _digest(part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    done = BackedUp(str(target), now, target.stat().st_size, digest, len(sums.files), sums.bytes)
    _tell(chain, folder, target, manifest, done, now)
    return done


def verified(path: Path, keyring: Keyring) -> tuple[Manifest, Sums]:
    """Read a backup to its end: every piece opens, and every file of the database is the one that was copied."""
    with path.open("rb") as file:
        reader, manifest = opened(file, path, keyring)
        sums = check(reader)
    if faults := sums.faults():
        raise BadInput(f"{path} is not whole: {faults[0]}.", f"{len(faults)} faults.", "Take another backup.")
    return manifest, sums


def opened(file: Any, path: Path, keyring: Keyring) -> tuple[SealedReader, Manifest]:
    """The reader of a backup, behind its manifest; refused where this installation lacks a key that it needs."""
    reader = SealedReader(file, str(path))
    require_keys((str(reader.head.get("key")),), keyring, path)
    reader.unlock(keyring)
    try:
        manifest = msgspec.json.decode(reader.piece(), type=Manifest)
    except msgspec.MsgspecError:
        raise BadInput(
            f"{path} was written by another version.", f"It says {reader.head.get('goodword')}.", "Use that version."
        ) from None
    require_keys(manifest.master_keys, keyring, path)
    return reader, manifest


def require_keys(kek_ids: tuple[str, ...], keyring: Keyring, path: Path) -> None:
    """Refuse a backup whose master key is not here: it would be restored, and nothing in it could be opened."""
    missing = [kek_id for kek_id in kek_ids if not keyring.holds(kek_id)]
    if missing:
        raise Unsafe(
            f"The master key {missing[0][:12]}… of the backup {path.name} is not here.",
            f"{keyring.describe().capitalize()} holds other keys; without that one nothing in the backup opens.",
            "Put the kept copy of the key file in its place (GOODWORD_KEY_FILE), mode 0600, and try again.",
        )


def last_backup(folder: DataFolder) -> BackedUp | None:
    """What the latest backup of this data folder was; None where there is none that Goodword made."""
    try:
        return msgspec.json.decode((folder.root / LAST).read_bytes(), type=BackedUp)
    except (OSError, msgspec.MsgspecError):
        return None


def heads_of(conn: psycopg.Connection[Any]) -> tuple[Head, ...]:
    """The last signed checkpoint of every log."""
    rows = conn.execute(
        "SELECT DISTINCT ON (p.client_id) p.client_id, coalesce(c.slug, %s), p.size, p.note FROM checkpoint p"
        " LEFT JOIN client c ON c.id = p.client_id ORDER BY p.client_id, p.size DESC, p.created_at DESC",
        (HOUSE_SLUG,),
    ).fetchall()
    return tuple(Head(*row) for row in rows)


def _manifest(chain: Chain, folder: DataFolder, now: datetime) -> Manifest:
    conn = chain.conn
    keys = conn.execute("SELECT DISTINCT kek_id FROM client_key WHERE destroyed_at IS NULL ORDER BY 1").fetchall()
    schema = conn.execute("SELECT max(name) FROM django_migrations WHERE app = 'store'").fetchone()
    private = {
        name: (folder.root / name).read_text(encoding="utf-8") for name in _PRIVATE if (folder.root / name).exists()
    }
    return Manifest(
        now,
        __version__,
        conn.info.server_version,
        str(schema[0]) if schema else "",
        tuple(row[0] for row in keys),
        heads_of(conn),
        private,
    )


def _tell(chain: Chain, folder: DataFolder, target: Path, manifest: Manifest, done: BackedUp, now: datetime) -> None:
    """What outsiders may know lies beside the file; that it was taken is a line in the log of the house."""
    public = {
        "file": target.name,
        "taken_at": done.taken_at.isoformat(),
        "goodword": manifest.version,
        "postgres": manifest.postgres,
        "schema": manifest.schema,
        "sha256": done.sha256,
        "bytes": done.bytes,
        "master_keys": list(manifest.master_keys),
        "heads": [msgspec.to_builtins(head) for head in manifest.heads],
    }
    write_private(target.with_name(target.name + ".json"), json.dumps(public, indent=1) + "\n")
    write_private(folder.root / LAST, msgspec.json.encode(done).decode() + "\n")
    with chain.conn.transaction():
        note(
            chain.conn, chain.keys(HOUSE), COMMAND_LINE, "backup", "house", HOUSE, at=now, after={"sha256": done.sha256}
        )


def target_of(goal: Path, folder: DataFolder, now: datetime) -> Path:
    """The file that a backup taken now would be; refused where it would be of no use, or write over another."""
    named = goal / f"goodword-{now:%Y%m%dT%H%M%SZ}{SUFFIX}" if goal.is_dir() else goal
    place, inside = named.absolute().parent.resolve(), folder.root.resolve()
    if not place.is_dir():
        raise BadInput(f"{place} is not a folder.", "", "Name an existing folder, or a file in one, with --to.")
    if inside == place or inside in place.parents:
        raise BadInput(
            f"{named} lies inside the data folder.",
            "Whoever loses the folder loses its backup with it.",
            "Name a place elsewhere with --to, best on another machine.",
        )
    if named.exists():
        raise BadInput(f"{named} is there already.", "A backup never writes over another.", "Name another file.")
    return named


def _clients(chain: Chain) -> list[str]:
    return [row[0] for row in chain.conn.execute("SELECT id FROM client ORDER BY id").fetchall()]


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class NotWhole(GoodwordError):
    """A restored database that is not what the backup said."""

    code = "not_whole"
