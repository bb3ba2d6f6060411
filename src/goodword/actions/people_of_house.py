"""Who works here, for whom, as what? Invitations, roles, and shutting people out: acts of pages, each kept in the log of acts.

They run as the web's role inside the scope that the page opened: a client's, then they touch that client's roles alone, or
the house's. Nobody gives or takes a role that may do more than themselves, nobody changes their own, and the last
administrator stays.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction
from django.db.models import QuerySet

from goodword.actions import sign_in
from goodword.actions.deeds import Actor, note, require
from goodword.actions.permissions import GIVEN, ROLES, May
from goodword.core.identities import normal_email
from goodword.errors import BadInput, NotAllowed, NotFound
from goodword.store.models import Membership, SignInLink, User
from goodword.store.open_vault import vault
from goodword.store.scope import HOUSE, client_scope

ADMIN = "admin"
_LAST_ADMINISTRATOR = 7_246_913_509  # any number, the same for all: two who remove one another take turns


@dataclass(frozen=True)
class Hand:
    """Who acts, and where: for one client, or (None) for the house."""

    actor: Actor
    may: frozenset[May]
    client_id: str | None

    @property
    def gives(self) -> tuple[str, ...]:
        """The roles that this hand may give and take."""
        return givable(self.may) if May.INVITE in self.may else ()


@dataclass(frozen=True)
class Invited:
    """Somebody who was let in; `path` is a one-time link, '' where they sign in as before."""

    user_id: str
    path: str
    was_known: bool


def givable(may: Collection[May]) -> tuple[str, ...]:
    """Roles that may do nothing which `may` does not hold."""
    held = frozenset(may)
    return tuple(role for role in GIVEN if ROLES[role] <= held)


def invite(hand: Hand, email: str, name: str, role: str, *, at: datetime) -> Invited:
    """Give somebody a role here. Who is new gets a link to choose a password; who is known keeps the one they have."""
    require(hand.actor, May.INVITE)
    _require_givable(hand, role)
    address = _address(email)
    if len(name) > 200:
        raise BadInput("This name is too long.", "It stands in lists.", "Use at most 200 signs.", "name")
    with transaction.atomic():
        known = User.objects.filter(email__iexact=address).first()
        if known is not None and not known.is_active:
            raise BadInput(
                "This person was shut out.", "A new role would not open anything.",
                "An administrator lets them in again first.", "email",
            )  # fmt: skip
        _require_another(hand, known)
        user = known or User.objects.create(email=address, name=name.strip(), password=_no_password())
        if not _held(hand).filter(user=user, role=role).exists():
            Membership.objects.create(user=user, client_id=hand.client_id, role=role)
            _keep(hand, f"{May.INVITE}:{role}", user.id, at)
        elif known is not None and known.has_usable_password():
            raise BadInput("This person has this role already.", "", "Nothing is left to do.", "email")
        path = "" if known is not None and known.has_usable_password() else _link(hand, user, at)
    return Invited(user.id.hex, path, known is not None)


def set_roles(
    hand: Hand, user_id: str, wanted: Collection[str], *, at: datetime
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Roles given and taken, so that the person has just these here; roles beyond this hand's reach stay as they are."""
    require(hand.actor, May.INVITE)
    with transaction.atomic():
        user = _member(hand, user_id)
        _require_another(hand, user)
        held = {one.role: one for one in _held(hand).filter(user=user)}
        given = tuple(role for role in GIVEN if role in wanted and role not in held)
        taken = tuple(role for role in held if role not in wanted and role in hand.gives)
        for role in given:
            _require_givable(hand, role)
            Membership.objects.create(user=user, client_id=hand.client_id, role=role)
            _keep(hand, f"{May.INVITE}:{role}", user.id, at)
        if ADMIN in taken and hand.client_id is None:
            _require_other_administrator(user.id)
        for role in taken:
            Membership.objects.filter(id=held[role].id).delete()
            _keep(hand, f"user.take_role:{role}", user.id, at)
    return given, taken


def shut_out(hand: Hand, user_id: str, *, at: datetime) -> int:
    """Nobody signs in as this person any more, from now on; returns how many sessions ended. Roles stay for the record."""
    require(hand.actor, May.DEACTIVATE)
    with transaction.atomic():
        user = _of_house(hand, user_id)
        _require_another(hand, user)
        _require_equal(hand, user)
        _require_other_administrator(user.id)
        if not User.objects.filter(id=user.id, is_active=True).update(is_active=False):
            raise BadInput("This person was shut out already.", "", "Nothing is left to do.")
        SignInLink.objects.filter(user=user, used_at=None).update(used_at=at)
        ended = _end_sessions(user.id, at)
        _keep(hand, May.DEACTIVATE, user.id, at)
    return ended


def let_in(hand: Hand, user_id: str, *, at: datetime) -> None:
    """Let somebody in again, with the roles and the password they had."""
    require(hand.actor, May.DEACTIVATE)
    with transaction.atomic():
        user = _of_house(hand, user_id)
        _require_another(hand, user)
        _require_equal(hand, user)
        if not User.objects.filter(id=user.id, is_active=False).update(is_active=True):
            raise BadInput("This person can sign in already.", "", "Nothing is left to do.")
        _keep(hand, "user.let_in", user.id, at)


def new_link(hand: Hand, user_id: str, *, at: datetime) -> str:
    """The path of a one-time link for somebody who works here, to choose a password anew."""
    require(hand.actor, May.INVITE)
    with transaction.atomic():
        user = _member(hand, user_id) if hand.client_id else _of_house(hand, user_id)
        return sign_in.reset_link(user.id, hand.actor, at)


def keep_seeing(client_id: str | None, actor: Actor, verb: str, object_id: str, at: datetime) -> None:
    """The line that somebody begins or ends to see the desk as another does."""
    _keep(Hand(actor, frozenset(), client_id), verb, UUID(object_id), at)


def _held(hand: Hand) -> QuerySet[Membership]:
    """The memberships that this hand works on: of its client, or those for the whole house."""
    if hand.client_id is None:
        return Membership.objects.filter(client__isnull=True)
    return Membership.objects.filter(client_id=hand.client_id)


def _link(hand: Hand, user: User, at: datetime) -> str:
    try:
        return sign_in.reset_link(user.id, hand.actor, at)
    except NotAllowed:  # invited elsewhere as well, where this hand does not reach: that invitation stands
        return ""


def _no_password() -> str:
    return "!" + secrets.token_hex(20)  # as Django writes a password that opens nothing


def _address(email: str) -> str:
    address = normal_email(email)
    try:
        validate_email(address)
    except ValidationError:
        address = ""
    if not address or len(address) > 254:
        raise BadInput(
            "This is not an e-mail address.",
            "People sign in with it.",
            "Write it in full, such as ana@example.com.",
            "email",
        )
    return address


def _require_givable(hand: Hand, role: str) -> None:
    if role not in GIVEN:
        raise BadInput("There is no such role.", "", "Choose one from the list.", "role")
    if role not in hand.gives:
        raise NotAllowed(
            "This role may do more than yours.",
            "Nobody gives a role above their own.",
            "Ask an administrator of the house.",
        )


def _require_another(hand: Hand, user: User | None) -> None:
    if user is not None and user.id.hex == hand.actor.name:
        raise NotAllowed(
            "This is your own account.", "Nobody changes their own roles or shuts themselves out.", "Ask a colleague."
        )


def _require_equal(hand: Hand, user: User) -> None:
    """Whoever shuts out leavers (IT) does it to everybody but administrators; those are shut out by administrators."""
    roles = Membership.objects.filter(user=user, client__isnull=True).values_list("role", flat=True)
    if ADMIN in roles and not ROLES[ADMIN] <= hand.may:
        raise NotAllowed(
            "This person is an administrator of the house.", "Only an administrator shuts out or lets in another one.",
            "Ask an administrator.",
        )  # fmt: skip


def _require_other_administrator(user_id: UUID) -> None:
    """Refuse where nobody else could let people in afterwards."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LAST_ADMINISTRATOR])
    admins = Membership.objects.filter(role=ADMIN, client__isnull=True, user__is_active=True).select_related("user")
    able = {one.user_id for one in admins if one.user.has_usable_password()}
    if user_id in able and able == {user_id}:
        raise BadInput(
            "This is the last administrator.", "Without one, nobody could let people in any more.",
            "Make somebody else an administrator first; who has chosen a password counts.",
        )  # fmt: skip


def _member(hand: Hand, user_id: str) -> User:
    """Somebody with a role here; the same answer for who works elsewhere and for nobody."""
    found = User.objects.filter(id=user_id).first()
    if found is not None and hand.client_id is not None and not _held(hand).filter(user=found).exists():
        found = None
    if found is None:
        raise NotFound("Nobody here has this id.", "", "Look at the list again.")
    return found


def _of_house(hand: Hand, user_id: str) -> User:
    if hand.client_id is not None:
        raise NotAllowed("This is done for the house as a whole.", "", "Ask an administrator of the house.")
    found = User.objects.filter(id=user_id).first()
    if found is None:
        raise NotFound("Nobody here has this id.", "", "Look at the list again.")
    return found


def _end_sessions(user_id: UUID, at: datetime) -> int:
    """Sessions say whose they are only when opened; staff are few, so all open ones are looked at."""
    ours = [
        one.session_key
        for one in Session.objects.filter(expire_date__gt=at).iterator()
        if one.get_decoded().get("_auth_user_id", "").replace("-", "") == user_id.hex
    ]
    return int(Session.objects.filter(session_key__in=ours).delete()[0])


def _keep(hand: Hand, verb: str, user_id: UUID, at: datetime) -> None:
    """One line in the log of the house, and one in that of the client it is about."""
    for log in dict.fromkeys((HOUSE.hex, hand.client_id or HOUSE.hex)):
        with client_scope(log):
            note(connection.connection, vault().open_client(log), hand.actor, verb, "user", user_id.hex, at=at)
