"""Whom does a person serve, and as what? Memberships of one person with their clients."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from goodword.store.models import Client, Membership


@dataclass(frozen=True)
class Served:
    """A client that a person serves, and the roles the person has there; where they see the desk as somebody else does,
    `within` are their own roles, beyond which nothing is seen.
    """

    id: str
    slug: str
    name: str
    currency: str
    timezone: str
    colour: str
    roles: frozenset[str]
    within: frozenset[str] | None = None
    review_hours: int = 24
    has_creators: bool = False


def served_by(user_id: UUID) -> tuple[frozenset[str], tuple[Served, ...]]:
    """The roles of one person for the whole house, and the clients by name, in two queries; `user_scope` must be open."""
    of_client: dict[UUID, set[str]] = {}
    everywhere: set[str] = set()
    for membership in Membership.objects.filter(user_id=user_id):
        if membership.client_id is None:
            everywhere.add(membership.role)
        else:
            of_client.setdefault(membership.client_id, set()).add(membership.role)
    if not everywhere and not of_client:
        return frozenset(), ()
    clients = Client.objects.order_by("name", "slug")
    if not everywhere:
        clients = clients.filter(id__in=of_client)
    return frozenset(everywhere), tuple(
        Served(
            client.id.hex, client.slug, client.name, client.currency, client.timezone, client.colour,
            frozenset(everywhere | of_client.get(client.id, set())), review_hours=client.review_hours,
            has_creators=client.has_creators,
        )
        for client in clients
    )  # fmt: skip
