"""Where is the money? Entries that are never changed, the accounts and the daily sums that follow from them."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from .base import TenantModel, TenantRow, reference


class Account(TenantRow):
    """A named purse of one asset; its sums are a projection of the entries."""

    pk = models.CompositePrimaryKey("client_id", "id")
    name = models.TextField()
    asset = models.TextField()
    floor_minor = models.BigIntegerField(null=True)
    posted_minor = models.BigIntegerField(default=0, db_default=0)
    # Reserved but not yet posted: what will leave, and what will come.
    pending_out_minor = models.BigIntegerField(default=0, db_default=0)
    pending_in_minor = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        db_table = "account"
        constraints = [models.UniqueConstraint(fields=["client_id", "name", "asset"], name="account_name")]


class Entry(TenantRow):
    """An amount of one asset from a source to a destination; balanced by its shape, reversed only by another one."""

    pk = models.CompositePrimaryKey("client_id", "id")
    seq = models.BigIntegerField()
    decision_id = models.UUIDField()
    source_id = models.UUIDField()
    destination_id = models.UUIDField()
    asset = models.TextField()
    amount_minor = models.BigIntegerField()
    phase = models.TextField()
    of_id = models.UUIDField(null=True)
    reason = models.TextField()
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    referral_id = models.UUIDField(null=True)
    reward_id = models.UUIDField(null=True)

    source = reference("store.Account", "source_id")
    destination = reference("store.Account", "destination_id")

    class Meta:
        db_table = "entry"
        constraints = [
            models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="entry_amount"),
            models.CheckConstraint(
                condition=models.Q(phase__in=["pending", "posted", "post", "void"]), name="entry_phase"
            ),
        ]
        indexes = [
            models.Index(fields=["client_id", "seq"], name="entry_seq"),
            models.Index(fields=["client_id", "referral_id"], name="entry_referral"),
            # Of points alone, for the history of a wallet: money pays nothing for it.
            models.Index(
                fields=["client_id", "source_id"],
                name="entry_points_out",
                condition=models.Q(asset__startswith="PTS:"),
            ),
            models.Index(
                fields=["client_id", "destination_id"],
                name="entry_points_in",
                condition=models.Q(asset__startswith="PTS:"),
            ),
        ]


class Rollup(TenantModel):
    """How many and how much of one thing on one day, kept in the transaction that makes it so (`store/figures.py`)."""

    pk = models.CompositePrimaryKey("client_id", "program_id", "day", "metric", "asset")
    program_id = models.UUIDField()
    day = models.DateField()
    metric = models.TextField()
    asset = models.TextField(default="", db_default="")
    n = models.BigIntegerField(default=0, db_default=0)
    amount_minor = models.BigIntegerField(default=0, db_default=0)

    program = reference("store.Program", "program_id")

    class Meta:
        db_table = "rollup"
