"""What was received? The append-only log by month, its idempotency keys, sealed bodies, what could not be decided."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from .base import TenantModel, TenantRow, Xid8Field


class CurrentXid(models.Func):
    """The number of the transaction that writes the row."""

    function = "pg_current_xact_id"
    arity = 0


class NextEventSeq(models.Func):
    """The next number in the order of arrival."""

    template = "nextval('event_seq'::regclass)"
    arity = 0


class Event(TenantModel):
    """One accepted event, immutable and without personal values. Partitioned by month of arrival (see partitions)."""

    pk = models.CompositePrimaryKey("client_id", "id", "received_at")
    id = models.UUIDField()
    received_at = models.DateTimeField()
    seq = models.BigIntegerField(db_default=NextEventSeq())
    # With seq the cursor of a lane: rows below pg_snapshot_xmin are safely committed.
    xid = Xid8Field(db_default=CurrentXid())
    at = models.DateTimeField()
    source = models.TextField()
    type = models.TextField()
    body_hash = models.BinaryField()
    facts = models.TextField()

    class Meta:
        db_table = "event"
        indexes = [models.Index(fields=["client_id", "xid", "seq"], name="event_lane")]


class EventKey(TenantModel):
    """That an id was seen, and with which body: a log by month cannot hold a key across its partitions."""

    pk = models.CompositePrimaryKey("client_id", "id")
    id = models.UUIDField()
    body_hash = models.BinaryField()
    received_at = models.DateTimeField()

    class Meta:
        db_table = "event_key"


class EventBody(TenantModel):
    """The whole body as it was sent, sealed under the client's intake key, later under the person's."""

    pk = models.CompositePrimaryKey("client_id", "id")
    id = models.UUIDField()
    key_id = models.UUIDField()
    party_id = models.UUIDField(null=True)
    sealed = models.BinaryField()

    class Meta:
        db_table = "event_body"
        indexes = [
            models.Index(
                fields=["client_id", "party_id"], name="event_body_party", condition=models.Q(party_id__isnull=False)
            )
        ]


class DeadLetter(TenantModel):
    """An accepted event that could not be decided, why, and how often it was tried; its id is the event's."""

    pk = models.CompositePrimaryKey("client_id", "id")
    id = models.UUIDField()
    reason = models.TextField()
    detail = models.TextField(default="", db_default="")
    at = models.DateTimeField(db_default=Now())
    attempts = models.IntegerField(default=1, db_default=1)
    resolved_at = models.DateTimeField(null=True)
    # Somebody asked for another try.
    retry_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "dead_letter"
        indexes = [
            models.Index(fields=["client_id", "at"], name="dead_letter_open", condition=models.Q(resolved_at=None)),
            models.Index(
                fields=["client_id", "retry_at"],
                name="dead_letter_retry",
                condition=models.Q(resolved_at=None, retry_at__isnull=False),
            ),
        ]


class RejectedEvent(TenantRow):
    """An item of a batch that was refused at the door, its problem, and its body, sealed."""

    pk = models.CompositePrimaryKey("client_id", "id")
    received_at = models.DateTimeField(db_default=Now())
    source = models.TextField()
    problem = models.TextField()
    sealed = models.BinaryField()

    class Meta:
        db_table = "rejected_event"
        indexes = [models.Index(fields=["client_id", "received_at"], name="rejected_event_received")]


class Trail(TenantModel):
    """The history that deciding folds: the events of a party, or of a visitor or click not yet known."""

    pk = models.CompositePrimaryKey("client_id", "owner", "event_id")
    owner = models.UUIDField()
    event_id = models.UUIDField()
    at = models.DateTimeField()
    facts = models.TextField()

    class Meta:
        db_table = "trail"
