"""What does a client promise, in which versions, and how far is it used? Programs, their versions and their figures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db.models import Count

from goodword.core.ledger import budget_account, overrun_account, reserved_account
from goodword.store.models import Account, Action, Program, ProgramVersion, Referral, User

FIGURES_DAYS = 30
# States in which nothing more is promised to anybody.
_OVER = ("not_qualified", "expired", "lapsed", "denied", "reversed", "rewarded")


_Deeds = dict[str, tuple[datetime | None, str]]


@dataclass(frozen=True)
class VersionRow:
    """One version: when it was in force, and who put it live."""

    number: int
    state: str
    live_from: datetime | None
    live_until: datetime | None
    document: str
    pushed_at: datetime | None
    pushed_by: str
    published_at: datetime | None
    published_by: str
    open_referrals: int

    def as_document(self) -> dict[str, Any]:
        """The document as it was pushed."""
        return msgspec.json.decode(self.document, type=dict[str, Any])


@dataclass(frozen=True)
class Budget:
    """What of a program's budget is bound (set aside, owed or spent) in minor units of one asset."""

    asset: str
    left_minor: int
    reserved_minor: int
    overrun_minor: int


@dataclass(frozen=True)
class ProgramRow:
    """A program with its versions, newest first, and how many referrals it brought of late."""

    id: str
    slug: str
    name: str
    created_at: datetime
    versions: tuple[VersionRow, ...]
    referrals: int
    budgets: tuple[Budget, ...]

    def live(self, now: datetime) -> VersionRow | None:
        """The version in force."""
        return next(
            (
                one
                for one in self.versions
                if one.live_from and one.live_from <= now and (one.live_until is None or one.live_until > now)
            ),
            None,
        )

    def version(self, number: int) -> VersionRow | None:
        """The version of that number."""
        return next((one for one in self.versions if one.number == number), None)


def programs(client_id: str, now: datetime, slug: str | None = None) -> list[ProgramRow]:
    """The programs of a client (or the one of that name) in a handful of queries, however many there are."""
    listed = Program.objects.filter(client_id=client_id).order_by("created_at", "slug")
    found = list(listed if slug is None else listed.filter(slug=slug))
    ids = [one.id for one in found]
    versions = list(ProgramVersion.objects.filter(client_id=client_id, program_id__in=ids).order_by("-number"))
    recent = Referral.objects.filter(
        client_id=client_id, program_id__in=ids, created_at__gte=now - timedelta(days=FIGURES_DAYS)
    ).exclude(kind="record")
    counts = dict(recent.values_list("program_id").annotate(n=Count("id")))
    still_open = _open(client_id, ids) if slug is not None else {}
    pushed = _pushed(client_id, versions) if slug is not None else {}
    published = _published(client_id, slug, versions) if slug is not None else {}
    budgets = _budgets(client_id, [one.slug for one in found])
    return [
        ProgramRow(
            one.id.hex,
            one.slug,
            one.name,
            one.created_at,
            tuple(
                _version(row, pushed, published, still_open.get((one.id, row.number), 0))
                for row in versions
                if row.program_id == one.id
            ),
            int(counts.get(one.id, 0)),
            budgets.get(one.slug, ()),
        )
        for one in found
    ]


def _version(row: ProgramVersion, pushed: _Deeds, published: _Deeds, still_open: int) -> VersionRow:
    pushed_at, pushed_by = pushed.get(row.id.hex, (None, ""))
    published_at, published_by = published.get(row.id.hex, (None, ""))
    if row.published_by:  # since it is kept with the version itself
        published_at, published_by = row.published_at, _names({row.published_by}).get(row.published_by, row.published_by)
    return VersionRow(
        row.number,
        row.state,
        row.live_from,
        row.live_until,
        row.document,
        pushed_at,
        pushed_by,
        published_at,
        published_by,
        still_open,
    )


def _open(client_id: str, ids: list[Any]) -> dict[tuple[Any, int], int]:
    """Referrals that may still bring something, by program and the version they were promised."""
    rows = (
        Referral.objects.filter(client_id=client_id, program_id__in=ids)
        .exclude(state__in=_OVER)
        .exclude(kind="record")
        .values_list("program_id", "version")
        .annotate(n=Count("id"))
    )
    return {(program, version or 0): n for program, version, n in rows}


def _pushed(client_id: str, versions: Iterable[ProgramVersion]) -> _Deeds:
    """version id -> when and by whom it was kept, by the log of acts."""
    lines = Action.objects.filter(
        client_id=client_id, verb="program.push", object_id__in=[one.id.hex for one in versions]
    ).values_list("object_id", "at", "actor")
    told = [(object_id, at, actor) for object_id, at, actor in lines]
    names = _names({actor for _, _, actor in told})
    return {object_id: (at, names.get(actor, actor)) for object_id, at, actor in told}


def _published(client_id: str, slug: str, versions: Iterable[ProgramVersion]) -> _Deeds:
    """version id -> when and by whom it was put live. The line names the program only, so lines and versions are paired in
    their order; where their numbers differ (a version that came with a whole log) nothing is claimed.
    """
    lines = list(
        Action.objects.filter(client_id=client_id, verb="program.publish", object_id=slug)
        .order_by("at")
        .values_list("at", "actor")
    )
    live = sorted((one for one in versions if one.live_from is not None), key=lambda one: one.number)
    if len(lines) != len(live):
        return {}
    names = _names({actor for _, actor in lines})
    return {one.id.hex: (at, names.get(actor, actor)) for one, (at, actor) in zip(live, lines, strict=True)}


def _names(actors: set[str]) -> dict[str, str]:
    """People of the house by their id; commands keep their own name."""
    ids = [actor for actor in actors if len(actor) == 32]
    return {user.id.hex: user.get_full_name() for user in User.objects.filter(id__in=ids)}


def _budgets(client_id: str, slugs: list[str]) -> dict[str, tuple[Budget, ...]]:
    """What is left, set aside and over the line, by the accounts of the ledger."""
    of = {naming(slug): (slug, part) for slug in slugs
          for part, naming in (("left", budget_account), ("reserved", reserved_account), ("overrun", overrun_account))}  # fmt: skip
    sums: dict[tuple[str, str], dict[str, int]] = {}
    for account in Account.objects.filter(client_id=client_id, name__in=list(of)):
        slug, part = of[account.name]
        sums.setdefault((slug, account.asset), {})[part] = account.posted_minor - account.pending_out_minor
    found: dict[str, tuple[Budget, ...]] = {}
    for (slug, asset), parts in sorted(sums.items()):
        one = Budget(asset, parts.get("left", 0), parts.get("reserved", 0), -min(parts.get("overrun", 0), 0))
        found[slug] = (*found.get(slug, ()), one)
    return found
