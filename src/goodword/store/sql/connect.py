"""How do the engine's processes speak to PostgreSQL? Ids as 32 hex digits, moments in UTC, rows in bulk by arrays.

psycopg only. Lists go as text array literals, built column by column in C-speed passes: adapting Python lists value by value
cost a quarter of the chain's time. No COPY, which waits for its answer: statements can follow each other in a pipeline.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.pq import Format

from goodword.errors import DatabaseTrouble

Connection = psycopg.Connection[tuple[Any, ...]]

# A writer that starts on empty tables plans for empty tables and keeps that plan: measured 2.3 times slower.
_PINNED_PLANS = "-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c jit=off"


class _HexFromText(Loader):
    """uuid -> 32 lower-case hex digits, as the core writes ids."""

    format = Format.TEXT

    def load(self, data: Buffer) -> str:
        return str(data, "ascii").replace("-", "")


class _HexFromBytes(Loader):
    format = Format.BINARY

    def load(self, data: Buffer) -> str:
        return bytes(data).hex()


def connect(
    url: str,
    role: str = "engine",
    *,
    pinned_plans: bool = False,
    statement_timeout_s: float = 60.0,
    lock_timeout_s: float = 0.0,
    autocommit: bool = True,
) -> Connection:
    """A connection of the chain. `role` names the part that speaks: it shows in pg_stat_activity.

    Blocks of several statements say `with conn.transaction():`. A writer pins its plans.
    """
    options = [
        "-c timezone=UTC",
        f"-c statement_timeout={int(statement_timeout_s * 1000)}",
        f"-c lock_timeout={int(lock_timeout_s * 1000)}",
        "-c bytea_output=hex -c intervalstyle=iso_8601",
    ]
    if pinned_plans:
        options.append(_PINNED_PLANS)
    try:
        conn = psycopg.connect(
            url,
            autocommit=autocommit,
            connect_timeout=10,
            application_name=f"goodword {role}",
            options=" ".join(options),
        )
    except psycopg.OperationalError as trouble:
        raise DatabaseTrouble(
            f"The database did not let the {role} in.",
            _without_secrets(str(trouble)),
            "See that PostgreSQL runs and that the address and password of this role are right.",
        ) from None
    adapt(conn)
    return conn


def adapt(conn: psycopg.Connection[Any]) -> None:
    """Read ids as the core writes them. Moments need nothing: in a session at UTC psycopg gives them in UTC."""
    conn.adapters.register_loader("uuid", _HexFromText)
    conn.adapters.register_loader("uuid", _HexFromBytes)


def array_literal(values: Iterable[Any]) -> str:
    """PostgreSQL's text form of a list: a parameter to write as `%s::uuid[]`, `%s::text[]` and so on."""
    listed = values if isinstance(values, list | tuple) else list(values)
    kinds = set(map(type, listed))
    if len(kinds) == 1 and listed.count(listed[0]) == len(listed):  # one value all the way down is written once
        return "{" + ",".join([_ELEMENT[kinds.pop()](listed[0])] * len(listed)) + "}"
    if kinds == {str}:
        together = ",".join(listed)
        if _plain_list(together, len(listed)):
            return "{" + together + "}"
    return "{" + ",".join([_ELEMENT[type(value)](value) for value in listed]) + "}"


class _ByType(dict[type, Callable[[Any], str]]):
    """How to write a value of a type, or of the nearest type it is a kind of (an enum of strings is a string)."""

    def __missing__(self, kind: type) -> Callable[[Any], str]:
        for base in kind.__mro__:
            if base in self:
                self[kind] = self[base]
                return self[base]
        raise TypeError(f"no way to write a {kind.__name__} into a row")


# ---- Array literals.

_PLAIN_ELEMENT = re.compile(r"[A-Za-z0-9_.:+\-]+\Z")


_UNPLAIN = re.compile(r"[^A-Za-z0-9_.:+\-,]")


def _plain_list(together: str, count: int) -> bool:
    """Whether no element needs quotes: one look at all of them, which is the rule for ids and tokens."""
    return (
        together.count(",") == count - 1
        and not _UNPLAIN.search(together)
        and ",," not in together
        and together[:1] not in ("", ",")
        and together[-1] != ","
        and "null" not in together.lower()
    )


def _quoted(value: str) -> str:
    if _PLAIN_ELEMENT.match(value) and value.lower() != "null":
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


_ELEMENT = _ByType(
    {
        str: _quoted,
        int: int.__repr__,
        bool: lambda value: "t" if value else "f",
        datetime: datetime.isoformat,
        date: date.isoformat,
        bytes: lambda value: '"\\\\x' + value.hex() + '"',
        bytearray: lambda value: '"\\\\x' + value.hex() + '"',
        UUID: lambda value: value.hex,
        type(None): lambda value: "NULL",
    }
)


def _without_secrets(told: str) -> str:
    """libpq names host, port, user and database in its errors, never the password; keep it to one line."""
    return " ".join(told.split())[:300]
