"""By when has something to happen? At a referral's next moment, or at the one behind it where the next one only gives notice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

_GIVES_NOTICE = "position('\"decides_at\":' IN body) > 0"
DEADLINE = f"CASE WHEN {_GIVES_NOTICE} THEN (body::json->>'decides_at')::timestamptz ELSE next_due_at END"


def behind_notices(client_id: str, referrals: Sequence[UUID]) -> dict[UUID, datetime]:
    """The deadlines of those among the referrals whose next moment only gives notice."""
    if not referrals:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, {DEADLINE} FROM referral WHERE client_id = %s::uuid AND id = ANY(%s::uuid[]) AND {_GIVES_NOTICE}",
            (client_id, list(referrals)),
        )
        return dict(cursor.fetchall())
