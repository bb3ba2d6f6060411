"""What does a sealed file look like? A head that names its key, then pieces that open in their order and to the very end only.

The file's own key is made for it and wrapped by the master key. Pieces are packed, then sealed; each is authenticated with its
number and with whether it is the last: a file that was cut short, or whose pieces were swapped, does not open.
"""

from __future__ import annotations

import json
import os
import struct
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

from goodword.errors import BadInput
from goodword.store.sql.envelope import KEY_BYTES, KEY_ID_BYTES, SealingKey, place
from goodword.store.sql.keyring import Keyring

MARK = b"GWSF1\n"
PIECE_BYTES = 1024 * 1024
_LENGTH = struct.Struct(">I")
_LONGEST = PIECE_BYTES + 8192
_QUICK = 1  # how hard to pack: a database of pages halves at once, and hardly more for ten times the work


class SealedWriter:
    """Writes a sealed file piece by piece; `close` writes the last one, without which nothing of it opens."""

    def __init__(self, file: BinaryIO, keyring: Keyring, head: dict[str, Any]) -> None:
        self._file, self._number, self._rest = file, 0, bytearray()
        key_id, key = os.urandom(KEY_ID_BYTES), os.urandom(KEY_BYTES)
        self._key = SealingKey(key_id, key)
        plain = head | {
            "file": key_id.hex(),
            "key": keyring.kek_id,
            "wrapped": keyring.wrap(key, _key_place(key_id.hex())).hex(),
        }
        text = json.dumps(plain, sort_keys=True).encode()
        file.write(MARK + _LENGTH.pack(len(text)) + text)

    def write(self, data: bytes) -> int:
        """Take some more; whole pieces are sealed at once."""
        self._rest += data
        while len(self._rest) > PIECE_BYTES:
            self._seal(bytes(self._rest[:PIECE_BYTES]), is_last=False)
            del self._rest[:PIECE_BYTES]
        return len(data)

    def end_piece(self) -> None:
        """Seal what was taken so far as a piece of its own."""
        self._seal(bytes(self._rest), is_last=False)
        self._rest.clear()

    def close(self) -> None:
        """Seal the last piece and be sure that all is on disk."""
        self._seal(bytes(self._rest), is_last=True)
        self._file.flush()
        os.fsync(self._file.fileno())

    def _seal(self, data: bytes, *, is_last: bool) -> None:
        sealed = self._key.seal(zlib.compress(data, _QUICK), _piece_place(self._key.key_id.hex(), self._number, is_last=is_last))
        self._file.write(_LENGTH.pack(len(sealed) << 1 | is_last) + sealed)
        self._number += 1


class SealedReader:
    """Reads a sealed file: the head in plain, its pieces once the keyring has the key."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file, self._name = file, name
        self._rest, self._is_over = b"", False
        try:
            if file.read(len(MARK)) != MARK:
                raise ValueError
            (length,) = _LENGTH.unpack(file.read(_LENGTH.size))
            self.head: dict[str, Any] = json.loads(file.read(min(length, _LONGEST)))
            self._wrapped, self._id = bytes.fromhex(self.head["wrapped"]), str(self.head["file"])
        except (ValueError, KeyError, struct.error):
            raise BadInput(
                f"{name} is not a backup of Goodword.", "Its first bytes say so.", "Name a file that `backup` wrote."
            ) from None
        self._pieces: Iterator[bytes] = iter(())

    def unlock(self, keyring: Keyring) -> None:
        """Take the file's own key out of the head; raises Unreadable where the master key is another one."""
        key = SealingKey(bytes.fromhex(self._id), keyring.unwrap(self._wrapped, _key_place(self._id)))
        self._pieces = self._opened(key)

    def piece(self) -> bytes:
        """The next piece as it was sealed; b"" at the end."""
        return next(self._pieces, b"")

    def read(self, size: int = -1) -> bytes:
        """So many bytes, across pieces; fewer only at the end."""
        while not self._is_over and (size < 0 or len(self._rest) < size):
            piece = self.piece()
            self._is_over = not piece
            self._rest += piece
        if size < 0:
            size = len(self._rest)
        found, self._rest = self._rest[:size], self._rest[size:]
        return found

    def _opened(self, key: SealingKey) -> Iterator[bytes]:
        number, is_last = 0, False
        while not is_last:
            head = self._file.read(_LENGTH.size)
            if len(head) < _LENGTH.size:
                raise self._cut_short()
            (marked,) = _LENGTH.unpack(head)
            is_last = bool(marked & 1)
            if marked >> 1 > _LONGEST:
                raise self._cut_short()
            sealed = self._file.read(marked >> 1)
            if len(sealed) < marked >> 1:
                raise self._cut_short()
            packed = key.open(sealed, _piece_place(self._id, number, is_last=is_last))
            yield zlib.decompressobj().decompress(packed, PIECE_BYTES)  # never more than was put in
            number += 1

    def _cut_short(self) -> BadInput:
        return BadInput(f"{self._name} ends too early.", "It was cut short or damaged.", "Take another backup.")


def _key_place(file_id: str) -> bytes:
    return place("sealed-file", file_id, "key")


def _piece_place(file_id: str, number: int, *, is_last: bool) -> bytes:
    return place("sealed-file", file_id, str(number), "last" if is_last else "more")
