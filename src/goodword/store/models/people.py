"""Whom does a client know? Parties, the tokens that identify them, sealed details, dated attributes, audiences."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from .base import TenantModel, TenantRow


class Party(TenantRow):
    """A person or an organization known to a client."""

    pk = models.CompositePrimaryKey("client_id", "id")
    kind = models.TextField(default="person", db_default="person")
    created_at = models.DateTimeField(db_default=Now())
    known_since = models.DateTimeField(null=True)
    purchased_at = models.DateTimeField(null=True)
    organization_id = models.UUIDField(null=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "party"
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=["person", "organization"]), name="party_kind")
        ]


class Identifier(TenantModel):
    """A keyed hash by which a party is recognised: e-mail, phone, id, visitor."""

    pk = models.CompositePrimaryKey("client_id", "kind", "token", "party_id")
    kind = models.TextField()
    token = models.UUIDField()
    party_id = models.UUIDField()
    since = models.DateTimeField()

    class Meta:
        db_table = "identifier"
        indexes = [models.Index(fields=["client_id", "party_id"], name="identifier_party")]


class Trait(TenantModel):
    """A device or a payment seen with a party, as a keyed hash: what screening compares."""

    pk = models.CompositePrimaryKey("client_id", "kind", "token", "party_id")
    kind = models.TextField()
    token = models.UUIDField()
    party_id = models.UUIDField()
    first_at = models.DateTimeField()

    class Meta:
        db_table = "trait"
        indexes = [models.Index(fields=["client_id", "party_id"], name="trait_party")]


class Personal(TenantModel):
    """One personal value of a party, sealed under the party's own key."""

    pk = models.CompositePrimaryKey("client_id", "party_id", "field")
    party_id = models.UUIDField()
    field = models.TextField()
    sealed = models.BinaryField()
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "personal"


class Attribute(TenantModel):
    """A typed, dated fact about a party, sealed."""

    pk = models.CompositePrimaryKey("client_id", "party_id", "name", "valid_from")
    party_id = models.UUIDField()
    name = models.TextField()
    valid_from = models.DateTimeField()
    value_sealed = models.BinaryField()

    class Meta:
        db_table = "attribute"


class AudienceMember(TenantModel):
    """That a party is on a named list, from when until when."""

    pk = models.CompositePrimaryKey("client_id", "audience", "party_id", "since")
    audience = models.TextField()
    party_id = models.UUIDField()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        db_table = "audience_member"
        indexes = [models.Index(fields=["client_id", "party_id"], name="audience_member_party")]
