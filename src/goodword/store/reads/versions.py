"""Who else could look at a version before it goes live? People of the house who may, besides whoever asks."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from goodword.store.models import Membership, User
from goodword.store.scope import house_scope


def colleagues_with(client_id: str, roles: Iterable[str], *, but: str) -> list[str]:
    """Names of active people who hold one of these roles for the client or for the whole house."""
    with house_scope():
        held = Membership.objects.filter(Q(client_id=client_id) | Q(client_id=None), role__in=list(roles))
        ids = set(held.values_list("user_id", flat=True))
        people = User.objects.filter(id__in=ids, is_active=True).exclude(id=but)
        return sorted(user.get_full_name() for user in people)
