"""What does every page know? Who is asking, for which client, what they may do here, and the addresses around."""

from __future__ import annotations

import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from goodword.actions.deeds import Actor
from goodword.actions.permissions import May, allowed
from goodword.store.models import User
from goodword.store.reads.desk import Served

THEMES = ("auto", "light", "dark")
DENSITIES = ("comfortable", "compact")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}\Z")
_COLOURS = ("#0b6e63", "#8a3b12", "#5a3a8c", "#0b5c8f", "#7a2048", "#4d5a12", "#1f4e4a", "#6b4a00")


@dataclass(frozen=True)
class Entry:
    """A place in the rail."""

    label: str
    href: str
    icon: str
    is_here: bool


@dataclass(frozen=True)
class Desk:
    """The person at work: whom they serve, and which client this page is about (None: no client's page)."""

    user: User
    served: tuple[Served, ...]
    client: Served | None = None

    @property
    def may(self) -> frozenset[May]:
        """What the person may do for this client."""
        return allowed(self.client.roles) if self.client else frozenset()

    @property
    def is_masked(self) -> bool:
        """Whether names are shown as initials only."""
        return May.NAMES not in self.may

    @property
    def actor(self) -> Actor:
        """The person and the role as they go into the log of acts."""
        return Actor(self.user.id.hex, "+".join(sorted(self.client.roles)) if self.client else "")

    @property
    def zone(self) -> ZoneInfo:
        """The client's time zone; UTC where its name is not known on this machine."""
        try:
            return ZoneInfo(self.client.timezone if self.client else "UTC")
        except (ZoneInfoNotFoundError, ValueError):
            return ZoneInfo("UTC")

    @property
    def colour(self) -> str:
        """The stripe of this client."""
        return colour_of(self.client) if self.client else ""


def colour_of(client: Served) -> str:
    """The client's colour, else one that its id picks, so that two clients rarely look alike."""
    return client.colour if _COLOUR.match(client.colour) else _COLOURS[int(client.id[:6], 16) % len(_COLOURS)]


def desk_of(request: HttpRequest) -> Desk | None:
    """Who is at work; None: nobody signed in."""
    desk: Desk | None = getattr(request, "desk", None)
    return desk


def rail(request: HttpRequest) -> list[Entry]:
    """The places that this person may go to; what a role lacks is absent."""
    desk = desk_of(request)
    if desk is None or desk.client is None:
        return []
    slug = desk.client.slug
    found = []
    if May.REFERRALS in desk.may:
        found.append((_("Referrals"), reverse("referrals", args=[slug]), "referrals"))
    if May.EVENTS in desk.may:
        found.append((_("Events"), reverse("events", args=[slug]), "events"))
    return [Entry(label, href, icon, request.path.startswith(href)) for label, href, icon in found]


def home_of(client: Served) -> str:
    """Where a person lands for this client."""
    may = allowed(client.roles)
    return reverse("referrals" if May.REFERRALS in may or May.EVENTS not in may else "events", args=[client.slug])


def frame(request: HttpRequest) -> dict[str, object]:
    """What the frame around every page shows: rail, switcher, look."""
    desk = desk_of(request)
    theme = request.COOKIES.get("gw_theme", "auto")
    density = request.COOKIES.get("gw_density", "comfortable")
    return {
        "desk": desk,
        "rail": rail(request),
        "switcher": [(one, home_of(one), colour_of(one)) for one in desk.served] if desk else [],
        "theme": theme if theme in THEMES else "auto",
        "density": density if density in DENSITIES else "comfortable",
        "searches": desk is not None and May.REFERRALS in desk.may,
        "here": request.get_full_path(),
    }
