"""What has to be told, and what was brought in? The outbox of notices, and the runs of imports."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from .base import TenantRow


class Outbox(TenantRow):
    """A notice that was committed with what caused it, until it is delivered."""

    pk = models.CompositePrimaryKey("client_id", "id")
    kind = models.TextField()
    body = models.TextField()
    created_at = models.DateTimeField(db_default=Now())
    attempts = models.IntegerField(default=0, db_default=0)
    next_at = models.DateTimeField(db_default=Now())
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "outbox"
        indexes = [
            models.Index(fields=["client_id", "next_at"], name="outbox_open", condition=models.Q(delivered_at=None)),
            models.Index(
                fields=["client_id", "id"],
                name="outbox_draws",
                condition=models.Q(kind="draw_needed", delivered_at=None),
            ),
        ]


class ImportRun(TenantRow):
    """One file that was read: how many rows were new, the same, or bad."""

    pk = models.CompositePrimaryKey("client_id", "id")
    kind = models.TextField()
    file_name = models.TextField()
    file_hash = models.BinaryField()
    source = models.TextField(default="api", db_default="api")
    as_of = models.DateTimeField(null=True)
    rows_ok = models.BigIntegerField(default=0, db_default=0)
    rows_same = models.BigIntegerField(default=0, db_default=0)
    rows_bad = models.BigIntegerField(default=0, db_default=0)
    state = models.TextField(default="running", db_default="running")
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    started_by = models.TextField(default="", db_default="")

    class Meta:
        db_table = "import_run"
        indexes = [models.Index(fields=["client_id", "started_at"], name="import_run_started")]
