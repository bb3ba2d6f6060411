"""What does a code lead to? Codes of all clients, read when first asked for and remembered until their client changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
import psycopg
from psycopg.rows import tuple_row

from goodword.store.sql.connect import array_literal

_CODES_KEPT = 200_000


class CodeState(msgspec.Struct, frozen=True):
    """A code as it stands. `party_id` is the advocate, None for a code of the client's own (a campaign)."""

    client_id: str
    code: str
    program_id: str | None
    party_id: str | None
    ended_at: datetime | None = None

    def has_ended(self, at: datetime) -> bool:
        return self.ended_at is not None and self.ended_at <= at


class CodeBook:
    """A bounded memory of codes, unknown ones included; those are forgotten every second, so that a new code works at once."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, CodeState]] = {}
        self._former: dict[str, dict[str, CodeState]] = {}
        self._unknown: set[tuple[str, str]] = set()
        self._count = 0

    def get(self, client_id: str, code: str) -> CodeState | None:
        """The code if it is remembered."""
        return self._known.get(client_id, {}).get(code)

    def get_former(self, client_id: str, code: str) -> CodeState | None:
        """The code as it was before its client changed: better than nothing while the database is away."""
        return self._former.get(client_id, {}).get(code)

    def is_unknown(self, client_id: str, code: str) -> bool:
        """Whether it was asked for within the last second and did not exist."""
        return (client_id, code) in self._unknown

    def learn(self, wanted: Iterable[tuple[str, str]], found: dict[tuple[str, str], CodeState]) -> None:
        if self._count + len(found) > _CODES_KEPT:
            self._known, self._former, self._count = {}, {}, 0
        for (client_id, code), state in found.items():
            self._known.setdefault(client_id, {})[code] = state
        self._count += len(found)
        if len(self._unknown) < _CODES_KEPT:
            self._unknown.update(key for key in wanted if key not in found)

    def forget_unknown(self) -> None:
        self._unknown = set()

    def forget(self, client_ids: Iterable[str]) -> None:
        for client_id in client_ids:
            if known := self._known.pop(client_id, {}):
                self._count -= len(known)
                self._former[client_id] = known


def find_codes(
    conn: psycopg.Connection[Any], wanted: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], CodeState]:
    """(client, code in upper case) -> its state, for those that exist; one query for all."""
    if not wanted:
        return {}
    with conn.cursor(row_factory=tuple_row) as cursor:
        cursor.execute(
            "SELECT c.client_id, c.code, c.program_id, c.party_id, c.ended_at"
            " FROM unnest(%s::uuid[], %s::text[]) AS w(client_id, code)"
            " JOIN code c ON c.client_id = w.client_id AND c.code = w.code",
            (array_literal([client_id for client_id, _ in wanted]), array_literal([code for _, code in wanted])),
        )
        return {(row[0], row[1]): CodeState(*row) for row in cursor.fetchall()}


def read_live_document(
    conn: psycopg.Connection[Any], client_id: str, program_id: str
) -> tuple[str, str, int, datetime] | None:
    """(slug, document, number, live from) of a program's live version, None where none is live."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        cursor.execute(
            "SELECT p.slug, v.document, v.number, v.live_from FROM program p JOIN program_version v"
            " ON v.client_id = p.client_id AND v.program_id = p.id"
            " WHERE p.client_id = %s::uuid AND p.id = %s::uuid AND v.state = 'live' ORDER BY v.number DESC LIMIT 1",
            (client_id, program_id),
        )
        return cursor.fetchone()
