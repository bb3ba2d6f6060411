"""Which events came in, failed or were refused? Three lists with the same filters, their files, and one replay for all that failed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from goodword.actions.inspect import kept, retry_failed
from goodword.actions.permissions import May
from goodword.errors import NotFound
from goodword.store.reads import received as reads
from goodword.web import errors, words
from goodword.web.desk import periods, twins
from goodword.web.desk.door import Ask, asking, page
from goodword.web.toasts import toast

_A_PAGE = 50
_LISTS = ("dead", "refused", "all")
_NAMES = ("type", "source", "reason", "since", "until")


@dataclass(frozen=True)
class Asked:
    """Which list, its filters as they were typed, what they mean, and what is wrong with them."""

    show: str
    typed: dict[str, str]
    wanted: reads.Wanted
    problems: tuple[str, ...]

    @property
    def query(self) -> str:
        """The list and its filters as they stand in addresses."""
        told = {"show": "" if self.show == "dead" else self.show} | self.typed
        return urlencode({name: value for name, value in told.items() if value})

    @property
    def is_narrowed(self) -> bool:
        """Whether any filter is in force."""
        return any(self.typed.values())


@require_GET
@asking(May.EVENTS)
def events(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """What could not be decided, what was refused at the door, or all rows of the log."""
    asked = _asked(request)
    address = reverse("events", args=[ask.slug])
    counts = reads.counts(ask.client_id, asked.wanted)
    rows, onward = _page_of(ask, request, asked)
    titles = {
        "dead": (_("Could not be decided"), counts.dead),
        "refused": (_("Refused at the door"), counts.refused),
        "all": (_("All that came in"), None),
    }
    beside = f"{asked.query}&" if asked.query else ""
    context = {
        "tab": asked.show,
        "tabs": [
            (title, address if name == "dead" else f"{address}?show={name}", name == asked.show, _capped(count, counts.most))
            for name, (title, count) in titles.items()
        ],
        "rows": rows,
        "asked": asked,
        "address": address,
        "types": sorted(words.EVENT_WORDS),
        "sources": reads.sources(ask.client_id),
        "failed": counts.failed if May.RETRY in ask.desk.may else 0,
        "failed_since": counts.since,
        "replay_href": f"{reverse('events_replay', args=[ask.slug])}?{asked.query}",
        "may_retry": May.RETRY in ask.desk.may,
        "is_first": "at" not in request.GET,
        "first": f"{address}?{asked.query}" if asked.query else address,
        "next": f"{address}?{beside}at={onward}" if onward else "",
        "csv": f"{reverse('events_csv', args=[ask.slug])}?{asked.query}",
        "json": f"{reverse('events_json', args=[ask.slug])}?{asked.query}",
    }  # fmt: skip
    return page(request, "goodword/developers/events.html", context)


@require_GET
@asking(May.EVENTS)
def events_csv(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """The list as a file."""
    asked = _asked(request)
    rows = [row | {"problems": _told(row["problems"])} if "problems" in row else row for row in _rows(ask, asked)]
    return twins.as_csv(f"events-{ask.slug}", _COLUMNS[asked.show], rows)


@require_GET
@asking(May.EVENTS)
def events_json(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """The list as data."""
    return twins.as_json(f"events-{ask.slug}", _rows(ask, _asked(request)))


@require_http_methods(["GET", "POST"])
@asking(May.RETRY)
def replay(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """Ask once, then have everything decided again that failed and fits the filters."""
    asked = _asked(request)
    if request.method == "POST":
        return _replayed(ask, request, asked)
    counts = reads.counts(ask.client_id, asked.wanted)
    context = {
        "asked": asked,
        "failed": counts.failed,
        "since": counts.since,
        "most": reads.MOST_REPLAYED,
        # What fails after this page was made is not part of what it asks about.
        "until": datetime.now(UTC).isoformat(),
        "events_href": reverse("events", args=[ask.slug]),
    }
    return page(request, "goodword/developers/replay.html", context)


def _replayed(ask: Ask, request: HttpRequest, asked: Asked) -> HttpResponseBase:
    until = _moment(request.POST.get("until", ""))
    wanted = asked.wanted if until is None else replace(asked.wanted, until=min(asked.wanted.until or until, until))
    try:
        count = retry_failed(ask.client_id, wanted, actor=ask.desk.actor, at=datetime.now(UTC))
    except NotFound as refusal:
        return errors.refused(request, 404, refusal)
    said = ngettext(
        "%(n)s event is decided again. It leaves this list once that succeeds.",
        "%(n)s events are decided again. They leave this list once that succeeds.",
        count,
    )
    toast(request, said % {"n": count})
    return HttpResponseRedirect(reverse("events", args=[ask.slug]), status=303)


# ---- what is asked for


def _asked(request: HttpRequest) -> Asked:
    show = request.GET.get("show", "dead")
    if show not in _LISTS:
        raise Http404
    typed = {name: request.GET.get(name, "").strip()[:200].replace("\x00", "") for name in _NAMES}
    problems: list[str] = []
    moments: dict[str, datetime | None] = {}
    for name, meaning in (("since", periods.begin_of), ("until", periods.end_of)):
        try:
            moments[name] = meaning(typed[name])
        except (ValueError, OverflowError):
            moments[name] = None
            problems.append(
                _("“%(text)s” is no moment. Write 2026-11-03 or 2026-11-03T09:10; the list is not narrowed by it.")
                % {"text": typed[name]}
            )
    wanted = reads.Wanted(typed["type"], typed["source"], typed["reason"] if show == "dead" else "", **moments)
    return Asked(show, typed, wanted, tuple(problems))


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _page_of(ask: Ask, request: HttpRequest, asked: Asked) -> tuple[Iterable[Any], str]:
    """The rows of this page, and the signed place where they end."""
    after = _place(ask, request, asked)
    if asked.show == "all":
        place = (int(after[0]), int(after[1])) if after else None
        rows, log_end = reads.received(ask.client_id, asked.wanted, place, _A_PAGE)
        return rows, _cursor(ask, asked, [str(log_end[0]), str(log_end[1])]) if log_end else ""
    moment = (datetime.fromisoformat(after[0]), after[1]) if after else None
    listed: tuple[Iterable[Any], tuple[datetime, str] | None]
    listed = (reads.failed if asked.show == "dead" else reads.refused)(ask.client_id, asked.wanted, moment, _A_PAGE)
    end = listed[1]
    return listed[0], _cursor(ask, asked, [end[0].isoformat(), end[1]]) if end else ""


def _salt(ask: Ask, asked: Asked) -> str:
    return f"goodword.events.{ask.client_id}.{asked.query}"


def _cursor(ask: Ask, asked: Asked, place: list[str]) -> str:
    return signing.dumps(place, salt=_salt(ask, asked))


def _place(ask: Ask, request: HttpRequest, asked: Asked) -> list[str] | None:
    cursor = request.GET.get("at")
    if not cursor:
        return None
    try:
        place: list[str] = signing.loads(cursor, salt=_salt(ask, asked))
    except signing.BadSignature:
        raise Http404 from None
    return place


def _capped(count: int | None, most: int) -> str:
    if count is None:
        return ""
    return f">{most:,}" if count > most else f"{count:,}"


# ---- the files

_COLUMNS = {
    "all": ("event", "type", "at", "received_at", "source", "state"),
    "dead": ("id", "type", "source", "reason", "detail", "since", "attempts", "next_try"),
    "refused": ("received_at", "source", "problems"),
}


def _rows(ask: Ask, asked: Asked) -> list[dict[str, Any]]:
    """The narrowed list; that it was taken away is kept before."""
    kept(ask.client_id, ask.desk.actor, "export.events", "event", "", datetime.now(UTC))
    if asked.show == "all":
        return [
            {
                "event": f"evt_{one.id}", "type": one.type, "at": one.at, "received_at": one.received_at,
                "source": one.source, "state": one.state,
            }
            for one in reads.received(ask.client_id, asked.wanted, None, twins.MOST_ROWS)[0]
        ]  # fmt: skip
    if asked.show == "dead":
        return [
            {
                "id": f"evt_{one.id}" if one.type else f"ref_{one.id}", "type": one.type, "source": one.source,
                "reason": one.reason, "detail": one.detail, "since": one.at, "attempts": one.attempts,
                "next_try": one.retry_at,
            }
            for one in reads.failed(ask.client_id, asked.wanted, None, twins.MOST_ROWS)[0]
        ]  # fmt: skip
    return [
        {"received_at": one.received_at, "source": one.source, "problems": list(one.problems)}
        for one in reads.refused(ask.client_id, asked.wanted, None, twins.MOST_ROWS)[0]
    ]


def _told(problems: list[dict[str, Any]]) -> str:
    return "; ".join(
        " ".join(str(one.get(part, "")) for part in ("field", "why", "repair")).strip() for one in problems
    )
