"""Accounts tell what will leave from what will come; a referral may wait on several people; sign-in has its tables."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0009_isolation"),
    ]

    operations = [
        migrations.CreateModel(
            name="SignInFailure",
            fields=[
                ("subject", models.TextField(primary_key=True, serialize=False)),
                ("failures", models.IntegerField(db_default=0, default=0)),
                ("since", models.DateTimeField()),
                ("locked_until", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "sign_in_failure",
            },
        ),
        migrations.CreateModel(
            name="SignInLink",
            fields=[
                ("token_hash", models.BinaryField(primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "sign_in_link",
            },
        ),
        migrations.RemoveIndex(
            model_name="referral",
            name="referral_waits",
        ),
        migrations.AddField(
            model_name="account",
            name="pending_in_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="account",
            name="pending_out_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        # Needs the owner's BYPASSRLS: under forced row security this would else change no row, in silence.
        migrations.RunSQL(
            "UPDATE account SET pending_in_minor = greatest(pending_minor, 0),"
            " pending_out_minor = greatest(-pending_minor, 0) WHERE pending_minor <> 0",
            migrations.RunSQL.noop,
        ),
        migrations.RemoveField(
            model_name="account",
            name="pending_minor",
        ),
        migrations.AddField(
            model_name="deadletter",
            name="retry_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="counter",
            name="key",
            field=models.TextField(db_collation="C"),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE referral ALTER COLUMN waits_on TYPE uuid[]"
                    " USING CASE WHEN waits_on IS NULL THEN NULL ELSE ARRAY[waits_on] END",
                    "ALTER TABLE referral ALTER COLUMN waits_on TYPE uuid USING waits_on[1]",
                )
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="referral",
                    name="waits_on",
                    field=django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), null=True, size=None
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="deadletter",
            index=models.Index(
                condition=models.Q(("resolved_at", None), ("retry_at__isnull", False)),
                fields=["client_id", "retry_at"],
                name="dead_letter_retry",
            ),
        ),
        migrations.AddIndex(
            model_name="leafbatch",
            index=models.Index(fields=["client_id", "decision_seq"], name="leaf_batch_decision"),
        ),
        migrations.AddIndex(
            model_name="referral",
            index=models.Index(
                condition=models.Q(("waits_on__isnull", False)), fields=["client_id"], name="referral_waits"
            ),
        ),
        migrations.AddIndex(
            model_name="referral",
            index=models.Index(fields=["client_id", "created_at", "id"], name="referral_latest"),
        ),
        migrations.AddField(
            model_name="signinlink",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
    ]
