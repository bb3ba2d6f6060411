"""How are many decided at once? Choose, see the amount and the client, decide; each is an act of its own, told while it goes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from django.core import signing
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from goodword.actions import reviewing
from goodword.actions.permissions import May
from goodword.actions.reviewing import MOST_AT_ONCE, Item, Job
from goodword.errors import GoodwordError
from goodword.store.reads import review as reads
from goodword.store.reads.users import user_names
from goodword.web import words
from goodword.web.desk import doing
from goodword.web.desk.door import Ask, asking, page
from goodword.web.desk.review import asked

_DECISIONS = {"clear": "clear", **{f"deny:{why}": "deny" for why in asked.WHYS}}


@require_POST
@asking(May.REVIEW)
def ask_first(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """What was chosen, what it comes to and for whom; nothing is decided here."""
    wanted = asked.wanted_kept(request)
    back = asked.address(ask, "review", wanted)
    if request.POST.get("all") == "1":
        ids = reads.chosen(ask.client_id, wanted, MOST_AT_ONCE + 1, asked.who(ask))
    else:
        ids = [one.removeprefix("ref_") for one in request.POST.getlist("ref")][: MOST_AT_ONCE + 1]
    if not all(len(one) == 32 and set(one) <= set("0123456789abcdef") for one in ids):
        raise Http404
    whys = [(code, name, *asked.told_after(code)) for code, (_digit, name) in asked.WHYS.items()]
    context: dict[str, Any] = {"back": back, "whys": whys}
    if len(ids) > MOST_AT_ONCE:
        context["limit"] = f"{MOST_AT_ONCE:,}"
    elif not ids:
        context["is_empty"] = True
    else:
        chosen = reads.batch(ask.client_id, ids)
        context |= {
            "count": len(chosen.items),
            "gone": chosen.gone,
            "money": asked.sums(chosen.money),
            "plain": asked.plain_sums(chosen.money),
            "token": signing.dumps([uuid4().hex, list(chosen.items)], salt=_salt(ask), compress=True),
            "verdict": request.POST.get("verdict", ""),
        }
    return page(request, "goodword/review/many.html", context)


@require_POST
@asking(May.REVIEW)
def decide(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """Decide them all, chunk by chunk, and tell how far it is; sent again, it goes on where it stopped."""
    decision = request.POST.get("decision", "")
    if decision not in _DECISIONS:
        raise Http404
    try:
        id, items = signing.loads(request.POST.get("token", ""), salt=_salt(ask), max_age=24 * 3600)
    except signing.BadSignature:
        raise Http404 from None
    why = decision.partition(":")[2] or "other"
    job = Job(id, ask.desk.user.id.hex, _DECISIONS[decision], why, tuple(Item(*one) for one in items))
    return _streamed(ask, request, job)


@require_POST
@asking(May.REVIEW)
def undo(ask: Ask, request: HttpRequest, job: UUID) -> HttpResponseBase:
    """Take back what was decided together, where nobody spoke since and nothing was sent."""
    with doing.chain_of(ask) as (chain, client):
        before = reviewing.job_of(chain.conn, client.id, job.hex)
    if before is None or before.undoes:
        raise Http404
    again = UUID(int=job.int ^ 1).hex  # the same at every try
    return _streamed(ask, request, reviewing.undoing(before, again, ask.desk.user.id.hex))


@require_GET
@asking(May.REVIEW)
def outcome(ask: Ask, request: HttpRequest, job: UUID) -> HttpResponseBase:
    """How a decision about many ended, or how far it came."""
    found = reads.job(ask.client_id, job.hex)
    if found is None:
        raise Http404
    context = {
        "job": found,
        "total": len(found.referrals),
        "left": len(found.referrals) - found.done,
        "verdict": asked.VERDICTS.get(found.verdict, found.verdict),
        "by": user_names({found.user_id}).get(found.user_id, ""),
        "sentence": _sentence(found.verdict, found.decided, found.missed),
        "is_undone": reads.jobs_undoing(ask.client_id, job.hex),
        "undo": reverse("review_job_undo", args=[ask.slug, job]) if not found.undoes_id else "",
        "back": reverse("review", args=[ask.slug]),
    }
    return page(request, "goodword/review/job.html", context)


def _salt(ask: Ask) -> str:
    """A selection of one person for one client is none of another's."""
    return f"goodword.review.many.{ask.client_id}.{ask.desk.user.id.hex}"


def _sentence(verdict: str, decided: int, missed: int) -> str:
    """42 cleared; 3 had been decided by others meanwhile or cannot be decided any more, and were left as they are."""
    told = {
        "clear": ngettext("{} referral was cleared.", "{} referrals were cleared.", decided),
        "deny": ngettext("{} referral was denied.", "{} referrals were denied.", decided),
        "reopen": ngettext("{} decision was taken back.", "{} decisions were taken back.", decided),
    }[verdict].format(f"{decided:,}")
    if missed:
        left = ngettext(
            "{} had been decided by others meanwhile, or could not be decided any more, and was left as it is.",
            "{} had been decided by others meanwhile, or could not be decided any more, and were left as they are.",
            missed,
        ).format(f"{missed:,}")
        told = f"{told} {left}"
    return told


def _streamed(ask: Ask, request: HttpRequest, job: Job) -> HttpResponseBase:
    """A page that grows while the job goes; it is whole without scripts, and leaving it stops between two chunks."""
    frame = render_to_string(
        "goodword/review/going.html", {"total": f"{len(job.items):,}", "verdict": job.verdict}, request
    )
    before, after = frame.split("<!-- progress -->")
    return StreamingHttpResponse(_going(ask, job, before, after), headers={"X-Accel-Buffering": "no"})


def _going(ask: Ask, job: Job, before: str, after: str) -> Iterator[str]:
    yield before
    now = datetime.now(UTC)
    done_at = reverse("review_job", args=[ask.slug, UUID(job.id)])
    try:
        with doing.chain_of(ask) as (chain, client):
            begun = going = reviewing.begin(chain, client, ask.desk.actor, job, at=now)
            for going in reviewing.carry_on(chain, client, ask.desk.actor, begun, at=now):
                yield format_html(
                    '<li><progress max="{}" value="{}">{}</progress> {}</li>\n',
                    len(going.items), going.done, going.done,
                    format_html(_("{} of {} done"), words.bdi(f"{going.done:,}"), words.bdi(f"{len(going.items):,}")),
                )  # fmt: skip
        yield format_html("<li><strong>{}</strong></li>\n", _sentence(going.verdict, going.decided, going.missed))
    except GoodwordError as refusal:
        yield format_html('<li class="note stop">{} {} {}</li>\n', refusal.what, refusal.why, refusal.repair)
    yield format_html('<li><a class="btn primary" href="{}" autofocus>{}</a></li>\n', done_at, _("See the result"))
    yield after
