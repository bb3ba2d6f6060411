"""What speaks against one referral, and what is decided? The item with its evidence; clear, deny, take back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from goodword.actions import asides, looking
from goodword.actions.permissions import May
from goodword.actions.reviewing import Item, Meanwhile
from goodword.actions.reviewing import decide as decide_one
from goodword.actions.reviewing import undo as undo_one
from goodword.core import referral as core
from goodword.core.acts import cannot_reopen, words_on
from goodword.errors import BadInput
from goodword.store.reads import review as reads
from goodword.store.reads.review import Place, Wanted
from goodword.store.reads.review_case import PRECEDENT_DAYS, Case, Word, case
from goodword.store.scope import current
from goodword.web import words
from goodword.web.desk import doing
from goodword.web.desk.door import Ask, asking, page
from goodword.web.desk.review import asked
from goodword.web.desk.review.beside import beside
from goodword.web.desk.review.graph import graph
from goodword.web.desk.review.queue import following, listed, rows_of
from goodword.web.toasts import toast

_BESIDE = 25
_LONGEST_NOTE = 2_000


@require_GET
@asking(May.REVIEW)
def show(ask: Ask, request: HttpRequest, id: str) -> HttpResponseBase:
    """One item with its evidence; opening it is seen by colleagues for two minutes."""
    found = case_of(ask, id)
    if found.referral.state == "held" and current().write is not None and ask.desk.seeing is None:
        looking.open_item(ask.client_id, id, ask.desk.user.id, at=datetime.now(UTC))
    return page(request, "goodword/review/item.html", context_of(ask, request, found, asked.wanted_in(request)))


@require_POST
@asking(May.REVIEW)
def decide(ask: Ask, request: HttpRequest, id: str) -> HttpResponseBase:
    """Clear or deny, then the next item. Whoever decides what somebody else decided meanwhile is told, and keeps the words."""
    found, wanted, now = case_of(ask, id), asked.wanted_kept(request), datetime.now(UTC)
    verdict, _colon, why = request.POST.get("decision", "").partition(":")
    seen, note = request.POST.get("seen", ""), request.POST.get("words", "").strip()
    wrong = _wrong(verdict, why, seen, note)
    if wrong:
        return _again(ask, request, found, wanted, 400, wrong=wrong)
    place = place_of(found)
    money = reads.held_money(found.referral)
    try:
        with doing.chain_of(ask) as (chain, client):
            decide_one(
                chain, client, ask.desk.actor, Item(id, int(seen)), verdict, why or "other", words=note or None, at=now
            )
    except Meanwhile:
        return _again(ask, request, case_of(ask, id), wanted, 409, is_stale=True)
    except BadInput as refusal:
        return _again(
            ask, request, case_of(ask, id), wanted, 409, wrong=[(f"{refusal.what} {refusal.why}", refusal.repair)]
        )
    looking.leave(ask.client_id, ask.desk.user.id)
    asides.decided(ask.client_id, id)
    said = _("ref_{} cleared: {} goes on.") if verdict == "clear" else _("ref_{} denied: {} is not given.")
    undo_at = reverse("review_undo", args=[ask.slug, id]) + f"?seen={int(seen) + 1}"
    toast(request, said.format(id[:8], asked.plain_sums(money)), undo=undo_at)
    return see_other(following(ask, wanted, place))


@require_POST
@asking(May.REVIEW)
def undo(ask: Ask, request: HttpRequest, id: str) -> HttpResponseBase:
    """Take the last word back by a counter-act; refused where somebody spoke since, or something was sent."""
    found, seen = case_of(ask, id), request.GET.get("seen", "")
    if not seen.isascii() or not seen.isdigit() or len(seen) > 4:
        raise Http404
    here = asked.address(ask, "review_item", Wanted(), found.referral.id)
    try:
        with doing.chain_of(ask) as (chain, client):
            stands = undo_one(chain, client, ask.desk.actor, Item(id, int(seen)), at=datetime.now(UTC))
    except BadInput as refusal:
        toast(request, f"{refusal.what} {refusal.repair}", tone="stop")
    else:
        word = words.state_of(stands.state).word
        toast(request, _("Taken back: ref_{} is {} again.").format(id[:8], str(word).lower()))
        looking.leave(ask.client_id, ask.desk.user.id)
    return see_other(here)


def see_other(href: str) -> HttpResponseRedirect:
    """On to the next page after something was done."""
    return HttpResponseRedirect(href, status=303)


def place_of(found: Case) -> Place:
    """Where an item stands in the queue."""
    return Place(_points(found.referral), found.referral.id)


def safe_next(request: HttpRequest, otherwise: str) -> str:
    """Where a form wants to lead, if that is on this server."""
    to = request.POST.get("next", "")
    return to if url_has_allowed_host_and_scheme(to, allowed_hosts={request.get_host()}) else otherwise


def case_of(ask: Ask, id: str) -> Case:
    """The item of the address; there is none with another client."""
    now = reads.business_now(ask.client_id, datetime.now(UTC))
    found = case(ask.client_id, id, masked=ask.desk.is_masked, now=now)
    if found is None:
        raise Http404
    return found


def _wrong(verdict: str, why: str, seen: str, note: str) -> list[tuple[str, str]]:
    """(what is wrong, how to repair it) of a form."""
    found = []
    if (
        verdict not in ("clear", "deny")
        or (verdict == "deny" and why not in asked.WHYS)
        or (why and why not in asked.WHYS)
    ):
        found.append((_("The form does not say what was decided."), _("Press Clear, or Deny and one of its reasons.")))
    if not seen.isascii() or not seen.isdigit() or len(seen) > 4:
        found.append((_("The form does not say what you had read."), _("Look at the item below and decide again.")))
    if len(note) > _LONGEST_NOTE or "\x00" in note:
        found.append((_("The note is too long."), _("Keep it under {} characters.").format(f"{_LONGEST_NOTE:,}")))
    return found


def _again(
    ask: Ask,
    request: HttpRequest,
    found: Case,
    wanted: Wanted,
    status: int,
    *,
    wrong: list[tuple[str, str]] | None = None,
    is_stale: bool = False,
) -> HttpResponseBase:
    """The item as it stands now, with what was typed."""
    context = context_of(ask, request, found, wanted)
    context |= {"wrong": wrong or [], "is_stale": is_stale, "note": request.POST.get("words", "")}
    response = page(request, "goodword/review/item.html", context)
    response.status_code = status
    return response


def _points(referral: core.Referral) -> int:
    claim = referral.claim("screening")
    return claim.value if claim else 0


def context_of(ask: Ask, request: HttpRequest, found: Case, wanted: Wanted) -> dict[str, Any]:
    """All that the page of one item shows."""
    referral, now = found.referral, datetime.now(UTC)
    business_now = reads.business_now(ask.client_id, now)
    queue = listed(ask, wanted, None, _BESIDE)
    held = reads.held_money(referral)
    claim = referral.claim("screening")
    at_it = reads.at_it(ask.client_id, referral.id, asked.who(ask))
    last = found.words[-1] if found.words else None
    return {
        "case": found,
        "referral": referral,
        "referrer": found.people.get(referral.advocate),
        "friend": found.people.get(referral.friend),
        "is_held": referral.state == "held",
        "points": claim.value if claim else 0,
        "needed": claim.reason.needed if claim and claim.reason else "",
        "findings": _findings(claim),
        "money": asked.sums(held),
        "sla": (
            asked.sla(reads.held_since(referral), business_now, asked.goal(ask), found.aside.pause)
            if referral.state == "held"
            else None
        ),
        "rewards": [(one, found.people.get(one.payee)) for one in referral.rewards],
        "traits": [_trait(found, one) for one in found.shared],
        "graph": graph(found),
        "precedents": _precedents(ask, found),
        "days": PRECEDENT_DAYS,
        "words": [(word, asked.VERDICTS.get(word.verdict, word.verdict), _why(word)) for word in found.words],
        "last": (last, asked.VERDICTS.get(last.verdict, last.verdict)) if last else None,
        "seen": len(words_on(referral)),
        "undo": _undo(ask, referral),
        "whys": [(code, *asked.WHYS[code], *_told_after(found, code)) for code in asked.WHYS],
        "clear_button": _button(_("Clear"), held, referral),
        **beside(ask, request, found, business_now),
        "at_it": (at_it.name, asked.span(now - at_it.since)) if at_it else None,
        "rows": rows_of(ask, queue, wanted, business_now),
        "total": queue.total,
        "filter": asked.query_of(wanted),
        "list": asked.address(ask, "review", wanted),
        "skip": asked.address(ask, "review_next", wanted, after=f"{_points(referral)}.{referral.id}"),
        "may_switch": May.SWITCH_SIGNAL in ask.desk.may,
        "wrong": [],
        "note": "",
        "is_stale": False,
    }


def _button(verb: str, held: tuple[reads.Money, ...], referral: core.Referral) -> SafeString:
    """Clear, 25.00 EUR goes on: the verb and the amount."""
    if not held:
        return words.text(verb)
    return format_html(_("{}, {} goes on"), verb, asked.sums(held))


def _findings(claim: core.Claim | None) -> list[tuple[Any, str, bool]]:
    """(finding, its signal's title, whether it counts), the heaviest first."""
    if claim is None:
        return []
    listed = sorted(claim.findings, key=lambda one: (one.signal in claim.without, -one.points))
    return [(one, asked.signal_word(one.signal), one.signal not in claim.without) for one in listed]


def _trait(found: Case, one: Any) -> dict[str, Any]:
    own = {found.referral.friend, found.referral.advocate}
    known = min(found.known_people, reads.MOST_COUNTED)
    many = f">{reads.MOST_COUNTED:,}" if found.known_people > reads.MOST_COUNTED else f"{known:,}"
    count = f"{reads.MOST_HOLDERS}+" if len(one.holders) >= reads.MOST_HOLDERS else str(len(one.holders))
    listed = sorted(one.holders, key=lambda who: who.party not in own)
    return {
        "kind": asked.TRAITS.get(one.kind, words.label(one.kind)),
        "token": one.token[:6],
        "count": count,
        "holders": [(found.people.get(who.party), _told(who.state), who.party in own) for who in listed[:8]],
        "more": max(0, len(one.holders) - 8),
        "first_at": one.first_at,
        "common": format_html(_("{} of {} people known here"), words.bdi(count), words.bdi(many)),
    }


def _told(state: str) -> str:
    """What matters of another person's own referral: that it was denied, or is held too."""
    return {"denied": _("denied before"), "held": _("also held")}.get(state, "")


def _why(word: Word) -> str:
    return str(asked.WHYS[word.why][1]) if word.why in asked.WHYS and word.verdict == "deny" else ""


def _undo(ask: Ask, referral: core.Referral) -> tuple[str, str]:
    """(where the last word is taken back, why it cannot be)."""
    said = len(words_on(referral))
    if not said:
        return "", ""
    hindered = cannot_reopen(referral)
    if hindered is None:
        return reverse("review_undo", args=[ask.slug, referral.id]) + f"?seen={said}", ""
    if any(reward.state in ("sent", "clawed_back", "written_off") for reward in referral.rewards):
        return "", _("A reward was sent, so the decision stands. Denying it nets what was sent against later rewards.")
    return "", ""


def _precedents(ask: Ask, found: Case) -> dict[str, Any] | None:
    seen = found.precedents
    if not seen.total:
        return None
    told = ngettext(
        "{n} case with this finding in {days} days", "{n} cases with this finding in {days} days", seen.total
    ).format(n=seen.total, days=PRECEDENT_DAYS)
    outcomes = {
        "cleared": ("ok", _("cleared")),
        "denied": ("stop", _("denied")),
        "by_points": ("stop", _("denied by points")),
    }
    nearest = [
        (reverse("review_item", args=[ask.slug, id]), id, *outcomes[outcome], at, turned)
        for id, outcome, at, turned in seen.nearest
    ]
    return {"told": told, "seen": seen, "signal": asked.signal_word(seen.signal), "nearest": nearest}


def _told_after(found: Case, why: str) -> tuple[SafeString, SafeString]:
    """What referrer ('' for nothing) and friend read after a denial for this reason, as far as the program discloses it."""
    referrer, friend = asked.told_after(why)
    if found.disclosure == "nothing":
        return SafeString(""), friend
    return referrer if found.disclosure == "reasons" else words.text(_("Not this time.")), friend
