"""Rounds of contests, what each referral adds, who leads, committed seeds, and names on boards."""

import django.contrib.postgres.functions
import django.db.models.functions.datetime
from django.db import migrations, models

import goodword.store.models.base
from goodword.store import grants

_TABLES = ("contest_round", "contest_score", "contest_standing", "contest_seed", "contest_name")


def _key(*columns: str) -> models.CompositePrimaryKey:
    return models.CompositePrimaryKey(*columns, blank=True, editable=False, primary_key=True, serialize=False)


class Migration(migrations.Migration):
    dependencies = [("store", "0020_draws")]

    operations = [
        migrations.CreateModel(
            name="ContestRound",
            fields=[
                ("client_id", models.UUIDField()),
                ("id", models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID())),
                ("pk", _key("client_id", "id")),
                ("program_id", models.UUIDField()),
                ("name", models.TextField()),
                ("opens_at", models.DateTimeField()),
                ("closes_at", models.DateTimeField()),
                ("state", models.TextField()),
                ("next_due_at", models.DateTimeField(null=True)),
                ("body", models.TextField()),
            ],
            options={
                "db_table": "contest_round",
                "indexes": [
                    models.Index(fields=["client_id", "program_id", "opens_at"], name="contest_round_program"),
                    models.Index(
                        condition=models.Q(("next_due_at__isnull", False)),
                        fields=["client_id", "next_due_at"],
                        name="contest_round_due",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ContestScore",
            fields=[
                ("client_id", models.UUIDField()),
                ("pk", _key("client_id", "referral_id")),
                ("referral_id", models.UUIDField()),
                ("round_id", models.UUIDField()),
                ("party_id", models.UUIDField()),
                ("value", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("provisional", models.BooleanField()),
                ("excluded", models.BooleanField()),
                ("household", models.UUIDField(null=True)),
                ("team", goodword.store.models.base.OptionalText(null=True)),
            ],
            options={
                "db_table": "contest_score",
                "indexes": [models.Index(fields=["client_id", "round_id", "party_id"], name="contest_score_party")],
            },
        ),
        migrations.CreateModel(
            name="ContestStanding",
            fields=[
                ("client_id", models.UUIDField()),
                ("pk", _key("client_id", "round_id", "party_id")),
                ("round_id", models.UUIDField()),
                ("party_id", models.UUIDField()),
                ("value", models.BigIntegerField()),
                ("friends", models.IntegerField()),
                ("provisional_value", models.BigIntegerField()),
                ("provisional_friends", models.IntegerField()),
                ("reached_at", models.DateTimeField(null=True)),
                ("excluded", models.BooleanField()),
                ("household", models.UUIDField(null=True)),
                ("team", goodword.store.models.base.OptionalText(null=True)),
            ],
            options={
                "db_table": "contest_standing",
                "indexes": [
                    models.Index(
                        models.F("client_id"),
                        models.F("round_id"),
                        models.OrderBy(models.F("value"), descending=True),
                        models.F("reached_at"),
                        name="contest_standing_order",
                    ),
                    models.Index(
                        condition=models.Q(("household__isnull", False)),
                        fields=["client_id", "round_id", "household"],
                        name="contest_standing_home",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ContestSeed",
            fields=[
                ("client_id", models.UUIDField()),
                ("pk", _key("client_id", "round_id")),
                ("round_id", models.UUIDField()),
                ("commitment", models.TextField()),
                ("sealed", models.BinaryField()),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={"db_table": "contest_seed"},
        ),
        migrations.CreateModel(
            name="ContestName",
            fields=[
                ("client_id", models.UUIDField()),
                ("pk", _key("client_id", "party_id")),
                ("party_id", models.UUIDField()),
                ("is_hidden", models.BooleanField()),
                ("sealed", models.BinaryField(null=True)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={"db_table": "contest_name"},
        ),
        migrations.RunSQL(
            [statement for table in _TABLES for statement in grants.isolation(table)],
            [f"DROP POLICY tenant ON {table}" for table in _TABLES],
        ),
    ]
