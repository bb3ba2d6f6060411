"""Who collected how many points, until when, and what were they redeemed for?"""

from __future__ import annotations

from django.db import models

from .base import TenantRow


class Wallet(TenantRow):
    """The points of one unit that a party or a household has. `body` is the core's whole Wallet."""

    pk = models.CompositePrimaryKey("client_id", "id")
    holder_id = models.UUIDField()
    unit = models.TextField()
    available = models.BigIntegerField()
    next_due_at = models.DateTimeField(null=True)
    body = models.TextField()

    class Meta:
        db_table = "wallet"
        indexes = [
            models.Index(fields=["client_id", "holder_id"], name="wallet_holder"),
            models.Index(
                fields=["client_id", "next_due_at"], name="wallet_due", condition=models.Q(next_due_at__isnull=False)
            ),
        ]


class Redemption(TenantRow):
    """Points that were spent on something of a catalogue; kept for good, in the wallet so long as it can be cancelled."""

    pk = models.CompositePrimaryKey("client_id", "id")
    wallet_id = models.UUIDField()
    party_id = models.UUIDField()
    program_id = models.UUIDField()
    item = models.TextField()
    quantity = models.IntegerField()
    points = models.BigIntegerField()
    at = models.DateTimeField()
    until = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "redemption"
        indexes = [
            models.Index(fields=["client_id", "wallet_id", "at"], name="redemption_wallet"),
            models.Index(fields=["client_id", "program_id", "item"], name="redemption_item"),
        ]
