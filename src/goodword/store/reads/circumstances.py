"""What is known of a client beside its documents? Attributes that feeds brought lately, and the stacking rules of its live programs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
import psycopg

LATELY = timedelta(days=90)


def delivered_attributes(conn: psycopg.Connection[Any], client_id: str, *, at: datetime) -> frozenset[str] | None:
    """Names of attributes that came in the last 90 days; None where no attribute ever came or nothing at all comes any more."""
    rows = conn.execute(
        "SELECT name, max(valid_from) >= %s FROM attribute WHERE client_id = %s::uuid GROUP BY name",
        (at - LATELY, client_id),
    ).fetchall()
    found = frozenset(name for name, is_recent in rows if is_recent)
    if not rows or (not found and not _is_fed(conn, client_id, at)):
        return None
    return found


def _is_fed(conn: psycopg.Connection[Any], client_id: str, at: datetime) -> bool:
    """Whether events of any kind came lately."""
    row = conn.execute(
        "SELECT EXISTS (SELECT FROM event WHERE client_id = %s::uuid AND at >= %s AND at <= %s)",
        (client_id, at - LATELY, at),
    ).fetchone()
    return bool(row and row[0])


def stacking_rules(conn: psycopg.Connection[Any], client_id: str, *, but: str) -> dict[str, Mapping[str, str]]:
    """How the other live programs of a client stand to each other, as their documents say."""
    rows = conn.execute(
        "SELECT p.slug, v.document FROM program_version v JOIN program p ON p.client_id = v.client_id AND p.id = v.program_id"
        " WHERE v.client_id = %s::uuid AND v.state = 'live' AND p.slug <> %s ORDER BY v.number",
        (client_id, but),
    ).fetchall()
    found: dict[str, Mapping[str, str]] = {}
    for slug, text in rows:
        document: dict[str, Any] = msgspec.json.decode(text)
        found[slug] = (document.get("stacking") or {}).get("programs") or {}
    return found
