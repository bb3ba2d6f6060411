"""Which brands are served, and how is one set? The list of the house, and a client's own settings."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from goodword.actions.client_settings import change_settings
from goodword.actions.permissions import May
from goodword.core.served import Served
from goodword.errors import BadInput
from goodword.store.reads import clients as read
from goodword.store.scope import clients_scope
from goodword.web.desk import twins
from goodword.web.desk.clients import fields
from goodword.web.desk.clients.colours import read_colour
from goodword.web.desk.door import Ask, asking, asking_house
from goodword.web.shell import Desk, colour_of
from goodword.web.toasts import toast

COLUMNS = ("slug", "name", "legal_name", "currency", "timezone", "sector", "places", "languages", "code_prefix", "keys",
           "live_programs", "referrals_30_days", "last_event_at")  # fmt: skip
_EDITED = ("name", "legal_name", "timezone", *fields.SERVED, "colour", "consent", "review_hours")


@require_GET
@asking_house(May.CLIENTS)
def listed(desk: Desk, request: HttpRequest) -> HttpResponseBase:
    """Every client with how far it is set up."""
    colours = {one.id: colour_of(one) for one in desk.served}
    rows = [(client, standing, colours[client.id]) for client, standing in _rows(desk)]
    context = {"rows": rows, "days": read.FIGURES_DAYS, "may_add": May.ADD_CLIENT in desk.may_house,
               "may_edit": May.EDIT_CLIENT in desk.may_house}  # fmt: skip
    return TemplateResponse(request, "goodword/clients/clients.html", context)


@require_GET
@asking_house(May.CLIENTS)
def as_csv(desk: Desk, request: HttpRequest) -> HttpResponseBase:
    """The same as a file."""
    return twins.as_csv("clients", COLUMNS, _told(desk))


@require_GET
@asking_house(May.CLIENTS)
def as_json(desk: Desk, request: HttpRequest) -> HttpResponseBase:
    """The same for programs."""
    return twins.as_json("clients", _told(desk))


@require_http_methods(["GET", "HEAD", "POST"])
@asking(May.EDIT_CLIENT)
def one(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """The settings of this client. Currency, address and codes stay what they were: money and links hang on them."""
    known = read.settings_of(ask.client_id)
    before = _as_typed(known)
    if request.method != "POST":
        return _settings(ask, request, known, before, {})
    typed = {name: request.POST.get(name, "").replace("\x00", "").strip()[:500] for name in _EDITED}
    if take := request.POST.get("take"):
        typed["colour"] = take[:7]
    wrong = {**fields.names(typed | {"slug": "x", "prefix": "X"}), **fields.money(typed | {"currency": known.currency}),
             **fields.served(typed), **fields.look(typed), **fields.review(typed)}  # fmt: skip
    wrong = {field: why for field, why in wrong.items() if field in _EDITED}
    served = fields.served_of(typed)
    if wrong or not isinstance(served, Served):
        return _settings(ask, request, known, typed, wrong)
    try:
        changed = change_settings(
            ask.client_id,
            ask.desk.actor,
            known,
            seen=request.POST.get("seen", ""),
            name=typed["name"],
            legal_name=typed["legal_name"],
            timezone=typed["timezone"],
            colour=read_colour(typed["colour"]) or "",
            consent=known.consent | {"visitor_cookie": typed["consent"]},
            review_hours=int(typed["review_hours"]),
            served=served,
            at=datetime.now(UTC),
        )
    except BadInput as refusal:
        return _settings(ask, request, known, typed, {"": f"{refusal.what} {refusal.why} {refusal.repair}"})
    toast(request, _("The settings were saved.") if changed else _("Nothing was changed."))
    return HttpResponseRedirect(reverse("client", args=[ask.slug]), status=303)


def _settings(
    ask: Ask, request: HttpRequest, known: read.Settings, typed: dict[str, str], wrong: fields.Wrong
) -> HttpResponseBase:
    standing = read.standings([ask.client_id], datetime.now(UTC))[ask.client_id]
    context = {
        "known": known,
        "typed": typed,
        "wrong": wrong,
        "seen": known.seen,
        "zones": fields.zones(),
        "sectors": fields.SECTORS,
        "consents": fields.CONSENTS,
        "colour": fields.told_colour(typed["colour"]),
        "standing": standing,
        "may_key": May.CREATE_KEY in ask.desk.may,
        "may_publish": May.PUBLISH in ask.desk.may,
    }
    return TemplateResponse(request, "goodword/clients/client.html", context, status=422 if wrong else 200)


def _as_typed(known: read.Settings) -> dict[str, str]:
    return {
        "name": known.name,
        "legal_name": known.legal_name,
        "timezone": known.timezone,
        "sector": known.served.sector,
        "countries": ", ".join(known.served.places),
        "languages": ", ".join(known.served.languages),
        "colour": known.colour or "#0b6e63",
        "consent": str(known.consent.get("visitor_cookie", "where_allowed")),
        "review_hours": str(known.review_hours),
    }


def _rows(desk: Desk) -> list[tuple[read.Settings, read.Standing]]:
    ids = [one.id for one in desk.served]
    with clients_scope(ids):
        found = read.standings(ids, datetime.now(UTC))
    return [(one, found[one.id]) for one in read.listed(ids)]


def _told(desk: Desk) -> list[dict[str, Any]]:
    return [
        {
            "slug": one.slug,
            "name": one.name,
            "legal_name": one.legal_name,
            "currency": one.currency,
            "timezone": one.timezone,
            "sector": one.served.sector,
            "places": " ".join(one.served.places),
            "languages": " ".join(one.served.languages),
            "code_prefix": one.code_prefix,
            "keys": standing.keys,
            "live_programs": standing.live_programs,
            "referrals_30_days": standing.referrals,
            "last_event_at": standing.last_event_at,
        }
        for one, standing in _rows(desk)
    ]
