"""Is it working? Six numbers, the funnel, the trend, sources and what is owed; and the rows behind each number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from goodword.actions.inspect import take_list
from goodword.actions.permissions import May
from goodword.core.amounts import to_decimal
from goodword.store.reads import behind as rows_behind
from goodword.store.reads import overview as read
from goodword.web import charts, rooms
from goodword.web.desk import twins
from goodword.web.desk.door import Ask, asking, page
from goodword.web.desk.overview import telling
from goodword.web.desk.overview.periods import GRAINS, KEYS, Period, period_of

PAGE_ROWS = 50


@dataclass(frozen=True)
class Wanted:
    """What the address asks for."""

    period: Period
    grain: str
    compares: bool
    program: str
    programs: tuple[tuple[str, str, str], ...]

    @property
    def program_id(self) -> str:
        return next((id for id, slug, _name in self.programs if slug == self.program), "")

    def query(self, **more: str) -> str:
        """The query of the same page with something changed; what is the default is left away."""
        asked = {
            "period": self.period.key if self.period.key != "m" else "",
            "on": "" if self.period.is_running else self.period.begin.isoformat(),
            "by": self.grain if self.grain != GRAINS[self.period.key][0] else "",
            "compare": "" if self.compares else "0",
            "program": self.program,
        } | more
        return "?" + urlencode({name: value for name, value in asked.items() if value})


@require_GET
@asking(May.OVERVIEW)
def overview(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """The page; to htmx only its figures."""
    wanted = _wanted(ask, request)
    found = _found(ask, wanted)
    period, currency = wanted.period, _currency(ask)
    links = telling.Links(ask.slug, period, wanted.program)
    steps = period.steps(wanted.grain)
    context = {
        "wanted": wanted,
        "period": period,
        "found": found,
        "in_short": telling.in_short(found, period, currency),
        "tiles": telling.tiles(found, period, steps, links, currency, compares=wanted.compares),
        "funnel": telling.funnel(found.now, links, with_clicks=not wanted.program),
        "sources": telling.sources(found.now, links),
        "owed": telling.liability(found, links),
        "netted": telling.moneys(found.liability.netted, currency) if found.liability.netted else "",
        "owed_total": telling.moneys(found.liability.owed, currency),
        "cohorts": telling.cohorts(found, period, wanted.grain, links) if period.key in ("m", "y") else (),
        "late_week": telling.LAST_WEEK,
        "counted_at": datetime.now(UTC),
        "zone": ask.desk.zone.key,
        "twins": [(kind.upper(), reverse(f"overview_{kind}", args=[ask.slug]) + wanted.query()) for kind in ("csv", "json")]
        if May.EXPORT in ask.desk.may
        else [],
        "first_steps": _first_steps(ask),
        **_trend(found, steps, wanted, links),
        **_controls(wanted),
    }  # fmt: skip
    return page(request, "goodword/overview/page.html", context, fragment="goodword/overview/figures.html")


def _wanted(ask: Ask, request: HttpRequest) -> Wanted:
    """What was asked; what makes no sense does not exist."""
    key, program = request.GET.get("period", "m"), request.GET.get("program", "")
    programs = read.programs(ask.client_id)
    try:
        period = period_of(key, request.GET.get("on", ""), timezone.localdate())
    except ValueError:
        raise Http404 from None
    grain = request.GET.get("by", GRAINS[key][0])
    if grain not in GRAINS[key] or (program and program not in {slug for _id, slug, _name in programs}):
        raise Http404
    return Wanted(period, grain, request.GET.get("compare") != "0", program, programs)


def _found(ask: Ask, wanted: Wanted) -> read.Overview:
    period = wanted.period
    asked = read.Asked(
        period.begin, period.counted_end, period.before_begin, period.before_end, period.trend_begin, wanted.grain,
        wanted.program_id,
    )  # fmt: skip
    return read.overview(ask.client_id, asked)


def _currency(ask: Ask) -> str:
    return ask.desk.client.currency if ask.desk.client else ""


def _first_steps(ask: Ask) -> list[tuple[str, str]]:
    """What brings the first data, as far as the role reaches it."""
    doors = (("developers", _("Connect a system")), ("referrals", _("Referrals")))
    found = [(rooms.room(name), says) for name, says in doors]
    return [
        (href, says) for room, says in found if room.may in ask.desk.may and (href := rooms.address_of(room, ask.slug))
    ]


def _trend(found: read.Overview, steps: tuple[date, ...], wanted: Wanted, links: telling.Links) -> dict[str, Any]:
    """The lines, the sentence that says what they show, and the same as a table."""
    sums = [found.trend.get(step, read.Sums()) for step in steps]
    series = (
        charts.Series(_("Joined"), tuple(one.referrals for one in sums)),
        charts.Series(_("of them customers so far"), tuple(one.customers for one in sums)),
    )
    names = [date_format(step, "M Y" if wanted.grain == "month" else "j M") for step in steps]
    best = max(range(len(sums)), key=lambda n: sums[n].referrals, default=0)
    says = _("Nobody joined in these days.")
    if sums and sums[best].referrals:
        says = {
            "day": _("Most friends joined on {step}: {n}."),
            "week": _("Most friends joined in the week of {step}: {n}."),
            "month": _("Most friends joined in {step}: {n}."),
        }[wanted.grain].format(step=names[best], n=f"{sums[best].referrals:,}")
    middle = names[len(names) // 2] if len(names) > 4 else ""
    top = charts.round_top(max((one.referrals for one in sums), default=0))
    return {
        "series": series,
        "trend_says": says,
        "trend_axis": (names[0] if names else "", middle, names[-1] if len(names) > 1 else ""),
        "trend_top": (f"{top:,}", f"{top // 2:,}", "0"),
        "trend_rows": [
            {
                "name": name,
                "first": first.isoformat(),
                "last": last.isoformat(),
                "joined": telling.count(one.referrals),
                "customers": telling.count(one.customers),
                "clicks": telling.count(one.clicks),
                "href": links.of_days("referrals", first, last),
                "customers_href": links.of_days("customers", first, last),
                "clicks_href": links.of_days("clicks", first, last),
            }
            for name, one, (first, last) in zip(names, sums, wanted.period.spans(wanted.grain), strict=True)
        ],
        "trend_href": links.of_days("referrals", None, None),
    }


def _controls(wanted: Wanted) -> dict[str, Any]:
    """Period, steps, comparison and program as links; each keeps the rest of the address."""
    period = wanted.period
    anchor = "" if period.is_running else period.begin.isoformat()
    names = {"d": _("Day"), "w": _("Week"), "m": _("Month"), "y": _("Year")}
    grains = {"day": _("by day"), "week": _("by week"), "month": _("by month")}
    moved = {"earlier": period.earlier, "later": period.later}
    return {
        "periods": [
            (key, names[key], wanted.query(period=key if key != "m" else "", on=anchor, by=""), key == period.key)
            for key in KEYS
        ],
        "moved": {name: wanted.query(on=day.isoformat()) if day else "" for name, day in moved.items()},
        "grains": [
            (grains[one], wanted.query(by=one), one == wanted.grain) for one in GRAINS[period.key]
        ] if len(GRAINS[period.key]) > 1 else [],
        "compare_href": wanted.query(compare="0" if wanted.compares else ""),
    }  # fmt: skip


# ---- the same as a file


@require_GET
@asking(May.EXPORT)
def overview_csv(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """Every number as a line."""
    if May.OVERVIEW not in ask.desk.may:
        raise Http404
    lines = list(_lines(ask, _wanted(ask, request)))
    return twins.as_csv(f"overview-{ask.slug}", ("part", "name", "day", "value", "unit", "before"), lines)


@require_GET
@asking(May.EXPORT)
def overview_json(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """The same lines as objects."""
    if May.OVERVIEW not in ask.desk.may:
        raise Http404
    return twins.as_json(f"overview-{ask.slug}", _lines(ask, _wanted(ask, request)))


def _lines(ask: Ask, wanted: Wanted) -> Iterator[dict[str, Any]]:
    found = _found(ask, wanted)
    now, before, period = found.now, found.before, wanted.period
    begin = period.begin.isoformat()

    def line(part: str, name: str, day: str, value: object, unit: str = "", was: object = "") -> dict[str, Any]:
        return {"part": part, "name": name, "day": day, "value": value, "unit": unit, "before": was}

    yield line("period", "first day", begin, begin, "", period.before_begin.isoformat())
    last = [(end - timedelta(days=1)).isoformat() for end in (period.counted_end, period.before_end)]
    yield line("period", "last day", begin, last[0], "", last[1])
    for name, value, was in (
        ("referrals", now.referrals, before.referrals),
        ("customers", now.customers, before.customers),
        ("clicks", now.clicks, before.clicks),
        ("rewards sent", now.sent, before.sent),
        ("denied", now.in_states(("denied",)), before.in_states(("denied",))),
    ):
        yield line("number", name, begin, value, "", was)
    yield line("number", "time to reward", begin, now.seconds_to_reward, "seconds", before.seconds_to_reward)
    for name, sums, was_sums in (
        ("given", now.given, before.given),
        ("fraud stopped", now.stopped, before.stopped),
        ("owed", found.liability.owed, {}),
    ):
        for asset in sorted({*sums, *was_sums}):
            earlier = to_decimal(was_sums.get(asset, 0), asset) if was_sums else ""
            yield line("number", name, begin, to_decimal(sums.get(asset, 0), asset), asset, earlier)
    for state, n in sorted(now.states.items()):
        yield line("state", state, begin, n, "", before.states[state])
    for method in now.methods:
        yield line("source", method, begin, sum(n for (_state, how), n in now.stand.items() if how == method))
    for (state, month, asset), (n, minor) in sorted(found.liability.lines.items()):
        yield line("owed", state, month.isoformat(), to_decimal(minor, asset), asset)
        yield line("owed rewards", state, month.isoformat(), n)
    for step, one in found.trend.items():
        yield line("trend", "referrals", step.isoformat(), one.referrals)
        yield line("trend", "customers", step.isoformat(), one.customers)


# ---- the rows behind a number


@require_GET
@asking(May.OVERVIEW)
def overview_behind(ask: Ask, request: HttpRequest, number: str) -> HttpResponseBase:
    """The rows that add up to a number, oldest first."""
    if May.REFERRALS not in ask.desk.may:
        raise Http404
    behind, salt = _behind(ask, request, number)
    lines, following = rows_behind.listed(
        ask.client_id, behind, _place(request, salt), PAGE_ROWS, masked=ask.desk.is_masked
    )
    query = {name: value for name, value in request.GET.items() if name != "at" and value}
    cursor = signing.dumps([following.at.isoformat(), following.id], salt=salt) if following else ""
    here = reverse(f"overview_{number}", args=[ask.slug])
    context = {
        "behind": behind,
        "title": _TITLES[number](),
        "span": _span(behind),
        "lines": lines,
        "total": _total(lines) if lines and not following and "at" not in request.GET else None,
        "first": f"{here}?{urlencode(query)}",
        "is_first": "at" not in request.GET,
        "next": f"{here}?{urlencode(query | {'at': cursor})}" if cursor else "",
        "csv": f"{reverse(f'overview_{number}_csv', args=[ask.slug])}?{urlencode(query)}"
        if May.EXPORT in ask.desk.may
        else "",
        "back": reverse("overview", args=[ask.slug]),
    }
    return page(request, "goodword/overview/behind.html", context)


@require_GET
@asking(May.EXPORT)
def overview_behind_csv(ask: Ask, request: HttpRequest, number: str) -> HttpResponseBase:
    """The same rows as a file; that it was taken is kept."""
    if May.REFERRALS not in ask.desk.may or May.OVERVIEW not in ask.desk.may:
        raise Http404
    behind, _salt = _behind(ask, request, number)
    take_list(ask.client_id, actor=ask.desk.actor, at=datetime.now(UTC))
    every = rows_behind.every_line(ask.client_id, behind, masked=ask.desk.is_masked, most=twins.MOST_ROWS)
    columns = ("referral", "program", "state", "method", "joined_at", "to", "reward", "amount", "currency", "due_at")
    rows = (
        {
            "referral": f"ref_{one.referral}", "program": one.program, "state": one.state, "method": one.method,
            "joined_at": one.joined_at, "to": "referrer" if one.role == "advocate" else one.role,
            "reward": one.reward_state, "amount": to_decimal(one.amount_minor, one.asset) if one.asset else "",
            "currency": one.asset, "due_at": one.due_at,
        }
        for one in every
    )  # fmt: skip
    return twins.as_csv(f"{number}-{ask.slug}", columns, rows)


_TITLES = {
    "referrals": lambda: _("Referrals"),
    "customers": lambda: _("Customers"),
    "earned": lambda: _("Earned their first reward"),
    "denied": lambda: _("Denied referrals"),
    "given": lambda: _("Rewards given"),
    "owed": lambda: _("Rewards owed and unpaid"),
    "sent": lambda: _("Rewards sent"),
    "stopped": lambda: _("Rewards voided by a denial"),
}


def _behind(ask: Ask, request: HttpRequest, number: str) -> tuple[rows_behind.Behind, str]:
    """What is listed, and the salt of its places: a place in one list is no place in another."""
    asked = request.GET
    if number not in rows_behind.NUMBERS:
        raise Http404
    program = asked.get("program", "")
    program_id = next((id for id, slug, _name in read.programs(ask.client_id) if slug == program), "")
    try:
        begin = date.fromisoformat(asked["from"]) if asked.get("from") else None
        end = date.fromisoformat(asked["to"]) + timedelta(days=1) if asked.get("to") else None
        if asked.get("month"):
            begin = date.fromisoformat(f"{asked['month']}-01")
            end = (begin + timedelta(days=31)).replace(day=1)
        weeks = _weeks(asked.get("weeks", ""))
    except (ValueError, OverflowError):
        raise Http404 from None
    method = asked.get("method", "")[:40]
    found = rows_behind.Behind(number, begin, end, program_id, asked.get("state", ""), method, ask.desk.zone, weeks)
    if not found.is_known or (program and not program_id) or "\x00" in method:
        raise Http404
    return found, f"goodword.overview.{ask.client_id}.{found}"


def _weeks(text: str) -> tuple[int, int] | None:
    """ "3": the fourth week after the join; "8-": that one and all later ones."""
    first, dash, _rest = text.partition("-")
    return (int(first), rows_behind.EVER if dash else int(first)) if text else None


def _place(request: HttpRequest, salt: str) -> rows_behind.Place | None:
    cursor = request.GET.get("at")
    if not cursor:
        return None
    try:
        at, id = signing.loads(cursor, salt=salt)
    except signing.BadSignature:
        raise Http404 from None
    return rows_behind.Place(datetime.fromisoformat(at), id)


def _span(behind: rows_behind.Behind) -> str:
    if behind.begin is None or behind.end is None:
        return ""
    first, last = (date_format(day, "j M Y") for day in (behind.begin, behind.end - timedelta(days=1)))
    return first if first == last else _("{first} to {last}").format(first=first, last=last)


def _total(lines: tuple[rows_behind.Line, ...]) -> dict[str, Any]:
    """What the rows of the only page add up to."""
    sums: dict[str, int] = {}
    for one in lines:
        if one.asset:
            sums[one.asset] = sums.get(one.asset, 0) + one.amount_minor
    return {"n": len(lines), "amount": telling.moneys(sums, "") if sums else ""}
