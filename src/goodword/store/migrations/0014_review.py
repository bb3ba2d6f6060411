"""What screening found stands beside a referral, signals can be switched off, and a review knows who looks at what."""

import django.contrib.postgres.fields
import django.contrib.postgres.functions
import django.db.models.functions.datetime
from django.db import migrations, models

from goodword.store import grants

_TABLES = ("signal_switch", "review_claim", "review_job")
# Of the latest screening only: the last claim of that kind in the body.
_FOUND = """
UPDATE referral r SET points = f.points, signals = f.signals FROM (
  SELECT q.client_id, q.id, (q.claim->>'value')::int AS points,
    ARRAY(SELECT DISTINCT finding->>'signal' FROM json_array_elements(q.claim->'findings') finding) AS signals
  FROM (
    SELECT w.client_id, w.id, (
      SELECT claim FROM json_array_elements(w.body::json->'claims') WITH ORDINALITY AS c(claim, n)
      WHERE claim->>'kind' = 'screening' ORDER BY n DESC LIMIT 1
    ) AS claim
    FROM referral w WHERE w.body LIKE '%"findings":[%'
  ) q WHERE q.claim->'findings' IS NOT NULL
) f WHERE r.client_id = f.client_id AND r.id = f.id
"""


class Migration(migrations.Migration):
    dependencies = [("store", "0013_figures")]

    operations = [
        migrations.AddField("referral", "points", models.IntegerField(null=True)),
        migrations.AddField(
            "referral",
            "signals",
            django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), null=True, size=None),
        ),
        migrations.AddField(
            "referral",
            "without",
            django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), null=True, size=None),
        ),
        # Needs the owner's BYPASSRLS: under forced row security this would else change no row, in silence.
        migrations.RunSQL(_FOUND, migrations.RunSQL.noop),
        migrations.AddIndex(
            "referral",
            models.Index(condition=models.Q(state="held"), fields=["client_id", "points", "id"], name="referral_held"),
        ),
        migrations.AddIndex(
            "referral",
            models.Index(
                condition=models.Q(signals__isnull=False), fields=["client_id", "state_at"], name="referral_flagged"
            ),
        ),
        migrations.AddIndex(
            "referral",
            models.Index(
                condition=models.Q(without__isnull=False), fields=["client_id", "program_id"], name="referral_without"
            ),
        ),
        migrations.CreateModel(
            name="SignalSwitch",
            fields=[
                ("client_id", models.UUIDField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "client_id",
                        "program_id",
                        "signal",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("program_id", models.UUIDField()),
                ("signal", models.TextField()),
                ("is_off", models.BooleanField()),
                ("why", models.TextField()),
                ("at", models.DateTimeField()),
            ],
            options={"db_table": "signal_switch"},
        ),
        migrations.CreateModel(
            name="ReviewClaim",
            fields=[
                ("client_id", models.UUIDField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "client_id", "referral_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("referral_id", models.UUIDField()),
                ("user_id", models.UUIDField()),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
            ],
            options={"db_table": "review_claim"},
        ),
        migrations.CreateModel(
            name="ReviewJob",
            fields=[
                ("client_id", models.UUIDField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "client_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID())),
                ("user_id", models.UUIDField()),
                ("verdict", models.TextField()),
                ("why", models.TextField()),
                (
                    "referrals",
                    django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None),
                ),
                ("seen", django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
                ("done", models.IntegerField(db_default=0, default=0)),
                ("decided", models.IntegerField(db_default=0, default=0)),
                ("missed", models.IntegerField(db_default=0, default=0)),
                ("undoes_id", models.UUIDField(null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={"db_table": "review_job"},
        ),
        migrations.RunSQL(
            [statement for table in _TABLES for statement in grants.isolation(table)],
            [f"DROP POLICY tenant ON {table}" for table in _TABLES],
        ),
    ]
