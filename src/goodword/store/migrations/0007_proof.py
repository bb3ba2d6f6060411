"""Acts of people, leaves, checkpoints; wrapped keys and erasures."""

import django.contrib.postgres.functions
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0006_ledger"),
    ]

    operations = [
        migrations.CreateModel(
            name="Action",
            fields=[
                ("client_id", models.UUIDField()),
                ("id", models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID())),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "client_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("seq", models.BigIntegerField(null=True)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("actor", models.TextField()),
                ("role", models.TextField(db_default="", default="")),
                ("verb", models.TextField()),
                ("object_kind", models.TextField(db_default="", default="")),
                ("object_id", models.TextField(db_default="", default="")),
                ("before_commit", models.BinaryField(db_default=b"", default=b"")),
                ("after_commit", models.BinaryField(db_default=b"", default=b"")),
                ("detail_sealed", models.BinaryField(null=True)),
                ("request_id", models.TextField(db_default="", default="")),
            ],
            options={
                "db_table": "action",
                "indexes": [
                    models.Index(fields=["client_id", "at"], name="action_at"),
                    models.Index(fields=["client_id", "object_kind", "object_id"], name="action_object"),
                ],
            },
        ),
        migrations.CreateModel(
            name="LeafBatch",
            fields=[
                ("client_id", models.UUIDField()),
                ("id", models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID())),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "client_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("decision_seq", models.BigIntegerField(db_default=0, default=0)),
                ("first_leaf", models.BigIntegerField(null=True)),
                ("count", models.IntegerField()),
                ("leaves", models.TextField()),
                ("hashes", models.BinaryField()),
                ("sealed_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "leaf_batch",
                "constraints": [models.UniqueConstraint(fields=("client_id", "first_leaf"), name="leaf_batch_place")],
                "indexes": [
                    models.Index(
                        condition=models.Q(("first_leaf", None)),
                        fields=["client_id", "decision_seq", "id"],
                        name="leaf_batch_unsealed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Tree",
            fields=[
                ("client_id", models.UUIDField(primary_key=True, serialize=False)),
                ("size", models.BigIntegerField(db_default=0, default=0)),
                ("frontier", models.BinaryField(db_default=b"", default=b"")),
            ],
            options={
                "db_table": "tree",
            },
        ),
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                ("client_id", models.UUIDField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "client_id", "size", "created_at", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("size", models.BigIntegerField()),
                ("root", models.BinaryField()),
                ("note", models.TextField()),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "db_table": "checkpoint",
            },
        ),
        migrations.CreateModel(
            name="ClientKey",
            fields=[
                ("client_id", models.UUIDField()),
                ("id", models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID())),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "client_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("purpose", models.TextField()),
                ("period", models.TextField(db_default="", default="")),
                ("wrapped", models.BinaryField()),
                ("kek_id", models.TextField()),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("destroyed_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "client_key",
                "constraints": [
                    models.UniqueConstraint(fields=("client_id", "purpose", "period"), name="client_key_purpose")
                ],
            },
        ),
        migrations.CreateModel(
            name="PersonKey",
            fields=[
                ("client_id", models.UUIDField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "client_id", "party_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("party_id", models.UUIDField()),
                ("wrapped", models.BinaryField()),
                ("client_key_id", models.UUIDField()),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("destroyed_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "person_key",
            },
        ),
        migrations.CreateModel(
            name="Erasure",
            fields=[
                ("client_id", models.UUIDField()),
                ("id", models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID())),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "client_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("party_id", models.UUIDField()),
                ("requested_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("done_at", models.DateTimeField(null=True)),
                ("summary", models.TextField(db_default="", default="")),
            ],
            options={
                "db_table": "erasure",
                "indexes": [models.Index(fields=["client_id", "party_id"], name="erasure_party")],
            },
        ),
        migrations.CreateModel(
            name="Statutory",
            fields=[
                ("client_id", models.UUIDField()),
                ("id", models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID())),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "client_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("party_id", models.UUIDField()),
                ("wrapped", models.BinaryField()),
                ("sealed", models.BinaryField()),
                ("expires_at", models.DateTimeField()),
            ],
            options={
                "db_table": "statutory",
                "indexes": [
                    models.Index(fields=["client_id", "party_id"], name="statutory_party"),
                    models.Index(fields=["client_id", "expires_at"], name="statutory_expires"),
                ],
            },
        ),
    ]
