"""Does every leaf get one place, and every stretch of the log one signature?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest

from goodword.core import proof
from goodword.errors import Unsafe
from goodword.house.roles import Urls
from goodword.store.sql import erasure, seal, verify
from goodword.store.sql.vault import ClientKeys, Vault

from .sealed_log import ACME, GLOBEX, NOON, Conn, check, decide, insert, row_of


def test_the_tree_is_the_one_of_the_specification(conn: Conn, keys: ClientKeys, log: list[str]) -> None:
    hashes = [
        leaf.hash
        for batch in list(verify.leaf_batches(_in_transaction(conn), ACME, sealed=True))
        for leaf in verify.leaves_of(conn, ACME, batch)
    ]
    last = proof.parse_checkpoint(proof.parse_note(log[-1]).text)
    first = proof.parse_checkpoint(proof.parse_note(log[0]).text)
    assert proof.root_of(hashes) == last.root
    assert proof.verify_consistency(
        first.size, last.size, proof.consistency_proof(hashes, first.size), first.root, last.root
    )
    conn.execute("ROLLBACK")


def _in_transaction(conn: Conn) -> Conn:
    conn.execute("BEGIN")
    return conn


def test_when_a_checkpoint_is_due(conn: Conn, keys: ClientKeys) -> None:
    assert seal.seal(conn, ACME, keys, now=NOON) == seal.Sealed(0, 0, proof.EMPTY_ROOT, None, False)
    decide(conn, 1)
    assert seal.seal(conn, ACME, keys, now=NOON).count == 4, "the first leaves are sealed at once"
    decide(conn, 2)
    assert seal.seal(conn, ACME, keys, now=NOON + timedelta(seconds=59)) == seal.Sealed(0, 4, _root(conn), None, True)
    assert seal.seal(conn, ACME, keys, now=NOON + timedelta(seconds=60)).count == 4
    assert seal.seal(conn, ACME, keys, now=NOON + timedelta(hours=11)).note is None, "nothing new on the same day"
    silent = seal.seal(conn, ACME, keys, now=NOON + timedelta(hours=12))
    assert silent.count == 0 and silent.note is not None, "the day's end is signed even if nothing happened"
    for number in range(3, 253):
        decide(conn, number)
    assert seal.seal(conn, ACME, keys, now=NOON + timedelta(hours=12, seconds=1)).count == 1_000
    report = check(conn, keys)
    assert report.ok and report.checkpoints == 4


def test_checkpoints_never_run_back(conn: Conn, keys: ClientKeys) -> None:
    """An import or a backup signs with the moment at which it began, while a worker may have signed since."""
    decide(conn, 1)
    seal.seal_all(conn, ACME, keys, now=NOON + timedelta(hours=1))
    decide(conn, 2)
    assert seal.seal_all(conn, ACME, keys, now=NOON).count == 4
    assert check(conn, keys).ok


def _root(conn: Conn) -> bytes:
    row = conn.execute("SELECT size, frontier FROM tree").fetchone()
    assert row is not None
    return proof.Tree(row[0], row[1]).root()


def test_sealers_at_once_seal_every_leaf_once(conn: Conn, keys: ClientKeys, urls: Urls) -> None:
    def work(thread: int) -> int:
        with psycopg.connect(urls.engine, autocommit=True) as own:
            return sum(seal.seal(own, ACME, keys, force=True).count for _ in range(10))

    for number in range(1, 11):
        decide(conn, number)
    with ThreadPoolExecutor(4) as pool:
        sealing = pool.map(work, range(4))
        for number in range(11, 40):
            decide(conn, number)
        sealed = sum(sealing)
    assert sealed + seal.seal_all(conn, ACME, keys).count == 39 * 4
    report = check(conn, keys)
    assert report.ok and report.size == 39 * 4


def test_an_act_learns_its_number(conn: Conn, keys: ClientKeys, log: list[str]) -> None:
    assert conn.execute("SELECT seq FROM action").fetchone() == (28,), (
        "acts go ahead of the decisions that wait with them"
    )


def test_a_forged_frontier_is_refused(conn: Conn, owner: Conn, keys: ClientKeys, log: list[str]) -> None:
    owner.execute("UPDATE tree SET frontier = set_byte(frontier, 0, (get_byte(frontier, 0) + 1) % 256)")
    decide(conn, 21)
    with pytest.raises(Unsafe):
        seal.seal(conn, ACME, keys, force=True)


def test_clients_have_logs_of_their_own(conn: Conn, vault: Vault, keys: ClientKeys, log: list[str]) -> None:
    assert seal.seal(conn, GLOBEX, vault.open_client(GLOBEX), force=True).size == 0
    assert verify.verify(conn, GLOBEX, vault.open_client(GLOBEX).public_key).size == 0


def test_a_destroyed_key_leaves_every_proof_valid(conn: Conn, vault: Vault, keys: ClientKeys, log: list[str]) -> None:
    bob = "b0" * 16
    sealed = vault.person_keys(conn, ACME, [bob])[bob].seal("event_body", "raw", row_of("event"), b'{"name":"Bob"}')
    insert(conn, "event_body", "client_id, id, key_id, party_id, sealed", (ACME, row_of("event"), bob, bob, sealed))
    erasure.shred_person(vault, conn, ACME, bob)
    assert vault.person_keys(conn, ACME, [bob]) == {}
    assert check(conn, keys, log).ok
