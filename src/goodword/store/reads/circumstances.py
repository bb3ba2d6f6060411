"""What is known of a client beside its documents? Whom it serves, attributes that feeds brought, the stacking of its live programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import psycopg

from goodword.core.served import Served

_LOOKED_AT = 5_000  # rows of attributes: enough to meet every name that feeds deliver regularly


def served(conn: psycopg.Connection[Any], client_id: str) -> Served:
    """Its sector, places and languages, as its settings say."""
    row = conn.execute("SELECT sector, places, languages FROM client WHERE id = %s::uuid", (client_id,)).fetchone()
    return Served(row[0], tuple(row[1]), tuple(row[2])) if row else Served()


def delivered_attributes(
    conn: psycopg.Connection[Any], client_id: str, asked: frozenset[str] = frozenset()
) -> frozenset[str] | None:
    """Names of attributes that feeds brought; None where none ever came, so that nothing can be told by it.

    All rows are looked through only where one that is asked for is not met among a few: the answer is the same for `asked`.
    A row says since when an attribute holds, not when it came: a feed that died is not seen here.
    """
    few = conn.execute(
        "SELECT array_agg(DISTINCT name), count(*) FROM (SELECT name FROM attribute WHERE client_id = %s::uuid LIMIT %s) AS few",
        (client_id, _LOOKED_AT),
    ).fetchone()
    names, looked_at = (frozenset(few[0] or ()), few[1]) if few else (frozenset(), 0)
    if looked_at < _LOOKED_AT or asked <= names:
        return names or None
    rows = conn.execute("SELECT DISTINCT name FROM attribute WHERE client_id = %s::uuid", (client_id,)).fetchall()
    return frozenset(name for (name,) in rows)


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
