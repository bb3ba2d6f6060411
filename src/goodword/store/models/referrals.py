"""Who referred whom, what came of it and why? Referrals, rewards, decisions, and the counters behind limits."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from .base import OptionalText, TenantModel, TenantRow, reference


class Referral(TenantRow):
    """An advocate, a friend, a subject, and how far it came. `body` is the core's whole Referral."""

    pk = models.CompositePrimaryKey("client_id", "id")
    program_id = models.UUIDField()
    friend_id = models.UUIDField()
    advocate_id = models.UUIDField(null=True)
    subject = models.TextField(default="", db_default="")
    method = models.TextField(default="", db_default="")
    code = OptionalText()
    touch_at = models.DateTimeField(null=True)
    bound_at = models.DateTimeField(null=True)
    version = models.IntegerField(null=True)
    state = models.TextField()
    state_at = models.DateTimeField()
    next_due_at = models.DateTimeField(null=True)
    # Parties of whom something is still unknown.
    waits_on = ArrayField(models.UUIDField(), null=True)
    body = models.TextField()
    decision_seq = models.BigIntegerField()
    created_at = models.DateTimeField(db_default=Now())
    # What screening found, for the queue of reviews: points that count, signals, and those that do not count.
    points = models.IntegerField(null=True)
    signals = ArrayField(models.TextField(), null=True)
    without = ArrayField(models.TextField(), null=True)
    # referral, own (an own act, without any friend), or record (what many referrals together earned one person).
    kind = models.TextField(default="referral", db_default="referral")

    program = reference("store.Program", "program_id")

    class Meta:
        db_table = "referral"
        indexes = [
            models.Index(fields=["client_id", "friend_id"], name="referral_friend"),
            models.Index(fields=["client_id", "advocate_id"], name="referral_advocate"),
            # `kind` lies in the indexes of the list, so that it is counted without looking at the rows.
            models.Index(
                fields=["client_id", "next_due_at"],
                name="referral_due",
                condition=models.Q(next_due_at__isnull=False),
                include=["kind"],
            ),
            models.Index(fields=["client_id"], name="referral_waits", condition=models.Q(waits_on__isnull=False)),
            models.Index(fields=["client_id", "state", "created_at", "id"], name="referral_list", include=["kind"]),
            models.Index(fields=["client_id", "created_at", "id"], name="referral_latest", include=["kind"]),
            models.Index(fields=["client_id", "points", "id"], name="referral_held", condition=models.Q(state="held")),
            models.Index(
                fields=["client_id", "state_at"], name="referral_flagged", condition=models.Q(signals__isnull=False)
            ),
            models.Index(
                fields=["client_id", "program_id"], name="referral_without", condition=models.Q(without__isnull=False)
            ),
            models.Index(fields=["client_id", "bound_at", "id"], name="referral_joined", include=["kind"]),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=["referral", "own", "record"]), name="referral_kind")
        ]


class Reward(TenantRow):
    """A grant on its way to a payee."""

    pk = models.CompositePrimaryKey("client_id", "id")
    referral_id = models.UUIDField()
    program_id = models.UUIDField()
    payee_id = models.UUIDField()
    role = models.TextField()
    promise = models.TextField()
    kind = models.TextField()
    asset = models.TextField()
    amount_minor = models.BigIntegerField()
    state = models.TextField()
    due_at = models.DateTimeField(null=True)
    granted_at = models.DateTimeField()
    state_at = models.DateTimeField()

    program = reference("store.Program", "program_id")
    referral = reference("store.Referral", "referral_id")

    class Meta:
        db_table = "reward"
        indexes = [
            models.Index(fields=["client_id", "referral_id"], name="reward_referral"),
            models.Index(fields=["client_id", "payee_id"], name="reward_payee"),
            models.Index(fields=["client_id", "state", "due_at"], name="reward_state"),
            models.Index(
                fields=["client_id", "due_at", "id"],
                name="reward_owed",
                condition=models.Q(state__in=["pending", "in_review", "payable"]),
            ),
            models.Index(fields=["client_id", "state_at", "id"], name="reward_sent", condition=models.Q(state="sent")),
        ]


class Counter(TenantModel):
    """How often and how much so far, under one key of a limit."""

    pk = models.CompositePrimaryKey("client_id", "key")
    # Sorted by code point, so that a range of keys is a prefix.
    key = models.TextField(db_collation="C")
    n = models.BigIntegerField(default=0, db_default=0)
    amount_minor = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        db_table = "counter"


class SignalSwitch(TenantModel):
    """That a signal of screening is switched off for a program (or on again), why, and since when."""

    pk = models.CompositePrimaryKey("client_id", "program_id", "signal")
    program_id = models.UUIDField()
    signal = models.TextField()
    is_off = models.BooleanField()
    why = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "signal_switch"


class Decision(TenantRow):
    """What was decided, by which event, moment or act, with its reasons and the facts beyond the trail."""

    pk = models.CompositePrimaryKey("client_id", "id")
    seq = models.BigIntegerField()
    event_id = models.UUIDField(null=True)
    cause = models.TextField()
    referral_id = models.UUIDField(null=True)
    clock = models.DateTimeField()
    decided_at = models.DateTimeField(db_default=Now())
    verdict = models.TextField()
    body = models.TextField()

    referral = reference("store.Referral", "referral_id")

    class Meta:
        db_table = "decision"
        constraints = [models.UniqueConstraint(fields=["client_id", "seq"], name="decision_seq")]
        indexes = [
            models.Index(fields=["client_id", "event_id"], name="decision_event"),
            models.Index(fields=["client_id", "referral_id"], name="decision_referral"),
        ]
