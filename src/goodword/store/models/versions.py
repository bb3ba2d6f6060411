"""How did a version come to be published? Its tests, who asked for it to go live, who approved that, and what people read."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from .base import OptionalText, TenantRow


class VersionTest(TenantRow):
    """One test of a version: its scenarios, or a backtest. `figures` is JSON, `by` a person's id or a command's name."""

    pk = models.CompositePrimaryKey("client_id", "id")
    program_id = models.UUIDField()
    number = models.IntegerField()
    kind = models.TextField()
    passed = models.BooleanField()
    figures = models.TextField()
    by = models.TextField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "version_test"
        indexes = [models.Index(fields=["client_id", "program_id", "number"], name="version_test_of")]


class VersionRelease(TenantRow):
    """Somebody asked for a version to go live: from when, what becomes of open referrals, and whose approval it needs."""

    pk = models.CompositePrimaryKey("client_id", "id")
    program_id = models.UUIDField()
    number = models.IntegerField()
    state = models.TextField(default="waiting", db_default="waiting")
    live_from = models.DateTimeField(null=True)  # None: from the moment at which it is published
    moves = models.BooleanField()
    named = ArrayField(models.UUIDField(), default=list, db_default=[])  # referrals that move though they lose by it
    note = models.TextField()
    roles = ArrayField(models.TextField())
    change_percent = models.FloatField(null=True)
    by = models.TextField()
    at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "version_release"
        constraints = [
            models.UniqueConstraint(
                fields=["client_id", "program_id"],
                condition=models.Q(state="waiting"),
                name="version_release_one_waiting",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "published", "withdrawn", "refused"]),
                name="version_release_state",
            ),
        ]


class VersionApproval(TenantRow):
    """One approval asked for: of a second person at the desk, or of somebody of the client by a one-time link.

    Names and comments are sealed; of the link only a hash is kept. `granted` is None until somebody decided.
    """

    pk = models.CompositePrimaryKey("client_id", "id")
    release_id = models.UUIDField()
    role = models.TextField()
    name_sealed = models.BinaryField(null=True)
    token_hash = models.BinaryField(null=True)
    expires_at = models.DateTimeField(null=True)
    asked_by = models.TextField()
    asked_at = models.DateTimeField(db_default=Now())
    granted = models.BooleanField(null=True)
    comment_sealed = models.BinaryField(null=True)
    by = models.TextField(default="", db_default="")
    at = models.DateTimeField(null=True)
    text_hash = models.TextField(default="", db_default="")

    class Meta:
        db_table = "version_approval"
        constraints = [models.UniqueConstraint(fields=["client_id", "token_hash"], name="version_approval_token")]
        indexes = [models.Index(fields=["client_id", "release_id"], name="version_approval_of")]


class VersionWording(TenantRow):
    """What people read of a version in every language, as it was written and as it went live; nobody changes a row.

    `texts` and `remarks` are JSON. `mark` is the SHA-256 over document and texts by which it is approved.
    """

    pk = models.CompositePrimaryKey("client_id", "id")
    program_id = models.UUIDField()
    number = models.IntegerField()
    occasion = models.TextField()  # kept: with the document; published: when it went live
    mark = models.TextField()
    texts = models.TextField()
    remarks = OptionalText()  # what the checks by law and sense said; None: nobody asked them
    by = models.TextField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "version_wording"
        constraints = [
            models.UniqueConstraint(
                fields=["client_id", "program_id", "number", "occasion"], name="version_wording_occasion"
            ),
            models.CheckConstraint(
                condition=models.Q(occasion__in=["kept", "published"]), name="version_wording_known"
            ),
        ]
