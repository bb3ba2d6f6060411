"""How does the embedded database leave as one consistent stream, and how does a folder come to life from it?

The copy is physical (pg_basebackup): the log is read by transaction numbers, which a dump of rows would start anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Protocol, cast

from goodword.errors import BadInput, DatabaseTrouble
from goodword.house import system
from goodword.house.folder import DataFolder
from goodword.house.postgres import SUPERUSER, Cluster

MANIFEST = "backup_manifest"
_REPLICATION = "local replication postgres scram-sha-256\n"
_PATIENCE_SECONDS = 20.0
_READ_BYTES = 256 * 1024


class Readable(Protocol):
    """Where a stream is read from."""

    def read(self, size: int = -1, /) -> bytes:
        """So many bytes."""


class Sums:
    """What a stream held: its files with their sums, to be compared with the database's own manifest."""

    def __init__(self) -> None:
        self.files: dict[str, tuple[int, str]] = {}
        self.manifest: dict[str, Any] = {}

    def faults(self) -> list[str]:
        """What the database's manifest says and the stream does not hold; empty where all is there."""
        if not self.manifest:
            return ["the list of files is missing"]
        found = []
        for entry in self.manifest.get("Files", ()):
            name = entry.get("Path") or bytes.fromhex(entry["Encoded-Path"]).decode(errors="replace")
            size, digest = self.files.get(name, (-1, ""))
            if size < 0:
                found.append(f"{name} is missing")
            elif size != entry["Size"] or digest != entry.get("Checksum", digest):
                found.append(f"{name} was altered")
        return found

    @property
    def bytes(self) -> int:
        """How much the files hold together."""
        return sum(size for size, _ in self.files.values())


def base_backup(cluster: Cluster, take: IO[bytes] | Any) -> None:
    """Write a consistent copy of a running cluster, with the log it needs to start, into `take` as a tar stream."""
    _allow(cluster)
    program = system.binaries(system.RunAs(None, None)) / "pg_basebackup"
    argv = [
        str(program), "--host", str(cluster.socket), "--username", SUPERUSER, "--no-password", "--pgdata=-", "--format=tar",
        "--wal-method=fetch", "--checkpoint=fast", "--manifest-checksums=SHA256",
    ]  # fmt: skip
    env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", "PGPASSWORD": cluster.passwords()[SUPERUSER]}
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, cwd="/") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        while piece := process.stdout.read(_READ_BYTES):
            take.write(piece)
        told = process.stderr.read().decode(errors="replace").strip()
    if process.returncode != 0:
        raise DatabaseTrouble("The database could not be copied.", told, "Free the disk, then try again.")


def _allow(cluster: Cluster) -> None:
    """Let the superuser of this socket copy the database: clusters of older versions do not say so yet."""
    rules = cluster.folder.postgres / "pg_hba.conf"
    if _REPLICATION in rules.read_text(encoding="ascii"):
        return
    with rules.open("a", encoding="ascii") as file:
        file.write(_REPLICATION)
    with cluster.superuser() as conn:
        conn.execute("SELECT pg_reload_conf()")
        deadline = time.monotonic() + _PATIENCE_SECONDS
        seen = "SELECT FROM pg_hba_file_rules WHERE 'replication' = ANY(database) AND error IS NULL"
        while conn.execute(seen).fetchone() is None and time.monotonic() < deadline:
            time.sleep(0.05)
    time.sleep(0.2)  # the file is read anew by the postmaster a moment after it was told to


def check(stream: Readable) -> Sums:
    """Read a copy to its end without writing anything."""
    sums = Sums()
    for member, file in _members(stream):
        if member.isfile() and file is not None:
            _take(sums, member.name, file, None)
    return sums


def require_empty(folder: DataFolder) -> None:
    """Refuse a folder in which something lives already."""
    if folder.postgres.exists() or (folder.root / "passwords.json").exists():
        raise BadInput(
            f"{folder.root} is not empty.",
            "A database lies there; a restore never writes over one.",
            "Name an empty folder: goodword restore FILE --data DIR",
        )


@contextmanager
def unpacked(folder: DataFolder, stream: Readable, private: dict[str, str]) -> Iterator[Sums]:
    """A copy unpacked beside its place; it moves there when the block ends well, and is removed when it does not."""
    user = system.run_as()
    part = folder.postgres.with_name("postgres.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(mode=0o700)
    try:
        sums = _unpack(part, stream)
        for path in (part, *part.rglob("*")):
            if user.pair and not path.is_symlink():
                os.chown(path, *user.pair)
        yield sums
        for name, text in private.items():
            place = folder.root / name
            handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
        part.rename(folder.postgres)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def _unpack(part: Path, stream: Readable) -> Sums:
    sums = Sums()
    for member, file in _members(stream):
        place = part / member.name
        if member.name.startswith("/") or ".." in Path(member.name).parts or not (member.isdir() or member.isfile()):
            raise BadInput(f"The backup holds {member.name!r}.", "No database lies so.", "Take another backup.")
        if member.isdir():
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            continue
        assert file is not None
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out:
            _take(sums, member.name, file, out)
    return sums


def _members(stream: Readable) -> Iterator[tuple[tarfile.TarInfo, IO[bytes] | None]]:
    try:
        with tarfile.open(fileobj=cast("IO[bytes]", stream), mode="r|") as tar:  # reads forward only
            for member in tar:
                member.name = member.name.removeprefix("./")
                if member.name not in ("", "."):
                    yield member, tar.extractfile(member) if member.isfile() else None
        while stream.read(_READ_BYTES):  # to the very last piece, which says that nothing is missing
            continue
    except tarfile.TarError as error:
        raise BadInput("The backup cannot be unpacked.", str(error), "Take another backup.") from None


def _take(sums: Sums, name: str, file: IO[bytes], out: IO[bytes] | None) -> None:
    digest, size = hashlib.sha256(), 0
    kept = bytearray()
    while piece := file.read(_READ_BYTES):
        digest.update(piece)
        size += len(piece)
        if name == MANIFEST:
            kept += piece
        if out is not None:
            out.write(piece)
    if name == MANIFEST:
        with contextlib.suppress(ValueError):
            sums.manifest = json.loads(kept)
    else:
        sums.files[name] = (size, digest.hexdigest())
