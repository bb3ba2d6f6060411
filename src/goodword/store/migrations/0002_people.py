"""Parties, what identifies them, and their sealed details."""

import django.contrib.postgres.functions
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0001_tenancy"),
    ]

    operations = [
        migrations.CreateModel(
            name="Party",
            fields=[
                ("client_id", models.UUIDField()),
                ("id", models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID())),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "client_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.TextField(db_default="person", default="person")),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("known_since", models.DateTimeField(null=True)),
                ("purchased_at", models.DateTimeField(null=True)),
                ("organization_id", models.UUIDField(null=True)),
                ("erased_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "party",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["person", "organization"])), name="party_kind"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Identifier",
            fields=[
                ("client_id", models.UUIDField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "client_id",
                        "kind",
                        "token",
                        "party_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("kind", models.TextField()),
                ("token", models.UUIDField()),
                ("party_id", models.UUIDField()),
                ("since", models.DateTimeField()),
            ],
            options={
                "db_table": "identifier",
                "indexes": [models.Index(fields=["client_id", "party_id"], name="identifier_party")],
            },
        ),
        migrations.CreateModel(
            name="Trait",
            fields=[
                ("client_id", models.UUIDField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "client_id",
                        "kind",
                        "token",
                        "party_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("kind", models.TextField()),
                ("token", models.UUIDField()),
                ("party_id", models.UUIDField()),
                ("first_at", models.DateTimeField()),
            ],
            options={
                "db_table": "trait",
                "indexes": [models.Index(fields=["client_id", "party_id"], name="trait_party")],
            },
        ),
        migrations.CreateModel(
            name="Personal",
            fields=[
                ("client_id", models.UUIDField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "client_id", "party_id", "field", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("party_id", models.UUIDField()),
                ("field", models.TextField()),
                ("sealed", models.BinaryField()),
                ("updated_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "db_table": "personal",
            },
        ),
        migrations.CreateModel(
            name="Attribute",
            fields=[
                ("client_id", models.UUIDField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "client_id",
                        "party_id",
                        "name",
                        "valid_from",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("party_id", models.UUIDField()),
                ("name", models.TextField()),
                ("valid_from", models.DateTimeField()),
                ("value_sealed", models.BinaryField()),
            ],
            options={
                "db_table": "attribute",
            },
        ),
        migrations.CreateModel(
            name="AudienceMember",
            fields=[
                ("client_id", models.UUIDField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "client_id",
                        "audience",
                        "party_id",
                        "since",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("audience", models.TextField()),
                ("party_id", models.UUIDField()),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "audience_member",
                "indexes": [models.Index(fields=["client_id", "party_id"], name="audience_member_party")],
            },
        ),
    ]
