"""Wallets of points with their lots, and what points were redeemed for."""

import django.contrib.postgres.functions
from django.db import migrations, models

from goodword.store import grants

_TABLES = ("wallet", "redemption")


def _key(*columns: str) -> models.CompositePrimaryKey:
    return models.CompositePrimaryKey(*columns, blank=True, editable=False, primary_key=True, serialize=False)


class Migration(migrations.Migration):
    dependencies = [("store", "0018_records")]

    operations = [
        migrations.CreateModel(
            name="Wallet",
            fields=[
                ("client_id", models.UUIDField()),
                ("id", models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID())),
                ("pk", _key("client_id", "id")),
                ("holder_id", models.UUIDField()),
                ("unit", models.TextField()),
                ("available", models.BigIntegerField()),
                ("next_due_at", models.DateTimeField(null=True)),
                ("body", models.TextField()),
            ],
            options={
                "db_table": "wallet",
                "indexes": [
                    models.Index(fields=["client_id", "holder_id"], name="wallet_holder"),
                    models.Index(
                        condition=models.Q(("next_due_at__isnull", False)),
                        fields=["client_id", "next_due_at"],
                        name="wallet_due",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Redemption",
            fields=[
                ("client_id", models.UUIDField()),
                ("id", models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID())),
                ("pk", _key("client_id", "id")),
                ("wallet_id", models.UUIDField()),
                ("party_id", models.UUIDField()),
                ("program_id", models.UUIDField()),
                ("item", models.TextField()),
                ("quantity", models.IntegerField()),
                ("points", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("cancelled_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "redemption",
                "indexes": [
                    models.Index(fields=["client_id", "wallet_id", "at"], name="redemption_wallet"),
                    models.Index(fields=["client_id", "program_id", "item"], name="redemption_item"),
                ],
            },
        ),
        migrations.RunSQL(
            [statement for table in _TABLES for statement in grants.isolation(table)],
            [f"DROP POLICY tenant ON {table}" for table in _TABLES],
        ),
    ]
