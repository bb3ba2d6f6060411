"""Does the log accept once, refuse conflicts, isolate poisoned rows and show only what is safely committed?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from goodword.core.events import Event, ident
from goodword.house.roles import Urls
from goodword.store.sql.connect import connect
from goodword.store.sql.log import LogRow, Rejected, append, lanes_with_work, pending, reject
from tests.ingest.front import Brand

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def conn(urls: Urls) -> Any:
    with connect(urls.engine, "test", pinned_plans=True) as opened:
        yield opened


def row(client_id: str, name: str, *, body: bytes = b"same", type: str = "signup", event_id: str = "") -> LogRow:
    event = Event(event_id or ident(client_id, name), type, NOW, codes=('A"B\\C', "ünï"))
    return LogRow(client_id, event, body.ljust(32, b"."), ident("key"), b"sealed " + body, NOW)


def test_a_new_event_lies_in_the_log_with_its_body(conn: psycopg.Connection[Any], brands: tuple[Brand, Brand]) -> None:
    acme, _ = brands
    new = row(acme.id, "one")
    (receipt,) = append(conn, [new])
    assert (receipt.event_id, receipt.duplicate, receipt.conflict, receipt.problem) == (new.event.id, False, False, None)
    found = [logged for logged in pending(conn, acme.id, 0, 0, 100) if logged.id == new.event.id]
    assert [(logged.event, logged.sealed, logged.key_id, logged.party_id) for logged in found] == [
        (new.event, new.sealed, new.key_id, None)
    ]
    assert acme.id in lanes_with_work(conn)


def test_the_same_again_gives_the_first_receipt_and_other_content_a_conflict(
    conn: psycopg.Connection[Any], brands: tuple[Brand, Brand]
) -> None:
    acme, globex = brands
    first = append(conn, [row(acme.id, "twice")])[0]
    later = LogRow(*[*_fields(row(acme.id, "twice"))[:-2], datetime(2026, 12, 1, tzinfo=UTC), b""])
    again = append(conn, [later])[0]
    assert again.duplicate and again.received_at == first.received_at
    assert append(conn, [row(acme.id, "twice", body=b"other")])[0].conflict
    assert not append(conn, [row(globex.id, "twice")])[0].duplicate, "ids of different clients have nothing to do with each other"


def test_one_id_several_times_in_one_batch(conn: psycopg.Connection[Any], brands: tuple[Brand, Brand]) -> None:
    acme, _ = brands
    batch = [row(acme.id, "r"), row(acme.id, "s"), row(acme.id, "r"), row(acme.id, "r", body=b"other"), row(acme.id, "r")]
    receipts = append(conn, batch)
    assert [(receipt.duplicate, receipt.conflict) for receipt in receipts] == [
        (False, False), (False, False), (True, False), (False, True), (True, False),
    ]  # fmt: skip


def test_a_poisoned_row_never_fails_its_neighbours(conn: psycopg.Connection[Any], brands: tuple[Brand, Brand]) -> None:
    acme, _ = brands
    batch = [row(acme.id, f"n{n}") for n in range(50)]
    batch[17] = row(acme.id, "bad", event_id="not-an-id")
    batch[31] = row(acme.id, "bad2", type="nul\x00byte")
    receipts = append(conn, batch)
    assert [n for n, receipt in enumerate(receipts) if receipt.problem] == [17, 31]
    assert all("nul" not in str(receipt.problem) for receipt in receipts), "the database's words may quote the row"
    assert not any(receipt.duplicate for receipt in receipts)
    logged = {event.id for event in pending(conn, acme.id, 0, 0, 1000)}
    assert {entry.event.id for n, entry in enumerate(batch) if n not in (17, 31)} <= logged


def test_a_value_that_cannot_be_written_down_fails_alone(
    conn: psycopg.Connection[Any], brands: tuple[Brand, Brand]
) -> None:
    acme, _ = brands
    huge = row(acme.id, "huge")
    event = Event(huge.event.id, "signup", NOW, data={"n": object()})
    batch = [row(acme.id, "small"), LogRow(acme.id, event, huge.body_hash, huge.key_id, huge.sealed, NOW)]
    small, bad = append(conn, batch)
    assert small.problem is None and bad.problem is not None


def test_only_what_no_running_transaction_can_precede_is_shown(
    conn: psycopg.Connection[Any], urls: Urls, brands: tuple[Brand, Brand]
) -> None:
    _, globex = brands
    with connect(urls.engine, "slow") as slow, slow.transaction():
        append(slow, [row(globex.id, "slow")])
        append(conn, [row(globex.id, "fast")])
        shown = {event.id for event in pending(conn, globex.id, 0, 0, 100)}
        assert ident(globex.id, "fast") not in shown, "the slow one, when it commits, comes before"
    both = [event.id for event in pending(conn, globex.id, 0, 0, 100)]
    assert both[-2:] == [ident(globex.id, "slow"), ident(globex.id, "fast")]


def test_a_cursor_reads_each_event_once(conn: psycopg.Connection[Any], brands: tuple[Brand, Brand]) -> None:
    acme, _ = brands
    append(conn, [row(acme.id, f"c{n}") for n in range(7)])
    seen: list[str] = []
    xid, seq = 0, 0
    while some := pending(conn, acme.id, xid, seq, 3):
        seen.extend(event.id for event in some)
        xid, seq = some[-1].xid, some[-1].seq
    assert len(seen) == len(set(seen)) == len(pending(conn, acme.id, 0, 0, 1000))


def test_a_rejected_item_is_kept_once(conn: psycopg.Connection[Any], brands: tuple[Brand, Brand]) -> None:
    acme, _ = brands
    item = Rejected(acme.id, ident("rejected", "1"), NOW, "segment", "[]", b"sealed")
    reject(conn, [item, item])
    reject(conn, [item])
    found = conn.execute("SELECT count(*) FROM rejected_event WHERE id = %s::uuid", (item.id,)).fetchone()
    assert found == (1,)


def _fields(logged: LogRow) -> list[Any]:
    return [getattr(logged, name) for name in logged.__struct_fields__]
