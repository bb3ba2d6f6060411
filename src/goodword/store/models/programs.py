"""What does a client promise? Programs and their versions; a published version never changes."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from .base import TenantRow, reference


class Program(TenantRow):
    """What a client promises to people who refer."""

    pk = models.CompositePrimaryKey("client_id", "id")
    slug = models.TextField()
    name = models.TextField()
    created_at = models.DateTimeField(db_default=Now())
    # The last legal stop: since when nothing more is promised by its versions up to this one.
    stopped_at = models.DateTimeField(null=True)
    stopped_version = models.IntegerField(null=True)

    class Meta:
        db_table = "program"
        constraints = [models.UniqueConstraint(fields=["client_id", "slug"], name="program_slug")]


class ProgramVersion(TenantRow):
    """One document of terms, numbered, and the time in which it was in force."""

    pk = models.CompositePrimaryKey("client_id", "id")
    program_id = models.UUIDField()
    number = models.IntegerField()
    state = models.TextField(default="draft", db_default="draft")
    document = models.TextField()
    terms_hash = models.TextField()
    live_from = models.DateTimeField(null=True)
    live_until = models.DateTimeField(null=True)
    # Since when a legal stop has it promise nothing more; a version published after the stop promises again.
    stopped_at = models.DateTimeField(null=True)
    # The person's id, or the name of the command that did it.
    published_by = models.TextField(default="", db_default="")
    published_at = models.DateTimeField(null=True)

    program = reference("store.Program", "program_id")

    class Meta:
        db_table = "program_version"
        constraints = [
            models.UniqueConstraint(fields=["client_id", "program_id", "number"], name="program_version_number"),
            models.CheckConstraint(
                condition=models.Q(state__in=["draft", "tested", "live", "retired"]), name="program_version_state"
            ),
        ]
