"""A program's next version is written on in one working copy, with words and tasks about it."""

import django.contrib.postgres.functions
import django.db.models.functions.datetime
from django.db import migrations, models

from goodword.store import grants

_TABLES = ("working_copy", "working_copy_open", "program_comment")


def _key(*columns: str) -> models.CompositePrimaryKey:
    return models.CompositePrimaryKey(*columns, blank=True, editable=False, primary_key=True, serialize=False)


class Migration(migrations.Migration):
    dependencies = [("store", "0014_review")]

    operations = [
        migrations.CreateModel(
            name="WorkingCopy",
            fields=[
                ("client_id", models.UUIDField()),
                ("pk", _key("client_id", "slug")),
                ("slug", models.TextField()),
                ("document", models.TextField()),
                ("based_on", models.IntegerField(null=True)),
                ("revision", models.IntegerField()),
                ("user_id", models.UUIDField()),
                ("saved_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={"db_table": "working_copy"},
        ),
        migrations.CreateModel(
            name="WorkingCopyOpen",
            fields=[
                ("client_id", models.UUIDField()),
                ("pk", _key("client_id", "slug", "user_id")),
                ("slug", models.TextField()),
                ("user_id", models.UUIDField()),
                ("until", models.DateTimeField()),
            ],
            options={"db_table": "working_copy_open"},
        ),
        migrations.CreateModel(
            name="ProgramComment",
            fields=[
                ("client_id", models.UUIDField()),
                ("pk", _key("client_id", "id")),
                ("id", models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID())),
                ("slug", models.TextField()),
                ("user_id", models.UUIDField()),
                ("place", models.TextField(db_default="", default="")),
                ("words_sealed", models.BinaryField()),
                ("is_task", models.BooleanField(db_default=False, default=False)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("done_at", models.DateTimeField(null=True)),
                ("done_by", models.UUIDField(null=True)),
            ],
            options={"db_table": "program_comment"},
        ),
        migrations.AddIndex(
            "programcomment", models.Index(fields=["client_id", "slug", "at"], name="program_comment_slug")
        ),
        migrations.RunSQL(
            [statement for table in _TABLES for statement in grants.isolation(table)],
            [f"DROP POLICY tenant ON {table}" for table in _TABLES],
        ),
    ]
