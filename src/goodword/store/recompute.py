"""Do the stored decisions and balances follow from the log? Folds everything anew and names each row that differs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
import psycopg

from goodword.core.decide import decide, decide_due, fingerprint, fold
from goodword.core.events import Event, attributes_in, decode_facts
from goodword.core.kind import Shelves
from goodword.core.ledger import Accounts, Balance, Entry, LedgerError, apply, imbalance, payable_account
from goodword.core.reasons import verdict
from goodword.core.situation import Decision, Situation
from goodword.core.units import is_points
from goodword.core.wallet import Wallet
from goodword.store.decided import StoredDecision
from goodword.store.sql.ahead import ahead
from goodword.store.sql.connect import array_literal
from goodword.store.sql.vault import PersonKey, Vault

ROWS = 500

_decode_stored = msgspec.json.Decoder(StoredDecision).decode
_decode_wallet = msgspec.json.Decoder(Wallet).decode


class Difference(msgspec.Struct, frozen=True):
    """A decision that comes out otherwise today: its number and id, what was stored, what was recomputed."""

    seq: int
    id: str
    event: str | None
    stored: str
    recomputed: str


class Replay(msgspec.Struct):
    """The outcome of a replay. `from_stored` are decisions about erased persons, for which the stored verdict stands."""

    decisions: int = 0
    compared: int = 0
    from_stored: int = 0
    differences: list[Difference] = []

    @property
    def ok(self) -> bool:
        """Whether every decision came out as it was stored."""
        return not self.differences


def replay(
    conn: psycopg.Connection[Any], vault: Vault, client_id: str, shelves: Shelves, *, since: datetime | None = None
) -> Replay:
    """Decide the whole log of a client anew, in the order of the stored decisions; compare those from `since` on."""
    report = Replay(differences=[])
    situation = Situation(shelves)
    theirs = _theirs(conn, client_id, erased_parties(conn, client_id))
    for row in stored_rows(conn, vault, client_id):
        report.decisions += 1
        decision = _decided_anew(situation, row)
        if decision is not None:
            fold(situation, decision)
        if since is not None and row.clock < since:
            continue
        stored = _decode_stored(row.body)
        if decision is not None and fingerprint(decision) == stored.fingerprint:
            report.compared += 1
            continue
        if _concerns(row, stored, decision, situation, theirs):
            report.from_stored += 1
            continue
        report.compared += 1
        report.differences.append(_difference(row, stored, decision))
    return report


class StoredRow(msgspec.Struct):
    """A stored decision with the event it is about, as it was decided; none where a moment came or `is_nobodys`."""

    seq: int
    id: str
    cause: str
    referral: str | None
    clock: datetime
    body: str
    event: Event | None
    is_nobodys: bool = False  # a click that never turned out to be anybody's, left out as asked


def _decided_anew(situation: Situation, row: StoredRow) -> Decision | None:
    if row.cause == "moment":
        due = _decode_stored(row.body).due or ""
        return decide_due(due, situation, row.clock) if situation.due_at(due) else None
    if row.cause == "due":
        return decide_due(row.referral, situation, row.clock) if row.referral in situation.referrals else None
    return decide(row.event, situation, row.clock) if row.event is not None else None


def _difference(row: StoredRow, stored: StoredDecision, decision: Decision | None) -> Difference:
    if decision is None:
        return Difference(
            row.seq,
            row.id,
            row.event.id if row.event else None,
            _words(stored.reasons),
            "its event or referral is gone",
        )
    recomputed = _words(decision.reasons)
    before = _words(stored.reasons)
    if before == recomputed:
        before += f" {sorted(stored.referrals)} {stored.entries} entries"
        recomputed += f" {sorted((r.id, r.state) for r in decision.referrals)} {len(decision.entries)} entries"
    return Difference(row.seq, row.id, row.event.id if row.event else None, before, recomputed)


def _words(reasons: Any) -> str:
    main = verdict(reasons)
    return f"{main.code} ({main.value or '–'}, needed {main.needed or '–'})" if main else "nothing"


def _concerns(
    row: StoredRow, stored: StoredDecision, decision: Decision | None, situation: Situation, theirs: set[str]
) -> bool:
    """Whether it is about somebody or something of `theirs`: as it was stored, as it names it, or as it comes out today."""
    named = {stored.party, stored.due, row.referral, *(id_ for id_, _ in stored.referrals)}
    if row.event is not None:
        act = row.event.act
        named |= {act[name] for name in ("party", "referral", "reward") if isinstance(act.get(name), str)}
        named.add(situation.party_of(row.event.ids))
    for referral in decision.referrals if decision is not None else ():
        named |= {referral.id, referral.friend, referral.advocate}
    return not named.isdisjoint(theirs)


def _theirs(conn: psycopg.Connection[Any], client_id: str, erased: set[str]) -> set[str]:
    """The erased, whom they referred, and what hangs on them: referrals, their rewards, and wallets."""
    if not erased:
        return set()
    ids = {"client": client_id, "erased": array_literal(erased)}
    rows = conn.execute(
        "SELECT id, friend_id FROM referral WHERE client_id = %(client)s::uuid"
        " AND (friend_id = ANY(%(erased)s::uuid[]) OR advocate_id = ANY(%(erased)s::uuid[]))",
        ids,
    ).fetchall()
    referrals, people = {row[0] for row in rows}, erased | {row[1] for row in rows}
    hanging = conn.execute(
        "SELECT id FROM reward WHERE client_id = %(client)s::uuid AND referral_id = ANY(%(referrals)s::uuid[])"
        " UNION ALL SELECT id FROM wallet WHERE client_id = %(client)s::uuid AND holder_id = ANY(%(people)s::uuid[])",
        ids | {"referrals": array_literal(referrals), "people": array_literal(people)},
    ).fetchall()
    return referrals | people | {row[0] for row in hanging}


def erased_parties(conn: psycopg.Connection[Any], client_id: str) -> set[str]:
    """People who were forgotten: of them the log knows less than was decided with."""
    rows = conn.execute(
        "SELECT id FROM party WHERE client_id = %s::uuid AND erased_at IS NOT NULL", (client_id,)
    ).fetchall()
    return {row[0] for row in rows}


# A click that names nobody, by a browser that nobody ever turned out to use: no rule can make anything of it.
_NOBODYS = """
 e.type = 'click' AND e.facts NOT LIKE '%%"ids":%%' AND NOT EXISTS (
    SELECT FROM identifier i WHERE i.client_id = e.client_id AND i.kind IN ('visitor', 'click')
    AND i.token IN ((e.facts::json->>'visitor')::uuid, (e.facts::json->>'click')::uuid))
"""


def stored_rows(
    conn: psycopg.Connection[Any], vault: Vault, client_id: str, *, nobodys_clicks: bool = True
) -> Iterator[StoredRow]:
    """Stored decisions in order, each with its event as it was decided: facts of the log and the attributes of the body.

    Without `nobodys_clicks` a click that never turned out to be anybody's is only a moment that passed: its event is left out.
    """
    for page in ahead(_pages(conn, vault, client_id, nobodys_clicks)):
        yield from page


def _pages(
    conn: psycopg.Connection[Any], vault: Vault, client_id: str, nobodys_clicks: bool
) -> Iterator[list[StoredRow]]:
    after = 0
    wanted = "e.facts" if nobodys_clicks else f"CASE WHEN {_NOBODYS} THEN NULL ELSE e.facts END"
    while rows := conn.execute(
        f"SELECT d.seq, d.id, d.cause, d.referral_id, d.clock, d.body, {wanted}, b.party_id, b.key_id, b.sealed,"
        " e.id IS NOT NULL"
        " FROM (SELECT * FROM decision WHERE client_id = %(client)s::uuid AND seq > %(after)s ORDER BY seq LIMIT %(rows)s) d"
        " LEFT JOIN event e ON e.client_id = d.client_id AND e.id = d.event_id"
        " LEFT JOIN event_body b ON b.client_id = d.client_id AND b.id = d.event_id AND e.facts LIKE '%%\"has_attributes\":true%%'"
        " ORDER BY d.seq",
        {"client": client_id, "after": after, "rows": ROWS},
    ).fetchall():
        keys = vault.person_keys(conn, client_id, {row[7] for row in rows if row[7]}, create=False)
        page = []
        for seq, id_, cause, referral, clock, body, facts, party, key_id, sealed, is_logged in rows:
            event = decode_facts(facts) if facts else None
            if event is not None and event.has_attributes and sealed is not None:
                event = with_attributes(
                    event, vault, client_id, keys.get(party) if party else None, key_id, bytes(sealed)
                )
            page.append(StoredRow(seq, id_, cause, referral, clock, body, event, is_logged and event is None))
        after = rows[-1][0]
        yield page


def with_attributes(
    event: Event, vault: Vault, client_id: str, person: PersonKey | None, key_id: str, sealed: bytes
) -> Event:
    """The event with the attributes that its sealed body carries; as it is where the body is gone."""
    if person is not None:
        raw = person.open("event_body", "raw", event.id, sealed)
    elif key_id:
        try:
            raw = vault.open_client(client_id).open_intake(event.id, key_id, sealed)
        except ValueError:
            return event
    return msgspec.structs.replace(event, attributes=attributes_in(raw))


# -- the ledger --------------------------------------------------------------------------------------------------------


class LedgerReport(msgspec.Struct):
    """The outcome of a verification: entries folded, accounts compared, and a sentence for each thing that is wrong."""

    entries: int = 0
    accounts: int = 0
    rewards: int = 0
    faults: list[str] = []
    balances: dict[str, int] = {}

    @property
    def ok(self) -> bool:
        """Whether every entry, balance and reward agrees."""
        return not self.faults


def verify_ledger(conn: psycopg.Connection[Any], client_id: str) -> LedgerReport:
    """Fold all entries anew; compare with the stored balances and with what every reward says of itself."""
    report = LedgerReport(faults=[], balances={})
    stored = {
        id_: (name, asset, Balance(posted, out, into))
        for id_, name, asset, posted, out, into in conn.execute(
            "SELECT id, name, asset, posted_minor, pending_out_minor, pending_in_minor FROM account WHERE client_id = %s::uuid",
            (client_id,),
        ).fetchall()
    }
    accounts: Accounts = {}
    open_entries: dict[str, tuple[str | None, int]] = {}
    for entry, source, destination in _entries(conn, client_id):
        report.entries += 1
        if source not in stored or destination not in stored:
            report.faults.append(f"entry {entry.id} names an account that does not exist")
            continue
        named = msgspec.structs.replace(entry, source=stored[source][0], destination=stored[destination][0])
        if stored[source][1] != entry.asset or stored[destination][1] != entry.asset:
            report.faults.append(f"entry {entry.id} moves {entry.asset} between accounts of another asset")
            continue
        _follow(named, open_entries, report)
        try:
            apply(accounts, named)
        except LedgerError as error:
            report.faults.append(str(error))
    _compare_accounts(stored, accounts, report)
    _compare_rewards(conn, client_id, open_entries, report)
    _compare_wallets(conn, client_id, accounts, report)
    return report


def _entries(conn: psycopg.Connection[Any], client_id: str) -> Iterator[tuple[Entry, str, str]]:
    after = -1
    while True:
        rows = conn.execute(
            "SELECT seq, id, source_id, destination_id, asset, amount_minor, phase, reason, at, of_id, referral_id,"
            " reward_id FROM entry"
            " WHERE client_id = %s::uuid AND seq > %s ORDER BY seq LIMIT 5000",
            (client_id, after),
        ).fetchall()
        if not rows:
            return
        for seq, id_, source, destination, asset, minor, phase, reason, at, of, referral, reward in rows:
            yield (
                Entry(id_, source, destination, asset, minor, phase, reason, at, of, referral, reward),
                source,
                destination,
            )
            after = seq


def _follow(entry: Entry, open_entries: dict[str, tuple[str | None, int]], report: LedgerReport) -> None:
    """A pending entry is closed once, by an entry of the same amount."""
    if entry.phase == "pending":
        open_entries[entry.id] = (entry.reward, entry.amount_minor)
    elif entry.phase in ("post", "void"):
        opened = open_entries.pop(entry.of or "", None)
        if opened is None:
            report.faults.append(f"entry {entry.id} closes {entry.of}, which is not open")
        elif opened[1] != entry.amount_minor:
            report.faults.append(f"entry {entry.id} closes {entry.of} with another amount")


def _compare_accounts(stored: dict[str, tuple[str, str, Balance]], accounts: Accounts, report: LedgerReport) -> None:
    for name, asset, balance in stored.values():
        report.accounts += 1
        folded = accounts.get((name, asset), Balance())
        same = (folded.posted_minor, folded.pending_out_minor, folded.pending_in_minor)
        if same != (balance.posted_minor, balance.pending_out_minor, balance.pending_in_minor):
            report.faults.append(
                f"account {name} ({asset}) says {balance.posted_minor}, its entries come to {folded.posted_minor}"
                f" (pending {balance.pending_out_minor}/{balance.pending_in_minor}, entries {same[1]}/{same[2]})"
            )
    for asset, off in imbalance(accounts).items():
        report.faults.append(f"all accounts of {asset} together are off by {off}")
    for (name, asset), balance in accounts.items():
        kind = name.split(":")[0]
        report.balances[f"{kind} {asset}"] = report.balances.get(f"{kind} {asset}", 0) + balance.posted_minor


def _compare_wallets(conn: psycopg.Connection[Any], client_id: str, accounts: Accounts, report: LedgerReport) -> None:
    """The lots of every wallet come to what its holder's account says, and no account holds points without a wallet."""
    rows = conn.execute("SELECT body FROM wallet WHERE client_id = %s::uuid", (client_id,)).fetchall()
    held: dict[tuple[str, str], int] = {}
    for (body,) in rows:
        wallet = _decode_wallet(body)
        held[(payable_account(wallet.holder), wallet.unit)] = wallet.available
    for (name, asset), balance in accounts.items():
        if is_points(asset) and name.startswith("payable:") and balance.posted_minor != held.pop((name, asset), 0):
            report.faults.append(f"the lots of {name} ({asset}) do not come to its {balance.posted_minor}")
    faults = (
        f"a wallet of {name} ({asset}) holds {lots} without entries" for (name, asset), lots in held.items() if lots
    )
    report.faults.extend(faults)


def _compare_rewards(
    conn: psycopg.Connection[Any], client_id: str, open_entries: dict[str, tuple[str | None, int]], report: LedgerReport
) -> None:
    pending: dict[str, int] = {}
    for reward, minor in open_entries.values():
        if reward:
            pending[reward] = pending.get(reward, 0) + minor
    rows = conn.execute(
        "SELECT id, state, amount_minor FROM reward WHERE client_id = %s::uuid AND (state IN ('pending', 'in_review')"
        " OR id = ANY(%s::uuid[]))",
        (client_id, array_literal(pending)),
    ).fetchall()
    for id_, state, minor in rows:
        report.rewards += 1
        expected = minor if state in ("pending", "in_review") else 0
        if pending.pop(id_, 0) != expected:
            report.faults.append(f"reward {id_} is {state} with {minor}, but its open entries do not say so")
    report.faults.extend(f"an open entry speaks of reward {id_}, which does not exist" for id_ in pending)
