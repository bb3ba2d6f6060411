"""How does somebody look at the desk as another does? Begin and end, each a line in the log of acts."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_POST

from goodword.actions.deeds import Actor
from goodword.actions.people_of_house import keep_seeing
from goodword.actions.permissions import GIVEN, May
from goodword.store.reads import users as read
from goodword.store.scope import house_scope
from goodword.web import seeing
from goodword.web.desk.door import Ask, asking, asking_house
from goodword.web.shell import Desk

_NOBODY = UUID(int=0).hex


@require_POST
@asking_house(May.SEE_AS)
def of_house(desk: Desk, request: HttpRequest) -> HttpResponseBase:
    """See the desk of all clients as a role or a person of the house does."""
    role, user_id = _wanted(request)
    if user_id:
        with house_scope():
            found = read.member(user_id, None)
        _require_somebody(found)
    with transaction.atomic():
        seeing.begin(request, role=role, user_id=user_id)
        _kept(None, desk.house_actor, "begin", role, user_id)
    return HttpResponseRedirect("/", status=303)


@require_POST
@asking(May.SEE_AS)
def of_client(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """See this client's desk as a role or one of its team does."""
    role, user_id = _wanted(request)
    if user_id:
        _require_somebody(read.member(user_id, ask.client_id))
    with transaction.atomic():
        seeing.begin(request, role=role, user_id=user_id, slug=ask.slug)
        _kept(ask.client_id, ask.desk.actor, "begin", role, user_id)
    return HttpResponseRedirect("/", status=303)


@require_POST
@asking_house(None)
def end(desk: Desk, request: HttpRequest) -> HttpResponseBase:
    """See it as oneself again."""
    found = desk.seeing
    if found is not None:
        client = next((one for one in desk.served if one.slug == found.slug), None)
        with transaction.atomic():
            seeing.end(request)
            own = (client.within or client.roles) if client else found.own_house
            actor = Actor(desk.user.id.hex, "+".join(sorted(own)))
            _kept(client.id if client else None, actor, "end", found.role, found.user_id)
    return HttpResponseRedirect("/", status=303)


def _wanted(request: HttpRequest) -> tuple[str, str]:
    """(role, user id): exactly one of them is there, and can be seen as."""
    role, user_id = request.POST.get("role", ""), request.POST.get("user", "").removeprefix("usr_")
    if bool(role) == bool(user_id) or (role and role not in GIVEN):
        raise Http404
    try:
        return role, UUID(user_id).hex if user_id else ""
    except ValueError:
        raise Http404 from None


def _require_somebody(found: read.Member | None) -> None:
    if found is None or not found.is_active:
        raise Http404


def _kept(client_id: str | None, actor: Actor, what: str, role: str, user_id: str) -> None:
    verb = f"{May.SEE_AS}:{what}:{role}" if role else f"{May.SEE_AS}:{what}"
    keep_seeing(client_id, actor, verb, user_id or _NOBODY, datetime.now(UTC))
