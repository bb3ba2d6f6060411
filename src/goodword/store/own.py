"""What has a person kept for themselves? Settings of the desk, views of lists, and texts not yet sent; read and written here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from goodword.store.models import Draft, SavedView, User
from goodword.store.open_vault import vault

MOST_VIEWS = 50
MOST_DRAFT_CHARACTERS = 20_000


@dataclass(frozen=True)
class View:
    """A list with a name: the query of its address, and whether the team has it too."""

    id: str
    name: str
    query: str
    is_team: bool
    is_own: bool


def keep_settings(user: User, settings: Mapping[str, Any], language: str) -> None:
    """How this person likes the desk, from now on and in every browser. What rooms keep beside it stays."""
    before = user.settings if isinstance(user.settings, dict) else {}
    user.settings, user.language = {**before, **settings}, language
    user.save(update_fields=["settings", "language"])


def views(client_id: str, user_id: UUID | str, room: str) -> list[View]:
    """The views of a room: first one's own, then the team's, each by name."""
    rows = SavedView.objects.filter(Q(user_id=user_id) | Q(is_team=True), client_id=client_id, room=room)
    found = [View(row.id.hex, row.name, row.query, row.is_team, str(row.user_id) == str(user_id)) for row in rows]
    return sorted(found, key=lambda one: (one.is_team, one.name.casefold()))


def keep_view(client_id: str, user_id: UUID | str, room: str, name: str, query: str, *, is_team: bool) -> bool:
    """Keep a view; the same name replaces one's own. False: there are too many already."""
    own = SavedView.objects.filter(client_id=client_id, user_id=user_id, room=room)
    own.filter(name=name).delete()
    if own.count() >= MOST_VIEWS:
        return False
    SavedView.objects.create(
        client_id=client_id, user_id=user_id, room=room, name=name, query=query, is_team=is_team
    )
    return True


def drop_view(client_id: str, user_id: UUID | str, view_id: str) -> View | None:
    """Give up a view of one's own; what it was, so that it can be kept again. None: it is not theirs, or gone."""
    row = SavedView.objects.filter(client_id=client_id, user_id=user_id, id=view_id).first()
    if row is None:
        return None
    gone = View(row.id.hex, row.name, row.query, row.is_team, is_own=True)
    row.delete()
    return gone


def draft(client_id: str, user_id: UUID | str, place: str) -> str:
    """The text begun at this place; '' where there is none."""
    row = Draft.objects.filter(client_id=client_id, user_id=user_id, place=place).first()
    if row is None:
        return ""
    keys = vault().open_client(client_id)
    return keys.open("draft", place, _row_of(user_id), bytes(row.sealed)).decode()


def keep_draft(client_id: str, user_id: UUID | str, place: str, text: str, *, at: datetime) -> None:
    """Keep a text that is not sent yet; an empty one is forgotten."""
    if not text.strip():
        forget_draft(client_id, user_id, place)
        return
    sealed = vault().open_client(client_id).seal("draft", place, _row_of(user_id), text[:MOST_DRAFT_CHARACTERS].encode())
    Draft.objects.update_or_create(
        client_id=client_id, user_id=user_id, place=place, defaults={"sealed": sealed, "updated_at": at}
    )


def forget_draft(client_id: str, user_id: UUID | str, place: str) -> None:
    """The text was sent or given up."""
    Draft.objects.filter(client_id=client_id, user_id=user_id, place=place).delete()


def _row_of(user_id: UUID | str) -> str:
    return str(user_id).replace("-", "")
