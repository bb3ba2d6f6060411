"""How is an item put aside? It waits until a day, a colleague is asked, an answer to a person is prepared."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from goodword.actions import asides, looking
from goodword.actions.permissions import May
from goodword.errors import BadInput
from goodword.store.reads import review as reads
from goodword.store.reads.review_aside import colleagues
from goodword.store.reads.review_case import Case
from goodword.web import words
from goodword.web.desk.door import Ask, asking, page
from goodword.web.desk.review import asked
from goodword.web.desk.review.beside import VOICES, deciders, until_of
from goodword.web.desk.review.item import case_of, context_of, place_of, see_other
from goodword.web.desk.review.queue import following
from goodword.web.toasts import toast

LONGEST_NOTE = 2_000


@require_POST
@asking(May.REVIEW)
def pause(ask: Ask, request: HttpRequest, id: str) -> HttpResponseBase:
    """It waits until the morning of a day of the client; then the next item."""
    found, until, now = case_of(ask, id), until_of(ask, request.POST.get("until", "")), datetime.now(UTC)
    if until is None:
        refused = BadInput(_("This is no day."), "", _("Write it as year, month, day, or choose it from the calendar."))
        return _refused(ask, request, found, refused)

    def do() -> None:
        present = reads.business_now(ask.client_id, now)
        why = request.POST.get("why", "")
        asides.pause(ask.client_id, ask.desk.actor, ask.desk.user.id, id, until, why, now=present, at=now)

    said = _("ref_{} waits until {}; its clock stands still.").format(id[:8], words.plain_day(until))
    return _done(ask, request, found, do, said, "review_resume")


@require_POST
@asking(May.REVIEW)
def resume(ask: Ask, request: HttpRequest, id: str) -> HttpResponseBase:
    """It waits no more."""
    case_of(ask, id)
    now = datetime.now(UTC)
    if asides.resume(ask.client_id, ask.desk.actor, id, now=reads.business_now(ask.client_id, now), at=now):
        toast(request, _("ref_{} waits no more; its clock goes on.").format(id[:8]))
    return see_other(reverse("review_item", args=[ask.slug, id]))


@require_POST
@asking(May.REVIEW)
def transfer(ask: Ask, request: HttpRequest, id: str) -> HttpResponseBase:
    """A colleague by name is asked to decide it; then the next item."""
    found, to, note = case_of(ask, id), request.POST.get("to", ""), request.POST.get("note", "").strip()
    known = dict(colleagues(ask.client_id, ask.desk.user.id, deciders()))
    if to not in known:
        refused = BadInput(_("Nobody is chosen who may decide this."), "", _("Choose a colleague from the list."))
        return _refused(ask, request, found, refused)
    if len(note) > LONGEST_NOTE or "\x00" in note:
        most = _("Keep it under {} characters.").format(f"{LONGEST_NOTE:,}")
        return _refused(ask, request, found, BadInput(_("The note is too long."), "", most))

    def do() -> None:
        asides.hand_over(ask.client_id, ask.desk.actor, ask.desk.user.id, id, to, note, at=datetime.now(UTC))

    return _done(ask, request, found, do, _("ref_{} is on a colleague's list now.").format(id[:8]), "review_call_back")


@require_POST
@asking(May.REVIEW)
def call_back(ask: Ask, request: HttpRequest, id: str) -> HttpResponseBase:
    """It is everybody's again."""
    case_of(ask, id)
    if asides.call_back(ask.client_id, ask.desk.actor, id, at=datetime.now(UTC)):
        toast(request, _("ref_{} is everybody's again.").format(id[:8]))
    return see_other(reverse("review_item", args=[ask.slug, id]))


@require_POST
@asking(May.REVIEW)
def message(ask: Ask, request: HttpRequest, id: str) -> HttpResponseBase:
    """What one of the two is to be told is kept beside the item. Nothing is sent: it is copied to where people are written to."""
    found, voice, text = case_of(ask, id), request.POST.get("to", ""), request.POST.get("message", "")
    if voice not in VOICES or "\x00" in text:
        refused = BadInput(_("It does not say for whom."), "", _("Choose the referrer or the friend."))
        return _refused(ask, request, found, refused)
    party = found.referral.advocate if voice == "referrer" else found.referral.friend
    try:
        asides.prepare_message(ask.client_id, ask.desk.actor, ask.desk.user.id, id, party, text, at=datetime.now(UTC))
    except BadInput as refusal:
        return _refused(ask, request, found, refusal)
    toast(request, _("The message about ref_{} is kept. Nothing was sent: copy it to where you write.").format(id[:8]))
    here = reverse("review_item", args=[ask.slug, id])
    return see_other(f"{here}#messages")


def _done(
    ask: Ask, request: HttpRequest, found: Case, do: Callable[[], None], said: str, undo: str
) -> HttpResponseBase:
    """Do it, say so with the way back, and serve the next."""
    id = found.referral.id
    try:
        do()
    except BadInput as refusal:
        return _refused(ask, request, found, refusal)
    looking.leave(ask.client_id, ask.desk.user.id)
    toast(request, said, undo=reverse(undo, args=[ask.slug, id]))
    return see_other(following(ask, asked.wanted_kept(request), place_of(found)))


def _refused(ask: Ask, request: HttpRequest, found: Case, refusal: BadInput) -> HttpResponseBase:
    """The item again with what was typed, and what to do."""
    context = context_of(ask, request, found, asked.wanted_kept(request))
    context |= {"wrong": [(f"{refusal.what} {refusal.why}".strip(), refusal.repair)]}
    response = page(request, "goodword/review/item.html", context)
    response.status_code = 400
    return response
