"""Who speaks for which program, by which contract, and what did they post? Lists and records of creators, opened for display."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

import msgspec
from django.db import connection
from django.db.models import Case, Count, IntegerField, Q, Sum, Value, When

from goodword.store.creators import Application, Gifts, Posted, open_application, open_note, open_post, open_text
from goodword.store.models import (
    Creator,
    CreatorBrief,
    CreatorContract,
    CreatorPost,
    Party,
    Program,
    Referral,
    Reward,
)
from goodword.store.open_vault import vault

PAGE = 50
_ORDER = ("applied", "vetted", "active", "paused", "ended", "declined")  # whoever waits for the house comes first
_LOST = ("voided", "clawed_back", "written_off")


@dataclass(frozen=True)
class Of:
    """A creator: who (initials only for a role without names), for which program, and how it stands."""

    id: str
    name: str
    program: str
    program_name: str
    state: str
    state_at: datetime
    source: str
    code: str
    party: str
    why: str
    applied_at: datetime
    link_until: datetime | None
    written: Application | None


@dataclass(frozen=True)
class Contract:
    """A version of a contract. `text` and `note` are '' for a role without names, and once they were forgotten."""

    id: str
    number: int
    text: str
    text_hash: str
    gifts: Gifts
    starts_at: datetime | None
    offered_at: datetime
    accepted_at: datetime | None
    withdrawn_at: datetime | None
    declined_at: datetime | None
    note: str = ""  # of the creator who declined

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer."""
        return self.accepted_at is None and self.withdrawn_at is None and self.declined_at is None


@dataclass(frozen=True)
class Brief:
    """The latest version of a brief."""

    number: int
    text: str
    at: datetime


@dataclass(frozen=True)
class Post:
    """A post; `posted` is None where it was forgotten, or the role sees no names."""

    id: str
    posted: Posted | None
    posted_on: date
    disclosure: str
    evidence_hash: str
    state: str
    checked_at: datetime | None


@dataclass(frozen=True)
class Line:
    """A creator as the list shows it."""

    of: Of
    ruling: Contract | None
    has_offer: bool
    was_declined: bool  # by the creator, and nothing was offered since
    due: int
    to_check: int
    friends: int
    earned: tuple[tuple[str, int], ...]  # (asset, minor units)


@dataclass(frozen=True)
class Place:
    """Where a page ended: the state's place in the order, since when, and whose."""

    rank: int
    at: datetime
    id: str


@dataclass(frozen=True)
class Known:
    """What the house knows of somebody who applies, beside the application."""

    brought: int
    was_referred: int
    sharing: tuple[tuple[str, int], ...]  # (device or payment, how many others)
    elsewhere: tuple[tuple[str, str], ...]  # (creator, state): the same mailbox or telephone


@dataclass(frozen=True)
class Record:
    """Everything of one creator."""

    of: Of
    contracts: tuple[Contract, ...]
    brief: Brief | None
    own_brief: Brief | None
    posts: tuple[Post, ...]
    known: Known

    @property
    def has_offer(self) -> bool:
        """Whether a version waits for an answer."""
        return any(one.is_open for one in self.contracts)


def listed(
    client_id: str, *, state: str = "", program: str = "", masked: bool, after: Place | None = None, size: int = PAGE
) -> tuple[tuple[Line, ...], Place | None]:
    """Creators behind a place, whoever waits for the house first, and where they end if there are more; in seven queries."""
    ranks = [When(state=one, then=Value(n)) for n, one in enumerate(_ORDER)]
    rows = Creator.objects.of(client_id).annotate(rank=Case(*ranks, output_field=IntegerField()))
    if state:
        rows = rows.filter(state=state)
    programs = _programs(client_id)
    if program:
        rows = rows.filter(program_id__in=[id_ for id_, (slug, _) in programs.items() if slug == program])
    if after:
        same = Q(rank=after.rank, state_at=after.at, id__gt=after.id)
        rows = rows.filter(Q(rank__gt=after.rank) | Q(rank=after.rank, state_at__lt=after.at) | same)
    page = list(rows.order_by("rank", "-state_at", "id")[: size + 1])
    last = page[size - 1] if len(page) > size else None
    found = [_of(one, programs, masked=masked) for one in page[:size]]
    ids = [one.id for one in found]
    contracts: dict[str, list[Contract]] = defaultdict(list)
    for one in CreatorContract.objects.of(client_id).filter(creator_id__in=ids).order_by("number"):
        contracts[one.creator_id.hex].append(_contract(one))
    posts = {
        (id_.hex, state_): n
        for id_, state_, n in CreatorPost.objects.of(client_id)
        .filter(creator_id__in=ids)
        .values_list("creator_id", "state")
        .annotate(n=Count("id"))
    }
    friends, earned = _brought(client_id, found), _earned(client_id, found)
    lines = tuple(
        Line(
            one,
            _ruling(contracts[one.id]),
            any(known.is_open for known in contracts[one.id]),
            bool(contracts[one.id] and contracts[one.id][-1].declined_at),
            posts.get((one.id, "due"), 0) + posts.get((one.id, "missing"), 0),
            posts.get((one.id, "stated"), 0),
            friends.get((one.program, one.party), 0),
            tuple(earned.get((one.program, one.party), {}).items()),
        )
        for one in found
    )
    return lines, Place(_ORDER.index(last.state), last.state_at, last.id.hex) if last else None


def counts(client_id: str) -> dict[str, int]:
    """How many creators are in each state."""
    return dict(Creator.objects.of(client_id).values_list("state").annotate(n=Count("id")))


def record(client_id: str, id_: str, *, masked: bool) -> Record | None:
    """One creator; None: nobody of this client."""
    row = Creator.objects.of(client_id).filter(id=id_).first()
    if row is None:
        return None
    keys = vault().open_client(client_id)
    contracts = tuple(
        _contract(one)
        if masked
        else replace(
            _contract(one),
            text=open_text(keys, "creator_contract", one.id.hex, one.text_sealed),
            note=open_note(keys, one.id.hex, one.note_sealed),
        )
        for one in CreatorContract.objects.of(client_id).filter(creator_id=id_).order_by("-number")
    )
    posts = tuple(
        Post(
            one.id.hex,
            None if masked else open_post(keys, one.id.hex, one.sealed),
            one.posted_on,
            one.disclosure,
            one.evidence_hash,
            one.state,
            one.checked_at,
        )
        for one in CreatorPost.objects.of(client_id).filter(creator_id=id_).order_by("-posted_on", "-at")
    )
    program_id = row.program_id.hex
    return Record(
        _of(row, _programs(client_id), masked=masked),
        contracts,
        brief_of(client_id, program_id, None),
        None if masked else brief_of(client_id, program_id, id_),
        posts,
        _known(client_id, row),
    )


def of_party(client_id: str, party: str) -> list[tuple[str, str]]:
    """Where a person is a creator: (creator, name of the program)."""
    programs = _programs(client_id)
    rows = Creator.objects.of(client_id).filter(party_id=party).order_by("applied_at").values_list("id", "program_id")
    return [(id_.hex, programs.get(program.hex, ("", ""))[1]) for id_, program in rows]


def brief_of(client_id: str, program_id: str, creator: str | None) -> Brief | None:
    """The brief that holds now: of a program, or of one creator alone."""
    rows = CreatorBrief.objects.of(client_id).filter(program_id=program_id, creator_id=creator)
    row = rows.order_by("-number").first()
    if row is None or row.sealed is None:
        return None
    keys = vault().open_client(client_id)
    return Brief(row.number, open_text(keys, "creator_brief", row.id.hex, row.sealed), row.at)


# -- parts -------------------------------------------------------------------------------------------------------------


def _programs(client_id: str) -> dict[str, tuple[str, str]]:
    return {
        id_.hex: (slug, name) for id_, slug, name in Program.objects.of(client_id).values_list("id", "slug", "name")
    }


def _of(row: Creator, programs: dict[str, tuple[str, str]], *, masked: bool) -> Of:
    written = open_application(vault().open_client(row.client_id.hex), row.id.hex, row.sealed)
    name = written.name if written else ""
    if masked:
        name, written = " ".join(f"{word[0]}." for word in name.split()[:3]), None
    slug, program_name = programs.get(row.program_id.hex, ("", ""))
    return Of(
        row.id.hex,
        name,
        slug,
        program_name,
        row.state,
        row.state_at,
        row.source,
        row.code or "",
        row.party_id.hex if row.party_id else "",
        row.why,
        row.applied_at,
        row.link_until,
        written,
    )


def _contract(row: CreatorContract) -> Contract:
    """A version without what is sealed of it."""
    gifts = msgspec.json.decode(row.gifts, type=Gifts)
    return Contract(
        row.id.hex,
        row.number,
        "",
        row.text_hash,
        gifts,
        row.starts_at,
        row.offered_at,
        row.accepted_at,
        row.withdrawn_at,
        row.declined_at,
    )


def _ruling(contracts: Iterable[Contract]) -> Contract | None:
    """The version that was accepted last."""
    return next((one for one in reversed(list(contracts)) if one.accepted_at), None)


def _brought(client_id: str, found: Iterable[Of]) -> dict[tuple[str, str], int]:
    parties = {one.party for one in found if one.party}
    rows = (
        Referral.objects.of(client_id)
        .filter(advocate_id__in=parties, kind="referral")
        .values_list("program__slug", "advocate_id")
        .annotate(n=Count("id"))
    )
    return {(slug, party.hex): n for slug, party, n in rows}


def _earned(client_id: str, found: Iterable[Of]) -> dict[tuple[str, str], dict[str, int]]:
    parties = {one.party for one in found if one.party}
    sums: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for slug, party, asset, minor in (
        Reward.objects.of(client_id)
        .filter(payee_id__in=parties, role="advocate")
        .exclude(state__in=_LOST)
        .values_list("program__slug", "payee_id", "asset")
        .annotate(minor=Sum("amount_minor"))
        .order_by("asset")
    ):
        sums[(slug, party.hex)][asset] = int(minor or 0)
    return sums


def _known(client_id: str, row: Creator) -> Known:
    same = Q(email_token=row.email_token) if row.email_token else Q(pk__in=[])
    if row.phone_token:
        same |= Q(phone_token=row.phone_token)
    others = Creator.objects.of(client_id).filter(same).exclude(id=row.id).values_list("id", "state")
    elsewhere = tuple((id_.hex, state) for id_, state in others.order_by("-applied_at")[:10])
    if row.party_id is None or not Party.objects.of(client_id).filter(id=row.party_id).exists():
        return Known(0, 0, (), elsewhere)
    referrals = Referral.objects.of(client_id).filter(kind="referral")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.kind, count(DISTINCT o.party_id) FROM trait t JOIN trait o ON o.client_id = t.client_id AND o.kind = t.kind"
            " AND o.token = t.token AND o.party_id <> t.party_id WHERE t.client_id = %s AND t.party_id = %s GROUP BY o.kind"
            " ORDER BY o.kind",
            [client_id, row.party_id],
        )
        sharing = tuple((kind, n) for kind, n in cursor.fetchall())
    return Known(
        referrals.filter(advocate_id=row.party_id).count(),
        referrals.filter(friend_id=row.party_id).count(),
        sharing,
        elsewhere,
    )
