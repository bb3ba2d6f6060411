"""Who is this, and where is the reward? People by any identifier or name, and the page of one with the verdicts first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from goodword.actions.inspect import kept
from goodword.actions.permissions import May
from goodword.core.events import Event
from goodword.store.models import Referral
from goodword.store.reads import person as reads
from goodword.store.reads.creators import of_party as creators_of
from goodword.store.reads.people import NAMES_SEARCHED, Named, find, named, recent
from goodword.store.reads.people import people as named_people
from goodword.store.reads.referrals import MOST_STORIES, Story, stories_of
from goodword.web import words
from goodword.web.desk.door import Ask, asking
from goodword.web.desk.search import among
from goodword.web.desk.story.answer import answer
from goodword.web.desk.telling import tell
from goodword.web.desk.verdict import Verdict, verdict
from goodword.web.desk.wallets.telling import points_of

_LATEST = 25


@dataclass(frozen=True)
class Line:
    """A referral of the person: the other one, the verdict for staff, and the answer for this person."""

    story: Story
    other: SafeString
    other_id: str
    verdict: Verdict
    answer: str


@sensitive_post_parameters("q")
@require_http_methods(["GET", "HEAD", "POST"])
@asking(May.PEOPLE)
def people(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """The people who came up last, or those of a search by name. A search is a POST: what was typed stays out of addresses."""
    typed = request.POST.get("q", "").strip()[:300] if request.method == "POST" else ""
    by_name: Named | None = None
    if typed:
        found = find(ask.client_id, typed)
        if found.kind == "party":
            return HttpResponseRedirect(reverse("person", args=[ask.slug, found.id]), status=303)
        if found.kind == "code" and (owner := reads.owner_of(ask.client_id, found.id)):
            return HttpResponseRedirect(reverse("person", args=[ask.slug, owner]), status=303)
        if found.kind == "referral":
            return HttpResponseRedirect(reverse("referral", args=[ask.slug, found.id]), status=303)
        by_name = named(ask.client_id, typed) if not ask.desk.is_masked else Named((), 0, True)
    ids = among(ask, request)
    shown = (
        [one.id for one in by_name.people] if by_name else ids if ids is not None else recent(ask.client_id, _LATEST)
    )
    known = named_people(ask.client_id, shown, masked=ask.desk.is_masked)
    counts = reads.referral_counts(ask.client_id, shown)
    context = {
        "people": [(known[id], *counts.get(id, (0, 0))) for id in shown if id in known],
        "typed": typed,
        "by_name": by_name,
        "is_found": ids is not None,
        "most": NAMES_SEARCHED,
        "may_search_names": not ask.desk.is_masked,
    }
    return TemplateResponse(request, "goodword/people/list.html", context)


@require_http_methods(["GET", "HEAD"])
@asking(May.PEOPLE)
def person(ask: Ask, request: HttpRequest, id: str) -> HttpResponseBase:
    """The page of one person."""
    return shown(ask, request, id)


@require_http_methods(["GET", "HEAD"])
@asking(May.PEOPLE)
def of_event(ask: Ask, request: HttpRequest, id: str) -> HttpResponseBase:
    """From an event to whose it is: the way to a late claim about an order that nobody referred."""
    owner = reads.owner_of_event(ask.client_id, id)
    if not owner:
        raise Http404
    return HttpResponseRedirect(reverse("person", args=[ask.slug, owner]))


@require_POST
@asking(May.REVEAL)
def reveal(ask: Ask, request: HttpRequest, id: str) -> HttpResponseBase:
    """The same page with the contact in full. A POST, since opening it is an act that is kept."""
    if ask.desk.is_masked or reads.is_unknown(ask.client_id, id):
        raise Http404
    kept(ask.client_id, ask.desk.actor, May.REVEAL, "person", id, datetime.now(UTC))
    return shown(ask, request, id, revealed=True)


def shown(ask: Ask, request: HttpRequest, id: str, *, revealed: bool = False) -> HttpResponseBase:
    """Everything known, the verdicts of the referrals first."""
    masked = ask.desk.is_masked
    found = reads.person(ask.client_id, id, masked=masked, revealed=revealed)
    if found is None:
        raise Http404
    given = _lines(ask, stories_of(ask.client_id, Q(advocate_id=id), masked=masked), "referrer")
    received = _lines(ask, stories_of(ask.client_id, Q(friend_id=id), masked=masked), "friend")
    first = max((*given, *received), key=lambda line: line.story.referral.state_at, default=None)
    may_claim = May.ADD_REFERRAL in ask.desk.may and not found.erased_at
    context = {
        "who": found,
        "named": words.person(found.person, id),
        "first": first,
        "first_given": first in given,
        "given": given,
        "received": received,
        "given_all": _all_of(ask, id, len(given)),
        "totals": [
            (words.state_of(one.state, words.REWARD_STATES), one.count, words.money(one.amount_minor, one.asset))
            for one in found.totals
        ],
        "rewards": [(one, words.money(one.amount_minor, one.asset)) for one in found.rewards],
        "wallets": points_of(ask.client_id, id),
        "creators": creators_of(ask.client_id, id) if May.CREATORS in ask.desk.may else [],
        "events": [(one, _event(one)) for one in found.events],
        "revealed": revealed,
        "may_reveal": May.REVEAL in ask.desk.may and not masked and not revealed and bool(found.contacts),
        "may_inspect": May.EVENTS in ask.desk.may,
        "claim": reverse("person_claim", args=[ask.slug, id]) if may_claim and not received else "",
        "claimed": request.GET.get("claimed") == "1",
    }  # fmt: skip
    return TemplateResponse(request, "goodword/people/person.html", context)


def _lines(ask: Ask, stories: tuple[Story, ...], voice: str) -> list[Line]:
    found = []
    for one in stories:
        telling = tell(one, "agent")
        other, other_id = (
            (telling.friend, one.referral.friend) if voice == "referrer" else (telling.referrer, one.referral.advocate)
        )
        found.append(Line(one, other, other_id, verdict(telling), answer(one, voice)))
    return found


def _all_of(ask: Ask, id: str, shown_count: int) -> str:
    """Where the rest is, if there may be more than is shown."""
    if shown_count < MOST_STORIES or not Referral.objects.filter(client_id=ask.client_id, advocate_id=id).exists():
        return ""
    return f"{reverse('referrals', args=[ask.slug])}?person=prs_{id}"


def _event(one: Event) -> SafeString:
    amount = words.event_amount(one)
    word = words.event_word(one.type)
    return format_html(_("{} {}"), word, amount) if amount else words.text(word)
