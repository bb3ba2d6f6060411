"""The log by month, its keys and bodies, and what could not be decided."""

import django.contrib.postgres.functions
import django.db.models.functions.datetime
from django.db import migrations, models

import goodword.store.models.base
import goodword.store.models.events
from goodword.store.partitions import CREATE_LOG, DROP_LOG


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0003_programs"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(list(CREATE_LOG), list(DROP_LOG))],
            state_operations=[
                migrations.CreateModel(
                    name="Event",
                    fields=[
                        ("client_id", models.UUIDField()),
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "client_id",
                                "id",
                                "received_at",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("id", models.UUIDField()),
                        ("received_at", models.DateTimeField()),
                        ("seq", models.BigIntegerField(db_default=goodword.store.models.events.NextEventSeq())),
                        (
                            "xid",
                            goodword.store.models.base.Xid8Field(db_default=goodword.store.models.events.CurrentXid()),
                        ),
                        ("at", models.DateTimeField()),
                        ("source", models.TextField()),
                        ("type", models.TextField()),
                        ("body_hash", models.BinaryField()),
                        ("facts", models.TextField()),
                    ],
                    options={
                        "db_table": "event",
                        "indexes": [models.Index(fields=["client_id", "xid", "seq"], name="event_lane")],
                    },
                ),
            ],
        ),
        migrations.CreateModel(
            name="EventKey",
            fields=[
                ("client_id", models.UUIDField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "client_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField()),
                ("body_hash", models.BinaryField()),
                ("received_at", models.DateTimeField()),
            ],
            options={
                "db_table": "event_key",
            },
        ),
        migrations.CreateModel(
            name="EventBody",
            fields=[
                ("client_id", models.UUIDField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "client_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField()),
                ("key_id", models.UUIDField()),
                ("party_id", models.UUIDField(null=True)),
                ("sealed", models.BinaryField()),
            ],
            options={
                "db_table": "event_body",
                "indexes": [
                    models.Index(
                        condition=models.Q(("party_id__isnull", False)),
                        fields=["client_id", "party_id"],
                        name="event_body_party",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DeadLetter",
            fields=[
                ("client_id", models.UUIDField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "client_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField()),
                ("reason", models.TextField()),
                ("detail", models.TextField(db_default="", default="")),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("attempts", models.IntegerField(db_default=1, default=1)),
                ("resolved_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "dead_letter",
                "indexes": [
                    models.Index(
                        condition=models.Q(("resolved_at", None)), fields=["client_id", "at"], name="dead_letter_open"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RejectedEvent",
            fields=[
                ("client_id", models.UUIDField()),
                ("id", models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID())),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "client_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("received_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("source", models.TextField()),
                ("problem", models.TextField()),
                ("sealed", models.BinaryField()),
            ],
            options={
                "db_table": "rejected_event",
                "indexes": [models.Index(fields=["client_id", "received_at"], name="rejected_event_received")],
            },
        ),
        migrations.CreateModel(
            name="Trail",
            fields=[
                ("client_id", models.UUIDField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "client_id", "owner", "event_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("owner", models.UUIDField()),
                ("event_id", models.UUIDField()),
                ("at", models.DateTimeField()),
                ("facts", models.TextField()),
            ],
            options={
                "db_table": "trail",
            },
        ),
    ]
