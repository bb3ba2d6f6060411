"""Is this export of a Goodword proof log whole and unchanged? One file, to be read and run by outsiders.

    python goodword-verify.py [FOLDER] [--key FILE] [--held FILE ...] [--find ID ...]

FOLDER holds leaves.jsonl, checkpoints.txt and public.key. Needs Python 3.11 and the package `cryptography`, no network
and nothing of Goodword. It recomputes the hash of every leaf from its content and the root of the tree at every
checkpoint, checks every signature, the numbers and the order. `--key` is the public key as you were given it at the
start, `--held` are checkpoints that you kept from earlier: only with them is a log found that was rewritten from the
beginning or cut short. `--find` shows where a row stands and the path of hashes from it to the last root.
Exit code: 0 all is well, 1 something is not as it was signed, 2 the files cannot be read.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import itertools
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Checkpoint(NamedTuple):
    """A signed statement: the log `origin` had `size` leaves under `root` at `time`."""

    origin: str
    size: int
    root: bytes
    time: str
    source: str


class Key(NamedTuple):
    """A public key and the name it signs under."""

    name: str
    key_id: bytes
    public: Ed25519PublicKey


class Log:
    """What was found wrong, in order."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def fault(self, text: str) -> None:
        """Take a fault."""
        self.faults.append(text)


def read_key(path: Path) -> Key:
    """A line `name+key id+base64 of 0x01 and the key`."""
    name, key_id, encoded = path.read_text(encoding="utf-8").strip().split("+", 2)
    raw = base64.b64decode(encoded, validate=True)
    if len(raw) != 33 or raw[0] != 1:
        raise ValueError(f"{path} holds no Ed25519 key")
    expected = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    if expected.hex() != key_id:
        raise ValueError(f"{path}: the key does not fit its own id")
    return Key(name, expected, Ed25519PublicKey.from_public_bytes(raw[1:]))


def read_notes(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Notes one after another: text lines, an empty line, signature lines that begin with a long dash."""
    text: list[str] = []
    signatures: list[str] = []
    for line in path.read_text(encoding="utf-8").split("\n"):
        if line.startswith("\u2014 "):
            signatures.append(line)
        elif line:
            if signatures:
                yield "\n".join(text) + "\n", signatures
                text, signatures = [], []
            text.append(line)
    if text:
        yield "\n".join(text) + "\n", signatures


def is_signed(text: str, signatures: list[str], key: Key) -> bool:
    """Whether one of the signature lines is by this key and fits the text."""
    for line in signatures:
        parts = line.split(" ")
        if len(parts) != 3 or parts[1] != key.name:
            continue
        blob = base64.b64decode(parts[2])
        if blob[:4] != key.key_id:
            continue
        try:
            key.public.verify(blob[4:], text.encode())
        except InvalidSignature:
            continue
        return True
    return False


def read_checkpoints(path: Path, key: Key, log: Log) -> list[Checkpoint]:
    """All checkpoints of a file; those that are not signed are faults."""
    found = []
    for number, (text, signatures) in enumerate(read_notes(path), 1):
        where = f"{path.name}, checkpoint {number}"
        lines = text.split("\n")
        if len(lines) < 4 or not lines[1].isdigit():
            log.fault(f"{where} cannot be read")
            continue
        if not is_signed(text, signatures, key):
            log.fault(f"{where} (of {lines[1]} leaves) is not signed by {key.name}: altered or forged")
            continue
        if lines[0] != key.name:
            log.fault(f"{where} belongs to another log, {lines[0]}")
            continue
        times = [line[5:] for line in lines[3:] if line.startswith("time ")]
        root = base64.b64decode(lines[2], validate=True)
        found.append(Checkpoint(lines[0], int(lines[1]), root, times[0] if times else "", where))
    return found


def canonical(value: Any) -> bytes:
    """The one JSON text of a leaf (RFC 8785; leaves hold no floats, their names are ASCII)."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def leaf_hash(content: bytes) -> bytes:
    """Hash of a leaf (RFC 9162 2.1.1)."""
    return hashlib.sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """The roots of the complete subtrees seen so far."""

    def __init__(self) -> None:
        self.size = 0
        self.peaks: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Take the next leaf."""
        size = self.size
        while size % 2:
            leaf = node_hash(self.peaks.pop(), leaf)
            size //= 2
        self.peaks.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """Root over all leaves so far."""
        if not self.peaks:
            return hashlib.sha256(b"").digest()
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root


class Walk:
    """The way along the leaves: numbers, contents, order, and the root at every checkpoint."""

    def __init__(self, checkpoints: list[Checkpoint], key: Key, wanted: set[str], log: Log) -> None:
        self.log = log
        self.tree = Tree()
        self.key = key
        self.due = sorted(checkpoints, key=lambda checkpoint: checkpoint.size)
        self.good = 0
        self.broken = False
        self.next_decision: int | None = None
        self.seen: dict[str, int] = {}
        self.wanted = wanted
        self.found: list[tuple[int, str, bytes]] = []
        self.hashes: list[bytes] = []

    def take(self, line_number: int, line: str) -> None:
        """Check one line of leaves.jsonl."""
        try:
            entry = json.loads(line)
            number, kind, row_id = int(entry["n"]), str(entry["kind"]), str(entry["id"])
            stated, content = bytes.fromhex(entry["hash"]), entry["leaf"]
        except (ValueError, KeyError, TypeError):
            self.log.fault(f"line {line_number} of leaves.jsonl cannot be read")
            self.broken = True
            return
        name = f"leaf {number} ({kind} {row_id})"
        self._check_number(number, name)
        self._check_content(content, stated, kind, row_id, name)
        self._check_roots()
        self.tree.append(stated)
        if self.wanted:
            self.hashes.append(stated)
            if row_id in self.wanted:
                self.found.append((number, kind, stated))

    def finish(self) -> None:
        """After the last leaf: no checkpoint may promise more."""
        self._check_roots()
        for checkpoint in self.due:
            self.log.fault(
                f"truncated: {checkpoint.source} covers {checkpoint.size} leaves, there are only {self.tree.size}"
            )

    def _check_number(self, number: int, name: str) -> None:
        expected = self.tree.size
        if number == expected or self.broken:
            return
        self.broken = True
        if number > expected:
            self.log.fault(f"dropped or moved: leaf {expected} is due and {name} follows")
        else:
            self.log.fault(f"inserted or swapped: leaf {expected} is due and {name} follows")

    def _check_content(self, content: Any, stated: bytes, kind: str, row_id: str, name: str) -> None:
        if content is None:
            self.log.fault(f"{name} was dropped: its content is missing")
            return
        if not isinstance(content, dict) or leaf_hash(canonical(content)) != stated:
            self.log.fault(f"{name} was altered: its content does not give its hash")
            return
        if (content.get("kind"), content.get("id")) != (kind, row_id):
            self.log.fault(f"{name} carries the content of {content.get('kind')} {content.get('id')}")
        if not self.key.name.endswith("/" + str(content.get("client"))):
            self.log.fault(f"{name} belongs to another client, {content.get('client')}")
        if kind == "decision":
            seq = content["seq"]
            if self.next_decision is not None and seq != self.next_decision:
                self.log.fault(f"{name} is decision number {seq} where {self.next_decision} is due")
            self.next_decision = seq + 1

    def _check_roots(self) -> None:
        while self.due and self.due[0].size <= self.tree.size:
            checkpoint = self.due.pop(0)
            if self.broken:
                continue
            if checkpoint.root == self.tree.root():
                self.good = checkpoint.size
                continue
            self.log.fault(
                f"forked or rewritten: leaves {self.good} to {checkpoint.size - 1} are not the ones signed in"
                f" {checkpoint.source}"
            )
            self.broken = True


def check_checkpoints(own: list[Checkpoint], held: list[Checkpoint], log: Log) -> None:
    """Checkpoints among themselves: time and size grow together, and one size has one root."""
    for before, after in itertools.pairwise(own):
        if after.size < before.size or after.time < before.time:
            log.fault(f"{after.source} ({after.size} leaves, {after.time}) stands after a later one")
    roots: dict[int, Checkpoint] = {}
    for checkpoint in [*own, *held]:
        known = roots.setdefault(checkpoint.size, checkpoint)
        if known.root != checkpoint.root:
            log.fault(
                f"forked: {known.source} and {checkpoint.source} are both signed, of {known.size} leaves, and differ"
            )


def path_to_root(hashes: list[bytes], index: int) -> list[bytes]:
    """The inclusion path of RFC 9162 2.1.3.1, lowest first."""

    def root(start: int, end: int) -> bytes:
        tree = Tree()
        for leaf in hashes[start:end]:
            tree.append(leaf)
        return tree.root()

    start, end, path = 0, len(hashes), []
    while end - start > 1:
        middle = start + (1 << ((end - start - 1).bit_length() - 1))
        if index < middle:
            path.append(root(middle, end))
            end = middle
        else:
            path.append(root(start, middle))
            start = middle
    return path[::-1]


def verify(folder: Path, key_file: Path, held_files: list[Path], wanted: set[str]) -> tuple[Log, list[str]]:
    """Check everything; gives the faults and the lines to print."""
    log = Log()
    key = read_key(key_file)
    own = read_checkpoints(folder / "checkpoints.txt", key, log)
    held = [checkpoint for path in held_files for checkpoint in read_checkpoints(path, key, log)]
    check_checkpoints(own, held, log)
    walk = Walk([*own, *held], key, wanted, log)
    with (folder / "leaves.jsonl").open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            walk.take(number, line)
    walk.finish()
    if not own:
        log.fault("there is no signed checkpoint")
    elif walk.tree.size > max(checkpoint.size for checkpoint in own):
        log.fault(f"inserted: leaves beyond the last checkpoint, {walk.tree.size} in all, are signed by nobody")
    said = [f"log {key.name}: {walk.tree.size} leaves, {len(own)} checkpoints, {len(held)} held elsewhere"]
    for number, kind, leaf in walk.found:
        said.append(f"{kind} is leaf {number}, hash {leaf.hex()}; path to root {walk.tree.root().hex()}:")
        said += [f"  {step.hex()}" for step in path_to_root(walk.hashes, number)]
    return log, said


def main(arguments: list[str]) -> int:
    """Run as a script."""
    parser = argparse.ArgumentParser(description="Check an export of a Goodword proof log.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path())
    parser.add_argument("--key", type=Path, help="public key as it was given to you; default: public.key of the export")
    parser.add_argument("--held", type=Path, action="append", default=[], help="checkpoints kept elsewhere")
    parser.add_argument("--find", action="append", default=[], help="id of a row to show with its path")
    asked = parser.parse_args(arguments)
    try:
        log, said = verify(asked.folder, asked.key or asked.folder / "public.key", asked.held, set(asked.find))
    except (OSError, ValueError) as trouble:
        sys.stderr.write(f"cannot read the export: {trouble}\n")
        return 2
    said += [f"FAULT: {fault}" for fault in log.faults]
    said.append("NOT as it was signed" if log.faults else "OK: every leaf is as it was signed")
    sys.stdout.write("\n".join(said) + "\n")
    return 1 if log.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
