"""What would leak or break if we served now? Read from the database's own catalogue, before the first request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg

from goodword.errors import DatabaseTrouble, Unsafe
from goodword.house.roles import APP, ENGINE, OLDEST_VERSION, OWNER, Urls

LONG_TRANSACTION_SECONDS = 10


@dataclass(frozen=True)
class Fault:
    """One thing found; `is_fatal` when serving with it would leak."""

    what: str
    why: str
    repair: str
    is_fatal: bool = True


# Each query returns one text per offender; nothing found means nothing returned.
_CATALOGUE: tuple[tuple[LiteralString, str, str, str], ...] = (
    (
        "SELECT format('%%s is %%s', rolname, concat_ws(', ', CASE WHEN rolsuper THEN 'superuser' END,"
        " CASE WHEN rolbypassrls THEN 'BYPASSRLS' END)) FROM pg_roles"
        " WHERE rolname = %(app)s AND (rolsuper OR rolbypassrls)",
        "The role {} and would see every client's rows.",
        "Row-level security does not hold such a role back.",
        "ALTER ROLE goodword_app NOSUPERUSER NOBYPASSRLS",
    ),
    (
        "SELECT r.rolname::text FROM pg_roles r WHERE (r.rolsuper OR r.rolname IN (%(owner)s, %(engine)s))"
        " AND r.rolname <> %(app)s AND pg_has_role(%(app)s, r.oid, 'MEMBER')",
        "The role goodword_app may become {}.",
        "A member can SET ROLE and leave row-level security behind.",
        "REVOKE {} FROM goodword_app",
    ),
    (
        "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner"
        " WHERE r.rolname = %(app)s AND c.relkind IN ('r', 'p', 'v', 'm') AND c.relpersistence <> 't'",
        "The table {} belongs to goodword_app.",
        "An owner may switch off its own row-level security.",
        "ALTER TABLE {} OWNER TO goodword_owner",
    ),
    (
        "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
        " AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'client_id'"
        " AND NOT a.attisdropped) AND NOT (c.relrowsecurity AND c.relforcerowsecurity)",
        "The table {} holds clients' rows without forced row-level security.",
        "Every reader would see the rows of every client.",
        "Run the migrations of this version: goodword manage migrate",
    ),
    (
        "SELECT p.polrelid::regclass::text FROM pg_policy p WHERE NOT p.polpermissive",
        "The table {} has a RESTRICTIVE policy.",
        "A cluster of Citus makes such policies permissive without a word.",
        "Put the whole predicate into the one permissive policy.",
    ),
    (
        "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = 'public' AND c.relispartition AND c.relkind IN ('r', 'p')"
        " AND has_table_privilege(%(app)s, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')",
        "goodword_app may reach the partition {} directly.",
        "Partitions inherit no policy: asked by its own name it shows every client's rows.",
        "REVOKE ALL ON {} FROM goodword_app",
    ),
    (
        "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = 'public' AND c.relkind IN ('v', 'm') AND has_table_privilege(%(app)s, c.oid, 'SELECT')"
        " AND NOT coalesce('security_invoker=true' = ANY (c.reloptions), false)",
        "The view {} reads with its owner's rights.",
        "Row-level security is not asked behind it.",
        "ALTER VIEW {} SET (security_invoker = true)",
    ),
    (
        "SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE n.nspname = 'public' AND p.prosecdef AND (has_function_privilege(%(app)s, p.oid, 'EXECUTE')"
        " OR NOT EXISTS (SELECT FROM unnest(p.proconfig) c WHERE c LIKE 'search_path=%%'))",
        "The function {} runs with its owner's rights.",
        "It may be called by goodword_app, or be led astray by a search path.",
        "REVOKE EXECUTE ON FUNCTION {} FROM PUBLIC, and give it a fixed search_path",
    ),
)


def catalogue_faults(url: str) -> list[Fault]:
    """What the catalogue says against serving; `url` is any role's, the owner's sees most."""
    names = {"app": APP, "engine": ENGINE, "owner": OWNER}
    with psycopg.connect(url) as connection:
        return [
            Fault(what.format(found), why, repair.format(found))
            for query, what, why, repair in _CATALOGUE
            for (found,) in connection.execute(query, names)
        ]


def login_faults(urls: Urls) -> list[Fault]:
    """Does each address log in as somebody who can do its work and no more?"""
    faults = []
    engine_bypasses = _one(urls.engine, "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
    if not engine_bypasses:
        faults.append(
            Fault(
                "GOODWORD_ENGINE_URL logs in as a role under row-level security.",
                "PostgreSQL refuses COPY to such a role; no event could be written.",
                "ALTER ROLE goodword_engine BYPASSRLS",
            )
        )
    name, sees_all = _row(
        urls.app, "SELECT rolname::text, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
    )
    if sees_all or name != APP:
        faults.append(
            Fault(
                f"GOODWORD_DATABASE_URL logs in as {name}.",
                "People's requests must run as goodword_app, which row-level security holds back.",
                "Put goodword_app and its password into that address.",
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


def require_safe(urls: Urls) -> None:
    """Refuse to serve while the database would leak."""
    faults = [fault for fault in (*login_faults(urls), *catalogue_faults(urls.owner)) if fault.is_fatal]
    if faults:
        raise Unsafe(
            "\n".join(fault.what for fault in faults),
            "\n".join(dict.fromkeys(fault.why for fault in faults)),
            "\n".join(dict.fromkeys(fault.repair for fault in faults)),
        )


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


def _row(url: str, query: LiteralString) -> tuple[Any, ...]:
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
    return row or (None, None)


def _one(url: str, query: LiteralString) -> Any:
    return _row(url, query)[0]
