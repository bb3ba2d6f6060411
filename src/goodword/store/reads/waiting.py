"""How much waits in each room of a client? One statement for all of them, each count capped, each along an index."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

MOST = 100  # more is not counted: an exact number would cost a walk through the list

# room -> what waits there; every line names the client first, so that the index of that list answers it
_WAITING = {
    "review": "SELECT 1 FROM referral WHERE client_id = %(client)s::uuid AND state = 'held'",
    "events": "SELECT 1 FROM dead_letter WHERE client_id = %(client)s::uuid AND resolved_at IS NULL",
    "creators": "SELECT 1 FROM creator WHERE client_id = %(client)s::uuid AND state = 'applied' UNION ALL"
    " SELECT 1 FROM creator_post WHERE client_id = %(client)s::uuid AND state = 'stated'",
}


def counts(client_id: str, rooms: Iterable[str]) -> dict[str, int]:
    """What waits in these rooms; a room where nothing does is left out."""
    asked = [room for room in rooms if room in _WAITING]
    if not asked:
        return {}
    sums = ", ".join(f"(SELECT count(*) FROM ({_WAITING[room]} LIMIT {MOST}) {room})" for room in asked)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {sums}", {"client": client_id})
        found = cursor.fetchone()
    return {room: number for room, number in zip(asked, found, strict=True) if number}
