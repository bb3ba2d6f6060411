"""What makes a new client work? Its first key, its first program, its first referral: each a step that can be done later."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from goodword import settings
from goodword.actions import versions_release
from goodword.actions.checking import remarks_for
from goodword.actions.clients import make_key
from goodword.actions.permissions import May
from goodword.actions.programs import push, versions
from goodword.actions.versions_release import Wish
from goodword.core.terms import Terms
from goodword.errors import GoodwordError
from goodword.store.reads import clients as read
from goodword.web import words
from goodword.web.desk import doing
from goodword.web.desk.clients import first_program as form
from goodword.web.desk.clients.new import stepper
from goodword.web.desk.door import Ask, asking
from goodword.web.desk.programs import sentence
from goodword.web.toasts import toast

_NONCE = "first_key"


@require_http_methods(["GET", "HEAD", "POST"])
@asking(May.CREATE_KEY)
def key(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """The first key: shown in the answer to the POST and never again."""
    here = reverse("client_key", args=[ask.slug])
    if request.method != "POST":
        nonce = request.session[_NONCE] = secrets.token_hex(8)
        keys = read.standings([ask.client_id], datetime.now(UTC))[ask.client_id].keys
        return _page(ask, request, "key", {"nonce": nonce, "keys": keys})
    if request.POST.get("nonce") != request.session.pop(_NONCE, ""):
        toast(
            request,
            _("This form was sent already: its key was shown then. Make another one if it was not kept."),
            tone="wait",
        )
        return HttpResponseRedirect(here, status=303)
    with doing.chain_of(ask) as (chain, client):
        secret, _id = make_key(
            chain,
            client,
            ask.desk.actor,
            name=_("First key"),
            scopes=[],
            source="api",
            expires_at=None,
            at=datetime.now(UTC),
        )
    person = {"id": "try-ana", "name": "Ana Try"}
    events = [{"id": "try-1-ana", "type": "signup", "at": _now(), "person": person}]
    return _page(ask, request, "key", {"secret": secret, "curl": _export(secret) + _curl(events)})


@require_http_methods(["GET", "HEAD", "POST"])
@asking(May.PUBLISH)
def program(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """The first program: fill in, read it as a sentence, put it live."""
    if request.method != "POST":
        return _page(ask, request, "program", _form_of({"name": f"{_client(ask).name} friends"} | form.STANDARD, {}))
    typed = {name: request.POST.get(name, "").replace("\x00", "").strip()[:200] for name in form.FIELDS}
    found = form.read(typed, _client(ask).currency, _client(ask).timezone)
    if isinstance(found, dict):
        return _page(ask, request, "program", _form_of(typed, found), status=422)
    document, terms = found
    if request.POST.get("act") != "publish":
        return _page(ask, request, "program", _form_of(typed, {}) | _preview(ask, document, terms))
    try:
        is_live = _put_live(ask, document, terms)
    except GoodwordError as refusal:
        wrong = {"name": " ".join(part for part in (refusal.what, refusal.why, refusal.repair) if part)}
        return _page(ask, request, "program", _form_of(typed, wrong), status=422)
    if not is_live:
        toast(request, _("The program is kept. It goes live when everybody who has to approve did."), tone="wait")
        return HttpResponseRedirect(reverse("program-versions", args=[ask.slug, terms.program]), status=303)
    toast(request, _("The program is live. Next: a first referral."))
    return HttpResponseRedirect(reverse("client_referral", args=[ask.slug]), status=303)


@require_GET
@asking(May.EVENTS)
def referral(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """A ready request, and what came of it as soon as it arrives."""
    standing = read.first_arrivals(ask.client_id)
    at = _now(datetime.now(UTC) + timedelta(seconds=1))  # not before the program that went live in this very second
    ana, ben = {"id": "try-ana", "name": "Ana Try"}, {"id": "try-ben", "name": "Ben Try"}
    live = [one for one in _live_terms(ask) if one is not None]
    least = max((m.min_minor or 0 for t in live for m in t.milestones), default=0)
    currency = live[0].currency if live else _client(ask).currency
    order = {"id": "try-order-1", "amount": form.decimal_above(least, currency), "currency": currency}
    events: list[dict[str, Any]] = [
        {"id": "try-1-ana", "type": "signup", "at": at, "person": ana},
        {
            "id": "try-2-ben",
            "type": "signup",
            "at": at,
            "person": ben,
            "advocate": {"id": "try-ana"},
        },
        {"id": "try-3-order", "type": "purchase", "at": at, "person": ben, "order": order},
    ]
    context = {
        "curl": _curl(events[1:] if standing.knows_ana else events),
        "arrived": standing,
        "has_program": bool(live),
        "may_read": May.REFERRALS in ask.desk.may,
        "rule": sentence.rule(live[0]) if live else "",
    }
    return _page(ask, request, "referral", context)


def _put_live(ask: Ask, document: dict[str, Any], terms: Terms) -> bool:
    """Keep it as version 1 and have it published; sent twice it is the same version. Whether nobody has to approve it first."""
    with doing.chain_of(ask) as (chain, client):
        known = versions(chain.conn, client.id, terms.program)
        if known and known[-1].terms_hash != terms.hash:
            raise form.NameTaken
        now = datetime.now(UTC)
        pushed, _is_new = push(chain, client, ask.desk.actor, document, terms, at=now)
        if pushed.state in ("live", "retired"):
            return True
        wish = Wish(_("The first program of this client."))
        return not versions_release.ask(chain, client, ask.desk.actor, pushed.slug, pushed.number, wish, at=now).missing


def _form_of(typed: dict[str, str], wrong: form.Wrong) -> dict[str, Any]:
    return {"typed": typed, "wrong": wrong, "templates": form.templates(), "kinds": form.kinds()}


def _preview(ask: Ask, document: dict[str, Any], terms: Terms) -> dict[str, Any]:
    """The sentence, and what speaks against it: what is rarely meant, and what law and sense say as at a publication."""
    with doing.chain_of(ask) as (chain, client):
        remarks = remarks_for(chain, client, terms, document)
    told = [*form.warnings(terms), *(" ".join(words.remark(one)) for one in remarks)]
    return {"rule": sentence.rule(terms), "parts": sentence.parts(terms), "warnings": told}


def _live_terms(ask: Ask) -> list[Terms | None]:
    from goodword.web.desk.programs.views import lines

    return [one.terms for one in lines(ask.client_id) if one.live]


def _page(ask: Ask, request: HttpRequest, step: str, context: dict[str, Any], status: int = 200) -> HttpResponseBase:
    told = {"steps": stepper(f"client_{step}", ask.slug), "client": _client(ask)} | context
    return TemplateResponse(request, f"goodword/clients/first_{step}.html", told, status=status)


def _client(ask: Ask) -> Any:
    return ask.desk.client


def _now(at: datetime | None = None) -> str:
    return (at or datetime.now(UTC)).isoformat(timespec="seconds").replace("+00:00", "Z")


def _export(secret: str) -> str:
    return f"export GOODWORD_KEY='{secret}'\n\n"


def _curl(events: list[dict[str, Any]]) -> str:
    """A request to paste into a terminal, with this server's address."""
    body = ",\n  ".join(json.dumps(one) for one in events)
    return (
        f"curl -sS {settings.public_url()}/v1/events \\\n"
        '  -H "Authorization: Bearer $GOODWORD_KEY" \\\n'
        "  -H 'Content-Type: application/json' \\\n"
        f"  -d '[{body}]'"
    )
