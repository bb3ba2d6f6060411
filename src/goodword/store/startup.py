"""Would serving now show one client's rows to another? The check before every start; it reads the database's catalogue.

It is asked as the web's role and trusts nothing that migrations say they did: roles, policies, indexes, partitions,
functions and views are read as they are. Every leak found is named with its repair.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg

from goodword.errors import Unsafe

from .grants import APP, CLIENT_READ, CLIENT_WRITE, ENGINE, HOUSE_POLICIES, OWNER, TENANT, house_isolation

_MIGRATE = "Run `goodword manage migrate` as the owner."


@dataclass(frozen=True)
class Leak:
    """One way in which rows could be seen by others, and what closes it."""

    code: str
    what: str
    repair: str


def check_isolation(conn: psycopg.Connection[Any]) -> None:
    """Refuse to serve where `leaks` finds any. `conn` is the connection the web would use."""
    found = list(leaks(conn))
    if found:
        raise Unsafe(
            "Goodword does not start: rows of one client could be seen by another.",
            "\n".join(f"- {leak.what}" for leak in found),
            "\n".join(f"- {repair}" for repair in dict.fromkeys(leak.repair for leak in found)),
        )


def leaks(conn: psycopg.Connection[Any]) -> Iterator[Leak]:
    """All that is wrong, roles first."""
    yield from _role(conn)
    tables = {name: facts for name, *facts in conn.execute(_TABLES).fetchall()}
    for name in sorted(TENANT.keys() - tables.keys()):
        yield Leak("missing_table", f"The table {name} is missing.", _MIGRATE)
    policies = _policies(conn)
    for name, (enabled, forced, is_indexed) in sorted(tables.items()):
        yield from _table(name, enabled, forced, is_indexed, policies.get(name, []))
    for name in HOUSE_POLICIES:
        yield from _of_house(conn, name, policies.get(name, []))
    yield from _around(conn)


_ROLE = """
    SELECT current_user, r.rolsuper, r.rolbypassrls,
           EXISTS (SELECT FROM pg_roles o WHERE o.rolname = ANY(%s) AND pg_has_role(current_user, o.oid, 'MEMBER')),
           EXISTS (SELECT FROM pg_class c WHERE c.relowner = r.oid AND c.relkind IN ('r', 'p', 'v', 'm')
                   AND c.relnamespace = current_schema()::regnamespace),
           pg_has_role(current_user, %s, 'MEMBER')
    FROM pg_roles r WHERE r.rolname = current_user
"""


def _role(conn: psycopg.Connection[Any]) -> Iterator[Leak]:
    row = conn.execute(_ROLE, ([OWNER, ENGINE], APP)).fetchone()
    assert row is not None, "current_user is always a role"
    name, is_super, bypasses, is_member, owns, is_app = row
    repair = f"Let GOODWORD_DATABASE_URL name {APP} as `goodword db roles` makes it."
    if is_super:
        yield Leak("superuser", f"The web's role {name} is a superuser.", repair)
    if bypasses:
        yield Leak("bypass", f"The web's role {name} bypasses row-level security.", f"ALTER ROLE {name} NOBYPASSRLS;")
    if is_member and not is_super:
        yield Leak("member", f"The web's role {name} may become the owner or the engine.", repair)
    if owns:
        yield Leak("owner", f"The web's role {name} owns tables.", f"ALTER TABLE ... OWNER TO {OWNER}; {repair}")
    if not is_app:
        yield Leak("stranger", f"The web's role {name} is not {APP}, to whom the policies speak.", repair)


# Partitions are looked at by themselves. A table is a client's if it says client_id, whatever the code believes.
_TABLES = """
    SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity,
           EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indkey[0] = a.attnum AND i.indisvalid)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'client_id' AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> 'membership'
      AND c.relnamespace = current_schema()::regnamespace
"""
_POLICIES = """
    SELECT c.relname, p.polname, p.polpermissive, p.polcmd,
           p.polroles = ARRAY[(SELECT oid FROM pg_roles WHERE rolname = %s)],
           pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)
    FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
    WHERE c.relnamespace = current_schema()::regnamespace
"""
_Policy = tuple[str, bool, str, bool, str | None, str | None]


def _policies(conn: psycopg.Connection[Any]) -> dict[str, list[_Policy]]:
    found: dict[str, list[_Policy]] = {}
    for table, name, permissive, command, to_app, read, write in conn.execute(_POLICIES, (APP,)).fetchall():
        kind = command.decode() if isinstance(command, bytes) else command
        found.setdefault(table, []).append((name, permissive, kind, to_app, read, write))
    return found


def _table(name: str, enabled: bool, forced: bool, is_indexed: bool, policies: list[_Policy]) -> Iterator[Leak]:
    if not (enabled and forced):
        yield Leak(
            "not_forced",
            f"The table {name} does not force row-level security.",
            f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY; ALTER TABLE {name} FORCE ROW LEVEL SECURITY;",
        )
    wanted = ("tenant", True, "*", True, _bare(CLIENT_READ), _bare(CLIENT_WRITE))
    seen = [(*policy[:4], _bare(policy[4] or ""), _bare(policy[5] or "")) for policy in policies]
    if seen != [wanted]:
        told = "has no policy" if not seen else "has other policies than the one of its clients"
        yield Leak(
            "policy",
            f"The table {name} {told}.",
            f"As the owner: DROP POLICY every policy on {name}, then CREATE POLICY tenant ON {name} TO {APP}"
            f" USING ({CLIENT_READ}) WITH CHECK ({CLIENT_WRITE});",
        )
    if not is_indexed:
        yield Leak(
            "no_index",
            f"The table {name} has no index that begins with client_id: every look at one client reads all.",
            f"CREATE INDEX ON {name} (client_id);",
        )


_COMMANDS = {"SELECT": "r", "INSERT": "a", "UPDATE": "w", "DELETE": "d"}


def _of_house(conn: psycopg.Connection[Any], table: str, policies: list[_Policy]) -> Iterator[Leak]:
    """Memberships and settings of clients have policies of their own: exactly those, for the web's role alone."""
    row = conn.execute(
        "SELECT relrowsecurity AND relforcerowsecurity FROM pg_class"
        " WHERE relname = %s AND relnamespace = current_schema()::regnamespace",
        (table,),
    ).fetchone()
    seen = {(*policy[:4], _bare(policy[4] or ""), _bare(policy[5] or "")) for policy in policies}
    wanted = {
        (name, True, _COMMANDS[command], True, _bare(shown), _bare(written))
        for name, command, shown, written in HOUSE_POLICIES[table]
    }
    if not row or not row[0] or seen != wanted:
        yield Leak(
            table,
            f"The table {table} does not keep its rows to those whom they concern.",
            f"As the owner: DROP POLICY every policy on {table}, then "
            + "; ".join(statement for statement in house_isolation(table) if "IF EXISTS" not in statement)
            + ";",
        )


_PARTITIONS = """
    WITH RECURSIVE tree AS (
        SELECT i.inhrelid AS oid FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent
        WHERE p.relkind = 'p' AND p.relnamespace = current_schema()::regnamespace
        UNION SELECT i.inhrelid FROM pg_inherits i JOIN tree t ON t.oid = i.inhparent
    )
    SELECT c.relname FROM tree t JOIN pg_class c ON c.oid = t.oid
    WHERE c.relkind IN ('r', 'p', 'f')
      AND (has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
           OR has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE, REFERENCES'))
    ORDER BY 1
"""
_NO_DEFAULT = """
    SELECT p.relname FROM pg_partitioned_table t JOIN pg_class p ON p.oid = t.partrelid
    WHERE t.partdefid = 0 AND p.relnamespace = current_schema()::regnamespace
"""
_VIEWS = """
    SELECT c.relname FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace
      AND has_table_privilege(c.oid, 'SELECT') AND (c.relkind = 'm' OR (c.relkind = 'v'
           AND NOT coalesce('security_invoker=true' = ANY(c.reloptions) OR 'security_invoker=on' = ANY(c.reloptions), false)))
"""
_FUNCTIONS = """
    SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.prosecdef
      AND p.pronamespace = current_schema()::regnamespace AND has_function_privilege(p.oid, 'EXECUTE')
"""


def _around(conn: psycopg.Connection[Any]) -> Iterator[Leak]:
    """Doors beside the tables: partitions inherit no policy; views and functions may run with their owner's rights."""
    for (name,) in conn.execute(_PARTITIONS).fetchall():
        yield Leak(
            "partition",
            f"The web's role has rights on the partition {name}, which no policy covers.",
            f"REVOKE ALL ON {name} FROM PUBLIC, {APP};",
        )
    for (name,) in conn.execute(_NO_DEFAULT).fetchall():
        yield Leak(
            "no_default",
            f"The table {name} has no DEFAULT partition: events of a month not yet made would be refused.",
            f"CREATE TABLE {name}_default PARTITION OF {name} DEFAULT; REVOKE ALL ON {name}_default FROM PUBLIC, {APP};",
        )
    for (name,) in conn.execute(_VIEWS).fetchall():
        yield Leak(
            "view",
            f"The view {name} is read with its owner's rights.",
            f"ALTER VIEW {name} SET (security_invoker = true); a materialized view: REVOKE ALL ON {name} FROM {APP};",
        )
    for (name,) in conn.execute(_FUNCTIONS).fetchall():
        yield Leak(
            "function",
            f"The web's role may call {name}, which runs with its owner's rights.",
            f"REVOKE EXECUTE ON FUNCTION {name} FROM PUBLIC, {APP};",
        )


def _bare(expression: str) -> str:
    """An expression without what PostgreSQL adds when it prints one: brackets, blanks, casts of texts, capitals."""
    return re.sub(r"::text\b|[\s()]", "", expression).lower()
