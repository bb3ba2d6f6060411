"""The outbox, and the runs of imports."""

import django.contrib.postgres.functions
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0007_proof"),
    ]

    operations = [
        migrations.CreateModel(
            name="Outbox",
            fields=[
                ("client_id", models.UUIDField()),
                ("id", models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID())),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "client_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.TextField()),
                ("body", models.TextField()),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("attempts", models.IntegerField(db_default=0, default=0)),
                ("next_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("delivered_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "outbox",
                "indexes": [
                    models.Index(
                        condition=models.Q(("delivered_at", None)), fields=["client_id", "next_at"], name="outbox_open"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportRun",
            fields=[
                ("client_id", models.UUIDField()),
                ("id", models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID())),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "client_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.TextField()),
                ("file_name", models.TextField()),
                ("file_hash", models.BinaryField()),
                ("source", models.TextField(db_default="api", default="api")),
                ("as_of", models.DateTimeField(null=True)),
                ("rows_ok", models.BigIntegerField(db_default=0, default=0)),
                ("rows_same", models.BigIntegerField(db_default=0, default=0)),
                ("rows_bad", models.BigIntegerField(db_default=0, default=0)),
                ("state", models.TextField(db_default="running", default="running")),
                ("started_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("finished_at", models.DateTimeField(null=True)),
                ("started_by", models.TextField(db_default="", default="")),
            ],
            options={
                "db_table": "import_run",
                "indexes": [models.Index(fields=["client_id", "started_at"], name="import_run_started")],
            },
        ),
    ]
