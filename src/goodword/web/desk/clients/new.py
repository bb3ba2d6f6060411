"""How does a client come to be? Three plain forms, each kept, back allowed; the last one makes it, once."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from goodword.actions.clients import add_client
from goodword.actions.permissions import May
from goodword.core.served import Served
from goodword.errors import BadInput
from goodword.web.desk import doing
from goodword.web.desk.clients import fields as rules
from goodword.web.desk.clients.colours import read_colour
from goodword.web.desk.door import asking_house
from goodword.web.shell import Desk
from goodword.web.toasts import toast

_KEPT = "new_client"


@dataclass(frozen=True)
class Step:
    """One form: its fields, its check, and its name in the row of steps."""

    name: str
    title: Promise
    fields: tuple[str, ...]
    check: Callable[[Mapping[str, str]], rules.Wrong]


def _money_and_places(typed: Mapping[str, str]) -> rules.Wrong:
    return rules.money(typed) | rules.served(typed)


FORMS = (
    Step("names", gettext_lazy("Name"), ("name", "legal_name", "slug", "prefix"), rules.names),
    Step("money", gettext_lazy("Money, time and places"), ("currency", "timezone", *rules.SERVED), _money_and_places),
    Step("look", gettext_lazy("Colour and consent"), ("colour", "consent"), rules.look),
)
AFTER = (  # steps once the client is there: URL name, title
    ("client_key", gettext_lazy("First key")),
    ("client_program", gettext_lazy("First program")),
    ("client_referral", gettext_lazy("First referral")),
)


@require_http_methods(["GET", "HEAD", "POST"])
@asking_house(May.ADD_CLIENT)
def client_new(desk: Desk, request: HttpRequest) -> HttpResponseBase:
    """The form of one step; a POST keeps it and leads to the next, the last one makes the client."""
    draft = _draft(request)
    step = next((one for one in FORMS if one.name == request.GET.get("step", "names")), FORMS[0])
    if request.method != "POST":
        if "again" in request.GET:
            request.session.pop(_KEPT, None)
            return HttpResponseRedirect(reverse("client_new"))
        return _page(request, step, draft, {})
    made = request.session.get(f"{_KEPT}_made")
    if made and _KEPT not in request.session and step is FORMS[-1]:  # sent twice: the first one made it
        return HttpResponseRedirect(reverse("client_key", args=[made["slug"]]), status=303)
    typed = _typed(request, step)
    if step.name == "names" and typed["name"]:
        typed = rules.suggested(typed)
    draft |= typed
    request.session[_KEPT] = draft
    if wrong := step.check(typed):
        return _page(request, step, draft, wrong)
    if step is not FORMS[-1]:
        onward = FORMS[FORMS.index(step) + 1].name
        return HttpResponseRedirect(f"{reverse('client_new')}?step={onward}", status=303)
    return _make(desk, request, draft)


def stepper(now: str, slug: str = "") -> list[dict[str, Any]]:
    """All steps in a row: done ones lead back, the one at hand is marked."""
    names = [*(one.name for one in FORMS), *(name for name, _title in AFTER)]
    at = names.index(now)
    row = []
    for n, name in enumerate(names):
        title = FORMS[n].title if n < len(FORMS) else AFTER[n - len(FORMS)][1]
        href = ""
        if not slug and n < min(at, len(FORMS)):
            href = f"{reverse('client_new')}?step={name}"
        elif slug and n >= len(FORMS) and n != at:
            href = reverse(name, args=[slug])
        row.append({"title": title, "href": href, "done": n < at, "here": n == at})
    return row


def _make(desk: Desk, request: HttpRequest, draft: dict[str, str]) -> HttpResponseBase:
    """Make it. The nonce of the draft names the client, so a form sent twice makes one."""
    made = request.session.get(f"{_KEPT}_made", {})
    for step in FORMS:
        wrong = step.check(draft)
        if wrong and not (draft.get("nonce") == made.get("nonce") and step.name == "names"):
            return _page(request, step, draft, wrong)
    served = rules.served_of(draft)
    if not isinstance(served, Served):  # looked at above, with the step
        return _page(request, _step_of("countries"), draft, rules.served(draft))
    try:
        with doing.chain() as chain:
            row = add_client(
                chain,
                desk.house_actor,
                slug=draft["slug"],
                name=draft["name"],
                legal_name=draft["legal_name"],
                currency=draft["currency"],
                timezone=draft["timezone"],
                prefix=draft["prefix"],
                colour=read_colour(draft["colour"]) or "",
                consent={"visitor_cookie": draft["consent"]},
                served=served,
                nonce=draft["nonce"],
                at=datetime.now(UTC),
            )
    except BadInput as refusal:
        return _page(request, _step_of(refusal.field), draft, {refusal.field: f"{refusal.what} {refusal.repair}"})
    request.session.pop(_KEPT, None)
    request.session[f"{_KEPT}_made"] = {"nonce": draft["nonce"], "slug": row.slug}
    toast(request, _("The client is there. Next: a key for its systems."))
    return HttpResponseRedirect(reverse("client_key", args=[row.slug]), status=303)


def _step_of(field: str) -> Step:
    return next((one for one in FORMS if field in one.fields), FORMS[0])


def _draft(request: HttpRequest) -> dict[str, str]:
    kept = request.session.get(_KEPT)
    if isinstance(kept, dict) and kept.get("nonce"):
        return dict(kept)
    return {"nonce": secrets.token_hex(16), "currency": "EUR", "timezone": "Europe/Berlin", "colour": "#0b6e63",
            "consent": "where_allowed"}  # fmt: skip


def _typed(request: HttpRequest, step: Step) -> dict[str, str]:
    typed = {name: request.POST.get(name, "").replace("\x00", "").strip()[:500] for name in step.fields}
    if take := request.POST.get("take"):  # the nearest colour that passes, by its own button
        typed["colour"] = take[:7]
    if "prefix" in typed:
        typed["prefix"] = typed["prefix"].upper()
    return typed


def _page(request: HttpRequest, step: Step, draft: dict[str, str], wrong: rules.Wrong) -> HttpResponseBase:
    context = {
        "step": step.name,
        "action": f"{reverse('client_new')}?step={step.name}",
        "steps": stepper(step.name),
        "back": f"{reverse('client_new')}?step={FORMS[FORMS.index(step) - 1].name}" if step is not FORMS[0] else "",
        "typed": draft,
        "wrong": wrong,
        "currencies": rules.currencies(),
        "zones": rules.zones(),
        "sectors": rules.SECTORS,
        "consents": rules.CONSENTS,
        "colour": rules.told_colour(draft.get("colour", "")),
    }
    return TemplateResponse(request, "goodword/clients/new.html", context, status=422 if wrong else 200)
