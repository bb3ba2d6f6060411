"""What is being written on, before it becomes a version? One working copy a program, who has it open, and what is said about it."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from .base import TenantModel, TenantRow


class WorkingCopy(TenantModel):
    """The document as it stands between two versions. `revision` counts what was saved: who writes names the one they read."""

    pk = models.CompositePrimaryKey("client_id", "slug")
    slug = models.TextField()  # of the program, which may not be there yet
    document = models.TextField()
    based_on = models.IntegerField(null=True)  # the number of the version it began as
    revision = models.IntegerField()
    user_id = models.UUIDField()
    saved_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "working_copy"


class WorkingCopyOpen(TenantModel):
    """Who has a program's editor open just now; it ends by itself."""

    pk = models.CompositePrimaryKey("client_id", "slug", "user_id")
    slug = models.TextField()
    user_id = models.UUIDField()
    until = models.DateTimeField()

    class Meta:
        db_table = "working_copy_open"


class ProgramComment(TenantRow):
    """A word or a task about a draft, for colleagues and the client; sealed, for people write names."""

    pk = models.CompositePrimaryKey("client_id", "id")
    slug = models.TextField()
    user_id = models.UUIDField()
    place = models.TextField(default="", db_default="")  # of the document, where it is about one
    words_sealed = models.BinaryField()
    is_task = models.BooleanField(default=False, db_default=False)
    at = models.DateTimeField(db_default=Now())
    done_at = models.DateTimeField(null=True)
    done_by = models.UUIDField(null=True)

    class Meta:
        db_table = "program_comment"
        indexes = [models.Index(fields=["client_id", "slug", "at"], name="program_comment_slug")]
