"""Who is looking at what is held, what waits, who was asked to decide it, and which decision about many is under way?"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from .base import TenantModel, TenantRow


class ReviewClaim(TenantModel):
    """Who has an item of the review open just now, so that a colleague sees it; it ends by itself."""

    pk = models.CompositePrimaryKey("client_id", "referral_id")
    referral_id = models.UUIDField()
    user_id = models.UUIDField()
    since = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        db_table = "review_claim"


class ReviewJob(TenantRow):
    """One decision about many referrals: which, how many words of people each had then, and how far it came."""

    pk = models.CompositePrimaryKey("client_id", "id")
    user_id = models.UUIDField()
    verdict = models.TextField()
    why = models.TextField()
    referrals = ArrayField(models.UUIDField())
    seen = ArrayField(models.IntegerField())
    done = models.IntegerField(default=0, db_default=0)  # of the list, in its order
    decided = models.IntegerField(default=0, db_default=0)
    missed = models.IntegerField(default=0, db_default=0)  # decided by others meanwhile, or not possible any more
    undoes_id = models.UUIDField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "review_job"


class ReviewPause(TenantModel):
    """Something held waits for an answer: until when, why, and for how long its clock stood still altogether."""

    pk = models.CompositePrimaryKey("client_id", "referral_id")
    referral_id = models.UUIDField()
    user_id = models.UUIDField()
    why = models.TextField()
    since = models.DateTimeField()
    until = models.DateTimeField()
    paused_seconds = models.BigIntegerField()

    class Meta:
        db_table = "review_pause"


class ReviewHandover(TenantModel):
    """Whom a colleague asked to decide something held, with a sealed note; the latest one counts."""

    pk = models.CompositePrimaryKey("client_id", "referral_id")
    referral_id = models.UUIDField()
    from_user_id = models.UUIDField()
    to_user_id = models.UUIDField()
    note_sealed = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        db_table = "review_handover"


class ReviewMessage(TenantRow):
    """What somebody prepared to tell one of the two; sealed under that person's key, so that it is forgotten with them."""

    pk = models.CompositePrimaryKey("client_id", "id")
    referral_id = models.UUIDField()
    party_id = models.UUIDField()
    user_id = models.UUIDField()
    text_sealed = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        db_table = "review_message"
        indexes = [models.Index(fields=["client_id", "referral_id", "at"], name="review_message_of")]
