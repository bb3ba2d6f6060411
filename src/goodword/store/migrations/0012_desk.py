"""A person's settings, views and notes not yet sent are kept on the server."""

import django.db.models.functions.datetime
from django.contrib.postgres.functions import RandomUUID
from django.db import migrations, models

from goodword.store import grants

TABLES = ("saved_view", "draft")


class Migration(migrations.Migration):
    dependencies = [("store", "0011_house")]

    operations = [
        migrations.AddField("user", "settings", models.JSONField(db_default={}, default=dict)),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                ("client_id", models.UUIDField()),
                ("id", models.UUIDField(db_default=RandomUUID())),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "client_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("user_id", models.UUIDField()),
                ("room", models.TextField()),
                ("name", models.TextField()),
                ("query", models.TextField(db_default="", default="")),
                ("is_team", models.BooleanField(db_default=False, default=False)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={"db_table": "saved_view"},
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.UniqueConstraint(
                fields=("client_id", "user_id", "room", "name"), name="saved_view_once_per_name"
            ),
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                ("client_id", models.UUIDField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "client_id", "user_id", "place", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("user_id", models.UUIDField()),
                ("place", models.TextField()),
                ("sealed", models.BinaryField()),
                ("updated_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={"db_table": "draft"},
        ),
        *[migrations.RunSQL([*grants.isolation(table)], [f"DROP POLICY tenant ON {table}"]) for table in TABLES],
    ]
