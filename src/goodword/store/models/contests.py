"""Which round of a contest stands how, what each referral adds, who leads, and what the house committed to?"""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from .base import OptionalText, TenantModel, TenantRow


class ContestRound(TenantRow):
    """One round of a program's contest. `body` is the core's whole Round."""

    pk = models.CompositePrimaryKey("client_id", "id")
    program_id = models.UUIDField()
    name = models.TextField()
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    state = models.TextField()
    next_due_at = models.DateTimeField(null=True)
    body = models.TextField()

    class Meta:
        db_table = "contest_round"
        indexes = [
            models.Index(fields=["client_id", "program_id", "opens_at"], name="contest_round_program"),
            models.Index(
                fields=["client_id", "next_due_at"],
                name="contest_round_due",
                condition=models.Q(next_due_at__isnull=False),
            ),
        ]


class ContestScore(TenantModel):
    """What one referral adds to its advocate's score."""

    pk = models.CompositePrimaryKey("client_id", "referral_id")
    referral_id = models.UUIDField()
    round_id = models.UUIDField()
    party_id = models.UUIDField()
    value = models.BigIntegerField()
    at = models.DateTimeField()
    provisional = models.BooleanField()
    excluded = models.BooleanField()
    household = models.UUIDField(null=True)
    team = OptionalText()

    class Meta:
        db_table = "contest_score"
        indexes = [models.Index(fields=["client_id", "round_id", "party_id"], name="contest_score_party")]


class ContestStanding(TenantModel):
    """Where an advocate stands in a round: the sum of the scores, brought up to date with each decision."""

    pk = models.CompositePrimaryKey("client_id", "round_id", "party_id")
    round_id = models.UUIDField()
    party_id = models.UUIDField()
    value = models.BigIntegerField()
    friends = models.IntegerField()
    provisional_value = models.BigIntegerField()
    provisional_friends = models.IntegerField()
    reached_at = models.DateTimeField(null=True)
    excluded = models.BooleanField()
    household = models.UUIDField(null=True)
    team = OptionalText()

    class Meta:
        db_table = "contest_standing"
        indexes = [
            models.Index(
                models.F("client_id"), models.F("round_id"), models.F("value").desc(), models.F("reached_at"),
                name="contest_standing_order",
            ),
            models.Index(
                fields=["client_id", "round_id", "household"],
                name="contest_standing_home",
                condition=models.Q(household__isnull=False),
            ),
        ]  # fmt: skip


class ContestSeed(TenantModel):
    """The number a draw will come from, sealed until it is revealed. Nobody but the engine reads it."""

    pk = models.CompositePrimaryKey("client_id", "round_id")
    round_id = models.UUIDField()
    commitment = models.TextField()
    sealed = models.BinaryField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "contest_seed"


class ContestName(TenantModel):
    """How somebody wants to be called on boards (sealed with the person's key), or that they are not named at all."""

    pk = models.CompositePrimaryKey("client_id", "party_id")
    party_id = models.UUIDField()
    is_hidden = models.BooleanField()
    sealed = models.BinaryField(null=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "contest_name"
