"""How does a decision become rows? Everything that follows from a batch of events in ONE transaction, by bulk statements.

Decisions, entries, trails and leaves are added; referrals, rewards, balances, counters and rollups are brought to where the
decisions left them; the lane's cursor moves in the same commit. Each statement names the client, for the engine sees all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
import psycopg

from goodword.core import proof
from goodword.core.decide import fingerprint
from goodword.core.events import Event, encode_facts, ident, personal_in
from goodword.core.reasons import Reason, verdict
from goodword.core.referral import Referral
from goodword.core.situation import Decision, Situation
from goodword.store.load import Book, attribute_row
from goodword.store.sql.connect import array_literal, copy_rows
from goodword.store.sql.log import LoggedEvent
from goodword.store.sql.seal import write_leaves
from goodword.store.sql.vault import Vault

DECIDED_CHANNEL = "goodword_decided"
TELLING = frozenset(
    {"signup", "update", "known"}
)  # events that say who somebody is; others do so only for a new person

_encode = msgspec.json.Encoder().encode


class Decided(msgspec.Struct, frozen=True):
    """One decision with the log row that caused it (None for a due moment) and, where it was opened, its body."""

    decision: Decision
    logged: LoggedEvent | None
    event: Event | None
    raw: bytes | None


class StoredDecision(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of a decision row: reasons, where its referrals stand now, and the fingerprint a replay must come to."""

    reasons: tuple[Reason, ...] = ()
    referrals: tuple[tuple[str, str], ...] = ()  # (referral, state)
    entries: int = 0
    party: str | None = None
    fingerprint: str = ""


def record(
    conn: psycopg.Connection[Any],
    vault: Vault,
    client_id: str,
    book: Book,
    situation: Situation,
    before: dict[str, Referral],
    batch: Sequence[Decided],
    first_seq: int,
    now: datetime,
) -> int:
    """Write everything that follows from the batch; returns the number of the last decision. The caller commits."""
    writer = _Writer(conn, client_id, situation, now)
    with conn.cursor() as cursor:
        writer.people(batch)
        writer.bodies(vault, batch)
        writer.publications(batch, book)
        decisions = writer.decisions(cursor, batch, first_seq)
        entries = writer.entries(cursor, batch, first_seq)
        writer.trails(batch)
        writer.referrals(batch, book, first_seq)
        writer.money(batch)
        writer.rollups(batch, book, before)
        writer.outbox(cursor, batch)
    leaves = [_event_leaf(one.logged) for one in batch if one.logged is not None]
    leaves += decisions + entries
    write_leaves(conn, client_id, first_seq + len(batch) - 1, leaves)
    return first_seq + len(batch) - 1


def _event_leaf(logged: LoggedEvent) -> tuple[proof.LeafKind, str, bytes]:
    content = proof.event_leaf(
        logged.client_id,
        logged.id,
        logged.received_at,
        logged.seq,
        logged.at,
        logged.source,
        logged.type,
        logged.body_hash,
        logged.facts,
    )
    return ("event", logged.id, proof.leaf_hash(content))


def account_id(name: str, asset: str) -> str:
    """Row id of an account."""
    return ident("account", name, asset)


class _Writer:
    """The bulk statements of one batch."""

    def __init__(self, conn: psycopg.Connection[Any], client_id: str, situation: Situation, now: datetime) -> None:
        self.conn = conn
        self.client_id = client_id
        self.situation = situation
        self.now = now

    def put(
        self, table: str, key: str, columns: dict[str, str], rows: Iterable[Sequence[Any]], on_conflict: str = ""
    ) -> None:
        """Insert rows by arrays; `columns` maps names to types. On conflict: update all, or what `on_conflict` says."""
        listed = list(rows)
        if not listed:
            return
        names = ", ".join(columns)
        taken = ", ".join(f"{name}::{type_}" if type_.endswith("[]") else name for name, type_ in columns.items())
        arrays = ", ".join("%s::text[]" if type_.endswith("[]") else f"%s::{type_}[]" for type_ in columns.values())
        keys = {part.strip() for part in key.split(",")}
        changed = on_conflict or "UPDATE SET " + ", ".join(
            f"{name} = excluded.{name}" for name in columns if name not in keys
        )
        self.conn.execute(
            f"INSERT INTO {table} (client_id, {names}) SELECT %s::uuid, {taken} FROM unnest({arrays}) AS new({names})"
            f" ON CONFLICT ({key}) DO {changed}",
            [self.client_id, *(array_literal(column) for column in zip(*listed, strict=True))],
        )

    # -- who ---------------------------------------------------------------------------------------------------------

    def people(self, batch: Sequence[Decided]) -> None:
        """Parties, what is theirs, and codes."""
        parties = {party.id: party for one in batch for party in one.decision.parties}
        self.put(
            "party",
            "client_id, id",
            {
                "id": "uuid",
                "kind": "text",
                "created_at": "timestamptz",
                "known_since": "timestamptz",
                "purchased_at": "timestamptz",
            }
            | {"organization_id": "uuid", "erased_at": "timestamptz"},
            (
                (
                    p.id,
                    "person",
                    self.now,
                    p.known_since,
                    p.purchased_at,
                    p.organization,
                    self.now if p.erased else None,
                )
                for p in parties.values()
            ),
            "UPDATE SET known_since = excluded.known_since, purchased_at = excluded.purchased_at,"
            " organization_id = excluded.organization_id, erased_at = coalesce(party.erased_at, excluded.erased_at)",
        )
        owners = {(o.kind, o.token, o.party): o for one in batch for o in one.decision.owners}
        self.put(
            "identifier",
            "client_id, kind, token, party_id",
            {"kind": "text", "token": "uuid", "party_id": "uuid", "since": "timestamptz"},
            (
                (o.kind, o.token, o.party, self.situation.owners[(o.kind, o.token)].get(o.party, o.since))
                for o in owners.values()
            ),
            "UPDATE SET since = excluded.since WHERE excluded.since < identifier.since",
        )
        traits = {(t.kind, t.token, t.party): t for one in batch for t in one.decision.traits}
        self.put(
            "trait",
            "client_id, kind, token, party_id",
            {"kind": "text", "token": "uuid", "party_id": "uuid", "first_at": "timestamptz"},
            ((t.kind, t.token, t.party, t.first_at) for t in traits.values()),
            "NOTHING",
        )

    # -- what is personal ----------------------------------------------------------------------------------------------

    def bodies(self, vault: Vault, batch: Sequence[Decided]) -> None:
        """Bodies of events whose person is known move under the person's key, with the fields and attributes they carry."""
        own = [(one.decision.party, one.event, one) for one in batch if one.decision.party and one.event is not None]
        keys = vault.person_keys(self.conn, self.client_id, {party for party, _, _ in own})
        bodies: list[tuple[str, str, bytes]] = []
        fields: dict[tuple[str, str], bytes] = {}
        values: dict[tuple[str, str, datetime], bytes] = {}
        for party, event, one in own:
            key = keys.get(party)
            if key is None:
                continue  # erased: nothing personal is written again
            if one.raw is not None:
                bodies.append((event.id, party, key.seal("event_body", "raw", event.id, one.raw)))
                if one.decision.parties or event.type in TELLING:
                    for field, value in personal_in(one.raw).items():
                        fields[(party, field)] = key.seal("personal", field, party, _encode(value))
            for fact in one.decision.attributes:
                row = attribute_row(fact.party, fact.name, fact.valid_from)
                values[(fact.party, fact.name, fact.valid_from)] = key.seal(
                    "attribute", fact.name, row, _encode(fact.value)
                )
        if bodies:
            self.conn.execute(
                "UPDATE event_body b SET key_id = n.party, party_id = n.party, sealed = n.sealed"
                " FROM unnest(%s::uuid[], %s::uuid[], %s::bytea[]) AS n(id, party, sealed) WHERE b.client_id ="
                " %s::uuid AND b.id = n.id",
                (*(array_literal(column) for column in zip(*bodies, strict=True)), self.client_id),
            )
        self.put(
            "personal",
            "client_id, party_id, field",
            {"party_id": "uuid", "field": "text", "sealed": "bytea", "updated_at": "timestamptz"},
            ((party, field, sealed, self.now) for (party, field), sealed in fields.items()),
        )
        self.put(
            "attribute",
            "client_id, party_id, name, valid_from",
            {"party_id": "uuid", "name": "text", "valid_from": "timestamptz", "value_sealed": "bytea"},
            ((*key, sealed) for key, sealed in values.items()),
        )

    # -- what is promised ----------------------------------------------------------------------------------------------

    def publications(self, batch: Sequence[Decided], book: Book) -> None:
        """Versions that went live; the one before is retired for new touches and keeps its promises."""
        for one in batch:
            if one.decision.publication is None:
                continue
            terms, document = one.decision.publication.terms, one.decision.publication.document
            program_id = book.programs.setdefault(terms.program, ident("program", terms.program))
            self.conn.execute(
                "INSERT INTO program (client_id, id, slug, name, created_at) VALUES (%s::uuid, %s::uuid, %s, %s, %s)"
                " ON CONFLICT (client_id, id) DO UPDATE SET name = excluded.name",
                (self.client_id, program_id, terms.program, terms.name, self.now),
            )
            self.conn.execute(
                "UPDATE program_version SET state = 'retired', live_until = %s WHERE client_id = %s::uuid AND program_id = %s::uuid"
                " AND state = 'live' AND number <> %s",
                (terms.live_from, self.client_id, program_id, terms.version),
            )
            self.conn.execute(
                "INSERT INTO program_version (client_id, id, program_id, number, state, document, terms_hash, live_from, published_at)"
                " VALUES (%s::uuid, %s::uuid, %s::uuid, %s, 'live', %s, %s, %s, %s) ON CONFLICT (client_id, program_id, number)"
                " DO UPDATE SET state = 'live', live_from = excluded.live_from, published_at = excluded.published_at",
                (
                    self.client_id,
                    ident("version", program_id, str(terms.version)),
                    program_id,
                    terms.version,
                    _encode(document).decode(),
                    terms.hash,
                    terms.live_from,
                    self.now,
                ),
            )
        codes = {code.code: code for one in batch for code in one.decision.codes}
        self.put(
            "code",
            "client_id, code",
            {
                "code": "text",
                "program_id": "uuid",
                "party_id": "uuid",
                "created_at": "timestamptz",
                "ended_at": "timestamptz",
            },
            ((c.code, book.programs.get(c.program or ""), c.party, self.now, c.ended_at) for c in codes.values()),
            "UPDATE SET program_id = excluded.program_id, party_id = excluded.party_id, ended_at = excluded.ended_at",
        )
        if codes or any(one.decision.publication for one in batch):
            self.conn.execute("UPDATE lane SET version = version + 1 WHERE client_id = %s::uuid", (self.client_id,))

    # -- what was decided --------------------------------------------------------------------------------------------

    def decisions(
        self, cursor: Any, batch: Sequence[Decided], first_seq: int
    ) -> list[tuple[proof.LeafKind, str, bytes]]:
        rows: list[tuple[Any, ...]] = []
        leaves: list[tuple[proof.LeafKind, str, bytes]] = []
        for n, one in enumerate(batch):
            decision = one.decision
            main = verdict(decision.reasons)
            referral = decision.due or (decision.referrals[0].id if decision.referrals else None)
            body = StoredDecision(
                decision.reasons,
                tuple((known.id, known.state) for known in decision.referrals),
                len(decision.entries),
                decision.party,
                fingerprint(decision),
            )
            row = (
                self.client_id,
                decision.id,
                first_seq + n,
                decision.event,
                "due" if decision.cause == "due" else "event",
                referral,
                decision.clock,
                self.now,
                main.code if main else "recorded",
                _encode(body).decode(),
            )
            rows.append(row)
            leaves.append(("decision", decision.id, proof.leaf_hash(proof.decision_leaf(*row))))
        columns = (
            "client_id",
            "id",
            "seq",
            "event_id",
            "cause",
            "referral_id",
            "clock",
            "decided_at",
            "verdict",
            "body",
        )
        copy_rows(cursor, "decision", columns, rows)
        return leaves

    def entries(self, cursor: Any, batch: Sequence[Decided], first_seq: int) -> list[tuple[proof.LeafKind, str, bytes]]:
        """Entries in the order in which they were booked; their number is that of the decision and their place in it."""
        rows: list[tuple[Any, ...]] = []
        leaves: list[tuple[proof.LeafKind, str, bytes]] = []
        for n, one in enumerate(batch):
            for m, entry in enumerate(one.decision.entries):
                row = (
                    self.client_id,
                    entry.id,
                    (first_seq + n) * 1000 + m,
                    one.decision.id,
                    account_id(entry.source, entry.asset),
                    account_id(entry.destination, entry.asset),
                    entry.asset,
                    entry.amount_minor,
                    entry.phase,
                    entry.of,
                    entry.reason,
                    entry.at,
                    self.now,
                    entry.referral if entry.referral in self.situation.referrals else None,
                    entry.reward,
                )
                rows.append(row)
                leaves.append(("entry", entry.id, proof.leaf_hash(proof.entry_leaf(*row))))
        columns = (
            "client_id",
            "id",
            "seq",
            "decision_id",
            "source_id",
            "destination_id",
            "asset",
            "amount_minor",
            "phase",
            "of_id",
        )
        copy_rows(cursor, "entry", (*columns, "reason", "at", "recorded_at", "referral_id", "reward_id"), rows)
        return leaves

    def trails(self, batch: Sequence[Decided]) -> None:
        rows = {
            (owner, one.event.id): (owner, one.event.id, one.event.at, encode_facts(one.event).decode())
            for one in batch
            if one.event is not None
            for owner in one.decision.trail
        }
        columns = {"owner": "uuid", "event_id": "uuid", "at": "timestamptz", "facts": "text"}
        self.put("trail", "client_id, owner, event_id", columns, rows.values(), "NOTHING")

    def referrals(self, batch: Sequence[Decided], book: Book, first_seq: int) -> None:
        """Referrals and rewards as the last decision of the batch left them."""
        last = {referral.id: first_seq + n for n, one in enumerate(batch) for referral in one.decision.referrals}
        last |= {
            one.decision.due: first_seq + n
            for n, one in enumerate(batch)
            if one.decision.due and one.decision.due not in last
        }
        changed = [self.situation.referrals[id_] for id_ in last]
        columns = {
            "id": "uuid",
            "program_id": "uuid",
            "friend_id": "uuid",
            "advocate_id": "uuid",
            "subject": "text",
            "method": "text",
        }
        columns |= {
            "code": "text",
            "touch_at": "timestamptz",
            "bound_at": "timestamptz",
            "version": "int",
            "state": "text",
        }
        columns |= {"state_at": "timestamptz", "next_due_at": "timestamptz", "waits_on": "uuid[]", "body": "text"}
        columns |= {"decision_seq": "bigint", "created_at": "timestamptz"}
        self.put(
            "referral",
            "client_id, id",
            columns,
            (
                (
                    r.id,
                    book.programs[r.program],
                    r.friend,
                    r.advocate,
                    r.subject,
                    r.method,
                    r.code,
                    r.touch_at,
                    r.bound_at,
                    r.version,
                    r.state,
                    r.state_at,
                    r.next_due_at,
                    array_literal(r.waits_on) if r.waits_on else None,
                    _encode(r).decode(),
                    last[r.id],
                    r.created_at,
                )
                for r in changed
            ),
        )
        columns = {
            "id": "uuid",
            "referral_id": "uuid",
            "program_id": "uuid",
            "payee_id": "uuid",
            "role": "text",
            "promise": "text",
        }
        columns |= {"kind": "text", "asset": "text", "amount_minor": "bigint", "state": "text", "due_at": "timestamptz"}
        columns |= {"granted_at": "timestamptz", "state_at": "timestamptz"}
        self.put(
            "reward",
            "client_id, id",
            columns,
            (
                (
                    w.id,
                    r.id,
                    book.programs[r.program],
                    w.payee,
                    w.to,
                    w.promise,
                    w.kind,
                    w.asset,
                    w.amount_minor,
                    w.state,
                    w.due_at,
                    w.granted_at,
                    w.state_at,
                )
                for r in changed
                for w in r.rewards
            ),
        )

    # -- money and counts --------------------------------------------------------------------------------------------

    def money(self, batch: Sequence[Decided]) -> None:
        """Balances and counters: the lane is held by one worker, so the folded values are the values."""
        touched = {
            (name, entry.asset): self.situation.accounts[(name, entry.asset)]
            for one in batch
            for entry in one.decision.entries
            for name in (entry.source, entry.destination)
        }
        for one in batch:
            if one.decision.publication:
                terms = one.decision.publication.terms
                key = (f"budget:{terms.program}", terms.currency)
                touched[key] = self.situation.accounts[key]
        columns = {"id": "uuid", "name": "text", "asset": "text", "floor_minor": "bigint", "posted_minor": "bigint"}
        columns |= {"pending_out_minor": "bigint", "pending_in_minor": "bigint"}
        self.put(
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
        self.put(
            "counter",
            "client_id, key",
            {"key": "text", "n": "bigint", "amount_minor": "bigint"},
            ((key, *self.situation.counters[key]) for key in keys),
        )

    def rollups(self, batch: Sequence[Decided], book: Book, before: dict[str, Referral]) -> None:
        """Per program and day: referrals that reached a state for the first time or again, entries by reason with their sums."""
        sums: dict[tuple[str, Any, str, str], list[int]] = {}

        def add(program: str, day: Any, metric: str, asset: str, minor: int) -> None:
            known = sums.setdefault((book.programs[program], day, metric, asset), [0, 0])
            known[0] += 1
            known[1] += minor

        states = {id_: referral.state for id_, referral in before.items()}
        for one in batch:
            day = one.decision.clock.date()
            programs = {referral.id: referral.program for referral in one.decision.referrals}
            for referral in one.decision.referrals:
                if referral.id not in states:
                    add(referral.program, day, "referral", "", 0)
                if states.get(referral.id) != referral.state:
                    add(referral.program, day, f"state:{referral.state}", "", 0)
                states[referral.id] = referral.state
            for entry in one.decision.entries:
                program = programs.get(entry.referral or "") or (
                    entry.referral if entry.referral in book.programs else None
                )
                if program:
                    add(program, day, f"entry:{entry.reason}:{entry.phase}", entry.asset, entry.amount_minor)
        columns = {
            "program_id": "uuid",
            "day": "date",
            "metric": "text",
            "asset": "text",
            "n": "bigint",
            "amount_minor": "bigint",
        }
        self.put(
            "rollup",
            "client_id, program_id, day, metric, asset",
            columns,
            ((*key, n, minor) for key, (n, minor) in sums.items()),
            "UPDATE SET n = rollup.n + excluded.n, amount_minor = rollup.amount_minor + excluded.amount_minor",
        )

    def outbox(self, cursor: Any, batch: Sequence[Decided]) -> None:
        """Notices to deliver after the commit; an outbox id is a function of the decision and the place in it."""
        rows = [
            (
                self.client_id,
                ident("notice", one.decision.id, str(n)),
                notice.kind,
                _encode(notice).decode(),
                self.now,
                0,
                self.now,
            )
            for one in batch
            for n, notice in enumerate(one.decision.notices)
        ]
        copy_rows(cursor, "outbox", ("client_id", "id", "kind", "body", "created_at", "attempts", "next_at"), rows)
