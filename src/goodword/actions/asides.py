"""What can be done with something held short of deciding it? Let it wait, ask a colleague, prepare what a person is told.

None of these is decided with: they are written as the web's role beside the queue, each with its line in the log of acts.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import connection, transaction

from goodword.actions.deeds import Actor, note, require
from goodword.actions.permissions import May
from goodword.errors import BadInput
from goodword.store.models import Referral, ReviewHandover, ReviewMessage, ReviewPause
from goodword.store.open_vault import vault

PAUSE_WHYS = ("proof", "person", "client", "other")
LONGEST_PAUSE = timedelta(days=90)
LONGEST_TEXT = 4_000


def pause(
    client_id: str,
    actor: Actor,
    user_id: UUID,
    referral: str,
    until: datetime,
    why: str,
    *,
    now: datetime,
    at: datetime,
) -> None:
    """Let it wait until then; its clock stands still. `now` is the client's present, `at` the wall's."""
    require(actor, May.REVIEW)
    if why not in PAUSE_WHYS:
        raise BadInput(f"{why} is no reason to wait.", "", f"One of {', '.join(PAUSE_WHYS)}.")
    if not now < until <= now + LONGEST_PAUSE:
        raise BadInput(
            "This day is not possible.",
            "Nothing was changed.",
            f"Choose a day after today and at most {LONGEST_PAUSE.days} days ahead.",
        )
    with transaction.atomic():
        _must_be_held(client_id, referral)
        before = ReviewPause.objects.of(client_id).filter(referral_id=referral).first()
        still = timedelta(seconds=before.paused_seconds) if before else timedelta()
        unspent = max(before.until - now, timedelta()) if before else timedelta()
        told = {
            "user_id": user_id,
            "why": why,
            "since": now,
            "until": until,
            "paused_seconds": round((still - unspent + (until - now)).total_seconds()),
        }
        ReviewPause.objects.update_or_create(client_id=client_id, referral_id=referral, defaults=told)
        _noted(client_id, actor, "referral.pause", referral, at, {"until": until, "why": why})


def resume(client_id: str, actor: Actor, referral: str, *, now: datetime, at: datetime) -> bool:
    """It waits no more, and its clock goes on. False: it did not wait."""
    require(actor, May.REVIEW)
    with transaction.atomic():
        row = ReviewPause.objects.of(client_id).filter(referral_id=referral, until__gt=now).first()
        if row is None:
            return False
        still = row.paused_seconds - round((row.until - now).total_seconds())
        ReviewPause.objects.of(client_id).filter(referral_id=referral).update(until=now, paused_seconds=still)
        _noted(client_id, actor, "referral.resume", referral, at, {})
    return True


def hand_over(
    client_id: str, actor: Actor, from_user: UUID, referral: str, to_user: str, words: str, *, at: datetime
) -> None:
    """Ask a colleague to decide it; `words` are sealed, and read by whoever may decide. The caller knows that they may."""
    require(actor, May.REVIEW)
    with transaction.atomic():
        _must_be_held(client_id, referral)
        keys = vault().open_client(client_id)
        told = {
            "from_user_id": from_user,
            "to_user_id": UUID(to_user),
            "note_sealed": keys.seal("review_handover", "note", referral, words.encode()) if words else b"",
            "at": at,
        }
        ReviewHandover.objects.update_or_create(client_id=client_id, referral_id=referral, defaults=told)
        _noted(client_id, actor, "referral.transfer", referral, at, {"to": to_user})


def call_back(client_id: str, actor: Actor, referral: str, *, at: datetime) -> bool:
    """It is everybody's again. False: nobody was asked."""
    require(actor, May.REVIEW)
    with transaction.atomic():
        gone, _rows = ReviewHandover.objects.of(client_id).filter(referral_id=referral).delete()
        if gone:
            _noted(client_id, actor, "referral.transfer", referral, at, {"to": ""})
    return bool(gone)


def prepare_message(
    client_id: str, actor: Actor, user_id: UUID, referral: str, party: str, text: str, *, at: datetime
) -> None:
    """Keep what a person is told, sealed under that person's key. Nothing is sent from here."""
    require(actor, May.REVIEW)
    if not text.strip() or len(text) > LONGEST_TEXT:
        raise BadInput(
            "There is no text." if not text.strip() else "The text is too long.",
            "Nothing was kept.",
            f"Write between 1 and {LONGEST_TEXT:,} characters.",
        )
    with transaction.atomic():
        key = vault().person_keys(connection.connection, client_id, [party]).get(party)
        if key is None:
            raise BadInput(
                "This person was forgotten.", "Nothing can be kept about them any more.", "Tell the other of the two."
            )
        id = uuid4()
        ReviewMessage.objects.create(
            client_id=client_id,
            id=id,
            referral_id=referral,
            party_id=party,
            user_id=user_id,
            text_sealed=key.seal("review_message", "text", id.hex, text.encode()),
            at=at,
        )
        _noted(client_id, actor, "referral.message", referral, at, {"message": id.hex})


def decided(client_id: str, referral: str) -> None:
    """What stood beside it in the queue is over: nothing waits, and nobody is asked any more."""
    ReviewPause.objects.of(client_id).filter(referral_id=referral).delete()
    ReviewHandover.objects.of(client_id).filter(referral_id=referral).delete()


def _must_be_held(client_id: str, referral: str) -> None:
    if not Referral.objects.of(client_id).filter(id=referral, state="held").exists():
        raise BadInput(
            "It is not waiting for a decision any more.", "Somebody decided it meanwhile; nothing was changed.",
            "Look at what was decided.",
        )  # fmt: skip


def _noted(client_id: str, actor: Actor, verb: str, referral: str, at: datetime, after: dict[str, object]) -> None:
    keys = vault().open_client(client_id)
    note(connection.connection, keys, actor, verb, "referral", referral, at=at, after=after)
