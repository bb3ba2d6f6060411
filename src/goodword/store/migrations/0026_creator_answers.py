"""A creator may decline an offer, with a note; a client says whether it works with creators; their list is walked by an index."""

from django.db import migrations, models

_WITH_CREATORS = (
    "UPDATE client c SET has_creators = true WHERE EXISTS (SELECT 1 FROM creator r WHERE r.client_id = c.id) OR EXISTS"
    " (SELECT 1 FROM program_version v WHERE v.client_id = c.id AND v.state <> 'draft'"
    " AND v.document::jsonb ->> 'contracts' IS NOT NULL)"
)


class Migration(migrations.Migration):
    dependencies = [("store", "0025_texts")]

    operations = [
        migrations.AddField("creatorcontract", "declined_at", models.DateTimeField(null=True)),
        migrations.AddField("creatorcontract", "note_sealed", models.BinaryField(null=True)),
        migrations.AddField("client", "has_creators", models.BooleanField(db_default=False, default=False)),
        migrations.AddIndex(
            "creator", models.Index(fields=["client_id", "state", "-state_at", "id"], name="creator_state_at")
        ),
        migrations.RunSQL(_WITH_CREATORS, migrations.RunSQL.noop),
    ]
