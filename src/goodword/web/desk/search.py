"""What belongs to what somebody typed? One box for any identifier; what was typed never stands in an address."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.core import signing
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from goodword.actions.permissions import May
from goodword.store.reads.desk import Served
from goodword.store.reads.finding import find_anything
from goodword.store.reads.people import Found, named
from goodword.store.scope import client_scope, user_scope
from goodword.web.desk.door import Ask, asking
from goodword.web.shell import colour_of, may_of

_OFFER_SECONDS = 15 * 60
_MOST_CLIENTS = 60  # that one search looks through
_LEAST_NAME = 2
# what was found -> who may see it, and on which page
_PAGES: dict[str, tuple[May, str]] = {
    "referral": (May.REFERRALS, "referral"),
    "party": (May.PEOPLE, "person"),
    "event": (May.EVENTS, "event"),
    "creator": (May.CREATORS, "creator"),
    "leaf": (May.AUDIT_LOG, "audit_leaf"),
    "checkpoint": (May.AUDIT_LOG, "audit_checkpoint"),
}


@dataclass(frozen=True)
class Elsewhere:
    """Where it was found instead: another client that the person serves."""

    client: Served
    colour: str
    href: str


@sensitive_post_parameters("q")
@require_POST
@asking(May.REFERRALS)
def search(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """Any identifier leads to what it names; else a name to the people who have it; else to another client of mine."""
    typed = request.POST.get("q", "")
    if address := _address(ask.slug, ask.desk.may, find_anything(ask.client_id, typed)):
        return HttpResponseRedirect(address)
    if May.PEOPLE in ask.desk.may and not ask.desk.is_masked and len(typed.strip()) >= _LEAST_NAME:
        people = named(ask.client_id, typed[:100]).people
        if len(people) == 1:
            return HttpResponseRedirect(reverse("person", args=[ask.slug, people[0].id]))
        if people:
            chosen = signing.dumps([one.id for one in people], salt=_among_salt(ask), compress=True)
            return HttpResponseRedirect(f"{reverse('people', args=[ask.slug])}?among={chosen}")
    return HttpResponseRedirect(_nowhere(ask, typed))


def among(ask: Ask, request: HttpRequest) -> list[str] | None:
    """The people whom a search by name found; None: the address names none."""
    chosen = request.GET.get("among", "")
    try:
        return list(signing.loads(chosen, salt=_among_salt(ask), max_age=24 * 3600)) if chosen else None
    except signing.BadSignature:
        return None


def _among_salt(ask: Ask) -> str:
    return f"goodword.people.{ask.client_id}"


def _address(slug: str, may: frozenset[May], found: Found) -> str:
    """Where a thing of a client is shown to somebody with these rights; '' where nothing was found or nothing may be seen."""
    if found.kind == "code":
        return f"{reverse('referrals', args=[slug])}?{urlencode({'code': found.id})}"
    if found.kind == "party" and May.PEOPLE not in may:
        return f"{reverse('referrals', args=[slug])}?person=prs_{found.id}"
    needed, page_of = _PAGES.get(found.kind, (None, ""))
    return reverse(page_of, args=[slug, found.id]) if needed in may else ""


# ---- the guard against the wrong client


def _nowhere(ask: Ask, typed: str) -> str:
    """Not found here; where another client of this person has it, the address carries a sealed offer to switch."""
    address = f"{reverse('referrals', args=[ask.slug])}?nothing=1"
    for other in ask.desk.serving(May.REFERRALS)[:_MOST_CLIENTS]:
        if other.id == ask.client_id:
            continue
        with client_scope(other.id), user_scope(ask.desk.user.id):
            found = find_anything(other.id, typed)
        if _address(other.slug, may_of(other), found):
            offer = signing.dumps([other.slug, found.kind, found.id], salt=_offer_salt(ask), compress=True)
            return f"{address}&offer={offer}"
    return address


def elsewhere(ask: Ask, request: HttpRequest) -> Elsewhere | None:
    """The offer in the address, if this person made it and still serves that client."""
    try:
        slug, kind, id = signing.loads(
            request.GET.get("offer", ""), salt=_offer_salt(ask), max_age=_OFFER_SECONDS
        )
    except signing.BadSignature:
        return None
    other = next((one for one in ask.desk.serving(May.REFERRALS) if one.slug == slug), None)
    if other is None:
        return None
    return Elsewhere(other, colour_of(other), _address(slug, may_of(other), Found(kind, id)))


def _offer_salt(ask: Ask) -> str:
    return f"goodword.elsewhere.{ask.client_id}.{ask.desk.user.id.hex}"
