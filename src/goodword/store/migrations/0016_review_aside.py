"""What is held can wait for an answer, be handed to a colleague and be written about; each client says how soon it is looked at."""

import django.contrib.postgres.functions
from django.db import migrations, models

from goodword.store import grants

_TABLES = ("review_pause", "review_handover", "review_message")
_OF_ONE = (
    "pk",
    models.CompositePrimaryKey(
        "client_id", "referral_id", blank=True, editable=False, primary_key=True, serialize=False
    ),
)


class Migration(migrations.Migration):
    dependencies = [("store", "0015_drafting")]

    operations = [
        migrations.AddField("client", "review_hours", models.IntegerField(db_default=24, default=24)),
        migrations.CreateModel(
            name="ReviewPause",
            fields=[
                ("client_id", models.UUIDField()),
                _OF_ONE,
                ("referral_id", models.UUIDField()),
                ("user_id", models.UUIDField()),
                ("why", models.TextField()),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("paused_seconds", models.BigIntegerField()),
            ],
            options={"db_table": "review_pause"},
        ),
        migrations.CreateModel(
            name="ReviewHandover",
            fields=[
                ("client_id", models.UUIDField()),
                _OF_ONE,
                ("referral_id", models.UUIDField()),
                ("from_user_id", models.UUIDField()),
                ("to_user_id", models.UUIDField()),
                ("note_sealed", models.BinaryField()),
                ("at", models.DateTimeField()),
            ],
            options={"db_table": "review_handover"},
        ),
        migrations.CreateModel(
            name="ReviewMessage",
            fields=[
                ("client_id", models.UUIDField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "client_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID())),
                ("referral_id", models.UUIDField()),
                ("party_id", models.UUIDField()),
                ("user_id", models.UUIDField()),
                ("text_sealed", models.BinaryField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "review_message",
                "indexes": [models.Index(fields=["client_id", "referral_id", "at"], name="review_message_of")],
            },
        ),
        migrations.RunSQL(
            [statement for table in _TABLES for statement in grants.isolation(table)],
            [f"DROP POLICY tenant ON {table}" for table in _TABLES],
        ),
    ]
