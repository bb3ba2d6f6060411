"""How are many rows written at once? One statement a table: arrays in, rows out, and a rule for rows that are there already."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg

from goodword.store.sql.connect import array_literal


class Bulk:
    """Writes rows of one client; every statement names the client, for the engine sees all."""

    def __init__(self, conn: psycopg.Connection[Any], client_id: str) -> None:
        self.conn = conn
        self.client_id = client_id

    def add(self, table: str, columns: dict[str, str], rows: Iterable[Sequence[Any]]) -> None:
        """Insert rows that cannot be there yet; `columns` maps names to types."""
        listed = list(rows)
        if not listed:
            return
        names = ", ".join(columns)
        arrays = ", ".join(f"%s::{type_}[]" for type_ in columns.values())
        self.conn.execute(
            f"INSERT INTO {table} (client_id, {names}) SELECT %s::uuid, {names} FROM unnest({arrays}) AS new({names})",
            [self.client_id, *(array_literal(column) for column in zip(*listed, strict=True))],
        )

    def put(
        self, table: str, key: str, columns: dict[str, str], rows: Iterable[Sequence[Any]], on_conflict: str = ""
    ) -> None:
        """Insert rows by arrays; `columns` maps names to types. On conflict: update all, or what `on_conflict` says."""
        listed = list(rows)
        if not listed:
            return
        names = ", ".join(columns)
        taken = ", ".join(f"{name}::{type_}" if type_.endswith("[]") else name for name, type_ in columns.items())
        arrays = ", ".join("%s::text[]" if type_.endswith("[]") else f"%s::{type_}[]" for type_ in columns.values())
        keys = {part.strip() for part in key.split(",")}
        changed = on_conflict or "UPDATE SET " + ", ".join(
            f"{name} = excluded.{name}" for name in columns if name not in keys
        )
        self.conn.execute(
            f"INSERT INTO {table} (client_id, {names}) SELECT %s::uuid, {taken} FROM unnest({arrays}) AS new({names})"
            f" ON CONFLICT ({key}) DO {changed}",
            [self.client_id, *(array_literal(column) for column in zip(*listed, strict=True))],
        )
