"""How does a person come in? By e-mail and password, or the first time by a one-time link; too many failures lock for a while."""

from __future__ import annotations

import contextlib
import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from goodword import settings
from goodword.actions import lockout
from goodword.actions.deeds import COMMAND_LINE, Actor, require
from goodword.actions.permissions import GIVEN, May
from goodword.actions.reach import require_reach
from goodword.actions.second_factor import keep
from goodword.core import proof
from goodword.core.events import ident
from goodword.core.identities import normal_email
from goodword.errors import BadInput, NotFound
from goodword.store import sign_in
from goodword.store.models import User
from goodword.store.scope import HOUSE
from goodword.store.sql.seal import write_leaves

LINK_HOURS = 24
SHORTEST_PASSWORD = 12
MAILED_LINK_HOURS = 1


class LinkEnded(NotFound):
    """A one-time link that was used, has run out, or never was."""

    code = "link_ended"


def attempt(email: str, password: str, now: datetime, where: str = "") -> User | None:
    """The person, or None where address and password do not belong together; the same for addresses nobody has.

    `where` is the network address that the try comes from; from one place many accounts cannot be tried for long.
    """
    counted = [lockout.of_address(email), *([lockout.of_place(where)] if where else [])]
    for tries in counted:
        tries.require_open(now)
    user = authenticate(username=normal_email(email), password=password)
    if isinstance(user, User):
        counted[0].succeeded()
        return user
    for tries in counted:
        tries.failed(now)
    return None


def invited(token: str, now: datetime) -> User:
    """Whose one-time link this is."""
    owner = sign_in.link_owner(_hash_of(token), now)
    user = User.objects.filter(id=owner, is_active=True).first() if owner else None
    if user is None:
        raise _ended()
    return user


def accept(token: str, password: str, now: datetime) -> User:
    """Set the password with a one-time link and use the link up. Raises BadInput with what is wrong with the password."""
    user = invited(token, now)
    _require_good(password, user)
    with transaction.atomic():
        if sign_in.use_link(_hash_of(token), now) != user.id:
            raise _ended()
        user.set_password(password)
        user.save(update_fields=["password"])
        lockout.of_address(user.email).succeeded()
        keep(user.id, Actor(user.id.hex, ""), "user.set_password", now)
    return user


def change_password(user: User, old: str, new: str, now: datetime) -> bool:
    """Whether the old password was right; then the new one holds, and every session but this one ends by itself."""
    if attempt(user.email, old, now) is None:
        return False
    _require_good(new, user)
    with transaction.atomic():
        user.set_password(new)
        user.save(update_fields=["password"])
        keep(user.id, Actor(user.id.hex, ""), "user.set_password", now)
    return True


def reset_link(user_id: UUID, actor: Actor, now: datetime) -> str:
    """The path of a one-time link with which somebody chooses a password anew; for whoever may let people in.

    It works as the web's role. A second factor is still asked for after it (`second_factor.forget` takes that away).
    """
    require(actor, May.INVITE)
    require_reach(actor, user_id)
    if not User.objects.filter(id=user_id, is_active=True).exists():
        raise BadInput("This person is shut out.", "A link would not open anything.", "Let them in again first.")
    return _new_link(user_id, actor, "user.reset_link", now, LINK_HOURS)


def may_ask_for_mail(email: str, now: datetime) -> None:
    """Raise Locked where links for one address are asked for too often, whether or not somebody has it."""
    tries = lockout.of_mails(email)
    tries.require_open(now)
    with contextlib.suppress(lockout.Locked):  # the one that fills the count is still answered
        tries.failed(now)


def mailed_link(email: str, now: datetime) -> tuple[User, str] | None:
    """For somebody who asks by themselves: whom to write to, and the path; None where nobody works here by this address."""
    user = User.objects.filter(email=normal_email(email), is_active=True).first()
    if user is None:
        return None
    return user, _new_link(user.id, Actor(user.id.hex, ""), "user.ask_link", now, MAILED_LINK_HOURS)


def _new_link(user_id: UUID, actor: Actor, verb: str, now: datetime, hours: int) -> str:
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        sign_in.add_link(_hash_of(token), user_id, now, now + timedelta(hours=hours))
        keep(user_id, actor, verb, now)
    return f"/welcome/{token}"


def _require_good(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise BadInput("This password cannot be used.", " ".join(error.messages), "Choose another one.") from None


def invite(
    email: str,
    role: str,
    client_slug: str | None,
    now: datetime,
    *,
    owner_url: str = "",
    actor: Actor = COMMAND_LINE,
) -> str:
    """Give a person a role (for one client, or without one for all) and return the path of a one-time link.

    It works as the database's owner, who alone writes users and memberships; so it belongs to the command line and to
    the first start. A known person keeps password and roles and gets the new one beside them.
    """
    require(actor, May.INVITE)
    if role not in GIVEN:
        raise BadInput(f"There is no role {role!r}.", "", f"Use one of: {', '.join(GIVEN)}.")
    address = normal_email(email)
    if "@" not in address.strip("@") or len(address) > 254:
        raise BadInput(f"{email!r} is not an e-mail address.", "", "People sign in with it: write it in full.")
    token = secrets.token_urlsafe(32)
    with psycopg.connect(owner_url or settings.text("owner_url")) as conn:
        client_id = None
        if client_slug is not None:
            found = conn.execute("SELECT id FROM client WHERE slug = %s", (client_slug,)).fetchone()
            if found is None:
                raise NotFound(f"There is no client {client_slug!r}.", "", "Add it with `goodword client add`.")
            client_id = found[0]
        conn.execute(
            "INSERT INTO store_user (email, password) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            (address, "!" + secrets.token_hex(20)),  # as Django writes a password that opens nothing
        )
        row = conn.execute("SELECT id FROM store_user WHERE lower(email) = %s", (address,)).fetchone()
        assert row is not None, "the row was inserted or was there"
        conn.execute(
            "INSERT INTO membership (user_id, client_id, role) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            (row[0], client_id, role),
        )
        conn.execute(
            "INSERT INTO sign_in_link (token_hash, user_id, created_at, expires_at) VALUES (%s, %s, %s, %s)",
            (_hash_of(token), row[0], now, now + timedelta(hours=LINK_HOURS)),
        )
        # In the same transaction, so no fall comes between: in the log of the house, and in that of the client it is for.
        for log in dict.fromkeys((HOUSE.hex, client_id.hex if client_id else HOUSE.hex)):
            _keep_invitation(conn, log, actor, row[0].hex, role, now)
    return f"/welcome/{token}"


def _keep_invitation(
    conn: psycopg.Connection[Any], client_id: str, actor: Actor, user_id: str, role: str, now: datetime
) -> None:
    """The line of the deed. It holds no values, so it needs no key: an owner's command may have none."""
    id, verb = ident("action", client_id, user_id, role, now.isoformat()), f"{May.INVITE}:{role}"
    line = (actor.name, actor.role, verb, "user", user_id)
    conn.execute(
        "INSERT INTO action (client_id, id, at, actor, role, verb, object_kind, object_id)"
        " VALUES (%s::uuid, %s::uuid, %s, %s, %s, %s, %s, %s)",
        (client_id, id, now, *line),
    )
    content = proof.action_leaf(client_id, id, now, *line, b"", b"", "")
    write_leaves(conn, client_id, 0, [("action", id, proof.leaf_hash(content))])


def _ended() -> LinkEnded:
    return LinkEnded(
        "This link does not open anything any more.",
        "A sign-in link works once, and not for longer than it says.",
        "Ask your administrator for a new one.",
    )


def _hash_of(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
