"""What may a person do on the first pages? Open a sealed body, have an event decided again, take a list away; each is kept."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from goodword.actions.deeds import Actor, note
from goodword.errors import NotFound
from goodword.store.models import DeadLetter
from goodword.store.open_vault import vault
from goodword.store.reads import events


def open_body(client_id: str, event_id: str, *, actor: Actor, at: datetime) -> bytes | None:
    """The body as it was sent; None where it was erased. The act is kept before anything is shown."""
    with transaction.atomic():
        kept(client_id, actor, "event.open_body", "event", event_id, at)
        return events.open_body(client_id, event_id)


def retry(client_id: str, event_id: str, *, actor: Actor, at: datetime) -> None:
    """Ask the worker to decide a dead-letter event again."""
    with transaction.atomic():
        letters = DeadLetter.objects.of(client_id).filter(id=event_id, resolved_at=None)
        if not letters.update(retry_at=at):
            raise NotFound("This event does not wait for a retry.", "It was decided meanwhile, or never failed.")
        kept(client_id, actor, "event.retry", "event", event_id, at)


def take_list(client_id: str, *, actor: Actor, at: datetime) -> None:
    """Keep that somebody takes the list of referrals away."""
    with transaction.atomic():
        kept(client_id, actor, "export.referrals", "referral", "", at)


def kept(client_id: str, actor: Actor, verb: str, kind: str, object_id: str, at: datetime) -> None:
    """The line of an act done on a page, in the transaction and the scope of that page."""
    note(connection.connection, vault().open_client(client_id), actor, verb, kind, object_id, at=at)
