"""Who has an item of the review open just now? A short claim, so that two people do not read the same one unawares."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from goodword.store.models import ReviewClaim

HELD_FOR = timedelta(minutes=2)  # opening it again, or anything done on it, begins anew


def open_item(client_id: str, referral_id: str, user_id: UUID, *, at: datetime) -> None:
    """Take the claim where nobody else has a living one; whoever came first keeps it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO review_claim (client_id, referral_id, user_id, since, until) VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT (client_id, referral_id) DO UPDATE SET until = excluded.until, user_id = excluded.user_id,"
            " since = CASE WHEN review_claim.user_id = excluded.user_id AND review_claim.until > excluded.since"
            " THEN review_claim.since ELSE excluded.since END"
            " WHERE review_claim.user_id = excluded.user_id OR review_claim.until <= excluded.since",
            [client_id, referral_id, user_id, at, at + HELD_FOR],
        )


def leave(client_id: str, user_id: UUID) -> None:
    """Give back whatever this person has open for the client."""
    ReviewClaim.objects.of(client_id).filter(user_id=user_id).delete()
