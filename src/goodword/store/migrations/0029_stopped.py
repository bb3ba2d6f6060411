"""Every version says since when it promises nothing more: a program may be stopped, promise again, and be stopped again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0028_served")]

    operations = [
        migrations.AddField("programversion", "stopped_at", models.DateTimeField(null=True)),
        migrations.RunSQL(
            "UPDATE program_version v SET stopped_at = p.stopped_at FROM program p WHERE p.client_id = v.client_id"
            " AND p.id = v.program_id AND p.stopped_at IS NOT NULL AND v.number <= p.stopped_version"
            " AND v.state IN ('live', 'retired')",
            migrations.RunSQL.noop,
        ),
    ]
