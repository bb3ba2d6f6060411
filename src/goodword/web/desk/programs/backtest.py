"""What would a draft have decided on what really happened? The form, how far it is, and the outcome."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from goodword.actions import judging
from goodword.actions.backtest_told import in_order, line_of
from goodword.actions.judging import Judging
from goodword.actions.permissions import May
from goodword.actions.programs import as_yaml
from goodword.catalog import SHELVES
from goodword.catalog.reading import LinedProblem, read_program
from goodword.core.comparison import Comparison, Sides, Sums
from goodword.core.rows import SINCE_EVER
from goodword.core.splitting import UNKNOWN
from goodword.core.terms import Terms
from goodword.web import words
from goodword.web.desk import periods, twins
from goodword.web.desk.door import Ask, asking, page
from goodword.web.desk.programs import backtest_lines, difference
from goodword.web.desk.programs.views import Line, lines

Rows = list[tuple[str, SafeString, SafeString]]

_NONE = SafeString("–")
_DAYS = 90
_LONGEST_DRAFT = 100_000
_TEMPLATE = "goodword/programs/backtest.html"
COLUMNS = (
    "referral", "friend", "method", "change", "before_state", "before_rewards", "before_why",
    "after_state", "after_rewards", "after_why",
)  # fmt: skip
@require_http_methods(["GET", "HEAD", "POST"])
@asking(May.PUSH)
def home(ask: Ask, request: HttpRequest, program: str) -> HttpResponseBase:
    """The form, and what the last backtest of this person found or how far it is."""
    line = _line(ask, program)
    if request.method == "POST":
        return _begin(ask, request, line)
    job = judging.of(_whose(ask))
    if getattr(request, "htmx", False) and job is not None and not job.is_over.is_set():
        return page(request, _TEMPLATE, _outcome(ask, line, job, request.GET), fragment="goodword/programs/backtest_job.html")
    response = page(request, _TEMPLATE, _context(ask, line, request.GET))
    if getattr(request, "htmx", False):
        response["HX-Refresh"] = "true"  # it is over: the whole page tells what was found
    return response


@require_POST
@asking(May.PUSH)
def stop(ask: Ask, request: HttpRequest, program: str) -> HttpResponseBase:
    """End the one that runs."""
    _line(ask, program)
    judging.stop(_whose(ask))
    return HttpResponseRedirect(_address(ask, program), status=303)


@require_GET
@asking(May.PUSH)
def as_csv(ask: Ask, request: HttpRequest, program: str) -> HttpResponseBase:
    """Every referral that changes, as a file."""
    return twins.as_csv(f"{ask.slug}-{program}-backtest", COLUMNS, map(_flat, _told(ask, program)))


@require_GET
@asking(May.PUSH)
def as_json(ask: Ask, request: HttpRequest, program: str) -> HttpResponseBase:
    """The same for programs."""
    return twins.as_json(f"{ask.slug}-{program}-backtest", _told(ask, program))


# ---- asking for one


def _begin(ask: Ask, request: HttpRequest, line: Line) -> HttpResponseBase:
    text = request.POST.get("draft", "").replace("\r\n", "\n")
    typed = request.POST.get("since", "").strip()[:40]
    wrong: dict[str, str] = {}
    since = None
    try:
        since = periods.begin_of(typed)
    except (ValueError, OverflowError):
        wrong["since"] = _("This is no day. Write it as 2026-11-03, or leave it empty for all history.")
    read = _read(text, line.row.slug)
    if isinstance(read, list) or wrong:
        problems = read if isinstance(read, list) else []
        return _refused(ask, request, line, 422, text=text, since=typed, wrong=wrong, problems=problems)
    document, terms = read
    wanted = Judging(ask.client_id, document, terms, since, text=text, since_typed=typed)
    if not judging.begin(_whose(ask), wanted):
        return _refused(ask, request, line, 409, text=text, since=typed, is_busy=True)
    return HttpResponseRedirect(_address(ask, line.row.slug), status=303)


def _read(text: str, program: str) -> tuple[dict[str, Any], Terms] | list[LinedProblem]:
    """The draft, or what is wrong with it: the command reads it in the same way."""
    if len(text) > _LONGEST_DRAFT:
        why = _("is longer than %(most)s characters") % {"most": f"{_LONGEST_DRAFT:,}"}
        return [LinedProblem("", why, _("shorten it"), "too_long", None)]
    read = read_program(text, SHELVES, version=1, live_from=SINCE_EVER)
    if isinstance(read, list) or read[1].program == program:
        return read
    why = _("names the program %(other)s, and this page judges %(program)s") % {
        "other": read[1].program,
        "program": program,
    }
    at = next((n for n, line in enumerate(text.split("\n"), start=1) if line.startswith("program:")), None)
    return [LinedProblem("program", why, _("write program: %(program)s") % {"program": program}, "other_program", at)]


def _refused(ask: Ask, request: HttpRequest, line: Line, status: int, **more: Any) -> HttpResponseBase:
    response = page(request, _TEMPLATE, _context(ask, line, request.GET) | more)
    response.status_code = status
    return response


# ---- telling it


def _context(ask: Ask, line: Line, query: QueryDict) -> dict[str, Any]:
    job = judging.of(_whose(ask))
    own = job if job is not None and job.program == line.row.slug else None
    shown = line.live or (line.row.versions[0] if line.row.versions else None)
    return {
        "text": own.text if own else as_yaml(shown.as_document()) if shown else "",
        "since": own.since_typed if own else (timezone.localdate() - timedelta(days=_DAYS)).isoformat(),
        **_outcome(ask, line, job, query),
    }


def _outcome(ask: Ask, line: Line, job: Judging | None, query: QueryDict) -> dict[str, Any]:
    """All that is known of a job; of one for another program only that it runs."""
    slug = line.row.slug
    context: dict[str, Any] = {"line": line, "home": _address(ask, slug), "stop": _address(ask, slug, "_stop")}
    if job is None or (job.program != slug and job.is_over.is_set()):
        return context
    context |= {"job": job, "other": _address(ask, job.program) if job.program != slug else ""}
    if job.found is None:
        return context
    compared = job.found.comparison
    return context | {
        "found": job.found,
        "has_live": line.live is not None,
        "changes": difference.of_documents(line.live.as_document(), job.document) if line.live else [],
        "counts": backtest_lines.counts(compared, context["home"]),
        "newly": compared.counts["newly"],
        "figures": figures(compared.whole),
        "splits": _splits(compared),
        "near": [
            (one.count, words.money(one.needed_minor, one.asset), one.percent,
             words.money(one.most_missing_minor, one.asset))
            for one in compared.near
        ],
        "changed": backtest_lines.asked_for(ask, compared, context["home"], query),
        "csv": _address(ask, slug, "_csv"),
        "json": _address(ask, slug, "_json"),
    }  # fmt: skip


@dataclass(frozen=True)
class SplitRow:
    """One part of a split: what it is, and its figures now and under the draft, in one currency."""

    name: str
    cells: tuple[tuple[str, SafeString, SafeString], ...]  # what it is, now, under the draft


def _splits(compared: Comparison) -> list[tuple[str, str, list[SplitRow]]]:
    """By channel, market and tier: the title, what the first column holds, and a row for each part and currency."""
    told = (
        (_("By channel"), _("Channel"), compared.by_channel, lambda name: str(words.METHODS.get(name, name))),
        (_("By market"), _("Market"), compared.by_market, str),
        (_("By tier"), _("Tier from"), compared.by_tier, str),
    )
    return [
        (title, what, [row for name, sides in in_order(parts) for row in _rows(say(name) or _("unknown"), sides)])
        for title, what, parts, say in told
        if parts.keys() - {UNKNOWN}
    ]


def _rows(name: str, sides: Sides) -> Iterator[SplitRow]:
    before, after = sides.before, sides.after
    for asset in sorted(before.given_minor.keys() | after.given_minor.keys()) or [""]:
        yield SplitRow(
            name,
            (
                (_("Customers"), words.bdi(f"{before.customers:,}", "num"), words.bdi(f"{after.customers:,}", "num")),
                (_("Cost"), _sum(before.given_minor, asset), _sum(after.given_minor, asset)),
                (_("Cost per customer"), _each(before, asset), _each(after, asset)),
            ),
        )


def figures(sides: Sides) -> Rows:
    """Rows of a table: what, now, under the draft."""
    before, after = sides.before, sides.after
    rows = [
        (_("Referrals"), words.bdi(f"{before.referrals:,}", "num"), words.bdi(f"{after.referrals:,}", "num")),
        (_("Customers"), words.bdi(f"{before.customers:,}", "num"), words.bdi(f"{after.customers:,}", "num")),
    ]
    for asset in sorted(before.given_minor.keys() | after.given_minor.keys()):
        rows += [
            (_("Cost"), _sum(before.given_minor, asset), _sum(after.given_minor, asset)),
            (_("Of that still open"), _sum(before.open_minor, asset), _sum(after.open_minor, asset)),
            (_("Cost per customer"), _each(before, asset), _each(after, asset)),
        ]
    return rows


def _sum(minor_by_asset: dict[str, int], asset: str) -> SafeString:
    return words.money(minor_by_asset.get(asset, 0), asset) if asset else _NONE


def _each(sums: Sums, asset: str) -> SafeString:
    if not sums.customers or not asset:
        return _NONE
    return words.money(sums.given_minor.get(asset, 0) // sums.customers, asset)


# ---- the files


def _told(ask: Ask, program: str) -> list[dict[str, Any]]:
    _line(ask, program)
    job = judging.of(_whose(ask))
    if job is None or job.program != program or job.found is None:
        raise Http404
    return [line_of(one) for one in job.found.comparison.changed[: twins.MOST_ROWS]]


def _flat(told: dict[str, Any]) -> dict[str, Any]:
    row = {name: told[name] for name in ("referral", "friend", "method", "change")}
    for name in ("before", "after"):
        side = told[name] or {"state": "", "rewards": [], "why": ""}
        row[f"{name}_state"], row[f"{name}_why"] = side["state"], side["why"]
        row[f"{name}_rewards"] = "; ".join(f"{one['to']} {one['amount']} {one['currency']}" for one in side["rewards"])
    return row


def _line(ask: Ask, program: str) -> Line:
    found = lines(ask.client_id, program)
    if not found:
        raise Http404
    return found[0]


def _whose(ask: Ask) -> judging.Whose:
    return ask.client_id, ask.desk.user.id.hex


def _address(ask: Ask, program: str, end: str = "") -> str:
    return reverse(f"program_backtest{end}", args=[ask.slug, program])
