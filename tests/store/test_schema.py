"""Is every table what the rules for isolation and for Citus ask? The catalogue, the models and the rights compared."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from goodword.store import grants
from goodword.store.startup import leaks

from .conftest import ACME

pytestmark = pytest.mark.usefixtures("web", "two_clients")


def tenant_models() -> list[Any]:
    from django.apps import apps

    from goodword.store.models.base import TenantModel

    return [model for model in apps.get_app_config("store").get_models() if issubclass(model, TenantModel)]


def test_the_migrated_database_leaks_nowhere(app: psycopg.Connection[Any]) -> None:
    assert list(leaks(app)) == []


def test_models_and_migrations_say_the_same(web: None) -> None:
    from django.apps import apps
    from django.db.migrations.autodetector import MigrationAutodetector
    from django.db.migrations.loader import MigrationLoader
    from django.db.migrations.state import ProjectState

    loader = MigrationLoader(None, ignore_no_migrations=True)
    detector = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps))
    changes = detector.changes(graph=loader.graph)
    assert {label: [m.operations for m in found] for label, found in changes.items() if label == "store"} == {}


def test_the_log_has_the_columns_that_its_model_names(owner: psycopg.Connection[Any]) -> None:
    from goodword.store.models import Event

    columns = owner.execute(
        "SELECT column_name, udt_name, is_nullable FROM information_schema.columns WHERE table_name = 'event'"
    ).fetchall()
    kinds = {"UUIDField": "uuid", "DateTimeField": "timestamptz", "BigIntegerField": "int8", "Xid8Field": "xid8",
             "TextField": "text", "BinaryField": "bytea"}  # fmt: skip
    named = {(f.column, kinds[type(f).__name__], "NO") for f in Event._meta.concrete_fields if f.column}
    assert named == set(columns)


def test_every_model_of_a_client_is_kept_to_it(owner: psycopg.Connection[Any]) -> None:
    for model in tenant_models():
        table = model._meta.db_table
        keys = [field.column for field in model._meta.pk_fields]
        assert keys[0] == "client_id", f"{table}: the key begins with the client (Citus)"
        assert table in grants.TENANT, f"{table}: say in store/grants.py who may do what"
        row = owner.execute(
            "SELECT c.relrowsecurity AND c.relforcerowsecurity,"
            " (SELECT array_agg(p.polpermissive) FROM pg_policy p WHERE p.polrelid = c.oid)"
            " FROM pg_class c WHERE c.oid = %s::regclass",
            (table,),
        ).fetchone()
        assert row is not None, f"{table}: no such table"
        forced, policies = row
        assert (table, forced, policies) == (table, True, [True])


def test_every_unique_key_of_a_client_holds_the_client(owner: psycopg.Connection[Any]) -> None:
    found = owner.execute(
        "SELECT i.indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid"
        " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'client_id'"
        " WHERE i.indisunique AND NOT a.attnum = ANY(i.indkey) AND c.relname <> 'membership'"
        " AND c.relnamespace = 'public'::regnamespace"
    ).fetchall()
    assert found == []


def test_no_trigger_and_no_restrictive_policy(owner: psycopg.Connection[Any]) -> None:
    """Citus refuses the one on distributed tables and loses the other in silence."""
    assert owner.execute("SELECT polname FROM pg_policy WHERE NOT polpermissive").fetchall() == []
    triggers = owner.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal").fetchall()
    assert triggers == []


def granted(conn: psycopg.Connection[Any], role: str) -> dict[str, set[str]]:
    """What a role may do, as the catalogue has it: SELECT, or UPDATE (column)."""
    rows = conn.execute(
        "SELECT c.relname, a.privilege_type FROM pg_class c, aclexplode(c.relacl) a"
        " WHERE a.grantee = %(role)s::regrole AND c.relnamespace = 'public'::regnamespace"
        " UNION ALL SELECT c.relname, a.privilege_type || ' (' || t.attname || ')'"
        " FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid, aclexplode(t.attacl) a"
        " WHERE a.grantee = %(role)s::regrole AND c.relnamespace = 'public'::regnamespace",
        {"role": role},
    ).fetchall()
    found: dict[str, set[str]] = {}
    for table, right in rows:
        found.setdefault(table, set()).add(right)
    return found


def spelled(rights: str) -> set[str]:
    """`SELECT, UPDATE (a, b)` -> {SELECT, UPDATE (a), UPDATE (b)}."""
    if "(" not in rights:
        return {part.strip() for part in rights.split(",") if part.strip()}
    plain, columns = rights.split("UPDATE (")
    return spelled(plain.rstrip(", ")) | {f"UPDATE ({column.strip()})" for column in columns.rstrip(")").split(",")}


@pytest.mark.parametrize("role", ["app", "engine", "ops"])
def test_rights_are_what_the_table_of_rights_says(owner: psycopg.Connection[Any], role: str) -> None:
    wanted = {name: spelled(getattr(rights, role)) for name, rights in (grants.RIGHTS | grants.SEQUENCES).items()}
    assert granted(owner, f"goodword_{role}") == {name: rights for name, rights in wanted.items() if rights}


def test_every_table_has_an_entry_and_public_has_nothing(owner: psycopg.Connection[Any]) -> None:
    with owner.cursor() as cursor:
        existing = grants.existing(cursor)
    tables = {name for name in existing if not name.endswith("_seq") and not grants.is_partition(name)}
    assert tables == set(grants.RIGHTS)
    public = owner.execute(
        "SELECT c.relname FROM pg_class c, aclexplode(c.relacl) a"
        " WHERE a.grantee = 0 AND c.relnamespace = 'public'::regnamespace"
    ).fetchall()
    assert public == []


def test_the_engine_cannot_reach_people_who_sign_in(engine: psycopg.Connection[Any]) -> None:
    for table in ("store_user", "membership", "django_session"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            engine.execute(f"SELECT 1 FROM {table}")


def test_what_was_recorded_cannot_be_changed_even_by_the_engine(engine: psycopg.Connection[Any]) -> None:
    for statement in ("UPDATE event SET facts = ''", "DELETE FROM entry", "UPDATE decision SET verdict = 'x'",
                      "DELETE FROM event_key", "UPDATE checkpoint SET note = ''", "TRUNCATE event"):  # fmt: skip
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            engine.execute(statement)


def test_a_filled_database_migrates_as_the_owner_and_the_rows_change(owner: psycopg.Connection[Any]) -> None:
    """Without BYPASSRLS, forced row security would let the owner's UPDATE touch no row, in silence."""
    assert owner.execute("UPDATE referral SET subject = 'moved'").rowcount == 2
    assert owner.execute("SELECT count(*) FROM referral WHERE subject = 'moved'").fetchone() == (2,)


def test_save_writes_no_client_and_update_refuses_one(web: None) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from goodword.store.models import Program
    from goodword.store.scope import client_scope

    with client_scope(ACME):
        program = Program.objects.order_by("slug")[0]
        program.name = "Acme canary renamed"
        with CaptureQueriesContext(connection) as ran:
            program.save()
        told = ran.captured_queries[-1]["sql"]
        assert told.startswith("UPDATE") and '"client_id" =' not in told.split("WHERE")[0]
        with pytest.raises(ValueError, match="never changes"):
            Program.objects.update(client_id=ACME)


def test_bulk_create_writes_plain_values(web: None) -> None:
    from django.db import connection, transaction
    from django.test.utils import CaptureQueriesContext

    from goodword.store.models import Program
    from goodword.store.scope import client_scope

    with client_scope(ACME), CaptureQueriesContext(connection) as ran:
        made = Program.objects.bulk_create([Program(client_id=ACME, slug=f"bulk{n}", name="x") for n in range(3)])
        assert all(program.id for program in made), "the database gave the ids"
        transaction.set_rollback(True)
    inserts = [query["sql"] for query in ran.captured_queries if query["sql"].startswith("INSERT")]
    assert len(inserts) == 1
    assert "UNNEST" not in inserts[0].upper()


def test_joins_carry_the_client_on_both_sides(web: None) -> None:
    from goodword.store.models import Entry, Referral
    from goodword.store.scope import client_scope

    with client_scope(ACME):
        assert Referral.objects.select_related("program").get().program.name.startswith("Acme")
        sql = str(Entry.objects.select_related("source", "destination").query)
    assert sql.count('"entry"."client_id" = ') == 2
