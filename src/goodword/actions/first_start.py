"""Who lets the first person in? An installation where nobody may sign in yet invites its administrator, once."""

from __future__ import annotations

from datetime import datetime

import psycopg

from goodword.actions.deeds import Actor
from goodword.actions.permissions import OPERATOR
from goodword.actions.sign_in import invite

ADMINISTRATOR = "admin@localhost"
FIRST_START = Actor("first start", OPERATOR)
_LOCK = 7_246_913_508  # any number, the same for all: two starts at once invite once

_SOMEBODY = (  # a password that begins with ! is none
    "SELECT EXISTS (SELECT FROM store_user WHERE is_active AND password NOT LIKE '!%%')"
    " OR EXISTS (SELECT FROM sign_in_link WHERE used_at IS NULL AND expires_at > %s)"
)


def invite_administrator(owner_url: str, now: datetime, *, email: str = ADMINISTRATOR) -> str | None:
    """The path of a one-time link for the first administrator; None where somebody can sign in, or holds an open link.

    A link that ran out before anybody used it leaves nobody in: the next start makes another one.
    """
    with psycopg.connect(owner_url) as conn:
        conn.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        row = conn.execute(_SOMEBODY, (now,)).fetchone()
        if row is not None and row[0]:
            return None
        return invite(email, "admin", None, now, owner_url=owner_url, actor=FIRST_START)
