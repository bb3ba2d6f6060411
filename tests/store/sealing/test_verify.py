"""Does the log name every row that is not as it was sealed?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psycopg
import pytest

from goodword.core import proof
from goodword.core.events import ident
from goodword.errors import Unsafe
from goodword.house.roles import Urls
from goodword.store.sql import seal, verify
from goodword.store.sql.export import export
from goodword.store.sql.vault import ClientKeys, Vault

from .sealed_log import ACME, GLOBEX, NOON, Conn, check, cut_back, decide, insert, rewrite, row_of


def test_an_untouched_log_verifies(conn: Conn, keys: ClientKeys, log: list[str], urls: Urls) -> None:
    report = check(conn, keys, log)
    assert report.ok and report.first is None
    assert report.checked == {"event": 20, "decision": 20, "entry": 40, "action": 1}
    assert (report.size, report.checkpoints, report.tail) == (81, 3, verify.Tail(0, 0))
    assert report.sentence() == (
        "As sealed: 81 leaves (20 events, 20 decisions, 40 entries, 1 staff acts) under 3 signed checkpoints."
    )
    with psycopg.connect(urls.app) as app:
        app.execute(f"SET LOCAL app.client_ids = '{ACME}'")
        assert verify.verify(app, ACME, keys.public_key).size == 81


def test_the_unsealed_tail_is_reported_and_checked(conn: Conn, owner: Conn, keys: ClientKeys, log: list[str]) -> None:
    decide(conn, 21)
    insert(
        conn,
        "event",
        f"client_id, {verify._COLUMNS['event']}",
        (ACME, ident("late"), NOON, 99, NOON, "shop", "x", b"", "{}"),
    )
    report = check(conn, keys)
    assert report.ok and report.tail == verify.Tail(leaves=4, events=1)
    assert report.sentence().endswith("Not sealed yet: 4 leaves, 1 events.")
    owner.execute("UPDATE entry SET amount_minor = 1 WHERE id = %s", (ident("entry", "21", "friend"),))
    assert str(check(conn, keys).first).startswith(f"entry {ident('entry', '21', 'friend')} was altered")


CHANGES = {
    "event": [
        "seq = 900", "at = at + interval '1 microsecond'", "source = 'x'", "type = 'x'", "body_hash = '\\x00'",
        "facts = facts || ' '",
    ],
    "decision": [
        "seq = 900", "event_id = NULL", "cause = 'due'", "referral_id = id", "clock = now()", "decided_at = now()",
        "verdict = 'denied'", "body = '{}'",
    ],
    "entry": [
        "seq = 900", "decision_id = id", "source_id = id", "destination_id = id", "asset = 'USD'", "amount_minor = 1",
        "phase = 'posted'", "of_id = id", "reason = ''", "at = now()", "recorded_at = now()", "referral_id = id", "reward_id = id",
    ],
    "action": [
        "at = now()", "actor = 'x'", "role = 'x'", "verb = 'x'", "object_kind = 'x'", "object_id = 'x'",
        "before_commit = '\\x01'", "after_commit = '\\x'", "request_id = ''",
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "change"), [(kind, change) for kind, changes in CHANGES.items() for change in changes]
)
def test_an_altered_column_is_named(
    conn: Conn, owner: Conn, keys: ClientKeys, log: list[str], kind: str, change: str
) -> None:
    assert owner.execute(f"UPDATE {kind} SET {change} WHERE id = %s", (row_of(kind),)).rowcount == 1
    report = check(conn, keys)
    assert report.fault_count == 1 and report.first is not None
    assert (report.first.wrong, report.first.kind, report.first.id) == ("altered", kind, row_of(kind))


def test_a_row_moved_to_another_month_is_named(conn: Conn, owner: Conn, keys: ClientKeys, log: list[str]) -> None:
    owner.execute("UPDATE event SET received_at = received_at - interval '1 year' WHERE id = %s", (row_of("event"),))
    assert check(conn, keys).fault_count == 1


@pytest.mark.parametrize("kind", CHANGES)
def test_a_dropped_row_is_named(conn: Conn, owner: Conn, keys: ClientKeys, log: list[str], kind: str) -> None:
    owner.execute(f"DELETE FROM {kind} WHERE id = %s", (row_of(kind),))
    report = check(conn, keys)
    assert report.fault_count == 1 and report.first is not None
    assert (report.first.wrong, report.first.kind, report.first.id) == ("dropped", kind, row_of(kind))


@pytest.mark.parametrize("kind", CHANGES)
def test_an_inserted_row_is_named(
    conn: Conn, owner: Conn, keys: ClientKeys, log: list[str], kind: proof.LeafKind
) -> None:
    columns = verify._COLUMNS[kind].removeprefix("id, ")
    forged = ident("forged")
    extra = ", xid" if kind == "event" else ""
    changed = columns.replace("seq,", "seq - 1000," if kind != "action" else "seq,")
    owner.execute(
        f"INSERT INTO {kind} (client_id, id, {columns}{extra}) SELECT client_id, %s, {changed}{extra} FROM {kind} WHERE id = %s",
        (forged, row_of(kind)),
    )
    report = check(conn, keys)
    assert report.fault_count == 1 and report.first is not None
    assert (report.first.wrong, report.first.kind, report.first.id) == ("inserted", kind, forged)


def test_a_second_event_of_the_same_id_is_named(conn: Conn, owner: Conn, keys: ClientKeys, log: list[str]) -> None:
    columns = "client_id, id, seq, xid, at, source, type, body_hash, facts"
    owner.execute(
        f"INSERT INTO event ({columns}, received_at) SELECT {columns}, received_at + interval '40 days' FROM event WHERE id = %s",
        (row_of("event"),),
    )
    first = check(conn, keys).first
    assert first is not None and (first.wrong, first.id) == ("inserted", row_of("event"))


def test_an_event_on_the_dead_letter_list_is_no_fault(
    conn: Conn, owner: Conn, keys: ClientKeys, log: list[str]
) -> None:
    dead = ident("dead")
    insert(
        owner,
        "event",
        f"client_id, {verify._COLUMNS['event']}, xid",
        (ACME, dead, NOON, -1, NOON, "shop", "x", b"", "{}", "3"),
    )
    assert not check(conn, keys).ok
    insert(owner, "dead_letter", "client_id, id, reason, detail, at, attempts", (ACME, dead, "r", "d", NOON, 1))
    assert check(conn, keys).ok


def test_swapped_rows_are_named_both(conn: Conn, owner: Conn, keys: ClientKeys, log: list[str]) -> None:
    one, other = ident("entry", "3", "friend"), ident("entry", "17", "advocate")
    swap = "UPDATE entry SET id = CASE id WHEN %s::uuid THEN gen_random_uuid() ELSE id END WHERE id = %s::uuid RETURNING id"
    parked = owner.execute(swap, (one, one)).fetchone()
    assert parked is not None
    owner.execute("UPDATE entry SET id = %s WHERE id = %s", (one, other))
    owner.execute("UPDATE entry SET id = %s WHERE id = %s", (other, parked[0]))
    report = check(conn, keys)
    assert [(fault.wrong, fault.id) for fault in report.faults] == [("swapped", one), ("swapped", other)]


def leaf_batch(owner: Conn, number: int) -> tuple[Any, list[list[str]], bytes]:
    row = owner.execute("SELECT id, leaves, hashes FROM leaf_batch WHERE decision_seq = %s", (number,)).fetchone()
    assert row is not None
    return row[0], json.loads(row[1]), row[2]


def test_leaves_changed_together_with_their_row_break_the_signed_root(
    conn: Conn, owner: Conn, keys: ClientKeys, log: list[str]
) -> None:
    """An intruder who knows how leaves are made, and lacks the signing key."""
    entry = ident("entry", "9", "friend")
    owner.execute("UPDATE entry SET amount_minor = 999999 WHERE id = %s", (entry,))
    batch, listed, hashes = leaf_batch(owner, 9)
    conn.execute("BEGIN")
    fresh = next(
        leaf
        for leaf in verify.leaves_of(conn, ACME, verify.LeafBatch(str(batch), 0, 4, json.dumps(listed), hashes))
        if leaf.id == entry
    )
    conn.execute("COMMIT")
    at = 32 * listed.index(["entry", entry])
    forged = hashes[:at] + proof.leaf_hash(fresh.contents[0]) + hashes[at + 32 :]
    owner.execute("UPDATE leaf_batch SET hashes = %s WHERE id = %s", (forged, batch))
    first = check(conn, keys).first
    assert first is not None and (first.wrong, first.kind, first.leaf) == ("altered", "log", 28)
    assert "leaves 28 to 56" in first.detail


def test_leaves_swapped_in_the_list_are_found(conn: Conn, owner: Conn, keys: ClientKeys, log: list[str]) -> None:
    one, other = leaf_batch(owner, 9)[0], leaf_batch(owner, 10)[0]
    for batch, first_leaf in ((one, -1), (other, 33), (one, 37)):
        owner.execute("UPDATE leaf_batch SET first_leaf = %s WHERE id = %s", (first_leaf, batch))
    report = check(conn, keys)
    named = {(fault.wrong, fault.kind, fault.id) for fault in report.faults}
    assert ("swapped", "decision", ident("decision", "9")) in named
    assert any(fault.kind == "log" for fault in report.faults)


def test_a_dropped_leaf_batch_is_found(conn: Conn, owner: Conn, keys: ClientKeys, log: list[str]) -> None:
    owner.execute("DELETE FROM leaf_batch WHERE decision_seq = 9")
    report = check(conn, keys)
    assert report.first is not None and report.first.wrong == "dropped" and report.first.leaf == 37
    inserted = {fault.id for fault in report.faults if fault.wrong == "inserted"}
    assert inserted == {row_of("event"), row_of("decision"), row_of("entry"), ident("entry", "9", "advocate")}


@pytest.mark.parametrize(
    "change",
    [
        "leaves = '[]'",
        "leaves = 'x'",
        "hashes = '\\x00'",
        "count = 3",
        "leaves = '[1,2,3,4]'",
        'leaves = \'[["x","y"]]\'',
    ],
)
def test_a_damaged_leaf_batch_is_named(
    conn: Conn, owner: Conn, keys: ClientKeys, log: list[str], change: str, tmp_path: Path
) -> None:
    batch = leaf_batch(owner, 9)[0]
    owner.execute(f"UPDATE leaf_batch SET {change} WHERE id = %s", (batch,))
    report = check(conn, keys)
    assert any((fault.kind, fault.id) == ("leaf_batch", str(batch)) for fault in report.faults), report.faults
    with pytest.raises(Unsafe):
        export(conn, ACME, tmp_path / "export", keys.public_key)


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ("note = replace(note, E'\\n57\\n', E'\\n56\\n')", "unsigned"),
        ("root = '\\x00'", "altered"),
        ("note = 'x'", "unsigned"),
        ("note = replace(note, 'time 2026', 'time 2025')", "unsigned"),
    ],
)
def test_a_changed_checkpoint_is_named(
    conn: Conn, owner: Conn, keys: ClientKeys, log: list[str], change: str, wrong: str
) -> None:
    owner.execute(f"UPDATE checkpoint SET {change} WHERE size = 57")
    report = check(conn, keys)
    assert report.first is not None and (report.first.wrong, report.first.kind) == (wrong, "checkpoint")


def test_a_checkpoint_of_another_key_or_client_is_refused(
    conn: Conn, vault: Vault, keys: ClientKeys, log: list[str]
) -> None:
    report = verify.verify(conn, ACME, vault.open_client(GLOBEX).public_key)
    assert report.fault_count == 3 and all(fault.wrong == "unsigned" for fault in report.faults)


def test_a_lost_last_checkpoint_is_found_and_nothing_is_sealed_on_top(
    conn: Conn, owner: Conn, keys: ClientKeys, log: list[str]
) -> None:
    owner.execute("DELETE FROM checkpoint WHERE size = 81")
    report = check(conn, keys)
    assert report.first is not None and report.first.kind == "checkpoint"
    decide(conn, 21)
    with pytest.raises(Unsafe, match="not the one that was signed last"):
        seal.seal(conn, ACME, keys, force=True)


def test_only_a_held_checkpoint_shows_a_log_cut_short(
    conn: Conn, owner: Conn, keys: ClientKeys, log: list[str]
) -> None:
    cut_back(owner)
    assert check(conn, keys).ok, "the database alone cannot know: this is what witnesses are for"
    report = check(conn, keys, log)
    assert (
        report.first is not None
        and report.first.detail == "a checkpoint held elsewhere covers 81 leaves, the log holds 57"
    )


def test_only_a_held_checkpoint_shows_a_log_rewritten_by_its_signer(
    conn: Conn, owner: Conn, keys: ClientKeys, log: list[str]
) -> None:
    rewrite(conn, owner, keys)
    assert check(conn, keys).ok
    report = check(conn, keys, log)
    assert report.first is not None and "rewritten" in report.first.detail
