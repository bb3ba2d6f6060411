"""Are the four roles there? Migrations grant to them, so they are asked for before the first table is made."""

from __future__ import annotations

from typing import Any

from goodword.errors import DatabaseTrouble
from goodword.store.grants import ROLES


def require_roles(apps: Any, schema_editor: Any) -> None:
    """Refuse, with the repair, where a role is missing or the migrating one would change nothing under row security."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", [list(ROLES)])
        missing = sorted(set(ROLES) - {row[0] for row in cursor.fetchall()})
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        row = cursor.fetchone()
    repair = "Let the administrator of the database run the SQL that `goodword db roles` prints, then migrate again."
    if missing:
        raise DatabaseTrouble(
            f"The database has no role {', '.join(missing)}.",
            "Each part of Goodword works under a role of its own.",
            repair,
        )
    if not row or not row[0]:
        raise DatabaseTrouble(
            "The role that migrates has no BYPASSRLS.",
            "Without BYPASSRLS its changes of data would touch no row under forced row-level security, in silence.",
            repair,
        )
