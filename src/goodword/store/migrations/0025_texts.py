"""A version keeps the terms & conditions that were made of it, in every language: evidence, whatever software says later."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0024_creators")]

    operations = [
        migrations.AddField("programversion", "texts", models.TextField(default="{}", db_default="{}")),
    ]
