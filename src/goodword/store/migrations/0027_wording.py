"""What people read of a version is kept as it was written and as it went live; nobody changes a row of it."""

import django.contrib.postgres.functions
import django.db.models.functions.datetime
from django.db import migrations, models

import goodword.store.models.base
from goodword.store import grants

# Texts that were kept with the version itself, by whom and when the log of acts says; they had no friend's text and no mark.
_CARRIED_OVER = (
    "INSERT INTO version_wording (client_id, program_id, number, occasion, mark, texts, by, at)"
    " SELECT v.client_id, v.program_id, v.number, 'kept', '',"
    " (SELECT jsonb_object_agg(key, jsonb_build_object('terms', value, 'friend', ''))::text FROM jsonb_each_text(v.texts::jsonb)),"
    " coalesce(a.actor, ''), coalesce(a.at, now()) FROM program_version v LEFT JOIN LATERAL (SELECT actor, at FROM action"
    " WHERE client_id = v.client_id AND verb = 'program.push' AND object_id = replace(v.id::text, '-', '') LIMIT 1) a ON true"
    " WHERE v.texts <> '{}'"
)


class Migration(migrations.Migration):
    dependencies = [("store", "0026_creator_answers")]

    operations = [
        migrations.CreateModel(
            name="VersionWording",
            fields=[
                ("client_id", models.UUIDField()),
                ("id", models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID())),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "client_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("program_id", models.UUIDField()),
                ("number", models.IntegerField()),
                ("occasion", models.TextField()),
                ("mark", models.TextField()),
                ("texts", models.TextField()),
                ("remarks", goodword.store.models.base.OptionalText(null=True)),
                ("by", models.TextField()),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "db_table": "version_wording",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["client_id", "program_id", "number", "occasion"], name="version_wording_occasion"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("occasion__in", ["kept", "published"])), name="version_wording_known"
                    ),
                ],
            },
        ),
        migrations.RunSQL([*grants.isolation("version_wording")], ["DROP POLICY tenant ON version_wording"]),
        migrations.RunSQL(_CARRIED_OVER, migrations.RunSQL.noop),
        migrations.RemoveField("programversion", "texts"),
    ]
