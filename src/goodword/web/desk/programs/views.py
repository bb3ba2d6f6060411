"""What is promised to whom? The programs of a client and each of them, read only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html_join, strip_tags
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from goodword.actions.permissions import May
from goodword.actions.programs import as_yaml
from goodword.catalog import SHELVES
from goodword.core.amounts import to_decimal
from goodword.core.reading import read_terms
from goodword.core.terms import Terms
from goodword.store.reads.programs import FIGURES_DAYS, ProgramRow, VersionRow, programs
from goodword.web import words
from goodword.web.desk import twins
from goodword.web.desk.door import Ask, asking
from goodword.web.desk.programs import difference, sentence
from goodword.web.desk.programs.editor import places, rule
from goodword.web.desk.programs.editor.tokens import Tokens

COLUMNS = (
    "program",
    "name",
    "rule",
    "live_version",
    "live_from",
    "referrals_30_days",
    "budget",
    "budget_bound",
    "currency",
)
STATES = {  # state of a version -> (tone, icon)
    "live": ("ok", "ok"),
    "draft": ("mute", "dot"),
    "tested": ("info", "half"),
    "retired": ("mute", "sand"),
}


@dataclass(frozen=True)
class Used:
    """How much of the budget is bound: set aside, owed or spent."""

    total: SafeString
    bound: SafeString
    left: SafeString
    percent: int
    overrun: SafeString | str
    total_minor: int
    bound_minor: int


@dataclass(frozen=True)
class Line:
    """A program as the list shows it; `terms` are those in force, else of the newest version."""

    row: ProgramRow
    live: VersionRow | None
    terms: Terms | None
    rule: SafeString
    used: Used | None


@require_GET
@asking(May.PROGRAMS)
def listed(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """Every program with its rule as a sentence."""
    context = {"lines": lines(ask.client_id), "days": FIGURES_DAYS, "may_publish": May.PUBLISH in ask.desk.may,
               "may_write": May.PUSH in ask.desk.may}  # fmt: skip
    return TemplateResponse(request, "goodword/programs/programs.html", context)


@require_GET
@asking(May.PROGRAMS)
def as_csv(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """The same as a file."""
    return twins.as_csv(f"{ask.slug}-programs", COLUMNS, [_told(one) for one in lines(ask.client_id)])


@require_GET
@asking(May.PROGRAMS)
def as_json(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """The same for programs."""
    return twins.as_json(f"{ask.slug}-programs", [_told(one) for one in lines(ask.client_id)])


@require_GET
@asking(May.PROGRAMS)
def one(ask: Ask, request: HttpRequest, program: str) -> HttpResponseBase:
    """One program: the sentence, all it says, its versions and what changed between two of them."""
    found = lines(ask.client_id, program)
    if not found:
        raise Http404
    line = found[0]
    versions = line.row.versions
    chosen = _chosen(request, "v", line.row) or line.live or versions[0]
    terms = terms_of(chosen)
    older = _chosen(request, "from", line.row) or line.row.version(chosen.number - 1)
    context = {
        "line": line,
        "chosen": chosen,
        "older": older,
        "parts": sentence.parts(terms) if terms else [],
        "rule": _rule(ask, request, line, chosen, terms) if terms else "",
        "whole": sentence.beyond(terms) if terms else "",
        "changes": difference.of_documents(older.as_document(), chosen.as_document()) if older else [],
        "versions": [(version, *STATES.get(version.state, STATES["draft"])) for version in versions],
        "others": [version for version in versions if version.number != chosen.number],
        "yaml": as_yaml(chosen.as_document()),
        "days": FIGURES_DAYS,
        "may_read_referrals": May.REFERRALS in ask.desk.may,
        "may_judge": May.PUSH in ask.desk.may,
        "has_contest": bool(line.terms and line.terms.contest),
    }
    return TemplateResponse(request, "goodword/programs/program.html", context)


def _rule(ask: Ask, request: HttpRequest, line: Line, chosen: VersionRow, terms: Terms) -> SafeString:
    """The rule as a sentence; of what is in force each value leads who may change it to where it is changed."""
    if May.PUSH not in ask.desk.may or chosen != line.live:
        return sentence.rule(terms)
    document = places.filled(chosen.as_document(), SHELVES.templates)
    address = reverse("program-edit", args=[ask.slug, line.row.slug])
    tokens = Tokens(request, address, document, 0, may_write=True, is_elsewhere=True)
    told = (one.text for one in rule.lines(terms, tokens) if not one.is_calm)
    return format_html_join(" ", "{}", ((one,) for one in told))


def lines(client_id: str, slug: str | None = None) -> list[Line]:
    """The programs of a client as the list shows them."""
    now = datetime.now(UTC)
    found = []
    for row in programs(client_id, now, slug):
        live = row.live(now)
        shown = live or (row.versions[0] if row.versions else None)
        terms = terms_of(shown) if shown else None
        found.append(Line(row, live, terms, sentence.rule(terms) if terms else SafeString(""), _used(row, terms)))
    return found


def terms_of(version: VersionRow) -> Terms | None:
    """The terms of a version; None where this release no longer reads its document (then the document itself is shown)."""
    read = read_terms(
        version.as_document(), SHELVES, version=version.number, live_from=version.live_from or datetime.now(UTC)
    )
    return None if isinstance(read, list) else read


def _used(row: ProgramRow, terms: Terms | None) -> Used | None:
    if terms is None or terms.budget is None:
        return None
    total = terms.budget.amount_minor
    budget = next((one for one in row.budgets if one.asset == terms.currency), None)
    left = budget.left_minor if budget else total
    bound = total - left
    overrun = words.money(budget.overrun_minor, terms.currency) if budget and budget.overrun_minor else ""
    percent = max(0, min(100, round(100 * bound / total)))
    return Used(
        words.money(total, terms.currency), words.money(bound, terms.currency), words.money(left, terms.currency),
        percent, overrun, total, bound,
    )  # fmt: skip


def _chosen(request: HttpRequest, name: str, row: ProgramRow) -> VersionRow | None:
    written = request.GET.get(name, "")
    if not written:
        return None
    found = row.version(int(written)) if written.isdecimal() and len(written) < 6 else None
    if found is None:
        raise Http404
    return found


def _told(line: Line) -> dict[str, Any]:
    currency = line.terms.currency if line.terms else ""
    return {
        "program": line.row.slug,
        "name": line.row.name,
        "rule": strip_tags(line.rule).replace("\u00a0", " "),
        "live_version": line.live.number if line.live else None,
        "live_from": line.live.live_from if line.live else None,
        "referrals_30_days": line.row.referrals,
        "budget": to_decimal(line.used.total_minor, currency) if line.used else None,
        "budget_bound": to_decimal(line.used.bound_minor, currency) if line.used else None,
        "currency": currency,
    }
