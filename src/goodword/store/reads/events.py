"""What was received and what came of it? One event with its decisions, what they follow from, and its place in the proof."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from django.db import connection
from django.db.models import Q

from goodword.core.events import Event as CoreEvent
from goodword.core.events import decode_facts
from goodword.core.reasons import Reason
from goodword.store.models import (
    Checkpoint,
    DeadLetter,
    Decision,
    Entry,
    Event,
    EventBody,
    EventKey,
    LeafBatch,
    Referral,
    Trail,
)
from goodword.store.open_vault import vault
from goodword.store.reads.people import Person, people
from goodword.store.reads.referrals import Posting, postings_of
from goodword.store.sql.envelope import Unreadable

_NEIGHBOURS = 4
_LATER = 8


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
class Rule:
    """A version of a program that a referral is judged by."""

    program: str
    name: str
    version: int | None


@dataclass(frozen=True)
class Link:
    """A decision about the same referrals, before or after: what led here, and what came of it. No event: a moment came."""

    seq: int
    clock: datetime
    verdict: str
    event: str
    type: str
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
    rules: tuple[Rule, ...] = ()
    chain: tuple[Link, ...] = ()


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
    rows = list(Referral.objects.of(client_id).filter(id__in=moved).select_related("program"))
    referrals = {
        one.id.hex: (one.state, one.friend_id.hex, one.advocate_id.hex if one.advocate_id else None) for one in rows
    }
    rules = {(one.program.slug, one.version): Rule(one.program.slug, one.program.name, one.version) for one in rows}
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
        _dead(client_id, event_id),
        referrals,
        people(client_id, parties, masked=masked),
        tuple(rules.values()),
        _chain(client_id, moved, decisions),
    )  # fmt: skip


def _chain(client_id: str, moved: list[str], decisions: tuple[Decided, ...]) -> tuple[Link, ...]:
    """The few decisions about the same referrals right before and after, found by their moments and their entries."""
    if not moved:
        return ()
    own = {one.seq for one in decisions}
    entered = Entry.objects.of(client_id).filter(referral_id__in=moved).values("decision_id")
    about = Decision.objects.of(client_id).filter(Q(referral_id__in=moved) | Q(id__in=entered)).exclude(seq__in=own)
    fields = ("seq", "clock", "verdict", "event_id")
    rows = [(*one, True) for one in about.filter(seq__lt=min(own)).order_by("-seq").values_list(*fields)[:_NEIGHBOURS]]
    rows += [(*one, False) for one in about.filter(seq__gt=min(own)).order_by("seq").values_list(*fields)[:_LATER]]
    ids = [event for _seq, _clock, _verdict, event, _is_before in rows if event]
    types = dict(Event.objects.of(client_id).filter(id__in=ids).values_list("id", "type"))
    return tuple(
        Link(seq, clock, verdict, event.hex if event else "", types.get(event, ""), is_before)
        for seq, clock, verdict, event, is_before in sorted(rows, key=lambda one: one[0])
    )


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


def _dead(client_id: str, event_id: str) -> Dead | None:
    row = DeadLetter.objects.of(client_id).filter(id=event_id).first()
    if row is None:
        return None
    return Dead(row.id.hex, "", row.reason, row.detail, row.at, row.attempts, row.retry_at, row.resolved_at)
