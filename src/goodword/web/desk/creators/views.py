"""Who speaks for the client's programs? The list of creators, a new application, and everything about one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from goodword import settings
from goodword.actions.creators import suggested_code
from goodword.actions.inspect import kept
from goodword.actions.permissions import May
from goodword.core.amounts import to_decimal
from goodword.core.terms import Terms
from goodword.store.reads import audit
from goodword.store.reads import creators as reads
from goodword.store.reads.contests import clock_of
from goodword.web import letters, words
from goodword.web.desk import twins
from goodword.web.desk.creators import told, values
from goodword.web.desk.door import Ask, asking, page
from goodword.web.desk.programs.views import lines as program_lines

LIST, ONE, NEW = (f"goodword/creators/{name}.html" for name in ("list", "one", "new"))
COLUMNS = (
    "creator", "name", "program", "state", "code", "contract", "friends", "earned", "posts_due", "posts_to_check",
    "applied_at",
)  # fmt: skip
DEEDS_SHOWN = 100


def programs_of(ask: Ask) -> dict[str, Terms]:
    """The programs of the client that work with contracts, with the terms in force."""
    found = ((line.row.slug, line.terms) for line in program_lines(ask.client_id) if line.live)
    return {slug: terms for slug, terms in found if terms is not None and terms.contracts is not None}


@require_GET
@asking(May.CREATORS)
def listed(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """Creators by their state, and where people apply."""
    state, program = request.GET.get("state", ""), request.GET.get("program", "")
    terms = programs_of(ask)
    counts = reads.counts(ask.client_id)
    place = _place(ask, request)
    found, following = reads.listed(
        ask.client_id, state=_state(request), program=program, masked=ask.desk.is_masked, after=place
    )
    here = {name: text for name, text in (("state", state), ("program", program)) if text}
    context = {
        "lines": [_line(one, terms.get(one.of.program)) for one in found],
        "chips": [(code, word, counts.get(code, 0), code == state) for code, (word, *_more) in told.STATES.items()],
        "next": f"?{urlencode(here | {'at': _cursor(ask, following)})}" if following else "",
        "first": f"?{urlencode(here)}" if place else "",
        "state": state,
        "all": sum(counts.values()),
        "programs": [
            (slug, one, request.build_absolute_uri(reverse("apply", args=[ask.slug, slug])), _brief(ask, slug))
            for slug, one in terms.items()
        ],
        "may_add": May.ADD_CREATOR in ask.desk.may and bool(terms),
        "may_vet": May.VET_CREATOR in ask.desk.may,
    }  # fmt: skip
    return page(request, LIST, context)


def _state(request: HttpRequest) -> str:
    """The state that the list is narrowed to; one that there is not leaves it whole."""
    state = request.GET.get("state", "")
    return state if state in told.STATES else ""


def _salt(ask: Ask) -> str:
    return f"goodword.creators.{ask.client_id}"


def _cursor(ask: Ask, place: reads.Place) -> str:
    """A place that can stand in an address, and nothing of it can be changed."""
    return signing.dumps([place.rank, place.at.isoformat(), place.id], salt=_salt(ask))


def _place(ask: Ask, request: HttpRequest) -> reads.Place | None:
    """The place in the address; one of another client or a changed one is not found."""
    cursor = request.GET.get("at")
    if not cursor:
        return None
    try:
        rank, at, id_ = signing.loads(cursor, salt=_salt(ask))
    except signing.BadSignature:
        raise Http404 from None
    return reads.Place(rank, datetime.fromisoformat(at), id_)


def _brief(ask: Ask, program: str) -> reads.Brief | None:
    line = next((one for one in program_lines(ask.client_id, program)), None)
    return reads.brief_of(ask.client_id, line.row.id, None) if line and not ask.desk.is_masked else None


def _line(one: reads.Line, terms: Terms | None) -> dict[str, Any]:
    word, icon, tone = told.STATES[one.of.state]
    return {
        "of": one.of,
        "word": word,
        "icon": icon,
        "tone": tone,
        "ruling": one.ruling,
        "values": values.told(terms, one.ruling.gifts) if one.ruling else [],
        "has_offer": one.has_offer,
        "was_declined": one.was_declined,
        "due": one.due,
        "to_check": one.to_check,
        "friends": one.friends,
        "earned": [words.money(minor, asset) for asset, minor in one.earned],
    }


@require_GET
@asking(May.EXPORT)
def as_csv(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """The same as a file."""
    return twins.as_csv(f"{ask.slug}-creators", COLUMNS, _rows(ask, request))


@require_GET
@asking(May.EXPORT)
def as_json(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """The same for programs."""
    return twins.as_json(f"{ask.slug}-creators", _rows(ask, request))


def _rows(ask: Ask, request: HttpRequest) -> list[dict[str, Any]]:
    """The rows of both files; that somebody takes them away is kept."""
    kept(ask.client_id, ask.desk.actor, "export.creators", "creator", "", datetime.now(UTC))
    program = request.GET.get("program", "")
    found, _more = reads.listed(
        ask.client_id, state=_state(request), program=program, masked=ask.desk.is_masked, size=twins.MOST_ROWS
    )
    return [
        {
            "creator": f"crt_{one.of.id}",
            "name": one.of.name,
            "program": one.of.program,
            "state": one.of.state,
            "code": one.of.code,
            "contract": one.ruling.number if one.ruling else None,
            "friends": one.friends,
            "earned": "; ".join(f"{to_decimal(minor, asset)} {asset}" for asset, minor in one.earned),
            "posts_due": one.due,
            "posts_to_check": one.to_check,
            "applied_at": one.of.applied_at,
        }
        for one in found
    ]


@require_GET
@asking(May.ADD_CREATOR)
def new(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """An application that somebody makes by mail or telephone."""
    return page(request, NEW, new_context(ask, {}, None))


def new_context(ask: Ask, typed: dict[str, str], wrong: Any) -> dict[str, Any]:
    """The form of an application at the desk."""
    terms = programs_of(ask)
    return {"programs": list(terms.items()), "typed": typed, "wrong": wrong, "consent": desk_consent()}


def desk_consent() -> str:
    """What staff confirms for somebody who applies by mail or telephone."""
    return _("The person agreed that what stands here is kept to decide about a contract, and deleted on request.")


# -- one creator -------------------------------------------------------------------------------------------------------


@require_GET
@asking(May.CREATORS)
def one(ask: Ask, request: HttpRequest, id: str) -> HttpResponseBase:
    """The record of a creator."""
    return page(request, ONE, context_of(ask, id))


def context_of(ask: Ask, id_: str, *, wrong: Any = None, typed: dict[str, str] | None = None, path: str = "") -> dict[str, Any]:
    """All that the record shows; a link is shown once, right after it was made."""
    found = reads.record(ask.client_id, id_, masked=ask.desk.is_masked)
    if found is None or ask.desk.client is None:
        raise Http404
    terms = programs_of(ask).get(found.of.program)
    now = clock_of(ask.client_id, datetime.now(UTC))
    word, icon, tone = told.STATES[found.of.state]
    name = found.of.written.name if found.of.written else ""
    can_offer = found.of.state in ("vetted", "active", "paused", "ended") and bool(found.of.written) and terms is not None
    return {
        "of": found.of,
        "named": name or found.of.name or _("Forgotten"),
        "word": word,
        "icon_name": icon,
        "tone": tone,
        "why": told.WHYS.get(found.of.why, ""),
        "record": found,
        "known": found.known,
        "elsewhere": [(other, *told.STATES[state]) for other, state in found.known.elsewhere],
        "contracts": _contracts(found, terms, now),
        "posts": [(post, *told.POST_STATES[post.state], told.DISCLOSURES.get(post.disclosure, post.disclosure))
                  for post in found.posts],
        "deeds": _deeds(ask, id_),
        "whys": told.WHYS.items(),
        "disclosures": told.DISCLOSURES.items(),
        "values": values.values_of(terms) if terms else [],
        "begun": told.begun_text(ask.desk.client.name, name, found.of.code, terms) if can_offer and terms else "",
        "suggested": suggested_code(name),
        "tail": terms.contracts.tail.days if terms and terms.contracts else 0,
        "can_offer": can_offer,
        "may_vet": May.VET_CREATOR in ask.desk.may,
        "may_check": May.CHECK_POST in ask.desk.may,
        "was_declined": bool(found.contracts and found.contracts[0].declined_at),
        "is_running": found.of.state in ("active", "paused"),
        "has_contract": found.of.state in ("active", "paused", "ended"),
        "today": now.date().isoformat(),
        "wrong": wrong,
        "typed": typed or {},
        "link": f"{settings.public_url()}{path}" if path else "",
        "path": path,
        "letter": letter_of(ask, found.of, path, waits=found.has_offer) if path and letters.can_mail() else None,
    }  # fmt: skip


def letter_of(ask: Ask, one: reads.Of, path: str, *, waits: bool) -> letters.Letter | None:
    """What would be mailed to bring the link of this path; None: there is nobody to write to, or no link."""
    if one.written is None or one.link_until is None or ask.desk.client is None:
        return None
    until = one.link_until.astimezone(ask.desk.zone)
    client = ask.desk.client.name
    with translation.override(one.written.language or translation.get_language()):
        return letters.for_creator(one.written.name, client, one.program_name, path, until, waits=waits)


def _contracts(found: reads.Record, terms: Terms | None, now: datetime) -> list[dict[str, Any]]:
    ruling = next((one for one in found.contracts if one.accepted_at and not (one.starts_at and one.starts_at > now)), None)
    made = []
    for one in found.contracts:
        state = "former" if one.accepted_at else "declined" if one.declined_at else "withdrawn"
        if one.is_open:
            state = "open"
        elif one is ruling:
            state = "ruling"
        elif one.accepted_at and one.starts_at and one.starts_at > now:
            state = "coming"
        word, icon, tone = told.CONTRACT_STATES[state]
        given = values.told(terms, one.gifts)
        made.append({"contract": one, "word": word, "icon": icon, "tone": tone, "values": given})
    return made


def _deeds(ask: Ask, id_: str) -> list[tuple[datetime, str, str]]:
    """What was done about the creator, the latest first: (when, what, by whom)."""
    found, _more = audit.acts(ask.client_id, audit.Wanted(thing=id_), None, DEEDS_SHOWN)
    return [(act.at, told.deed(act.verb), told.doer(act.name or act.actor, act.role)) for act in found]
