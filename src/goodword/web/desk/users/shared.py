"""What do the pages of a team and of everybody share? Rows, files, forms, and the page that shows a one-time link once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from goodword import settings
from goodword.actions.people_of_house import Hand, Invited
from goodword.actions.sign_in import LINK_HOURS
from goodword.errors import BadInput, GoodwordError
from goodword.store.reads.users import Member
from goodword.web import letters
from goodword.web.desk.users.words import ROLE_HINTS, STANDINGS, role_name
from goodword.web.errors import refused

COLUMNS = ("id", "email", "name", "standing", "roles", "last_seen_at")
STATUS = {"bad_input": 422, "not_allowed": 403, "not_found": 404}


def row(member: Member, own_id: str) -> dict[str, Any]:
    """A line of the list."""
    tone, icon, word = STANDINGS[member.standing]
    return {"member": member, "tone": tone, "icon": icon, "word": word, "is_own": member.id == own_id,
            "held": [(role_name(one.role), one.client) for one in member.held]}  # fmt: skip


def role_choices(hand: Hand, held: Iterable[str] = ()) -> list[dict[str, Any]]:
    """Roles to give or take, and those that are out of reach but held."""
    has = set(held)
    listed = [*hand.gives, *(role for role in has if role not in hand.gives)]
    return [
        {"role": role, "name": role_name(role), "hint": ROLE_HINTS.get(role, ""), "held": role in has,
         "fixed": role not in hand.gives}
        for role in listed
    ]  # fmt: skip


def shown_link(request: HttpRequest, member: Member, path: str, back: str, *, was_invited: bool) -> HttpResponse:
    """The page that shows a link once, and mails it where it can.

    It is answered to the POST itself: a link is kept nowhere, not even in the session.
    """
    mail = letters.invite if was_invited else letters.link
    is_mailed = bool(path) and mail(member.email, get_language() or "", path, LINK_HOURS)
    context = {"member": member, "link": f"{settings.public_url()}{path}" if path else "", "hours": LINK_HOURS,
               "back": back, "was_invited": was_invited, "is_mailed": is_mailed}  # fmt: skip
    return render(request, "goodword/users/link.html", context)


def refusal(request: HttpRequest, error: GoodwordError) -> HttpResponse:
    """The three parts as a page, with the status that fits."""
    return refused(request, STATUS.get(error.code, 422), error)


def require_unchanged(seen: Iterable[str], now: Iterable[str]) -> None:
    """Refuse a form that was made when the person stood differently: a colleague was faster."""
    if set(seen) != set(now):
        raise BadInput(
            _("This person was changed meanwhile, or the form was not complete."), _("Nothing was changed by you."),
            _("Go back, reload the page and look again."),
        )  # fmt: skip


def told(members: Iterable[Member]) -> list[dict[str, Any]]:
    """The rows of a list as files hold them."""
    return [
        {
            "id": f"usr_{one.id}",
            "email": one.email,
            "name": one.name,
            "standing": one.standing,
            "roles": " ".join(f"{held.role}@{held.slug}" if held.slug else held.role for held in one.held),
            "last_seen_at": one.last_seen_at,
        }
        for one in members
    ]


def invited_words(invited: Invited) -> str:
    """What the next page says where no link is shown."""
    if invited.was_known:
        return _("The role was given. The person signs in as before.")
    return _("The person was let in.")
