"""What happened to the points of an account is found without reading the entries of money."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0021_contests")]

    operations = [
        migrations.AddIndex(
            "entry",
            models.Index(
                condition=models.Q(asset__startswith="PTS:"),
                fields=["client_id", f"{side}_id"],
                name=f"entry_points_{name}",
            ),
        )
        for side, name in (("source", "out"), ("destination", "in"))
    ]
