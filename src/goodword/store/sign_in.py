"""Who may come in, and who tried too often? One-time links and failed sign-ins; neither holds a name or an address."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection


def link_owner(token_hash: bytes, now: datetime) -> UUID | None:
    """The person whose unused, unexpired link this is."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT user_id FROM sign_in_link WHERE token_hash = %s AND used_at IS NULL AND expires_at > %s",
            [token_hash, now],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def add_link(token_hash: bytes, user_id: UUID, now: datetime, expires_at: datetime) -> None:
    """Keep a new link, as the hash of its token."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO sign_in_link (token_hash, user_id, created_at, expires_at) VALUES (%s, %s, %s, %s)",
            [token_hash, user_id, now, expires_at],
        )


def use_link(token_hash: bytes, now: datetime) -> UUID | None:
    """Use a link up, once: of two who come at the same time one gets None. All other links of the person end too."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE sign_in_link SET used_at = %s WHERE token_hash = %s AND used_at IS NULL AND expires_at > %s"
            " RETURNING user_id",
            [now, token_hash, now],
        )
        row = cursor.fetchone()
        if row is None:
            return None
        cursor.execute("UPDATE sign_in_link SET used_at = %s WHERE user_id = %s AND used_at IS NULL", [now, row[0]])
    user_id: UUID = row[0]
    return user_id


def locked_until(subject: str, now: datetime) -> datetime | None:
    """Until when this subject is locked out; None: it is not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT locked_until FROM sign_in_failure WHERE subject = %s AND locked_until > %s", [subject, now])
        row = cursor.fetchone()
    return row[0] if row else None


def count_failure(subject: str, now: datetime, *, most: int, window: timedelta, lock: timedelta) -> datetime | None:
    """Count one failure; the one that reaches `most` within `window` locks. Returns until when, or None."""
    old = now - window
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM sign_in_failure WHERE since < %s AND coalesce(locked_until, since) < %s", [old, now])
        cursor.execute(
            "INSERT INTO sign_in_failure AS f (subject, failures, since) VALUES (%s, 1, %s)"
            " ON CONFLICT (subject) DO UPDATE SET failures = f.failures + 1,"
            " locked_until = CASE WHEN f.failures + 1 >= %s THEN %s ELSE f.locked_until END"
            " RETURNING locked_until",
            [subject, now, most, now + lock],
        )
        row = cursor.fetchone()
    until: datetime | None = row[0] if row else None
    return until


def forget_failures(subject: str) -> None:
    """After a success the count begins anew."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM sign_in_failure WHERE subject = %s", [subject])
