"""How does a demo become an empty house? Its brands go with all their rows; the people of the house and their log stay."""

from __future__ import annotations

import psycopg

from goodword.actions.drain import lane_held
from goodword.actions.opening import Chain
from goodword.demo.installation import Installation
from goodword.house.folder import DataFolder
from goodword.store.grants import TENANT, existing
from goodword.store.sql.connect import array_literal, connect
from goodword.store.sql.keys import KEYS_CHANNEL


def clear(chain: Chain, owner_url: str, made: Installation, folder: DataFolder) -> None:
    """Take the demo's brands away in one transaction. What somebody added beside them (clients, people) stays.

    Each lane is held meanwhile, so that no worker decides what is about to go.
    """
    slugs = [brand.slug for brand in made.world.brands()]
    for client_id in _ids(chain, slugs):
        with lane_held(chain.conn, client_id, wait=True), connect(owner_url, "demo", statement_timeout_s=0) as owner:
            _remove(owner, client_id)
    made.keys = {slug: key for slug, key in made.keys.items() if slug not in slugs}
    made.is_cleared = True
    made.save(folder)


def _ids(chain: Chain, slugs: list[str]) -> list[str]:
    rows = chain.conn.execute("SELECT id FROM client WHERE slug = ANY(%s::text[])", (array_literal(slugs),)).fetchall()
    return [row[0] for row in rows]


def _remove(owner: psycopg.Connection[tuple[object, ...]], client_id: str) -> None:
    with owner.transaction(), owner.cursor() as cursor:
        for table in sorted(existing(cursor).keys() & TENANT.keys()):
            cursor.execute(f"DELETE FROM {table} WHERE client_id = %s::uuid", (client_id,))
        cursor.execute("DELETE FROM membership WHERE client_id = %s::uuid", (client_id,))
        cursor.execute("DELETE FROM client WHERE id = %s::uuid", (client_id,))
        cursor.execute("SELECT pg_notify(%s, %s)", (KEYS_CHANNEL, client_id))
