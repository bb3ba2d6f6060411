"""What does the house do with a contest? It commits to draws and reveals them; people freeze, award, answer and disqualify.

The seed of a draw is made when a round opens and lies sealed; only its hash goes into the log then. With the award the seed
itself becomes an act, so that everybody can see that it was there before. Freeze and award come by themselves at their
dates; what is done by a person stands in the log of acts.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
import psycopg

from goodword.actions.deeds import Actor, note, require
from goodword.actions.drain import Lanes
from goodword.actions.opening import Chain, ClientRow
from goodword.actions.permissions import May
from goodword.actions.programs import ACT_SOURCE, append_act
from goodword.catalog import SHELVES
from goodword.core.contest import REVIEW_WAIT, Round
from goodword.core.contest_acts import DISQUALIFY_WHYS
from goodword.core.contest_draw import commitment_of
from goodword.core.reading import read_terms
from goodword.core.terms import Terms
from goodword.errors import BadInput, NotFound
from goodword.store.sql import log, runs
from goodword.store.sql.chance import draw
from goodword.store.sql.intake import Intake
from goodword.store.sql.vault import Vault

_DAY = timedelta(days=1)
_decode_round = msgspec.json.Decoder(Round).decode


# -- draws -------------------------------------------------------------------------------------------------------------


def answer_contests(conn: psycopg.Connection[Any], lanes: Lanes, client_id: str, *, now: datetime) -> int:
    """Commit to what open rounds will draw, and reveal it when they are to be awarded; returns how many acts were appended.

    The caller holds the lane and decides them next.
    """
    drawn = {(t.program, t.version) for t in lanes.book(client_id).versions if t.contest and t.contest.draws}
    if not drawn:
        return 0
    rows = conn.execute(
        "SELECT body FROM contest_round WHERE client_id = %s::uuid AND next_due_at IS NOT NULL AND state <> 'awarded'",
        (client_id,),
    ).fetchall()
    rounds = [one for (body,) in rows if ((one := _decode_round(body)).program, one.version) in drawn]
    vault = lanes.vault
    business_now = runs.business_now(conn, client_id, now)
    with conn.transaction():
        acts = [
            act
            for round_ in rounds
            if (
                act := _commitment(conn, vault, client_id, round_)
                or _reveal(conn, vault, client_id, round_, business_now)
            )
        ]
        if not acts:
            return 0
        keys, nothing = vault.open_client(client_id), frozenset[str]()
        intake = Intake(client_id, ACT_SOURCE, keys, nothing, nothing, now, acts=True, business_now=business_now)
        kept = [intake.row(msgspec.json.encode(act)) for act in acts]
        receipts = log.append(conn, [row for row in kept if not isinstance(row, list)])
    return sum(1 for receipt in receipts if not receipt.duplicate)


def _draws(document: str, live_from: datetime) -> bool:
    terms = read_terms(msgspec.json.decode(document), SHELVES, version=1, live_from=live_from)
    return isinstance(terms, Terms) and terms.contest is not None and terms.contest.draws


def _commitment(conn: psycopg.Connection[Any], vault: Vault, client_id: str, round_: Round) -> dict[str, Any] | None:
    """The act that commits to a new seed, which is kept sealed; a second worker finds the first one's."""
    if round_.commitment or round_.state != "open":
        return None
    seed = (draw() + draw()).hex()
    conn.execute(
        "INSERT INTO contest_seed (client_id, round_id, commitment, sealed) VALUES (%s::uuid, %s::uuid, %s, %s)"
        " ON CONFLICT DO NOTHING",
        (
            client_id,
            round_.id,
            commitment_of(seed),
            vault.open_client(client_id).seal(*_place(round_.id), seed.encode()),
        ),
    )
    row = conn.execute(
        "SELECT commitment FROM contest_seed WHERE client_id = %s::uuid AND round_id = %s::uuid", (client_id, round_.id)
    ).fetchone()
    assert row is not None, "it was inserted, or was there"
    act = {"program": round_.program, "round": round_.id, "commitment": row[0]}
    return {"id": f"contest_open-{round_.id}", "type": "contest_open", "at": round_.state_at.isoformat(), "act": act}


def _reveal(
    conn: psycopg.Connection[Any], vault: Vault, client_id: str, round_: Round, business_now: datetime
) -> dict[str, Any] | None:
    """The act that awards a round with its seed, once a day until nobody has to look any more."""
    if round_.state != "frozen" or business_now < round_.award_at:
        return None
    row = conn.execute(
        "SELECT s.sealed, (SELECT count(*) FROM contest_score c WHERE c.client_id = s.client_id"
        " AND c.round_id = s.round_id AND c.provisional) FROM contest_seed s"
        " WHERE s.client_id = %s::uuid AND s.round_id = %s::uuid",
        (client_id, round_.id),
    ).fetchone()
    if row is None or (row[1] and business_now < round_.award_at + REVIEW_WAIT):
        return None
    seed = vault.open_client(client_id).open(*_place(round_.id), bytes(row[0])).decode()
    day = (business_now - round_.award_at) // _DAY
    act = {"round": round_.id, "seed": seed} | ({"leave_out": row[1]} if row[1] else {})
    at = round_.award_at + day * _DAY
    return {"id": f"contest_award-{round_.id}-{day}", "type": "contest_award", "at": at.isoformat(), "act": act}


def _place(round_: str) -> tuple[str, str, str]:
    return "contest_seed", "seed", round_


# -- people ------------------------------------------------------------------------------------------------------------


def freeze(chain: Chain, client: ClientRow, actor: Actor, round_: str, *, at: datetime) -> Round:
    """The board as it stands; nothing is added to it any more."""
    return _closing(chain, client, actor, "contest_freeze", round_, {}, at=at)


def award(chain: Chain, client: ClientRow, actor: Actor, round_: str, leave_out: int | None, *, at: datetime) -> Round:
    """The final order and its prizes; `leave_out` is how many friends the person saw waiting for review."""
    known = round_of(chain.conn, client.id, round_)
    act: dict[str, Any] = {} if not leave_out else {"leave_out": leave_out}
    if known.commitment:
        row = chain.conn.execute(
            "SELECT sealed FROM contest_seed WHERE client_id = %s::uuid AND round_id = %s::uuid", (client.id, known.id)
        ).fetchone()
        if row is not None:
            act["seed"] = chain.keys(client.id).open(*_place(known.id), bytes(row[0])).decode()
    return _closing(chain, client, actor, "contest_award", round_, act, at=at)


def accept(chain: Chain, client: ClientRow, actor: Actor, round_: str, record: str, *, at: datetime) -> Round:
    """A winner said yes."""
    return _perform(chain, client, actor, May.ANSWER_CONTEST, "contest_accept", round_, {"record": record}, at=at)


def disqualify(
    chain: Chain,
    client: ClientRow,
    actor: Actor,
    round_: str,
    record: str,
    why: str,
    words: str | None,
    *,
    at: datetime,
) -> Round:
    """Somebody loses a prize for a reason; `words` are sealed beside the deed."""
    if why not in DISQUALIFY_WHYS:
        raise BadInput(f"{why} is no reason to disqualify.", "", f"One of {', '.join(DISQUALIFY_WHYS)}.")
    act = {"record": record, "why": why}
    return _perform(chain, client, actor, May.CLOSE_CONTEST, "contest_disqualify", round_, act, words=words, at=at)


def _closing(
    chain: Chain, client: ClientRow, actor: Actor, type_: str, round_: str, act: dict[str, Any], *, at: datetime
) -> Round:
    return _perform(chain, client, actor, May.CLOSE_CONTEST, type_, round_, act, at=at)


def _perform(
    chain: Chain,
    client: ClientRow,
    actor: Actor,
    may: May,
    type_: str,
    round_: str,
    act: dict[str, Any],
    *,
    words: str | None = None,
    at: datetime,
) -> Round:
    require(actor, may)
    known = round_of(chain.conn, client.id, round_)
    told = {"round": known.id, "by": actor.name} | {name: value for name, value in act.items() if name != "seed"}
    detail = {"words": words} if words else None
    with chain.conn.transaction():
        note(chain.conn, chain.keys(client.id), actor, may, "contest", known.id, at=at, after=told, detail=detail)
    event = {
        "id": f"{type_}-{known.id}-{act.get('record', '')}-{at.isoformat()}",
        "type": type_,
        "at": runs.business_now(chain.conn, client.id, at).isoformat(),
        "act": told | act,
    }
    append_act(chain, client, event, at=at)
    return round_of(chain.conn, client.id, known.id)


def round_of(conn: psycopg.Connection[Any], client_id: str, round_: str) -> Round:
    """A round by its id."""
    row = conn.execute(
        "SELECT body FROM contest_round WHERE client_id = %s::uuid AND id::text = %s", (client_id, _dashed(round_))
    ).fetchone()
    if row is None:
        raise NotFound(f"{round_} is no round of a contest.", "", "Take it from the contest's page.")
    return _decode_round(row[0])


def _dashed(id_: str) -> str:
    bare = id_.strip().lower().replace("-", "")
    return f"{bare[:8]}-{bare[8:12]}-{bare[12:16]}-{bare[16:20]}-{bare[20:]}"


# -- names on boards ---------------------------------------------------------------------------------------------------

LONGEST_NAME = 40


def call(
    chain: Chain, client: ClientRow, actor: Actor, party: str, name: str, *, is_hidden: bool, at: datetime
) -> None:
    """How somebody wants to be called on boards, or that they are not named; the place stays theirs either way."""
    require(actor, May.ANSWER_CONTEST)
    name = " ".join(name.split())
    if len(name) > LONGEST_NAME or not all(character.isprintable() for character in name):
        raise BadInput("This is no name for a board.", "", f"Write at most {LONGEST_NAME} letters.")
    known = chain.conn.execute(
        "SELECT 1 FROM party WHERE client_id = %s::uuid AND id::text = %s AND erased_at IS NULL",
        (client.id, _dashed(party)),
    ).fetchone()
    if known is None:
        raise NotFound("This person is not known.", "", "Look the person up first.")
    with chain.conn.transaction():
        sealed = None
        if name:
            key = chain.vault.person_keys(chain.conn, client.id, {party})[party]
            sealed = key.seal("contest_name", "name", party, name.encode())
        chain.conn.execute(
            "INSERT INTO contest_name (client_id, party_id, is_hidden, sealed, at) VALUES (%s::uuid, %s::uuid, %s, %s, %s)"
            " ON CONFLICT (client_id, party_id) DO UPDATE SET is_hidden = excluded.is_hidden, sealed = excluded.sealed,"
            " at = excluded.at",
            (client.id, party, is_hidden, sealed, at),
        )
        after = {"hidden": is_hidden, "named": bool(name)}
        note(chain.conn, chain.keys(client.id), actor, May.ANSWER_CONTEST, "person", party, at=at, after=after)
