"""How is a program's next version written? Its page: the sentence, what follows from it, and every change saved at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from goodword.actions import drafting
from goodword.actions.checking import circumstances, remarks_on
from goodword.actions.drafting import Copy, Meanwhile
from goodword.actions.permissions import May
from goodword.actions.programs import as_yaml
from goodword.catalog import SHELVES
from goodword.catalog.reading import LinedProblem, read_program
from goodword.core.checks import Remark
from goodword.core.rows import SINCE_EVER
from goodword.core.terms import Terms
from goodword.core.wording import LANGUAGES
from goodword.errors import GoodwordError
from goodword.store.reads.drafting import delivered
from goodword.web.desk.door import Ask, asking, page
from goodword.web.desk.programs.editor import (
    case,
    checks,
    conditions,
    forms,
    horizon,
    parts,
    places,
    preview,
    rows,
    rule,
    testing,
)
from goodword.web.desk.programs.editor.draft import Draft, opened
from goodword.web.desk.programs.editor.tokens import Tokens
from goodword.web.toasts import toast

_TEMPLATE = "goodword/programs/editor/page.html"
_OWN_NAME = "program"  # never changed: referrals and accounts go by it
_LONGEST = 20_000


@require_http_methods(["GET", "HEAD", "POST"])
@asking(May.PROGRAMS)
def edit(ask: Ask, request: HttpRequest, program: str) -> HttpResponseBase:
    """The editor; a POST sets what stands at one place and saves it."""
    draft = opened(ask, program)
    if request.method == "POST":
        if not _may_write(ask):
            raise Http404
        return _set(ask, request, draft)
    at = request.GET.get("at", "")
    if at and getattr(request, "htmx", False) and _may_write(ask):
        form = _tokens(ask, request, draft).form(at)
        if not form:
            raise Http404
        return TemplateResponse(request, "goodword/programs/editor/part.html", {"part": form})
    fragment = ""
    if "try" in request.GET:
        fragment = "goodword/programs/editor/case.html"
    elif "view" in request.GET:
        fragment = "goodword/programs/editor/preview.html"
    return page(request, _TEMPLATE, _context(ask, request, draft, at=at), fragment=fragment)


@require_POST
@asking(May.PUSH)
def look(ask: Ask, request: HttpRequest, program: str) -> HttpResponseBase:
    """What a form would say, while somebody types: how it is read, and where the budget would end. Nothing is saved."""
    draft = opened(ask, program)
    place = request.POST.get("place", "")
    answer = forms.read(draft.document, place, _typed(request), _offers(ask, draft))
    found = forms.problems_of(answer.document) if not answer.wrong else None
    terms = found if isinstance(found, Terms) else None
    context = {
        "anchor": places.anchor(place),
        "wrong": list(answer.wrong.values()),
        "reads": parts.summary(answer.value, answer.document, place) if terms else "",
        "bar": _bar(ask, draft, terms) if terms else None,
        "was": _bar(ask, draft, draft.terms) if draft.terms and not terms else None,
    }
    return TemplateResponse(request, "goodword/programs/editor/look.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@asking(May.PUSH)
def document(ask: Ask, request: HttpRequest, program: str) -> HttpResponseBase:
    """The whole document as text, to be changed or replaced at once."""
    draft = opened(ask, program)
    context: dict[str, Any] = {"draft": draft, "text": as_yaml(draft.document), "revision": draft.copy.revision}
    if request.method != "POST":
        return TemplateResponse(request, "goodword/programs/editor/document.html", context)
    text = request.POST.get("text", "").replace("\r\n", "\n")[: drafting.LONGEST_DOCUMENT]
    read = read_program(text, SHELVES, version=1, live_from=SINCE_EVER)
    if not isinstance(read, list) and read[1].program != program:
        why = _("names the program {other}, and this is {program}").format(other=read[1].program, program=program)
        read = [LinedProblem(_OWN_NAME, why, _("write program: {program}").format(program=program), "other", None)]
    if isinstance(read, list):
        return TemplateResponse(
            request, "goodword/programs/editor/document.html", context | {"text": text, "problems": read}, status=422
        )
    try:
        _save(ask, draft, read[0], request.POST.get("revision", ""))
    except Meanwhile as faster:
        more = {"text": text, "theirs": faster.theirs, "revision": faster.theirs.revision if faster.theirs else 0}
        return TemplateResponse(request, "goodword/programs/editor/document.html", context | more, status=409)
    return HttpResponseRedirect(_home(ask, program), status=303)


@require_POST
@asking(May.PUSH)
def discard(ask: Ask, request: HttpRequest, program: str) -> HttpResponseBase:
    """Give the working copy up; the newest version stands as it did."""
    draft = opened(ask, program)
    try:
        drafting.discard(
            ask.client_id,
            ask.desk.actor,
            program,
            seen=_revision(request.POST.get("revision", "")),
            at=datetime.now(UTC),
        )
    except GoodwordError as wrong:
        toast(request, f"{_(wrong.what)} {_(wrong.repair)}", tone="stop")
        return HttpResponseRedirect(_home(ask, program), status=303)
    toast(request, _("The draft was given up; the log of acts keeps what it was."))
    home = reverse("program", args=[ask.slug, program]) if draft.line else reverse("programs", args=[ask.slug])
    return HttpResponseRedirect(home, status=303)


# ---- setting one place


def _set(ask: Ask, request: HttpRequest, draft: Draft) -> HttpResponseBase:
    typed = _typed(request)
    place = _named_place(request.POST.get("place", ""), typed)
    if place == _OWN_NAME or places.spec_at(place) is None:
        raise Http404
    wish = rows.wish_of(request.POST.get("row", ""))
    if wish is not None:
        return _rearranged(ask, request, draft, place, rows.rearranged(typed, wish), wish)
    seen = request.POST.get("revision", "")
    if seen != str(draft.copy.revision):
        return _refused(ask, request, draft, place, typed, Meanwhile(draft.copy))
    if request.POST.get("gone"):
        answer = forms.taken_out(draft.document, place)
    else:
        answer = forms.read(draft.document, place, typed, _offers(ask, draft))
    if answer.wrong and isinstance(draft.found, list) and _is_no_worse(draft, answer):
        answer.wrong = {}
    if answer.wrong:
        shown = _context(ask, request, draft, at=place, typed=answer.typed or typed, wrong=answer.wrong)
        return _whole(request, shown, 422)
    saved = draft.copy
    if answer.document != draft.document:
        try:
            saved = _save(ask, draft, answer.document, seen)
        except Meanwhile as faster:
            return _refused(ask, request, draft, place, typed, faster)
    return _onward(ask, request, draft.slug, saved, place)


def _rearranged(
    ask: Ask, request: HttpRequest, draft: Draft, place: str, typed: Mapping[str, str], wish: rows.Wish
) -> HttpResponseBase:
    """The form again with one row more, less or elsewhere, or the fields of another kind. Nothing is saved by it."""
    if getattr(request, "htmx", False):
        form = _tokens(ask, request, draft, at=place, typed=typed, focus=wish.focus).form(place)
        return TemplateResponse(request, "goodword/programs/editor/part.html", {"part": form})
    return _whole(request, _context(ask, request, draft, at=place, typed=typed, focus=wish.focus), 200)


def _onward(ask: Ask, request: HttpRequest, slug: str, saved: Copy, place: str) -> HttpResponseBase:
    """Where it goes from here: back to the token, or at once to the test or to publishing, as the person asked."""
    then = request.POST.get("then", "")
    if then == "test":
        return testing.begin(ask, request, opened(ask, slug))
    if then == "publish":
        return testing.kept(ask, request, opened(ask, slug), str(saved.revision))
    return HttpResponseRedirect(f"{_home(ask, slug)}#{places.anchor(place)}", status=303)


def _refused(
    ask: Ask, request: HttpRequest, draft: Draft, place: str, typed: Mapping[str, str], faster: Meanwhile
) -> HttpResponseBase:
    """Somebody else was faster: both values, and the way to take either. Nothing of this person's was saved."""
    now = opened(ask, draft.slug)
    theirs = {
        "by": faster.theirs.by if faster.theirs else "",
        "at": faster.theirs.saved_at if faster.theirs else None,
        "value": parts.summary(places.value_at(now.document, place), now.document, place),
    }
    return _whole(request, _context(ask, request, now, at=place, typed=typed, theirs=theirs), 409)


def _is_no_worse(draft: Draft, answer: forms.Answer) -> bool:
    """A draft that could not be read before may be mended one place at a time."""
    after = forms.problems_of(answer.document) if answer.document else draft.found
    return isinstance(after, list) and isinstance(draft.found, list) and len(after) < len(draft.found)


def _save(ask: Ask, draft: Draft, document_: Mapping[str, Any], seen: str) -> Copy:
    return drafting.save(
        ask.client_id, ask.desk.actor, draft.slug, document_, seen=_revision(seen), based_on=draft.copy.based_on,
        user_id=ask.desk.user.id, at=datetime.now(UTC),
    )  # fmt: skip


def _named_place(place: str, typed: dict[str, str]) -> str:
    """The place of something new gets the name that was typed; its inputs move there with it."""
    head, dot, last = place.rpartition(".")
    name = slugify(typed.get("key", "")).replace("-", "_")[:60]
    if last != "new_one" or not dot or not name[:1].isalpha():
        return place
    for key in [key for key in typed if key.startswith((f"{place}.", f"{place}["))]:
        typed[f"{head}.{name}{key[len(place) :]}"] = typed.pop(key)
    return f"{head}.{name}"


def _typed(request: HttpRequest) -> dict[str, str]:
    return {name: str(value)[:_LONGEST].replace("\x00", "") for name, value in request.POST.items()}


def _revision(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1


# ---- the page


def _context(
    ask: Ask,
    request: HttpRequest,
    draft: Draft,
    *,
    at: str = "",
    typed: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
    theirs: Mapping[str, Any] | None = None,
    focus: str | None = None,
) -> dict[str, Any]:
    tokens = _tokens(ask, request, draft, at=at, typed=typed, wrong=wrong, theirs=theirs, focus=focus)
    terms, now = draft.terms, datetime.now(UTC)
    bar = _bar(ask, draft, terms) if terms else None
    others = drafting.look_in(
        ask.client_id, draft.slug, ask.desk.user.id, at=now, is_writing=ask.desk.seeing is None and _may_write(ask)
    )
    view = request.GET.get("view", "phone")
    language = preview.language_of(request.GET.get("lang", ""))
    context: dict[str, Any] = {
        "draft": draft,
        "others": others,
        "home": _home(ask, draft.slug),
        "may_write": _may_write(ask),
        "may_comment": May.COMMENT in ask.desk.may,
        "lines": rule.lines(terms, tokens) if terms else [],
        "more": [(tokens.token(place, says), says) for place, says in rule.more(draft.document, terms)]
        if terms
        else [],
        "bar": bar,
        "tiers": parts.tiers(terms, tokens) if terms else [],
        "targets": horizon.targets(draft.line, terms, draft.document.get("objective"), ask.client_id) if terms else [],
        "checks": [
            (one, tokens.token(one.place, _("Put right"), about=one.says) if one.place else "")
            for one in checks.checks(
                draft.found, draft.document, bar, _remarks(ask, draft), as_yaml(draft.document)
            )
        ],
        "may_edit_client": May.EDIT_CLIENT in ask.desk.may,
        "case": _case(request, draft, terms),
        "today": now,
        "views": [(name, says, name == view) for name, says in preview.VIEWS.items()],
        "view": view if view in preview.VIEWS else "phone",
        "language": language,
        "languages": [(one, one == language) for one in LANGUAGES],
        "shown": preview.rendered(request, terms, ask.desk.client.name if ask.desk.client else "", view, language)
        if terms and view in preview.VIEWS
        else "",
        "changes": testing.changes(draft),
        "has_live": draft.live is not None,
        "parts": parts.parts(draft.document, tokens),
        "remarks": drafting.comments(ask.client_id, draft.slug),
        "versions": draft.line.row.versions[:6] if draft.line else (),
        "versions_address": _address("program-versions", ask.slug, draft.slug),
        "wrong": wrong or {},
        "theirs": theirs,
        **testing.outcome(ask, draft),
    }
    # An open place that no sentence shows is opened by itself.
    context["alone"] = tokens.form(at) if at and at not in tokens.made and _may_write(ask) else ""
    return context


def _remarks(ask: Ask, draft: Draft) -> list[Remark]:
    """What law and sense say of the draft, by the same circumstances as at its publication."""
    if draft.terms is None:
        return []
    connection.ensure_connection()
    around = circumstances(connection.connection, ask.client_id, draft.terms)
    return remarks_on(draft.terms, draft.document, around)


def _case(request: HttpRequest, draft: Draft, terms: Terms | None) -> case.Case | None:
    if terms is None or "try" not in request.GET:
        return None
    return case.try_case(terms, draft.document, request.GET.get("amount", "")[:40], request.GET.get("on", "")[:40])


def _tokens(ask: Ask, request: HttpRequest, draft: Draft, **more: Any) -> Tokens:
    known = {name: value for name, value in more.items() if value is not None}
    return Tokens(
        request,
        _home(ask, draft.slug),
        draft.document,
        draft.copy.revision,
        _may_write(ask),
        _offers(ask, draft),
        **known,
    )


def _offers(ask: Ask, draft: Draft) -> tuple[conditions.Offer, ...]:
    return conditions.offers(draft.document, delivered(ask.client_id))


def _bar(ask: Ask, draft: Draft, terms: Terms | None) -> horizon.Horizon | None:
    return horizon.horizon(draft.line, draft.live_terms, terms, ask.client_id, datetime.now(UTC)) if terms else None


def _whole(request: HttpRequest, context: dict[str, Any], status: int) -> HttpResponseBase:
    return TemplateResponse(request, _TEMPLATE, context, status=status)


def _may_write(ask: Ask) -> bool:
    return May.PUSH in ask.desk.may


def _home(ask: Ask, program: str) -> str:
    return reverse("program-edit", args=[ask.slug, program])


def _address(name: str, *arguments: str) -> str:
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return ""
