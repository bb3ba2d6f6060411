"""Who speaks for a program by a contract of their own? Creators with their contracts, briefs and posts; what names them is sealed."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from .base import OptionalText, TenantRow


class Creator(TenantRow):
    """Somebody who applied. `sealed` (None once forgotten) is what they wrote; of the link only a hash is kept.

    `email_token` and `phone_token` recognise who applied before; `party_id` is known as soon as the chain knows the person.
    """

    pk = models.CompositePrimaryKey("client_id", "id")
    program_id = models.UUIDField()
    state = models.TextField(default="applied", db_default="applied")
    state_at = models.DateTimeField(db_default=Now())
    source = models.TextField()  # desk | form
    party_id = models.UUIDField(null=True)
    email_token = models.UUIDField(null=True)
    phone_token = models.UUIDField(null=True)
    code = OptionalText()
    why = models.TextField(default="", db_default="")  # of a decline, a code word
    sealed = models.BinaryField(null=True)
    link_hash = models.BinaryField(null=True)
    link_until = models.DateTimeField(null=True)
    applied_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "creator"
        constraints = [
            models.UniqueConstraint(fields=["client_id", "link_hash"], name="creator_link"),
            models.CheckConstraint(
                condition=models.Q(state__in=["applied", "declined", "vetted", "active", "paused", "ended"]),
                name="creator_state",
            ),
        ]
        indexes = [
            models.Index(fields=["client_id", "program_id", "email_token"], name="creator_email"),
            models.Index(fields=["client_id", "party_id"], name="creator_party"),
            models.Index(fields=["client_id", "state", "-state_at", "id"], name="creator_state_at"),
        ]


class CreatorContract(TenantRow):
    """A version of a contract as it was offered. `gifts` is JSON, gifts by milestone; the mark of its text stays for good."""

    pk = models.CompositePrimaryKey("client_id", "id")
    creator_id = models.UUIDField()
    number = models.IntegerField()
    text_sealed = models.BinaryField(null=True)
    text_hash = models.TextField()
    gifts = models.TextField()
    starts_at = models.DateTimeField(null=True)  # None: from the acceptance on
    offered_by = models.TextField()
    offered_at = models.DateTimeField(db_default=Now())
    accepted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    declined_at = models.DateTimeField(null=True)
    note_sealed = models.BinaryField(null=True)  # what the creator wrote who declined

    class Meta:
        db_table = "creator_contract"
        constraints = [
            models.UniqueConstraint(fields=["client_id", "creator_id", "number"], name="creator_contract_number")
        ]


class CreatorBrief(TenantRow):
    """What creators are asked to say and show: for a whole program, or for one creator alone."""

    pk = models.CompositePrimaryKey("client_id", "id")
    program_id = models.UUIDField()
    creator_id = models.UUIDField(null=True)
    number = models.IntegerField()
    sealed = models.BinaryField(null=True)
    by = models.TextField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "creator_brief"
        indexes = [models.Index(fields=["client_id", "program_id", "creator_id", "number"], name="creator_brief_of")]


class CreatorPost(TenantRow):
    """A post of a creator: where it is (sealed, for addresses name people), and how it says that it is advertising."""

    pk = models.CompositePrimaryKey("client_id", "id")
    creator_id = models.UUIDField()
    sealed = models.BinaryField(null=True)
    posted_on = models.DateField()
    disclosure = models.TextField()  # a code word; "none": nothing was said of any
    evidence_hash = models.TextField(default="", db_default="")
    state = models.TextField()
    by = models.TextField()
    at = models.DateTimeField(db_default=Now())
    checked_by = models.TextField(default="", db_default="")
    checked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "creator_post"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["due", "stated", "verified", "missing"]), name="creator_post_state"
            )
        ]
        indexes = [models.Index(fields=["client_id", "creator_id", "posted_on"], name="creator_post_of")]
