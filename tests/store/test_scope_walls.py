"""What stands when our own guard is gone? Bare SQL as the app role: nothing, one client, or an error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any
from uuid import UUID

import psycopg
import pytest

from goodword.store.grants import TENANT
from goodword.store.partitions import ensure_ahead

from .conftest import ACME, CARL, GLOBEX

pytestmark = pytest.mark.usefixtures("two_clients")
READABLE = sorted(table for table, rights in TENANT.items() if "SELECT" in rights.app)


@contextmanager
def scope(conn: psycopg.Connection[Any], read: str, write: UUID | str = "") -> Iterator[None]:
    with conn.transaction(force_rollback=True):
        conn.execute(f"SET LOCAL app.client_ids = '{read}'")
        conn.execute(f"SET LOCAL app.client_id = '{write}'")
        yield


def count(conn: psycopg.Connection[Any], table: str, where: str = "true") -> int:
    row = conn.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("table", READABLE)
def test_without_a_scope_there_are_no_rows(app: psycopg.Connection[Any], table: str) -> None:
    assert count(app, table) == 0
    with scope(app, ""):
        assert count(app, table) == 0
    with scope(app, "00000000-0000-0000-0000-00000000dead"):
        assert count(app, table) == 0


def test_one_client_sees_itself_alone(app: psycopg.Connection[Any]) -> None:
    with scope(app, str(ACME), ACME):
        for table, wanted in (("program", 3), ("referral", 1), ("event", 5), ("lane", 1)):
            assert count(app, table) == wanted
            assert count(app, table, f"client_id = '{GLOBEX}'") == 0
            assert count(app, table, f"client_id <> '{ACME}' OR client_id = '{GLOBEX}' OR true") == wanted
        assert count(app, "referral r JOIN program p ON p.id = r.program_id OR true") == 3
    with scope(app, f"{ACME},{GLOBEX}"):
        assert count(app, "program") == 6


@pytest.mark.parametrize("forged", ["x", f"{ACME}'", "{}", f"{ACME};{GLOBEX}", "*", "%"])
def test_a_forged_scope_is_an_error_or_nothing(app: psycopg.Connection[Any], forged: str) -> None:
    with pytest.raises(psycopg.errors.InvalidTextRepresentation), app.transaction(force_rollback=True):
        app.execute("SELECT set_config('app.client_ids', %s, true)", (forged,))
        count(app, "program")


def test_nothing_is_written_for_another_client(app: psycopg.Connection[Any]) -> None:
    insert = "INSERT INTO program (client_id, slug, name) VALUES (%s, 'x', 'x')"
    with pytest.raises(psycopg.errors.InsufficientPrivilege), scope(app, str(ACME), ACME):
        app.execute(insert, (GLOBEX,))
    with pytest.raises(psycopg.errors.InsufficientPrivilege), scope(app, f"{ACME},{GLOBEX}"):
        app.execute(insert, (ACME,))
    with pytest.raises(psycopg.errors.InsufficientPrivilege), scope(app, f"{ACME},{GLOBEX}", ACME):
        app.execute("UPDATE program SET client_id = %s WHERE client_id = %s", (GLOBEX, ACME))
    with pytest.raises(psycopg.errors.InsufficientPrivilege), scope(app, f"{ACME},{GLOBEX}", ACME):
        app.execute("UPDATE program SET name = 'x' WHERE client_id = %s", (GLOBEX,))
    with scope(app, str(ACME), ACME):
        assert app.execute("UPDATE program SET name = 'x' WHERE client_id = %s", (GLOBEX,)).rowcount == 0
        assert app.execute("SELECT 1 FROM program FOR UPDATE SKIP LOCKED").rowcount == 3
        app.execute(insert, (ACME,))


def test_another_clients_key_is_no_oracle(app: psycopg.Connection[Any]) -> None:
    """The same id or slug as another client's is simply free."""
    with scope(app, str(ACME), ACME):
        row = app.execute("SELECT md5('globex1')::uuid").fetchone()
        assert row is not None
        app.execute("INSERT INTO program (client_id, id, slug, name) VALUES (%s, %s, 'globex-1', 'x')", (ACME, row[0]))


def test_partitions_are_closed(app: psycopg.Connection[Any], engine: psycopg.Connection[Any]) -> None:
    ensure_ahead(engine, date(2026, 11, 22))
    walked = app.execute(
        "WITH RECURSIVE tree AS (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'event'::regclass"
        " UNION SELECT i.inhrelid FROM pg_inherits i JOIN tree t ON t.inhrelid = i.inhparent)"
        " SELECT inhrelid::regclass::text FROM tree JOIN pg_class c ON c.oid = inhrelid WHERE c.relkind IN ('r', 'p')"
    ).fetchall()
    assert len(walked) == 5, "DEFAULT, this month and three ahead"
    for (partition,) in walked:
        for conn in (app, engine):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(f"SELECT 1 FROM {partition}")
    with scope(app, str(GLOBEX)):
        assert count(app, "event") == 5


def test_a_partition_granted_by_mistake_still_shows_nothing(
    app: psycopg.Connection[Any], owner: psycopg.Connection[Any]
) -> None:
    owner.execute("GRANT SELECT ON event_default TO goodword_app")
    try:
        with scope(app, f"{ACME},{GLOBEX}"):
            assert count(app, "event_default") == 0
    finally:
        owner.execute("REVOKE SELECT ON event_default FROM goodword_app")


def test_memberships_follow_the_person(app: psycopg.Connection[Any]) -> None:
    assert count(app, "membership") == 0
    with app.transaction(force_rollback=True):
        app.execute(f"SET LOCAL app.user_id = '{CARL}'")
        assert count(app, "membership") == 1
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute(
            "INSERT INTO membership (user_id, client_id, role) VALUES (%s, %s, 'administrator')", (CARL, GLOBEX)
        )


def test_the_web_may_not_become_anybody_else(app: psycopg.Connection[Any]) -> None:
    for role in ("goodword_owner", "goodword_engine", "goodword_ops"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute(f"SET ROLE {role}")
    for statement in ("ALTER TABLE program NO FORCE ROW LEVEL SECURITY", "SET row_security = off; SELECT * FROM program",
                      "COPY program TO STDOUT", "SELECT ensure_month('2030-01-01')", "CREATE TABLE own (x int)",
                      "DELETE FROM event", "UPDATE entry SET amount_minor = 1", "SELECT nextval('event_seq')"):  # fmt: skip
        if statement.startswith("COPY"):
            with app.cursor().copy(statement) as copied:
                assert list(copied) == []
            continue
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute(statement)
        app.execute("SET row_security = on")


def test_dropping_a_policy_would_be_seen_here(owner: psycopg.Connection[Any], app: psycopg.Connection[Any]) -> None:
    """The mutation: with a policy that lets everything through, the counts of this file are other counts."""
    with owner.transaction():
        owner.execute("ALTER POLICY tenant ON program USING (true)")
    try:
        assert count(app, "program") == 6
    finally:
        from goodword.store.grants import isolation

        owner.execute("DROP POLICY tenant ON program")
        owner.execute(isolation("program")[-1])
    assert count(app, "program") == 0
