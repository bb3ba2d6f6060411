"""Whose log is this page about? A client's, or the house's own; views are written once and work on either."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from goodword.actions.deeds import HOUSE, Actor
from goodword.actions.permissions import May
from goodword.store.scope import clients_scope
from goodword.web.desk.door import Ask, asking, asking_house
from goodword.web.shell import Desk


@dataclass(frozen=True)
class Log:
    """A log and who looks at it. The house has one of its own, for acts that concern no single client; its slug is ''."""

    client_id: str
    slug: str
    name: str
    actor: Actor
    may: frozenset[May]

    def to(self, name: str, *parts: object) -> str:
        """The address of a page of this log."""
        return reverse(name, args=[self.slug, *parts]) if self.slug else reverse(f"house_{name}", args=parts)

    @property
    def command(self) -> str:
        """How the command line calls this log."""
        return self.slug or "house"


View = Callable[..., HttpResponseBase]


def of_client(view: View) -> View:
    """The view on the log of the address' client."""

    @asking(May.AUDIT_LOG)
    @wraps(view)
    def opened(ask: Ask, request: HttpRequest, **more: Any) -> HttpResponseBase:
        name = ask.desk.client.name if ask.desk.client else ask.slug
        return view(Log(ask.client_id, ask.slug, name, ask.desk.actor, ask.desk.may), request, **more)

    return opened


def of_house(view: View) -> View:
    """The same view on the log of the house. It is rendered inside the scope, which ends with this call."""

    @asking_house(May.AUDIT_LOG)
    @wraps(view)
    def opened(desk: Desk, request: HttpRequest, **more: Any) -> HttpResponseBase:
        actor = Actor(desk.user.id.hex, "+".join(sorted(desk.house)))
        with clients_scope([HOUSE], write=HOUSE):
            response = view(Log(HOUSE, "", _("the house"), actor, desk.may_house), request, **more)
            render = getattr(response, "render", None)
            return render() if callable(render) else response

    return opened
