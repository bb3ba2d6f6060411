"""What waits for an answer, whom did a colleague ask to decide it, and what was prepared to be told? Beside the queue of Review."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from goodword.store.models import Membership, ReviewHandover, ReviewMessage, ReviewPause, User
from goodword.store.open_vault import vault
from goodword.store.reads.users import user_names


@dataclass(frozen=True)
class Pause:
    """It waits until then, and why; `stood_still` is how long its clock stood still altogether."""

    until: datetime
    why: str
    by: str
    stood_still: timedelta


@dataclass(frozen=True)
class Handover:
    """Who was asked to decide it, by whom, when."""

    to_id: str
    to: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Aside:
    """What stands beside something held."""

    pause: Pause | None = None
    handover: Handover | None = None


ALONE = Aside()


@dataclass(frozen=True)
class Message:
    """What was prepared for one of the two; the text is None where that person was forgotten."""

    party: str
    by: str
    at: datetime
    text: str | None


def asides(client_id: str, referrals: Iterable[str]) -> dict[str, Aside]:
    """What stands beside these, in three queries."""
    ids = list(referrals)
    pauses = {one.referral_id: one for one in ReviewPause.objects.of(client_id).filter(referral_id__in=ids)}
    handed = {
        one.referral_id: one
        for one in ReviewHandover.objects.of(client_id).filter(referral_id__in=ids).defer("note_sealed")
    }
    names = user_names(
        {one.user_id for one in pauses.values()}
        | {user for one in handed.values() for user in (one.from_user_id, one.to_user_id)}
    )
    found = {}
    for id in pauses.keys() | handed.keys():
        waits, asked = pauses.get(id), handed.get(id)
        pause = handover = None
        if waits is not None:
            stood_still = timedelta(seconds=waits.paused_seconds)
            pause = Pause(waits.until, waits.why, names.get(waits.user_id, ""), stood_still)
        if asked is not None:
            to, by = names.get(asked.to_user_id, ""), names.get(asked.from_user_id, "")
            handover = Handover(asked.to_user_id.hex, to, by, asked.at)
        found[id.hex] = Aside(pause, handover)
    return found


def note_of(client_id: str, referral_id: str) -> str:
    """What the colleague wrote for whom they asked; '' where they wrote nothing."""
    row = ReviewHandover.objects.of(client_id).filter(referral_id=referral_id).first()
    if row is None or not row.note_sealed:
        return ""
    keys = vault().open_client(client_id)
    return keys.open("review_handover", "note", referral_id, bytes(row.note_sealed)).decode()


def messages(client_id: str, referral_id: str) -> tuple[Message, ...]:
    """Everything that was prepared to be told, the first one first."""
    rows = list(ReviewMessage.objects.of(client_id).filter(referral_id=referral_id).order_by("at", "id"))
    keys = vault().person_keys(connection.connection, client_id, {one.party_id.hex for one in rows}, create=False)
    names = user_names({one.user_id for one in rows})
    found = []
    for one in rows:
        key = keys.get(one.party_id.hex)
        text = key.open("review_message", "text", one.id.hex, bytes(one.text_sealed)).decode() if key else None
        found.append(Message(one.party_id.hex, names.get(one.user_id, ""), one.at, text))
    return tuple(found)


def colleagues(client_id: str, user_id: UUID, roles: Iterable[str]) -> list[tuple[str, str]]:
    """(id, name) of everybody else who has one of these roles for this client and can sign in, by name."""
    may = Membership.objects.filter(client_id=client_id, role__in=list(roles)).exclude(user_id=user_id)
    rows = User.objects.filter(id__in=may.values("user_id"), is_active=True).values_list("id", "name", "email")
    return sorted(((id.hex, name or email) for id, name, email in rows), key=lambda one: one[1].casefold())
