"""What is due, why is it mine, and what do I do first?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from goodword.actions.permissions import May
from goodword.store.reads.today import MOST_COUNTED
from goodword.web import words
from goodword.web.desk.door import asking_somewhere, page
from goodword.web.desk.today.due import Work, works
from goodword.web.shell import Desk, colour_of


@require_GET
@asking_somewhere(May.WORK)
def today(desk: Desk, request: HttpRequest) -> HttpResponseBase:
    """The list, the most urgent first, with one Start."""
    now = datetime.now(UTC)
    found = works(desk, now)
    doable = [work for work in found if work.href]
    context = {
        "works": [_told(work) for work in found],
        "first": _told(doable[0]) if doable else None,
        "late": sum(1 for work in found if work.level == "late" and work.left is not None and work.left <= timedelta()),
        "clients": len({work.client.id for work in found}),
        "serves": desk.serving(May.WORK),
        "next": next((work for work in found if work.due_at), None),
        "counted_at": now,
        "is_clear": request.GET.get("clear") == "1",
    }
    return page(request, "goodword/today/page.html", context, fragment="goodword/today/list.html")


@require_GET
@asking_somewhere(May.WORK)
def start(desk: Desk, request: HttpRequest) -> HttpResponseBase:
    """The most urgent piece of work that this person may do; where there is none, the list says so."""
    first = next((work for work in works(desk, datetime.now(UTC)) if work.href), None)
    return HttpResponseRedirect(first.href if first else reverse("today") + "?clear=1")


def _told(work: Work) -> dict[str, Any]:
    """A pile in words."""
    n = (
        f"{MOST_COUNTED:,}+"
        if work.kind.name in ("dead", "deadline") and work.pile.n > MOST_COUNTED
        else f"{work.pile.n:,}"
    )
    return {
        "work": work,
        "says": format_html(work.kind.says(work.pile), n=words.bdi(n), name=words.bdi(work.pile.name)),
        "why": work.kind.why(),
        "act": work.kind.act(),
        "colour": colour_of(work.client),
        "money": format_html_join(" · ", "{}", ((words.money(minor, asset),) for asset, minor in work.pile.money)),
        "left": _left(work),
        "due": _due(work),
    }


def _left(work: Work) -> str:
    """How long is left, or how late it is."""
    if work.left is None:
        return _("no deadline")
    late, span = work.left < timedelta(), abs(work.left)
    if span >= timedelta(days=2):
        said = ngettext("{n} day", "{n} days", span.days).format(n=span.days)
    elif span >= timedelta(hours=1):
        said = _("{n} h").format(n=int(span.total_seconds() // 3600))
    else:
        said = _("{n} min").format(n=int(span.total_seconds() // 60))
    return _("{span} late").format(span=said) if late else _("{span} left").format(span=said)


def _due(work: Work) -> SafeString | str:
    """The moment by which it is due; the day is left away where it is today."""
    if work.due_at is None:
        return ""
    local = timezone.localtime(work.due_at)
    shown = "H:i" if local.date() == timezone.localdate() else "j M, H:i"
    return format_html(
        '<time datetime="{}"><bdi>{}</bdi></time>', local.isoformat(timespec="minutes"), date_format(local, shown)
    )
