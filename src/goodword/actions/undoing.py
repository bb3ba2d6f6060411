"""How is an import taken back? First what it would touch, then by an act for each of its rows; nothing is ever deleted.

What people decided since stays and is named. Where money left, an import stays as it is: a person has to look.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from goodword.actions.deeds import Actor, note, require
from goodword.actions.drain import lane_held
from goodword.actions.importing import decide_all
from goodword.actions.importing_again import ACT_SOURCE, undo_id
from goodword.actions.opening import Chain, ClientRow
from goodword.actions.permissions import May
from goodword.core.events import attributes_in, canonical_body, encode_facts
from goodword.core.ledger import OPENING, payable_account
from goodword.core.referral import STANDING, Referral
from goodword.errors import BadInput, NotFound
from goodword.store.recompute import with_attributes
from goodword.store.sql import log, people, runs, undoing
from goodword.store.sql.log import LogRow
from goodword.store.sql.undoing import Brought, EndedRun

WITHIN = timedelta(days=30)
_LEFT = frozenset({"sent", "clawed_back", "written_off"})
_APPEND_ROWS = 1000


class Plan(msgspec.Struct, frozen=True):
    """What an undo would touch, and why it may not be done."""

    run: EndedRun
    rows: dict[str, int]
    already: int  # rows that an undo took back before
    referrals: int
    standing: dict[str, int]  # rewards of these referrals that stand now, by state
    decided_by_people: int
    hindered: tuple[str, str] | None = None


class Undone(msgspec.Struct, frozen=True):
    """What was done: rows taken back, and those that could not be, by the reason."""

    plan: Plan
    withdrawn: int
    kept: dict[str, int]


def plan(chain: Chain, client: ClientRow, wanted: str, *, now: datetime) -> Plan:
    """What an undo of that import would touch."""
    run = _run(chain, client, wanted)
    return _plan(chain, client, run, list(undoing.brought_by(chain.conn, client.id, run)), now)


def undo(chain: Chain, client: ClientRow, actor: Actor, wanted: str, *, now: datetime) -> Undone:
    """Take an import back. Cut short, it is done again and goes on where it stopped."""
    require(actor, May.IMPORT)
    run = _run(chain, client, wanted)
    runs.require_none_open(chain.conn, client.id)
    with lane_held(chain.conn, client.id, wait=True):
        decide_all(chain, client.id, now=now)
        brought = list(undoing.brought_by(chain.conn, client.id, run))
        planned = _plan(chain, client, run, brought, now)
        if planned.hindered:
            raise BadInput(f"The import {run.name} cannot be undone.", *planned.hindered)
        present = max(runs.business_now(chain.conn, client.id, now), runs.lane_clock(chain.conn, client.id)[0] or now)
        ids: list[str] = []
        before = _known_before(chain, client, run, brought)
        for start in range(0, len(brought), _APPEND_ROWS):
            rows = [_counter(chain, client, one, before, present, now) for one in brought[start : start + _APPEND_ROWS]]
            log.append(chain.conn, rows)
            ids += [row.event.id for row in rows]
        decide_all(chain, client.id, now=now)
        kept = _refused(chain, client, ids)
        with chain.conn.transaction():
            runs.close(chain.conn, client.id, run.id, "undone", now)
            told = {"rows": len(brought), "kept": sum(kept.values())}
            note(chain.conn, chain.keys(client.id), actor, "import.undo", "import_run", run.id, at=now, after=told)
    return Undone(planned, len(brought) - sum(kept.values()), kept)


def _run(chain: Chain, client: ClientRow, wanted: str) -> EndedRun:
    begin = runs.begin_of_id(wanted)
    found = undoing.ended_run(chain.conn, client.id, begin) if begin else None
    if found is None:
        known = [f"imp_{id_[:12]} ({kind}, {file}, {at:%Y-%m-%d %H:%M}Z)" for id_, kind, file, at in
                 undoing.recent_runs(chain.conn, client.id)]  # fmt: skip
        raise NotFound(
            f"{wanted} does not name an import of {client.slug}.",
            f"The latest are: {'; '.join(known)}." if known else "Nothing was imported yet.",
            "`goodword import` says the id when it is done.",
        )
    return found


def _plan(chain: Chain, client: ClientRow, run: EndedRun, brought: list[Brought], now: datetime) -> Plan:
    gone = undoing.withdrawn_events(chain.conn, client.id) if brought else set()
    ids = [one.event.id for one in brought]
    touched = undoing.referrals_of(chain.conn, client.id, ids) if ids else []
    standing = Counter(reward.state for one in touched for reward in one.rewards if reward.state in STANDING)
    return Plan(
        run,
        dict(sorted(Counter(one.event.type for one in brought).items())),
        sum(1 for id_ in ids if id_ in gone),
        len(touched),
        dict(sorted(standing.items())),
        sum(1 for one in touched if one.claim("review")),
        _hindrance(chain, client, run, brought, touched, now),
    )


def _hindrance(
    chain: Chain, client: ClientRow, run: EndedRun, brought: list[Brought], touched: list[Referral], now: datetime
) -> tuple[str, str] | None:
    """The ladder of refusals: (why, what can be done instead)."""
    if run.state == "undone":
        return "It was undone already.", "Nothing is left to do."
    if run.state not in ("done", "abandoned"):
        return f"It is {run.state.replace('_', ' ')}.", "Finish it, or give it up, first."
    if now - run.started_at > WITHIN:
        days = f"{WITHIN.days} days"
        return f"It is older than {days}.", "Too much was built on it: correct single facts by events of their own."
    left = [reward for one in touched for reward in one.rewards if reward.state in _LEFT]
    here = [reward for reward in left if reward.source != OPENING]
    if here:
        return (
            f"Money left: {len(here)} rewards that follow from it were sent.",
            "Correct single facts by events of their own.",
        )
    if run.kind not in ("rewards", "balances") and left:
        return f"{len(left)} rewards that were brought in stand on it.", "Undo the import of the rewards first."
    if run.kind == "balances" and (spent := _spent(chain, client, brought)):
        return f"Money left: {spent} of its balances were spent in part or whole.", "Correct them one by one."
    return None


def _spent(chain: Chain, client: ClientRow, brought: list[Brought]) -> int:
    accounts: dict[str, tuple[str, int]] = {}
    for one in brought:
        act = one.event.act
        if act.get("kind") != "owed" and isinstance(act.get("asset"), str) and isinstance(act.get("amount_minor"), int):
            for party in people.parties_of(chain.conn, client.id, [one.event.ids[0]])[:1]:
                accounts[payable_account(party)] = (act["asset"], act["amount_minor"])
    return undoing.spent_of(chain.conn, client.id, accounts)


_Dates = dict[tuple[str, str], dict[str, Any]]


def _known_before(chain: Chain, client: ClientRow, run: EndedRun, brought: Iterable[Brought]) -> _Dates:
    """Since when each person was known, and when they last bought, as the rows that stay say it."""
    if run.kind != "people":
        return {}
    taken = {one.event.id for one in brought} | undoing.withdrawn_events(chain.conn, client.id)
    wanted = {pair for one in brought for pair in one.event.ids}
    found: _Dates = {}
    for event in undoing.known_rows(chain.conn, client.id):
        if event.id not in taken and wanted.intersection(event.ids):
            dates = {"known_since": event.act.get("joined_at"), "purchased_at": event.act.get("purchased_at")}
            for pair in event.ids:
                found[pair] = found.get(pair, {}) | {name: at for name, at in dates.items() if at}
    return found


def _counter(chain: Chain, client: ClientRow, one: Brought, before: _Dates, present: datetime, now: datetime) -> LogRow:
    """The act that takes a row back. It repeats the tokens that the row named, so that whoever it concerns is found."""
    event, keys = one.event, chain.keys(client.id)
    act: dict[str, Any] = event.act | {"event": event.id, "type": event.type}
    if event.type == "known":
        dates = [before[pair] for pair in event.ids if pair in before]
        act = {"event": event.id, "type": event.type, "valid_from": event.at.isoformat()}
        act |= dates[0] if dates else {}
        act |= {"attributes": sorted(_attributes(chain, client, one))}
    wire = {"id": f"undo-{event.id}", "type": "withdrawn", "at": present.isoformat(), "act": act}
    counter = msgspec.structs.replace(
        event,
        id=undo_id(keys, event.id),
        type="withdrawn",
        at=present,
        source=ACT_SOURCE,
        data={},
        act=act,
        has_attributes=False,
        attributes={},
    )
    raw = msgspec.json.encode(wire)
    key_id, sealed = keys.seal_intake(counter.id, now.strftime("%Y-%m"), raw)
    body_hash = keys.body_hash(canonical_body({"id": wire["id"], "type": "withdrawn"}))
    return LogRow(client.id, counter, body_hash, key_id, sealed, now, encode_facts(counter))


def _attributes(chain: Chain, client: ClientRow, one: Brought) -> list[str]:
    if not one.event.has_attributes or one.sealed is None:
        return []
    if one.party is None:
        raw = chain.keys(client.id).open_intake(one.event.id, one.key_id or "", one.sealed)
        return list(attributes_in(raw))
    keys = chain.vault.person_keys(chain.conn, client.id, [one.party], create=False)
    full = with_attributes(one.event, chain.vault, client.id, keys.get(one.party), one.key_id or "", one.sealed)
    return list(full.attributes)


def _refused(chain: Chain, client: ClientRow, ids: list[str]) -> dict[str, int]:
    rows = chain.conn.execute(
        "SELECT d.body::json->'reasons'->0->>'value' FROM unnest(%s::uuid[]) AS q(id) JOIN decision d"
        " ON d.client_id = %s::uuid AND d.event_id = q.id WHERE d.verdict = 'act_refused'",
        (ids, client.id),
    ).fetchall()
    return dict(Counter(row[0] for row in rows))
