"""Which referrals? The list with its filters, the search box, and the same rows as a file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from goodword.actions.inspect import take_list
from goodword.actions.permissions import May
from goodword.core.referral import STANDING
from goodword.store.reads.people import find
from goodword.store.reads.listing import MOST_COUNTED, Page, Place, Row, Wanted, every_row, page
from goodword.web import words
from goodword.web.desk.door import Ask, asking

PAGE_ROWS = 50
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@require_GET
@asking(May.REFERRALS)
def referrals(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """The list, newest first."""
    wanted = _wanted(request)
    found = page(ask.client_id, wanted, _place(ask, request, wanted), PAGE_ROWS, masked=ask.desk.is_masked)
    context = {
        "page": found,
        "rows": [(row, _standing(row)) for row in found.rows],
        "wanted": wanted,
        "caption": _caption(ask, wanted, found),
        "chips": _chips(ask, wanted),
        "narrowed": _narrowed(ask, wanted, found),
        "next": _address(ask, wanted, at=_cursor(ask, wanted, found.next)) if found.next else "",
        "is_first": "at" not in request.GET,
        "first": _address(ask, wanted),
        "all": reverse("referrals", args=[ask.slug]),
        "csv": _address(ask, wanted, name="referrals_csv") if May.EXPORT in ask.desk.may else "",
        "nothing": request.GET.get("nothing") == "1",
        "events_href": reverse("events", args=[ask.slug]) if May.EVENTS in ask.desk.may else "",
    }
    return TemplateResponse(request, "goodword/referrals.html", context)


@require_POST
@asking(May.REFERRALS)
def search(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """What somebody typed leads to an address that says nothing about it."""
    found = find(ask.client_id, request.POST.get("q", ""))
    if found.kind == "referral":
        return HttpResponseRedirect(reverse("referral", args=[ask.slug, found.id]))
    if found.kind == "event" and May.EVENTS in ask.desk.may:
        return HttpResponseRedirect(reverse("event", args=[ask.slug, found.id]))
    if found.kind == "party":
        return HttpResponseRedirect(_address(ask, Wanted(party=found.id)))
    if found.kind == "code":
        return HttpResponseRedirect(_address(ask, Wanted(code=found.id)))
    return HttpResponseRedirect(reverse("referrals", args=[ask.slug]) + "?nothing=1")


@require_GET
@asking(May.EXPORT)
def referrals_csv(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """The same rows as a file, written while they are read; that it was taken is kept."""
    take_list(ask.client_id, actor=ask.desk.actor, at=datetime.now(UTC))
    rows = every_row(ask.client_id, _wanted(request), masked=ask.desk.is_masked)
    response = StreamingHttpResponse(_lines(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="referrals-{ask.slug}.csv"'
    return response


# ---- what the list is narrowed to


def _wanted(request: HttpRequest) -> Wanted:
    asked = request.GET
    state = asked.get("state", "")
    party = asked.get("person", "").removeprefix("prs_")
    if (state and state not in words.REFERRAL_STATES) or (party and not _is_id(party)):
        raise Http404
    code, program = asked.get("code", "").upper()[:200], asked.get("program", "")[:100]
    if "\x00" in code + program:  # no text of the database holds it
        raise Http404
    return Wanted(state, party, code, program)


def _is_id(text: str) -> bool:
    return len(text) == 32 and all(character in "0123456789abcdef" for character in text)


def _query(wanted: Wanted, **more: str) -> str:
    party = f"prs_{wanted.party}" if wanted.party else ""
    asked = {"state": wanted.state, "person": party, "code": wanted.code, "program": wanted.program} | more
    return urlencode({name: value for name, value in asked.items() if value})


def _address(ask: Ask, wanted: Wanted, *, name: str = "referrals", **more: str) -> str:
    query = _query(wanted, **more)
    return reverse(name, args=[ask.slug]) + (f"?{query}" if query else "")


def _salt(ask: Ask, wanted: Wanted) -> str:
    """A place in one list is no place in another, nor with another client."""
    return f"goodword.referrals.{ask.client_id}.{_query(wanted)}"


def _cursor(ask: Ask, wanted: Wanted, place: Place) -> str:
    return signing.dumps([place.at.isoformat(), place.id], salt=_salt(ask, wanted))


def _place(ask: Ask, request: HttpRequest, wanted: Wanted) -> Place | None:
    cursor = request.GET.get("at")
    if not cursor:
        return None
    try:
        created_at, id = signing.loads(cursor, salt=_salt(ask, wanted))
    except signing.BadSignature:
        raise Http404 from None
    return Place(datetime.fromisoformat(created_at), id)


def _chips(ask: Ask, wanted: Wanted) -> list[tuple[words.State | None, str, bool]]:
    """(state, address, is chosen); None stands for all."""
    states: list[words.State | None] = [None, *words.REFERRAL_STATES.values()]
    return [
        (one, _address(ask, Wanted(one.code if one else "", wanted.party, wanted.code, wanted.program)),
         wanted.state == (one.code if one else ""))
        for one in states
    ]  # fmt: skip


def _narrowed(ask: Ask, wanted: Wanted, found: Page) -> list[tuple[str, SafeString, str]]:
    """(field, value, address without it) of every other filter in force."""
    chips = []
    if wanted.party:
        chips.append(
            (
                _("person"),
                words.person(found.party, wanted.party),
                _address(ask, Wanted(wanted.state, "", wanted.code, wanted.program)),
            )
        )
    if wanted.code:
        chips.append(
            (
                _("code"),
                words.bdi(wanted.code, "code"),
                _address(ask, Wanted(wanted.state, wanted.party, "", wanted.program)),
            )
        )
    if wanted.program:
        named = dict(found.programs).get(wanted.program, wanted.program)
        chips.append(
            (_("program"), words.bdi(named), _address(ask, Wanted(wanted.state, wanted.party, wanted.code, "")))
        )
    return chips


def _caption(ask: Ask, wanted: Wanted, found: Page) -> SafeString:
    """The filter as a sentence: Held referrals of Bob B. for Acme, newest first: 14."""
    assert ask.desk.client is not None
    kind = words.state_of(wanted.state).word if wanted.state else _("All")
    count = f">{MOST_COUNTED:,}" if found.is_capped or found.total is None else f"{found.total:,}"
    parts = format_html(_("{} referrals for {}"), kind, words.bdi(ask.desk.client.name))
    for field, value, _href in _narrowed(ask, wanted, found):
        parts = format_html("{}, {} {}", parts, field, value)
    return format_html(_("{}, newest first: {}"), parts, words.bdi(count, "num"))


def _standing(row: Row) -> list[tuple[SafeString, bool]]:
    """What the rewards of a row come to, per asset; struck where nothing of it stands any more."""
    standing: dict[str, int] = {}
    gone: dict[str, int] = {}
    for reward in row.rewards:
        sums = standing if reward.state in STANDING else gone
        sums[reward.asset] = sums.get(reward.asset, 0) + reward.amount_minor
    chosen = standing or gone
    return [(words.money(minor, asset), chosen is gone) for asset, minor in chosen.items()]


# ---- the file


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def _lines(rows: Iterator[Row]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(
        [
            "referral",
            "referrer",
            "friend",
            "program",
            "version",
            "state",
            "method",
            "code",
            "joined_at",
            "due_at",
            "rewards",
        ]
    )
    for row in rows:
        yield writer.writerow([_safe(cell) for cell in _cells(row)])


def _cells(row: Row) -> list[str]:
    rewards = "; ".join(
        f"{words.plain_money(one.amount_minor, one.asset)} {one.role} {one.state}" for one in row.rewards
    )
    return [
        f"ref_{row.id}",
        _plain_person(row.referrer),
        _plain_person(row.friend),
        row.program,
        str(row.version or ""),
        row.state,
        row.method,
        row.code or "",
        row.joined_at.astimezone(UTC).isoformat() if row.joined_at else "",
        row.due_at.astimezone(UTC).isoformat() if row.due_at else "",
        rewards.replace("advocate", "referrer"),
    ]


def _plain_person(one: Any) -> str:
    if one is None:
        return ""
    return one.name or (_("erased person") if one.is_erased else f"prs_{one.id}")


def _safe(cell: str) -> str:
    """A cell that a spreadsheet could take for a formula begins with an apostrophe."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
