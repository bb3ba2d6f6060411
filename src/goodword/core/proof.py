"""How does a row become a leaf, and a leaf a promise that outsiders can check? Canonical bytes, Merkle tree, notes.

The tree has the shape of RFC 9162 (2.1), canonical JSON is the part of RFC 8785 that needs no floats, checkpoints and
notes follow C2SP tlog-checkpoint and signed-note. Keys never come here: signing and verifying are functions passed in.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Literal, NamedTuple

import msgspec

LeafKind = Literal["event", "decision", "entry", "action"]
LEAF_KINDS: tuple[LeafKind, ...] = ("event", "decision", "entry", "action")
HASH_BYTES = 32
LARGEST_INTEGER = 2**53 - 1  # RFC 8785 numbers are IEEE doubles: beyond this two readers may disagree
EMPTY_ROOT = hashlib.sha256(b"").digest()

_sha256 = hashlib.sha256
_encode = msgspec.json.Encoder(order="sorted").encode


class ProofError(ValueError):
    """A proof, note or checkpoint that cannot be read or does not hold; the text says which and why."""


def canonical(value: object) -> bytes:
    """The one UTF-8 JSON text of a value: sorted keys, no blanks, no floats (RFC 8785 without number formatting)."""
    _refuse_uncanonical(value)
    return _encode(value)


def _refuse_uncanonical(value: object) -> None:
    if value is None or isinstance(value, str | bool):
        return
    if isinstance(value, int):
        if abs(value) > LARGEST_INTEGER:
            raise ProofError(f"the integer {value} is beyond what JSON readers agree on; write it as text")
    elif isinstance(value, dict):
        for key, item in value.items():
            # RFC 8785 sorts by UTF-16 units; for ASCII names that equals the byte order that the encoder uses.
            if not isinstance(key, str) or not key.isascii():
                raise ProofError(f"the name {key!r} is not plain ASCII text")
            _refuse_uncanonical(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _refuse_uncanonical(item)
    else:
        raise ProofError(f"a {type(value).__name__} has no canonical form; use text, whole numbers, lists and objects")


# Fields stand in the alphabet's order: a struct is encoded in the order of its fields, so this is the canonical form.


class _EventLeaf(msgspec.Struct, frozen=True, gc=False):
    at: datetime
    body_hash: str
    client: str
    facts: str
    id: str
    kind: str
    received_at: datetime
    seq: int
    source: str
    type: str


class _DecisionLeaf(msgspec.Struct, frozen=True, gc=False):
    body: str
    cause: str
    client: str
    clock: datetime
    decided_at: datetime
    event_id: str | None
    id: str
    kind: str
    referral_id: str | None
    seq: int
    verdict: str


class _EntryLeaf(msgspec.Struct, frozen=True, gc=False):
    amount_minor: int
    asset: str
    at: datetime
    client: str
    decision_id: str
    destination_id: str
    id: str
    kind: str
    of_id: str | None
    phase: str
    reason: str
    recorded_at: datetime
    referral_id: str | None
    reward_id: str | None
    seq: int
    source_id: str


class _ActionLeaf(msgspec.Struct, frozen=True, gc=False):
    actor: str
    after_commit: str
    at: datetime
    before_commit: str
    client: str
    id: str
    kind: str
    object_id: str
    object_kind: str
    request_id: str
    role: str
    verb: str


_encode_leaf = msgspec.json.Encoder().encode


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


def event_leaf(
    client_id: str,
    id: str,
    received_at: datetime,
    seq: int,
    at: datetime,
    source: str,
    type: str,
    body_hash: bytes,
    facts: str,
) -> bytes:
    """Leaf content of a row of `event`: all plain columns but the transaction number, which a restore may change."""
    return _encode_leaf(
        _EventLeaf(_utc(at), body_hash.hex(), client_id, facts, id, "event", _utc(received_at), seq, source, type)
    )


def decision_leaf(
    client_id: str,
    id: str,
    seq: int,
    event_id: str | None,
    cause: str,
    referral_id: str | None,
    clock: datetime,
    decided_at: datetime,
    verdict: str,
    body: str,
) -> bytes:
    """Leaf content of a row of `decision`: all its columns."""
    return _encode_leaf(
        _DecisionLeaf(
            body, cause, client_id, _utc(clock), _utc(decided_at), event_id, id, "decision", referral_id, seq, verdict
        )
    )


def entry_leaf(
    client_id: str,
    id: str,
    seq: int,
    decision_id: str,
    source_id: str,
    destination_id: str,
    asset: str,
    amount_minor: int,
    phase: str,
    of_id: str | None,
    reason: str,
    at: datetime,
    recorded_at: datetime,
    referral_id: str | None,
    reward_id: str | None,
) -> bytes:
    """Leaf content of a row of `entry`: all its columns."""
    return _encode_leaf(
        _EntryLeaf(
            amount_minor=amount_minor,
            asset=asset,
            at=_utc(at),
            client=client_id,
            decision_id=decision_id,
            destination_id=destination_id,
            id=id,
            kind="entry",
            of_id=of_id,
            phase=phase,
            reason=reason,
            recorded_at=_utc(recorded_at),
            referral_id=referral_id,
            reward_id=reward_id,
            seq=seq,
            source_id=source_id,
        )
    )


def action_leaf(
    client_id: str,
    id: str,
    at: datetime,
    actor: str,
    role: str,
    verb: str,
    object_kind: str,
    object_id: str,
    before_commit: bytes | None,
    after_commit: bytes | None,
    request_id: str,
) -> bytes:
    """Leaf content of a row of `action`: commitments stand for values, so erasures change nothing."""
    return _encode_leaf(
        _ActionLeaf(
            actor=actor,
            after_commit=(after_commit or b"").hex(),
            at=_utc(at),
            before_commit=(before_commit or b"").hex(),
            client=client_id,
            id=id,
            kind="action",
            object_id=object_id,
            object_kind=object_kind,
            request_id=request_id,
            role=role,
            verb=verb,
        )
    )


def leaf_hash(content: bytes) -> bytes:
    """SHA-256 of a leaf; the leading zero keeps a leaf from posing as a node."""
    return _sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 of an inner node over its two children."""
    return _sha256(b"\x01" + left + right).digest()


class Tree:
    """A growing Merkle tree that keeps only the roots of its complete subtrees: at most log2(size) hashes."""

    __slots__ = ("_peaks", "size")

    def __init__(self, size: int = 0, frontier: bytes = b"") -> None:
        """An empty tree, or the one that was put away as `size` and `frontier`."""
        if size < 0 or len(frontier) != HASH_BYTES * size.bit_count():
            raise ProofError(f"a frontier of {len(frontier)} bytes does not fit a tree of {size} leaves")
        self.size = size
        self._peaks = [frontier[at : at + HASH_BYTES] for at in range(0, len(frontier), HASH_BYTES)]

    def append(self, leaf: bytes) -> None:
        """Take the hash of the next leaf."""
        peaks, size = self._peaks, self.size
        while size & 1:
            leaf = _sha256(b"\x01" + peaks.pop() + leaf).digest()
            size >>= 1
        peaks.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """The hash that stands for all leaves and their order."""
        if not self._peaks:
            return EMPTY_ROOT
        root = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            root = node_hash(peak, root)
        return root

    @property
    def frontier(self) -> bytes:
        """What to put away, together with `size`, to go on later."""
        return b"".join(self._peaks)


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Root over a list of leaf hashes."""
    return _range_root(leaves, 0, len(leaves))


def _range_root(leaves: Sequence[bytes], start: int, end: int) -> bytes:
    tree = Tree()
    for at in range(start, end):
        tree.append(leaves[at])
    return tree.root()


def _split(count: int) -> int:
    """Largest power of two below `count`: where RFC 9162 cuts a tree in two."""
    return 1 << (count - 1).bit_length() - 1


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The hashes that lead from leaf `index` to the root, lowest first (RFC 9162 2.1.3.1)."""
    if not 0 <= index < len(leaves):
        raise ProofError(f"leaf {index} is not among the {len(leaves)} leaves")
    path: list[bytes] = []
    start, end = 0, len(leaves)
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_range_root(leaves, middle, end))
            end = middle
        else:
            path.append(_range_root(leaves, start, middle))
            start = middle
    path.reverse()
    return path


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether `path` shows that `leaf` is number `index` of the `size` leaves under `root` (RFC 9162 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node_hash(step, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, step)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def consistency_proof(leaves: Sequence[bytes], first: int) -> list[bytes]:
    """The hashes that show that the tree over the `first` leaves is the beginning of this one (RFC 9162 2.1.4.1)."""
    if not 0 < first <= len(leaves):
        raise ProofError(f"there is no tree of {first} leaves inside one of {len(leaves)}")
    path: list[bytes] = []
    start, end, whole = 0, len(leaves), True
    while first != end:
        middle = start + _split(end - start)
        if first <= middle:
            path.append(_range_root(leaves, middle, end))
            end = middle
        else:
            path.append(_range_root(leaves, start, middle))
            start, whole = middle, False
    if not whole:
        path.append(_range_root(leaves, start, end))
    path.reverse()
    return path


def verify_consistency(first: int, size: int, path: Sequence[bytes], first_root: bytes, root: bytes) -> bool:
    """Whether `path` shows that the tree of `first` leaves is the beginning of the one of `size` (RFC 9162 2.1.4.2)."""
    if not 0 < first <= size:
        return False
    if first == size:
        return not path and first_root == root
    steps = list(path)
    if first & (first - 1) == 0:
        steps.insert(0, first_root)
    if not steps:
        return False
    at, last = first - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, step)
        at, last = at >> 1, last >> 1
    return last == 0 and old == first_root and new == root


class Checkpoint(NamedTuple):
    """What a log was at one moment: its name, number of leaves and root; `extensions` are further lines of the note."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()


class Signature(NamedTuple):
    """One signature line of a note."""

    name: str
    key_id: bytes
    signature: bytes


class Note(NamedTuple):
    """A text with the signatures under it, read but not yet believed."""

    text: str
    signatures: tuple[Signature, ...]


_SIGNATURE_MARK = "\u2014 "


def checkpoint_text(checkpoint: Checkpoint) -> str:
    """The lines that are signed: origin, size, root in base64, then extension lines."""
    root = base64.b64encode(checkpoint.root).decode()
    return "".join(f"{line}\n" for line in (checkpoint.origin, str(checkpoint.size), root, *checkpoint.extensions))


def parse_checkpoint(text: str) -> Checkpoint:
    """Read the text of a checkpoint; refuses sizes and roots written in any but the one proper way."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
        raise ProofError("a checkpoint has at least three lines, none empty, each ended by a newline")
    origin, size, root_text, *extensions = lines[:-1]
    if not (size.isascii() and size.isdigit()) or (size != "0" and size.startswith("0")):
        raise ProofError(f"the size of a checkpoint is a plain number, not {size[:40]!r}")
    root = _from_base64(root_text, "the root of a checkpoint")
    if len(root) != HASH_BYTES:
        raise ProofError(f"the root of a checkpoint has {HASH_BYTES} bytes, not {len(root)}")
    return Checkpoint(origin, int(size), root, tuple(extensions))


def key_id(name: str, public_key: bytes) -> bytes:
    """The four bytes by which a signature line names its Ed25519 key."""
    return _sha256(name.encode() + b"\n\x01" + public_key).digest()[:4]


def verifier_key(name: str, public_key: bytes) -> str:
    """The public key as one line, as other tools for signed notes read it: name, key id, key."""
    return f"{name}+{key_id(name, public_key).hex()}+{base64.b64encode(bytes([1]) + public_key).decode()}"


def sign_note(text: str, name: str, public_key: bytes, sign: Callable[[bytes], bytes]) -> str:
    """The note: text, an empty line, one signature line."""
    if not text.endswith("\n") or "\n\n" in text:
        raise ProofError("the text of a note ends with a newline and has no empty line")
    if not name or "+" in name or name.split() != [name]:
        raise ProofError(f"{name!r} cannot name a key: no blanks and no plus sign")
    line = base64.b64encode(key_id(name, public_key) + sign(text.encode())).decode()
    return f"{text}\n{_SIGNATURE_MARK}{name} {line}\n"


def parse_note(note: str) -> Note:
    """Read a note into its text and signatures."""
    text, gap, tail = note.rpartition("\n\n")
    if not gap or not tail.endswith("\n"):
        raise ProofError("a note is a text, an empty line, and signature lines each ended by a newline")
    signatures = []
    for line in tail.split("\n")[:-1]:
        name, blank, encoded = line.removeprefix(_SIGNATURE_MARK).partition(" ")
        if not line.startswith(_SIGNATURE_MARK) or not name or not blank:
            raise ProofError(f"not a signature line: {line[:60]!r}")
        blob = _from_base64(encoded, "a signature")
        if len(blob) < 5:
            raise ProofError("a signature line is too short")
        signatures.append(Signature(name, blob[:4], blob[4:]))
    return Note(text + "\n", tuple(signatures))


def open_note(note: str, name: str, public_key: bytes, verify: Callable[[bytes, bytes], bool]) -> str:
    """The text of a note whose signature by this key holds; `verify(signature, text)` does the arithmetic."""
    read = parse_note(note)
    wanted = key_id(name, public_key)
    ours = [line for line in read.signatures if line.name == name and line.key_id == wanted]
    if not ours:
        raise ProofError(f"the note carries no signature by {name} with the key given")
    if not any(verify(line.signature, read.text.encode()) for line in ours):
        raise ProofError(f"the signature by {name} does not match the text of the note")
    return read.text


def _from_base64(text: str, what: str) -> bytes:
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ProofError(f"{what} is not base64") from None
    if base64.b64encode(decoded).decode() != text:
        raise ProofError(f"{what} is not base64 in its one proper form")
    return decoded


LEAF_OF: dict[LeafKind, Callable[..., bytes]] = {
    "event": event_leaf,
    "decision": decision_leaf,
    "entry": entry_leaf,
    "action": action_leaf,
}
