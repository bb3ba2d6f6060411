"""Who draws? The house: a random number for each gift that chance decides, kept in the log as an act before it is looked at.

Deciding knows no chance, so it asks for a draw by a notice and waits. The number is recorded once; whoever replays the log
comes to the same gift, and nobody can draw again.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import psycopg

from goodword.actions.programs import ACT_SOURCE
from goodword.core.offers import CHANCES
from goodword.core.situation import Notice
from goodword.errors import BadInput
from goodword.store.sql import log
from goodword.store.sql.chance import draw
from goodword.store.sql.connect import array_literal
from goodword.store.sql.intake import Intake
from goodword.store.sql.vault import Vault

DRAWS_AT_ONCE = 100


def answer_draws(conn: psycopg.Connection[Any], vault: Vault, client_id: str, *, now: datetime) -> int:
    """Draw for what waits for it; returns how many acts were appended. The caller holds the lane and decides them next."""
    with conn.transaction():
        rows = conn.execute(
            "SELECT id, body FROM outbox WHERE client_id = %s::uuid AND kind = 'draw_needed' AND delivered_at IS NULL"
            " ORDER BY id LIMIT %s FOR UPDATE",
            (client_id, DRAWS_AT_ONCE),
        ).fetchall()
        if not rows:
            return 0
        intake = Intake(client_id, ACT_SOURCE, vault.open_client(client_id), frozenset(), frozenset(), now, acts=True)
        acts = []
        for _, body in rows:
            row = intake.row(msgspec.json.encode(_act(msgspec.json.decode(body, type=Notice), now)))
            if isinstance(row, list):
                raise BadInput(f"A draw cannot be kept: {row[0].field} {row[0].why}.", "", row[0].repair)
            acts.append(row)
        log.append(conn, acts)
        conn.execute(
            "UPDATE outbox SET delivered_at = %s, attempts = attempts + 1 WHERE client_id = %s::uuid AND id = ANY(%s::uuid[])",
            (now, client_id, array_literal(id_ for id_, _ in rows)),
        )
    return len(acts)


def _act(notice: Notice, now: datetime) -> dict[str, Any]:
    """The act of a draw: its id names what it is for, so that a second draw for the same gift is refused as a duplicate."""
    number = int.from_bytes(draw()[:8], "big") % CHANCES
    return {
        "id": f"drawn-{notice.referral}-{notice.words}",
        "type": "drawn",
        "at": now.isoformat(),
        "act": {"referral": notice.referral, "promise": notice.words, "number": number},
    }
