"""Which keys open what, and what was shredded? Wrapped keys, erasures, and the few values that the law keeps."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from .base import TenantModel, TenantRow


class ClientKey(TenantRow):
    """A key of a client for one purpose, wrapped by the installation's key; period '' or the month of an intake key."""

    pk = models.CompositePrimaryKey("client_id", "id")
    purpose = models.TextField()
    period = models.TextField(default="", db_default="")
    wrapped = models.BinaryField()
    kek_id = models.TextField()
    created_at = models.DateTimeField(db_default=Now())
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "client_key"
        constraints = [models.UniqueConstraint(fields=["client_id", "purpose", "period"], name="client_key_purpose")]


class PersonKey(TenantModel):
    """The key of one person, wrapped by a key of the client; destroying it shreds whatever it sealed."""

    pk = models.CompositePrimaryKey("client_id", "party_id")
    party_id = models.UUIDField()
    wrapped = models.BinaryField()
    client_key_id = models.UUIDField()
    created_at = models.DateTimeField(db_default=Now())
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "person_key"


class Erasure(TenantRow):
    """A person's wish to be forgotten, and what was done; a restore replays these before it opens."""

    pk = models.CompositePrimaryKey("client_id", "id")
    party_id = models.UUIDField()
    requested_at = models.DateTimeField(db_default=Now())
    done_at = models.DateTimeField(null=True)
    summary = models.TextField(default="", db_default="")

    class Meta:
        db_table = "erasure"
        indexes = [models.Index(fields=["client_id", "party_id"], name="erasure_party")]


class Statutory(TenantRow):
    """What must be kept of an erased person by law, under a key of its own that ends."""

    pk = models.CompositePrimaryKey("client_id", "id")
    party_id = models.UUIDField()
    wrapped = models.BinaryField()
    sealed = models.BinaryField()
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "statutory"
        indexes = [
            models.Index(fields=["client_id", "party_id"], name="statutory_party"),
            models.Index(fields=["client_id", "expires_at"], name="statutory_expires"),
        ]
