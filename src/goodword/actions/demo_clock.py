"""How does a demo let time pass? The client's real business clock goes forward, and the worker decides what came due.

Only forward: what was decided stays decided, and a hold that ended does not begin again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple, cast

import psycopg

from goodword.actions.clients import hold_clock
from goodword.actions.deeds import Actor, require
from goodword.actions.opening import Chain, ClientRow
from goodword.actions.permissions import May
from goodword.errors import BadInput
from goodword.store.sql import runs

Leap = Literal["day", "week", "due", "now"]
LEAPS: tuple[Leap, ...] = ("day", "week", "due", "now")
_FAR = {"day": timedelta(days=1), "week": timedelta(days=7)}


class Leapt(NamedTuple):
    """From when to when the clock went."""

    since: datetime
    until: datetime


class Moved(NamedTuple):
    """What became of it: how many referrals stand in which state since, and how many rewards became payable."""

    states: Mapping[str, int]
    payable: int


def leap(chain: Chain, client: ClientRow, actor: Actor, how: str, *, at: datetime) -> Leapt:
    """Set the clock forward, or let it run with the world's again (`now`). Deciding is the worker's."""
    require(actor, May.CLOCK)
    if how not in LEAPS:
        raise BadInput(f"{how!r} is no way for a clock to go.", "", f"One of {', '.join(LEAPS)}.")
    _require_told(chain.conn, client.id)
    since = _present(chain.conn, client.id, at)
    if how == "now":
        hold_clock(chain, client, actor, None, at=at)
        return Leapt(since, _present(chain.conn, client.id, at))
    until = _next_due(chain.conn, client.id) if how == "due" else since + _FAR[how]
    if until is None:
        raise BadInput("Nothing waits for a moment.", "No referral of this client has a date.", "Send an event first.")
    until = max(until, since)
    hold_clock(chain, client, actor, until, at=at)
    return Leapt(since, until)


def is_decided(conn: psycopg.Connection[Any], client_id: str, until: datetime) -> bool:
    """Whether the worker has decided all that is due by then."""
    row = conn.execute(
        "SELECT FROM referral WHERE client_id = %(client)s::uuid AND next_due_at <= %(until)s UNION ALL"
        " SELECT FROM wallet WHERE client_id = %(client)s::uuid AND next_due_at <= %(until)s UNION ALL"
        " SELECT FROM contest_round WHERE client_id = %(client)s::uuid AND next_due_at <= %(until)s LIMIT 1",
        {"client": client_id, "until": until},
    ).fetchone()
    return row is None


def moved(conn: psycopg.Connection[Any], client_id: str, leapt: Leapt) -> Moved:
    """What changed between the two moments of a leap."""
    between = (client_id, leapt.since, leapt.until)
    states = conn.execute(
        "SELECT state, count(*) FROM referral WHERE client_id = %s::uuid AND state_at > %s AND state_at <= %s"
        " GROUP BY 1 ORDER BY 2 DESC, 1",
        between,
    ).fetchall()
    row = conn.execute(
        "SELECT count(*) FROM reward WHERE client_id = %s::uuid AND state_at > %s AND state_at <= %s AND state = 'payable'",
        between,
    ).fetchone()
    return Moved(dict(states), int(row[0]) if row else 0)


def _require_told(conn: psycopg.Connection[Any], client_id: str) -> None:
    """While a demo's history flows in, its clock belongs to the history."""
    row = conn.execute(
        "SELECT FROM import_run WHERE client_id = %s::uuid AND kind = 'demo' AND state = 'running' LIMIT 1",
        (client_id,),
    ).fetchone()
    if row is not None:
        raise BadInput(
            "The demo world still flows in.", "Its clock goes from week to week by itself.", "Try again in a minute."
        )


def _present(conn: psycopg.Connection[Any], client_id: str, at: datetime) -> datetime:
    """The client's now: never before what was decided already."""
    clock, held_at = runs.lane_clock(conn, client_id)
    return max(held_at or at, clock or at)


def _next_due(conn: psycopg.Connection[Any], client_id: str) -> datetime | None:
    row = conn.execute(
        "SELECT least((SELECT min(next_due_at) FROM referral WHERE client_id = %(client)s::uuid),"
        " (SELECT min(next_due_at) FROM wallet WHERE client_id = %(client)s::uuid),"
        " (SELECT min(next_due_at) FROM contest_round WHERE client_id = %(client)s::uuid))",
        {"client": client_id},
    ).fetchone()
    return cast("datetime | None", row[0]) if row else None
