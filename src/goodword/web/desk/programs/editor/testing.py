"""How does a draft leave the editor? It is tested on what really happened, and kept as the next version to be published."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from goodword.actions import drafting, judging, programs
from goodword.actions.judging import Judging
from goodword.actions.opening import Chain, ClientRow
from goodword.actions.permissions import May
from goodword.actions.programs import as_yaml
from goodword.actions.versions import keep_backtest
from goodword.catalog import SHELVES
from goodword.catalog.difference import Difference, can_be_read, differences
from goodword.core.comparison import CHANGES
from goodword.errors import GoodwordError
from goodword.web.desk import doing, periods
from goodword.web.desk.door import Ask, asking, page
from goodword.web.desk.programs import backtest, backtest_lines
from goodword.web.desk.programs.editor.draft import Draft, opened
from goodword.web.toasts import toast

DAYS = 90
_LONGEST_NOTE = 600
FRAGMENT = "goodword/programs/editor/test.html"


@require_http_methods(["GET", "HEAD", "POST"])
@asking(May.PUSH)
def test(ask: Ask, request: HttpRequest, program: str) -> HttpResponseBase:
    """A POST begins a test of the draft; a GET tells how far it is, or what was found."""
    draft = opened(ask, program)
    if request.method == "POST":
        return begin(ask, request, draft)
    found = outcome(ask, draft)
    if not getattr(request, "htmx", False):
        return HttpResponseRedirect(_home(ask, program, "#test"), status=303)
    return page(request, FRAGMENT, found, fragment=FRAGMENT)


@require_POST
@asking(May.PUSH)
def keep(ask: Ask, request: HttpRequest, program: str) -> HttpResponseBase:
    """Keep the draft as the next version, and go to where it is published."""
    return kept(ask, request, opened(ask, program), request.POST.get("revision", ""))


def begin(ask: Ask, request: HttpRequest, draft: Draft) -> HttpResponseBase:
    """Judge the last days by the draft; only one test of a person runs at a time."""
    terms = draft.terms
    if terms is None:
        toast(request, _("The draft cannot be read yet. Put right what blocks it, then test it."), tone="stop")
        return HttpResponseRedirect(_home(ask, draft.slug, "#checks"), status=303)
    since = timezone.localdate() - timedelta(days=DAYS)
    judging.stop(_whose(ask))
    wanted = Judging(
        ask.client_id, draft.document, terms, periods.begin_of(since.isoformat()),
        text=as_yaml(draft.document), since_typed=since.isoformat(),
    )  # fmt: skip
    if not judging.begin(_whose(ask), wanted):
        toast(request, _("Other tests keep this server busy. Try again in a minute."), tone="wait")
    return HttpResponseRedirect(_home(ask, draft.slug, "#test"), status=303)


def kept(ask: Ask, request: HttpRequest, draft: Draft, revision: str) -> HttpResponseBase:
    """The draft becomes a numbered version; where nothing was changed, the newest one is the one to publish."""
    if draft.terms is None or revision != str(draft.copy.revision):
        says = (
            _("The draft was changed meanwhile. Read it again, then publish it.")
            if draft.terms
            else _("The draft cannot be read yet. Put right what blocks it, then publish it.")
        )
        toast(request, says, tone="stop")
        return HttpResponseRedirect(_home(ask, draft.slug, "#checks"), status=303)
    at = datetime.now(UTC)
    try:
        with doing.chain_of(ask) as (chain, client):
            version, _is_new = programs.push(chain, client, ask.desk.actor, draft.document, draft.terms, at=at)
            _keep_test(chain, client, ask, draft, at)
    except GoodwordError as refusal:
        toast(request, f"{_(refusal.what)} {_(refusal.why)} {_(refusal.repair)}".strip(), tone="stop")
        return HttpResponseRedirect(_home(ask, draft.slug), status=303)
    drafting.forget(ask.client_id, draft.slug)
    try:
        publish = reverse("program-publish", args=[ask.slug, draft.slug, version.number])
        return HttpResponseRedirect(f"{publish}?{urlencode({'note': _note(draft)})}", status=303)
    except NoReverseMatch:
        toast(request, _("Kept as version {n}.").format(n=version.number))
        return HttpResponseRedirect(f"{reverse('program', args=[ask.slug, draft.slug])}?v={version.number}", status=303)


def _keep_test(chain: Chain, client: ClientRow, ask: Ask, draft: Draft, at: datetime) -> None:
    """What the test of exactly this draft showed becomes the version's test."""
    job = judging.of(_whose(ask))
    if job is None or job.found is None or draft.terms is None or job.terms.hash != draft.terms.hash:
        return
    keep_backtest(chain, client, ask.desk.actor, draft.terms, job.found, since=job.since, at=at)


def changes(draft: Draft) -> list[Difference]:
    """What the draft says otherwise than the version in force, value by value."""
    if draft.live is None:
        return []
    older = draft.live.as_document()
    if not (can_be_read(older, SHELVES) and can_be_read(draft.document, SHELVES)):
        return []
    return differences(older, draft.document, SHELVES, _)


def _note(draft: Draft) -> str:
    """A note to begin with for whoever publishes it: what changed, in words."""
    told = []
    for one in changes(draft):
        values = " → ".join(part for part in (one.before, one.after) if part)
        told.append(f"{one.about}: {values}")
    text = "; ".join(told)
    return text if len(text) <= _LONGEST_NOTE else text[: _LONGEST_NOTE - 1] + "…"


def outcome(ask: Ask, draft: Draft) -> dict[str, Any]:
    """What the last test of this person found, if it was of this program."""
    job = judging.of(_whose(ask))
    context: dict[str, Any] = {
        "draft": draft,
        "days": DAYS,
        "test_address": reverse("program-edit-test", args=[ask.slug, draft.slug]),
        "backtest_address": reverse("program_backtest", args=[ask.slug, draft.slug]) if draft.line else "",
    }
    if job is None or job.program != draft.slug:
        return context
    is_current = draft.terms is not None and job.terms.hash == draft.terms.hash
    context |= {"job": job, "is_current": is_current}
    if job.found is None:
        return context
    compared = job.found.comparison
    return context | {
        "counts": [(*backtest_lines.CHANGE_WORDS[change], compared.counts[change]) for change in CHANGES],
        "figures": backtest.figures(compared.whole),
        "newly": compared.counts["newly"],
        "suspicious": compared.suspicious,
        "ended_at": job.found.budget_ended_at,
    }


def _whose(ask: Ask) -> judging.Whose:
    return ask.client_id, ask.desk.user.id.hex


def _home(ask: Ask, program: str, end: str = "") -> str:
    return reverse("program-edit", args=[ask.slug, program]) + end
