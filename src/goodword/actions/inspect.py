"""What may a person do on the first pages? Open a sealed body, have an event decided again, take a list away; each is kept."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from goodword.actions.deeds import Actor, note
from goodword.errors import NotFound
from goodword.store.models import DeadLetter
from goodword.store.open_vault import vault
from goodword.store.reads import events, received
from goodword.store.reads.received import Wanted


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


def retry_failed(client_id: str, wanted: Wanted, *, actor: Actor, at: datetime) -> int:
    """Ask the worker to decide again all that failed and fits, in one act; how many that are."""
    with transaction.atomic():
        ids = received.to_replay(client_id, wanted)
        count = DeadLetter.objects.of(client_id).filter(id__in=ids, resolved_at=None, retry_at=None).update(retry_at=at)
        if not count:
            raise NotFound("Nothing here waits for a retry.", "It was decided or asked for meanwhile.")
        told = {"count": count, "since": wanted.since, "until": wanted.until, "reason": wanted.reason}
        keys = vault().open_client(client_id)
        note(connection.connection, keys, actor, "event.retry", "event", "", at=at, after=told, detail=told)
        return count


def take_list(client_id: str, *, actor: Actor, at: datetime) -> None:
    """Keep that somebody takes the list of referrals away."""
    with transaction.atomic():
        kept(client_id, actor, "export.referrals", "referral", "", at)


def kept(client_id: str, actor: Actor, verb: str, kind: str, object_id: str, at: datetime) -> None:
    """The line of an act done on a page, in the transaction and the scope of that page."""
    note(connection.connection, vault().open_client(client_id), actor, verb, kind, object_id, at=at)
