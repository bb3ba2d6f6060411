"""Whose code is it? Referral codes, each unique within its client."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from .base import TenantModel, reference


class Code(TenantModel):
    """A referral code, upper-case, and whose it is."""

    pk = models.CompositePrimaryKey("client_id", "code")
    code = models.TextField()
    program_id = models.UUIDField(null=True)
    party_id = models.UUIDField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    program = reference("store.Program", "program_id")

    class Meta:
        db_table = "code"
        indexes = [models.Index(fields=["client_id", "party_id"], name="code_party")]
