"""Programs, their versions, and codes."""

import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0002_people"),
    ]

    operations = [
        migrations.CreateModel(
            name="Code",
            fields=[
                ("client_id", models.UUIDField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "client_id", "code", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("code", models.TextField()),
                ("program_id", models.UUIDField(null=True)),
                ("party_id", models.UUIDField(null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "program",
                    models.ForeignObject(
                        from_fields=("client_id", "program_id"),
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="store.program",
                        to_fields=("client_id", "id"),
                    ),
                ),
            ],
            options={
                "db_table": "code",
                "indexes": [models.Index(fields=["client_id", "party_id"], name="code_party")],
            },
        ),
        migrations.CreateModel(
            name="Program",
            fields=[
                ("client_id", models.UUIDField()),
                ("id", models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID())),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "client_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("slug", models.TextField()),
                ("name", models.TextField()),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "db_table": "program",
                "constraints": [models.UniqueConstraint(fields=("client_id", "slug"), name="program_slug")],
            },
        ),
        migrations.CreateModel(
            name="ProgramVersion",
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
                ("state", models.TextField(db_default="draft", default="draft")),
                ("document", models.TextField()),
                ("terms_hash", models.TextField()),
                ("live_from", models.DateTimeField(null=True)),
                ("live_until", models.DateTimeField(null=True)),
                ("published_by", models.TextField(db_default="", default="")),
                ("published_at", models.DateTimeField(null=True)),
                (
                    "program",
                    models.ForeignObject(
                        from_fields=("client_id", "program_id"),
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="store.program",
                        to_fields=("client_id", "id"),
                    ),
                ),
            ],
            options={
                "db_table": "program_version",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("client_id", "program_id", "number"), name="program_version_number"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["draft", "tested", "live", "retired"])),
                        name="program_version_state",
                    ),
                ],
            },
        ),
    ]
