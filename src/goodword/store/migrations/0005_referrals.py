"""Referrals, rewards, counters and decisions."""

import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import goodword.store.models.base


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0004_events"),
    ]

    operations = [
        migrations.CreateModel(
            name="Referral",
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
                ("friend_id", models.UUIDField()),
                ("advocate_id", models.UUIDField(null=True)),
                ("subject", models.TextField(db_default="", default="")),
                ("method", models.TextField(db_default="", default="")),
                ("code", goodword.store.models.base.OptionalText(null=True)),
                ("touch_at", models.DateTimeField(null=True)),
                ("bound_at", models.DateTimeField(null=True)),
                ("version", models.IntegerField(null=True)),
                ("state", models.TextField()),
                ("state_at", models.DateTimeField()),
                ("next_due_at", models.DateTimeField(null=True)),
                ("waits_on", models.UUIDField(null=True)),
                ("body", models.TextField()),
                ("decision_seq", models.BigIntegerField()),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
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
                "db_table": "referral",
                "indexes": [
                    models.Index(fields=["client_id", "friend_id"], name="referral_friend"),
                    models.Index(fields=["client_id", "advocate_id"], name="referral_advocate"),
                    models.Index(
                        condition=models.Q(("next_due_at__isnull", False)),
                        fields=["client_id", "next_due_at"],
                        name="referral_due",
                    ),
                    models.Index(
                        condition=models.Q(("waits_on__isnull", False)),
                        fields=["client_id", "waits_on"],
                        name="referral_waits",
                    ),
                    models.Index(fields=["client_id", "state", "created_at", "id"], name="referral_list"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Reward",
            fields=[
                ("client_id", models.UUIDField()),
                ("id", models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID())),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "client_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("referral_id", models.UUIDField()),
                ("program_id", models.UUIDField()),
                ("payee_id", models.UUIDField()),
                ("role", models.TextField()),
                ("promise", models.TextField()),
                ("kind", models.TextField()),
                ("asset", models.TextField()),
                ("amount_minor", models.BigIntegerField()),
                ("state", models.TextField()),
                ("due_at", models.DateTimeField(null=True)),
                ("granted_at", models.DateTimeField()),
                ("state_at", models.DateTimeField()),
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
                (
                    "referral",
                    models.ForeignObject(
                        from_fields=("client_id", "referral_id"),
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="store.referral",
                        to_fields=("client_id", "id"),
                    ),
                ),
            ],
            options={
                "db_table": "reward",
                "indexes": [
                    models.Index(fields=["client_id", "referral_id"], name="reward_referral"),
                    models.Index(fields=["client_id", "payee_id"], name="reward_payee"),
                    models.Index(fields=["client_id", "state", "due_at"], name="reward_state"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Counter",
            fields=[
                ("client_id", models.UUIDField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "client_id", "key", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("key", models.TextField()),
                ("n", models.BigIntegerField(db_default=0, default=0)),
                ("amount_minor", models.BigIntegerField(db_default=0, default=0)),
            ],
            options={
                "db_table": "counter",
            },
        ),
        migrations.CreateModel(
            name="Decision",
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
                ("event_id", models.UUIDField(null=True)),
                ("cause", models.TextField()),
                ("referral_id", models.UUIDField(null=True)),
                ("clock", models.DateTimeField()),
                ("decided_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("verdict", models.TextField()),
                ("body", models.TextField()),
                (
                    "referral",
                    models.ForeignObject(
                        from_fields=("client_id", "referral_id"),
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="store.referral",
                        to_fields=("client_id", "id"),
                    ),
                ),
            ],
            options={
                "db_table": "decision",
                "indexes": [
                    models.Index(fields=["client_id", "event_id"], name="decision_event"),
                    models.Index(fields=["client_id", "referral_id"], name="decision_referral"),
                ],
                "constraints": [models.UniqueConstraint(fields=("client_id", "seq"), name="decision_seq")],
            },
        ),
    ]
