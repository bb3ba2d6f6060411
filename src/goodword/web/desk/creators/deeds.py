"""What does staff do with a creator? Apply for somebody, vet, offer, brief, posts, pause, resume, end, forget."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from goodword.actions import creator_contracts, creator_posts, creators
from goodword.actions.opening import Chain, ClientRow
from goodword.actions.permissions import May
from goodword.errors import BadInput, GoodwordError, NotFound
from goodword.store.models import Creator
from goodword.store.reads import creators as reads
from goodword.web import letters
from goodword.web.desk import doing
from goodword.web.desk.creators import forms, told, values, views
from goodword.web.desk.door import Ask, asking, page
from goodword.web.toasts import toast

Do = Callable[[Chain, ClientRow, datetime], Any]


@sensitive_post_parameters()
@require_POST
@asking(May.ADD_CREATOR)
def apply(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """An application is taken down; who applied before is shown instead."""
    program = request.POST.get("program", "")
    try:
        written = forms.application(request, views.desk_consent())
        with doing.chain_of(ask) as (chain, client):
            id_, is_again = creators.apply(
                chain, client, ask.desk.actor, program, written, source="desk", at=datetime.now(UTC)
            )
    except (BadInput, NotFound) as refusal:
        typed = forms.typed_in(request) | {"program": program}
        return _with_status(page(request, views.NEW, views.new_context(ask, typed, refusal)))
    if is_again:
        toast(request, _("This person applied before; nothing new was kept."), tone="wait")
    else:
        toast(request, _("The application is kept."))
    return _to(ask, id_)


@require_POST
@asking(May.VET_CREATOR)
def vet(ask: Ask, request: HttpRequest, id: str) -> HttpResponseBase:
    """Taken with a code, or declined with a reason."""
    granted = request.POST.get("granted") == "yes"

    def do(chain: Chain, client: ClientRow, now: datetime) -> None:
        creators.vet(
            chain, client, ask.desk.actor, id, granted=granted, why=request.POST.get("why", ""),
            words=request.POST.get("words", ""), code=request.POST.get("code", ""), at=now,
        )  # fmt: skip

    said = _("Taken. Now offer a contract.") if granted else _("Declined, with the reason.")
    return _done(ask, request, id, do, said)


@sensitive_post_parameters()
@require_POST
@asking(May.VET_CREATOR)
def offer(ask: Ask, request: HttpRequest, id: str) -> HttpResponseBase:
    """The next version of a contract, and the link by which it is accepted: shown now and never again."""
    _require_known(ask, id)
    made = ""
    try:
        with doing.chain_of(ask) as (chain, client):
            now = datetime.now(UTC)
            known = creators.creator_of(chain, client, id)
            terms = creators.contract_terms(chain, client, known.program, at=now)
            gifts, starts_at = values.read(request.POST, terms), forms.start(request, terms)
            text = request.POST.get("text", "").replace("\x00", "")
            if text.strip():
                text = told.whole_text(text, values.told(terms, gifts), starts_at)
            creator_contracts.offer(chain, client, ask.desk.actor, id, text=text, gifts=gifts, starts_at=starts_at, at=now)
            made = creator_contracts.link(chain, client, ask.desk.actor, id, at=now)
    except GoodwordError as refusal:
        return _refused(ask, request, id, refusal)
    toast(request, _("Offered. Hand the link below to the creator; it is shown only now."))
    return page(request, views.ONE, views.context_of(ask, id, path=made))


@require_POST
@asking(May.VET_CREATOR)
def link(ask: Ask, request: HttpRequest, id: str) -> HttpResponseBase:
    """A new link to the creator's own page; the one before ends."""
    _require_known(ask, id)
    try:
        with doing.chain_of(ask) as (chain, client):
            made = creator_contracts.link(chain, client, ask.desk.actor, id, at=datetime.now(UTC))
    except GoodwordError as refusal:
        return _refused(ask, request, id, refusal)
    return page(request, views.ONE, views.context_of(ask, id, path=made))


@sensitive_post_parameters("path")
@require_POST
@asking(May.VET_CREATOR)
def mail(ask: Ask, request: HttpRequest, id: str) -> HttpResponseBase:
    """The link that was just shown goes to the creator's own address, by the letter that stood beside it."""
    _require_known(ask, id)
    path = request.POST.get("path", "")
    if not letters.can_mail():
        toast(request, _("There is no mail server; hand a link over yourself."), tone="wait")
        return _to(ask, id)
    try:
        with doing.chain_of(ask) as (chain, client):
            known, waits = creator_contracts.mailed(chain, client, ask.desk.actor, id, path, at=datetime.now(UTC))
    except GoodwordError as refusal:
        return _refused(ask, request, id, refusal)
    found = reads.record(ask.client_id, id, masked=False)
    letter = views.letter_of(ask, found.of, path, waits=waits) if found else None
    assert known.application is not None and letter is not None, "a link is made for somebody who is not forgotten"
    letters.mail(known.application.email, letter)
    toast(request, _("The link is on its way to the creator."))
    return _to(ask, id)


@require_POST
@asking(May.VET_CREATOR)
def brief(ask: Ask, request: HttpRequest, id: str) -> HttpResponseBase:
    """What this creator alone is asked to say and show."""

    def do(chain: Chain, client: ClientRow, now: datetime) -> None:
        known = creators.creator_of(chain, client, id)
        text = request.POST.get("brief", "").replace("\x00", "")
        creator_posts.brief(chain, client, ask.desk.actor, known.program, id, text, at=now)

    return _done(ask, request, id, do, _("The brief is kept. The creator reads it behind the link."))


@require_POST
@asking(May.VET_CREATOR)
def brief_all(ask: Ask, request: HttpRequest, program: str) -> HttpResponseBase:
    """What all creators of a program are asked to say and show."""
    try:
        with doing.chain_of(ask) as (chain, client):
            text = request.POST.get("brief", "").replace("\x00", "")
            creator_posts.brief(chain, client, ask.desk.actor, program, None, text, at=datetime.now(UTC))
    except NotFound:
        raise Http404 from None
    except GoodwordError as refusal:
        toast(request, f"{refusal.what} {refusal.repair}", tone="stop")
    else:
        toast(request, _("The brief is kept. Every creator of the program reads it behind the link."))
    return HttpResponseRedirect(reverse("creators", args=[ask.slug]), status=303)


@sensitive_post_parameters()
@require_POST
@asking(May.CHECK_POST)
def post(ask: Ask, request: HttpRequest, id: str) -> HttpResponseBase:
    """A post is noted down."""

    def do(chain: Chain, client: ClientRow, now: datetime) -> None:
        creator_posts.post(chain, client, ask.desk.actor, id, **forms.post(request, now.date()), at=now)

    return _done(ask, request, id, do, _("The post is noted down."))


@require_POST
@asking(May.CHECK_POST)
def disclose(ask: Ask, request: HttpRequest, id: str) -> HttpResponseBase:
    """How a post says that it is advertising."""

    def do(chain: Chain, client: ClientRow, now: datetime) -> None:
        post_id = request.POST.get("post", "")
        creator_posts.disclose(chain, client, ask.desk.actor, id, post_id, **forms.disclosed(request), at=now)

    return _done(ask, request, id, do, _("Kept. It waits for a check."))


@require_POST
@asking(May.CHECK_POST)
def check(ask: Ask, request: HttpRequest, id: str) -> HttpResponseBase:
    """Staff looked at a post."""
    is_shown = request.POST.get("shown") == "yes"

    def do(chain: Chain, client: ClientRow, now: datetime) -> None:
        post_id = request.POST.get("post", "")
        creator_posts.check(chain, client, ask.desk.actor, id, post_id, is_shown=is_shown, at=now)

    said = _("Checked: the post discloses.") if is_shown else _("Noted: the post does not disclose.")
    return _done(ask, request, id, do, said)


@require_POST
@asking(May.VET_CREATOR)
def turn(ask: Ask, request: HttpRequest, id: str) -> HttpResponseBase:
    """Pause, resume or end."""
    deed, said = request.POST.get("deed", ""), request.POST.get("words", "")

    def do(chain: Chain, client: ClientRow, now: datetime) -> None:
        creator_contracts.set_state(chain, client, ask.desk.actor, id, deed, words=said, at=now)

    done = {
        "pause": _("Paused. New friends do not count until it is taken up again."),
        "resume": _("Taken up again."),
        "end": _("Ended. New friends do not count any more."),
    }
    return _done(ask, request, id, do, done.get(deed, ""))


@require_POST
@asking(May.VET_CREATOR)
def forget(ask: Ask, request: HttpRequest, id: str) -> HttpResponseBase:
    """What an applicant wrote goes for good."""

    def do(chain: Chain, client: ClientRow, now: datetime) -> None:
        creators.forget(chain, client, ask.desk.actor, id, at=now)

    return _done(ask, request, id, do, _("Forgotten. What was written is gone for good."))


# -- parts -------------------------------------------------------------------------------------------------------------


def _done(ask: Ask, request: HttpRequest, id_: str, do: Do, said: str) -> HttpResponseBase:
    _require_known(ask, id_)
    try:
        with doing.chain_of(ask) as (chain, client):
            do(chain, client, datetime.now(UTC))
    except GoodwordError as refusal:
        return _refused(ask, request, id_, refusal)
    toast(request, said)
    return _to(ask, id_)


def _require_known(ask: Ask, id_: str) -> None:
    """The same answer for a creator of another client and for none at all."""
    if not Creator.objects.of(ask.client_id).filter(id=id_).exists():
        raise Http404


def _refused(ask: Ask, request: HttpRequest, id_: str, refusal: GoodwordError) -> HttpResponseBase:
    """The same page with what was typed, and why it was not done."""
    typed = {name: str(value) for name, value in request.POST.items() if name != "csrfmiddlewaretoken"}
    return _with_status(page(request, views.ONE, views.context_of(ask, id_, wrong=refusal, typed=typed)))


def _with_status(response: TemplateResponse) -> HttpResponseBase:
    response.status_code = 422
    return response


def _to(ask: Ask, id_: str) -> HttpResponseBase:
    return HttpResponseRedirect(reverse("creator", args=[ask.slug, id_]), status=303)
