"""What does an agent enter by hand? Sign-ups, orders and late claims of the desk: events like any other, decided while the agent waits.

The line in the log of acts is written first, as with every act of the office; what was told as evidence is sealed beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import psycopg

from goodword.actions.deeds import Actor, note, require
from goodword.actions.drain import lane_held
from goodword.actions.importing import decide_all, wait_for_worker
from goodword.actions.opening import Chain, ClientRow
from goodword.actions.permissions import May
from goodword.actions.programs import program_names
from goodword.core.events import canonical_body
from goodword.core.reasons import Reason
from goodword.errors import BadInput, DatabaseTrouble
from goodword.store.sql import log, runs
from goodword.store.sql.intake import Intake

SOURCE = "desk"
_PATIENCE_SECONDS = 8.0


class Entered(msgspec.Struct, frozen=True):
    """What became of an event: its reasons and the referrals it moved, or not decided yet; `is_repeat`: it was known."""

    event: str
    is_decided: bool = False
    is_repeat: bool = False
    reasons: tuple[Reason, ...] = ()
    referrals: tuple[tuple[str, str], ...] = ()  # (id, state)


class _Body(msgspec.Struct):
    reasons: tuple[Reason, ...] = ()
    referrals: tuple[tuple[str, str], ...] = ()


def enter(
    chain: Chain,
    client: ClientRow,
    actor: Actor,
    events: Sequence[Mapping[str, Any]],
    *,
    about: tuple[str, str],
    detail: Mapping[str, str] | None = None,
    at: datetime,
) -> list[Entered]:
    """Keep these native events (without `at`: they happen now) and have them decided; one answer each.

    All of them are checked before one is kept. The same `id` again is the same entry: the first one stands.
    """
    require(actor, May.ADD_REFERRAL)
    runs.require_none_open(chain.conn, client.id)
    now = runs.business_now(chain.conn, client.id, at)
    keys = chain.keys(client.id)
    intake = Intake(client.id, SOURCE, keys, program_names(chain.conn, client.id), frozenset(), at, business_now=now)
    rows = []
    for event in events:
        row = intake.row(msgspec.json.encode({**event, "at": now.isoformat()}), canonical_body(dict(event)))
        if isinstance(row, list):
            raise BadInput(f"This cannot be kept: {row[0].why}.", "Nothing was entered.", row[0].repair, row[0].field)
        rows.append(row)
    with chain.conn.transaction():
        told = {"events": [row.event.id for row in rows]}
        note(chain.conn, keys, actor, May.ADD_REFERRAL, *about, at=at, after=told, detail=detail)
    receipts = log.append(chain.conn, rows)
    if any(receipt.conflict for receipt in receipts):
        raise BadInput(
            "This form was sent before with other content.",
            "What was entered first stands; nothing was changed.",
            "Open the form anew to enter something else.",
        )
    _have_decided(chain, client.id, at)
    return [
        _became(chain.conn, client.id, receipt.event_id, is_repeat=receipt.duplicate) for receipt in receipts
    ]


def _have_decided(chain: Chain, client_id: str, at: datetime) -> None:
    """Decide it here where no worker is at it; a worker that has much to do is not waited for without end."""
    with lane_held(chain.conn, client_id) as held:
        if held:
            decide_all(chain, client_id, now=at)
            return
    try:
        wait_for_worker(chain.conn, client_id, patience_seconds=_PATIENCE_SECONDS)
    except DatabaseTrouble:
        return  # kept, and decided when the worker comes to it


def _became(conn: psycopg.Connection[Any], client_id: str, event_id: str, *, is_repeat: bool) -> Entered:
    row = conn.execute(
        "SELECT body FROM decision WHERE client_id = %s::uuid AND event_id = %s::uuid ORDER BY seq DESC LIMIT 1",
        (client_id, event_id),
    ).fetchone()
    if row is None:
        return Entered(event_id, is_repeat=is_repeat)
    body = msgspec.json.decode(row[0], type=_Body)
    return Entered(event_id, True, is_repeat, body.reasons, body.referrals)
