"""Who does it, may they, and where is it kept? Every deed is one line in the log of acts, itself a leaf of the proof."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import msgspec
import psycopg

from goodword.actions.permissions import GIVEN, OPERATOR, ROLES, May, allowed
from goodword.core import proof
from goodword.core.events import ident
from goodword.errors import NotAllowed
from goodword.store.sql.seal import write_leaves
from goodword.store.sql.vault import ClientKeys

HOUSE = "0" * 32  # the log of deeds that concern no single client


class Actor(NamedTuple):
    """Who does it: a person's id, or the name of the command, and the role in which."""

    name: str
    role: str


COMMAND_LINE = Actor("command line", OPERATOR)


def require(actor: Actor, may: May) -> None:
    """Refuse whoever may not. Who has several roles (`lead+auditor`) may do what any of them may."""
    if may not in allowed(actor.role.split("+")):
        raise NotAllowed(
            f"The role {actor.role or 'nobody'} may not do this: {may.says} ({may}).",
            f"It is for: {', '.join(role for role in GIVEN if may in ROLES[role])}.",
            "Ask somebody who has one of these roles.",
        )


def note(
    conn: psycopg.Connection[Any],
    keys: ClientKeys,
    actor: Actor,
    verb: str,
    object_kind: str,
    object_id: str,
    *,
    at: datetime,
    before: Any = None,
    after: Any = None,
    detail: Any = None,
) -> None:
    """Write the line in the caller's transaction. Values go in as commitments, `detail` sealed under the client's key."""
    commits = [b"" if value is None else keys.commit(_encode(value)) for value in (before, after)]
    id_ = ident("action", keys.client_id, at.isoformat(), actor.name, verb, object_id, commits[1].hex())
    sealed = None if detail is None else keys.seal("action", "detail", id_, _encode(detail))
    content = proof.action_leaf(
        keys.client_id, id_, at, actor.name, actor.role, verb, object_kind, object_id, commits[0], commits[1], ""
    )
    conn.execute(
        "INSERT INTO action (client_id, id, at, actor, role, verb, object_kind, object_id, before_commit, after_commit,"
        " detail_sealed, request_id) VALUES (%s::uuid, %s::uuid, %s, %s, %s, %s, %s, %s, %s, %s, %s, '')",
        (keys.client_id, id_, at, actor.name, actor.role, verb, object_kind, object_id, *commits, sealed),
    )
    write_leaves(conn, keys.client_id, 0, [("action", id_, proof.leaf_hash(content))])


def _encode(value: Any) -> bytes:
    return msgspec.json.encode(value, order="sorted")
