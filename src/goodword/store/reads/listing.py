"""Which referrals fit a filter? The list by pages that begin where the last one ended, in either direction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.db.models import Exists, OuterRef, Q

from goodword.store.models import ApiKey, Code, Decision, Event, Party, Program, Referral, Reward
from goodword.store.models.base import TenantQuerySet
from goodword.store.reads.deadlines import behind_notices
from goodword.store.reads.people import Person, people

MOST_COUNTED = 10_000
MOST_SOURCES = 50
OWN_SOURCES = ("desk", "goodword", "redirect")  # typed at the desk, acts of the house, links that were opened
SORTS = ("newest", "oldest", "due")
_COUNT_MS, _LIST_MS = 30, 4_000
_UNDER_WAY = frozenset({"joined", "waiting", "qualified"})  # states in which the next moment is somebody's deadline


class TooWide(Exception):
    """The filter looks at more rows than a page may take time for; a state, a program or a date narrows it."""


@dataclass(frozen=True)
class Wanted:
    """What a list is narrowed to ('' and None: not narrowed) and in which order."""

    state: str = ""
    party: str = ""
    code: str = ""
    program: str = ""
    method: str = ""
    why: str = ""
    reward: str = ""
    source: str = ""
    joined_from: datetime | None = None
    joined_before: datetime | None = None
    sort: str = "newest"

    @property
    def by(self) -> str:
        """The column that orders the list: an index stands behind each of them."""
        if self.sort == "due":
            return "next_due_at"
        return "bound_at" if self.joined_from or self.joined_before else "created_at"


@dataclass(frozen=True)
class Place:
    """A row's place in the list: a page begins behind it, or ends before it."""

    at: datetime
    id: str
    is_before: bool = False


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
    client_id: str
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
    """Rows of the list, how many there are (None: too many to count in the time of a page), and the pages around."""

    rows: tuple[Row, ...]
    total: int | None
    next: Place | None
    previous: Place | None = None
    programs: tuple[tuple[str, str], ...] = ()
    sources: tuple[str, ...] = ()
    party: Person | None = None

    @property
    def is_capped(self) -> bool:
        """Whether there are more than were counted."""
        return self.total is None or self.total > MOST_COUNTED


def page(client_id: str, wanted: Wanted, place: Place | None, size: int, *, masked: bool) -> Page:
    """One page in seven queries whatever its size."""
    programs = _programs(client_id)
    narrowed = _narrowed(client_id, wanted, programs)
    listed, before, after = _turned(narrowed, wanted, place, size)
    is_whole = place is None and after is None
    total = len(listed) if is_whole else _counted(narrowed)
    known = _people(client_id, listed, wanted.party, masked=masked)
    rows = _rows(client_id, listed, known, programs)
    named = tuple((slug, name) for slug, name in programs.values())
    return Page(rows, total, after, before, named, sources([client_id]), known.get(wanted.party))


def page_of_all(clients: Iterable[tuple[str, bool]], wanted: Wanted, place: Place | None, size: int) -> Page:
    """One page over several clients, each (id, whether names are masked there); every client's rows by its own index."""
    masked = dict(clients)
    found: list[Referral] = []
    programs = {client_id: _programs(client_id) for client_id in masked}
    for client_id in masked:
        found += _read(_narrowed(client_id, wanted, programs[client_id]), wanted, place, size)
    goes_back = place is not None and place.is_before
    found.sort(key=lambda one: _key(one, wanted), reverse=(wanted.sort == "newest") is not goes_back)
    listed, before, after = _cut(found, wanted, place, size)
    rows: dict[str, Row] = {}
    for client_id, is_masked in masked.items():
        mine = [one for one in listed if one.client_id.hex == client_id]
        if mine:
            known = _people(client_id, mine, "", masked=is_masked)
            rows |= {row.id: row for row in _rows(client_id, mine, known, programs[client_id])}
    named = tuple(dict(pair for own in programs.values() for pair in own.values()).items())
    party: Person | None = None
    for client_id, is_masked in masked.items() if wanted.party else ():
        if Party.objects.of(client_id).filter(id=wanted.party).exists():
            party = people(client_id, {wanted.party}, masked=is_masked)[wanted.party]
    told = tuple(rows[one.id.hex] for one in listed)
    return Page(told, None, after, before, named, sources(masked), party)


def sources(clients: Iterable[str]) -> tuple[str, ...]:
    """Who sends events of these clients: the streams of their keys, and what the house sends itself."""
    keys = ApiKey.objects.filter(client_id__in=list(clients)).values_list("source", flat=True).distinct()
    return tuple(sorted({*keys[:MOST_SOURCES], *OWN_SOURCES}))


def every_row(client_id: str, wanted: Wanted, *, masked: bool, piece: int = 500) -> Iterator[Row]:
    """All rows of the list, read piece by piece while somebody downloads them."""
    programs = _programs(client_id)
    place: Place | None = None
    while True:
        listed, _before, place = _cut(
            list(_behind(_narrowed(client_id, wanted, programs), wanted, place)[: piece + 1]), wanted, place, piece
        )
        yield from _rows(client_id, listed, _people(client_id, listed, "", masked=masked), programs)
        if place is None:
            return


def chosen_rows(client_id: str, ids: Iterable[str], *, masked: bool) -> tuple[Row, ...]:
    """Rows by their ids, in the order given; what this client does not have is left out."""
    wanted = list(dict.fromkeys(ids))
    found = {one.id.hex: one for one in Referral.objects.of(client_id).filter(id__in=wanted).defer("body")}
    listed = [found[id] for id in wanted if id in found]
    return _rows(client_id, listed, _people(client_id, listed, "", masked=masked), _programs(client_id))


_Programs = dict[UUID, tuple[str, str]]  # id -> (slug, name)


def _programs(client_id: str) -> _Programs:
    rows = Program.objects.of(client_id).order_by("name").values_list("id", "slug", "name")
    return {id: (slug, name) for id, slug, name in rows}


def _narrowed(client_id: str, wanted: Wanted, programs: _Programs) -> TenantQuerySet[Referral]:
    found = Referral.objects.of(client_id).exclude(kind="record")
    if wanted.sort == "due":
        found = found.filter(next_due_at__isnull=False)
    if wanted.state:
        found = found.filter(state=wanted.state)
    if wanted.party:
        found = found.filter(Q(friend_id=wanted.party) | Q(advocate_id=wanted.party))
    if wanted.code:
        found = found.filter(code=wanted.code)
        # A code is its owner's: that index leads to few rows, for there is none by code. Nobody's code won no referral.
        owner = Code.objects.filter(client_id=client_id, code=wanted.code).values_list("party_id", flat=True).first()
        found = found.filter(advocate_id=owner) if owner else found.none()
    if wanted.program:
        found = found.filter(program_id__in=[id for id, (slug, _name) in programs.items() if slug == wanted.program])
    if wanted.method:
        found = found.filter(method=wanted.method)
    if wanted.why:
        refused, still_open = (f'"code":"{wanted.why}","passed":{word}' for word in ("false", "null"))
        found = found.filter(Q(body__contains=refused) | Q(body__contains=still_open))
    if wanted.reward:
        rewards = Reward.objects.beside().filter(referral_id=OuterRef("id"), state=wanted.reward)
        found = found.filter(Exists(rewards))
    if wanted.source:
        sent = Event.objects.beside().filter(id=OuterRef("event_id"), source=wanted.source)
        found = found.filter(Exists(Decision.objects.beside().filter(Exists(sent), referral_id=OuterRef("id"))))
    if wanted.joined_from:
        found = found.filter(bound_at__gte=wanted.joined_from)
    if wanted.joined_before:
        found = found.filter(bound_at__lt=wanted.joined_before)
    return found


def _behind(narrowed: TenantQuerySet[Referral], wanted: Wanted, place: Place | None) -> Any:
    """The rows behind a place; walking back, those before it, the nearest first."""
    goes_down = (wanted.sort == "newest") is not (place is not None and place.is_before)
    if place:
        # The first comparison lets the index begin at the right place, the second settles what is equal there.
        beyond, at_least = ("lt", "lte") if goes_down else ("gt", "gte")
        behind = Q(**{f"{wanted.by}__{beyond}": place.at}) | Q(**{f"id__{beyond}": place.id})
        narrowed = narrowed.filter(**{f"{wanted.by}__{at_least}": place.at}).filter(behind)
    sign = "-" if goes_down else ""
    return narrowed.defer("body").order_by(f"{sign}{wanted.by}", f"{sign}id")


def _turned(
    narrowed: TenantQuerySet[Referral], wanted: Wanted, place: Place | None, size: int
) -> tuple[list[Referral], Place | None, Place | None]:
    """The rows of a page in the order of the list, and the places of the pages before and after."""
    return _cut(_read(narrowed, wanted, place, size), wanted, place, size)


def _read(narrowed: TenantQuerySet[Referral], wanted: Wanted, place: Place | None, size: int) -> list[Referral]:
    """The rows behind a place and one more, where they are found in the time of a page."""
    try:
        with transaction.atomic(), _at_most(_LIST_MS):
            return list(_behind(narrowed, wanted, place)[: size + 1])
    except OperationalError as error:
        raise TooWide from error


def _cut(
    found: list[Referral], wanted: Wanted, place: Place | None, size: int
) -> tuple[list[Referral], Place | None, Place | None]:
    listed, is_more = found[:size], len(found) > size
    goes_back = place is not None and place.is_before
    if goes_back:
        listed.reverse()
    has_previous, has_next = (is_more, bool(listed)) if goes_back else (place is not None and bool(listed), is_more)
    before = replace(_place(listed[0], wanted), is_before=True) if has_previous else None
    return listed, before, _place(listed[-1], wanted) if has_next else None


def _key(one: Referral, wanted: Wanted) -> tuple[datetime, str]:
    return getattr(one, wanted.by), one.id.hex


def _place(one: Referral, wanted: Wanted) -> Place:
    return Place(*_key(one, wanted))


class _at_most:  # reads as a sentence where it is used
    """Statements inside may take so long, and no longer."""

    def __init__(self, milliseconds: int) -> None:
        self._milliseconds = milliseconds

    def __enter__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {self._milliseconds}")

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:  # else the savepoint around it puts the setting back
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout TO DEFAULT")


def _counted(narrowed: TenantQuerySet[Referral]) -> int | None:
    try:
        with transaction.atomic(), _at_most(_COUNT_MS):
            return narrowed.order_by()[: MOST_COUNTED + 1].count()
    except OperationalError:
        return None


def _people(client_id: str, listed: list[Referral], also: str, *, masked: bool) -> dict[str, Person]:
    parties = {one.friend_id.hex for one in listed} | {one.advocate_id.hex for one in listed if one.advocate_id}
    return people(client_id, parties | ({also} if also else set()), masked=masked)


def _rows(client_id: str, listed: list[Referral], known: dict[str, Person], programs: _Programs) -> tuple[Row, ...]:
    rewards: dict[UUID, list[RewardLine]] = {}
    found = Reward.objects.of(client_id).filter(referral_id__in=[one.id for one in listed])
    for reward in found.order_by("granted_at", "role"):
        line = RewardLine(reward.role, reward.asset, reward.amount_minor, reward.state, reward.due_at)
        rewards.setdefault(reward.referral_id, []).append(line)
    deadlines = behind_notices(client_id, [one.id for one in listed if one.next_due_at and one.state in _UNDER_WAY])
    return tuple(
        _row(
            one,
            known,
            tuple(rewards.get(one.id, ())),
            programs.get(one.program_id, ("", ""))[1],
            deadlines.get(one.id, one.next_due_at),
        )
        for one in listed
    )


def _row(
    one: Referral, known: dict[str, Person], rewards: tuple[RewardLine, ...], program: str, deadline_at: datetime | None
) -> Row:
    dues = [reward.due_at for reward in rewards if reward.state == "pending" and reward.due_at]
    return Row(
        id=one.id.hex,
        client_id=one.client_id.hex,
        program=program,
        state=one.state,
        created_at=one.created_at,
        joined_at=one.bound_at,
        due_at=min(dues) if dues else deadline_at if one.state in _UNDER_WAY else None,
        method=one.method,
        code=one.code,
        version=one.version,
        referrer=known[one.advocate_id.hex] if one.advocate_id else None,
        friend=known[one.friend_id.hex],
        rewards=rewards,
    )
