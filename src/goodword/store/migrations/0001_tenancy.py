"""Who works here, for which client: users, clients, memberships, lanes, keys of systems."""

import django.contrib.postgres.fields
import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import goodword.store.models.base
from goodword.store.migrations._roles import require_roles


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.RunPython(require_roles, migrations.RunPython.noop, elidable=False),
        migrations.CreateModel(
            name="User",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(), primary_key=True, serialize=False
                    ),
                ),
                ("email", models.EmailField(max_length=254, unique=True)),
                ("name", models.TextField(db_default="", default="")),
                ("is_active", models.BooleanField(db_default=True, default=True)),
                ("language", models.TextField(db_default="", default="")),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "db_table": "store_user",
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("email"), name="store_user_email_lower"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Client",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(), primary_key=True, serialize=False
                    ),
                ),
                ("slug", models.TextField(unique=True)),
                ("name", models.TextField()),
                ("legal_name", models.TextField(db_default="", default="")),
                ("currency", models.TextField(db_default="EUR", default="EUR")),
                ("timezone", models.TextField(db_default="UTC", default="UTC")),
                ("code_prefix", models.TextField(unique=True)),
                ("colour", models.TextField(db_default="", default="")),
                (
                    "hosts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), db_default=[], default=list, size=None
                    ),
                ),
                ("landing", models.JSONField(db_default={}, default=dict)),
                ("consent", models.JSONField(db_default={}, default=dict)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "db_table": "client",
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(), primary_key=True, serialize=False
                    ),
                ),
                ("role", models.TextField()),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "client",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to="store.client",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "membership",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "client", "role"), name="membership_once_per_role", nulls_distinct=False
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Lane",
            fields=[
                ("client_id", models.UUIDField(primary_key=True, serialize=False)),
                ("cursor_xid", goodword.store.models.base.Xid8Field(db_default=0, default=0)),
                ("cursor_seq", models.BigIntegerField(db_default=0, default=0)),
                ("decision_seq", models.BigIntegerField(db_default=0, default=0)),
                ("clock", models.DateTimeField(null=True)),
                ("held_at", models.DateTimeField(null=True)),
                ("version", models.BigIntegerField(db_default=0, default=0)),
            ],
            options={
                "db_table": "lane",
            },
        ),
        migrations.CreateModel(
            name="ApiKey",
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
                ("hash", models.BinaryField()),
                ("last4", models.TextField()),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), db_default=[], default=list, size=None
                    ),
                ),
                ("source", models.TextField(db_default="api", default="api")),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("expires_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                ("last_used_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "api_key",
                "constraints": [models.UniqueConstraint(fields=("client_id", "hash"), name="api_key_hash")],
            },
        ),
    ]
