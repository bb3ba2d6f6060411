"""What are creators asked to post, where did they, and does each post say that it is advertising? Briefs, posts and their check.

A post is due until somebody says how it discloses that it is advertising; staff looks at it and says whether that holds.
It is shown, not decided - unless the terms ask for the attribute `posts` of referrers: then it is kept as disclosed or
undisclosed with every change, and the core decides by it as by any other attribute.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from uuid import uuid4

import msgspec

from goodword.actions.creators import CreatorRow, creator_of, live_terms, require_address, tell
from goodword.actions.deeds import Actor, note, require
from goodword.actions.opening import Chain, ClientRow
from goodword.actions.permissions import May
from goodword.actions.programs import append_act
from goodword.core.asking import attributes_asked
from goodword.errors import BadInput, NotFound
from goodword.store.creators import Posted, open_post, open_text, seal_post, seal_text
from goodword.store.sql import runs

LONGEST_BRIEF, LONGEST_NOTE, MOST_POSTS = 10_000, 1000, 500
NOT_SAID = "none"
ATTRIBUTE = "posts"  # of the person, where terms ask for it: disclosed | undisclosed
DISCLOSURES = ("ad", "paid_partnership", "label", "spoken", NOT_SAID)  # how a post says it
_HASH = re.compile(r"[0-9a-f]{64}\Z")


class PostRow(msgspec.Struct, frozen=True):
    """A post as its creator sees it. `posted` is None once it was forgotten."""

    id: str
    posted: Posted | None
    posted_on: date
    disclosure: str
    state: str


# -- briefs ------------------------------------------------------------------------------------------------------------


def brief(
    chain: Chain, client: ClientRow, actor: Actor, program: str, creator: str | None, text: str, *, at: datetime
) -> int:
    """What creators of a program are asked to say and show, or one of them alone; returns the number of this version."""
    require(actor, May.VET_CREATOR)
    text = text.replace("\r\n", "\n").strip()
    if not text or len(text) > LONGEST_BRIEF:
        raise BadInput("The brief is empty.", "", f"Write at most {LONGEST_BRIEF:,} signs.", "brief")
    row = chain.conn.execute(
        "SELECT id FROM program WHERE client_id = %s::uuid AND slug = %s", (client.id, program)
    ).fetchone()
    if row is None:
        raise NotFound(f"{program} is not a program of {client.slug}.", "", "Take it from the list of programs.")
    if creator is not None and creator_of(chain, client, creator).application is None:
        raise BadInput("This creator was forgotten.", "Nothing is written about them again.", "Brief the program.")
    id_, keys = uuid4().hex, chain.keys(client.id)
    with chain.conn.transaction():
        chain.conn.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (f"brief {row[0]} {creator}",))
        last = chain.conn.execute(
            "SELECT coalesce(max(number), 0) FROM creator_brief WHERE client_id = %s::uuid AND program_id = %s::uuid"
            " AND creator_id IS NOT DISTINCT FROM %s::uuid",
            (client.id, row[0], creator),
        ).fetchone()
        number = int(last[0]) + 1 if last else 1
        chain.conn.execute(
            "INSERT INTO creator_brief (client_id, id, program_id, creator_id, number, sealed, by, at) VALUES (%s::uuid,"
            " %s::uuid, %s::uuid, %s::uuid, %s, %s, %s, %s)",
            (client.id, id_, row[0], creator, number, seal_text(keys, "creator_brief", id_, text), actor.name, at),
        )
        about = ("creator", creator) if creator else ("program", program)
        note(chain.conn, keys, actor, f"{May.VET_CREATOR}:brief", *about, at=at, after={"number": number, "brief": id_})
    return number


def briefs_of(chain: Chain, client: ClientRow, creator: CreatorRow) -> list[str]:
    """What a creator is asked: the program's brief, then their own."""
    found = []
    for whose in (None, creator.id):
        row = chain.conn.execute(
            "SELECT id, sealed FROM creator_brief WHERE client_id = %s::uuid AND program_id = %s::uuid"
            " AND creator_id IS NOT DISTINCT FROM %s::uuid ORDER BY number DESC LIMIT 1",
            (client.id, creator.program_id, whose),
        ).fetchone()
        if row is not None:
            found.append(open_text(chain.keys(client.id), "creator_brief", _hex(row[0]), row[1]))
    return [text for text in found if text]


# -- posts -------------------------------------------------------------------------------------------------------------


def post(
    chain: Chain,
    client: ClientRow,
    actor: Actor,
    id_: str,
    *,
    address: str,
    posted_on: date,
    disclosure: str,
    proof: str,
    evidence_hash: str = "",
    at: datetime,
) -> str:
    """A post is noted down by staff, or by its creator behind the link; returns its id."""
    if actor.role != "creator":
        require(actor, May.CHECK_POST)
    creator = creator_of(chain, client, id_)
    if creator.state not in ("active", "paused", "ended") or creator.application is None:
        raise BadInput("There is no contract yet.", "Posts count from its acceptance on.", "Have it accepted first.")
    require_address(address, "address")
    _check(disclosure, proof, evidence_hash)
    if posted_on > at.date():
        raise BadInput("The day lies ahead.", "A post is noted down once it is there.", "Correct the day.", "posted_on")
    post_id = uuid4().hex
    with chain.conn.transaction():
        known = chain.conn.execute(
            "SELECT count(*) FROM creator_post WHERE client_id = %s::uuid AND creator_id = %s::uuid", (client.id, creator.id)
        ).fetchone()
        if known and known[0] >= MOST_POSTS:
            raise BadInput(f"{MOST_POSTS} posts are noted down.", "", "End the contract and offer a new one.")
        chain.conn.execute(
            "INSERT INTO creator_post (client_id, id, creator_id, sealed, posted_on, disclosure, evidence_hash, state, by, at)"
            " VALUES (%s::uuid, %s::uuid, %s::uuid, %s, %s, %s, %s, %s, %s, %s)",
            (client.id, post_id, creator.id, _sealed(chain, client, post_id, address, proof), posted_on, disclosure,
             evidence_hash, "due" if disclosure == NOT_SAID else "stated", actor.name, at),
        )  # fmt: skip
        told = {"post": post_id, "disclosure": disclosure, "evidence": evidence_hash}
        tell(chain, client, actor, "creator.post", creator, told, "", at)
    tell_terms(chain, client, creator, at=at)
    return post_id


def disclose(
    chain: Chain,
    client: ClientRow,
    actor: Actor,
    id_: str,
    post_id: str,
    *,
    disclosure: str,
    proof: str,
    evidence_hash: str = "",
    at: datetime,
) -> None:
    """How a post says that it is advertising is told afterwards; it waits for staff to look at it."""
    if actor.role != "creator":
        require(actor, May.CHECK_POST)
    creator = creator_of(chain, client, id_)
    _check(disclosure, proof, evidence_hash)
    if disclosure == NOT_SAID:
        raise BadInput("It does not say how.", "", "Choose how the post says that it is advertising.", "disclosure")
    address = _address(chain, client, creator, post_id)
    with chain.conn.transaction():
        done = chain.conn.execute(
            "UPDATE creator_post SET disclosure = %s, sealed = %s, evidence_hash = %s, state = 'stated'"
            " WHERE client_id = %s::uuid AND id = %s::uuid AND creator_id = %s::uuid AND state IN ('due', 'missing')",
            (disclosure, _sealed(chain, client, post_id, address, proof), evidence_hash, client.id, post_id, creator.id),
        )
        if done.rowcount != 1:
            raise BadInput("This post does not wait for it.", "It was told, or looked at.", "Look at it again.")
        told = {"post": post_id, "disclosure": disclosure, "evidence": evidence_hash}
        tell(chain, client, actor, "creator.post:disclosed", creator, told, "", at)
    tell_terms(chain, client, creator, at=at)


def check(
    chain: Chain, client: ClientRow, actor: Actor, id_: str, post_id: str, *, is_shown: bool, at: datetime
) -> None:
    """Somebody of the house looked: the post says that it is advertising, or it does not."""
    require(actor, May.CHECK_POST)
    creator = creator_of(chain, client, id_)
    _address(chain, client, creator, post_id)
    before = ["stated"] if is_shown else ["due", "stated", "verified"]
    with chain.conn.transaction():
        done = chain.conn.execute(
            "UPDATE creator_post SET state = %s, checked_by = %s, checked_at = %s WHERE client_id = %s::uuid"
            " AND id = %s::uuid AND creator_id = %s::uuid AND state = ANY(%s::text[])",
            ("verified" if is_shown else "missing", actor.name, at, client.id, post_id, creator.id, before),
        )
        if done.rowcount != 1:
            raise BadInput(
                "This cannot be said of it now.", "Nothing was told of a disclosure.", "Say how it discloses, then check it."
            )
        verb = f"{May.CHECK_POST}:{'verified' if is_shown else 'missing'}"
        tell(chain, client, actor, verb, creator, {"post": post_id}, "", at)
    tell_terms(chain, client, creator, at=at)


def tell_terms(chain: Chain, client: ClientRow, creator: CreatorRow, *, at: datetime) -> None:
    """Where the terms ask whether posts disclose, an act says how it stands; without a post nothing is undisclosed."""
    written = creator.application
    terms = live_terms(chain, client, creator.program, at=at)
    if written is None or terms is None or ATTRIBUTE not in attributes_asked(terms):
        return
    row = chain.conn.execute(
        "SELECT count(*) FROM creator_post WHERE client_id = %s::uuid AND creator_id = %s::uuid AND state IN ('due', 'missing')",
        (client.id, creator.id),
    ).fetchone()
    stands = "undisclosed" if row and row[0] else "disclosed"
    event = {
        "id": f"creator-posts-{creator.id}-{at.isoformat()}",
        "type": "known",
        "at": runs.business_now(chain.conn, client.id, at).isoformat(),
        "person": {"email": written.email, "attributes": {ATTRIBUTE: stands}},
        "act": {},
    }
    append_act(chain, client, event, at=at)


def posts_of(chain: Chain, client: ClientRow, creator: str) -> list[PostRow]:
    """What a creator posted, the latest first."""
    rows = chain.conn.execute(
        "SELECT id, sealed, posted_on, disclosure, state FROM creator_post WHERE client_id = %s::uuid AND creator_id = %s::uuid"
        " ORDER BY posted_on DESC, at DESC",
        (client.id, creator),
    ).fetchall()
    keys = chain.keys(client.id)
    return [PostRow(_hex(id_), open_post(keys, _hex(id_), sealed), *more) for id_, sealed, *more in rows]


def _check(disclosure: str, proof: str, evidence_hash: str) -> None:
    if disclosure not in DISCLOSURES:
        raise BadInput("It does not say how.", "", "Choose how the post says that it is advertising.", "disclosure")
    if len(proof) > LONGEST_NOTE:
        raise BadInput(f"The note is longer than {LONGEST_NOTE:,} signs.", "", "Shorten it.", "proof")
    if evidence_hash and not _HASH.match(evidence_hash):
        raise BadInput("This is not the mark of a file.", "", "Give its SHA-256 in hex, or nothing.", "evidence")


def _sealed(chain: Chain, client: ClientRow, post_id: str, address: str, proof: str) -> bytes:
    return seal_post(chain.keys(client.id), post_id, Posted(address, proof.strip()))


def _address(chain: Chain, client: ClientRow, creator: CreatorRow, post_id: str) -> str:
    """Where a post of this creator is."""
    row = None
    if len(post_id) == 32 and all(sign in "0123456789abcdef" for sign in post_id):
        row = chain.conn.execute(
            "SELECT sealed FROM creator_post WHERE client_id = %s::uuid AND id = %s::uuid AND creator_id = %s::uuid",
            (client.id, post_id, creator.id),
        ).fetchone()
    posted = open_post(chain.keys(client.id), post_id, row[0]) if row else None
    if posted is None:
        raise NotFound("This post is not known.", "", "Take it from the creator's page.")
    return posted.address


def _hex(value: object) -> str:
    return str(value).replace("-", "")
