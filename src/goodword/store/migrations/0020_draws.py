"""What waits for a draw is found without reading every notice."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0019_wallets")]

    operations = [
        migrations.AddIndex(
            "outbox",
            models.Index(
                condition=models.Q(kind="draw_needed", delivered_at=None),
                fields=["client_id", "id"],
                name="outbox_draws",
            ),
        ),
    ]
