"""What waits for a person, the riskiest first? The queue, its twins, and whoever is served next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from goodword.actions.inspect import kept
from goodword.actions.permissions import May
from goodword.store.reads import review as reads
from goodword.store.reads.review import Place, Queue, Wanted
from goodword.web import words
from goodword.web.desk import twins
from goodword.web.desk.door import Ask, asking, page
from goodword.web.desk.review import asked

PAGE_ROWS = 50


@require_GET
@asking(May.REVIEW)
def home(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """The queue with what it holds, and the filters that narrow it."""
    wanted, now = asked.wanted_in(request), datetime.now(UTC)
    place = _place(ask, request, wanted)
    standing = reads.standing(ask.client_id, asked.who(ask))
    found = listed(ask, wanted, place, PAGE_ROWS, total=standing.total if wanted == Wanted() else None)
    business_now = reads.business_now(ask.client_id, now)
    context = {
        "rows": rows_of(ask, found, wanted, business_now),
        "total": found.total,
        "caption": _caption(ask, wanted, found),
        "standing": standing,
        "held": asked.sums(standing.money),
        "hours": round(asked.goal(ask).total_seconds() / 3600),
        "oldest": asked.span(business_now - standing.oldest) if standing.oldest else "",
        "today": None if standing.total else _today(ask, now, business_now),
        "filters": _filters(ask, wanted, standing),
        "is_narrowed": wanted != Wanted(),
        "filter": asked.query_of(wanted),
        "start": asked.address(ask, "review_next", wanted),
        "all": reverse("review", args=[ask.slug]),
        "next": asked.address(ask, "review", wanted, at=_cursor(ask, wanted, found.next)) if found.next else "",
        "is_first": place is None,
        "first": asked.address(ask, "review", wanted),
        "csv": asked.address(ask, "review_csv", wanted) if May.EXPORT in ask.desk.may else "",
        "json": asked.address(ask, "review_json", wanted) if May.EXPORT in ask.desk.may else "",
        "signals": reverse("review_signals", args=[ask.slug]),
        "most": reads.MOST_COUNTED,
        "is_capped": found.total > reads.MOST_COUNTED,
    }
    return page(request, "goodword/review/queue.html", context)


@require_GET
@asking(May.REVIEW)
def serve_next(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """The next one that nobody else has open; behind the last it begins at the top, and an empty queue says so."""
    wanted = asked.wanted_in(request)
    return HttpResponseRedirect(following(ask, wanted, after_of(request.GET.get("after", ""))))


def following(ask: Ask, wanted: Wanted, after: Place | None) -> str:
    """Where the next one is; the queue itself where there is none."""
    found = reads.following(ask.client_id, wanted, after, asked.who(ask))
    return asked.address(ask, "review_item", wanted, found) if found else asked.address(ask, "review", wanted)


def after_of(text: str) -> Place | None:
    """A place in the queue: points, a dot, an id."""
    points, _dot, id = text.partition(".")
    is_place = points.isascii() and points.isdigit() and len(points) < 4 and len(id) == 32
    return Place(int(points), id) if is_place and all(sign in "0123456789abcdef" for sign in id) else None


def listed(ask: Ask, wanted: Wanted, place: Place | None, size: int, *, total: int | None = None) -> Queue:
    """A page of the queue as this person sees it; `total` where it was counted before."""
    return reads.queue(ask.client_id, wanted, place, size, masked=ask.desk.is_masked, who=asked.who(ask), total=total)


def rows_of(ask: Ask, found: Queue, wanted: Wanted, now: datetime) -> list[dict[str, Any]]:
    """Rows with their words."""
    return [
        {
            "row": row,
            "href": asked.address(ask, "review_item", wanted, row.id),
            "money": asked.sums(row.money),
            "sla": asked.sla(row.since, now, asked.goal(ask), row.aside.pause),
            "is_mine": row.aside.handover is not None and row.aside.handover.to_id == ask.desk.user.id.hex,
            "waits": asked.PAUSE_WHYS.get(row.aside.pause.why, "") if row.aside.pause else "",
            "top": words.found(row.top.words) if row.top else "",
        }
        for row in found.rows
    ]


def _filters(ask: Ask, wanted: Wanted, standing: reads.Standing) -> list[tuple[str, list[tuple[Any, str, bool]]]]:
    """(name, [(what, address, is chosen)]) of each filter; the first choice takes it away."""

    def choices(field: str, listed: list[tuple[Any, Any]]) -> list[tuple[Any, str, bool]]:
        def to(value: Any) -> str:
            return asked.address(ask, "review", replace(wanted, **{field: value}))

        nothing = 0 if field == "least" else ""
        now = getattr(wanted, field)
        return [(_("All"), to(nothing), now == nothing), *((word, to(value), now == value) for word, value in listed)]

    found = [
        (_("Finding"), choices("signal", [(_counted(asked.signal_word(one), n), one) for one, n in standing.signals])),
        (_("Points"), choices("least", [(_("from {}").format(n), n) for n in asked.LEVELS])),
    ]
    if standing.mine or standing.waiting or wanted.whose:
        counts = {"mine": standing.mine, "waiting": standing.waiting}
        found.append(
            (
                _("Whose"),
                choices("whose", [(_counted(str(name), counts[one]), one) for one, name in asked.WHOSE.items()]),
            )
        )
    if len(standing.programs) > 1 or wanted.program:
        programs = [(_counted(name, n), slug) for slug, name, n in standing.programs]
        found.append((_("Program"), choices("program", programs)))
    return found


def _counted(name: str, n: int) -> SafeString:
    return format_html("{} <bdi>{}</bdi>", name, n)


def _caption(ask: Ask, wanted: Wanted, found: Queue) -> SafeString:
    """The filter as a sentence: Held referrals for Acme, riskiest first, same device, from 50 points: 14."""
    assert ask.desk.client is not None
    parts = [format_html(_("Held referrals for {}, riskiest first"), words.bdi(ask.desk.client.name))]
    if wanted.signal:
        parts.append(format_html(_("finding {}"), words.bdi(asked.signal_word(wanted.signal))))
    if wanted.program:
        parts.append(format_html(_("program {}"), words.bdi(wanted.program)))
    if wanted.least:
        parts.append(format_html(_("from {} points"), words.bdi(wanted.least)))
    if wanted.whose:
        parts.append(words.bdi(asked.WHOSE[wanted.whose]))
    count = f">{reads.MOST_COUNTED:,}" if found.total > reads.MOST_COUNTED else f"{found.total:,}"
    said = parts[0]
    for part in parts[1:]:
        said = format_html("{}, {}", said, part)
    return format_html("{}: {}", said, words.bdi(count, "num"))


def _today(ask: Ask, now: datetime, business_now: datetime) -> str:
    """What was decided today, by the client's day; how long one took is measured between two decisions of one person."""
    zone: ZoneInfo = ask.desk.zone

    def midnight(at: datetime) -> datetime:
        return at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)

    found = reads.today(ask.client_id, midnight(business_now), midnight(now))
    if not found.cleared + found.denied:
        return _("Nobody had to decide anything today.")
    told = ngettext("{} cleared today", "{} cleared today", found.cleared).format(found.cleared)
    if found.denied:
        told = _("{}, {} denied").format(told, found.denied)
    if found.median_seconds is not None:
        told = _("{}, median {} s").format(told, found.median_seconds)
    return f"{told}."


# ---- twins


@require_GET
@asking(May.REVIEW)
def as_csv(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """The queue as a file."""
    return twins.as_csv(f"review-{ask.slug}", _COLUMNS, _taken(ask, request))


@require_GET
@asking(May.REVIEW)
def as_json(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """The queue as data."""
    return twins.as_json(f"review-{ask.slug}", _taken(ask, request))


_COLUMNS = (
    "referral",
    "program",
    "points",
    "held_since",
    "finding",
    "findings",
    "referrer",
    "friend",
    "held",
    "shared_by",
)


def _taken(ask: Ask, request: HttpRequest) -> Iterator[dict[str, Any]]:
    if May.EXPORT not in ask.desk.may:
        raise PermissionDenied
    wanted = asked.wanted_in(request)
    kept(ask.client_id, ask.desk.actor, "export.review", "referral", "", datetime.now(UTC))
    return _lines(ask, wanted)


def _lines(ask: Ask, wanted: Wanted) -> Iterator[dict[str, Any]]:
    place: Place | None = None
    for _page in range(twins.MOST_ROWS // 500):
        found = listed(ask, wanted, place, 500)
        for row in found.rows:
            yield {
                "referral": f"ref_{row.id}",
                "program": row.program,
                "points": row.points,
                "held_since": row.since,
                "finding": row.top.signal if row.top else "",
                "findings": row.findings,
                "referrer": row.referrer.name or f"prs_{row.referrer.id}",
                "friend": row.friend.name or f"prs_{row.friend.id}",
                "held": asked.plain_sums(row.money),
                "shared_by": row.shared_by,
            }
        place = found.next
        if place is None:
            return


# ---- places in the list


def _salt(ask: Ask, wanted: Wanted) -> str:
    """A place in one list is no place in another, nor with another client."""
    return f"goodword.review.{ask.client_id}.{asked.query_of(wanted)}"


def _cursor(ask: Ask, wanted: Wanted, place: Place) -> str:
    return signing.dumps([place.points, place.id], salt=_salt(ask, wanted))


def _place(ask: Ask, request: HttpRequest, wanted: Wanted) -> Place | None:
    cursor = request.GET.get("at")
    if not cursor:
        return None
    try:
        points, id = signing.loads(cursor, salt=_salt(ask, wanted))
    except signing.BadSignature:
        raise Http404 from None
    return Place(points, id)
