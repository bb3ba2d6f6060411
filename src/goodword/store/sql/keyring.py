"""Who holds the master key? Providers that wrap the keys of clients and never give the master key away.

The master key lives apart from the database and its backups: whoever has both can read everything, whoever loses it can
read nothing. `file` is for installations, `env` for development.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import os
from pathlib import Path
from typing import Protocol

from goodword.errors import Unsafe
from goodword.store.sql.envelope import KEY_BYTES, SealingKey, Unreadable, key_id_of

_MARK = "gwk1"
_FILE_HEAD = """\
# Goodword master key. Without it nothing personal and no client key can be opened again, not even from a backup.
# Keep a copy in a safe place, away from the database and its backups. One key a line: the first wraps, the others open.
"""


class Keyring(Protocol):
    """What every provider of the master key can do."""

    notice: str
    """What to tell the operator at this start; empty when all is well."""

    @property
    def kek_id(self) -> str:
        """Id of the master key that wraps now, in hex."""

    def wrap(self, key: bytes, place: bytes) -> bytes:
        """Seal a client's key."""

    def unwrap(self, wrapped: bytes, place: bytes) -> bytes:
        """Open a client's key, also one that an older master key wrapped."""

    def holds(self, kek_id: str) -> bool:
        """Whether the master key of this id is here."""

    def rotate(self) -> str:
        """Make a new master key and return its id; older ones still open. `Vault.rewrap` then moves each client."""

    def drop(self, kek_ids: set[str]) -> int:
        """Take older master keys out for good; returns how many. The one that wraps now always stays."""

    def describe(self) -> str:
        """Where the key lives, in words without the key."""

    def health(self) -> list[str]:
        """What is wrong, each with its repair; empty when nothing is."""

    def environment(self) -> dict[str, str]:
        """By which settings another process of this user opens the same keyring."""


class _HeldKeys:
    """Master keys held in memory, newest first."""

    def __init__(self, keys: list[bytes], notice: str = "") -> None:
        self._keys = [SealingKey(_id_of(key), key) for key in keys]
        self.notice = notice

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.kek_id})"

    @property
    def kek_id(self) -> str:
        return self._keys[0].key_id.hex()

    def wrap(self, key: bytes, place: bytes) -> bytes:
        return self._keys[0].seal(key, place)

    def unwrap(self, wrapped: bytes, place: bytes) -> bytes:
        wanted = key_id_of(wrapped)
        for key in self._keys:
            if key.key_id == wanted:
                return key.open(wrapped, place)
        raise Unreadable(
            f"The master key {wanted.hex()[:12]}… is not here.",
            f"It wraps keys in this database; {self.describe()} holds only: "
            + ", ".join(key.key_id.hex()[:12] + "…" for key in self._keys)
            + ".",
            "Put the kept copy of the key file back in its place and start again.",
        )

    def holds(self, kek_id: str) -> bool:
        return any(key.key_id.hex() == kek_id for key in self._keys)

    def describe(self) -> str:
        return "this keyring"

    def _take_new_key(self, key: bytes) -> str:
        self._keys.insert(0, SealingKey(_id_of(key), key))
        return self.kek_id


class FileKeyring(_HeldKeys):
    """Master keys in a file of mode 0600 outside the data folder."""

    def __init__(self, path: Path, data_folder: Path | None = None, *, create: bool = False) -> None:
        self._path = path.expanduser().absolute()
        self._data_folder = data_folder
        _refuse_inside(self._path, data_folder)
        notice = ""
        if not self._path.exists():
            if not create:
                raise Unsafe(
                    f"The key file {self._path} is missing.",
                    "The database holds data that only its master key opens; a new key would not.",
                    "Put the kept copy back, mode 0600, or name its place in GOODWORD_KEY_FILE.",
                )
            _write_keys(self._path, [os.urandom(KEY_BYTES)], fresh=True)
            notice = _first_start_notice(self._path)
        self._seen = self._stamp()
        super().__init__(_read_keys(self._path), notice)

    def wrap(self, key: bytes, place: bytes) -> bytes:
        self._follow()
        return super().wrap(key, place)

    def unwrap(self, wrapped: bytes, place: bytes) -> bytes:
        if not self.holds(key_id_of(wrapped).hex()):
            self._follow()  # another process rotated meanwhile
        return super().unwrap(wrapped, place)

    def rotate(self) -> str:
        key = os.urandom(KEY_BYTES)
        _write_keys(self._path, [key, *_read_keys(self._path)])
        return self._take_new_key(key)

    def drop(self, kek_ids: set[str]) -> int:
        first, *older = _read_keys(self._path)
        kept = [key for key in older if _id_of(key).hex() not in kek_ids]
        if len(kept) < len(older):
            _write_keys(self._path, [first, *kept])
            self._follow()
        return len(older) - len(kept)

    def _follow(self) -> None:
        """Read the file anew where it was written since; a file that is away leaves the keys in memory as they are."""
        stamp = self._stamp()
        if stamp is not None and stamp != self._seen:
            self._keys = [SealingKey(_id_of(key), key) for key in _read_keys(self._path)]
            self._seen = stamp

    def _stamp(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino

    def describe(self) -> str:
        return f"the key file {self._path}"

    def health(self) -> list[str]:
        try:
            _refuse_inside(self._path, self._data_folder)
            held = {_id_of(key).hex() for key in _read_keys(self._path)}
        except (Unsafe, OSError) as trouble:
            return [str(trouble)]
        if self.kek_id not in held:
            return [f"The key file {self._path} no longer holds the key in use. Put the kept copy back."]
        return []

    def environment(self) -> dict[str, str]:
        return {"GOODWORD_KEY_FILE": str(self._path), "GOODWORD_KEY": ""}


class EnvKeyring(_HeldKeys):
    """One master key from the environment: for development, and it says so."""

    _WARNING = (
        "The master key comes from the environment (GOODWORD_KEY). Other programs of this user can read it and nothing "
        "keeps a copy: use a key file for real data."
    )

    def __init__(self, value: str) -> None:
        try:
            key = base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != KEY_BYTES:
            raise Unsafe(
                "GOODWORD_KEY is not a master key.",
                "It has to be 32 random bytes in base64.",
                "Make one with: python -c 'import base64, os; print(base64.b64encode(os.urandom(32)).decode())'",
            )
        super().__init__([key], self._WARNING)
        self._value = value

    def rotate(self) -> str:
        raise Unsafe(
            "A key from the environment cannot be rotated.",
            "Goodword cannot write the environment it was started from.",
            "Move to a key file: put the key into it as the second line, a new one as the first.",
        )

    def drop(self, kek_ids: set[str]) -> int:
        return 0

    def describe(self) -> str:
        return "the environment variable GOODWORD_KEY"

    def health(self) -> list[str]:
        return [self._WARNING]

    def environment(self) -> dict[str, str]:
        return {"GOODWORD_KEY": self._value}


def open_keyring(key_file: Path, data_folder: Path | None, *, create: bool, env_key: str = "") -> Keyring:
    """The keyring in force: the environment's key where one is given, else the file.

    `create` says that nothing was sealed yet, so that a missing file may be made; its notice is to be printed.
    """
    if env_key:
        return EnvKeyring(env_key)
    return FileKeyring(key_file, data_folder, create=create)


def _id_of(key: bytes) -> bytes:
    return hashlib.sha256(b"goodword master key id\x00" + key).digest()[:16]


def _refuse_inside(path: Path, data_folder: Path | None) -> None:
    if data_folder is None:
        return
    real, folder = path.resolve(), data_folder.expanduser().resolve()
    if real == folder or folder in real.parents:
        raise Unsafe(
            f"The key file {path} lies inside the data folder.",
            "A copy of that folder would then hold the data together with the key that opens it.",
            "Move the file elsewhere and name its place in GOODWORD_KEY_FILE.",
        )


def _read_keys(path: Path) -> list[bytes]:
    mode = path.stat().st_mode
    if mode & 0o077:
        raise Unsafe(
            f"The key file {path} can be read by others (mode {mode & 0o777:04o}).",
            "Whoever reads it can open every sealed value.",
            f"chmod 600 {path}",
        )
    keys = []
    for number, line in enumerate(path.read_text(encoding="ascii", errors="replace").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        key = _key_of_line(line)
        if key is None:
            raise Unsafe(
                f"Line {number} of the key file {path} is not a master key.",
                f"A key line reads: {_MARK}, the key's id, the key in base64; id and key have to fit together.",
                "Put the kept copy back.",
            )
        keys.append(key)
    if not keys:
        raise Unsafe(f"The key file {path} holds no key.", "", "Put the kept copy back.")
    return keys


def _key_of_line(line: str) -> bytes | None:
    words = line.split()
    if len(words) != 3 or words[0] != _MARK:
        return None
    try:
        key = base64.b64decode(words[2], validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) == KEY_BYTES and _id_of(key).hex() == words[1] else None


def _write_keys(path: Path, keys: list[bytes], *, fresh: bool = False) -> None:
    """Write beside and move, so that a crash leaves the old file or the new one; a fresh file never replaces one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    lines = [f"{_MARK} {_id_of(key).hex()} {base64.b64encode(key).decode()}\n" for key in keys]
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(_FILE_HEAD + "".join(lines))
            file.flush()
            os.fsync(file.fileno())
        if not fresh:
            beside.replace(path)
        else:
            with contextlib.suppress(FileExistsError):  # another start was quicker: its key is the key
                os.link(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _first_start_notice(path: Path) -> str:
    return (
        f"A new master key was made: {path}\n"
        "KEEP A COPY OF THIS FILE in a safe place, away from the database and its backups.\n"
        "Without it every name, address and message in this installation is lost for good, also in backups;\n"
        "whoever has it together with the database can read them all."
    )
