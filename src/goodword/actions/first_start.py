"""Who lets the first person in? An installation where nobody may sign in yet invites its administrator, once."""

from __future__ import annotations

from datetime import datetime

import psycopg

from goodword.actions.sign_in import invite

ADMINISTRATOR = "admin@localhost"
_LOCK = 7_246_913_508  # any number, the same for all: two starts at once invite once


def invite_administrator(owner_url: str, now: datetime, *, email: str = ADMINISTRATOR) -> str | None:
    """The path of a one-time link for the first administrator; None where somebody may sign in already."""
    with psycopg.connect(owner_url) as conn:
        conn.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        row = conn.execute("SELECT EXISTS (SELECT FROM store_user)").fetchone()
        if row is not None and row[0]:
            return None
        return invite(email, "admin", None, now, owner_url=owner_url)
