"""What on a page is alive? The seat from which it follows decisions, and the ribbon of a demo with its clock."""

from __future__ import annotations

from typing import Any

from django import template
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from goodword.actions.permissions import May
from goodword.house.folder import DataFolder
from goodword.house.wish import is_demo
from goodword.store.reads.standing import clock_of, decided_of_all
from goodword.store.scope import current
from goodword.web.shell import Desk, desk_of

register = template.Library()


@register.inclusion_tag("goodword/parts/live.html", takes_context=True)
def live_seat(context: template.Context) -> dict[str, Any]:
    """Put this at the end of a page that marks something with `data-live`; docs/live.md says how.

    A client's page follows that client; a page over all clients follows every one that the person serves.
    """
    request = context["request"]
    desk = desk_of(request)
    assert desk is not None, "only a page of the desk follows decisions"
    client = desk.client
    return {
        "stream": reverse("live", args=[client.slug]) if client else reverse("live_all"),
        "decision": decided_of_all([client.id] if client else [one.id for one in desk.served]),
        "here": request.get_full_path(),
    }


@register.inclusion_tag("goodword/parts/demo_ribbon.html", takes_context=True)
def demo_ribbon(context: template.Context) -> dict[str, Any]:
    """On every page of a demo: that it is one, whose time it is, and how time passes. Nothing anywhere else."""
    request = context["request"]
    desk = desk_of(request)
    if desk is None or not is_demo(DataFolder.from_settings()):
        return {"is_demo": False}
    now = timezone.now()
    clock = clock_of(desk.client.id) if desk.client and _is_readable(desk) else None
    return {
        "is_demo": True,
        "csrf_token": context.get("csrf_token"),
        "client": desk.client if clock else None,
        "clock": clock,
        "business_now": clock.now(now) if clock else None,
        "is_ahead": clock is not None and clock.now(now) > now,
        "may_leap": May.CLOCK in desk.may,
        "may_clear": May.ADD_CLIENT in desk.may_house,
        "here": request.get_full_path(),
    }


def _is_readable(desk: Desk) -> bool:
    """Whether rows of the client can be read now: not on a page that tells of a failed transaction."""
    open_for = {one.hex for one in current().client_ids or ()}
    return desk.client is not None and desk.client.id in open_for and not connection.needs_rollback
