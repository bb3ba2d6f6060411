"""Creators with their contracts, briefs and posts."""

from typing import Any

import django.contrib.postgres.functions
import django.db.models.functions.datetime
from django.db import migrations, models

import goodword.store.models.base
from goodword.store import grants

_TABLES = ("creator", "creator_contract", "creator_brief", "creator_post")


def _key() -> models.CompositePrimaryKey:
    return models.CompositePrimaryKey(
        "client_id", "id", blank=True, editable=False, primary_key=True, serialize=False
    )


def _row() -> list[tuple[str, Any]]:
    return [
        ("client_id", models.UUIDField()),
        ("id", models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID())),
        ("pk", _key()),
    ]


def _now() -> Any:
    return models.DateTimeField(db_default=django.db.models.functions.datetime.Now())


class Migration(migrations.Migration):
    dependencies = [("store", "0023_days")]

    operations = [
        migrations.CreateModel(
            name="Creator",
            fields=[
                *_row(),
                ("program_id", models.UUIDField()),
                ("state", models.TextField(db_default="applied", default="applied")),
                ("state_at", _now()),
                ("source", models.TextField()),
                ("party_id", models.UUIDField(null=True)),
                ("email_token", models.UUIDField(null=True)),
                ("phone_token", models.UUIDField(null=True)),
                ("code", goodword.store.models.base.OptionalText(null=True)),
                ("why", models.TextField(db_default="", default="")),
                ("sealed", models.BinaryField(null=True)),
                ("link_hash", models.BinaryField(null=True)),
                ("link_until", models.DateTimeField(null=True)),
                ("applied_at", _now()),
            ],
            options={
                "db_table": "creator",
                "constraints": [
                    models.UniqueConstraint(fields=["client_id", "link_hash"], name="creator_link"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["applied", "declined", "vetted", "active", "paused", "ended"])
                        ),
                        name="creator_state",
                    ),
                ],
                "indexes": [
                    models.Index(fields=["client_id", "program_id", "email_token"], name="creator_email"),
                    models.Index(fields=["client_id", "party_id"], name="creator_party"),
                ],
            },
        ),
        migrations.CreateModel(
            name="CreatorContract",
            fields=[
                *_row(),
                ("creator_id", models.UUIDField()),
                ("number", models.IntegerField()),
                ("text_sealed", models.BinaryField(null=True)),
                ("text_hash", models.TextField()),
                ("gifts", models.TextField()),
                ("starts_at", models.DateTimeField(null=True)),
                ("offered_by", models.TextField()),
                ("offered_at", _now()),
                ("accepted_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "creator_contract",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["client_id", "creator_id", "number"], name="creator_contract_number"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CreatorBrief",
            fields=[
                *_row(),
                ("program_id", models.UUIDField()),
                ("creator_id", models.UUIDField(null=True)),
                ("number", models.IntegerField()),
                ("sealed", models.BinaryField(null=True)),
                ("by", models.TextField()),
                ("at", _now()),
            ],
            options={
                "db_table": "creator_brief",
                "indexes": [
                    models.Index(
                        fields=["client_id", "program_id", "creator_id", "number"], name="creator_brief_of"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CreatorPost",
            fields=[
                *_row(),
                ("creator_id", models.UUIDField()),
                ("sealed", models.BinaryField(null=True)),
                ("posted_on", models.DateField()),
                ("disclosure", models.TextField()),
                ("evidence_hash", models.TextField(db_default="", default="")),
                ("state", models.TextField()),
                ("by", models.TextField()),
                ("at", _now()),
                ("checked_by", models.TextField(db_default="", default="")),
                ("checked_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "creator_post",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["due", "stated", "verified", "missing"])),
                        name="creator_post_state",
                    ),
                ],
                "indexes": [
                    models.Index(fields=["client_id", "creator_id", "posted_on"], name="creator_post_of"),
                ],
            },
        ),
        migrations.RunSQL(
            [statement for table in _TABLES for statement in grants.isolation(table)],
            [f"DROP POLICY tenant ON {table}" for table in _TABLES],
        ),
    ]
