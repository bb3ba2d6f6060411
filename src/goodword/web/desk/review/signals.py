"""Which signals look at which program? What each holds, and what would go on if it were switched off (or be held again)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from goodword.actions import reviewing
from goodword.actions.permissions import May
from goodword.catalog import SHELVES
from goodword.core import referral as core
from goodword.core.screening import is_switched
from goodword.errors import BadInput
from goodword.store.models import Program
from goodword.store.reads.review import MOST_COUNTED, Money
from goodword.store.reads.review_signals import concerned, held_by, hold_at, switches
from goodword.web.desk import doing
from goodword.web.desk.door import Ask, asking, page
from goodword.web.desk.review import asked
from goodword.web.toasts import toast

_LONGEST_NOTE = 2_000


@require_GET
@asking(May.REVIEW)
def home(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """Every live program with every signal."""
    touched, held = switches(ask.client_id), held_by(ask.client_id)
    programs = list(Program.objects.of(ask.client_id).order_by("name").values_list("slug", "name"))
    rows = [
        {
            "program": name,
            "signal": asked.signal_word(signal),
            "help": SHELVES.signals[signal].help,
            "is_off": bool((slug, signal) in touched and touched[(slug, signal)].is_off),
            "since": touched[(slug, signal)].at if (slug, signal) in touched else None,
            "held": held.get((slug, signal), 0),
            "href": reverse("review_signal", args=[ask.slug, slug, signal]),
        }
        for slug, name in programs
        for signal in SHELVES.signals
    ]
    context = {
        "rows": rows,
        "may_switch": May.SWITCH_SIGNAL in ask.desk.may,
        "back": reverse("review", args=[ask.slug]),
    }
    return page(request, "goodword/review/signals.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@asking(May.SWITCH_SIGNAL)
def one(ask: Ask, request: HttpRequest, program: str, signal: str) -> HttpResponseBase:
    """What the switch would change, then the switch itself."""
    named = Program.objects.of(ask.client_id).filter(slug=program).values_list("id", "name").first()
    if named is None or signal not in SHELVES.signals:
        raise Http404
    switch = switches(ask.client_id).get((program, signal))
    to_off = not (switch is not None and switch.is_off)
    wrong: list[tuple[str, str]] = []
    if request.method == "POST":
        answer, wrong = _switch(ask, request, program, signal, to_off=to_off)
        if answer is not None:
            return answer
    found = [
        r for r in concerned(ask.client_id, named[0], signal, is_off=to_off) if is_switched(r, signal, is_off=to_off)
    ]
    context = {
        "program": named[1],
        "signal": asked.signal_word(signal),
        "place": f"{program}:{signal}",
        "help": SHELVES.signals[signal].help,
        "to_off": to_off,
        "since": switch.at if switch is not None else None,
        "whys": [
            (code, name)
            for code, name in asked.SWITCH_WHYS.items()
            if (code == "restored") is not to_off or code == "other"
        ],
        "back": reverse("review_signals", args=[ask.slug]),
        "wrong": wrong,
        "note": request.POST.get("words", ""),
        "why": request.POST.get("why", ""),
        **_effect(ask, program, found, signal, to_off=to_off),
    }
    response = page(request, "goodword/review/signal.html", context)
    response.status_code = 400 if wrong else 200
    return response


def _effect(ask: Ask, program: str, found: list[core.Referral], signal: str, *, to_off: bool) -> dict[str, Any]:
    """How many it concerns, how many go on (or are held again), and the money of these."""
    threshold = hold_at(ask.client_id, program)
    moved = []
    for referral in found:
        claim = referral.claim("screening")
        assert claim is not None, "it is concerned by its screening"
        without = {*claim.without, signal} if to_off else {*claim.without} - {signal}
        points = sum(finding.points for finding in claim.findings if finding.signal not in without)
        is_held = threshold is not None and points >= threshold
        if is_held is not (claim.granted is None):
            moved.append(referral)
    sums: dict[str, int] = {}
    for referral in moved:
        for reward in referral.rewards:
            if reward.state in ("in_review", "pending", "payable"):
                sums[reward.asset] = sums.get(reward.asset, 0) + reward.amount_minor
    money = tuple(Money(asset, minor) for asset, minor in sorted(sums.items()))
    return {
        "concerned": len(found),
        "moved": len(moved),
        "stay": len(found) - len(moved),
        "money": asked.sums(money),
        "is_capped": len(found) >= MOST_COUNTED,
    }


def _switch(
    ask: Ask, request: HttpRequest, program: str, signal: str, *, to_off: bool
) -> tuple[HttpResponseBase | None, list[tuple[str, str]]]:
    """The switch, or what is wrong with the form."""
    why, note = request.POST.get("why", ""), request.POST.get("words", "").strip()
    if request.POST.get("to") != ("off" if to_off else "on"):
        return None, [
            (_("Somebody switched this signal meanwhile."), _("Look at how it stands now, and decide again."))
        ]
    if why not in asked.SWITCH_WHYS:
        return None, [(_("No reason is chosen."), _("Choose why; it stands in the log of acts."))]
    if len(note) > _LONGEST_NOTE or "\x00" in note:
        return None, [(_("The note is too long."), _("Keep it under {} characters.").format(f"{_LONGEST_NOTE:,}"))]
    try:
        with doing.chain_of(ask) as (chain, client):
            waiting = reviewing.switch_signal(
                chain, client, ask.desk.actor, program, signal,
                off=to_off, why=why, words=note or None, at=datetime.now(UTC),
            )  # fmt: skip
    except BadInput as refusal:
        return None, [(refusal.what, refusal.repair)]
    word = asked.signal_word(signal)
    told = _("{} is switched off.").format(word) if to_off else _("{} is switched on again.").format(word)
    if waiting:
        left = ngettext(
            "{} referral is still being decided anew.", "{} referrals are still being decided anew.", waiting
        )
        told = f"{told} {left.format(waiting)}"
    toast(request, told)
    response = HttpResponseRedirect(reverse("review_signals", args=[ask.slug]))
    response.status_code = 303
    return response, []
