"""The list of referrals is counted from its indexes alone: what is no row of the list is told by them too."""

from django.db import migrations, models

_LISTED = (
    ("referral_due", {"fields": ["client_id", "next_due_at"], "condition": models.Q(next_due_at__isnull=False)}),
    ("referral_list", {"fields": ["client_id", "state", "created_at", "id"]}),
    ("referral_latest", {"fields": ["client_id", "created_at", "id"]}),
    ("referral_joined", {"fields": ["client_id", "bound_at", "id"]}),
)


class Migration(migrations.Migration):
    dependencies = [("store", "0029_stopped")]

    operations = [
        operation
        for name, index in _LISTED
        for operation in (
            migrations.RemoveIndex("referral", name),
            migrations.AddIndex("referral", models.Index(name=name, include=["kind"], **index)),
        )
    ]
