"""May this query run now? The web's role touches a client's tables inside a client's scope only.

The database would answer a query without a scope with nothing, which looks like an empty result. So it is refused
before it is sent. Row security stays the wall behind: this guard reads table names, not rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from goodword.errors import NoClientScope

if TYPE_CHECKING:
    from .base import DatabaseWrapper


@dataclass(frozen=True)
class Scope:
    """Whose rows may be read (None: no client's scope is open), for whom rows may be written, who is asking, and whether
    the house's own rows (who works here) may be seen and written.
    """

    client_ids: tuple[UUID, ...] | None = None
    write: UUID | None = None
    user_id: UUID | None = None
    house: bool = False


CLOSED = Scope()


def guard(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Refuse a query on a client's table outside a scope; Django calls this around every execute."""
    connection: DatabaseWrapper = context["connection"]
    scope = connection.scope
    if (scope.client_ids is None or scope.user_id is None) and not connection.bypasses_row_security:
        text = sql if isinstance(sql, str) else sql.as_string(connection.connection)
        if scope.client_ids is None and (found := _tenant_tables().search(text)):
            raise NoClientScope(f'A query on the table "{found.group().lower()}" ran outside the scope of a client.')
        if scope.user_id is None and not scope.house and _MEMBERSHIP.search(text):
            raise NoClientScope('A query on the table "membership" ran without saying who asks (`user_scope`, `house_scope`).')
    return execute(sql, params, many, context)


_MEMBERSHIP = re.compile(r"\bmembership\b", re.IGNORECASE)


@cache
def _tenant_tables() -> re.Pattern[str]:
    """Every word that names a client's table or a month of the log. A column of the same name is refused as well."""
    from django.apps import apps

    from goodword.store.models.base import TenantModel

    models = apps.get_app_config("store").get_models()
    names = sorted(re.escape(model._meta.db_table) for model in models if issubclass(model, TenantModel))
    return re.compile(rf"\b(?:event_default|event_\d{{4}}_\d{{2}}|{'|'.join(names)})\b", re.IGNORECASE)
