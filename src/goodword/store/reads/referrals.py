"""What became of one referral? Everything that its story tells, and the stories of one person in short."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from django.db.models import Q

from goodword.core import referral as core
from goodword.core.events import Event as CoreEvent
from goodword.core.events import decode_facts
from goodword.store.models import Decision, Entry, Event, ProgramVersion, Referral
from goodword.store.reads.people import Person, people

ENTRIES_A_DECISION = 1_000  # entries are numbered so when they are recorded; the ledger has no index by decision
_decode_referral = msgspec.json.Decoder(core.Referral).decode


@dataclass(frozen=True)
class Posting:
    """An entry of the ledger with the names of its two accounts."""

    id: str
    seq: int
    decision: str
    source: str
    destination: str
    asset: str
    amount_minor: int
    phase: str
    reason: str
    at: datetime
    of: str | None
    reward: str | None


@dataclass(frozen=True)
class Step:
    """A decision about the referral, and the event that caused it (None: a moment came)."""

    id: str
    seq: int
    cause: str
    clock: datetime
    verdict: str
    event: CoreEvent | None
    event_id: str | None


@dataclass(frozen=True)
class Story:
    """Everything that the page of one referral tells."""

    referral: core.Referral
    program: str
    document: str
    live_from: datetime | None
    steps: tuple[Step, ...]
    postings: tuple[Posting, ...]
    events: dict[str, CoreEvent]
    people: dict[str, Person] = field(default_factory=dict)


def story(client_id: str, referral_id: str, *, masked: bool) -> Story | None:
    """One referral with its terms, decisions, events and entries, in eight queries; None: no such referral here."""
    row = Referral.objects.of(client_id).filter(id=referral_id).select_related("program").first()
    if row is None:
        return None
    referral = _decode_referral(row.body)
    version = (
        ProgramVersion.objects.of(client_id)
        .filter(program_id=row.program_id, number=referral.version)
        .values("document", "live_from")
        .first()
    )
    postings = tuple(_postings(client_id, Q(referral_id=referral_id)))
    about = Q(referral_id=referral_id) | Q(id__in=sorted({posting.decision for posting in postings}))
    decisions = list(
        Decision.objects.of(client_id)
        .filter(about)
        .order_by("seq")
        .values("id", "seq", "cause", "clock", "verdict", "event_id")
    )
    wanted = {one["event_id"].hex for one in decisions if one["event_id"]} | {
        *filter(None, (referral.touch_event, referral.bound_event)),
    }
    events = {
        id.hex: decode_facts(facts)
        for id, facts in Event.objects.of(client_id).filter(id__in=wanted).values_list("id", "facts")
    }
    steps = tuple(
        Step(
            one["id"].hex, one["seq"], one["cause"], one["clock"], one["verdict"],
            events.get(one["event_id"].hex) if one["event_id"] else None,
            one["event_id"].hex if one["event_id"] else None,
        )
        for one in decisions
    )  # fmt: skip
    parties = {referral.friend, referral.advocate, *(reward.payee for reward in referral.rewards)}
    return Story(
        referral,
        row.program.name,
        version["document"] if version else "",
        version["live_from"] if version else None,
        steps,
        postings,
        events,
        people(client_id, parties, masked=masked),
    )


def _postings(client_id: str, which: Q) -> Iterator[Posting]:
    for entry in Entry.objects.of(client_id).filter(which).select_related("source", "destination").order_by("seq"):
        yield Posting(
            entry.id.hex, entry.seq, entry.decision_id.hex, entry.source.name, entry.destination.name, entry.asset,
            entry.amount_minor, entry.phase, entry.reason, entry.at, entry.of_id.hex if entry.of_id else None,
            entry.reward_id.hex if entry.reward_id else None,
        )  # fmt: skip


def postings_of(client_id: str, decisions: dict[str, int]) -> tuple[Posting, ...]:
    """The entries of some decisions (id -> number), in one query: an entry is numbered by its decision and its place in it."""
    which = Q()
    for id, seq in decisions.items():
        which |= Q(decision_id=id, seq__gte=seq * ENTRIES_A_DECISION, seq__lt=(seq + 1) * ENTRIES_A_DECISION)
    return tuple(_postings(client_id, which)) if decisions else ()


# ---- the stories of one person, in short

MOST_STORIES = 20


def stories_of(client_id: str, which: Q, *, masked: bool, most: int = MOST_STORIES) -> tuple[Story, ...]:
    """The newest referrals of a person with terms and names, without events and entries: what verdicts need, in six queries."""
    found = Referral.objects.of(client_id).filter(which, kind="referral").select_related("program")
    rows = list(found.order_by("-bound_at", "-id")[:most])
    if not rows:
        return ()
    versions = ProgramVersion.objects.of(client_id).filter(program_id__in={row.program_id for row in rows})
    documents = {
        (program_id, number): (document, live_from)
        for program_id, number, document, live_from in versions.values_list(
            "program_id", "number", "document", "live_from"
        )
    }
    read = [(row, _decode_referral(row.body)) for row in rows]
    parties = {id for _row, one in read for id in (one.friend, one.advocate, *(reward.payee for reward in one.rewards))}
    known = people(client_id, parties, masked=masked)
    return tuple(
        Story(one, row.program.name, *documents.get((row.program_id, one.version), ("", None)), (), (), {}, known)
        for row, one in read
    )
