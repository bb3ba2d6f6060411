"""What does every page know? Who is asking, for which client, what they may do here, and the addresses around."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import Promise

from goodword.actions.deeds import Actor
from goodword.actions.permissions import May, allowed
from goodword.store.models import User
from goodword.store.reads.desk import Served
from goodword.web import rooms
from goodword.web.own import preferences
from goodword.web.own.preferences import Preferences
from goodword.web.seeing import Seeing
from goodword.web.spoken import SENTENCES

FIRST_STEPS_COOKIE = "gw_first"  # "away": somebody put the first steps away in this browser
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}\Z")
_COLOURS = ("#0b6e63", "#8a3b12", "#5a3a8c", "#0b5c8f", "#7a2048", "#4d5a12", "#1f4e4a", "#6b4a00")


@dataclass(frozen=True)
class Entry:
    """A place in the rail."""

    label: Promise
    href: str
    icon: str
    is_here: bool
    name: str
    keys: str
    group: Promise


@dataclass(frozen=True)
class Desk:
    """The person at work: whom they serve, and which client this page is about (None: no client's page).

    `house` are the roles that hold for all clients and for the house itself; `last` is the client that the person was
    with before a page of the house.
    """

    user: User
    served: tuple[Served, ...]
    client: Served | None = None
    house: frozenset[str] = frozenset()
    last: Served | None = None
    seeing: Seeing | None = None

    @property
    def may(self) -> frozenset[May]:
        """What the person may do for this client."""
        return may_of(self.client) if self.client else frozenset()

    @property
    def may_house(self) -> frozenset[May]:
        """What the person may do for the house as a whole."""
        return allowed(self.house) & allowed(self.seeing.own_house) if self.seeing else allowed(self.house)

    def serving(self, may: May) -> tuple[Served, ...]:
        """The clients for which the person has this permission."""
        return tuple(one for one in self.served if may in may_of(one))

    @property
    def is_masked(self) -> bool:
        """Whether names are shown as initials only."""
        return May.NAMES not in self.may

    @property
    def actor(self) -> Actor:
        """The person and the role as they go into the log of acts."""
        own = (self.client.within or self.client.roles) if self.client else frozenset()
        return Actor(self.user.id.hex, "+".join(sorted(own)))

    @property
    def house_actor(self) -> Actor:
        """The same for acts that concern the house."""
        return Actor(self.user.id.hex, "+".join(sorted(self.seeing.own_house if self.seeing else self.house)))

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


def may_of(client: Served) -> frozenset[May]:
    """What the person may do for this client; seen as somebody else, what both may."""
    found = allowed(client.roles)
    return found if client.within is None else found & allowed(client.within)


def colour_of(client: Served) -> str:
    """The client's colour, else one that its id picks, so that two clients rarely look alike."""
    return client.colour if _COLOUR.match(client.colour) else _COLOURS[int(client.id[:6], 16) % len(_COLOURS)]


def desk_of(request: HttpRequest) -> Desk | None:
    """Who is at work; None: nobody signed in."""
    desk: Desk | None = getattr(request, "desk", None)
    return desk


def rail(request: HttpRequest) -> list[Entry]:
    """The rooms that this person may enter; what a role lacks is absent."""
    desk = desk_of(request)
    if desk is None:
        return []
    client = desk.client or desk.last
    found = []
    for room in rooms.ROOMS:
        if room.name == "first_steps" and request.COOKIES.get(FIRST_STEPS_COOKIE) == "away":
            continue
        href = _door(desk.served, desk.may_house, client, room)
        if href:
            is_here = request.path == href or request.path.startswith(f"{href}/")
            found.append(Entry(room.label, href, room.icon, is_here, room.name, room.keys, rooms.GROUPS[room.group]))
    return found


def _door(served: tuple[Served, ...], house: frozenset[May], client: Served | None, room: rooms.Room) -> str:
    """The address of a room for somebody with these rights; '' where it is closed to them."""
    if room.of_client:
        is_shown = client is not None and (not room.needs or bool(getattr(client, room.needs)))
        may = may_of(client) if client and is_shown else frozenset[May]()
    elif room.name == "today":  # the work of all clients together: any role that has work opens it
        may = house.union(*(may_of(one) for one in served))
    else:
        may = house
    return rooms.address_of(room, client.slug if client else "") if room.may in may else ""


def home_of(client: Served, house: frozenset[str] = frozenset()) -> str:
    """Where a person lands for this client."""
    for name in rooms.home_names(client.roles):
        href = _door((client,), allowed(house), client, rooms.room(name))
        if href:
            return href
    return "/"


def house_home(desk: Desk) -> str:
    """Where somebody lands who serves no client yet but works for the house; '' for nobody."""
    for name in rooms.home_names(desk.house):
        one = rooms.room(name)
        if not one.of_client and one.may in desk.may_house and (href := rooms.address_of(one, "")):
            return href
    return ""


def _switch(request: HttpRequest, to: Served) -> str:
    """Where switching to a client leads: the same room if it is open there, else the person's home there."""
    found = next((one for one in rail(request) if one.is_here), None)
    here = rooms.room(found.name) if found else None
    if here is None or not here.of_client:
        return home_of(to)
    return _door((to,), frozenset(), to, here) or home_of(to)


def preferences_of(request: HttpRequest) -> Preferences:
    """How whoever asks likes the desk; what nobody chose follows their roles."""
    desk = desk_of(request)
    if desk is None:
        return Preferences()
    held = desk.client or desk.last
    return preferences.of(desk.user, held.roles if held else desk.house)


def frame(request: HttpRequest) -> dict[str, object]:
    """What the frame around every page shows: rail, switcher, look, keys."""
    desk = desk_of(request)
    client = (desk.client or desk.last) if desk else None
    return {
        "desk": desk,
        "rail": rail(request),
        "switcher": [(one, _switch(request, one), colour_of(one)) for one in desk.served] if desk else [],
        "look": preferences_of(request),
        "search_in": client if client and May.REFERRALS in may_of(client) else None,
        "languages": settings.LANGUAGES,
        "here": request.get_full_path(),
    }


def for_scripts(framed: Mapping[str, Any]) -> dict[str, Any]:
    """What the palette and the keys work with, put into the page: they open without asking the server anything."""
    look: Preferences = framed["look"]
    desk: Desk = framed["desk"]
    return {
        "keys": {"on": look.single_keys, "map": dict(look.keys)},
        "go": [{"name": str(one.label), "href": one.href, "keys": one.keys, "here": one.is_here} for one in framed["rail"]],
        "clients": [
            {"name": one.name, "href": href, "colour": colour, "here": desk.client is not None and one.id == desk.client.id}
            for one, href, colour in framed["switcher"]
        ],
        "words": {name: str(sentence) for name, sentence in SENTENCES.items()},
        "draft": f"/c/{desk.client.slug}/draft" if desk.client else "",
    }
