"""How does a demo let time pass, and how does it end? Deeds that only an installation made by `goodword demo` knows."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any
from uuid import UUID

from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from goodword.actions import demo_clock
from goodword.actions.permissions import May
from goodword.errors import BadInput
from goodword.house import wish
from goodword.house.folder import DataFolder
from goodword.store.models import ImportRun, Referral
from goodword.store.reads.desk import Served
from goodword.store.scope import clients_scope
from goodword.web import words
from goodword.web.desk import doing
from goodword.web.desk.door import Ask, asking, asking_house
from goodword.web.shell import Desk
from goodword.web.toasts import toast

_DECIDED_WITHIN_SECONDS = 5.0
_DONE_WITHIN_SECONDS = 25.0
_LOOK_SECONDS = 0.05

View = Callable[..., HttpResponseBase]


def of_a_demo(view: View) -> View:
    """Anywhere else the address does not exist."""

    @wraps(view)
    def checked(*args: Any, **more: Any) -> HttpResponseBase:
        if not wish.is_demo(DataFolder.from_settings()):
            raise Http404
        return view(*args, **more)

    return checked


@require_POST
@asking(May.CLOCK)
@of_a_demo
def clock(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """Let time pass for a client, wait until the worker has decided what came due, and say what became of it."""
    onward = _inside(request, request.POST.get("next", ""), reverse("home"))
    with doing.chain_of(ask) as (chain, client):
        try:
            leapt = demo_clock.leap(chain, client, ask.desk.actor, request.POST.get("by", ""), at=datetime.now(UTC))
        except BadInput:
            toast(
                request,
                _("The clock cannot go now: the demo world still flows in, or nothing waits for a moment."),
                tone="wait",
            )
            return HttpResponseRedirect(onward, status=303)
        is_decided = _within(_DECIDED_WITHIN_SECONDS, lambda: demo_clock.is_decided(chain.conn, client.id, leapt.until))
        moved = demo_clock.moved(chain.conn, client.id, leapt)
    toast(request, _told(leapt, moved), tone="ok" if is_decided else "wait")
    return HttpResponseRedirect(onward, status=303)


@require_http_methods(["GET", "HEAD", "POST"])
@asking_house(May.ADD_CLIENT)
@of_a_demo
def clear(desk: Desk, request: HttpRequest) -> HttpResponseBase:
    """Ask once more, then have the demo's brands taken away."""
    folder = DataFolder.from_settings()
    if request.method != "POST":
        context = {"listed": _brands(desk), "back": _inside(request, request.GET.get("back", ""), "/")}
        return TemplateResponse(request, "goodword/demo/clear.html", context)
    wish.ask(folder, "clear")
    if _within(_DONE_WITHIN_SECONDS, lambda: wish.asked(folder) is None):
        toast(request, _("The demo data is gone. The house is empty, and you are still signed in."))
    else:
        toast(request, _("The demo data is being taken away. Reload in a moment."), tone="wait")
    return HttpResponseRedirect(reverse("first_steps"), status=303)


@require_POST
@asking_house(May.ADD_CLIENT)
@of_a_demo
def fill(desk: Desk, request: HttpRequest) -> HttpResponseBase:
    """Have a demo that was cleared filled again; its history then flows in while people look."""
    folder = DataFolder.from_settings()
    wish.ask(folder, "fill")
    if _within(_DONE_WITHIN_SECONDS, lambda: wish.asked(folder) is None):
        toast(request, _("Three brands are there, and half a year of history flows in. It takes about a minute."))
    else:
        toast(request, _("The demo data is being made. Reload in a moment."), tone="wait")
    return HttpResponseRedirect(reverse("first_steps"), status=303)


def _brands(desk: Desk) -> list[tuple[Served, int]]:
    """The demo's brands, each with its number of referrals: the clients whose history flowed in."""
    with clients_scope([one.id for one in desk.served]):
        of_demo = set(ImportRun.objects.filter(kind="demo").values_list("client_id", flat=True))
        counts = dict(Referral.objects.filter(client_id__in=of_demo).values_list("client_id").annotate(Count("id")))
    return [(one, counts.get(UUID(one.id), 0)) for one in desk.served if UUID(one.id) in of_demo]


def _told(leapt: demo_clock.Leapt, moved: demo_clock.Moved) -> str:
    """What the next page says of a leap."""
    if leapt.until <= leapt.since:
        return _("The clock runs with the world's again. It does not go back: what was decided stays decided.")
    said = [_("It is now {moment}.").format(moment=_plain(leapt.until))]
    total = sum(moved.states.values())
    if total:
        states = ", ".join(f"{words.REFERRAL_STATES[state].word} {count}" for state, count in moved.states.items())
        said.append(
            ngettext("{count} referral moved: {states}.", "{count} referrals moved: {states}.", total).format(
                count=total, states=states
            )
        )
    else:
        said.append(_("Nothing came due until then."))
    if moved.payable:
        said.append(
            ngettext("{count} reward became payable.", "{count} rewards became payable.", moved.payable).format(
                count=moved.payable
            )
        )
    return " ".join(said)


def _plain(at: datetime) -> str:
    return date_format(timezone.localtime(at), "j M Y, H:i")


def _within(seconds: float, is_so: Callable[[], bool]) -> bool:
    """Whether it becomes so in that time."""
    until = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > until:
            return False
        time.sleep(_LOOK_SECONDS)
    return True


def _inside(request: HttpRequest, address: str, otherwise: str) -> str:
    """The address, if it lies in this installation."""
    return address if url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()}) else otherwise
