"""What stands after a batch? Programs, codes, referrals, rewards, balances, counters and daily sums, brought to where it left them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from goodword.core.events import ident
from goodword.core.referral import Referral, Reward
from goodword.core.situation import Situation
from goodword.store import figures, recount
from goodword.store.book import Book
from goodword.store.decided import Decided, account_id
from goodword.store.sql.bulk import Bulk
from goodword.store.sql.connect import array_literal
from goodword.store.wording import PUBLISHED, keep, published_with

_encode = msgspec.json.Encoder().encode


def publications(bulk: Bulk, batch: Sequence[Decided], book: Book, now: datetime) -> None:
    """Versions that went live; the one before is retired for new touches and keeps its promises."""
    for one in batch:
        if one.decision.publication is None:
            continue
        terms, document = one.decision.publication.terms, one.decision.publication.document
        program_id = book.programs.setdefault(terms.program, ident("program", terms.program))
        bulk.conn.execute(
            "INSERT INTO program (client_id, id, slug, name, created_at) VALUES (%s::uuid, %s::uuid, %s, %s, %s)"
            " ON CONFLICT (client_id, id) DO UPDATE SET name = excluded.name",
            (bulk.client_id, program_id, terms.program, terms.name, now),
        )
        bulk.conn.execute(
            "UPDATE program_version SET state = 'retired', live_until = %s WHERE client_id = %s::uuid AND program_id = %s::uuid"
            " AND state = 'live' AND number <> %s",
            (terms.live_from, bulk.client_id, program_id, terms.version),
        )
        bulk.conn.execute(
            "INSERT INTO program_version (client_id, id, program_id, number, state, document, terms_hash, live_from, published_at)"
            " VALUES (%s::uuid, %s::uuid, %s::uuid, %s, 'live', %s, %s, %s, %s) ON CONFLICT (client_id, program_id, number)"
            " DO UPDATE SET state = 'live', live_from = excluded.live_from, published_at = excluded.published_at",
            (
                bulk.client_id,
                ident("version", program_id, str(terms.version)),
                program_id,
                terms.version,
                _encode(document).decode(),
                terms.hash,
                terms.live_from,
                now,
            ),
        )
        wording = published_with(bulk.conn, bulk.client_id, terms, one.event.act if one.event else None)
        keep(bulk.conn, bulk.client_id, program_id, terms.version, PUBLISHED, document, wording, at=now)
        if terms.contracts:  # the room of creators is open from then on
            bulk.conn.execute(
                "UPDATE client SET has_creators = true WHERE id = %s::uuid AND NOT has_creators", (bulk.client_id,)
            )
    codes = {code.code: code for one in batch for code in one.decision.codes}
    bulk.put(
        "code",
        "client_id, code",
        {
            "code": "text",
            "program_id": "uuid",
            "party_id": "uuid",
            "created_at": "timestamptz",
            "ended_at": "timestamptz",
        },
        ((c.code, book.programs.get(c.program or ""), c.party, now, c.ended_at) for c in codes.values()),
        "UPDATE SET program_id = excluded.program_id, party_id = excluded.party_id, ended_at = excluded.ended_at",
    )
    if codes or any(one.decision.publication for one in batch):
        bulk.conn.execute("UPDATE lane SET version = version + 1 WHERE client_id = %s::uuid", (bulk.client_id,))


def stops(bulk: Bulk, batch: Sequence[Decided], book: Book) -> None:
    """Programs that were stopped, and their versions so far: the first stop of a version stands."""
    for stop in (one.decision.stop for one in batch if one.decision.stop is not None):
        bulk.conn.execute(
            "UPDATE program_version SET stopped_at = least(stopped_at, %s) WHERE client_id = %s::uuid AND program_id = %s::uuid"
            " AND state IN ('live', 'retired')",
            (stop.at, bulk.client_id, book.programs[stop.program]),
        )
        bulk.conn.execute(
            "UPDATE program SET stopped_at = %s, stopped_version = %s WHERE client_id = %s::uuid AND id = %s::uuid",
            (stop.at, stop.version, bulk.client_id, book.programs[stop.program]),
        )


def switches(bulk: Bulk, batch: Sequence[Decided], book: Book) -> None:
    """Signals that were switched off or on; the last switch of the batch stands."""
    last = {
        (switch.program, switch.signal): (switch, one.decision.clock)
        for one in batch
        if (switch := one.decision.switch) is not None
    }
    columns = {"program_id": "uuid", "signal": "text", "is_off": "boolean", "why": "text", "at": "timestamptz"}
    rows = [(book.programs[s.program], s.signal, s.is_off, s.why, clock) for s, clock in last.values()]
    bulk.put("signal_switch", "client_id, program_id, signal", columns, rows)


_REFERRAL = {
    "id": "uuid",
    "program_id": "uuid",
    "friend_id": "uuid",
    "advocate_id": "uuid",
    "subject": "text",
    "method": "text",
    "code": "text",
    "touch_at": "timestamptz",
    "bound_at": "timestamptz",
    "version": "int",
    "state": "text",
    "state_at": "timestamptz",
    "next_due_at": "timestamptz",
    "waits_on": "uuid[]",
    "body": "text",
    "decision_seq": "bigint",
    "created_at": "timestamptz",
    "points": "int",
    "signals": "text[]",
    "without": "text[]",
    "kind": "text",
}
_REWARD = {
    "id": "uuid",
    "referral_id": "uuid",
    "program_id": "uuid",
    "payee_id": "uuid",
    "role": "text",
    "promise": "text",
    "kind": "text",
    "asset": "text",
    "amount_minor": "bigint",
    "state": "text",
    "due_at": "timestamptz",
    "granted_at": "timestamptz",
    "state_at": "timestamptz",
}


def referrals(bulk: Bulk, situation: Situation, batch: Sequence[Decided], book: Book, first_seq: int) -> None:
    """Referrals and rewards as the last decision of the batch left them."""
    last: dict[str, int] = {}
    for n, one in enumerate(batch):
        last |= {referral.id: first_seq + n for referral in one.decision.referrals}
        if one.decision.due and one.decision.due in situation.referrals:
            last[one.decision.due] = first_seq + n
    changed = [situation.referrals[id_] for id_ in last]
    bulk.put("referral", "client_id, id", _REFERRAL, (_referral_row(r, book, last[r.id]) for r in changed))
    bulk.put("reward", "client_id, id", _REWARD, (_reward_row(w, r, book) for r in changed for w in r.rewards))


def _referral_row(r: Referral, book: Book, decision_seq: int) -> tuple[Any, ...]:
    program, waits_on = book.programs[r.program], array_literal(r.waits_on) if r.waits_on else None
    binding = (r.method, r.code, r.touch_at, r.bound_at, r.version)
    standing = (r.state, r.state_at, r.next_due_at, waits_on, _encode(r).decode())
    whose = (r.id, program, r.friend, r.advocate, r.subject)
    return (*whose, *binding, *standing, decision_seq, r.created_at, *_screening_row(r), r.kind)


def _screening_row(r: Referral) -> tuple[int | None, str | None, str | None]:
    """What was found, for the queue of reviews and for cases like it: points, signals, and those that do not count."""
    claim = r.claim("screening")
    if claim is None or not claim.findings:
        return (
            (0 if r.state == "held" else None),
            None,
            None,
        )  # held by an open dispute, it stands at the end of the queue
    signals = tuple(dict.fromkeys(finding.signal for finding in claim.findings))
    return claim.value, array_literal(signals), array_literal(claim.without) if claim.without else None


def _reward_row(w: Reward, r: Referral, book: Book) -> tuple[Any, ...]:
    whose = (w.id, r.id, book.programs[r.program], w.payee, w.to, w.promise)
    return (*whose, w.kind, w.asset, w.amount_minor, w.state, w.due_at, w.granted_at, w.state_at)


def money(bulk: Bulk, situation: Situation, batch: Sequence[Decided]) -> None:
    """Balances and counters: the lane is held by one worker, so the folded values are the values."""
    touched = {
        (name, entry.asset): situation.accounts[(name, entry.asset)]
        for one in batch
        for entry in one.decision.entries
        for name in (entry.source, entry.destination)
    }
    for one in batch:
        if one.decision.publication:
            terms = one.decision.publication.terms
            for currency in terms.currencies:
                key = (f"budget:{terms.program}", currency)
                touched[key] = situation.accounts[key]
    columns = {"id": "uuid", "name": "text", "asset": "text", "floor_minor": "bigint", "posted_minor": "bigint"}
    columns |= {"pending_out_minor": "bigint", "pending_in_minor": "bigint"}
    bulk.put(
        "account",
        "client_id, id",
        columns,
        (
            (
                account_id(name, asset),
                name,
                asset,
                b.floor_minor,
                b.posted_minor,
                b.pending_out_minor,
                b.pending_in_minor,
            )
            for (name, asset), b in touched.items()
        ),
    )
    keys = {key for one in batch for key, _, _ in one.decision.counters}
    bulk.put(
        "counter",
        "client_id, key",
        {"key": "text", "n": "bigint", "amount_minor": "bigint"},
        ((key, *situation.counters[key]) for key in keys),
    )


def rollups(bulk: Bulk, batch: Sequence[Decided], book: Book, before: dict[str, Referral], zone: ZoneInfo) -> None:
    """Per program and day: states that referrals reached, entries by reason, and how everything stands now (`figures`).

    The two former are kept by the day of UTC, the latter by those of `zone`.
    """
    sums: dict[tuple[str, Any, str, str], list[int]] = {}

    def add(program_id: str, day: Any, metric: str, asset: str, minor: int, n: int = 1) -> None:
        known = sums.setdefault((program_id, day, metric, asset), [0, 0])
        known[0] += n
        known[1] += minor

    known = dict(before)
    for one in batch:
        day = one.decision.clock.date()
        if one.logged is not None and one.logged.type in figures.COUNTED_EVENTS:
            add(figures.NOWHERE, figures.day_of(one.logged.at, zone), f"event:{one.logged.type}", "", 0)
        programs = {referral.id: book.programs[referral.program] for referral in one.decision.referrals}
        for referral in one.decision.referrals:
            _counted_anew(add, book, known.get(referral.id), referral, day, zone)
            known[referral.id] = referral
        for entry in one.decision.entries:
            program_id = programs.get(entry.referral or "") or book.programs.get(entry.referral or "")
            if program_id:
                add(program_id, day, f"entry:{entry.reason}:{entry.phase}", entry.asset, entry.amount_minor)
            if owed := figures.of_entry(entry, figures.day_of(one.decision.clock, zone)):
                add(program_id or figures.NOWHERE, owed.day, owed.metric, owed.asset, owed.amount_minor, owed.n)
    bulk.put(
        "rollup",
        recount.KEY,
        recount.COLUMNS,
        ((*key, n, minor) for key, (n, minor) in sums.items()),
        "UPDATE SET n = rollup.n + excluded.n, amount_minor = rollup.amount_minor + excluded.amount_minor",
    )


def _counted_anew(
    add: Callable[..., None], book: Book, was: Referral | None, now: Referral, day: Any, zone: ZoneInfo
) -> None:
    """Take out what a referral said before, put in what it says now; a state that it reached is counted at this day.

    Sums that come to nothing are written all the same: the rows must not depend on how decisions were put into batches.
    """
    program_id = book.programs[now.program]
    if was is None and not now.is_record:
        add(program_id, day, "referral", "", 0)
    if (was is None or was.state != now.state) and not now.is_record:
        add(program_id, day, f"state:{now.state}", "", 0)
    before, after = figures.of_referral(was, zone) if was else (), figures.of_referral(now, zone)
    if before == after:
        return
    if was:
        for one in before:
            add(book.programs[was.program], one.day, one.metric, one.asset, -one.amount_minor, -one.n)
    for one in after:
        add(program_id, one.day, one.metric, one.asset, one.amount_minor, one.n)
