"""What many referrals together earned one person has a record of its own, which is no referral and is listed as none."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0017_versions")]

    operations = [
        migrations.AddField("referral", "kind", models.TextField(db_default="referral", default="referral")),
        migrations.AddConstraint(
            "referral",
            models.CheckConstraint(condition=models.Q(kind__in=["referral", "own", "record"]), name="referral_kind"),
        ),
    ]
