"""How is a query sent? PostgreSQL as Django knows it, minus UNNEST, plus the guard of the client's scope."""

from __future__ import annotations

from typing import Any

from django.db.backends.postgresql import base, operations

from .guard import CLOSED, Scope, guard

_FACTS = """
    SELECT rolsuper OR rolbypassrls, EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')
    FROM pg_roles WHERE rolname = current_user
"""
# Asked once a process and database, not once a connection: neither changes while Goodword runs.
_known_facts: dict[tuple[str, ...], tuple[bool, bool]] = {}


class DatabaseOperations(operations.DatabaseOperations):
    # Django's own PostgreSQL compiler turns bulk_create into INSERT .. SELECT FROM UNNEST, which Citus runs through
    # COPY, and COPY is refused under row-level security. The general compiler writes plain VALUES.
    compiler_module = "django.db.models.sql.compiler"


class DatabaseWrapper(base.DatabaseWrapper):
    """One thread's connection, which knows whose scope is open on it."""

    ops_class = DatabaseOperations
    bypasses_row_security = False
    is_citus = False
    scope: Scope = CLOSED

    def __init__(self, settings_dict: dict[str, Any], alias: str = "default") -> None:
        super().__init__(settings_dict, alias)
        self.execute_wrappers.append(guard)

    def init_connection_state(self) -> None:
        super().init_connection_state()
        where = tuple(str(self.settings_dict.get(part)) for part in ("HOST", "PORT", "NAME", "USER"))
        if where not in _known_facts:
            row = self.connection.execute(_FACTS).fetchone()
            _known_facts[where] = (bool(row[0]), bool(row[1])) if row else (False, False)
        self.bypasses_row_security, self.is_citus = _known_facts[where]
