"""Which brands are served, and how far is each set up? A line a client, and its settings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count

from goodword.core.events import ACTS, ident
from goodword.core.served import Served
from goodword.store.models import ApiKey, Client, Event, ProgramVersion, Referral

FIGURES_DAYS = 30


@dataclass(frozen=True)
class Settings:
    """A client as its settings say."""

    id: str
    slug: str
    name: str
    legal_name: str
    currency: str
    timezone: str
    served: Served
    code_prefix: str
    colour: str
    consent: dict[str, Any]
    review_hours: int
    created_at: datetime

    @property
    def seen(self) -> str:
        """A mark of how these settings stand, so that a form can say what it was made from."""
        consent, served = repr(sorted(self.consent.items())), repr(self.served)
        return ident(self.name, self.legal_name, self.timezone, served, self.colour, consent, str(self.review_hours))


@dataclass(frozen=True)
class Standing:
    """How far a client is set up, and whether it is alive."""

    keys: int = 0
    live_programs: int = 0
    referrals: int = 0
    last_event_at: datetime | None = None


def settings_of(client_id: str) -> Settings:
    """The settings of one client."""
    return _settings(Client.objects.get(id=client_id))


def listed(client_ids: Iterable[str]) -> list[Settings]:
    """These clients by name."""
    return [_settings(one) for one in Client.objects.filter(id__in=list(client_ids)).order_by("name", "slug")]


def standings(client_ids: Iterable[str], now: datetime) -> dict[str, Standing]:
    """Figures of these clients in four queries; the scope of all of them must be open."""
    ids = list(client_ids)
    keys = ApiKey.objects.filter(client_id__in=ids, revoked_at=None)
    live = ProgramVersion.objects.filter(client_id__in=ids, state="live", live_until=None)
    recent = Referral.objects.filter(client_id__in=ids, created_at__gte=now - timedelta(days=FIGURES_DAYS))
    recent = recent.exclude(kind="record")
    counted = [
        {one.hex: n for one, n in rows.values_list("client_id").annotate(n=Count("id"))}
        for rows in (keys, live, recent)
    ]
    last = {one: _last_event(one) for one in ids}
    return {
        one: Standing(counted[0].get(one, 0), counted[1].get(one, 0), counted[2].get(one, 0), last[one]) for one in ids
    }


def is_taken(*, slug: str = "", prefix: str = "") -> bool:
    """Whether another client has this name in addresses, or this beginning of codes."""
    if slug:
        return Client.objects.filter(slug=slug).exists()
    return Client.objects.filter(code_prefix=prefix).exists()


def _last_event(client_id: str) -> datetime | None:
    newest = (
        Event.objects.filter(client_id=client_id).order_by("-xid", "-seq").values_list("received_at", flat=True)[:1]
    )
    return next(iter(newest), None)


def _settings(one: Client) -> Settings:
    return Settings(
        one.id.hex, one.slug, one.name, one.legal_name, one.currency, one.timezone, _served(one), one.code_prefix,
        one.colour, dict(one.consent), one.review_hours, one.created_at,
    )  # fmt: skip


def _served(one: Client) -> Served:
    """Of which sector it is, where it serves and in which languages."""
    return Served(one.sector, tuple(one.places), tuple(one.languages))


@dataclass(frozen=True)
class Arrivals:
    """What came in first: the newest events and the newest referral of a client that is just beginning."""

    knows_ana: bool
    events: tuple[tuple[str, str, datetime], ...]
    referral_id: str
    referral_state: str


def first_arrivals(client_id: str) -> Arrivals:
    """The newest five events that are no acts of the house, and the newest referral."""
    rows = (
        Event.objects.filter(client_id=client_id)
        .exclude(type__in=sorted(ACTS))
        .order_by("-xid", "-seq")
        .values_list("id", "type", "received_at")[:5]
    )
    newest = Referral.objects.filter(client_id=client_id).order_by("-created_at", "-id").first()
    events = tuple((id.hex, type, at) for id, type, at in rows)
    return Arrivals(bool(events), events, newest.id.hex if newest else "", newest.state if newest else "")
