"""What do all rows of a client have in common? The client's id, first in every key and in every join."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.contrib.postgres.functions import RandomUUID
from django.db import models

Row = TypeVar("Row", bound=models.Model, covariant=True)
if TYPE_CHECKING:
    _IntField = models.Field[int, int]
    _OptionalTextField = models.TextField[str | None, str | None]
else:  # Django's fields take no type arguments while running.
    _IntField = models.Field
    _OptionalTextField = models.TextField


class Xid8Field(_IntField):
    """PostgreSQL's 64-bit transaction number, an int in Python; it is compared inside the database only."""

    description = "64-bit transaction number"

    def db_type(self, connection: Any) -> str:
        return "xid8"

    def from_db_value(self, value: str | None, *_: Any) -> int | None:
        return None if value is None else int(value)

    def get_prep_value(self, value: Any) -> Any:
        # xid8 has no operator with an int parameter, but it reads an untyped literal.
        return str(value) if isinstance(value, int) else value


class OptionalText(_OptionalTextField):
    """Text that may be absent, where absent and empty mean different things."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **(options | {"null": True}))


class TenantQuerySet(models.QuerySet[Row]):
    """Rows of the clients in scope."""

    def of(self, client_id: object) -> TenantQuerySet[Row]:
        """Rows of one client: FOR UPDATE and anything hot names it, so that a distributed database asks one shard."""
        return self.filter(client_id=client_id)

    def beside(self, outer: str = "client_id") -> TenantQuerySet[Row]:
        """In a subquery: rows of the outer row's client, `Party.objects.beside().filter(id=OuterRef("payee_id"))`."""
        return self.filter(client_id=models.OuterRef(outer))

    def update(self, **changes: Any) -> int:
        """As Django's, but a row never moves to another client."""
        if "client_id" in changes:
            raise ValueError("client_id is part of the key and never changes; write a new row for the other client")
        return super().update(**changes)


class TenantModel(models.Model):
    """A table of which every row belongs to one client. Its key begins with `client_id`, so UPDATE never writes it."""

    client_id = models.UUIDField()

    objects = TenantQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, **options: Any) -> None:
        """As Django's, with the client named: a row without one would only be refused by the database later."""
        if self.client_id is None:
            raise ValueError(f"{type(self).__name__} has no client_id")
        super().save(**options)


class TenantRow(TenantModel):
    """The usual shape: key (client_id, id). The chain computes `id`; for rows that people make the database may."""

    id = models.UUIDField(db_default=RandomUUID())

    class Meta:
        abstract = True


def reference(to: str, column: str) -> Any:
    """`program = reference("store.Program", "program_id")`: a join that carries client_id on both sides.

    No constraint stands behind it: the chain writes rows in bulk and proves them by replay, not by a look-up a row.
    """
    return models.ForeignObject(
        to,
        on_delete=models.DO_NOTHING,
        from_fields=("client_id", column),
        to_fields=("client_id", "id"),
        related_name="+",
    )
