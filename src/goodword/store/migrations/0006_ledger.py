"""Accounts, entries and daily sums."""

import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0005_referrals"),
    ]

    operations = [
        migrations.CreateModel(
            name="Account",
            fields=[
                ("client_id", models.UUIDField()),
                ("id", models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID())),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "client_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.TextField()),
                ("asset", models.TextField()),
                ("floor_minor", models.BigIntegerField(null=True)),
                ("posted_minor", models.BigIntegerField(db_default=0, default=0)),
                ("pending_minor", models.BigIntegerField(db_default=0, default=0)),
            ],
            options={
                "db_table": "account",
                "constraints": [models.UniqueConstraint(fields=("client_id", "name", "asset"), name="account_name")],
            },
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("client_id", models.UUIDField()),
                ("id", models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID())),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "client_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("seq", models.BigIntegerField()),
                ("decision_id", models.UUIDField()),
                ("source_id", models.UUIDField()),
                ("destination_id", models.UUIDField()),
                ("asset", models.TextField()),
                ("amount_minor", models.BigIntegerField()),
                ("phase", models.TextField()),
                ("of_id", models.UUIDField(null=True)),
                ("reason", models.TextField()),
                ("at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("referral_id", models.UUIDField(null=True)),
                ("reward_id", models.UUIDField(null=True)),
                (
                    "destination",
                    models.ForeignObject(
                        from_fields=("client_id", "destination_id"),
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="store.account",
                        to_fields=("client_id", "id"),
                    ),
                ),
                (
                    "source",
                    models.ForeignObject(
                        from_fields=("client_id", "source_id"),
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="store.account",
                        to_fields=("client_id", "id"),
                    ),
                ),
            ],
            options={
                "db_table": "entry",
                "indexes": [
                    models.Index(fields=["client_id", "seq"], name="entry_seq"),
                    models.Index(fields=["client_id", "referral_id"], name="entry_referral"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("amount_minor__gt", 0)), name="entry_amount"),
                    models.CheckConstraint(
                        condition=models.Q(("phase__in", ["pending", "posted", "post", "void"])), name="entry_phase"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Rollup",
            fields=[
                ("client_id", models.UUIDField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "client_id",
                        "program_id",
                        "day",
                        "metric",
                        "asset",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("program_id", models.UUIDField()),
                ("day", models.DateField()),
                ("metric", models.TextField()),
                ("asset", models.TextField(db_default="", default="")),
                ("n", models.BigIntegerField(db_default=0, default=0)),
                ("amount_minor", models.BigIntegerField(db_default=0, default=0)),
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
                "db_table": "rollup",
            },
        ),
    ]
