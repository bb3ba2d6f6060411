"""Can the database do our work: recent enough, an engine that may write, nothing that holds the worker back?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import LiteralString

import psycopg

from goodword.errors import DatabaseTrouble, Unsafe
from goodword.house.roles import ENGINE, OLDEST_VERSION, Urls

LONG_TRANSACTION_SECONDS = 10


@dataclass(frozen=True)
class Fault:
    """One thing found; `is_fatal` when serving with it would leak."""

    what: str
    why: str
    repair: str
    is_fatal: bool = True


def engine_faults(url: str) -> list[Fault]:
    """Can the engine's address do the chain's work? What the web's role must not do is asked in store/startup.py."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT rolname::text, rolbypassrls OR rolsuper, rolsuper FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    assert row is not None, "current_user is always a role"
    name, bypasses, is_superuser = row
    faults = []
    if not bypasses:
        faults.append(
            Fault(
                f"GOODWORD_ENGINE_URL logs in as {name}, a role under row-level security.",
                "PostgreSQL refuses COPY to such a role; no event could be written.",
                f"Log in as {ENGINE}, or: ALTER ROLE {name} BYPASSRLS;",
            )
        )
    if is_superuser:
        faults.append(
            Fault(
                f"GOODWORD_ENGINE_URL logs in as the superuser {name}.",
                "The chain needs its own tables only; a fault in it could then reach everything.",
                f"Log in as {ENGINE}, which `goodword db roles` makes.",
                is_fatal=False,
            )
        )
    return faults


def long_transactions(url: str) -> list[Fault]:
    """Writing transactions that hold back what the worker may read."""
    query: LiteralString = (
        "SELECT format('process %%s (%%s), %%s s', pid, usename, extract(epoch FROM now() - xact_start)::int)"
        " FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()"
        " AND now() - xact_start > make_interval(secs => %(seconds)s)"
    )
    with psycopg.connect(url) as connection:
        rows = connection.execute(query, {"seconds": LONG_TRANSACTION_SECONDS}).fetchall()
    return [
        Fault(
            f"A writing transaction has been open for long: {found}.",
            "Events committed after it began cannot be decided before it ends.",
            "End it, or commit it in smaller parts.",
            is_fatal=False,
        )
        for (found,) in rows
    ]


def require_engine(url: str) -> None:
    """Refuse to serve with an engine that cannot write."""
    for fault in engine_faults(url):
        if fault.is_fatal:
            raise Unsafe(fault.what, fault.why, fault.repair)


def require_version(urls: Urls) -> None:
    """An external server must answer each of the three addresses and be recent enough."""
    for variable, url in urls.as_env().items():
        try:
            with psycopg.connect(url, connect_timeout=10) as connection:
                version = connection.info.server_version
        except psycopg.OperationalError as error:
            raise DatabaseTrouble(
                f"{variable} does not lead to a database.", str(error).strip(), "`goodword db roles` prints the set-up."
            ) from error
        if version < OLDEST_VERSION:
            raise DatabaseTrouble(
                f"PostgreSQL {version // 10000} is too old.",
                "Views that ask row-level security as their reader exist since version 15.",
                "Use PostgreSQL 15 or later, or none: the embedded one needs no installation.",
            )
