"""Who works here? The people of one client, inside its scope, or everybody, inside the scope of the house."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.db.models import Max

from goodword.errors import NoClientScope
from goodword.store.models import Client, Membership, User
from goodword.store.scope import current

MOST = 2_000


@dataclass(frozen=True)
class Held:
    """A role that somebody has; without a client, for the whole house."""

    role: str
    client_id: str = ""
    slug: str = ""
    client: str = ""


@dataclass(frozen=True)
class Member:
    """Somebody who works here, with the roles that this scope shows."""

    id: str
    email: str
    name: str
    is_active: bool
    has_password: bool
    last_seen_at: datetime | None
    held: tuple[Held, ...]

    @property
    def shown(self) -> str:
        """The name, else the address."""
        return self.name or self.email

    @property
    def standing(self) -> str:
        """active, invited (has never chosen a password) or out."""
        return "out" if not self.is_active else "active" if self.has_password else "invited"

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles by name."""
        return tuple(one.role for one in self.held)


def team(client_id: str) -> list[Member]:
    """Everybody who has a role for this very client; the client's scope must be open."""
    held = Membership.objects.filter(client_id=client_id).order_by("role").select_related("client")
    return _members(held[:MOST], None)


def everybody() -> list[Member]:
    """Everybody who may sign in here or once could, with all their roles; the scope of the house must be open."""
    if not current().house:
        raise NoClientScope("Everybody of the house was asked for outside the scope of the house.")
    held = Membership.objects.order_by("client_id", "role").select_related("client")
    return _members(held, User.objects.order_by("email")[:MOST])


def member(user_id: str, client_id: str | None) -> Member | None:
    """One of them: with the roles for this client, or (None, in the scope of the house) with all."""
    listed = Membership.objects.filter(user_id=user_id).select_related("client").order_by("client_id", "role")
    if client_id is not None:
        listed = listed.filter(client_id=client_id)
    found = _members(listed, None if client_id is not None else User.objects.filter(id=user_id))
    return found[0] if found else None


def user_names(ids: set[UUID]) -> dict[UUID, str]:
    """People of the house by name; by their address where they gave none."""
    rows = User.objects.filter(id__in=ids).values_list("id", "name", "email") if ids else ()
    return {id: name or email for id, name, email in rows}


def _members(memberships: Iterable[Membership], users: Iterable[User] | None) -> list[Member]:
    """Members by name; without `users` those of the memberships."""
    held: dict[object, list[Held]] = {}
    for one in memberships:
        client: Client | None = one.client
        told = Held(one.role, client.id.hex, client.slug, client.name) if client else Held(one.role)
        held.setdefault(one.user_id, []).append(told)
    if users is None:
        users = User.objects.filter(id__in=list(held))
    users = list(users)
    # A session notes every few minutes that it is used; who has none open was last seen when they signed in.
    sessions = UserSession.objects.filter(user_id__in=[user.id for user in users])
    seen = dict(sessions.values_list("user_id").annotate(at=Max("last_seen_at")))
    found = [
        Member(
            user.id.hex, user.email, user.name, user.is_active, user.has_usable_password(), seen.get(user.id, user.last_login),
            tuple(held.get(user.id, ())),
        )
        for user in users
    ]  # fmt: skip
    return sorted(found, key=lambda one: one.shown.casefold())
