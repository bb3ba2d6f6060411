"""What speaks against one held referral, who shares what with whom, and how did cases like it end?"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from goodword.core import referral as core
from goodword.core.events import decode_facts
from goodword.store.models import Decision, Event, ProgramVersion, Referral, SignalSwitch
from goodword.store.reads.people import Person, people
from goodword.store.reads.review import MOST_COUNTED, MOST_HOLDERS, counted, decode_referral, rows_of
from goodword.store.reads.review_aside import ALONE, Aside, asides
from goodword.store.reads.users import user_names
from goodword.store.sql.connect import array_literal

PRECEDENT_DAYS = 90
PRECEDENTS = 200


@dataclass(frozen=True)
class Holder:
    """Somebody who shares a trait, since when, and how a referral of theirs stands ('' where there is none)."""

    party: str
    first_at: datetime
    state: str = ""


@dataclass(frozen=True)
class Shared:
    """One trait that several people share. `common` is how many carry it, counted up to 60."""

    kind: str
    token: str
    holders: tuple[Holder, ...]

    @property
    def first_at(self) -> datetime:
        """When it was first seen with anybody."""
        return min(holder.first_at for holder in self.holders)


@dataclass(frozen=True)
class Word:
    """What a person decided, and when."""

    verdict: str
    why: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Precedents:
    """How the cases with the same finding ended; `turned` of the cleared ones were taken back later."""

    signal: str = ""
    cleared: int = 0
    denied: int = 0
    by_points: int = 0
    turned: int = 0
    nearest: tuple[
        tuple[str, str, datetime, bool], ...
    ] = ()  # (referral, outcome, when, whether it was taken back later)

    @property
    def total(self) -> int:
        """How many there were."""
        return self.cleared + self.denied + self.by_points


@dataclass(frozen=True)
class Case:
    """Everything that the page of one item tells."""

    referral: core.Referral
    program: str
    program_slug: str
    people: dict[str, Person]
    shared: tuple[Shared, ...]
    known_people: int
    joins: int
    words: tuple[Word, ...]
    precedents: Precedents
    disclosure: str
    aside: Aside
    switched_off: frozenset[str] = field(default_factory=frozenset)


def case(client_id: str, referral_id: str, *, masked: bool, now: datetime) -> Case | None:
    """One referral with its evidence; None: no such referral here."""
    row = Referral.objects.of(client_id).filter(id=referral_id).select_related("program").first()
    if row is None:
        return None
    referral = decode_referral(row.body)
    shared = _shared(client_id, referral)
    parties = {referral.friend, referral.advocate, *(reward.payee for reward in referral.rewards)}
    parties |= {holder.party for one in shared for holder in one.holders}
    off = SignalSwitch.objects.of(client_id).filter(program_id=row.program_id, is_off=True)
    joins = Referral.objects.of(client_id).filter(
        advocate_id=referral.advocate,
        bound_at__gte=referral.bound_at - timedelta(days=1),
        bound_at__lte=referral.bound_at,
    )
    return Case(
        referral,
        row.program.name,
        row.program.slug,
        people(client_id, parties, masked=masked),
        shared,
        rows_of(
            f"SELECT count(*) FROM (SELECT 1 FROM party WHERE client_id = %s LIMIT {MOST_COUNTED + 1}) n", [client_id]
        )[0][0],
        joins.count(),
        words_of(client_id, referral_id),
        _precedents(client_id, referral, now),
        _disclosure(client_id, row.program_id, referral.version),
        asides(client_id, [referral_id]).get(referral_id, ALONE),
        frozenset(off.values_list("signal", flat=True)),
    )


class _Disclosure(msgspec.Struct):
    advocate_sees: str = "steps"


class _Document(msgspec.Struct):
    disclosure: _Disclosure = msgspec.field(default_factory=_Disclosure)


def _disclosure(client_id: str, program_id: UUID, version: int) -> str:
    """What the terms of this version let the referrer learn of the friend's steps."""
    rows = ProgramVersion.objects.of(client_id).filter(program_id=program_id, number=version)
    document = rows.values_list("document", flat=True).first()
    return msgspec.json.decode(document, type=_Document).disclosure.advocate_sees if document else "steps"


def _shared(client_id: str, referral: core.Referral) -> tuple[Shared, ...]:
    """Devices, means of payment, mailboxes and numbers of the two that at least two people share, the widest first."""
    pair = array_literal([referral.friend, referral.advocate])
    rows = rows_of(
        "SELECT t.kind, t.token, o.party_id, o.first_at, r.state FROM (SELECT DISTINCT kind, token FROM trait"
        " WHERE client_id = %s AND party_id = ANY(%s::uuid[])) t, LATERAL (SELECT party_id, first_at FROM trait o"
        f" WHERE o.client_id = %s AND o.kind = t.kind AND o.token = t.token ORDER BY first_at LIMIT {MOST_HOLDERS}) o"
        " LEFT JOIN LATERAL (SELECT state FROM referral r WHERE r.client_id = %s AND r.friend_id = o.party_id"
        " ORDER BY r.created_at DESC LIMIT 1) r ON true"
        " UNION ALL SELECT t.kind, t.token, o.party_id, o.since, r.state FROM (SELECT DISTINCT kind, token FROM identifier"
        " WHERE client_id = %s AND party_id = ANY(%s::uuid[]) AND kind IN ('email_root', 'phone')) t,"
        " LATERAL (SELECT party_id, since FROM identifier o WHERE o.client_id = %s AND o.kind = t.kind"
        f" AND o.token = t.token ORDER BY since LIMIT {MOST_HOLDERS}) o"
        " LEFT JOIN LATERAL (SELECT state FROM referral r WHERE r.client_id = %s AND r.friend_id = o.party_id"
        " ORDER BY r.created_at DESC LIMIT 1) r ON true",
        [client_id, pair, client_id, client_id, client_id, pair, client_id, client_id],
    )
    found: dict[tuple[str, str], list[Holder]] = {}
    for kind, token, party, first_at, state in rows:
        found.setdefault((kind, token.hex), []).append(Holder(party.hex, first_at, state or ""))
    shared = [Shared(kind, token, tuple(holders)) for (kind, token), holders in found.items() if len(holders) > 1]
    return tuple(sorted(shared, key=lambda one: (-len(one.holders), one.kind, one.token)))


def words_of(client_id: str, referral_id: str) -> tuple[Word, ...]:
    """Every word of a person on it, the first one first, with who spoke."""
    rows = Decision.objects.of(client_id).filter(referral_id=referral_id, event_id__isnull=False).order_by("seq")
    decided = {id: at for id, at in rows.values_list("event_id", "decided_at") if id is not None}
    events = Event.objects.of(client_id).filter(id__in=decided, type="review").values_list("id", "facts")
    facts = {id: decode_facts(text).act for id, text in events}
    spoken = [(facts[id], at) for id, at in decided.items() if id in facts]
    names = user_names({UUID(act["by"]) for act, _ in spoken if _is_id(act.get("by"))})
    return tuple(
        Word(
            str(act.get("verdict")),
            str(act.get("why")),
            names.get(UUID(act["by"]), "") if _is_id(act.get("by")) else str(act.get("by") or ""),
            at,
        )
        for act, at in spoken
    )


def _is_id(text: Any) -> bool:
    return isinstance(text, str) and len(text) == 32 and all(sign in "0123456789abcdef" for sign in text)


def _precedents(client_id: str, referral: core.Referral, now: datetime) -> Precedents:
    """The latest cases of the same finding, the heaviest of this one."""
    findings = counted(referral.claim("screening"))
    if not findings:
        return Precedents()
    rows = (
        Referral.objects.of(client_id)
        .filter(signals__contains=[findings[0].signal], state_at__gte=now - timedelta(days=PRECEDENT_DAYS))
        .exclude(id=referral.id)
        .exclude(state="held")
        .order_by("-state_at")
        .values_list("body", flat=True)[:PRECEDENTS]
    )
    ended = [(one, outcome_of(one)) for one in map(decode_referral, rows)]
    told = [(one, outcome) for one, outcome in ended if outcome]
    gone = {one.id for one, outcome in told if outcome == "cleared" and was_turned(one)}
    kinds = [outcome for _, outcome in told]
    nearest = tuple((one.id, outcome, one.state_at, one.id in gone) for one, outcome in told[:8])
    counts = (kinds.count("cleared"), kinds.count("denied"), kinds.count("by_points"))
    return Precedents(findings[0].signal, *counts, len(gone), nearest)


def outcome_of(referral: core.Referral) -> str:
    """How a flagged referral ended: cleared, denied, by_points, or '' where nobody decided."""
    word, claim = referral.claim("review"), referral.claim("screening")
    if word is not None and word.granted is not None:
        return "cleared" if word.granted else "denied"
    return "by_points" if claim is not None and claim.granted is False else ""


def was_turned(referral: core.Referral) -> bool:
    """Whether something that was given came back after all: a refund, a cancellation, a claw-back."""
    return any(reward.state in ("voided", "clawed_back", "written_off") for reward in referral.rewards) and not any(
        reward.state in core.STANDING for reward in referral.rewards
    )
