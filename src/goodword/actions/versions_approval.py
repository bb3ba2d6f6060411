"""Who approves that a version goes live? A second person at the desk, or somebody of the client by a one-time link.

A link is for one role and one version, ends after some days, and decides once. What was approved is kept with the mark
of the very wording that was shown: the document, and every text that people read of it. Nobody approves what they asked
for or wrote themselves, whatever their role.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import msgspec
import psycopg

from goodword.actions.deeds import Actor, note, require
from goodword.actions.opening import Chain, ClientRow
from goodword.actions.permissions import May
from goodword.actions.programs import Version, version, wording_now
from goodword.actions.versions import SECOND
from goodword.actions.versions_release import STOP, Approval, OtherWording, Release, release_of, waiting_release
from goodword.core.events import ident
from goodword.core.wording import Told, mark_of
from goodword.errors import BadInput, NotAllowed, NotFound

LINK_DAYS = 14
LONGEST_COMMENT = 2000
LONGEST_NAME = 200
LINK_ROLE = "client"


class LinkEnded(NotFound):
    """A link that was used, has run out, was withdrawn, or never was."""

    code = "link_ended"


class Asked(msgspec.Struct, frozen=True):
    """What somebody of the client is shown behind their link."""

    client: ClientRow
    release: Release
    approval: Approval
    version: Version
    texts: dict[str, Told]

    @property
    def mark(self) -> str:
        """Of the document and all texts that are shown."""
        return mark_of(self.version.as_document(), self.texts)


def approve(
    chain: Chain,
    client: ClientRow,
    actor: Actor,
    slug: str,
    *,
    granted: bool,
    comment: str,
    at: datetime,
    seen_mark: str | None = None,
) -> Release:
    """The second person's word on the version that waits; a refusal ends what was asked for.

    `seen_mark` is that of the wording they were shown; None: they took it as it is, whatever it says.
    """
    require(actor, May.PUBLISH)
    release = waiting_release(chain, client, slug)
    if release is None or SECOND not in release.roles or release.number == STOP:
        raise NotFound(
            f"Nothing of {slug} waits for a second person.",
            "It was decided or withdrawn meanwhile.",
            "Look at its versions.",
        )
    wanted = version(chain.conn, client, slug, release.number)
    _require_another(chain.conn, client, actor, release, wanted)
    check_comment(comment, granted)
    if seen_mark is not None:
        _require_seen(release, wanted, seen_mark, release.mark)
    id_ = uuid4().hex
    with chain.conn.transaction():
        require_waiting(chain.conn, client.id, release.id)
        chain.conn.execute(
            "INSERT INTO version_approval (client_id, id, release_id, role, asked_by, asked_at) VALUES (%s::uuid, %s::uuid,"
            " %s::uuid, %s, %s, %s)",
            (client.id, id_, release.id, SECOND, actor.name, at),
        )
        decide_approval(chain, client, id_, release, release.mark, actor, SECOND, granted, comment, at)
    return release_of(chain, client, release.id)


def ask_by_link(
    chain: Chain,
    client: ClientRow,
    actor: Actor,
    slug: str,
    role: str,
    name: str,
    *,
    has_colleagues: bool,
    at: datetime,
) -> str:
    """A one-time link for somebody of the client; returns its path. An open link of the same role ends with it.

    Only where nobody else at the desk may publish (`has_colleagues`) is the client asked as the second person.
    """
    require(actor, May.PUBLISH)
    release = waiting_release(chain, client, slug)
    if release is None or role not in release.missing or release.number == STOP:
        raise NotFound(
            f"No approval of this kind is missing for {slug}.",
            "It was given or withdrawn meanwhile.",
            "Look at its versions.",
        )
    if not name.strip() or len(name) > LONGEST_NAME:
        raise BadInput(
            "Whom you ask is missing.",
            "The approval is kept under a name.",
            "Write the person's name and role.",
            "name",
        )
    if role == SECOND and has_colleagues:
        raise BadInput(
            "A colleague can be the second person.",
            "The client is asked only where nobody else here may publish.",
            "Ask somebody of the house who may publish.",
        )
    id_, token = uuid4().hex, secrets.token_urlsafe(32)
    sealed = chain.keys(client.id).seal("version_approval", "name", id_, name.strip().encode())
    with chain.conn.transaction():
        chain.conn.execute(
            "UPDATE version_approval SET expires_at = %s WHERE client_id = %s::uuid AND release_id = %s::uuid AND role = %s"
            " AND granted IS NULL AND expires_at > %s",
            (at, client.id, release.id, role, at),
        )
        chain.conn.execute(
            "INSERT INTO version_approval (client_id, id, release_id, role, name_sealed, token_hash, expires_at, asked_by,"
            " asked_at) VALUES (%s::uuid, %s::uuid, %s::uuid, %s, %s, %s, %s, %s, %s)",
            (client.id, id_, release.id, role, sealed, _hashed(token), at + timedelta(days=LINK_DAYS), actor.name, at),
        )
        told = {"program": slug, "version": release.number, "role": role, "approval": id_}
        note(
            chain.conn, chain.keys(client.id), actor, f"program.ask_approval:{role}", "program", slug, at=at, after=told
        )
    return f"/approve/{client.id}.{token}"


def asked(chain: Chain, path_token: str, *, at: datetime) -> Asked:
    """What stands behind a link; refused where it ended."""
    client_id, _, token = path_token.partition(".")
    row = None
    if len(client_id) == 32 and token and all(sign in "0123456789abcdef" for sign in client_id):
        row = chain.conn.execute(
            "SELECT a.id, a.release_id, c.slug FROM version_approval a JOIN client c ON c.id = a.client_id JOIN version_release r"
            " ON r.client_id = a.client_id AND r.id = a.release_id WHERE a.client_id = %s::uuid AND a.token_hash = %s"
            " AND a.granted IS NULL AND a.expires_at > %s AND r.state = 'waiting'",
            (client_id, _hashed(token), at),
        ).fetchone()
    if row is None:
        raise LinkEnded(
            "This link has ended.", "It was used, has run out, or was replaced.", "Ask whoever sent it for a new one."
        )
    client = chain.client(row[2])
    release = release_of(chain, client, _hex(row[1]))
    approval = next(one for one in release.approvals if one.id == _hex(row[0]))
    wanted = version(chain.conn, client, release.slug, release.number)
    return Asked(client, release, approval, wanted, wording_now(client, wanted).texts)


def answer(chain: Chain, path_token: str, *, granted: bool, comment: str, seen_mark: str, at: datetime) -> Asked:
    """The client's word by a link, once, on exactly the wording that was shown."""
    found = asked(chain, path_token, at=at)
    check_comment(comment, granted)
    _require_seen(found.release, found.version, seen_mark, found.mark)
    actor = Actor(f"link {found.approval.id[:12]}", LINK_ROLE)
    with chain.conn.transaction():
        require_waiting(chain.conn, found.client.id, found.release.id)
        role = found.approval.role
        decide_approval(
            chain, found.client, found.approval.id, found.release, found.mark, actor, role, granted, comment, at
        )
    return found


# -- parts -------------------------------------------------------------------------------------------------------------


def decide_approval(
    chain: Chain,
    client: ClientRow,
    id_: str,
    release: Release,
    shown: str,
    actor: Actor,
    role: str,
    granted: bool,
    comment: str,
    at: datetime,
) -> None:
    """Write the word on the wording of that mark down, once, with its line in the log of acts; a refusal ends what was asked for."""
    keys = chain.keys(client.id)
    sealed = keys.seal("version_approval", "comment", id_, comment.strip().encode()) if comment.strip() else None
    done = chain.conn.execute(
        "UPDATE version_approval SET granted = %s, comment_sealed = %s, by = %s, at = %s, text_hash = %s"
        " WHERE client_id = %s::uuid AND id = %s::uuid AND granted IS NULL",
        (granted, sealed, actor.name, at, shown, client.id, id_),
    )
    if done.rowcount != 1:
        raise LinkEnded("This was decided a moment ago.", "The first word stands.", "Ask whoever sent the link.")
    verb = "program.approve" if granted else "program.refuse"
    told = {"program": release.slug, "version": release.number, "role": role, "text": shown}
    detail = {"comment": comment.strip()} if comment.strip() else None
    note(chain.conn, keys, actor, f"{verb}:{role}", "program", release.slug, at=at, after=told, detail=detail)
    if not granted:
        chain.conn.execute(
            "UPDATE version_release SET state = 'refused', ended_at = %s WHERE client_id = %s::uuid AND id = %s::uuid",
            (at, client.id, release.id),
        )


def require_waiting(conn: psycopg.Connection[Any], client_id: str, release_id: str) -> None:
    """Held until the end of the transaction, so that a withdrawal and an approval take turns."""
    row = conn.execute(
        "SELECT state FROM version_release WHERE client_id = %s::uuid AND id = %s::uuid FOR UPDATE",
        (client_id, release_id),
    ).fetchone()
    if row is None or row[0] != "waiting":
        raise LinkEnded(
            "This was withdrawn or decided meanwhile.", "Nothing is left to approve.", "Look at the versions."
        )


def _require_another(
    conn: psycopg.Connection[Any], client: ClientRow, actor: Actor, release: Release, wanted: Version
) -> None:
    if actor.name in {release.by, *writers(conn, client, wanted.slug, wanted.number)}:
        raise NotAllowed(
            "Nobody approves their own version.",
            "You wrote it or asked for it to go live; that holds for administrators too.",
            "Ask somebody else who may publish; where there is nobody, ask the client by a link.",
        )


def writers(conn: psycopg.Connection[Any], client: ClientRow, slug: str, number: int) -> set[str]:
    """Who kept this version, by the log of acts."""
    rows = conn.execute(
        "SELECT actor FROM action WHERE client_id = %s::uuid AND verb = %s AND object_id = %s",
        (client.id, str(May.PUSH), ident("version", ident("program", slug), str(number))),
    ).fetchall()
    return {row[0] for row in rows}


def _require_seen(release: Release, wanted: Version, seen: str, mark: str) -> None:
    if seen != mark:
        raise OtherWording(
            "This is not the text that you were shown.",
            f"Version {wanted.number} of {release.slug} reads otherwise now (mark {mark[:16]}): an approval is for one wording alone.",
            "Open the page again and read it.",
        )


def check_comment(comment: str, granted: bool) -> None:
    """A refusal says why."""
    if not granted and not comment.strip():
        raise BadInput(
            "A reason is missing.", "Whoever asked has to know what to change.", "Say what is not right.", "comment"
        )
    if len(comment) > LONGEST_COMMENT:
        raise BadInput(f"The comment is longer than {LONGEST_COMMENT:,} signs.", "", "Shorten it.", "comment")


def _hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _hex(value: Any) -> str:
    return str(value).replace("-", "")
