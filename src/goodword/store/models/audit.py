"""Who did what, and can it be proved? Acts of people, the leaves and signed checkpoints of a client's Merkle log."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from .base import TenantModel, TenantRow


class Action(TenantRow):
    """One act of a person or a command; values before and after as commitments, never in plain."""

    pk = models.CompositePrimaryKey("client_id", "id")
    seq = models.BigIntegerField(null=True)
    at = models.DateTimeField(db_default=Now())
    actor = models.TextField()
    role = models.TextField(default="", db_default="")
    verb = models.TextField()
    object_kind = models.TextField(default="", db_default="")
    object_id = models.TextField(default="", db_default="")
    before_commit = models.BinaryField(default=b"", db_default=b"")
    after_commit = models.BinaryField(default=b"", db_default=b"")
    detail_sealed = models.BinaryField(null=True)
    request_id = models.TextField(default="", db_default="")

    class Meta:
        db_table = "action"
        indexes = [
            models.Index(fields=["client_id", "at"], name="action_at"),
            models.Index(fields=["client_id", "object_kind", "object_id"], name="action_object"),
        ]


class LeafBatch(TenantRow):
    """The leaves of one transaction, in order; the sealer gives them their place in the log."""

    pk = models.CompositePrimaryKey("client_id", "id")
    decision_seq = models.BigIntegerField(default=0, db_default=0)
    first_leaf = models.BigIntegerField(null=True)
    count = models.IntegerField()
    leaves = models.TextField()
    hashes = models.BinaryField()
    sealed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "leaf_batch"
        constraints = [models.UniqueConstraint(fields=["client_id", "first_leaf"], name="leaf_batch_place")]
        indexes = [
            models.Index(
                fields=["client_id", "decision_seq", "id"],
                name="leaf_batch_unsealed",
                condition=models.Q(first_leaf=None),
            ),
            models.Index(fields=["client_id", "decision_seq"], name="leaf_batch_decision"),
        ]


class Tree(TenantModel):
    """Where the sealer stands: the size of a client's log and its compact frontier."""

    client_id = models.UUIDField(primary_key=True)
    size = models.BigIntegerField(default=0, db_default=0)
    frontier = models.BinaryField(default=b"", db_default=b"")

    class Meta:
        db_table = "tree"


class Checkpoint(TenantModel):
    """The signed root of the log at one size."""

    pk = models.CompositePrimaryKey("client_id", "size", "created_at")
    size = models.BigIntegerField()
    root = models.BinaryField()
    note = models.TextField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "checkpoint"
