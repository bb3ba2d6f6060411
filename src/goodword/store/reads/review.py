"""What is held, in which order is it served, who is at it, and what was decided today? The queue of the room Review."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import msgspec
from django.db import connection

from goodword.core import referral as core
from goodword.core.acts import words_on
from goodword.core.kind import Finding
from goodword.store.models import Action, Lane, Referral, ReviewClaim, ReviewJob
from goodword.store.reads.people import Person, people
from goodword.store.reads.review_aside import ALONE, Aside, asides
from goodword.store.reads.users import user_names
from goodword.store.sql.connect import array_literal

MOST_COUNTED = 10_000
MOST_HOLDERS = 60
PAUSE = timedelta(minutes=10)  # who decides nothing for so long did something else in between
decode_referral = msgspec.json.Decoder(core.Referral).decode


@dataclass(frozen=True)
class Wanted:
    """What the queue is narrowed to; '' and 0 mean not narrowed. `whose` is mine (a colleague asked me) or waiting."""

    signal: str = ""
    program: str = ""
    least: int = 0
    whose: str = ""


@dataclass(frozen=True)
class Who:
    """Who looks at the queue, and when by the wall's clock."""

    user_id: UUID
    now: datetime


@dataclass(frozen=True)
class Place:
    """A place in the queue, the riskiest first."""

    points: int
    id: str


@dataclass(frozen=True)
class Money:
    """A sum of one asset."""

    asset: str
    amount_minor: int


@dataclass(frozen=True)
class Row:
    """A held referral in the queue. `shared_by` is the most people that share one trait or mailbox with the friend."""

    id: str
    program: str
    points: int
    since: datetime
    top: Finding | None
    findings: int
    seen: int
    referrer: Person
    friend: Person
    money: tuple[Money, ...]
    shared_by: int = 0
    claimed_by: str = ""
    aside: Aside = ALONE


@dataclass(frozen=True)
class Queue:
    """A page of the queue, how many fit the filter (counted up to 10,000), and where the next page begins."""

    rows: tuple[Row, ...]
    total: int
    next: Place | None


@dataclass(frozen=True)
class Standing:
    """The whole queue at a glance."""

    total: int = 0
    oldest: datetime | None = None
    money: tuple[Money, ...] = ()
    signals: tuple[tuple[str, int], ...] = ()
    programs: tuple[tuple[str, str, int], ...] = ()  # (slug, name, held)
    mine: int = 0
    waiting: int = 0


@dataclass(frozen=True)
class Today:
    """What people decided since a moment, and the time between two decisions of one person, half of them being shorter."""

    cleared: int
    denied: int
    median_seconds: int | None


# An item is asked of somebody, or waits by the client's clock: true of the row `r`, with these values.
_HANDED = "EXISTS (SELECT FROM review_handover h WHERE h.client_id = r.client_id AND h.referral_id = r.id{})"
_WAITS = (
    "EXISTS (SELECT FROM review_pause u WHERE u.client_id = r.client_id AND u.referral_id = r.id AND u.until >"
    " coalesce((SELECT held_at FROM lane n WHERE n.client_id = r.client_id), %s))"
)


def _where(wanted: Wanted, who: Who) -> tuple[str, list[Any]]:
    parts, values = ["r.client_id = %s", "r.state = 'held'"], list[Any]()
    if wanted.signal:
        parts.append("r.signals @> %s::text[]")
        values.append(array_literal([wanted.signal]))
    if wanted.program:
        parts.append("p.slug = %s")
        values.append(wanted.program)
    if wanted.least:
        parts.append("r.points >= %s")
        values.append(wanted.least)
    if wanted.whose == "mine":
        parts.append(_HANDED.format(" AND h.to_user_id = %s"))
        values.append(who.user_id)
    if wanted.whose == "waiting":
        parts.append(_WAITS)
        values.append(who.now)
    return " AND ".join(parts), values


_FROM = " FROM referral r JOIN program p ON p.client_id = r.client_id AND p.id = r.program_id WHERE "


def rows_of(query: str, values: Iterable[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, list(values))
        return cast("list[tuple[Any, ...]]", cursor.fetchall())


def queue(
    client_id: str,
    wanted: Wanted,
    after: Place | None,
    size: int,
    *,
    masked: bool,
    who: Who,
    total: int | None = None,
) -> Queue:
    """One page, the riskiest first; `total` where somebody counted before."""
    where, values = _where(wanted, who)
    if total is None:
        count = f"SELECT count(*) FROM (SELECT 1{_FROM}{where} LIMIT {MOST_COUNTED + 1}) n"
        total = rows_of(count, [client_id, *values])[0][0]
    behind = " AND (r.points, r.id) < (%s, %s::uuid)" if after else ""
    found = rows_of(
        f"SELECT r.id, p.name, r.points, r.body{_FROM}{where}{behind} ORDER BY r.points DESC, r.id DESC LIMIT %s",
        [client_id, *values, *((after.points, after.id) if after else ()), size + 1],
    )
    listed = found[:size]
    last = listed[-1] if len(found) > size else None
    bodies = {id.hex: decode_referral(body) for id, _name, _points, body in listed}
    known = people(client_id, {one for r in bodies.values() for one in (r.friend, r.advocate)}, masked=masked)
    shared = _most_shared(client_id, {r.friend for r in bodies.values()})
    claimed, beside = _claims(client_id, list(bodies), who), asides(client_id, bodies)
    rows = tuple(
        _row(bodies[id.hex], name, points or 0, known, shared, claimed, beside.get(id.hex, ALONE))
        for id, name, points, _body in listed
    )
    return Queue(rows, min(total, MOST_COUNTED + 1), Place(last[2] or 0, last[0].hex) if last else None)


def _row(
    referral: core.Referral,
    program: str,
    points: int,
    known: dict[str, Person],
    shared: dict[str, int],
    claimed: dict[str, tuple[str, datetime]],
    aside: Aside,
) -> Row:
    claim = referral.claim("screening")
    findings = counted(claim)
    return Row(
        id=referral.id,
        program=program,
        points=points,
        since=held_since(referral),
        top=findings[0] if findings else None,
        findings=len(findings),
        seen=len(words_on(referral)),
        referrer=known[referral.advocate],
        friend=known[referral.friend],
        money=held_money(referral),
        shared_by=shared.get(referral.friend, 0),
        claimed_by=claimed.get(referral.id, ("", None))[0],
        aside=aside,
    )


def counted(claim: core.Claim | None) -> tuple[Finding, ...]:
    """The findings that count, the heaviest first."""
    found = [finding for finding in claim.findings if finding.signal not in claim.without] if claim else []
    return tuple(sorted(found, key=lambda finding: -finding.points))


def held_since(referral: core.Referral) -> datetime:
    """Since when a person is waited for: a word that is taken back makes nothing younger."""
    claim = referral.claim("screening")
    return claim.at if claim else referral.state_at


def held_money(referral: core.Referral) -> tuple[Money, ...]:
    """What waits for the review, per asset."""
    sums: dict[str, int] = {}
    for reward in referral.rewards:
        if reward.state == "in_review":
            sums[reward.asset] = sums.get(reward.asset, 0) + reward.amount_minor
    return tuple(Money(asset, minor) for asset, minor in sorted(sums.items()))


def _most_shared(client_id: str, parties: set[str]) -> dict[str, int]:
    """For each party the most people that share one of its devices, means of payment, mailboxes or numbers."""
    rows = rows_of(
        "SELECT q.id, max(n.holders) FROM unnest(%s::uuid[]) AS q(id), LATERAL ("
        " SELECT (SELECT count(*) FROM (SELECT 1 FROM trait o WHERE o.client_id = t.client_id AND o.kind = t.kind"
        f" AND o.token = t.token LIMIT {MOST_HOLDERS}) x) AS holders FROM trait t WHERE t.client_id = %s AND t.party_id = q.id"
        " UNION ALL SELECT (SELECT count(*) FROM (SELECT 1 FROM identifier o WHERE o.client_id = i.client_id AND o.kind = i.kind"
        f" AND o.token = i.token LIMIT {MOST_HOLDERS}) x) FROM identifier i WHERE i.client_id = %s AND i.party_id = q.id"
        " AND i.kind IN ('email_root', 'phone')) n GROUP BY 1",
        [array_literal(parties), client_id, client_id],
    )
    return {id.hex: int(most) for id, most in rows if most and most > 1}


def standing(client_id: str, who: Who) -> Standing:
    """Counts of the whole queue: what is held is read once for all of them, its money from the sums kept with each decision."""
    counted_by: dict[str, list[tuple[str, str, int]]] = {"program": [], "signal": []}
    total, oldest = 0, None
    beside = {"mine": 0, "waiting": 0}
    values = [client_id, client_id, client_id, who.user_id, client_id, who.now]
    for by, name, told, count, first_at in rows_of(_STANDING, values):
        if by in beside:
            beside[by] = count
        elif by == "whole":
            total, oldest = count, first_at
        else:
            counted_by[by].append((name, told, count))
    if not total:
        return Standing()
    money = rows_of(
        "SELECT asset, sum(amount_minor) FROM rollup WHERE client_id = %s AND metric = 'due:in_review' GROUP BY 1"
        " HAVING sum(n) > 0 ORDER BY 1",
        [client_id],
    )
    signals = sorted(((name, count) for name, _, count in counted_by["signal"]), key=lambda one: (-one[1], one[0]))
    programs = sorted(counted_by["program"], key=lambda one: (-one[2], one[0]))
    held = tuple(Money(asset, int(minor)) for asset, minor in money)
    return Standing(total, oldest, held, tuple(signals), tuple(programs), beside["mine"], beside["waiting"])


_STANDING = (
    "WITH held AS MATERIALIZED (SELECT program_id, state_at, signals, without FROM referral"
    " WHERE client_id = %s AND state = 'held')"
    " SELECT 'whole', '', '', count(*), min(state_at) FROM held"
    " UNION ALL SELECT 'program', p.slug, p.name, count(*), NULL FROM held h JOIN program p ON p.client_id = %s"
    " AND p.id = h.program_id GROUP BY 2, 3"
    " UNION ALL SELECT 'signal', s, '', count(*), NULL FROM held h, unnest(h.signals) AS s"
    " WHERE NOT coalesce(s = ANY(h.without), false) GROUP BY 2"
    " UNION ALL SELECT 'mine', '', '', count(*), NULL FROM review_handover h JOIN referral r"
    " ON r.client_id = h.client_id AND r.id = h.referral_id AND r.state = 'held'"
    " WHERE h.client_id = %s AND h.to_user_id = %s"
    " UNION ALL SELECT 'waiting', '', '', count(*), NULL FROM referral r WHERE r.client_id = %s AND r.state = 'held'"
    f" AND r.id IN (SELECT referral_id FROM review_pause) AND {_WAITS}"
)


def business_now(client_id: str, now: datetime) -> datetime:
    """The present of the client: the moment its clock is held at, else the world's."""
    held = Lane.objects.of(client_id).values_list("held_at", flat=True).first()
    return held or now


def today(client_id: str, since: datetime, wall_since: datetime) -> Today:
    """Words of people since the beginning of the client's day, and how long one took (the log of acts, by the wall's clock)."""
    cleared = denied = 0
    rows = Referral.objects.of(client_id).filter(signals__isnull=False, state_at__gte=since)
    for body in rows.values_list("body", flat=True)[:MOST_COUNTED]:
        word = decode_referral(body).claim("review")
        if word is not None and word.at >= since:
            cleared += word.granted is True
            denied += word.granted is False
    acts = Action.objects.filter(client_id=client_id, verb="referral.review", at__gte=wall_since)
    last: dict[str, datetime] = {}
    gaps = []
    for actor, at in acts.order_by("at").values_list("actor", "at")[:MOST_COUNTED]:
        gap = at - last[actor] if actor in last else timedelta()
        if timedelta() < gap <= PAUSE:
            gaps.append(gap)
        last[actor] = at
    gaps.sort()
    return Today(cleared, denied, round(gaps[len(gaps) // 2].total_seconds()) if gaps else None)


# ---- who is at it


@dataclass(frozen=True)
class AtIt:
    """A colleague who has the item open."""

    name: str
    since: datetime


def _claims(client_id: str, ids: list[str], who: Who) -> dict[str, tuple[str, datetime]]:
    living = ReviewClaim.objects.of(client_id).filter(referral_id__in=ids, until__gt=who.now)
    claims = list(living.exclude(user_id=who.user_id).values_list("referral_id", "user_id", "since"))
    names = user_names({user for _, user, _ in claims})
    return {id.hex: (names.get(user, ""), since) for id, user, since in claims}


def at_it(client_id: str, referral_id: str, who: Who) -> AtIt | None:
    """Who else has it open."""
    found = _claims(client_id, [referral_id], who).get(referral_id)
    return AtIt(*found) if found else None


def following(client_id: str, wanted: Wanted, after: Place | None, who: Who) -> str | None:
    """The next one that nobody else has open and that does not wait.

    What a colleague asked this person to decide is served first, then the rest, which is asked of nobody, the riskiest
    first; behind the last it begins again at the top.
    """
    mine = _HANDED.format(" AND h.to_user_id = %s"), [who.user_id]
    rest: tuple[str, list[Any]] = f"NOT {_HANDED.format('')}", []
    is_mine = after is not None and bool(_first(client_id, wanted, mine, who, at=after.id))
    order = [(mine, after), (rest, None), (mine, None)] if is_mine else [(rest, after), (mine, None), (rest, None)]
    if after is None:
        order = [(mine, None), (rest, None)]
    for whose, place in order:
        found = _first(client_id, wanted, whose, who, behind=place)
        if found:
            return found
    return None


def _first(
    client_id: str, wanted: Wanted, whose: tuple[str, list[Any]], who: Who, *, behind: Place | None = None, at: str = ""
) -> str | None:
    """The first of these that is free; with `at` that very one, whether it is free or not."""
    where, values = _where(wanted, who)
    parts, more = [where, whose[0]], [*values, *whose[1]]
    if at:
        parts, more = ["r.client_id = %s", whose[0], "r.id = %s::uuid"], [*whose[1], at]
    else:
        parts.append(
            "NOT EXISTS (SELECT FROM review_claim c WHERE c.client_id = r.client_id AND c.referral_id = r.id"
            " AND c.until > %s AND c.user_id <> %s)"
        )
        more += [who.now, who.user_id]
        if wanted.whose != "waiting":
            parts.append(f"NOT {_WAITS}")
            more.append(who.now)
    if behind:
        parts.append("(r.points, r.id) < (%s, %s::uuid)")
        more += [behind.points, behind.id]
    found = rows_of(
        f"SELECT r.id{_FROM}{' AND '.join(parts)} ORDER BY r.points DESC, r.id DESC LIMIT 1", [client_id, *more]
    )
    return str(found[0][0].hex) if found else None


def chosen(client_id: str, wanted: Wanted, most: int, who: Who) -> list[str]:
    """All that fit the filter, the riskiest first."""
    where, values = _where(wanted, who)
    rows = rows_of(f"SELECT r.id{_FROM}{where} ORDER BY r.points DESC, r.id DESC LIMIT %s", [client_id, *values, most])
    return [row[0].hex for row in rows]


@dataclass(frozen=True)
class Batch:
    """Selected referrals: those still held with how many words each has, how many are not, and the money that waits."""

    items: tuple[tuple[str, int], ...]
    gone: int
    money: tuple[Money, ...]


def batch(client_id: str, ids: list[str]) -> Batch:
    """The selection as it stands now."""
    rows = Referral.objects.of(client_id).filter(id__in=ids, state="held").values_list("body", flat=True)
    found = {one.id: one for one in map(decode_referral, rows.iterator(chunk_size=2000))}
    sums: dict[str, int] = {}
    for one in found.values():
        for money in held_money(one):
            sums[money.asset] = sums.get(money.asset, 0) + money.amount_minor
    items = tuple((id, len(words_on(found[id]))) for id in dict.fromkeys(ids) if id in found)
    return Batch(items, len(set(ids)) - len(items), tuple(Money(*one) for one in sorted(sums.items())))


def job(client_id: str, id: str) -> ReviewJob | None:
    """A decision about many."""
    return ReviewJob.objects.of(client_id).filter(id=id).first()


def jobs_undoing(client_id: str, id: str) -> bool:
    """Whether a decision about many was taken back."""
    return ReviewJob.objects.of(client_id).filter(undoes_id=id).exists()
