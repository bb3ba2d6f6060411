"""Who has to have a second factor, who has one, and what does an administrator do for somebody who lost it?"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.db import transaction

from goodword import settings
from goodword.actions import lockout, reach
from goodword.actions.deeds import COMMAND_LINE, Actor, require
from goodword.actions.inspect import kept
from goodword.actions.permissions import May
from goodword.core.identities import normal_email
from goodword.errors import NotAllowed, NotFound
from goodword.store.models import User
from goodword.store.scope import HOUSE, client_scope

KINDS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
_CODE_COUNTS_ONCE_FOR_SECONDS = 120  # longer than a code is taken, with both neighbours in time
_NOBODY, _EVERYBODY = frozenset({"no", ""}), frozenset({"all", "yes"})


def is_demanded(roles: Collection[str]) -> bool:
    """Whether somebody with these roles may work here only with a second factor."""
    written = frozenset(word.lower() for word in settings.listed("second_factor"))
    if written <= _NOBODY:
        return False
    return bool(written & _EVERYBODY) or not written.isdisjoint(roles)


def has_one(user_id: UUID) -> bool:
    """Whether a code or a passkey is asked for when this person signs in."""
    return bool(Authenticator.objects.filter(user_id=user_id, type__in=KINDS).exists())


def try_code(user_id: UUID, code: str, is_right: Callable[[], bool], now: datetime) -> bool:
    """Check a code under the lock-out. A code that was taken once is not taken again, however fast."""
    tries = lockout.of_codes(user_id.hex)
    tries.require_open(now)
    spent = f"code:{user_id.hex}:{''.join(code.split())}"
    if is_right() and cache.add(spent, True, _CODE_COUNTS_ONCE_FOR_SECONDS):
        tries.succeeded()
        return True
    tries.failed(now)
    return False


def forget(user_id: UUID, actor: Actor, now: datetime) -> int:
    """Take all second factors of somebody away who lost them, so that the password alone opens; returns how many.

    The line in the log says who did it.
    """
    require(actor, May.INVITE)
    if actor.name == user_id.hex:
        raise NotAllowed("This is your own account.", "", "Prove who you are under Account, and take it away there.")
    reach.require_reach(actor, user_id)
    with transaction.atomic():
        count, _ = Authenticator.objects.filter(user_id=user_id).delete()
        keep(user_id, actor, "user.second_factor_forgotten", now)
    return int(count)


def forget_by_email(email: str, now: datetime) -> int:
    """The same on the machine itself, for the administrator whom nobody else can help."""
    user = User.objects.filter(email=normal_email(email)).first()
    if user is None:
        raise NotFound("Nobody works here by this address.", "", "Look at the list of users, or mind the spelling.")
    return forget(user.id, COMMAND_LINE, now)


def keep(user_id: UUID, actor: Actor, verb: str, now: datetime) -> None:
    """The line in the log of the house."""
    with client_scope(HOUSE):
        kept(HOUSE.hex, actor, verb, "user", user_id.hex, now)
