"""How does the law end a program? One person asks for the stop, another one confirms it, and the act in the log names both."""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import uuid4

from goodword.actions.deeds import Actor, note, require
from goodword.actions.drain import lane_held
from goodword.actions.importing import decide_all
from goodword.actions.opening import Chain, ClientRow
from goodword.actions.permissions import May
from goodword.actions.programs import append_act, versions
from goodword.actions.versions import SECOND
from goodword.actions.versions_approval import check_comment, decide_approval, require_waiting
from goodword.actions.versions_release import (
    LONGEST_NOTE,
    STOP,
    Release,
    Wish,
    end_release,
    insert_release,
    release_of,
    waiting_release,
)
from goodword.errors import BadInput, NotAllowed, NotFound
from goodword.store.sql import runs


def ask_stop(
    chain: Chain, client: ClientRow, actor: Actor, slug: str, *, why: str, voids: bool, at: datetime
) -> Release:
    """Ask for a stop. `voids`: what is not payable by then is voided too; else what was earned stays."""
    require(actor, May.PUBLISH)
    if not any(one.live_from for one in versions(chain.conn, client.id, slug)):
        raise NotFound(f"{slug} was never live.", "Nothing was promised.", "Look at the list of programs.")
    if not why.strip() or len(why) > LONGEST_NOTE:
        raise BadInput(
            "The reason is missing or too long.",
            "It stands in the history for good.",
            "Name the law or the order.",
            "why",
        )
    if waiting_release(chain, client, slug) is not None:
        raise BadInput(
            f"Something of {slug} waits for approval already.",
            "One thing after the other.",
            "Decide or withdraw it first.",
        )
    id_, wish = uuid4().hex, Wish(why.strip(), None, voids)
    with chain.conn.transaction():
        insert_release(chain.conn, client.id, id_, slug, STOP, wish, (SECOND,), None, actor, at)
        told = {"program": slug, "why": why.strip(), "voids": voids}
        note(chain.conn, chain.keys(client.id), actor, "program.ask:stop", "program", slug, at=at, after=told)
    return release_of(chain, client, id_)


def confirm_stop(
    chain: Chain, client: ClientRow, actor: Actor, slug: str, *, granted: bool, comment: str, at: datetime
) -> Release:
    """The second person's word; with a yes the program is stopped when this returns."""
    require(actor, May.PUBLISH)
    release = waiting_release(chain, client, slug)
    if release is None or release.number != STOP:
        raise NotFound(
            f"No stop of {slug} is asked for.", "It was decided or withdrawn meanwhile.", "Look at its versions."
        )
    if actor.name == release.by:
        raise NotAllowed(
            "Nobody confirms their own stop.", "It takes two people, administrators included.", "Ask somebody else."
        )
    check_comment(comment, granted)
    if release.missing:
        id_, shown = uuid4().hex, hashlib.sha256(release.wish.note.encode()).hexdigest()
        with chain.conn.transaction():
            require_waiting(chain.conn, client.id, release.id)
            chain.conn.execute(
                "INSERT INTO version_approval (client_id, id, release_id, role, asked_by, asked_at)"
                " VALUES (%s::uuid, %s::uuid, %s::uuid, %s, %s, %s)",
                (client.id, id_, release.id, SECOND, actor.name, at),
            )
            decide_approval(chain, client, id_, release, shown, actor, SECOND, granted, comment, at)
    if granted:
        _stop(chain, client, actor, release, at)
    return release_of(chain, client, release.id)


def _stop(chain: Chain, client: ClientRow, actor: Actor, release: Release, at: datetime) -> None:
    act = {"program": release.slug, "by": release.by, "second": actor.name, "voids": release.wish.moves}
    event = {
        "id": f"stop-{release.id}",
        "type": "stop",
        "at": runs.business_now(chain.conn, client.id, at).isoformat(),
        "act": act,
    }
    with chain.conn.transaction():
        note(chain.conn, chain.keys(client.id), actor, "program.stop", "program", release.slug, at=at, after=act)
    append_act(chain, client, event, at=at, is_repeatable=True)
    end_release(chain.conn, client.id, release.id, "published", at)
    with lane_held(chain.conn, client.id) as held:
        if held:  # else the worker comes to them
            decide_all(chain, client.id, now=at, tick=True)
