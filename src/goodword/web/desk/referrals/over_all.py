"""Which referrals of all clients that somebody serves? One list with the filters of each, and the same rows as files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from goodword.actions.deeds import Actor
from goodword.actions.inspect import take_list
from goodword.actions.permissions import May
from goodword.store.reads.desk import Served
from goodword.store.reads.listing import SORTS, Page, Row, TooWide, every_row, page_of_all
from goodword.store.scope import clients_scope
from goodword.web.desk.door import asking_somewhere
from goodword.web.desk.referrals import files
from goodword.web.desk.referrals.cells import Cells
from goodword.web.desk.referrals.columns import AT_FIRST
from goodword.web.desk.referrals.filters import (
    Asked,
    asked_by,
    blanks,
    chips,
    cursor_of,
    order_name,
    order_word,
    place_of,
)
from goodword.web.desk.referrals.views import PAGE_ROWS, states_of, unless_first
from goodword.web.shell import Desk, colour_of, may_of

_NOTHING = Page((), 0, None)


@require_GET
@asking_somewhere(May.REFERRALS)
def all_referrals(desk: Desk, request: HttpRequest) -> HttpResponseBase:
    """The list over all clients, each client's names as the role there allows."""
    served = {one.id: one for one in desk.serving(May.REFERRALS)}
    asked, scope, is_wide = asked_by(request), f"all.{desk.user.id.hex}", False
    try:
        found = page_of_all(
            [(id, _is_masked(one)) for id, one in served.items()],
            asked.wanted,
            place_of(request, asked, scope),
            PAGE_ROWS,
        )
    except TooWide:
        found, is_wide = _NOTHING, True
    listed, cells = chips(asked, found), Cells(AT_FIRST)
    may_export = bool(desk.serving(May.EXPORT))
    context = {
        "rows": [(row, cells.of(row), served[row.client_id], colour_of(served[row.client_id])) for row in found.rows],
        "asked": asked,
        "is_wide": is_wide,
        "served": len(served),
        "order": order_word(asked.wanted.sort),
        "sorts": [(one, order_name(one), _address(asked.query(sort=unless_first(one)))) for one in SORTS],
        "states": states_of(asked, _address),
        "chips": [(chip, _address(chip.without)) for chip in listed if chip.name != "state"],
        "blanks": [chip for chip in blanks(asked, found) if chip.name != "state"],
        "next": found.next and _address(asked.query(at=cursor_of(asked, scope, found.next))),
        "previous": found.previous and _address(asked.query(at=cursor_of(asked, scope, found.previous))),
        "all": reverse("all_referrals"),
        "csv": _address(asked.query(), "all_referrals_csv") if may_export else "",
        "json": _address(asked.query(), "all_referrals_json") if may_export else "",
    }  # fmt: skip
    return TemplateResponse(request, "goodword/referrals/all.html", context)


@require_GET
@asking_somewhere(May.EXPORT)
def all_referrals_csv(desk: Desk, request: HttpRequest) -> HttpResponseBase:
    """The same rows as a file, client by client; each client's log of acts keeps that they were taken."""
    rows, clients = _taken(desk, asked_by(request))
    return files.as_csv(rows, "all", clients)


@require_GET
@asking_somewhere(May.EXPORT)
def all_referrals_json(desk: Desk, request: HttpRequest) -> HttpResponseBase:
    """The same rows for programs."""
    rows, clients = _taken(desk, asked_by(request))
    return files.as_json(rows, "all", clients)


def _taken(desk: Desk, asked: Asked) -> tuple[Iterator[Row], dict[str, str]]:
    """The rows of every client whose lists this person may take away, and the clients' names in addresses."""
    both = {May.EXPORT, May.REFERRALS}
    taken = [one for one in desk.serving(May.EXPORT) if both <= may_of(one)]
    if not taken:
        raise PermissionDenied
    now = datetime.now(UTC)
    for one in taken:
        with clients_scope([one.id for one in desk.served], write=one.id):
            take_list(one.id, actor=Actor(desk.user.id.hex, "+".join(sorted(one.within or one.roles))), at=now)
    rows = (row for one in taken for row in every_row(one.id, asked.wanted, masked=_is_masked(one)))
    return rows, {one.id: one.slug for one in taken}


def _is_masked(one: Served) -> bool:
    return May.NAMES not in may_of(one)


def _address(query: str, name: str = "all_referrals") -> str:
    return reverse(name) + (f"?{query}" if query else "")
