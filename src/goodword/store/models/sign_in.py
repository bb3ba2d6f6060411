"""May this person come in now? One-time links, and how often an address was tried in vain."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from .tenancy import User


class SignInLink(models.Model):
    """A link that signs one person in, once; only the hash of its token is kept."""

    token_hash = models.BinaryField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "sign_in_link"


class SignInFailure(models.Model):
    """Failed tries on one address, as a keyed hash, whether or not somebody has it."""

    subject = models.TextField(primary_key=True)
    failures = models.IntegerField(default=0, db_default=0)
    since = models.DateTimeField()
    locked_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "sign_in_failure"
