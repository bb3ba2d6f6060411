"""Which openings of links are behind the first step of the funnel? A list of their own: nobody is known by then."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from django.core import signing
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from goodword.actions.permissions import May
from goodword.store.reads.behind import Place
from goodword.store.reads.behind_clicks import opened_links
from goodword.web.desk.door import Ask, asking, page

PAGE_ROWS = 50


@require_GET
@asking(May.OVERVIEW)
def clicks(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """The openings of the days in the address, by the clock of the client."""
    if May.REFERRALS not in ask.desk.may:
        raise Http404
    try:
        first, last = (date.fromisoformat(request.GET.get(name, "")) for name in ("from", "to"))
        end_day = last + timedelta(days=1)
    except (ValueError, OverflowError):
        raise Http404 from None
    salt = f"goodword.overview.{ask.client_id}.clicks.{first}.{last}"
    begin, end = (datetime.combine(day, time(), ask.desk.zone) for day in (first, end_day))
    rows, following = opened_links(ask.client_id, begin, end, _place(request, salt), PAGE_ROWS)
    query = {"from": first.isoformat(), "to": last.isoformat()}
    here = reverse("overview_clicks", args=[ask.slug])
    cursor = signing.dumps([following.at.isoformat(), following.id], salt=salt) if following else ""
    names = [date_format(day, "j M Y") for day in (first, last)]
    context = {
        "rows": rows,
        "span": names[0] if first == last else _("{first} to {last}").format(first=names[0], last=names[1]),
        "may_inspect": May.EVENTS in ask.desk.may,
        "is_first": "at" not in request.GET,
        "first": f"{here}?{urlencode(query)}",
        "next": f"{here}?{urlencode(query | {'at': cursor})}" if cursor else "",
        "back": reverse("overview", args=[ask.slug]),
    }
    return page(request, "goodword/overview/clicks.html", context)


def _place(request: HttpRequest, salt: str) -> Place | None:
    if not (cursor := request.GET.get("at")):
        return None
    try:
        at, id = signing.loads(cursor, salt=salt)
    except signing.BadSignature:
        raise Http404 from None
    return Place(datetime.fromisoformat(at), id)
