"""How do people decide what is held: one, many, the last word taken back, and a signal that goes off for a program?

Each decision is an act of its own in the log. Many are handled in chunks, and a chunk that is tried again is the same acts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
import psycopg

from goodword.actions import office
from goodword.actions.deeds import Actor, note, require
from goodword.actions.drain import lane_held
from goodword.actions.importing import decide_all, wait_for_worker
from goodword.actions.office import Standing
from goodword.actions.opening import Chain, ClientRow
from goodword.actions.permissions import May
from goodword.actions.programs import ACT_SOURCE, append_act
from goodword.core.acts import REVIEW_WHYS, SWITCH_WHYS, cannot_reopen, words_on
from goodword.core.events import ident
from goodword.core.referral import Referral
from goodword.errors import BadInput, NotFound
from goodword.store.sql import log, runs
from goodword.store.sql.connect import array_literal
from goodword.store.sql.intake import Intake

MOST_AT_ONCE = 10_000
CHUNK = 250
_decode_referral = msgspec.json.Decoder(Referral).decode


class Meanwhile(BadInput):
    """Somebody else decided it since the page was made; nothing was done."""

    def __init__(self) -> None:
        super().__init__(
            "Somebody else decided it meanwhile.",
            "Nothing was done, and what you typed is kept.",
            "Look at what was decided, and decide again if you still disagree.",
        )


class Item(NamedTuple):
    """A referral, and how many words of people were on it for whoever decides."""

    referral: str
    seen: int


class Job(msgspec.Struct, frozen=True):
    """One decision about many: which they are, and how far it came."""

    id: str
    user: str
    verdict: str
    why: str
    items: tuple[Item, ...]
    done: int = 0
    decided: int = 0
    missed: int = 0
    undoes: str | None = None


def decide(
    chain: Chain,
    client: ClientRow,
    actor: Actor,
    item: Item,
    verdict: str,
    why: str,
    *,
    words: str | None = None,
    at: datetime,
) -> Standing:
    """Clear or deny one. Raises `Meanwhile` where somebody else spoke since it was read."""
    require(actor, May.REVIEW)
    if len(words_on(_referral(chain.conn, client, item.referral))) != item.seen:
        raise Meanwhile
    try:
        return office.review(chain, client, actor, item.referral, verdict, why, words=words, seen=item.seen, at=at)
    except BadInput:
        if len(words_on(_referral(chain.conn, client, item.referral))) != item.seen:
            raise Meanwhile from None
        raise


def undo(chain: Chain, client: ClientRow, actor: Actor, item: Item, *, at: datetime) -> Standing:
    """Take the last word back: what stood before it stands again, be it another person's word or the screening's."""
    require(actor, May.REVIEW)
    referral = _referral(chain.conn, client, item.referral)
    words = words_on(referral)
    if len(words) != item.seen:
        raise Meanwhile
    hindered = cannot_reopen(referral)
    if hindered:
        raise BadInput(f"It cannot be taken back: {hindered[0]}.", "Nothing was done.", f"{hindered[1].capitalize()}.")
    before = words[-2] if len(words) > 1 else None
    verdict = {True: "clear", False: "deny", None: "reopen"}[before.granted if before else None]
    why = (before.reason.value if before and before.reason else None) or "other"
    return decide(chain, client, actor, item, verdict, why if why in REVIEW_WHYS else "other", at=at)


def _referral(conn: psycopg.Connection[Any], client: ClientRow, referral: str) -> Referral:
    row = conn.execute(
        "SELECT body FROM referral WHERE client_id = %s::uuid AND id = %s::uuid", (client.id, referral)
    ).fetchone()
    if row is None:
        raise NotFound("This referral is not known here.", "", "Take it from the list of what is held.")
    return _decode_referral(row[0])


# -- many --------------------------------------------------------------------------------------------------------------


def begin(chain: Chain, client: ClientRow, actor: Actor, job: Job, *, at: datetime) -> Job:
    """Write a job down; one that is there already is taken up where it stopped."""
    require(actor, May.REVIEW)
    if len(job.items) > MOST_AT_ONCE:
        raise BadInput(
            f"These are {len(job.items):,} referrals; at most {MOST_AT_ONCE:,} are decided at once.",
            "Nothing was done.",
            "Narrow the list, for example to one finding or one program, and take them in parts.",
        )
    chain.conn.execute(
        "INSERT INTO review_job (client_id, id, user_id, verdict, why, referrals, seen, undoes_id, created_at)"
        " VALUES (%s::uuid, %s::uuid, %s::uuid, %s, %s, %s::uuid[], %s::int[], %s::uuid, %s)"
        " ON CONFLICT (client_id, id) DO NOTHING",
        (
            client.id,
            job.id,
            job.user,
            job.verdict,
            job.why,
            array_literal(item.referral for item in job.items),
            array_literal(str(item.seen) for item in job.items),
            job.undoes,
            at,
        ),
    )
    found = job_of(chain.conn, client.id, job.id)
    assert found is not None, "it was written just now"
    return found


def job_of(conn: psycopg.Connection[Any], client_id: str, job_id: str) -> Job | None:
    """A job by its id."""
    row = conn.execute(
        "SELECT id::text, user_id::text, verdict, why, referrals::text[], seen, done, decided, missed, undoes_id::text"
        " FROM review_job WHERE client_id = %s::uuid AND id = %s::uuid",
        (client_id, job_id),
    ).fetchone()
    if row is None:
        return None
    id_, user, verdict, why, referrals, seen, done, decided, missed, undoes = row
    items = tuple(Item(_bare(one), n) for one, n in zip(referrals, seen, strict=True))
    return Job(_bare(id_), _bare(user), verdict, why, items, done, decided, missed, _bare(undoes) if undoes else None)


def carry_on(chain: Chain, client: ClientRow, actor: Actor, job: Job, *, at: datetime) -> Iterator[Job]:
    """Decide chunk by chunk; the job as it stands after each. Whoever stops listening stops it between two chunks."""
    require(actor, May.REVIEW)
    for start in range(job.done, len(job.items), CHUNK):
        chunk = job.items[start : start + CHUNK]
        decided = _decide_chunk(chain, client, actor, job, chunk, at)
        job = msgspec.structs.replace(
            job,
            done=job.done + len(chunk),
            decided=job.decided + decided,
            missed=job.missed + len(chunk) - decided,
        )
        chain.conn.execute(
            "UPDATE review_job SET done = %s, decided = %s, missed = %s, finished_at = %s"
            " WHERE client_id = %s::uuid AND id = %s::uuid",
            (job.done, job.decided, job.missed, at if job.done == len(job.items) else None, client.id, job.id),
        )
        yield job


def _decide_chunk(chain: Chain, client: ClientRow, actor: Actor, job: Job, chunk: Sequence[Item], at: datetime) -> int:
    """Append an act for each and have them decided; how many were not refused."""
    keys = chain.keys(client.id)
    if job.undoes:
        chunk = _decided_by(chain, client, job.undoes, chunk)
        if not chunk:
            return 0
    runs.require_none_open(chain.conn, client.id)
    intake = Intake(client.id, ACT_SOURCE, keys, frozenset(), frozenset(), at, acts=True)
    business_at = runs.business_now(chain.conn, client.id, at).isoformat()
    rows = []
    with chain.conn.transaction():
        for item in chunk:
            act = {
                "referral": item.referral, "verdict": job.verdict, "why": job.why, "by": actor.name, "seen": item.seen,
            }  # fmt: skip
            note(chain.conn, keys, actor, May.REVIEW, "referral", item.referral, at=at, after=act)
            event = {"id": _event_name(job.id, item.referral), "type": "review", "at": business_at, "act": act}
            row = intake.row(msgspec.json.encode(event))
            assert not isinstance(row, list), row
            rows.append(row)
    log.append(chain.conn, rows)
    with lane_held(chain.conn, client.id) as held:
        if held:
            decide_all(chain, client.id, now=at)
        else:
            wait_for_worker(chain.conn, client.id)
    return len(_not_refused(chain.conn, client.id, [row.event.id for row in rows]))


def _event_name(job_id: str, referral: str) -> str:
    """The same at every try, so that a chunk that was cut short is not decided twice."""
    return f"{May.REVIEW}-{referral}-{job_id}"


def _decided_by(chain: Chain, client: ClientRow, job_id: str, chunk: Sequence[Item]) -> list[Item]:
    """Those that the other job really decided."""
    token = chain.keys(client.id).token
    ids = {token("event", f"{ACT_SOURCE}\x1f{_event_name(job_id, item.referral)}"): item for item in chunk}
    return [ids[id_] for id_ in ids if id_ in _not_refused(chain.conn, client.id, list(ids))]


def _not_refused(conn: psycopg.Connection[Any], client_id: str, events: list[str]) -> set[str]:
    rows = conn.execute(
        "SELECT event_id::text FROM decision WHERE client_id = %s::uuid AND event_id = ANY(%s::uuid[])"
        " AND verdict <> 'act_refused'",
        (client_id, array_literal(events)),
    ).fetchall()
    return {_bare(row[0]) for row in rows}


def undoing(job: Job, job_id: str, user: str) -> Job:
    """The job that takes another one back: each word that it spoke, where nobody spoke since."""
    items = tuple(Item(item.referral, item.seen + 1) for item in job.items[: job.done])
    return Job(job_id, user, "reopen", "other", items, undoes=job.id)


def _bare(id_: str) -> str:
    return id_.replace("-", "")


# -- signals -----------------------------------------------------------------------------------------------------------


def switch_signal(
    chain: Chain,
    client: ClientRow,
    actor: Actor,
    program: str,
    signal: str,
    *,
    off: bool,
    why: str,
    words: str | None = None,
    at: datetime,
) -> int:
    """Switch a signal off for a program (or on again); what it held is judged anew at once. How many still wait for it."""
    require(actor, May.SWITCH_SIGNAL)
    if why not in SWITCH_WHYS:
        raise BadInput(f"{why} is no reason of a switch.", "", f"One of {', '.join(SWITCH_WHYS)}.")
    act = {"program": program, "signal": signal, "off": off, "why": why, "by": actor.name}
    detail = {"words": words} if words else None
    keys = chain.keys(client.id)
    with chain.conn.transaction():
        note(
            chain.conn, keys, actor, May.SWITCH_SIGNAL, "program", program,
            at=at, before={"signal": signal, "off": not off}, after=act, detail=detail,
        )  # fmt: skip
    name = ident("switch", program, signal, str(off), at.isoformat())
    business_at = runs.business_now(chain.conn, client.id, at)
    event = {"id": f"signal-{name}", "type": "signal", "at": business_at.isoformat(), "act": act}
    append_act(chain, client, event, at=at)
    with lane_held(chain.conn, client.id) as held:
        if held:
            decide_all(chain, client.id, now=at, tick=True)
    return still_due(chain.conn, client.id, program)


def still_due(conn: psycopg.Connection[Any], client_id: str, program: str) -> int:
    """Referrals of a program whose moment has come and that the worker has not come to yet."""
    row = conn.execute(
        "SELECT count(*) FROM referral r JOIN lane l ON l.client_id = r.client_id JOIN program p ON p.client_id ="
        " r.client_id AND p.id = r.program_id WHERE r.client_id = %s::uuid AND p.slug = %s AND r.next_due_at <= l.clock",
        (client_id, program),
    ).fetchone()
    return int(row[0]) if row else 0
