"""Which rooms has the desk, who may enter, and which keys lead there? ONE table; rail, home, palette and keys read it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from goodword.actions.permissions import May


@dataclass(frozen=True)
class Room:
    """A place of the desk. `name` is its URL name; a room of a client takes the client's slug.

    `needs` is what a client has to have (a fact of `Served`) for the room to be shown; its address stays open.
    """

    name: str
    label: Promise
    icon: str
    may: May
    keys: str
    group: str
    of_client: bool = True
    needs: str = ""


GROUPS: dict[str, Promise] = {
    "work": pgettext_lazy("part of the desk", "Work"),
    "design": pgettext_lazy("part of the desk", "Design"),
    "learn": pgettext_lazy("part of the desk", "Learn"),
    "connect": pgettext_lazy("part of the desk", "Connect"),
    "trust": pgettext_lazy("part of the desk", "Trust"),
    "run": pgettext_lazy("part of the desk", "Run"),
}

ROOMS: tuple[Room, ...] = (
    Room("today", _("Today"), "today", May.WORK, "g t", "work", of_client=False),
    Room("referrals", _("Referrals"), "referrals", May.REFERRALS, "g r", "work"),
    Room("review", _("Review"), "hold", May.REVIEW, "g v", "work"),
    Room("people", _("People"), "person", May.PEOPLE, "g p", "work"),
    Room("programs", _("Programs"), "program", May.PROGRAMS, "g o", "design"),
    Room("creators", _("Creators"), "voice", May.CREATORS, "g b", "design", needs="has_creators"),
    Room("overview", _("Overview"), "chart", May.OVERVIEW, "g d", "learn"),
    Room("developers", _("Developers"), "key", May.EVENTS, "g x", "connect"),
    Room("events", _("Events"), "events", May.EVENTS, "g n", "connect"),
    Room("audit", _("Audit"), "proof", May.AUDIT_LOG, "g a", "trust"),
    Room("team", _("Team"), "team", May.TEAM, "g m", "run"),
    Room("clients", _("Clients"), "client", May.CLIENTS, "g c", "run", of_client=False),
    Room("users", _("Users"), "team", May.USERS, "g u", "run", of_client=False),
    Room("system", _("System"), "system", May.SYSTEM, "g s", "run", of_client=False),
    Room("first_steps", _("First steps"), "ok", May.ADD_CLIENT, "g f", "run", of_client=False),
)
_BY_NAME = {room.name: room for room in ROOMS}

# Where a role is at home: the first of these rooms that exists and that the person may enter.
HOMES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("admin", ("overview",)),
    ("manager", ("overview",)),
    ("lead", ("today", "review")),
    ("agent", ("today", "referrals")),
    ("client_viewer", ("overview", "referrals")),
    ("auditor", ("audit", "referrals")),
    ("it", ("system", "events")),
    ("developer", ("developers", "events")),
)


def room(name: str) -> Room:
    """The room of that name."""
    return _BY_NAME[name]


def address_of(one: Room, slug: str) -> str:
    """Where a room is; '' where it cannot be reached: not built into this installation, or no client to show it for."""
    if one.of_client and not slug:
        return ""
    try:
        return reverse(one.name, args=[slug] if one.of_client else [])
    except NoReverseMatch:
        return ""


def home_names(roles: Iterable[str]) -> tuple[str, ...]:
    """The rooms to try for somebody with these roles, then every room in the order of the table."""
    held = set(roles)
    first = [name for role, names in HOMES if role in held for name in names]
    return tuple(dict.fromkeys([*first, *(one.name for one in ROOMS)]))
