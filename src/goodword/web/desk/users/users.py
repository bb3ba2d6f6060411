"""Who may sign in here, everybody? The page of the house's administrators and of IT, and what they do there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from goodword.actions import people_of_house as house
from goodword.actions import second_factor as factors
from goodword.actions.people_of_house import Hand
from goodword.actions.permissions import May
from goodword.errors import BadInput, GoodwordError
from goodword.store.models import User
from goodword.store.reads import users as read
from goodword.store.scope import house_scope
from goodword.web import letters
from goodword.web.desk import twins
from goodword.web.desk.door import asking_house
from goodword.web.desk.users import shared
from goodword.web.desk.users.team import changed_words
from goodword.web.desk.users.words import STANDINGS
from goodword.web.shell import Desk
from goodword.web.toasts import toast


def hand_of(desk: Desk, client_id: str | None = None) -> Hand:
    """What this person may do with people of the house; `client_id`: with their roles for that client."""
    return Hand(desk.house_actor, desk.may_house, client_id)


@require_GET
@asking_house(May.USERS)
def listed(desk: Desk, request: HttpRequest) -> HttpResponseBase:
    """Everybody, with their roles."""
    return _page(desk, request, {})


@require_GET
@asking_house(May.USERS)
def as_csv(desk: Desk, request: HttpRequest) -> HttpResponseBase:
    """The same as a file."""
    with house_scope():
        return twins.as_csv("users", shared.COLUMNS, shared.told(read.everybody()))


@require_GET
@asking_house(May.USERS)
def as_json(desk: Desk, request: HttpRequest) -> HttpResponseBase:
    """The same for programs."""
    with house_scope():
        return twins.as_json("users", shared.told(read.everybody()))


@require_POST
@asking_house(May.INVITE)
def invite(desk: Desk, request: HttpRequest) -> HttpResponseBase:
    """Let somebody in, for one client or for all."""
    typed = {
        name: request.POST.get(name, "").replace("\x00", "").strip() for name in ("email", "name", "role", "client")
    }
    try:
        with house_scope():
            client_id = _client_id(desk, typed["client"])
            invited = house.invite(
                hand_of(desk, client_id), typed["email"], typed["name"], typed["role"], at=datetime.now(UTC)
            )
            member = read.member(invited.user_id, None)
    except BadInput as refusal:
        return _page(desk, request, typed, refusal)
    except GoodwordError as refusal:
        return shared.refusal(request, refusal)
    if not invited.path or member is None:
        toast(request, shared.invited_words(invited))
        return HttpResponseRedirect(reverse("users"), status=303)
    return shared.shown_link(request, member, invited.path, reverse("users"), was_invited=True)


@require_GET
@asking_house(May.USERS)
def one(desk: Desk, request: HttpRequest, id: str) -> HttpResponseBase:
    """One person, their roles for the house and for each client, and what may be done."""
    member = _member(id)
    hand = hand_of(desk)
    is_own = member.id == desk.user.id.hex
    context = {
        "row": shared.row(member, desk.user.id.hex),
        "for_house": shared.role_choices(hand, [held.role for held in member.held if not held.slug]),
        "has_house": any(not held.slug for held in member.held),
        "for_clients": [
            (client, shared.role_choices(hand, [held.role for held in member.held if held.slug == client.slug]),
             any(held.slug == client.slug for held in member.held))
            for client in desk.served
        ],
        "may_change": bool(hand.gives) and not is_own,
        "may_shut_out": May.DEACTIVATE in desk.may_house and not is_own,
        "has_factor": factors.has_one(UUID(member.id)),
        "may_see_as": May.SEE_AS in desk.may_house and member.is_active and not is_own,
        "roles_to": reverse("user_roles", args=[id]),
        "link_to": reverse("user_link", args=[id]),
        "see_as_to": reverse("see_as"),
        "back": reverse("users"),
    }  # fmt: skip
    return TemplateResponse(request, "goodword/users/one.html", context)


@require_POST
@asking_house(May.INVITE)
def set_roles(desk: Desk, request: HttpRequest, id: str) -> HttpResponseBase:
    """Give and take roles: for one client, or for the house."""
    try:
        with house_scope():
            client_id = _client_id(desk, request.POST.get("client", ""))
            member = _member(id)
            wanted = request.POST.getlist("role")
            held = [one.role for one in member.held if one.client_id == (client_id or "")]
            shared.require_unchanged(request.POST.get("seen", "").split(), held)
            given, taken = _set_roles(desk, member, client_id, wanted)
    except GoodwordError as refusal:
        return shared.refusal(request, refusal)
    toast(request, changed_words(given, taken))
    return HttpResponseRedirect(reverse("user", args=[id]), status=303)


@require_POST
@asking_house(May.DEACTIVATE)
def shut_out(desk: Desk, request: HttpRequest, id: str) -> HttpResponseBase:
    """Nobody signs in as this person from now on, and every session of theirs ends."""

    def act(hand: Hand, at: datetime) -> None:
        shared.require_unchanged([request.POST.get("seen", "")], [_member(id).standing])
        house.shut_out(hand, id, at=at)

    return _done(desk, request, id, act, _("Shut out. Every open session ended at once."))


@require_POST
@asking_house(May.DEACTIVATE)
def let_in(desk: Desk, request: HttpRequest, id: str) -> HttpResponseBase:
    """Let somebody in again."""

    def act(hand: Hand, at: datetime) -> None:
        house.let_in(hand, id, at=at)

    return _done(desk, request, id, act, _("Let in again, with the roles from before."))


@require_POST
@asking_house(May.INVITE)
def link(desk: Desk, request: HttpRequest, id: str) -> HttpResponseBase:
    """A one-time link to choose a password anew."""
    try:
        with house_scope():
            member = _member(id)
            path = house.new_link(hand_of(desk), id, at=datetime.now(UTC))
    except GoodwordError as refusal:
        return shared.refusal(request, refusal)
    return shared.shown_link(request, member, path, reverse("user", args=[id]), was_invited=False)


@require_POST
@asking_house(May.INVITE)
def second_factor(desk: Desk, request: HttpRequest, id: str) -> HttpResponseBase:
    """Take away the second factor of somebody who lost it: the password alone opens until they set one up again."""

    def act(hand: Hand, at: datetime) -> None:
        member = UUID(_member(id).id)
        if factors.forget(member, hand.actor, at):
            letters.news(User.objects.get(id=member), "factors_forgotten", at)

    return _done(desk, request, id, act, _("Taken away. Tell them to set up a new one under Account."))


def _done(
    desk: Desk, request: HttpRequest, id: str, act: Callable[[Hand, datetime], None], words: str
) -> HttpResponseBase:
    try:
        with house_scope():
            act(hand_of(desk), datetime.now(UTC))
    except GoodwordError as refusal:
        return shared.refusal(request, refusal)
    toast(request, words)
    return HttpResponseRedirect(reverse("user", args=[id]), status=303)


def _set_roles(
    desk: Desk, member: read.Member, client_id: str | None, wanted: list[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Somebody who has no role for that client yet is invited to the first one; the rest is a change."""
    hand, at = hand_of(desk, client_id), datetime.now(UTC)
    if client_id is None or any(held.client_id == client_id for held in member.held):
        return house.set_roles(hand, member.id, wanted, at=at)
    if not wanted:
        return (), ()
    house.invite(hand, member.email, "", wanted[0], at=at)
    given, taken = house.set_roles(hand, member.id, wanted, at=at)
    return (wanted[0], *given), taken


def _client_id(desk: Desk, slug: str) -> str | None:
    if not slug:
        return None
    found = next((one.id for one in desk.served if one.slug == slug), None)
    if found is None:
        raise BadInput(_("There is no such client."), "", _("Choose one from the list."), "client")
    return found


def _member(id: str) -> read.Member:
    with house_scope():
        found = read.member(id, None)
    if found is None:
        raise Http404
    return found


def _page(desk: Desk, request: HttpRequest, typed: dict[str, str], refusal: BadInput | None = None) -> HttpResponseBase:
    with house_scope():
        members = read.everybody()
    wanted = request.GET.get("show", "")
    counts = {name: sum(one.standing == name for one in members) for name in STANDINGS}
    context = {
        "rows": [shared.row(one, desk.user.id.hex) for one in members if wanted in ("", one.standing)],
        "chips": [("", _("All"), len(members), wanted == ""),
                  *((name, told[2], counts[name], wanted == name) for name, told in STANDINGS.items())],
        "choices": shared.role_choices(hand_of(desk)),
        "clients": desk.served,
        "typed": typed,
        "refusal": refusal,
        "may_see_as": May.SEE_AS in desk.may_house,
    }  # fmt: skip
    return TemplateResponse(request, "goodword/users/users.html", context, status=422 if refusal else 200)
