"""Which tables are Goodword's? The one Django app that owns them all; after every migration it sets the rights anew."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db import connections, transaction
from django.db.models.signals import post_migrate


class StoreConfig(AppConfig):
    name = "goodword.store"
    label = "store"
    verbose_name = "Goodword"

    def ready(self) -> None:
        post_migrate.connect(_set_rights, sender=self, dispatch_uid="goodword.store.rights")


def _set_rights(using: str, **_: Any) -> None:
    """Rights are what `grants.RIGHTS` says, whatever migrations ran: a table it does not name stays closed to all."""
    from goodword.store import grants

    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        for statement in grants.statements(grants.existing(cursor)):
            cursor.execute(statement)
