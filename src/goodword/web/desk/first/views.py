"""What comes first? Administrator, server, client, and a check done by really doing: every tick is read from the data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from goodword.actions import office
from goodword.actions.permissions import May
from goodword.actions.proving import VERIFIED
from goodword.errors import BadInput, NotFound
from goodword.house.folder import DataFolder
from goodword.house.wish import is_demo
from goodword.store.reads.desk import Served
from goodword.store.reads.first_steps import Done, done_for
from goodword.store.scope import client_scope
from goodword.web import errors, words
from goodword.web.desk import doing
from goodword.web.desk.door import Ask, asking, asking_house, page
from goodword.web.desk.first.server import Check, checks
from goodword.web.shell import FIRST_STEPS_COOKIE, Desk
from goodword.web.toasts import toast

_YEAR_SECONDS = 365 * 86400
_ACTS = (May.REVIEW, May.SEND, VERIFIED)


@dataclass(frozen=True)
class Task:
    """One thing to do for real. `href` is '' where this person may not, or where it is done right here."""

    says: str
    how: str
    is_done: bool
    href: str
    posts: tuple[str, str] | None = None  # done right here: the address and the words of the button
    is_waiting: bool = False  # there is nothing yet to do it with


@dataclass(frozen=True)
class Step:
    """One of the four, for the line of progress."""

    word: str
    state: str  # done, wrong or ''
    is_now: bool


@require_GET
@asking_house(May.CLIENTS)
def first_steps(desk: Desk, request: HttpRequest) -> HttpResponseBase:
    """Where the installation stands, and the one thing to do next."""
    folder = DataFolder.from_settings()
    found = checks(request, folder, datetime.now(UTC))
    client = _chosen(desk, request.GET.get("client", ""))
    tasks = _tasks(desk, client) if client else []
    context = {
        "steps": _steps(found, desk, tasks),
        "checks": found,
        "is_wrong": any(check.tone == "stop" for check in found),
        "later_count": sum(check.tone != "ok" for check in found),
        "client": client,
        "clients": [(one, f"{request.path}?client={one.slug}#work", one == client) for one in desk.served],
        "tasks": tasks,
        "next_task": next((task for task in tasks if not task.is_done and (task.href or task.posts)), None),
        "done_count": sum(task.is_done for task in tasks),
        "new_client": _address("client_new", "clients_new") if May.ADD_CLIENT in desk.may_house else "",
        "may_add": May.ADD_CLIENT in desk.may_house,
        "is_demo": is_demo(folder),
        "is_away": request.COOKIES.get(FIRST_STEPS_COOKIE) == "away",
    }
    return page(request, "goodword/first/steps.html", context)


@require_POST
@asking_house(May.CLIENTS)
def away(desk: Desk, request: HttpRequest) -> HttpResponseBase:
    """Put the first steps away in this browser, or take them out again. What was done stays done."""
    is_back = request.POST.get("back") == "yes"
    response = HttpResponseRedirect(reverse("first_steps") if is_back else "/", status=303)
    if is_back:
        response.delete_cookie(FIRST_STEPS_COOKIE, samesite="Lax")
    else:
        response.set_cookie(
            FIRST_STEPS_COOKIE, "away", max_age=_YEAR_SECONDS, httponly=True, samesite="Lax", secure=request.is_secure()
        )
    return response


@require_POST
@asking(May.SEND)
def sent(ask: Ask, request: HttpRequest, id: str) -> HttpResponseBase:
    """A payable reward left the house: an act in the log, decided at once."""
    try:
        with doing.chain_of(ask) as (chain, client):
            office.mark_sent(chain, client, ask.desk.actor, id, at=datetime.now(UTC))
    except NotFound as refusal:
        return errors.refused(request, 404, refusal)
    except BadInput as refusal:
        return errors.refused(request, 422, refusal)
    toast(request, _("The reward is marked as sent. The ledger shows it as paid."))
    return HttpResponseRedirect(f"{reverse('first_steps')}?client={ask.slug}#work", status=303)


def _chosen(desk: Desk, slug: str) -> Served | None:
    """The client of the address, else the one the person was last with."""
    return next((one for one in desk.served if one.slug == slug), desk.last)


def _steps(found: list[Check], desk: Desk, tasks: list[Task]) -> list[Step]:
    is_wrong = any(check.tone == "stop" for check in found)
    is_proved = bool(tasks) and all(task.is_done for task in tasks)
    states = [
        (_("Administrator"), "done"),
        (_("This server"), "wrong" if is_wrong else "done"),
        (_("First client"), "done" if desk.served else ""),
        (_("See it work"), "done" if is_proved else ""),
    ]
    now = next((n for n, (_word, state) in enumerate(states) if state != "done"), -1)
    return [Step(word, state, n == now) for n, (word, state) in enumerate(states)]


def _tasks(desk: Desk, client: Served) -> list[Task]:
    """The guided check for one client, with the address at which each is done."""
    with client_scope(client.id):
        done = done_for(client.id, _ACTS)
    return [
        Task(
            _("Create a referral"), _("Enter one as if a friend had just called, with the code of somebody who refers."),
            done.has_referral, _room(client, ("referral_new", "referrals"), client in desk.serving(May.ADD_REFERRAL)),
        ),
        Task(
            _("See it qualify"), _("The friend does what the program asks for, such as a first order. Its story says what is missing."),
            done.has_qualified, _room(client, ("referrals",), client in desk.serving(May.REFERRALS)),
        ),
        Task(
            _("Clear a review"), _holds(done),
            May.REVIEW in done.verbs, _room(client, ("review", "referrals"), client in desk.serving(May.REVIEW)),
        ),
        Task(
            _("Mark a reward as sent"), _payable(done),
            May.SEND in done.verbs, "", _sending(desk, client, done), done.payable is None,
        ),
        Task(
            _("Verify the ledger"), _("Have every event, decision and entry proved to be as it was sealed."),
            VERIFIED in done.verbs, _room(client, ("audit",), client in desk.serving(May.AUDIT_LOG)),
        ),
    ]  # fmt: skip


def _holds(done: Done) -> str:
    if done.holds:
        return _("Referrals are held by screening. Look at why, then clear or deny one with a reason.")
    return _("Nothing is held yet: let two friends share a telephone number, and screening holds one.")


def _payable(done: Done) -> str:
    if done.payable:
        return _("Rewards are payable. Say of one that it left the house; the ledger then shows it as paid.")
    return _("Nothing is payable yet: a reward is, once its waiting period has ended.")


def _sending(desk: Desk, client: Served, done: Done) -> tuple[str, str] | None:
    """Where the reward that waited longest is marked as sent, and the button that names the money."""
    if done.payable is None or client not in desk.serving(May.SEND):
        return None
    amount = words.plain_money(done.payable.amount_minor, done.payable.asset)
    return reverse("reward_sent", args=[client.slug, done.payable.id]), _("Mark {amount} as sent").format(amount=amount)


def _room(client: Served, names: Iterable[str], may: bool) -> str:
    """The first of these rooms that is there; '' for somebody who may not do it."""
    return _address(*names, slug=client.slug) if may else ""


def _address(*names: str, slug: str = "") -> str:
    for name in names:
        try:
            return reverse(name, args=[slug] if slug else [])
        except NoReverseMatch:
            continue
    return ""
