"""How do a client's settings change? As the web's role inside that client's scope, with a line in its log of acts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from django.db import connection, transaction

from goodword.actions.deeds import Actor, note, require
from goodword.actions.permissions import May
from goodword.actions.versions import Rules
from goodword.core.served import Served
from goodword.errors import BadInput
from goodword.store.models import Client
from goodword.store.open_vault import vault
from goodword.store.reads.clients import Settings
from goodword.store.sql.keys import announce


def change_settings(
    client_id: str,
    actor: Actor,
    before: Settings,
    *,
    seen: str,
    at: datetime,
    consent: dict[str, Any],
    review_hours: int,
    served: Served,
    **texts: str,
) -> bool:
    """Whether anything changed. `seen` is how the settings were when the form was made: who was slower is told so."""
    require(actor, May.EDIT_CLIENT)
    if seen != before.seen:
        raise BadInput(
            "The settings were changed meanwhile.", "Somebody was faster; nothing of yours was saved yet.",
            "Compare what you typed with what holds now, and save again.",
        )  # fmt: skip
    plain: dict[str, Any] = {**texts, "consent": consent, "review_hours": review_hours}
    after = plain | msgspec.to_builtins(served)
    was = {name: getattr(before, name) for name in plain} | msgspec.to_builtins(before.served)
    if was == after:
        return False
    with transaction.atomic():
        Client.objects.filter(id=client_id).update(**after)
        announce(connection.connection, client_id)
        keys = vault().open_client(client_id)
        note(connection.connection, keys, actor, May.EDIT_CLIENT, "client", client_id, at=at, before=was, after=after)
    return True


def change_publishing(client_id: str, actor: Actor, before: Rules, after: Rules, *, at: datetime) -> bool:
    """Whether the rules by which versions of programs go live changed."""
    require(actor, May.EDIT_CLIENT)
    if before == after:
        return False
    stored = msgspec.to_builtins(after)
    with transaction.atomic():
        Client.objects.filter(id=client_id).update(publishing=stored)
        keys = vault().open_client(client_id)
        note(
            connection.connection, keys, actor, May.EDIT_CLIENT, "client", client_id,
            at=at, before=msgspec.to_builtins(before), after=stored,
        )  # fmt: skip
    return True
