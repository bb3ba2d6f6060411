"""What do sealed bytes look like? Version, algorithm, key id, nonce, ciphertext; bound to the place where they lie.

A ciphertext moved to another row, field, person or client does not open: that place is authenticated with it, and so is
the head of the envelope. The cipher is AES-256-GCM-SIV: should a nonce ever come twice (a restored machine image), it tells
no more than that two plaintexts were equal. So nonces may be drawn from the system by the block: one call a value let go of the
interpreter's lock each time, which cost the front door a third of its throughput.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from goodword.errors import GoodwordError
from goodword.store.sql.chance import draw

VERSION = 1
AES_256_GCM_SIV = 2  # 1 was AES-256-GCM, which never left the house
KEY_BYTES = 32
KEY_ID_BYTES = 16
_HEAD_BYTES = 2 + KEY_ID_BYTES
_NONCE_BYTES = 12
_SHORTEST = _HEAD_BYTES + _NONCE_BYTES + 16


class Unreadable(GoodwordError):
    """Sealed bytes that do not open: the key is gone, or they were changed or moved."""

    code = "unreadable"


class SealingKey:
    """One AES-256-GCM-SIV key under its id; safe to use from several threads. The key itself is never shown."""

    __slots__ = ("_cipher", "_head", "key_id")

    def __init__(self, key_id: bytes, key: bytes) -> None:
        if len(key_id) != KEY_ID_BYTES or len(key) != KEY_BYTES:
            raise ValueError("a sealing key has an id of 16 bytes and a key of 32")
        self.key_id = key_id
        self._head = bytes((VERSION, AES_256_GCM_SIV)) + key_id
        self._cipher = AESGCMSIV(key)

    def __repr__(self) -> str:
        return f"SealingKey({self.key_id.hex()})"

    def seal(self, plain: bytes, place: bytes) -> bytes:
        """The envelope of `plain`, to be opened at the same `place` only."""
        nonce = draw()[:_NONCE_BYTES]
        return self._head + nonce + self._cipher.encrypt(nonce, plain, self._head + place)

    def open(self, sealed: bytes, place: bytes) -> bytes:
        """What was sealed at this place under this key; anything else is refused."""
        if key_id_of(sealed) != self.key_id:
            raise Unreadable("These sealed bytes belong to another key.", f"They name the key {sealed[2:18].hex()}.")
        try:
            return self._cipher.decrypt(
                sealed[_HEAD_BYTES : _HEAD_BYTES + _NONCE_BYTES],
                sealed[_HEAD_BYTES + _NONCE_BYTES :],
                self._head + place,
            )
        except InvalidTag:
            raise Unreadable(
                "Sealed bytes do not open.",
                "They were changed, or moved from another row, field, person or client.",
                "Run `goodword proof verify` and restore the row from a backup.",
            ) from None


def key_id_of(sealed: bytes) -> bytes:
    """Which key sealed these bytes."""
    if len(sealed) < _SHORTEST:
        raise Unreadable("There are no sealed bytes here.", f"{len(sealed)} bytes are too few for an envelope.")
    if sealed[0] != VERSION or sealed[1] != AES_256_GCM_SIV:
        raise Unreadable("Sealed bytes of an unknown kind.", f"Version {sealed[0]}, algorithm {sealed[1]}.")
    return bytes(sealed[2:_HEAD_BYTES])


def place(*parts: str) -> bytes:
    """The place of sealed bytes as bytes to authenticate; lengths keep ("ab", "c") apart from ("a", "bc")."""
    return "".join([f"{len(part)}:{part}" for part in parts]).encode()
