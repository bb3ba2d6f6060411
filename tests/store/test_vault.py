"""Does only the right key open sealed data, only in its place, and nothing once the key is destroyed?"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from goodword.errors import BadInput, Unsafe
from goodword.house.roles import Urls
from goodword.store.sql import erasure
from goodword.store.sql.envelope import SealingKey, Unreadable
from goodword.store.sql.keyring import EnvKeyring, FileKeyring, open_keyring
from goodword.store.sql.vault import Vault

ACME, GLOBEX = "ac" * 16, "60" * 16
ALICE, BOB = "a1" * 16, "b0" * 16
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
Conn = psycopg.Connection[Any]


@pytest.fixture
def conn(urls: Urls) -> Iterator[Conn]:
    with psycopg.connect(urls.engine, autocommit=True) as opened:
        yield opened
    with psycopg.connect(urls.owner) as owner:
        for table in ("client_key", "person_key", "party", "personal", "identifier", "statutory", "event_body"):
            owner.execute(f"DELETE FROM {table}")


@pytest.fixture
def keyring(tmp_path: Path) -> FileKeyring:
    return FileKeyring(tmp_path / "elsewhere" / "master.key", tmp_path / "data", create=True)


@pytest.fixture
def vault(urls: Urls, conn: Conn, keyring: FileKeyring) -> Vault:
    return Vault(lambda: psycopg.connect(urls.engine), keyring)


def test_key_file_is_made_once_private_and_says_keep_a_copy(tmp_path: Path) -> None:
    path = tmp_path / "config" / "master.key"
    made = FileKeyring(path, tmp_path / "data", create=True)
    assert path.stat().st_mode & 0o777 == 0o600
    assert "KEEP A COPY" in made.notice and str(path) in made.notice
    again = FileKeyring(path, tmp_path / "data")
    assert again.notice == "" and again.kek_id == made.kek_id and again.health() == []
    assert list(path.parent.iterdir()) == [path]
    assert again.unwrap(made.wrap(b"k" * 32, b"here"), b"here") == b"k" * 32


def test_key_file_refusals(tmp_path: Path) -> None:
    data, path = tmp_path / "data", tmp_path / "master.key"
    with pytest.raises(Unsafe, match="missing"):
        FileKeyring(path, data)
    with pytest.raises(Unsafe, match="inside the data folder"):
        FileKeyring(data / "keys" / "master.key", data, create=True)
    data.mkdir()
    (tmp_path / "link").symlink_to(data)
    with pytest.raises(Unsafe, match="inside the data folder"):
        FileKeyring(tmp_path / "link" / "master.key", data, create=True)
    FileKeyring(path, data, create=True)
    path.chmod(0o640)
    with pytest.raises(Unsafe, match="can be read by others"):
        FileKeyring(path, data)
    path.chmod(0o600)
    secret = path.read_text().split()[-1]
    path.write_text(path.read_text().replace(secret, secret[:-4] + "AAA="))
    with pytest.raises(Unsafe, match="Line 3") as refused:
        FileKeyring(path, data)
    assert secret[:20] not in str(refused.value)
    path.write_text("# nothing\n")
    with pytest.raises(Unsafe, match="holds no key"):
        FileKeyring(path, data)


def test_env_keyring_warns_and_refuses_a_bad_key(tmp_path: Path) -> None:
    keyring = open_keyring(tmp_path / "unused", None, create=False, env_key=base64.b64encode(b"k" * 32).decode())
    assert "environment" in keyring.notice and keyring.health()
    assert keyring.unwrap(keyring.wrap(b"x" * 32, b""), b"") == b"x" * 32
    with pytest.raises(Unsafe):
        keyring.rotate()
    with pytest.raises(Unsafe):
        EnvKeyring("c2hvcnQ=")


def test_client_keys_are_the_same_for_every_process(urls: Urls, conn: Conn, keyring: FileKeyring) -> None:
    vaults = [Vault(lambda: psycopg.connect(urls.engine), keyring) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(lambda vault: vault.open_client(ACME), vaults))
        months = list(pool.map(lambda keys: keys.seal_intake("ee" * 16, "2026-03", b"body")[0], opened))
    assert len({keys.public_key for keys in opened}) == len(set(months)) == 1
    assert len({keys.token("email", "alice@acme.test") for keys in opened}) == 1
    assert conn.execute("SELECT count(*) FROM client_key").fetchone() == (5,)


def test_tokens_are_hmacs_apart_by_kind_and_client(vault: Vault) -> None:
    acme, globex = vault.open_client(ACME), vault.open_client(GLOBEX)
    token = acme.token("email", "alice@acme.test")
    assert len(token) == 32 and int(token, 16) and token == acme.token("email", "alice@acme.test")
    others = {
        acme.token("phone", "alice@acme.test"),
        globex.token("email", "alice@acme.test"),
        acme.token("email", "b"),
    }
    assert len(others | {token}) == 4
    assert acme.event_id("shop", "1") != acme.event_id("app", "1") != globex.event_id("app", "1")
    assert len(acme.body_hash(b"{}")) == 32 and acme.body_hash(b"{}") != globex.body_hash(b"{}")


def test_quick_hmac_equals_the_standard_library() -> None:
    from goodword.store.sql.vault import _Hmac

    for length in (0, 1, 63, 64, 200):
        key, message = os.urandom(32), os.urandom(length)
        assert _Hmac(key).digest(message) == hmac.digest(key, message, "sha256")


def test_signature_checks_with_the_public_key(vault: Vault) -> None:
    keys = vault.open_client(ACME)
    Ed25519PublicKey.from_public_bytes(keys.public_key).verify(keys.sign(b"text"), b"text")


def test_sealed_bytes_open_only_where_they_were_sealed(vault: Vault, conn: Conn) -> None:
    acme = vault.person_keys(conn, ACME, [ALICE, BOB])
    globex = vault.person_keys(conn, GLOBEX, [ALICE])
    sealed = acme[ALICE].seal("personal", "name", "r1", b"Alice Example")
    assert b"Alice" not in sealed and sealed[:2] == b"\x01\x02" and sealed[2:18].hex() == ALICE
    assert acme[ALICE].open("personal", "name", "r1", sealed) == b"Alice Example"
    elsewhere = [
        ("personal", "email", "r1"),
        ("personal", "name", "r2"),
        ("attribute", "name", "r1"),
        ("persona", "lname", "r1"),
    ]
    for table, field, row in elsewhere:
        with pytest.raises(Unreadable):
            acme[ALICE].open(table, field, row, sealed)
    for other in (acme[BOB], globex[ALICE]):
        with pytest.raises(Unreadable):
            other.open("personal", "name", "r1", sealed)
    for at in (0, 1, 5, 20, len(sealed) - 1):
        flipped = bytearray(sealed)
        flipped[at] ^= 1
        with pytest.raises(Unreadable):
            acme[ALICE].open("personal", "name", "r1", bytes(flipped))
    with pytest.raises(Unreadable):
        acme[ALICE].open("personal", "name", "r1", b"")


def test_every_field_bound_by_place_alone(vault: Vault) -> None:
    """Under one and the same key it is the place, not the key, that refuses a moved ciphertext."""
    from goodword.store.sql.envelope import place

    key = SealingKey(b"i" * 16, b"k" * 32)
    parts = (ACME, ALICE, "personal", "name", "r1")
    sealed = key.seal(b"x", place(*parts))
    for at in range(len(parts)):
        moved = [*parts[:at], parts[at] + "x", *parts[at + 1 :]]
        with pytest.raises(Unreadable):
            key.open(sealed, place(*moved))
    assert place("ab", "c") != place("a", "bc")


def test_intake_bodies(vault: Vault, urls: Urls, keyring: FileKeyring) -> None:
    keys = vault.open_client(ACME)
    key_id, sealed = keys.seal_intake("e1" * 16, "2026-03", b'{"email":"bob@acme.test"}')
    assert keys.seal_intake("e2" * 16, "2026-03", b"")[0] == key_id != keys.seal_intake("e2" * 16, "2026-04", b"")[0]
    elsewhere = Vault(lambda: psycopg.connect(urls.engine), keyring).open_client(ACME)
    assert elsewhere.open_intake("e1" * 16, key_id, sealed) == b'{"email":"bob@acme.test"}'
    later, other = keys.seal_intake("e3" * 16, "2026-05", b"late")
    assert elsewhere.open_intake("e3" * 16, later, other) == b"late"
    with pytest.raises(Unreadable):
        keys.open_intake("e2" * 16, key_id, sealed)
    with pytest.raises(Unreadable):
        vault.open_client(GLOBEX).open_intake("e1" * 16, key_id, sealed)
    assert vault.destroy_intake(ACME, "2026-04") == 1
    with pytest.raises(Unreadable):
        vault.open_client(ACME).open_intake("e1" * 16, key_id, sealed)
    assert vault.open_client(ACME).open_intake("e3" * 16, later, other) == b"late"
    with pytest.raises(Unsafe):
        vault.open_client(ACME).seal_intake("e4" * 16, "2026-03", b"")


def test_person_keys_in_two_statements_and_never_twice(vault: Vault, conn: Conn, urls: Urls) -> None:
    parties = [hashlib.sha256(str(number).encode()).hexdigest()[:32] for number in range(500)]
    assert vault.person_keys(conn, ACME, parties, create=False) == {}
    made = vault.person_keys(conn, ACME, [*parties, *parties])
    sealed = {party: key.seal("personal", "name", "1", party.encode()) for party, key in made.items()}
    read = vault.person_keys(conn, ACME, parties)
    assert len(read) == 500
    assert all(read[party].open("personal", "name", "1", sealed[party]) == party.encode() for party in parties)


def test_person_keys_made_by_two_at_once_are_the_same(vault: Vault, conn: Conn, urls: Urls) -> None:
    vault.open_client(ACME)
    gate = threading.Barrier(4)

    def make(_: int) -> bytes:
        with psycopg.connect(urls.engine) as own:
            gate.wait()
            return vault.person_keys(own, ACME, [ALICE, BOB])[ALICE].seal("personal", "name", "1", b"Alice")

    with ThreadPoolExecutor(4) as pool:
        sealed = list(pool.map(make, range(4)))
    key = vault.person_keys(conn, ACME, [ALICE])[ALICE]
    assert [key.open("personal", "name", "1", one) for one in sealed] == [b"Alice"] * 4


def test_a_key_rolled_back_is_not_remembered(vault: Vault, urls: Urls, conn: Conn) -> None:
    with psycopg.connect(urls.engine) as own:
        lost = vault.person_keys(own, ACME, [ALICE])[ALICE].seal("personal", "name", "1", b"Alice")
        own.rollback()
    with pytest.raises(Unreadable):
        vault.person_keys(conn, ACME, [ALICE])[ALICE].open("personal", "name", "1", lost)
    with psycopg.connect(urls.engine) as busy:
        busy.execute("SELECT 1")
        with pytest.raises(Unsafe):
            Vault(busy, vault._keyring).open_client(GLOBEX)


def test_one_key_from_several_threads(vault: Vault, conn: Conn) -> None:
    key = vault.person_keys(conn, ACME, [ALICE])[ALICE]
    keys = vault.open_client(ACME)

    def work(number: int) -> bool:
        plain = str(number).encode() * 40
        sealed = key.seal("personal", "name", str(number), plain)
        body = keys.seal_intake(f"{number:032x}", "2026-03", plain)
        return (
            key.open("personal", "name", str(number), sealed) == plain
            and keys.open_intake(f"{number:032x}", *body) == plain
            and keys.token("email", str(number)) == keys.token("email", str(number))
        )

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(3_000)))


def test_nothing_shows_a_key(vault: Vault, conn: Conn, keyring: FileKeyring, tmp_path: Path) -> None:
    person = vault.person_keys(conn, ACME, [ALICE])[ALICE]
    keys = vault.open_client(ACME)
    shown = " ".join(map(repr, [vault, keys, person, keyring, keys.wrapping_key])) + keyring.describe() + keyring.notice
    secret = (tmp_path / "elsewhere" / "master.key").read_text().split()[-1]
    assert secret not in shown and base64.b64decode(secret).hex() not in shown


def test_rotating_the_master_key_moves_no_data(
    vault: Vault, urls: Urls, conn: Conn, keyring: FileKeyring, tmp_path: Path
) -> None:
    sealed = vault.person_keys(conn, ACME, [ALICE])[ALICE].seal("personal", "name", "1", b"Alice")
    token = vault.open_client(ACME).token("email", "a")
    before, after = keyring.kek_id, keyring.rotate()
    assert before != after and keyring.health() == []
    path = tmp_path / "elsewhere" / "master.key"
    still = Vault(lambda: psycopg.connect(urls.engine), FileKeyring(path))
    assert still.open_client(ACME).token("email", "a") == token
    assert still.rewrap(ACME) == 4 and still.rewrap(ACME) == 0
    old_line = next(line for line in path.read_text().splitlines() if before in line)
    path.write_text(path.read_text().replace(old_line + "\n", ""))
    without_old = Vault(lambda: psycopg.connect(urls.engine), FileKeyring(path))
    assert without_old.person_keys(conn, ACME, [ALICE])[ALICE].open("personal", "name", "1", sealed) == b"Alice"


def test_a_lost_master_key_is_named_and_never_replaced(vault: Vault, urls: Urls, tmp_path: Path) -> None:
    vault.open_client(ACME)
    other = FileKeyring(tmp_path / "other.key", create=True)
    with pytest.raises(Unreadable, match="is not here") as refused:
        Vault(lambda: psycopg.connect(urls.engine), other).open_client(ACME)
    assert "Put the kept copy" in str(refused.value)


def test_a_client_whose_keys_were_destroyed_gets_no_new_ones(vault: Vault, conn: Conn) -> None:
    vault.open_client(ACME)
    conn.execute("UPDATE client_key SET wrapped = '', destroyed_at = now()")
    vault.forget(ACME)
    with pytest.raises(Unreadable, match="destroyed"):
        vault.open_client(ACME)


def fill_person(vault: Vault, conn: Conn, party_id: str) -> None:
    key = vault.person_keys(conn, ACME, [party_id])[party_id]
    email = vault.open_client(ACME).token("email", party_id)
    name, body = key.seal("personal", "name", "name", b"A name"), key.seal("event_body", "raw", "e1" * 16, b"{}")
    conn.execute(
        "INSERT INTO party (client_id, id, kind, created_at) VALUES (%s, %s, 'person', now())", (ACME, party_id)
    )
    conn.execute(
        "INSERT INTO personal (client_id, party_id, field, sealed, updated_at) VALUES (%s, %s, 'name', %s, now())",
        (ACME, party_id, name),
    )
    conn.execute(
        "INSERT INTO identifier (client_id, kind, token, party_id, since) VALUES (%s, 'email', %s, %s, now())",
        (ACME, email, party_id),
    )
    conn.execute(
        "INSERT INTO event_body (client_id, id, key_id, party_id, sealed) VALUES (%s, gen_random_uuid(), %s, %s, %s)",
        (ACME, party_id, party_id, body),
    )


def rows_of(conn: Conn, table: str, party_id: str) -> int:
    row = conn.execute(
        f"SELECT count(*) FROM {table} WHERE client_id = %s AND party_id = %s", (ACME, party_id)
    ).fetchone()
    assert row is not None
    return int(row[0])


def test_shredding_destroys_the_key_and_the_blind_indexes_of_one_person(vault: Vault, conn: Conn) -> None:
    fill_person(vault, conn, ALICE)
    fill_person(vault, conn, BOB)
    key = vault.person_keys(conn, ACME, [ALICE])[ALICE]
    copied = key.seal("personal", "name", "name", b"A name")
    done = erasure.shred_person(vault, conn, ACME, ALICE)
    assert done.key_destroyed and done.rows == {
        "personal": 1,
        "attribute": 0,
        "identifier": 1,
        "trait": 0,
        "audience_member": 0,
        "contest_name": 0,
        "event_body": 1,
        "creator": 0,
    }
    assert not erasure.shred_person(vault, conn, ACME, ALICE).key_destroyed
    assert vault.person_keys(conn, ACME, [ALICE, BOB]).keys() == {BOB}, "a destroyed key is not made again"
    assert [rows_of(conn, table, BOB) for table in ("personal", "identifier", "event_body")] == [1, 1, 1]
    assert conn.execute("SELECT erased_at IS NOT NULL FROM party WHERE id = %s", (ALICE,)).fetchone() == (True,)
    wrapped = conn.execute("SELECT wrapped FROM person_key WHERE party_id = %s", (ALICE,)).fetchone()
    assert wrapped == (b"",) and copied


def test_a_person_without_a_key_is_shredded_for_good_too(vault: Vault, conn: Conn) -> None:
    assert erasure.shred_person(vault, conn, ACME, BOB).key_destroyed
    assert vault.person_keys(conn, ACME, [BOB]) == {}


def test_statutory_record_stays_until_its_date(vault: Vault, conn: Conn) -> None:
    fill_person(vault, conn, ALICE)
    fields = {"payee": "Alice Example", "amount": "10.00 EUR", "paid_on": "2026-02-01"}
    end = NOW + timedelta(days=3650)
    kept = erasure.keep_statutory(vault, conn, ACME, ALICE, fields, end)
    assert erasure.keep_statutory(vault, conn, ACME, ALICE, fields, end).id == kept.id
    erasure.shred_person(vault, conn, ACME, ALICE)
    assert [record.fields for record in erasure.read_statutory(vault, conn, ACME, ALICE, NOW)] == [fields]
    assert erasure.read_statutory(vault, conn, ACME, BOB, NOW) == []
    assert b"Alice" not in kept.sealed
    assert erasure.read_statutory(vault, conn, ACME, ALICE, end) == []
    assert erasure.purge_statutory(conn, ACME, NOW) == 0 and erasure.purge_statutory(conn, ACME, end) == 1


def test_statutory_record_moved_to_another_person_does_not_open(vault: Vault, conn: Conn) -> None:
    erasure.keep_statutory(vault, conn, ACME, ALICE, {"payee": "Alice"}, NOW + timedelta(days=1))
    conn.execute("UPDATE statutory SET party_id = %s", (BOB,))
    with pytest.raises(Unreadable):
        erasure.read_statutory(vault, conn, ACME, BOB, NOW)


def test_a_restore_replays_erasures_and_puts_statutory_records_back(
    vault: Vault, conn: Conn, urls: Urls, tmp_path: Path
) -> None:
    path = tmp_path / "lists" / "erasures.jsonl"
    fill_person(vault, conn, ALICE)
    fill_person(vault, conn, BOB)
    backup = conn.execute("SELECT * FROM person_key").fetchall()
    kept = erasure.keep_statutory(vault, conn, ACME, ALICE, {"payee": "Alice"}, NOW + timedelta(days=9))
    erasure.list_erasure(path, ACME, ALICE, NOW, [kept])
    erasure.list_erasure(path, GLOBEX, BOB, NOW)
    erasure.shred_person(vault, conn, ACME, ALICE)
    assert path.stat().st_mode & 0o777 == 0o600 and b"Alice" not in path.read_bytes()
    conn.execute("DELETE FROM statutory")
    with psycopg.connect(urls.owner) as owner, owner.cursor() as cursor:
        cursor.execute("DELETE FROM person_key")
        cursor.executemany("INSERT INTO person_key VALUES (%s, %s, %s, %s, %s, %s)", backup)
    assert ALICE in vault.person_keys(conn, ACME, [ALICE]), "the restored backup brought her key back"
    assert erasure.replay_erasures(vault, conn, ACME, path, NOW) == erasure.Replayed(1, 1, 1)
    assert vault.person_keys(conn, ACME, [ALICE, BOB]).keys() == {BOB}
    assert erasure.read_statutory(vault, conn, ACME, ALICE, NOW)[0].fields == {"payee": "Alice"}
    assert erasure.replay_erasures(vault, conn, ACME, path, NOW) == erasure.Replayed(1, 0, 0)
    assert erasure.trim_list(path, NOW + timedelta(days=10)) == 1
    assert erasure.replay_erasures(vault, conn, ACME, path, NOW) == erasure.Replayed(1, 0, 0)


def test_a_torn_line_of_the_list_is_mended_and_a_damaged_one_refused(vault: Vault, conn: Conn, tmp_path: Path) -> None:
    path = tmp_path / "erasures.jsonl"
    erasure.list_erasure(path, ACME, ALICE, NOW)
    with path.open("ab") as file:
        file.write(b'{"client": "ac')
    assert erasure.replay_erasures(vault, conn, ACME, path, NOW).listed == 1
    erasure.list_erasure(path, ACME, BOB, NOW)
    assert erasure.replay_erasures(vault, conn, ACME, path, NOW).listed == 2
    path.write_bytes(b"rubbish\n" + path.read_bytes())
    with pytest.raises(BadInput, match="Line 1"):
        erasure.replay_erasures(vault, conn, ACME, path, NOW)


def test_works_as_the_app_role_under_row_security(urls: Urls, conn: Conn, keyring: FileKeyring) -> None:
    keys = Vault(lambda: psycopg.connect(urls.app), keyring).open_client(ACME)
    assert keys.token("email", "a") == Vault(lambda: psycopg.connect(urls.engine), keyring).open_client(ACME).token(
        "email", "a"
    )
