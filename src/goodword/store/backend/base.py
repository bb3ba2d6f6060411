"""Which queries may the web run? PostgreSQL as Django knows it, minus UNNEST, plus the guard of the client's scope."""

from __future__ import annotations

from django.db.backends.postgresql import base, operations


class DatabaseOperations(operations.DatabaseOperations):
    # Django's own PostgreSQL compiler turns bulk_create into INSERT .. SELECT FROM UNNEST, which Citus runs through
    # COPY, and COPY is refused under row-level security. The general compiler writes plain VALUES.
    compiler_module = "django.db.models.sql.compiler"


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations
