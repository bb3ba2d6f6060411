"""What did people do, and where does it stand in the proof? The log of acts, signed checkpoints, and one leaf with its path."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import connection
from django.db.models import Q

from goodword.core import proof
from goodword.core.proof import HASH_BYTES, LEAF_KINDS, LeafKind
from goodword.store.models import Action, Checkpoint, Decision, Entry, LeafBatch, Tree, User
from goodword.store.open_vault import vault
from goodword.store.sql import verify
from goodword.store.sql.envelope import Unreadable
from goodword.store.sql.seal import origin, signature_holds

MOST_PROVED = 2_000_000  # leaves: the path to a larger checkpoint takes seconds and is left to the command line
_ACTORS_LOOKED_AT = 2_000
_AROUND = 2
_TABLES: dict[LeafKind, str] = {"event": "event", "decision": "decision", "entry": "entry", "action": "action"}
PREFIXES: dict[str, LeafKind] = {"evt": "event", "dec": "decision", "ent": "entry", "act": "action"}


# ---- the log of acts


@dataclass(frozen=True)
class Act:
    """One line: who did what to what, when, in which role, and its hash as the row now gives it."""

    id: str
    seq: int | None
    at: datetime
    actor: str
    name: str
    role: str
    verb: str
    kind: str
    object_id: str
    hash: str


@dataclass(frozen=True)
class Wanted:
    """What the log is narrowed to; '' and None leave it as it is."""

    actor: str = ""
    verb: str = ""
    thing: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Place:
    """Where a page ended."""

    at: datetime
    id: str


def acts(client_id: str, wanted: Wanted, after: Place | None, size: int) -> tuple[tuple[Act, ...], Place | None]:
    """The acts behind a place, the latest first, and where they end if there are more."""
    found = Action.objects.of(client_id)
    if wanted.actor:
        found = found.filter(actor=wanted.actor)
    if wanted.verb:
        found = found.filter(Q(verb=wanted.verb) | Q(verb__startswith=f"{wanted.verb}:"))
    if wanted.thing:
        found = found.filter(object_id=wanted.thing)
    if wanted.since:
        found = found.filter(at__gte=wanted.since)
    if wanted.until:
        found = found.filter(at__lt=wanted.until)
    if after:
        found = found.filter(at__lte=after.at).filter(Q(at__lt=after.at) | Q(id__lt=after.id))
    rows = list(found.defer("detail_sealed").order_by("-at", "-id")[: size + 1])
    last = rows[size - 1] if len(rows) > size else None
    names = names_of({row.actor for row in rows})
    told = tuple(_act(client_id, row, names) for row in rows[:size])
    return told, Place(last.at, last.id.hex) if last else None


def actors(client_id: str) -> tuple[tuple[str, str], ...]:
    """(actor, name) of those who acted lately, by name."""
    latest = Action.objects.of(client_id).order_by("-at").values_list("actor", flat=True)[:_ACTORS_LOOKED_AT]
    found = set(latest)
    names = names_of(found)
    return tuple(sorted(((one, names.get(one, one)) for one in found), key=lambda one: one[1].casefold()))


def names_of(given: set[str]) -> dict[str, str]:
    """Names of people of the house by the id that stands in an act; a command has no name but its own."""
    ids = [one for one in given if len(one) == 32 and all(letter in "0123456789abcdef" for letter in one)]
    return {
        user.id.hex: user.name or user.email for user in User.objects.filter(id__in=ids).only("id", "name", "email")
    }


def latest_detail(client_id: str, verb: str) -> tuple[Act, bytes] | None:
    """The last act of this kind on the log itself, and what was sealed beside it."""
    rows = Action.objects.of(client_id).filter(
        object_kind="log", object_id=client_id, verb=verb, detail_sealed__isnull=False
    )
    row = rows.order_by("-at").first()
    if row is None or row.detail_sealed is None:
        return None
    try:
        keys = vault().open_client(client_id)
        plain = keys.open("action", "detail", row.id.hex, bytes(row.detail_sealed))
    except Unreadable:
        return None
    return _act(client_id, row, names_of({row.actor})), plain


def _act(client_id: str, row: Action, names: dict[str, str]) -> Act:
    content = proof.action_leaf(
        client_id, row.id.hex, row.at, row.actor, row.role, row.verb, row.object_kind, row.object_id,
        bytes(row.before_commit), bytes(row.after_commit), row.request_id,
    )  # fmt: skip
    return Act(
        row.id.hex, row.seq, row.at, row.actor, names.get(row.actor, row.actor), row.role, row.verb, row.object_kind,
        row.object_id, proof.leaf_hash(content).hex(),
    )  # fmt: skip


# ---- checkpoints


@dataclass(frozen=True)
class Signed:
    """A signed promise over the first `size` leaves. `holds` says whether its signature does."""

    size: int
    at: datetime
    root: str
    note: str
    holds: bool


@dataclass(frozen=True)
class Standing:
    """How the log stands: leaves with a number, leaves without, the last checkpoint, and the key that signs."""

    size: int
    waiting: int
    first_at: datetime | None
    last: Signed | None
    public_key: str


def standing(client_id: str) -> Standing:
    """The log in a few numbers."""
    tree = Tree.objects.filter(client_id=client_id).values_list("size", flat=True).first()
    waiting = sum(LeafBatch.objects.of(client_id).filter(first_leaf=None).values_list("count", flat=True)[:100_000])
    first = LeafBatch.objects.of(client_id).filter(first_leaf=0).values_list("sealed_at", flat=True).first()
    last = checkpoints(client_id, None, 1)
    key = vault().open_client(client_id).public_key
    return Standing(tree or 0, waiting, first, last[0] if last else None, proof.verifier_key(origin(client_id), key))


def checkpoints(client_id: str, before: datetime | None, size: int) -> tuple[Signed, ...]:
    """Signed checkpoints, the latest first."""
    rows = Checkpoint.objects.of(client_id)
    if before:
        rows = rows.filter(created_at__lt=before)
    return tuple(_signed(client_id, row) for row in rows.order_by("-size", "-created_at")[:size])


def checkpoint(client_id: str, size: int) -> Signed | None:
    """The last checkpoint over so many leaves."""
    row = Checkpoint.objects.of(client_id).filter(size=size).order_by("-created_at").first()
    return _signed(client_id, row) if row else None


def is_ours(client_id: str, note: str) -> bool:
    """Whether this client's key signed that note."""
    key = vault().open_client(client_id).public_key
    try:
        text = proof.open_note(note, origin(client_id), key, lambda sig, message: signature_holds(key, sig, message))
        return proof.parse_checkpoint(text).origin == origin(client_id)
    except (proof.ProofError, ValueError):
        return False


def _signed(client_id: str, row: Checkpoint) -> Signed:
    return Signed(row.size, row.created_at, bytes(row.root).hex(), row.note, is_ours(client_id, row.note))


# ---- one leaf


@dataclass(frozen=True)
class LeafRow:
    """A leaf beside its row: `content` is what the row gives now, `is_same` whether that hashes to what was sealed."""

    number: int | None
    kind: LeafKind
    id: str
    hash: str
    content: str
    is_same: bool


@dataclass(frozen=True)
class Inclusion:
    """The way from a leaf up to a signed checkpoint, and whether it leads there."""

    checkpoint: Signed
    path: tuple[str, ...]
    holds: bool


@dataclass(frozen=True)
class Leaf:
    """What was looked up: the leaf (None: it has none yet), its neighbours, and its proof (None: none is possible yet)."""

    kind: LeafKind
    id: str
    sealed_at: datetime | None
    row: LeafRow | None
    around: tuple[LeafRow, ...]
    inclusion: Inclusion | None
    is_too_large: bool = False


@dataclass(frozen=True)
class Target:
    """What something typed names: a leaf by kind and id, or a checkpoint by its size."""

    kind: LeafKind | None = None
    id: str = ""
    size: int | None = None


def find(client_id: str, typed: str) -> Target | None:
    """A receipt, an id of a decision, entry or act, a leaf's hash or number, or a checkpoint's root; None: nothing here."""
    text = typed.strip().lower()
    prefix, _mark, rest = text.partition("_")
    if prefix in PREFIXES and _is_hex(rest):
        return _by_id(client_id, rest, (PREFIXES[prefix],))
    if text.lstrip("#").isdecimal() and len(text) < 16:
        return _by_number(client_id, int(text.lstrip("#")))
    plain = text.replace("-", "")
    if _is_hex(plain) and len(plain) == 2 * HASH_BYTES:
        return _by_hash(client_id, bytes.fromhex(plain))
    if _is_hex(plain) and 6 <= len(plain) <= 32:
        return _by_id(client_id, plain, LEAF_KINDS)
    return None


def leaf(client_id: str, kind: LeafKind, id: str) -> Leaf | None:
    """One leaf with everything that shows where it stands; None: no such row and no such leaf here."""
    place = _place(client_id, kind, id)
    if place is None:
        return Leaf(kind, id, None, None, (), None) if _by_id(client_id, id, (kind,)) else None
    batch, at = place
    listed = _read(client_id, batch, at, at + 1)
    number = listed[0].number
    if number is None:
        return Leaf(kind, id, None, listed[0], (), None)
    around = tuple(one for one in _between(client_id, number - _AROUND, number + _AROUND) if one.number != number)
    signed = Checkpoint.objects.of(client_id).filter(size__gt=number).order_by("size", "-created_at").first()
    if signed is None or signed.size > MOST_PROVED:
        return Leaf(kind, id, batch.sealed_at, listed[0], around, None, is_too_large=signed is not None)
    inclusion = _inclusion(client_id, listed[0], number, _signed(client_id, signed))
    return Leaf(kind, id, batch.sealed_at, listed[0], around, inclusion)


def _is_hex(text: str) -> bool:
    return bool(text) and all(letter in "0123456789abcdef" for letter in text)


def _by_id(client_id: str, start: str, kinds: tuple[LeafKind, ...]) -> Target | None:
    """The row whose id begins so, if it is the only one of its kind."""
    if not 6 <= len(start) <= 32:
        return None
    low, high = UUID(start.ljust(32, "0")), UUID(start.ljust(32, "f"))
    for kind in kinds:
        with connection.cursor() as cursor:  # one query for four tables of one shape
            cursor.execute(
                f"SELECT id FROM {_TABLES[kind]} WHERE client_id = %s::uuid AND id BETWEEN %s AND %s LIMIT 2",
                (client_id, low, high),
            )
            found = cursor.fetchall()
        if len(found) == 1:
            return Target(kind, found[0][0].hex)
    return None


def _by_number(client_id: str, number: int) -> Target | None:
    found = _between(client_id, number, number)
    return Target(found[0].kind, found[0].id) if found else None


def _by_hash(client_id: str, hash_: bytes) -> Target | None:
    signed = Checkpoint.objects.of(client_id).filter(root=hash_).order_by("size").values_list("size", flat=True).first()
    if signed is not None:
        return Target(size=signed)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT leaves, hashes FROM leaf_batch WHERE client_id = %s::uuid AND position(%s::bytea IN hashes) > 0",
            (client_id, hash_),
        )
        for leaves, hashes in cursor.fetchall():
            at = bytes(hashes).find(hash_)
            while at >= 0:
                if at % HASH_BYTES == 0:
                    kind, id = json.loads(leaves)[at // HASH_BYTES]
                    return Target(kind, id)
                at = bytes(hashes).find(hash_, at + 1)
    return None


def _place(client_id: str, kind: LeafKind, id: str) -> tuple[LeafBatch, int] | None:
    """The batch that lists a row, and where in it: by number where the row has one, by its decision, else by search."""
    batches = LeafBatch.objects.of(client_id)
    candidates = []
    if kind == "action":
        seq = Action.objects.of(client_id).filter(id=id).values_list("seq", flat=True).first()
        if seq is not None:
            candidates = list(batches.filter(first_leaf__lte=seq).order_by("-first_leaf")[:1])
    else:
        wanted = Decision.objects.of(client_id)
        if kind == "entry":
            wanted = wanted.filter(id__in=Entry.objects.of(client_id).filter(id=id).values("decision_id"))
        else:
            wanted = wanted.filter(id=id) if kind == "decision" else wanted.filter(event_id=id)
        seq = wanted.order_by("seq").values_list("seq", flat=True).first()
        if seq is not None:
            candidates = list(batches.filter(decision_seq__gte=seq).order_by("decision_seq", "first_leaf")[:2])
    return _listed_in(candidates, kind, id) or _listed_in(list(batches.filter(leaves__contains=id)[:3]), kind, id)


def _listed_in(batches: list[LeafBatch], kind: LeafKind, id: str) -> tuple[LeafBatch, int] | None:
    for batch in batches:
        for at, (named, row_id) in enumerate(json.loads(batch.leaves)):
            if named == kind and row_id == id:
                return batch, at
    return None


def _between(client_id: str, first: int, last: int) -> list[LeafRow]:
    """The leaves with these numbers, in order."""
    near = LeafBatch.objects.of(client_id).filter(first_leaf__lte=last).order_by("-first_leaf")[: 1 + 2 * _AROUND]
    found: list[LeafRow] = []
    for batch in reversed(near):
        assert batch.first_leaf is not None, "the filter asks for it"
        start, end = max(0, first - batch.first_leaf), min(batch.count, last + 1 - batch.first_leaf)
        if start < end:
            found += _read(client_id, batch, start, end)
    return found


def _read(client_id: str, batch: LeafBatch, start: int, end: int) -> list[LeafRow]:
    """Some leaves of a batch beside what their rows give now."""
    part = verify.LeafBatch(
        batch.id.hex,
        None if batch.first_leaf is None else batch.first_leaf + start,
        end - start,
        json.dumps(json.loads(batch.leaves)[start:end]),
        bytes(batch.hashes)[start * HASH_BYTES : end * HASH_BYTES],
    )
    found = []
    for one in verify.leaves_of(connection.connection, client_id, part):
        hashes = [proof.leaf_hash(content) for content in one.contents]
        is_same = one.hash in hashes
        content = one.contents[hashes.index(one.hash) if is_same else 0] if one.contents else b""
        found.append(LeafRow(one.number, one.kind, one.id, one.hash.hex(), _readable(content), is_same))
    return found


def _readable(content: bytes) -> str:
    try:
        return msgspec.json.format(content, indent=2).decode()
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return content.decode("utf-8", "replace")


def _inclusion(client_id: str, row: LeafRow, number: int, signed: Signed) -> Inclusion:
    """The path up to the first checkpoint that covers the leaf, made from all hashes below it and checked like an outsider."""
    rows = LeafBatch.objects.of(client_id).filter(first_leaf__lt=signed.size).order_by("first_leaf")
    packed = b"".join(bytes(hashes) for hashes in rows.values_list("hashes", flat=True))
    hashes = [packed[at : at + HASH_BYTES] for at in range(0, min(len(packed), signed.size * HASH_BYTES), HASH_BYTES)]
    if len(hashes) != signed.size:
        return Inclusion(signed, (), False)
    path = proof.inclusion_proof(hashes, number)
    holds = proof.verify_inclusion(bytes.fromhex(row.hash), number, signed.size, path, bytes.fromhex(signed.root))
    return Inclusion(signed, tuple(step.hex() for step in path), holds and signed.holds and row.is_same)
