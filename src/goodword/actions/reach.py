"""Whose account may this person help with? Nobody opens the door to somebody who may do more than themselves."""

from __future__ import annotations

from uuid import UUID

from goodword.actions.deeds import Actor
from goodword.actions.permissions import OPERATOR, May, allowed
from goodword.errors import NotAllowed
from goodword.store.reads.desk import served_by
from goodword.store.scope import user_scope


def require_reach(actor: Actor, user_id: UUID) -> None:
    """Refuse where the account opens more than the actor's own: a link to it would be a way to take it over."""
    if actor.role == OPERATOR or _is_within(UUID(actor.name), user_id):
        return
    raise NotAllowed(
        "This account opens more than yours does.",
        "A link to it would let you do what your own roles do not.",
        "Ask an administrator of the house.",
    )


def _is_within(helper_id: UUID, user_id: UUID) -> bool:
    with user_scope(helper_id):
        own_house, own = served_by(helper_id)
    with user_scope(user_id):
        their_house, theirs = served_by(user_id)
    mine = {one.id: allowed(one.roles) for one in own}
    return allowed(their_house) <= allowed(own_house) and all(
        allowed(one.roles) | {May.INVITE} <= mine.get(one.id, frozenset()) for one in theirs
    )
