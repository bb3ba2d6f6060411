"""A client says of which sector it is, where it serves and in which languages; for those there are, nobody said so yet."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0027_wording")]

    operations = [
        migrations.AddField("client", "sector", models.TextField(default="", db_default="")),
        migrations.AddField(
            "client",
            "places",
            django.contrib.postgres.fields.ArrayField(models.TextField(), default=list, db_default=[]),
        ),
        migrations.AddField(
            "client",
            "languages",
            django.contrib.postgres.fields.ArrayField(models.TextField(), default=list, db_default=[]),
        ),
    ]
