"""Wrong input of every kind, at the running house: place and repair are said, good neighbours kept, nothing is half done."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from goodword.store.sql.connect import connect
from tests.journeys.house import House, house_in
from tests.worker.lane import direct, purchase

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house_in(tmp_path_factory.mktemp("wrong")) as house:
        yield house


@pytest.fixture(scope="module")
def keys(house: House) -> dict[str, str]:
    return {slug: house.add_client(slug, direct()) for slug in ("acme", "globex")}


@pytest.fixture
def acme(house: House, keys: dict[str, str]) -> Iterator[httpx.Client]:
    with house.client(keys["acme"]) as client:
        yield client


def logged(house: House) -> tuple[int, int, int]:
    """Rows of the log and of what lies beside it."""
    with connect(house.urls().engine, "test") as conn:
        row = conn.execute(
            "SELECT (SELECT count(*) FROM event), (SELECT count(*) FROM event_key), (SELECT count(*) FROM event_body)"
        ).fetchone()
    assert row is not None
    return row


def order(**more: Any) -> dict[str, Any]:
    return purchase("bob", NOW - DAY) | {"order": {"id": "o1", "amount": "54.00", "currency": "EUR"} | more}


def highest_memory_bytes(pid: int) -> int:
    """The most memory that a process ever held."""
    (line,) = (one for one in Path(f"/proc/{pid}/status").read_text().splitlines() if one.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def refused(answer: httpx.Response, status: int) -> list[dict[str, Any]]:
    """The problem document of a refusal, with its places."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["title"] and problem["status"] == status
    errors: list[dict[str, Any]] = problem.get("errors", [])
    for error in errors:
        assert error["why"] and error["repair"], "why and repair are said"
    return errors


WRONG_FIELDS = {
    "a number for money": (order(amount=54.0), "order.amount"),
    "a negative amount": (order(amount="-54.00"), "order.amount"),
    "an absurd amount": (order(amount="9" * 30), "order.amount"),
    "an amount in words": (order(amount="a lot"), "order.amount"),
    "more decimals than the currency has": (order(amount="5.123"), "order.amount"),
    "a currency that is none": (order(currency="EURO"), "order.currency"),
    "a currency left out": (order(currency=None), "order.currency"),
    "no order": ({key: value for key, value in order().items() if key != "order"}, "order"),
    "no id": ({key: value for key, value in order().items() if key != "id"}, "id"),
    "an empty id": (order() | {"id": ""}, "id"),
    "an id of another type": (order() | {"id": 7}, "id"),
    "a type with blanks": (order() | {"type": "Order Paid"}, "type"),
    "an act of the house": (order() | {"type": "publish"}, "type"),
    "a moment without offset": (order() | {"at": "2026-03-01T10:00:00"}, "at"),
    "a moment in words": (order() | {"at": "yesterday"}, "at"),
    "two days ahead": (order() | {"at": (NOW + 2 * DAY).isoformat()}, "at"),
    "an age ago": (order() | {"at": "0001-01-01T00:00:00Z"}, "at"),
    "a person who is nobody": (order() | {"person": {"name": "Bob"}}, "person"),
    "a person who is a word": (order() | {"person": "bob"}, "person"),
    "an unknown program": (order() | {"program": "no-such-program"}, "program"),
}


@pytest.mark.parametrize("what", WRONG_FIELDS)
def test_a_wrong_field_is_named_with_its_repair(house: House, acme: httpx.Client, what: str) -> None:
    event, field = WRONG_FIELDS[what]
    before = logged(house)
    errors = refused(acme.post("/v1/events", json=event), 422)
    assert errors[0]["field"] == field, errors
    assert logged(house) == before


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"nonsense", b'{"id": "1"', b"\xff\xfe\x00", b'"a word"', b"7", b"[" * 100_000, b'{"a":' * 50_000],
    ids=["nothing", "half", "words", "cut off", "no UTF-8", "a string", "a number", "deep arrays", "deep objects"],
)
def test_what_is_no_event_is_refused_whole(house: House, acme: httpx.Client, body: bytes) -> None:
    before = logged(house)
    answer = acme.post("/v1/events", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 413, 422), answer.text
    refused(answer, answer.status_code)
    assert logged(house) == before
    assert acme.get("/healthz").status_code == 200


def test_too_large_and_a_bomb(house: House, acme: httpx.Client) -> None:
    before = logged(house)
    refused(acme.post("/v1/events", json=order() | {"data": {"note": "x" * 40_000}}), 413)
    refused(acme.post("/v1/events", content=b" " * (17 * 2**20)), 413)
    bomb = gzip.compress(b" " * (200 * 2**20), 9)
    highest_before = highest_memory_bytes(house.pids()["web"])
    refused(acme.post("/v1/events", content=bomb, headers={"content-encoding": "gzip"}), 413)
    highest = highest_memory_bytes(house.pids()["web"])
    assert highest - highest_before < 100 * 2**20, "it is not unpacked to its end"
    broken = acme.post("/v1/events", content=bomb[:1000] + b"?", headers={"content-encoding": "gzip"})
    assert broken.status_code in (400, 413), broken.text
    many = "\n".join(json.dumps(order()) for _ in range(10_001)).encode()
    refused(acme.post("/v1/events", content=many, headers={"content-type": "application/x-ndjson"}), 413)
    assert logged(house) == before


def test_good_neighbours_are_kept(house: House, acme: httpx.Client) -> None:
    good = [purchase(f"n{n}", NOW - DAY) for n in range(10)]
    bad: list[Any] = [order(amount=5.5), order(currency="EURO"), "a word", None, order() | {"id": None}]
    mixed = [item for pair in zip(good[:5], bad, strict=True) for item in pair] + good[5:]
    before = logged(house)
    answer = acme.post("/v1/events", json=mixed)
    assert answer.status_code == 207
    found = answer.json()
    assert (found["accepted"], found["rejected"]) == (10, 5)
    for result in found["results"]:
        if result["index"] in (1, 3, 5, 7, 9):
            assert result["status"] == 422 and result["errors"][0]["repair"]
        else:
            assert result["event"].startswith("evt_")
    assert logged(house) == tuple(count + 10 for count in before)
    lines = b"\n".join(
        [json.dumps(purchase("l1", NOW - DAY)).encode(), b"{half", json.dumps(purchase("l2", NOW - DAY)).encode()]
    )
    answer = acme.post("/v1/events", content=lines, headers={"content-type": "application/x-ndjson"})
    assert [("event" in result) for result in answer.json()["results"]] == [True, False, True]


def test_unknown_codes_and_odd_words_are_told_not_lost(acme: httpx.Client) -> None:
    event = purchase("odd", NOW - DAY) | {
        "code": "NO-SUCH-CODE",
        "nonsense": {"deep": [1, 2, {"x": None}]},
        "data": {"emoji": "🦉", "zero": "a\u0000b", "rtl": "\u202eabc"},
    }
    answer = acme.post("/v1/events", json=event, headers={"prefer": "wait=10"})
    if answer.status_code == 422:  # a NUL cannot be kept by any column; then it is named
        event["data"].pop("zero")
        answer = acme.post("/v1/events", json=event | {"id": "odd-2"}, headers={"prefer": "wait=10"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["decision"]["verdict"]


def test_the_same_id_with_other_content(house: House, acme: httpx.Client) -> None:
    first = purchase("same", NOW - DAY)
    answer = acme.post("/v1/events", json=first)
    assert answer.status_code == 202
    before = logged(house)
    errors = refused(acme.post("/v1/events", json=purchase("same", NOW - DAY, "99.00")), 409)
    assert errors[0]["field"] == "id"
    both = acme.post("/v1/events", json=[first, purchase("same", NOW - DAY, "98.00")])
    assert [result.get("duplicate", result.get("status")) for result in both.json()["results"]] == [True, 409]
    shuffled = dict(reversed(list(first.items())))
    again = acme.post("/v1/events", json=shuffled)
    assert (again.status_code, again.json()["event"]) == (202, answer.json()["event"])
    assert again.headers["idempotency-hit"] == "true"
    assert logged(house) == before


def test_keys(house: House, keys: dict[str, str], acme: httpx.Client) -> None:
    event = purchase("keyed", NOW - DAY)
    for wrong in ("", "gw_" + "x" * 40, keys["acme"][:-1], "Bearer"):
        with house.client(wrong) as stranger:
            assert stranger.post("/v1/events", json=event).status_code == 401
    first = acme.post("/v1/events", json=event).json()["event"]
    with house.client(keys["globex"]) as globex:
        other = globex.post("/v1/events", json=event)
        assert other.status_code == 202 and other.json()["duplicate"] is False
        assert other.json()["event"] != first, "another client's event is another event"
    made = house.json("key", "create", "--client", "acme", "--name", "short")
    house.accepts(made["key"])
    house.goodword("key", "revoke", "--client", "acme", made["id"])
    deadline = time.monotonic() + 60
    with house.client(made["key"]) as former:
        while former.post("/v1/events", json=event).status_code != 401:
            assert time.monotonic() < deadline, "a revoked key still opens"
            time.sleep(0.05)
    narrow = house.json("key", "create", "--client", "acme", "--scope", "codes:read", "--name", "narrow")["key"]
    house.accepts(narrow)
    with house.client(narrow) as reader:
        refused(reader.post("/v1/events", json=event), 403)


def test_an_event_of_tomorrow_waits(house: House, acme: httpx.Client) -> None:
    event = purchase("tomorrow", NOW + timedelta(hours=12))
    answer = acme.post("/v1/events", json=event, headers={"prefer": "wait=5"})
    assert answer.status_code in (200, 202), answer.text
    with connect(house.urls().engine, "test") as conn:
        deadline = time.monotonic() + 60
        while not (
            rows := conn.execute("SELECT reason, retry_at FROM dead_letter WHERE reason = 'at_in_future'").fetchall()
        ):
            assert time.monotonic() < deadline
            time.sleep(0.05)
    assert rows == [("at_in_future", NOW + timedelta(hours=12))]


def test_a_second_house_on_the_same_folder_is_told_where_the_first_is(house: House) -> None:
    env = {**os.environ, "GOODWORD_DATA": str(house.data), "GOODWORD_PORT": str(house.port + 1)}
    argv = [sys.executable, "-m", "goodword.cli", "serve"]
    done = subprocess.run(argv, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert house.address in done.stderr
    assert "goodword stop" in done.stderr
    assert "Traceback" not in done.stderr
    assert house.client("").get("/healthz").status_code == 200


def test_a_port_that_is_taken_and_a_folder_that_cannot_be(house: House) -> None:
    argv = [sys.executable, "-m", "goodword.cli", "serve"]
    base = {name: value for name, value in os.environ.items() if not name.startswith("GOODWORD_")}
    other = base | {
        "GOODWORD_DATA": str(house.folder / "other"),
        "GOODWORD_KEY_FILE": str(house.folder / "other.key"),
        "GOODWORD_PORT": str(house.port),
    }
    done = subprocess.run(argv, env=other, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2 and str(house.port) in done.stderr and "Traceback" not in done.stderr
    (house.folder / "a-file").write_text("")
    for wrong in (house.folder / "a-file" / "data", "/proc/goodword"):
        done = subprocess.run(
            argv, env=other | {"GOODWORD_DATA": str(wrong)}, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 2, done.stderr
        assert str(wrong) in done.stderr and "Traceback" not in done.stderr


def test_a_disk_that_is_nearly_full_refuses_before_the_database_stops(house: House, keys: dict[str, str]) -> None:
    house.stop()
    house.start(GOODWORD_MIN_FREE_MB="999999999")
    try:
        with house.client(keys["acme"]) as acme:
            house.accepts(keys["acme"])
            before = logged(house)
            answer = acme.post("/v1/events", json=purchase("full", NOW - DAY))
            refused(answer, 429)
            assert int(answer.headers["retry-after"]) > 0
            assert logged(house) == before
    finally:
        house.stop()
        house.start()
    with house.client(keys["acme"]) as acme:
        house.accepts(keys["acme"])
        assert acme.post("/v1/events", json=purchase("full", NOW - DAY)).status_code == 202


def test_afterwards_everything_is_sound(house: House, acme: httpx.Client) -> None:
    assert acme.post("/v1/events", json=purchase("last", NOW - DAY), headers={"prefer": "wait=10"}).status_code == 200
    with connect(house.urls().engine, "test") as conn:
        assert conn.execute("SELECT count(*) FROM dead_letter WHERE reason <> 'at_in_future'").fetchone() == (0,)
    for slug in ("acme", "globex"):
        house.assert_sound(slug)
    for log in (house.data / "log").glob("*.log"):
        assert "x.test" not in log.read_text(errors="replace"), f"somebody's address stands in {log.name}"
