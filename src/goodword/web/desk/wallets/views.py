"""What points has this person, and what for? The page of the wallet; redeeming on behalf, and cancelling it."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from goodword.actions.permissions import May
from goodword.actions.redeeming import cancel_redemption, redeem_for
from goodword.core.reasons import Reason
from goodword.errors import BadInput
from goodword.store.reads import wallets as reads
from goodword.store.reads.people import people
from goodword.store.reads.person import is_unknown
from goodword.store.reads.standing import clock_of
from goodword.web import words
from goodword.web.desk.doing import chain_of
from goodword.web.desk.door import Ask, asking, page
from goodword.web.desk.wallets.telling import all_of, items_of, shown
from goodword.web.toasts import toast

_ONCE = re.compile(r"[0-9a-f]{32}\Z")
_MOST_AT_ONCE = 1000


@require_http_methods(["GET", "HEAD"])
@asking(May.OVERVIEW)
def wallets(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """Every unit of the client over all people, and what its catalogues have left."""
    now = clock_of(ask.client_id).now(datetime.now(UTC))
    known = reads.live_terms(ask.client_id)
    context = {
        "units": [all_of(one) for one in reads.sums_of(ask.client_id, known, now)],
        "items": items_of(known, reads.redeemed_of(ask.client_id, known), now),
    }
    return page(request, "goodword/wallets/all.html", context)


@require_http_methods(["GET", "HEAD"])
@asking(May.PEOPLE)
def wallet(ask: Ask, request: HttpRequest, id: str) -> HttpResponseBase:
    """The page of one person's points."""
    return _page(ask, request, id)


@require_POST
@asking(May.REDEEM)
def redeem(ask: Ask, request: HttpRequest, id: str) -> HttpResponseBase:
    """Spend points on behalf of the person; what is refused says why, and nothing is changed."""
    if is_unknown(ask.client_id, id):
        raise Http404
    program, _sep, item = request.POST.get("item", "").partition("/")
    quantity, once = request.POST.get("quantity", "1").strip(), request.POST.get("once", "")
    if not item or not _ONCE.match(once):
        return _page(ask, request, id, wrong=SafeString(_("Choose what the points are redeemed for.")))
    if not quantity.isdecimal() or not 0 < int(quantity) <= _MOST_AT_ONCE:
        return _page(ask, request, id, wrong=SafeString(_("The number must be a whole one, from 1 to 1,000.")))
    try:
        with chain_of(ask) as (chain, client):
            reason = redeem_for(
                chain, client, ask.desk.actor, id, item, int(quantity), program=program, once=once, at=datetime.now(UTC)
            )
    except BadInput as refusal:
        return _page(ask, request, id, wrong=words.text(refusal.what))
    return _answer(ask, request, id, reason)


@require_POST
@asking(May.REDEEM)
def cancel(ask: Ask, request: HttpRequest, id: str) -> HttpResponseBase:
    """Take a redemption of this person's wallet back; its points return with their old dates."""
    known = {
        made.id.hex
        for held in _held(ask, id)
        if held.wallet.id
        for made in reads.redemptions_of(ask.client_id, held.wallet.id)
    }
    redemption = request.POST.get("redemption", "")
    if redemption not in known:
        raise Http404
    try:
        with chain_of(ask) as (chain, client):
            reason = cancel_redemption(chain, client, ask.desk.actor, id, redemption, at=datetime.now(UTC))
    except BadInput as refusal:
        return _page(ask, request, id, wrong=words.text(refusal.what))
    return _answer(ask, request, id, reason)


def _answer(ask: Ask, request: HttpRequest, id: str, reason: Reason) -> HttpResponseBase:
    if reason.passed is False:
        return _page(ask, request, id, wrong=words.said(reason, "agent"))
    if reason.code == "redeemed":
        toast(request, _("Redeemed: {what}.").format(what=reason.value))
    else:
        toast(request, _("The redemption is cancelled. The points came back with their old dates."))
    return HttpResponseRedirect(reverse("wallet", args=[ask.slug, id]), status=303)


def _held(ask: Ask, id: str) -> tuple[reads.Held, ...]:
    now = clock_of(ask.client_id).now(datetime.now(UTC))
    return reads.wallets_of(ask.client_id, id, reads.live_terms(ask.client_id), now)


def _page(ask: Ask, request: HttpRequest, id: str, *, wrong: SafeString | None = None) -> HttpResponseBase:
    if is_unknown(ask.client_id, id):
        raise Http404
    now = clock_of(ask.client_id).now(datetime.now(UTC))
    known = people(ask.client_id, [id], masked=ask.desk.is_masked)
    context = {
        "id": id,
        "named": words.person(known[id], id),
        "wallets": [shown(ask.client_id, held, now, in_full=True) for held in _held(ask, id)],
        "may_redeem": May.REDEEM in ask.desk.may and not known[id].is_erased,
        "may_see_all": May.OVERVIEW in ask.desk.may,
        "wrong": wrong,
        "once": uuid.uuid4().hex,
        "chosen": request.POST.get("item", ""),
        "quantity": request.POST.get("quantity", "1"),
    }
    response = page(request, "goodword/wallets/wallet.html", context)
    response.status_code = 422 if wrong else 200
    return response
