"""What is known of a client beside its documents? Attributes that feeds brought, and the stacking rules of its live programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import psycopg


def delivered_attributes(conn: psycopg.Connection[Any], client_id: str) -> frozenset[str] | None:
    """Names of attributes that feeds brought; None where none ever came, so that nothing can be told by it.

    A row says since when an attribute holds, not when it came: a feed that died is not seen here.
    """
    rows = conn.execute("SELECT DISTINCT name FROM attribute WHERE client_id = %s::uuid", (client_id,)).fetchall()
    return frozenset(name for (name,) in rows) or None


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
