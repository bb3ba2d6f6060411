"""What do people outside see? The form by which anybody applies, and the page behind a creator's own link. Nobody signs in here."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from goodword.actions import creator_contracts, creator_posts, creators, lockout
from goodword.actions.deeds import Actor
from goodword.actions.opening import Chain, ClientRow
from goodword.actions.versions_approval import LinkEnded
from goodword.core import wording
from goodword.core.terms import Terms
from goodword.errors import BadInput, NotFound
from goodword.web import errors
from goodword.web.desk import doing
from goodword.web.desk.creators import forms, told
from goodword.web.door.forms import locked_words

APPLY, OWN = "goodword/creators/apply.html", "goodword/creators/own.html"


# -- applying ----------------------------------------------------------------------------------------------------------


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def apply(request: HttpRequest, slug: str, program: str) -> HttpResponseBase:
    """What is asked for and why, or the thanks. Who applied before gets the same thanks: nobody learns who did."""
    now = datetime.now(UTC)
    tries = lockout.of_applications(request.META.get("REMOTE_ADDR", ""))
    with doing.chain() as chain:
        client, terms = _offered(chain, slug, program, now)
        consent = _consent(client)
        context = {"client": client, "terms": terms, "rule": wording.rule(terms, _language()), "consent": consent}
        if request.method != "POST":
            return render(request, APPLY, context | {"typed": {}, "is_done": request.GET.get("sent") == "1"})
        try:
            tries.require_open(now)
            written = forms.application(request, consent, _language())
            creators.apply(chain, client, creators.APPLICANT, program, written, source="form", at=now)
        except lockout.Locked as locked:
            return errors.told(request, 429, _("Too many applications came from here."), "", locked_words(locked, now))
        except BadInput as refusal:
            return render(request, APPLY, context | {"typed": forms.typed_in(request), "wrong": refusal}, status=422)
        with contextlib.suppress(lockout.Locked):  # from the next one on
            tries.failed(now)
    return HttpResponseRedirect(f"{reverse('apply', args=[slug, program])}?sent=1", status=303)


def _offered(chain: Chain, slug: str, program: str, now: datetime) -> tuple[ClientRow, Terms]:
    """The program that takes applications; the same answer for all that do not, so that nobody learns which clients there are."""
    try:
        client = chain.client(slug)
        return client, creators.contract_terms(chain, client, program, at=now)
    except NotFound:
        raise Http404 from None


def _consent(client: ClientRow) -> str:
    return _(
        "I agree that {client} keeps what I wrote here to decide about a contract with me. On request it is deleted."
    ).format(client=client.name)


def _language() -> str:
    spoken = (get_language() or "en")[:2]
    return spoken if spoken in wording.LANGUAGES else "en"


# -- the creator's own page --------------------------------------------------------------------------------------------


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest, token: str) -> HttpResponseBase:
    """The contract that waits, the brief, the posts; or what the creator does with them."""
    now = datetime.now(UTC)
    if request.user.is_authenticated:
        return _private(errors.told(
            request, 403, _("This link is for the creator."), _("You are signed in at the desk; nothing was done."),
            _("Give the link to the creator, who opens it without signing in."),
        ))  # fmt: skip
    tries = lockout.of_links(request.META.get("REMOTE_ADDR", ""))
    try:
        tries.require_open(now)
        with doing.chain() as chain:
            if request.method == "POST":
                return _private(_done(request, chain, token, now))
            return _private(render(request, OWN, _context(chain, token, now) | {"said": _said(request)}))
    except lockout.Locked as locked:
        return _private(
            errors.told(request, 429, _("Too many links were tried from here."), "", locked_words(locked, now))
        )
    except LinkEnded as ended:
        with contextlib.suppress(lockout.Locked):  # from the next one on
            tries.failed(now)
        return _private(errors.refused(request, 410, ended))


def _done(request: HttpRequest, chain: Chain, token: str, now: datetime) -> HttpResponseBase:
    found = creator_contracts.asked(chain, token, at=now)
    actor = Actor(f"link {found.creator.id[:12]}", creator_contracts.LINK_ROLE)
    deed = request.POST.get("deed", "")
    try:
        if deed == "accept":
            creator_contracts.accept(chain, token, seen_hash=request.POST.get("text", ""), at=now)
        elif deed == "decline":
            seen, words = request.POST.get("text", ""), request.POST.get("note", "")
            creator_contracts.decline(chain, token, seen_hash=seen, words=words, at=now)
        elif deed == "post":
            given = forms.post(request, now.date())
            creator_posts.post(chain, found.client, actor, found.creator.id, **given, at=now)
        elif deed == "disclose":
            post_id, said = request.POST.get("post", ""), forms.disclosed(request)
            creator_posts.disclose(chain, found.client, actor, found.creator.id, post_id, **said, at=now)
        else:
            raise BadInput(_("Nothing was chosen."), "", _("Use one of the buttons."))
    except (BadInput, NotFound) as refusal:
        typed = {name: str(value) for name, value in request.POST.items()}
        context = _context(chain, token, now) | {"wrong": refusal, "typed": typed}
        return render(request, OWN, context, status=422)
    return HttpResponseRedirect(f"{reverse('creator_own', args=[token])}?done={deed}", status=303)


def _said(request: HttpRequest) -> str:
    done = {
        "accept": _("Accepted. Thank you. Your code works from now on."),
        "decline": _("Your answer is kept. Thank you for telling us."),
        "post": _("Your post is noted down."),
        "disclose": _("Thank you. Somebody looks at it."),
    }
    return done.get(request.GET.get("done", ""), "")


def _context(chain: Chain, token: str, now: datetime) -> dict[str, Any]:
    found = creator_contracts.asked(chain, token, at=now)
    client, creator = found.client, found.creator
    offered = creator_contracts.contracts_of(chain, client, creator.id)
    accepted = [one for one in offered if one.accepted_at]
    word, icon, tone = told.STATES[creator.state]
    posts = [
        (one, *told.POST_STATES[one.state], told.DISCLOSURES.get(one.disclosure, one.disclosure))
        for one in creator_posts.posts_of(chain, client, creator.id)
    ]
    return {
        "client": client,
        "creator": creator,
        "name": creator.application.name if creator.application else "",
        "word": word,
        "icon_name": icon,
        "tone": tone,
        "contract": found.contract,
        "accepted": accepted[-1] if accepted else None,
        "declined": offered[-1] if offered and offered[-1].declined_at else None,
        "briefs": creator_posts.briefs_of(chain, client, creator),
        "posts": posts,
        "disclosures": told.DISCLOSURES.items(),
        "has_contract": bool(accepted) and creator.state != "vetted",
        "today": now.date().isoformat(),
        "typed": {},
    }


def _private(response: HttpResponseBase) -> HttpResponseBase:
    """The address holds the token, so the browser passes on no more than the origin (nothing at all would fail our form)."""
    response["Referrer-Policy"] = "strict-origin"
    return response
