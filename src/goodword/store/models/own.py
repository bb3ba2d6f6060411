"""What does a person keep for themselves at the desk of a client? Views of lists with a name, and notes not yet sent."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from .base import TenantModel, TenantRow


class SavedView(TenantRow):
    """A list as somebody likes to see it: the query of its address under a name; the team's, or its maker's alone."""

    pk = models.CompositePrimaryKey("client_id", "id")
    user_id = models.UUIDField()
    room = models.TextField()
    name = models.TextField()
    query = models.TextField(default="", db_default="")
    is_team = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "saved_view"
        constraints = [
            models.UniqueConstraint(fields=["client_id", "user_id", "room", "name"], name="saved_view_once_per_name")
        ]


class Draft(TenantModel):
    """A text that somebody began to write at a place of a page; sealed, for it may name people."""

    pk = models.CompositePrimaryKey("client_id", "user_id", "place")
    user_id = models.UUIDField()
    place = models.TextField()
    sealed = models.BinaryField()
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "draft"
