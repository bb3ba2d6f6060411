"""Who works here, for which client, with which key do systems send? Users, memberships, clients, lanes, API keys."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Lower, Now

from .base import TenantModel, TenantRow, Xid8Field


class UserManager(BaseUserManager["User"]):
    """Finds people by the address they sign in with, in any case."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **more: Any) -> User:
        """A person who may sign in; without a password only by a one-time link."""
        user = self.model(email=self.normalize_email(email).strip().lower(), **more)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person of the house or of a client who signs in by e-mail. What they may do stands in their memberships."""

    id = models.UUIDField(primary_key=True, db_default=RandomUUID())
    email = models.EmailField(unique=True)
    name = models.TextField(default="", db_default="")
    is_active = models.BooleanField(default=True, db_default=True)
    language = models.TextField(default="", db_default="")
    # Theme, density, keys: how this person likes the desk; what is absent follows the role.
    settings = models.JSONField(default=dict, db_default={})
    created_at = models.DateTimeField(db_default=Now())

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        db_table = "store_user"
        constraints = [models.UniqueConstraint(Lower("email"), name="store_user_email_lower")]

    def get_full_name(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        return self.name or self.email


class Client(models.Model):
    """A brand that the operator serves."""

    id = models.UUIDField(primary_key=True, db_default=RandomUUID())
    slug = models.TextField(unique=True)
    name = models.TextField()
    legal_name = models.TextField(default="", db_default="")
    currency = models.TextField(default="EUR", db_default="EUR")
    timezone = models.TextField(default="UTC", db_default="UTC")
    # By these the laws and texts of its programs are looked up (core/served.py). Blank: nobody said so.
    sector = models.TextField(default="", db_default="")
    places = ArrayField(models.TextField(), default=list, db_default=[])
    languages = ArrayField(models.TextField(), default=list, db_default=[])
    code_prefix = models.TextField(unique=True)
    colour = models.TextField(default="", db_default="")
    hosts = ArrayField(models.TextField(), default=list, db_default=[])
    landing = models.JSONField(default=dict, db_default={})
    consent = models.JSONField(default=dict, db_default={})
    review_hours = models.IntegerField(default=24, db_default=24)  # what is held is looked at within so many
    publishing = models.JSONField(default=dict, db_default={})  # whose approval a program's version needs; empty: defaults
    has_creators = models.BooleanField(default=False, db_default=False)  # a program of it works, or worked, with contracts
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "client"


class Membership(models.Model):
    """What one person may do for one client; without a client, for every client of the house."""

    id = models.UUIDField(primary_key=True, db_default=RandomUUID())
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, null=True, related_name="memberships")
    role = models.TextField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "membership"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "client", "role"], nulls_distinct=False, name="membership_once_per_role"
            )
        ]


class Lane(TenantModel):
    """How far the chain is with a client: its cursor in the log, its clock, and the version of what decides."""

    client_id = models.UUIDField(primary_key=True)
    cursor_xid = Xid8Field(default=0, db_default=0)
    cursor_seq = models.BigIntegerField(default=0, db_default=0)
    decision_seq = models.BigIntegerField(default=0, db_default=0)
    clock = models.DateTimeField(null=True)
    # A business clock held by `import --as-of`: holds due later stay closed until the import lets go.
    held_at = models.DateTimeField(null=True)
    # Raised when programs, codes or keys change, so that caches notice.
    version = models.BigIntegerField(default=0, db_default=0)
    # The time zone by whose days the sums in `rollup` are counted; where it is not the client's, the worker counts anew.
    counted_in = models.TextField(default="UTC", db_default="UTC")

    class Meta:
        db_table = "lane"


class ApiKey(TenantRow):
    """A key with which a client's system sends events. Only the hash of its secret is kept."""

    pk = models.CompositePrimaryKey("client_id", "id")
    name = models.TextField()
    hash = models.BinaryField()
    last4 = models.TextField()
    scopes = ArrayField(models.TextField(), default=list, db_default=[])
    # The name of the stream that this key sends; part of the idempotency key, kept on rotation.
    source = models.TextField(default="api", db_default="api")
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "api_key"
        constraints = [models.UniqueConstraint(fields=["client_id", "hash"], name="api_key_hash")]
