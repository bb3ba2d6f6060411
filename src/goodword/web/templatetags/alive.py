"""What on a page is alive? The seat from which it follows decisions, and the ribbon of a demo with its clock."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse

from goodword.store.reads.standing import decided_so_far
from goodword.web.shell import desk_of

register = template.Library()


@register.inclusion_tag("goodword/parts/live.html", takes_context=True)
def live_seat(context: template.Context) -> dict[str, Any]:
    """Put this at the end of a client's page that marks something with `data-live`; docs/live.md says how."""
    request = context["request"]
    desk = desk_of(request)
    assert desk is not None and desk.client is not None, "only a client's page follows a client"
    return {
        "stream": reverse("live", args=[desk.client.slug]),
        "decision": decided_so_far(desk.client.id),
        "here": request.get_full_path(),
    }
