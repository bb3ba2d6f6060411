"""Which four roles does the database have, what may each do, and how does an administrator create them?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

OWNER, ENGINE, APP, OPS = "goodword_owner", "goodword_engine", "goodword_app", "goodword_ops"
LOGINS = (OWNER, ENGINE, APP)
DATABASE = "goodword"
OLDEST_VERSION = 150000  # 15.0: security_invoker views, no CREATE for everybody in public

# owner migrates (and must see every row to change it); engine runs the chain by COPY, which row security refuses;
# app is what people reach and sees what its scope lets through; ops is for a named emergency and cannot log in.
ATTRIBUTES = {
    OWNER: "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE BYPASSRLS",
    ENGINE: "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE BYPASSRLS",
    APP: "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS",
    OPS: "NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE BYPASSRLS",
}


@dataclass(frozen=True)
class Urls:
    """One database, seen by the three roles that log in."""

    owner: str
    engine: str
    app: str

    def __repr__(self) -> str:
        """Addresses hold passwords, and a traceback must not."""
        return "Urls(owner=…, engine=…, app=…)"

    def as_env(self) -> dict[str, str]:
        """For children that may do all three; hand out less where less is needed."""
        return {
            "GOODWORD_OWNER_URL": self.owner,
            "GOODWORD_ENGINE_URL": self.engine,
            "GOODWORD_DATABASE_URL": self.app,
        }


def literal(text: str) -> str:
    """A quoted SQL string."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A quoted SQL name."""
    return '"' + name.replace('"', '""') + '"'


def role_sql(passwords: Mapping[str, str]) -> list[str]:
    """Statements that create the four roles, or bring them to what they should be; to be run by a superuser."""
    statements = []
    for role, attributes in ATTRIBUTES.items():
        statements.append(
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {literal(role)})"
            f" THEN CREATE ROLE {role}; END IF; END $$"
        )
        secret = f" PASSWORD {literal(passwords[role])}" if role in LOGINS else ""
        statements.append(f"ALTER ROLE {role} WITH {attributes}{secret}")
    # Long transactions of people and screens would hold back what the worker may read; the chain's own are short.
    statements.append(f"ALTER ROLE {APP} SET idle_in_transaction_session_timeout = '60s'")
    statements.append(f"ALTER ROLE {APP} SET statement_timeout = '60s'")
    # Whose transaction holds the worker back is hidden from ordinary roles.
    statements.append(f"GRANT pg_read_all_stats TO {OWNER}, {ENGINE}")
    statements.append(f"GRANT pg_read_all_data TO {OPS}")
    return statements


def create_database_sql(database: str = DATABASE, template: str = "template0", locale: str = "") -> str:
    """The statement that makes the database; no locale means the server's own."""
    places = f" ENCODING 'UTF8' LOCALE {literal(locale)}" if locale else ""
    return f"CREATE DATABASE {identifier(database)} OWNER {OWNER} TEMPLATE {identifier(template)}{places}"


def connect_sql(database: str = DATABASE) -> list[str]:
    """Who may enter the database at all."""
    name = identifier(database)
    return [
        f"REVOKE ALL ON DATABASE {name} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {name} TO {OWNER}, {ENGINE}, {APP}, {OPS}",
    ]


def schema_sql() -> list[str]:
    """Inside the database: only the owner makes tables; rights on each table come with its migration."""
    return [
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        f"ALTER SCHEMA public OWNER TO {OWNER}",
        f"GRANT USAGE ON SCHEMA public TO {ENGINE}, {APP}, {OPS}",
    ]


def administrator_script(passwords: Mapping[str, str], database: str = DATABASE) -> str:
    """What `goodword db roles` prints: psql input for the administrator of an external server, safe to run twice."""
    exists = f"SELECT FROM pg_database WHERE datname = {literal(database)}"
    # Text sorts by code point as in the embedded server, on whatever system this one runs.
    create = create_database_sql(database, locale="C")
    lines = [
        "-- Goodword: roles and database. Run by a superuser with psql; PostgreSQL 15 or later. Safe to run again.",
        r"\set ON_ERROR_STOP on",
        *(f"{statement};" for statement in role_sql(passwords)),
        f"SELECT {literal(create)} WHERE NOT EXISTS ({exists}) \\gexec",
        *(f"{statement};" for statement in connect_sql(database)),
        rf"\connect {identifier(database)}",
        *(f"{statement};" for statement in schema_sql()),
    ]
    return "\n".join(lines) + "\n"
