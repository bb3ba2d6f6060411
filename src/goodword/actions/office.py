"""What does the office say about one reward or one referral? `sent`, `review` and `extend`, acts in the log that are decided at once.

The line in the log of acts is written first: a fall in between leaves a line without its act, never an act that nobody did.
Trying again then writes both.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import msgspec
import psycopg

from goodword.actions.deeds import Actor, note, require
from goodword.actions.opening import Chain, ClientRow
from goodword.actions.permissions import May
from goodword.actions.programs import append_act
from goodword.core.acts import REVIEW_VERDICTS, REVIEW_WHYS
from goodword.core.amounts import Amount
from goodword.core.extending import MOST_DAYS
from goodword.core.reasons import Reason, ranked, text_of
from goodword.errors import BadInput, NotFound
from goodword.store.sql import runs

_ACTS = {May.SEND: "sent", May.REVIEW: "review", May.EXTEND: "extend"}
_PREFIX = {"reward": "rwd_", "referral": "ref_"}


class Standing(msgspec.Struct, frozen=True):
    """How a referral stands after an act, in the words of the desk."""

    referral: str
    state: str
    reasons: list[str]
    rewards: list[dict[str, str]]


class _Found(NamedTuple):
    id: str
    state: str
    referral_id: str


class _Body(msgspec.Struct):
    reasons: tuple[Reason, ...] = ()


def mark_sent(chain: Chain, client: ClientRow, actor: Actor, reward: str, *, at: datetime) -> Standing:
    """A payable reward left the house."""
    require(actor, May.SEND)
    found = _named(chain.conn, client, "reward", reward)
    if found.state != "payable":
        raise BadInput(
            f"The reward {reward} is {found.state}, not payable.",
            "Only what is payable can leave the house, once.",
            "Look at its referral for what it waits for.",
        )
    act = {"reward": found.id}
    _perform(chain, client, actor, May.SEND, "reward", found.id, act, None, at)
    return _standing(chain.conn, client.id, found.referral_id)


def review(
    chain: Chain,
    client: ClientRow,
    actor: Actor,
    referral: str,
    verdict: str,
    why: str,
    *,
    words: str | None = None,
    seen: int | None = None,
    at: datetime,
) -> Standing:
    """A person clears or denies a referral, or takes the last word back (`reopen`).

    Only the code word `why` is decided with; `words` are sealed beside the deed. `seen` is how many words of people the
    person had read on it: the act is refused where somebody else spoke meanwhile.
    """
    require(actor, May.REVIEW)
    if verdict not in REVIEW_VERDICTS or why not in REVIEW_WHYS:
        raise BadInput(
            f"{verdict} for {why} is no review.",
            "",
            f"One of {', '.join(REVIEW_VERDICTS)}, for one of {', '.join(REVIEW_WHYS)}.",
        )
    found = _named(chain.conn, client, "referral", referral)
    act: dict[str, Any] = {"referral": found.id, "verdict": verdict, "why": why, "by": actor.name}
    if seen is not None:
        act["seen"] = seen
    _perform(chain, client, actor, May.REVIEW, "referral", found.id, act, words, at)
    return _standing(chain.conn, client.id, found.id)


def extend(chain: Chain, client: ClientRow, actor: Actor, referral: str, days: int, *, at: datetime) -> Standing:
    """A referral without progress lapses so many days later, as long as it has not lapsed."""
    require(actor, May.EXTEND)
    if not 1 <= days <= MOST_DAYS:
        raise BadInput(f"{days} days is no extension.", "", f"Extend by 1 to {MOST_DAYS} days.")
    found = _named(chain.conn, client, "referral", referral)
    if found.state == "lapsed":
        raise BadInput(f"The referral {referral} lapsed already.", "", "Refer the friend anew.")
    act = {"referral": found.id, "days": days, "by": actor.name}
    _perform(chain, client, actor, May.EXTEND, "referral", found.id, act, None, at)
    return _standing(chain.conn, client.id, found.id)


def _perform(
    chain: Chain,
    client: ClientRow,
    actor: Actor,
    may: May,
    kind: str,
    object_id: str,
    act: dict[str, Any],
    words: str | None,
    at: datetime,
) -> None:
    detail = None if not words else {"words": words}
    with chain.conn.transaction():
        note(chain.conn, chain.keys(client.id), actor, may, kind, object_id, at=at, after=act, detail=detail)
    event = {
        "id": f"{may}-{object_id}-{at.isoformat()}",
        "type": _ACTS[may],
        "at": runs.business_now(chain.conn, client.id, at).isoformat(),
        "act": act,
    }
    append_act(chain, client, event, at=at)


def _named(conn: psycopg.Connection[Any], client: ClientRow, kind: str, given: str) -> _Found:
    """The one row of that id, or of that beginning of an id."""
    wanted = given.strip().lower().removeprefix(_PREFIX[kind]).replace("-", "")
    referral_id = "referral_id" if kind == "reward" else "id"
    rows = conn.execute(
        f"SELECT id, state, {referral_id} FROM {kind} WHERE client_id = %s::uuid"
        " AND starts_with(replace(id::text, '-', ''), %s) ORDER BY id LIMIT 2",
        (client.id, wanted),
    ).fetchall()
    if len(rows) != 1 or not wanted:
        why = "Several begin so." if rows else "None begins so."
        raise NotFound(
            f"{given} does not name one {kind} of {client.slug}.", why, "Take the id from the page of the referral."
        )
    return _Found(*rows[0])


def _standing(conn: psycopg.Connection[Any], client_id: str, referral_id: str) -> Standing:
    row = conn.execute(
        "SELECT state, body FROM referral WHERE client_id = %s::uuid AND id = %s::uuid", (client_id, referral_id)
    ).fetchone()
    assert row is not None, "an act on it was decided"
    rewards = conn.execute(
        "SELECT id, role, kind, asset, amount_minor, state FROM reward WHERE client_id = %s::uuid AND referral_id = %s::uuid"
        " ORDER BY granted_at, id",
        (client_id, referral_id),
    ).fetchall()
    return Standing(
        f"ref_{referral_id}",
        row[0],
        [text_of(reason, "agent") for reason in ranked(msgspec.json.decode(row[1], type=_Body).reasons)],
        [
            {"id": f"rwd_{id_}", "to": role, "kind": kind, "amount": str(Amount(minor, asset)), "state": state}
            for id_, role, kind, asset, minor, state in rewards
        ],
    )
