"""What was received and what came of it? One event with its decisions and its place in the proof, and the lists of events."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

from goodword.core.events import Event as CoreEvent
from goodword.core.events import decode_facts
from goodword.core.reasons import Reason
from goodword.store.models import (
    Checkpoint,
    DeadLetter,
    Decision,
    Event,
    EventBody,
    EventKey,
    LeafBatch,
    Referral,
    RejectedEvent,
    Trail,
)
from goodword.store.open_vault import vault
from goodword.store.reads.people import Person, people
from goodword.store.reads.referrals import Posting, postings_of
from goodword.store.sql.envelope import Unreadable

MOST_LISTED = 200
_NEIGHBOURS = 4


@dataclass(frozen=True)
class Leaf:
    """Where a row stands in the client's log: its number, or None while the sealer has not come by."""

    kind: str
    id: str
    number: int | None
    sealed_at: datetime | None


@dataclass(frozen=True)
class Decided:
    """A decision that the event caused, its reasons, and the referrals that it moved."""

    id: str
    seq: int
    clock: datetime
    decided_at: datetime
    verdict: str
    reasons: tuple[Reason, ...]
    referrals: tuple[tuple[str, str], ...]  # (id, state it was left in)
    party: str


@dataclass(frozen=True)
class Neighbour:
    """Another event of the same person."""

    id: str
    type: str
    at: datetime
    is_before: bool


@dataclass(frozen=True)
class Dead:
    """Why an event could not be decided, and what is being done about it."""

    id: str
    type: str
    reason: str
    detail: str
    at: datetime
    attempts: int
    retry_at: datetime | None
    resolved_at: datetime | None


@dataclass(frozen=True)
class Inspection:
    """Everything known about one event without opening its body."""

    id: str
    seq: int
    at: datetime
    received_at: datetime
    source: str
    type: str
    facts: str
    event: CoreEvent
    has_body: bool
    decisions: tuple[Decided, ...]
    postings: tuple[Posting, ...]
    leaves: tuple[Leaf, ...]
    signed_size: int | None
    neighbours: tuple[Neighbour, ...]
    dead: Dead | None
    referrals: dict[str, tuple[str, str, str | None]] = field(
        default_factory=dict
    )  # id -> (state now, friend, advocate)
    people: dict[str, Person] = field(default_factory=dict)


def inspect(client_id: str, event_id: str, *, masked: bool) -> Inspection | None:
    """One event in thirteen queries; None: no such event here."""
    received_at = EventKey.objects.of(client_id).filter(id=event_id).values_list("received_at", flat=True).first()
    if received_at is None:
        return None
    row = Event.objects.of(client_id).filter(id=event_id, received_at=received_at).first()
    if row is None:
        return None
    decisions = _decisions(client_id, event_id)
    postings = postings_of(client_id, {one.id: one.seq for one in decisions})
    moved = [id for one in decisions for id, _ in one.referrals]
    referrals = {
        id.hex: (state, friend.hex, advocate.hex if advocate else None)
        for id, state, friend, advocate in Referral.objects.of(client_id)
        .filter(id__in=moved)
        .values_list("id", "state", "friend_id", "advocate_id")
    }
    owners = [one.party for one in decisions if one.party]
    parties = {party for _, friend, advocate in referrals.values() for party in (friend, advocate) if party} | set(
        owners
    )
    size = Checkpoint.objects.of(client_id).order_by("-size").values_list("size", flat=True).first()
    return Inspection(
        row.id.hex, row.seq, row.at, row.received_at, row.source, row.type, row.facts, decode_facts(row.facts),
        EventBody.objects.of(client_id).filter(id=event_id).exists(),
        decisions,
        postings,
        _leaves(client_id, event_id, decisions, postings),
        size,
        _neighbours(client_id, owners, row),
        next(iter(_dead(client_id, event_id)), None),
        referrals,
        people(client_id, parties, masked=masked),
    )  # fmt: skip


def open_body(client_id: str, event_id: str) -> bytes | None:
    """The body as it was sent, opened; None: it was erased with its person, or never kept. Who calls this logs it."""
    row = EventBody.objects.of(client_id).filter(id=event_id).first()
    if row is None:
        return None
    sealed = bytes(row.sealed)
    try:
        if row.party_id is None:
            return vault().open_client(client_id).open_intake(event_id, row.key_id.hex, sealed)
        keys = vault().person_keys(connection.connection, client_id, [row.party_id.hex], create=False)
        key = keys.get(row.party_id.hex)
        return key.open("event_body", "raw", event_id, sealed) if key else None
    except Unreadable:
        return None


class _Body(msgspec.Struct):
    """What the inspector reads of a stored decision; everything else is left alone."""

    reasons: tuple[Reason, ...] = ()
    referrals: tuple[tuple[str, str], ...] = ()
    party: str | None = None


def _decisions(client_id: str, event_id: str) -> tuple[Decided, ...]:
    found = []
    for row in Decision.objects.of(client_id).filter(event_id=event_id).order_by("seq"):
        try:
            body = msgspec.json.decode(row.body, type=_Body)
        except msgspec.MsgspecError:  # written by another version: the row itself is still shown
            body = _Body()
        found.append(
            Decided(
                row.id.hex,
                row.seq,
                row.clock,
                row.decided_at,
                row.verdict,
                body.reasons,
                body.referrals,
                body.party or "",
            )
        )
    return tuple(found)


def _leaves(
    client_id: str, event_id: str, decisions: tuple[Decided, ...], postings: tuple[Posting, ...]
) -> tuple[Leaf, ...]:
    """Places of the event, its decisions and their entries. A batch carries the number of its last decision."""
    if not decisions:
        return ()
    wanted = {event_id, *(one.id for one in decisions), *(one.id for one in postings)}
    found = []
    batches = (
        LeafBatch.objects.of(client_id)
        .filter(decision_seq__gte=decisions[0].seq)
        .order_by("decision_seq", "first_leaf")
    )
    for batch in batches.defer("hashes")[: 2 + len(decisions)]:
        for n, (kind, id) in enumerate(json.loads(batch.leaves)):
            if id in wanted:
                wanted.discard(id)
                number = None if batch.first_leaf is None else batch.first_leaf + n
                found.append(Leaf(kind, id, number, batch.sealed_at))
        if not wanted:
            break
    return tuple(found)


def _neighbours(client_id: str, owners: list[str], row: Event) -> tuple[Neighbour, ...]:
    """The few events of the same person right before and after, by their own time."""
    if not owners:
        return ()
    trail = Trail.objects.of(client_id).filter(owner__in=owners).exclude(event_id=row.id)
    found = []
    for is_before, rows in (
        (True, trail.filter(at__lte=row.at).order_by("-at")),
        (False, trail.filter(at__gt=row.at).order_by("at")),
    ):
        found += [
            Neighbour(event_id.hex, decode_facts(facts).type, at, is_before)
            for event_id, at, facts in rows.values_list("event_id", "at", "facts")[:_NEIGHBOURS]
        ]
    return tuple(sorted(found, key=lambda one: one.at))


# ---- lists


@dataclass(frozen=True)
class Refused:
    """An item that was not accepted at the door."""

    id: str
    received_at: datetime
    source: str
    problems: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Received:
    """A row of the log."""

    id: str
    type: str
    at: datetime
    received_at: datetime
    source: str


@dataclass(frozen=True)
class Counts:
    """How many wait for a person."""

    dead: int
    refused: int


def counts(client_id: str) -> Counts:
    """Two capped counts for the tabs."""
    return Counts(
        DeadLetter.objects.of(client_id).filter(resolved_at=None)[: MOST_LISTED + 1].count(),
        RejectedEvent.objects.of(client_id)[: MOST_LISTED + 1].count(),
    )


def dead_letters(client_id: str) -> tuple[Dead, ...]:
    """Events that were accepted and could not be decided, the oldest first."""
    return _dead(client_id, None)


def refused(client_id: str) -> tuple[Refused, ...]:
    """What was turned away at the door, the latest first."""
    rows = RejectedEvent.objects.of(client_id).order_by("-received_at").defer("sealed")[:MOST_LISTED]
    return tuple(Refused(row.id.hex, row.received_at, row.source, _problems(row.problem)) for row in rows)


def recent(client_id: str, size: int) -> tuple[Received, ...]:
    """The last rows of the log in order of arrival."""
    rows = Event.objects.of(client_id).order_by("-xid", "-seq").defer("facts", "body_hash")[:size]
    return tuple(Received(row.id.hex, row.type, row.at, row.received_at, row.source) for row in rows)


def _dead(client_id: str, event_id: str | None) -> tuple[Dead, ...]:
    letters = DeadLetter.objects.of(client_id)
    letters = letters.filter(id=event_id) if event_id else letters.filter(resolved_at=None)
    rows = list(letters.order_by("at")[:MOST_LISTED])
    types: dict[UUID, str] = {}
    if rows and event_id is None:
        types = dict(Event.objects.of(client_id).filter(id__in=[row.id for row in rows]).values_list("id", "type"))
    return tuple(
        Dead(
            row.id.hex, types.get(row.id, ""), row.reason, row.detail, row.at, row.attempts, row.retry_at, row.resolved_at
        )
        for row in rows
    )  # fmt: skip


def _problems(text: str) -> tuple[dict[str, Any], ...]:
    """The problem of a refused item as a list of field, why and repair, however it was written."""
    try:
        told = json.loads(text)
    except ValueError:
        return ({"field": "", "why": text[:300], "repair": ""},)
    listed = told.get("errors", [told]) if isinstance(told, dict) else told
    return tuple(item if isinstance(item, dict) else {"field": "", "why": str(item), "repair": ""} for item in listed)
