"""Which referrals? The list with its filters, the same rows as files, and what is done with chosen ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from goodword.actions.inspect import take_list
from goodword.actions.permissions import May
from goodword.store.reads.listing import SORTS, Page, Row, TooWide, chosen_rows, every_row, page
from goodword.web import words
from goodword.web.desk.door import Ask, asking
from goodword.web.desk.referrals import columns, files
from goodword.web.desk.referrals.cells import Cells
from goodword.web.desk.referrals.filters import (
    Asked,
    asked_by,
    blanks,
    caption,
    chips,
    cursor_of,
    order_name,
    place_of,
)
from goodword.web.desk.search import elsewhere

PAGE_ROWS = 50
_NOTHING = Page((), 0, None)


@require_GET
@asking(May.REFERRALS)
def referrals(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """The list, newest first unless asked otherwise."""
    assert ask.desk.client is not None
    asked = asked_by(request)
    place, is_wide = place_of(request, asked, ask.client_id), False
    try:
        found = page(ask.client_id, asked.wanted, place, PAGE_ROWS, masked=ask.desk.is_masked)
    except TooWide:
        found, is_wide = _NOTHING, True
    listed = chips(asked, found)
    may_export = May.EXPORT in ask.desk.may
    wanted_columns = columns.chosen(request)
    cells = Cells(wanted_columns)
    context = {
        "page": found,
        "rows": [(row, cells.of(row)) for row in found.rows],
        "asked": asked,
        "is_wide": is_wide,
        "is_filtered": bool(asked.written),
        "caption": caption(asked, found, ask.desk.client.name, listed),
        "states": _states(ask, asked),
        "chips": [(chip, _address(ask, chip.without)) for chip in listed if chip.name != "state"],
        "blanks": [chip for chip in blanks(asked, found) if chip.name != "state"],
        "sorts": [(one, order_name(one), _address(ask, asked.query(sort=unless_first(one)))) for one in SORTS],
        "next": _turned(ask, asked, found, "next"),
        "previous": _turned(ask, asked, found, "previous"),
        "first": _address(ask, asked.query()),
        "is_first": place is None,
        "all": reverse("referrals", args=[ask.slug]),
        "list": _address(ask, asked.query()),
        "csv": _address(ask, asked.query(), "referrals_csv") if may_export else "",
        "json": _address(ask, asked.query(), "referrals_json") if may_export else "",
        "columns": wanted_columns,
        "columns_known": columns.KNOWN,
        "new": reverse("referral_new", args=[ask.slug]) if May.ADD_REFERRAL in ask.desk.may else "",
        "over_all": reverse("all_referrals") if len(ask.desk.serving(May.REFERRALS)) > 1 else "",
        "nothing": request.GET.get("nothing") == "1",
        "elsewhere": elsewhere(ask, request),
        "events_href": reverse("events", args=[ask.slug]) if May.EVENTS in ask.desk.may else "",
    }
    return TemplateResponse(request, "goodword/referrals/list.html", context)


@require_GET
@asking(May.EXPORT)
def referrals_csv(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """The same rows as a file, written while they are read; that it was taken is kept."""
    return files.as_csv(_taken(ask, request), ask.slug)


@require_GET
@asking(May.EXPORT)
def referrals_json(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """The same rows for programs."""
    return files.as_json(_taken(ask, request), ask.slug)


def _taken(ask: Ask, request: HttpRequest) -> Iterable[Row]:
    asked = asked_by(request)
    take_list(ask.client_id, actor=ask.desk.actor, at=datetime.now(UTC))
    return every_row(ask.client_id, asked.wanted, masked=ask.desk.is_masked)


@require_POST
@asking(May.REFERRALS)
def referrals_chosen(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """What is done with rows that were chosen: their refs to copy, or the rows as a file."""
    ids = [ref.removeprefix("ref_") for ref in request.POST.getlist("ref")]
    if not all(len(id) == 32 and set(id) <= set("0123456789abcdef") for id in ids):
        raise Http404
    if request.POST.get("do") == "export":
        if May.EXPORT not in ask.desk.may:
            raise Http404
        take_list(ask.client_id, actor=ask.desk.actor, at=datetime.now(UTC))
        return files.as_csv(chosen_rows(ask.client_id, ids, masked=ask.desk.is_masked), ask.slug)
    rows = chosen_rows(ask.client_id, ids, masked=ask.desk.is_masked)
    context = {"rows": rows, "refs": "\n".join(f"ref_{row.id}" for row in rows)}
    return TemplateResponse(request, "goodword/referrals/chosen.html", context)


def _address(ask: Ask, query: str, name: str = "referrals") -> str:
    return reverse(name, args=[ask.slug]) + (f"?{query}" if query else "")


def unless_first(sort: str) -> str:
    """An order as it stands in addresses, where the first one is left away."""
    return "" if sort == SORTS[0] else sort


def _turned(ask: Ask, asked: Asked, found: Page, way: str) -> str:
    place = getattr(found, way)
    return _address(ask, asked.query(at=cursor_of(asked, ask.client_id, place))) if place else ""


def _states(ask: Ask, asked: Asked) -> list[tuple[words.State | None, str, bool]]:
    return states_of(asked, lambda query: _address(ask, query))


def states_of(asked: Asked, address: Callable[[str], str]) -> list[tuple[words.State | None, str, bool]]:
    """(state, address, is chosen); None stands for all."""
    states: list[words.State | None] = [None, *words.REFERRAL_STATES.values()]
    codes = [(one, one.code if one else "") for one in states]
    return [(one, address(asked.query(state=code)), asked.wanted.state == code) for one, code in codes]
