"""The daily sums say whose days they are: those of UTC so far, counted anew by the worker where a client lives elsewhere."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0022_points_history")]

    operations = [
        migrations.AddField("lane", "counted_in", models.TextField(default="UTC", db_default="UTC")),
    ]
