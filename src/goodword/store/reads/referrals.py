"""Which referrals are there, and what became of one? The list by pages, and everything that its story tells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import msgspec
from django.db.models import Q

from goodword.core import referral as core
from goodword.core.events import Event as CoreEvent
from goodword.core.events import decode_facts
from goodword.store.models import Decision, Entry, Event, Program, ProgramVersion, Referral, Reward
from goodword.store.models.base import TenantQuerySet
from goodword.store.reads.people import Person, people

MOST_COUNTED = 10_000
ENTRIES_A_DECISION = 1_000  # entries are numbered so when they are recorded; the ledger has no index by decision
_UNDER_WAY = frozenset({"joined", "waiting", "qualified"})  # states in which the next moment is somebody's deadline
_decode_referral = msgspec.json.Decoder(core.Referral).decode


@dataclass(frozen=True)
class Wanted:
    """What a list is narrowed to; '' means not narrowed."""

    state: str = ""
    party: str = ""
    code: str = ""
    program: str = ""


@dataclass(frozen=True)
class Place:
    """Where a page of the list ends: the next one begins behind it."""

    created_at: datetime
    id: str


@dataclass(frozen=True)
class RewardLine:
    """A reward in the list."""

    role: str
    asset: str
    amount_minor: int
    state: str
    due_at: datetime | None


@dataclass(frozen=True)
class Row:
    """A referral in the list."""

    id: str
    program: str
    state: str
    created_at: datetime
    joined_at: datetime | None
    due_at: datetime | None
    method: str
    code: str | None
    version: int | None
    referrer: Person | None
    friend: Person
    rewards: tuple[RewardLine, ...] = ()


@dataclass(frozen=True)
class Page:
    """Rows of the list, how many there are in all (counted up to 10,000), and where the next page begins."""

    rows: tuple[Row, ...]
    total: int
    next: Place | None
    programs: tuple[tuple[str, str], ...] = ()
    party: Person | None = None

    @property
    def is_capped(self) -> bool:
        """Whether there are more than were counted."""
        return self.total > MOST_COUNTED


def page(client_id: str, wanted: Wanted, after: Place | None, size: int, *, masked: bool) -> Page:
    """One page, newest first, in six queries whatever its size."""
    programs = _programs(client_id)
    narrowed = _narrowed(client_id, wanted, programs)
    total = narrowed[: MOST_COUNTED + 1].count()
    listed, following = _listed(narrowed, after, size)
    known = _people(client_id, listed, wanted.party, masked=masked)
    rows = _rows(client_id, listed, known, programs)
    named = tuple((slug, name) for slug, name in programs.values())
    return Page(rows, total, following, named, known.get(wanted.party))


def every_row(client_id: str, wanted: Wanted, *, masked: bool, piece: int = 500) -> Iterator[Row]:
    """All rows of the list, read piece by piece while somebody downloads them."""
    programs = _programs(client_id)
    after: Place | None = None
    while True:
        listed, after = _listed(_narrowed(client_id, wanted, programs), after, piece)
        yield from _rows(client_id, listed, _people(client_id, listed, "", masked=masked), programs)
        if after is None:
            return


_Programs = dict[UUID, tuple[str, str]]  # id -> (slug, name)


def _programs(client_id: str) -> _Programs:
    rows = Program.objects.of(client_id).order_by("name").values_list("id", "slug", "name")
    return {id: (slug, name) for id, slug, name in rows}


def _narrowed(client_id: str, wanted: Wanted, programs: _Programs) -> TenantQuerySet[Referral]:
    found = Referral.objects.of(client_id)
    if wanted.state:
        found = found.filter(state=wanted.state)
    if wanted.party:
        found = found.filter(Q(friend_id=wanted.party) | Q(advocate_id=wanted.party))
    if wanted.code:
        found = found.filter(code=wanted.code)
    if wanted.program:
        found = found.filter(program_id__in=[id for id, (slug, _name) in programs.items() if slug == wanted.program])
    return found


def _listed(narrowed: TenantQuerySet[Referral], after: Place | None, size: int) -> tuple[list[Referral], Place | None]:
    """The rows behind a place, and the place where they end if there are more."""
    if after:
        # The first comparison lets the index begin at the right place, the second settles what is equal there.
        behind = Q(created_at__lt=after.created_at) | Q(id__lt=after.id)
        narrowed = narrowed.filter(created_at__lte=after.created_at).filter(behind)
    listed = list(narrowed.defer("body").order_by("-created_at", "-id")[: size + 1])
    last = listed[size - 1] if len(listed) > size else None
    return listed[:size], Place(last.created_at, last.id.hex) if last else None


def _people(client_id: str, listed: list[Referral], also: str, *, masked: bool) -> dict[str, Person]:
    parties = {one.friend_id.hex for one in listed} | {one.advocate_id.hex for one in listed if one.advocate_id}
    return people(client_id, parties | ({also} if also else set()), masked=masked)


def _rows(client_id: str, listed: list[Referral], known: dict[str, Person], programs: _Programs) -> tuple[Row, ...]:
    rewards: dict[UUID, list[RewardLine]] = {}
    found = Reward.objects.of(client_id).filter(referral_id__in=[one.id for one in listed])
    for reward in found.order_by("granted_at", "role"):
        line = RewardLine(reward.role, reward.asset, reward.amount_minor, reward.state, reward.due_at)
        rewards.setdefault(reward.referral_id, []).append(line)
    return tuple(
        _row(one, known, tuple(rewards.get(one.id, ())), programs.get(one.program_id, ("", ""))[1]) for one in listed
    )


def _row(one: Referral, known: dict[str, Person], rewards: tuple[RewardLine, ...], program: str) -> Row:
    dues = [reward.due_at for reward in rewards if reward.state == "pending" and reward.due_at]
    return Row(
        id=one.id.hex,
        program=program,
        state=one.state,
        created_at=one.created_at,
        joined_at=one.bound_at,
        due_at=min(dues) if dues else one.next_due_at if one.state in _UNDER_WAY else None,
        method=one.method,
        code=one.code,
        version=one.version,
        referrer=known[one.advocate_id.hex] if one.advocate_id else None,
        friend=known[one.friend_id.hex],
        rewards=rewards,
    )


# ---- one referral


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
        referral.touch_event,
        referral.bound_event,
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
