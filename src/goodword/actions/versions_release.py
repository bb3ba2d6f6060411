"""How does a version go live? Somebody asks for it, whoever has to approve does, and then it is published, once.

Whether a second person is needed follows from the forecast of its cost; which roles of the client approve, from the
client's rules. Where nobody has to, asking publishes at once. Nobody approves what they asked for or wrote.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

import msgspec
import psycopg

from goodword.actions.checking import require_unblocked
from goodword.actions.deeds import Actor, note, require
from goodword.actions.drain import lane_held
from goodword.actions.evidence import evidence_of, heard_for
from goodword.actions.importing import decide_all
from goodword.actions.opening import Chain, ClientRow
from goodword.actions.permissions import May
from goodword.actions.programs import (
    Version,
    append_act,
    mark_now,
    note_published,
    publish,
    require_open_since,
    version,
)
from goodword.actions.versions import SECOND, Forecast, forecast, rules_of
from goodword.core.events import ident
from goodword.errors import BadInput, GoodwordError, NotFound
from goodword.store.sql import runs
from goodword.store.sql.connect import array_literal
from goodword.store.wording import PUBLISHED

LONGEST_NOTE = 1000
MOST_NAMED = 500
STOP = 0  # in the place of a version's number: what is asked for is a stop of the program


class Wish(msgspec.Struct, frozen=True):
    """How a version is to go live: from when (None: at once), and what becomes of open referrals.

    `moves`: they are judged by it from then on, except those it would make worse off and that are not `named`.
    """

    note: str
    live_from: datetime | None = None
    moves: bool = False
    named: tuple[str, ...] = ()


class OtherWording(BadInput):
    """An approval of a wording that is not the one that would go live."""

    code = "other_wording"


class Approval(msgspec.Struct, frozen=True):
    """One approval asked for; `granted` is None while nobody decided."""

    id: str
    role: str
    name: str
    asked_by: str
    asked_at: datetime
    by_link: bool
    expires_at: datetime | None
    granted: bool | None
    by: str
    at: datetime | None
    comment: str
    text_hash: str


class Release(msgspec.Struct, frozen=True):
    """A version that somebody asked to go live."""

    id: str
    slug: str
    number: int
    state: str
    wish: Wish
    roles: tuple[str, ...]
    change_percent: float | None
    by: str
    at: datetime
    ended_at: datetime | None
    approvals: tuple[Approval, ...] = ()
    mark: str = ""  # of the wording that would go live now, while it waits; "" for a stop and for what is over

    @property
    def missing(self) -> tuple[str, ...]:
        """Roles whose approval of this very wording is not there yet."""
        given = {one.role for one in self.approvals if one.granted and one not in self.of_other_wording}
        return tuple(role for role in self.roles if role not in given)

    @property
    def of_other_wording(self) -> tuple[Approval, ...]:
        """Approvals of what the texts said before: of software, or of a name of the client, that is not today's."""
        return tuple(one for one in self.approvals if one.granted and self.mark and one.text_hash != self.mark)


def ask(
    chain: Chain,
    client: ClientRow,
    actor: Actor,
    slug: str,
    number: int,
    wish: Wish,
    *,
    at: datetime,
    override: str = "",
) -> Release:
    """Ask for a version to go live. Where nobody has to approve, it is live when this returns.

    What a check by law or sense blocks is refused, unless `override` says why it goes live all the same.
    """
    require(actor, May.PUBLISH)
    wanted = version(chain.conn, client, slug, number)
    _check(wanted, wish)
    waiting = waiting_release(chain, client, slug)
    if waiting is not None and waiting.number == number and waiting.wish == wish:
        return finish(chain, client, actor, slug, at=at) if not waiting.missing else waiting
    if waiting is not None:
        raise BadInput(
            f"{_asked_for(waiting)} of {slug} was asked for and waits for approval.",
            "One version after the other goes live, so that nobody approves what is overtaken.",
            "Withdraw it first, or wait until it is decided.",
        )
    require_open_since(chain, client, wish.live_from, at=at)
    require_unblocked(chain, client, actor, wanted, override, at=at)
    expected = forecast(chain, client, actor, wanted, at=at)
    roles = _roles(chain, client, slug, expected)
    id_ = uuid4().hex
    with chain.conn.transaction():
        percent = expected.change_percent if expected else None
        insert_release(chain.conn, client.id, id_, slug, number, wish, roles, percent, actor, at)
        told = {"program": slug, "version": number, **msgspec.to_builtins(wish), "needs": list(roles)}
        note(chain.conn, chain.keys(client.id), actor, "program.ask", "program", slug, at=at, after=told)
    if roles:
        return _release(chain, client, id_)
    try:
        return finish(chain, client, actor, slug, at=at)
    except GoodwordError:
        end_release(chain.conn, client.id, id_, "withdrawn", at)  # nobody waits for it; it can be asked for anew
        raise


def finish(chain: Chain, client: ClientRow, actor: Actor, slug: str, *, at: datetime) -> Release:
    """Publish what was asked for and approved; open referrals move in an act of its own, where that was asked for."""
    require(actor, May.PUBLISH)
    release = _waiting(chain, client, slug)
    _require_approved(release)
    wanted = version(chain.conn, client, slug, release.number)
    if wanted.state not in ("live", "retired"):  # else it went live, and whoever did it fell before taking it down
        live_from = _live_from(chain, client, release, at)
        publish(chain, client, actor, wanted, live_from, at=at, remarks=heard_for(chain, client, wanted))
    else:
        _note_what_went_live(chain, client, actor, wanted, release, at)
    with chain.conn.transaction():
        end_release(chain.conn, client.id, release.id, "published", at)
        chain.conn.execute(
            "UPDATE program_version SET published_by = %s WHERE client_id = %s::uuid AND program_id = %s::uuid AND number = %s",
            (actor.name, client.id, ident("program", slug), release.number),
        )
    if release.wish.moves:
        move(chain, client, actor, slug, release.number, release.wish.named, at=at)
    return _release(chain, client, release.id)


def _waiting(chain: Chain, client: ClientRow, slug: str) -> Release:
    release = waiting_release(chain, client, slug)
    if release is None:
        raise NotFound(
            f"No version of {slug} waits to go live.",
            "It was published or withdrawn meanwhile.",
            "Look at its versions.",
        )
    return release


def withdraw(chain: Chain, client: ClientRow, actor: Actor, slug: str, *, at: datetime) -> Release:
    """Take back that a version was asked for; its links end."""
    require(actor, May.PUBLISH)
    release = _waiting(chain, client, slug)
    with chain.conn.transaction():
        end_release(chain.conn, client.id, release.id, "withdrawn", at)
        told = {"program": slug, "version": release.number}
        note(chain.conn, chain.keys(client.id), actor, "program.withdraw", "program", slug, at=at, after=told)
    return _release(chain, client, release.id)


def move(
    chain: Chain, client: ClientRow, actor: Actor, slug: str, number: int, named: tuple[str, ...], *, at: datetime
) -> str:
    """Have open referrals judged by a published version from its first moment on, an act in the log.

    Each is looked at by itself: one that would lose by it keeps its promise, unless it is named here.
    """
    require(actor, May.PUBLISH)
    wanted = version(chain.conn, client, slug, number)
    if wanted.state not in ("live", "retired"):
        raise BadInput(
            f"Version {number} of {slug} is not live.", "Open referrals move to what is promised.", "Publish it first."
        )
    act: dict[str, Any] = {"program": slug, "version": number, "named": sorted(named), "by": actor.name}
    event = {
        "id": f"move-{slug}-{number}-{at.isoformat()}",
        "type": "move",
        "at": runs.business_now(chain.conn, client.id, at).isoformat(),
        "act": act,
    }
    with chain.conn.transaction():
        note(chain.conn, chain.keys(client.id), actor, "program.move", "program", slug, at=at, after=act)
    said = append_act(chain, client, event, at=at)
    with lane_held(chain.conn, client.id) as held:
        if held:  # else the worker comes to them
            decide_all(chain, client.id, now=at, tick=True)
    return said


def waiting_release(chain: Chain, client: ClientRow, slug: str) -> Release | None:
    """The one version of a program that somebody asked for and that is not live yet."""
    row = chain.conn.execute(
        "SELECT id FROM version_release WHERE client_id = %s::uuid AND program_id = %s::uuid AND state = 'waiting'",
        (client.id, ident("program", slug)),
    ).fetchone()
    return _release(chain, client, row[0]) if row else None


def releases(chain: Chain, client: ClientRow, slug: str) -> list[Release]:
    """Everything that was ever asked for, the latest first."""
    rows = chain.conn.execute(
        "SELECT id FROM version_release WHERE client_id = %s::uuid AND program_id = %s::uuid ORDER BY at DESC LIMIT 100",
        (client.id, ident("program", slug)),
    ).fetchall()
    return [_release(chain, client, row[0]) for row in rows]


def release_of(chain: Chain, client: ClientRow, id_: str) -> Release:
    """A release by its id."""
    return _release(chain, client, id_)


# -- parts -------------------------------------------------------------------------------------------------------------


def _asked_for(release: Release) -> str:
    return "A stop" if release.number == STOP else f"Version {release.number}"


def _note_what_went_live(
    chain: Chain, client: ClientRow, actor: Actor, wanted: Version, release: Release, at: datetime
) -> None:
    """Write the line in the log of acts that whoever fell could not write any more."""
    line = chain.conn.execute(
        "SELECT FROM action WHERE client_id = %s::uuid AND verb = 'program.publish' AND object_id = %s AND at >= %s LIMIT 1",
        (client.id, wanted.slug, release.at),
    ).fetchone()
    found = evidence_of(chain, client, wanted).kept.get(PUBLISHED)
    if line is None and found is not None:
        note_published(chain, client, actor, wanted, found.wording, wanted.live_from or at, at=at)


def _require_approved(release: Release) -> None:
    outdated = [one for one in release.of_other_wording if one.role in release.missing]
    if outdated:
        told = ", ".join(f"{one.name or one.role} (mark {one.text_hash[:16]})" for one in outdated)
        raise OtherWording(
            f"{_asked_for(release)} of {release.slug} reads otherwise than it was approved.",
            f"Another wording was approved by: {told}; today's has the mark {release.mark[:16]}.",
            "Have the wording of today approved, then publish.",
        )
    if release.missing:
        raise BadInput(
            f"{_asked_for(release)} of {release.slug} still waits for: {', '.join(release.missing)}.",
            "Each of them has to approve before it goes live.",
            "Ask them, then publish.",
        )


def _check(wanted: Version, wish: Wish) -> None:
    if wanted.state in ("live", "retired"):
        raise BadInput(
            f"Version {wanted.number} of {wanted.slug} is already {wanted.state}.",
            "A published version never changes.",
            "To go back to it, roll back: that makes a new version of its document.",
        )
    if not wish.note.strip():
        raise BadInput(
            "A note is missing.",
            "Whoever reads the history later has to know why.",
            "Say in a sentence what changes.",
            "note",
        )
    if len(wish.note) > LONGEST_NOTE:
        raise BadInput(f"The note is longer than {LONGEST_NOTE:,} signs.", "", "Shorten it.", "note")
    if len(wish.named) > MOST_NAMED:
        raise BadInput(f"More than {MOST_NAMED} referrals are named.", "", "Name them in several moves.", "named")


def _roles(chain: Chain, client: ClientRow, slug: str, expected: Forecast | None) -> tuple[str, ...]:
    rules = rules_of(chain.conn, client.id)
    needs_second = expected is not None and abs(expected.change_percent) > rules.change_percent
    return (*((SECOND,) if needs_second else ()), *rules.roles_for(slug))


def _live_from(chain: Chain, client: ClientRow, release: Release, at: datetime) -> datetime | None:
    """The day that was asked for; where it lay ahead then and is over now, this moment."""
    wished = release.wish.live_from
    now = runs.business_now(chain.conn, client.id, at)
    return None if wished is not None and release.at < wished <= now else wished


def insert_release(
    conn: psycopg.Connection[Any],
    client_id: str,
    id_: str,
    slug: str,
    number: int,
    wish: Wish,
    roles: tuple[str, ...],
    percent: float | None,
    actor: Actor,
    at: datetime,
) -> None:
    """Take down what is asked for; of two who ask at the same moment one is refused."""
    try:
        conn.execute(
            "INSERT INTO version_release (client_id, id, program_id, number, live_from, moves, named, note, roles,"
            " change_percent, by, at) VALUES (%s::uuid, %s::uuid, %s::uuid, %s, %s, %s, %s::uuid[], %s, %s::text[], %s, %s, %s)",
            (client_id, id_, ident("program", slug), number, wish.live_from, wish.moves,
             array_literal(wish.named), wish.note.strip(), array_literal(roles), percent, actor.name, at),
        )  # fmt: skip
    except psycopg.errors.UniqueViolation:
        raise BadInput(
            f"Somebody asked for something of {slug} at the same moment.", "Theirs came first.", "Look at it."
        ) from None


def end_release(conn: psycopg.Connection[Any], client_id: str, id_: str, state: str, at: datetime) -> None:
    """Nothing waits any more, and no link works."""
    conn.execute(
        "UPDATE version_release SET state = %s, ended_at = %s WHERE client_id = %s::uuid AND id = %s::uuid AND state = 'waiting'",
        (state, at, client_id, id_),
    )
    conn.execute(
        "UPDATE version_approval SET expires_at = %s WHERE client_id = %s::uuid AND release_id = %s::uuid"
        " AND granted IS NULL AND expires_at > %s",
        (at, client_id, id_, at),
    )


def _release(chain: Chain, client: ClientRow, id_: str) -> Release:
    row = chain.conn.execute(
        "SELECT r.id, p.slug, r.number, r.state, r.live_from, r.moves, r.named, r.note, r.roles, r.change_percent, r.by, r.at,"
        " r.ended_at FROM version_release r JOIN program p ON p.client_id = r.client_id AND p.id = r.program_id"
        " WHERE r.client_id = %s::uuid AND r.id = %s::uuid",
        (client.id, id_),
    ).fetchone()
    if row is None:
        raise NotFound("This was never asked for.", "", "Look at the versions of the program.")
    named = tuple(str(one).replace("-", "") for one in row[6])
    wish = Wish(row[7], row[4], row[5], named)
    return Release(_hex(row[0]), row[1], row[2], row[3], wish, tuple(row[8]), row[9], row[10], row[11], row[12],
                   _approvals(chain, client.id, id_), _mark(chain, client, row[1], row[2], row[3]))  # fmt: skip


def _mark(chain: Chain, client: ClientRow, slug: str, number: int, state: str) -> str:
    if state != "waiting" or number == STOP:
        return ""
    wanted = version(chain.conn, client, slug, number)
    return "" if wanted.state in ("live", "retired") else mark_now(client, wanted)


def _approvals(chain: Chain, client_id: str, release_id: str) -> tuple[Approval, ...]:
    keys = chain.keys(client_id)
    rows = chain.conn.execute(
        "SELECT id, role, name_sealed, asked_by, asked_at, token_hash IS NOT NULL, expires_at, granted, by, at, comment_sealed,"
        " text_hash FROM version_approval WHERE client_id = %s::uuid AND release_id = %s::uuid ORDER BY asked_at, id",
        (client_id, release_id),
    ).fetchall()

    def opened(field: str, id_: str, sealed: Any) -> str:
        return keys.open("version_approval", field, id_, bytes(sealed)).decode() if sealed else ""

    return tuple(
        Approval(_hex(row[0]), row[1], opened("name", _hex(row[0]), row[2]), row[3], row[4], row[5], row[6], row[7], row[8],
                 row[9], opened("comment", _hex(row[0]), row[10]), row[11])
        for row in rows
    )  # fmt: skip


def _hex(value: Any) -> str:
    return str(value).replace("-", "")
