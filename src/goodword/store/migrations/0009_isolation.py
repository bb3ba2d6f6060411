"""Every client's rows are kept to their scope, months of the log make themselves, updated tables leave room."""

from typing import Any

from django.db import migrations

from goodword.store import grants, partitions

# Named one by one and not read from the models: a later table brings its policy in its own migration.
TENANT_TABLES = (
    "lane", "api_key", "program", "program_version", "code", "event", "event_key", "event_body", "dead_letter",
    "rejected_event", "party", "identifier", "trait", "personal", "attribute", "audience_member", "trail", "referral",
    "reward", "counter", "decision", "account", "entry", "rollup", "leaf_batch", "checkpoint", "tree", "action",
    "client_key", "person_key", "erasure", "statutory", "outbox", "import_run",
)  # fmt: skip
UPDATED_IN_PLACE = ("lane", "event_body", "referral", "reward", "account", "counter", "rollup", "outbox")


def create_functions(apps: Any, schema_editor: Any) -> None:
    """The functions name the schema they live in, so that no search path can lead them astray."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        for statement in partitions.create_functions(cursor.fetchone()[0]):
            cursor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("store", "0008_operations")]

    operations = [
        *[migrations.RunSQL([*grants.isolation(table)], [f"DROP POLICY tenant ON {table}"]) for table in TENANT_TABLES],
        migrations.RunSQL([*grants.membership_isolation()], ["DROP POLICY member ON membership"]),
        *[
            migrations.RunSQL([f"ALTER TABLE {table} SET (fillfactor = 70)"], migrations.RunSQL.noop)
            for table in UPDATED_IN_PLACE
        ],
        migrations.RunPython(create_functions, migrations.RunPython.noop),
    ]
