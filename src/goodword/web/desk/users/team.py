"""Who works for this client, and who lets whom in? The team's page, and what its managers do there."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from goodword.actions import people_of_house as house
from goodword.actions.people_of_house import Hand
from goodword.actions.permissions import May
from goodword.errors import BadInput, GoodwordError
from goodword.store.reads import users as read
from goodword.web.desk import twins
from goodword.web.desk.door import Ask, asking
from goodword.web.desk.users import shared
from goodword.web.desk.users.words import role_name
from goodword.web.toasts import toast


def hand_of(ask: Ask) -> Hand:
    """What this person may do with the team."""
    return Hand(ask.desk.actor, ask.desk.may, ask.client_id)


@require_GET
@asking(May.TEAM)
def listed(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """Everybody with a role for this client."""
    return _page(ask, request, {})


@require_GET
@asking(May.TEAM)
def as_csv(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """The same as a file."""
    return twins.as_csv(f"{ask.slug}-team", shared.COLUMNS, shared.told(read.team(ask.client_id)))


@require_GET
@asking(May.TEAM)
def as_json(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """The same for programs."""
    return twins.as_json(f"{ask.slug}-team", shared.told(read.team(ask.client_id)))


@require_POST
@asking(May.INVITE)
def invite(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """Let somebody in for this client."""
    typed = {name: request.POST.get(name, "").replace("\x00", "").strip() for name in ("email", "name", "role")}
    try:
        invited = house.invite(hand_of(ask), **typed, at=datetime.now(UTC))
    except BadInput as refusal:
        return _page(ask, request, typed, refusal)
    except GoodwordError as refusal:
        return shared.refusal(request, refusal)
    back = reverse("team", args=[ask.slug])
    if not invited.path:
        toast(request, shared.invited_words(invited))
        return HttpResponseRedirect(back, status=303)
    member = _member(ask, invited.user_id)
    return shared.shown_link(request, member, invited.path, back, was_invited=True)


@require_GET
@asking(May.TEAM)
def one(ask: Ask, request: HttpRequest, id: str) -> HttpResponseBase:
    """One of the team, with what may be done."""
    member = _member(ask, id)
    hand = hand_of(ask)
    context = {
        "row": shared.row(member, ask.desk.user.id.hex),
        "choices": shared.role_choices(hand, member.roles),
        "may_change": bool(hand.gives) and member.id != ask.desk.user.id.hex,
        "may_see_as": May.SEE_AS in ask.desk.may and member.is_active and member.id != ask.desk.user.id.hex,
        "roles_to": reverse("team_roles", args=[ask.slug, id]),
        "link_to": reverse("team_link", args=[ask.slug, id]),
        "see_as_to": reverse("team_see_as", args=[ask.slug]),
        "back": reverse("team", args=[ask.slug]),
        "of_client": ask.desk.client,
    }
    return TemplateResponse(request, "goodword/users/one.html", context)


@require_POST
@asking(May.INVITE)
def set_roles(ask: Ask, request: HttpRequest, id: str) -> HttpResponseBase:
    """Give and take roles for this client; who has none left is not of the team any more."""
    try:
        _require_seen(ask, request, id)
        given, taken = house.set_roles(hand_of(ask), id, request.POST.getlist("role"), at=datetime.now(UTC))
    except GoodwordError as refusal:
        return shared.refusal(request, refusal)
    toast(request, changed_words(given, taken))
    still = read.member(id, ask.client_id)
    back = reverse("team_member", args=[ask.slug, id]) if still else reverse("team", args=[ask.slug])
    return HttpResponseRedirect(back, status=303)


@require_POST
@asking(May.INVITE)
def link(ask: Ask, request: HttpRequest, id: str) -> HttpResponseBase:
    """A one-time link to choose a password anew."""
    member = _member(ask, id)
    try:
        path = house.new_link(hand_of(ask), id, at=datetime.now(UTC))
    except GoodwordError as refusal:
        return shared.refusal(request, refusal)
    return shared.shown_link(request, member, path, reverse("team_member", args=[ask.slug, id]), was_invited=False)


def changed_words(given: tuple[str, ...], taken: tuple[str, ...]) -> str:
    """What changed, without a name."""
    if given and taken:
        return _("Given: {given}. Taken: {taken}. It holds from now on.").format(
            given=_named(given), taken=_named(taken)
        )
    if given:
        return _("Given: {given}. It holds from now on.").format(given=_named(given))
    if taken:
        return _("Taken: {taken}. It holds from now on.").format(taken=_named(taken))
    return _("Nothing was changed.")


def _named(roles: tuple[str, ...]) -> str:
    return ", ".join(role_name(role) for role in roles)


def _require_seen(ask: Ask, request: HttpRequest, id: str) -> None:
    shared.require_unchanged(request.POST.get("seen", "").split(), _member(ask, id).roles)


def _member(ask: Ask, id: str) -> read.Member:
    found = read.member(id, ask.client_id)
    if found is None:
        raise Http404
    return found


def _page(ask: Ask, request: HttpRequest, typed: dict[str, str], refusal: BadInput | None = None) -> HttpResponseBase:
    hand = hand_of(ask)
    context = {
        "rows": [shared.row(member, ask.desk.user.id.hex) for member in read.team(ask.client_id)],
        "choices": shared.role_choices(hand),
        "typed": typed,
        "refusal": refusal,
        "may_see_as": May.SEE_AS in ask.desk.may,
    }
    return TemplateResponse(request, "goodword/users/team.html", context, status=422 if refusal else 200)
