"""How does a program begin? From a template of the shelf, each told by its own example, or from a document that is there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from goodword.actions import drafting
from goodword.actions.drafting import Meanwhile
from goodword.actions.permissions import May
from goodword.catalog import SHELVES
from goodword.catalog.reading import LinedProblem, read_program
from goodword.core import wording
from goodword.core.kind import Template
from goodword.core.rows import SINCE_EVER
from goodword.core.terms import Terms
from goodword.store.reads.programs import programs
from goodword.web.desk.clients.first_program import TITLES, program_slug
from goodword.web.desk.door import Ask, asking
from goodword.web.desk.programs.editor import forms, places
from goodword.web.desk.programs.sentence import language

_TAKEN = ("new",)  # names that addresses use themselves


@dataclass(frozen=True)
class Ready:
    """A template as the page shows it: what it is called, what it is for, and the sentence of its example."""

    slug: str
    title: str
    help: str
    rule: str


@require_http_methods(["GET", "HEAD", "POST"])
@asking(May.PUSH)
def new(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """The templates, and a place for a document; a POST begins a working copy and opens it."""
    context: dict[str, Any] = {
        "ready": [_ready(one, ask) for one in SHELVES.templates.values()],
        "chosen": request.POST.get("template", ""),
        "name": request.POST.get("name", "").strip()[:200],
        "text": "",
        "copies": [one for one in drafting.working_copies(ask.client_id) if one.based_on is None],
    }
    if request.method != "POST":
        return TemplateResponse(request, "goodword/programs/editor/new.html", context)
    if request.POST.get("from") == "document":
        return _from_document(ask, request, context)
    return _from_template(ask, request, context)


def _from_template(ask: Ask, request: HttpRequest, context: dict[str, Any]) -> HttpResponseBase:
    template = SHELVES.templates.get(context["chosen"])
    wrong = {}
    if template is None:
        wrong["template"] = _("Choose one of the templates.")
    if not context["name"]:
        wrong["name"] = _("Give the program a name, as people will call it.")
    slug = program_slug(context["name"]) if context["name"] else ""
    if not wrong and (problem := _taken(ask, slug)):
        wrong["name"] = problem
    if wrong or template is None:
        return _again(request, context | {"wrong": wrong})
    document = example(template, ask) | {"program": slug, "name": context["name"]}
    return _begin(ask, slug, document, request, context)


def _from_document(ask: Ask, request: HttpRequest, context: dict[str, Any]) -> HttpResponseBase:
    text, trouble = _text(request)
    context |= {"text": text}
    if trouble:
        return _again(
            request, context | {"problems": [LinedProblem("", trouble, _("take another file"), "file", None)]}
        )
    read = read_program(text, SHELVES, version=1, live_from=SINCE_EVER)
    if isinstance(read, list):
        return _again(request, context | {"problems": read})
    document, terms = read
    if problem := _taken(ask, terms.program):
        line = next((n for n, one in enumerate(text.split("\n"), start=1) if one.startswith("program:")), None)
        told = LinedProblem("program", problem.rstrip("."), _("give it another name"), "taken", line)
        return _again(request, context | {"problems": [told]})
    return _begin(ask, terms.program, document, request, context)


def _begin(
    ask: Ask, slug: str, document: dict[str, Any], request: HttpRequest, context: dict[str, Any]
) -> HttpResponseBase:
    try:
        drafting.save(
            ask.client_id, ask.desk.actor, slug, document, seen=0, based_on=None, user_id=ask.desk.user.id,
            at=datetime.now(UTC),
        )  # fmt: skip
    except Meanwhile:
        return _again(request, context | {"wrong": {"name": _somebody_writes(slug)}})
    return HttpResponseRedirect(reverse("program-edit", args=[ask.slug, slug]), status=303)


def example(template: Template, ask: Ask) -> dict[str, Any]:
    """A document to begin with: the template's own example in the client's currency and zone, else the plainest promise."""
    client = ask.desk.client
    currency = client.currency if client else "EUR"
    read = read_program(template.example, SHELVES, version=1, live_from=SINCE_EVER) if template.example else []
    found: dict[str, Any] = {} if isinstance(read, list) else read[0]
    plain = {
        "type": template.slug,
        "promises": [{"to": "advocate", "on": "first_order", "give": {"cash": "10.00"}, "hold": "14d"}],
    }
    made = places.filled(plain | found, SHELVES.templates)
    own = made | {"program": "example", "name": template.title, "currency": currency, "timezone": ask.desk.zone.key}
    return own if isinstance(forms.problems_of(own), Terms) else own | {"currency": made.get("currency", currency)}


def _ready(template: Template, ask: Ask) -> Ready:
    document = example(template, ask)
    found = forms.problems_of(document)
    says = wording.rule(found, language()) if isinstance(found, Terms) else ""
    title, help_ = TITLES.get(template.slug, (_(template.title), _(template.help)))
    return Ready(template.slug, str(title), str(help_), says)


def _text(request: HttpRequest) -> tuple[str, str]:
    """The document that was pasted or sent as a file, and what is wrong with the file."""
    sent = request.FILES.get("file")
    if sent is None:
        return request.POST.get("text", "").replace("\r\n", "\n")[: drafting.LONGEST_DOCUMENT], ""
    if sent.size is None or sent.size > drafting.LONGEST_DOCUMENT:
        return "", _("the file is larger than a program's document may be")
    try:
        return sent.read().decode().replace("\r\n", "\n"), ""
    except UnicodeDecodeError:
        return "", _("the file is no text in UTF-8")


def _taken(ask: Ask, slug: str) -> str:
    if slug in _TAKEN:
        return _("This name is used by the desk itself.")
    if programs(ask.client_id, datetime.now(UTC), slug):
        return _("A program of this name is there already: {program}.").format(program=slug)
    return _somebody_writes(slug) if drafting.working_copy(ask.client_id, slug) else ""


def _somebody_writes(slug: str) -> str:
    return _("Somebody is writing on a program of this name already: {program}.").format(program=slug)


def _again(request: HttpRequest, context: dict[str, Any]) -> HttpResponseBase:
    return TemplateResponse(request, "goodword/programs/editor/new.html", context, status=422)
