"""A version is tested, asked for, approved and published; each of it is on record. What a version says never changes."""

import django.contrib.postgres.fields
import django.contrib.postgres.functions
import django.db.models.functions.datetime
from django.db import migrations, models

from goodword.store import grants

_TABLES = ("version_test", "version_release", "version_approval")


def _key(*columns: str) -> models.CompositePrimaryKey:
    return models.CompositePrimaryKey(*columns, blank=True, editable=False, primary_key=True, serialize=False)


class Migration(migrations.Migration):
    dependencies = [("store", "0016_review_aside")]

    operations = [
        migrations.AddField("client", "publishing", models.JSONField(db_default={}, default=dict)),
        migrations.AddField("program", "stopped_at", models.DateTimeField(null=True)),
        migrations.AddField("program", "stopped_version", models.IntegerField(null=True)),
        migrations.CreateModel(
            name="VersionTest",
            fields=[
                ("client_id", models.UUIDField()),
                ("pk", _key("client_id", "id")),
                ("id", models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID())),
                ("program_id", models.UUIDField()),
                ("number", models.IntegerField()),
                ("kind", models.TextField()),
                ("passed", models.BooleanField()),
                ("figures", models.TextField()),
                ("by", models.TextField()),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={"db_table": "version_test"},
        ),
        migrations.CreateModel(
            name="VersionRelease",
            fields=[
                ("client_id", models.UUIDField()),
                ("pk", _key("client_id", "id")),
                ("id", models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID())),
                ("program_id", models.UUIDField()),
                ("number", models.IntegerField()),
                ("state", models.TextField(db_default="waiting", default="waiting")),
                ("live_from", models.DateTimeField(null=True)),
                ("moves", models.BooleanField()),
                (
                    "named",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), db_default=[], default=list, size=None
                    ),
                ),
                ("note", models.TextField()),
                ("roles", django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ("change_percent", models.FloatField(null=True)),
                ("by", models.TextField()),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={"db_table": "version_release"},
        ),
        migrations.CreateModel(
            name="VersionApproval",
            fields=[
                ("client_id", models.UUIDField()),
                ("pk", _key("client_id", "id")),
                ("id", models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID())),
                ("release_id", models.UUIDField()),
                ("role", models.TextField()),
                ("name_sealed", models.BinaryField(null=True)),
                ("token_hash", models.BinaryField(null=True)),
                ("expires_at", models.DateTimeField(null=True)),
                ("asked_by", models.TextField()),
                ("asked_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("granted", models.BooleanField(null=True)),
                ("comment_sealed", models.BinaryField(null=True)),
                ("by", models.TextField(db_default="", default="")),
                ("at", models.DateTimeField(null=True)),
                ("text_hash", models.TextField(db_default="", default="")),
            ],
            options={"db_table": "version_approval"},
        ),
        migrations.AddIndex(
            "versiontest", models.Index(fields=["client_id", "program_id", "number"], name="version_test_of")
        ),
        migrations.AddConstraint(
            "versionrelease",
            models.UniqueConstraint(
                fields=["client_id", "program_id"],
                condition=models.Q(state="waiting"),
                name="version_release_one_waiting",
            ),
        ),
        migrations.AddConstraint(
            "versionrelease",
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "published", "withdrawn", "refused"]),
                name="version_release_state",
            ),
        ),
        migrations.AddConstraint(
            "versionapproval",
            models.UniqueConstraint(fields=["client_id", "token_hash"], name="version_approval_token"),
        ),
        migrations.AddIndex(
            "versionapproval", models.Index(fields=["client_id", "release_id"], name="version_approval_of")
        ),
        migrations.RunSQL(
            [statement for table in _TABLES for statement in grants.isolation(table)],
            [f"DROP POLICY tenant ON {table}" for table in _TABLES],
        ),
    ]
