"""Fifty at once for the last one: through the front door and the worker of a real installation, exactly as many as allowed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import httpx
import pytest

from goodword.store.sql.connect import connect
from tests.journeys.house import House, house_in
from tests.worker.lane import direct, purchase, refund, signup

AT_ONCE = 50
START = datetime.now(UTC).replace(microsecond=0) - timedelta(days=2)
_slugs = (f"brand{n}" for n in count(1))


class Brand:
    """A client of the house with one program, and a key to its door."""

    def __init__(self, house: House, program: dict[str, Any]) -> None:
        self.house, self.slug = house, next(_slugs)
        self.key = house.add_client(self.slug, program)
        codes = house.folder / f"{self.slug}.csv"
        codes.write_text("code,person\nCODE-alice,alice\nCODE-mallory,mallory\n")
        house.goodword("import", "codes", str(codes), "--client", self.slug)

    def send(self, client: httpx.Client, event: dict[str, Any]) -> dict[str, Any]:
        """The answer with the decision; whoever asks for it gets it."""
        answer = client.post("/v1/events", json=event, headers={"prefer": "wait=10"})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        assert "decision" in found
        return found

    def race(self, *events: dict[str, Any]) -> list[dict[str, Any]]:
        """All at the same moment, each over a connection of its own."""
        with ThreadPoolExecutor(len(events)) as pool:

            def one(event: dict[str, Any]) -> dict[str, Any]:
                with self.house.client(self.key) as client:
                    return self.send(client, event)

            return list(pool.map(one, events))

    def in_turn(self, *events: dict[str, Any]) -> list[dict[str, Any]]:
        with self.house.client(self.key) as client:
            return [self.send(client, event) for event in events]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with connect(self.house.urls().engine, "test") as conn:
            return conn.execute(query, {"slug": self.slug}).fetchall()

    def rewards(self) -> list[tuple[str, int, str]]:
        """(state, minor units, currency) of every reward."""
        return self.rows(
            "SELECT w.state, w.amount_minor, w.asset FROM reward w JOIN client c ON c.id = w.client_id WHERE c.slug = %(slug)s"
        )

    def granted(self) -> int:
        return sum(state not in ("voided", "in_review") for state, _, _ in self.rewards())

    def balance(self, kind: str) -> dict[str, int]:
        found = self.rows(
            "SELECT a.asset, sum(a.posted_minor)::bigint FROM account a JOIN client c ON c.id = a.client_id"
            f" WHERE c.slug = %(slug)s AND a.name LIKE '{kind}:%%' GROUP BY a.asset"
        )
        return dict(found)

    def assert_sound(self) -> None:
        self.house.assert_sound(self.slug)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("races")
    with house_in(folder) as house:
        yield house


@pytest.fixture
def brand_with(house: House) -> Callable[..., Brand]:
    return lambda **more: Brand(house, direct(**more))


def promise(**more: Any) -> dict[str, Any]:
    return {"promises": [{"to": "advocate", "on": "first_order", "give": {"cash": "10.00"}, "hold": "14d", **more}]}


def test_fifty_orders_for_the_last_place_under_a_limit(brand_with: Callable[..., Brand]) -> None:
    acme = brand_with(**promise(limit={"grants": 3}))
    acme.in_turn(*(purchase(f"early{n}", START, code="alice") for n in range(2)))
    assert acme.granted() == 2
    answers = acme.race(*(purchase(f"f{n}", START, code="alice") for n in range(AT_ONCE)))
    assert acme.granted() == 3, "one place was left"
    verdicts = [answer["decision"]["verdict"] for answer in answers]
    assert sum(verdict == "granted" for verdict in verdicts) <= 1
    refused = [
        reason for answer in answers for reason in answer["decision"]["reasons"] if reason["code"].startswith("limit")
    ]
    assert len(refused) >= AT_ONCE - 1, verdicts
    acme.in_turn(purchase("m1", START, code="mallory"))
    assert acme.granted() == 4, "the limit is each person's own"
    acme.assert_sound()


def test_fifty_friends_for_the_last_euro_reserved_at_the_join(brand_with: Callable[..., Brand]) -> None:
    acme = brand_with(budget={"amount": "45.00", "reserve": "join", "at_end": "stop_new"}, **promise())
    acme.in_turn(*(signup(f"early{n}", START, "alice") for n in range(3)))
    acme.race(*(signup(f"f{n}", START, "alice") for n in range(AT_ONCE)))
    acme.race(*(purchase(f"f{n}", START + timedelta(hours=1)) for n in range(AT_ONCE)))
    acme.in_turn(*(purchase(f"early{n}", START + timedelta(hours=2)) for n in range(3)))
    assert acme.granted() == 4, "45 euros carry four rewards of ten, three of them promised before"
    assert sum(minor for state, minor, _ in acme.rewards() if state != "voided") == 40_00
    assert all(minor >= 0 for minor in acme.balance("budget").values())
    acme.assert_sound()


def test_fifty_grants_while_funds_last(brand_with: Callable[..., Brand]) -> None:
    acme = brand_with(budget={"amount": "75.00", "reserve": "grant", "at_end": "while_funds_last"}, **promise())
    acme.race(*(signup(f"f{n}", START, "alice") for n in range(AT_ONCE)))
    acme.race(*(purchase(f"f{n}", START + timedelta(hours=1)) for n in range(AT_ONCE)))
    assert acme.granted() == 7
    assert sum(minor for _, minor, _ in acme.rewards()) <= 75_00
    assert all(minor >= 0 for minor in acme.balance("budget").values())
    acme.assert_sound()


def test_the_same_order_sent_three_times_is_one_reward(brand_with: Callable[..., Brand]) -> None:
    acme = brand_with()
    same = purchase("bob", START, code="alice")
    answers = acme.race(same, same, same)
    assert len({answer["event"] for answer in answers}) == 1
    assert sorted(answer["duplicate"] for answer in answers) == [False, True, True]
    again = [same | {"id": f"other-{n}"} for n in range(3)]
    acme.race(*again)
    assert acme.granted() == 1, "an order told again under another id is the same order"
    with acme.house.client(acme.key) as client:
        answer = client.post("/v1/events", json=same)
        assert answer.status_code == 202 and answer.headers["idempotency-hit"] == "true"
        changed = purchase("bob", START, "99.00", code="alice")
        refused = client.post("/v1/events", json=changed)
        assert refused.status_code == 409 and refused.json()["code"] == "id_taken"
    acme.assert_sound()


def test_half_taken_back_twice_is_all_taken_back_once(brand_with: Callable[..., Brand]) -> None:
    acme = brand_with(
        promises=[
            {"to": "advocate", "on": "first_order", "give": {"percent": {"percent": 10, "max": "50.00"}}, "hold": "30d"}
        ]
    )
    acme.in_turn(purchase("bob", START, "80.00", code="alice"))
    assert acme.rewards() == [("pending", 8_00, "EUR")]
    half = refund("bob", START + timedelta(hours=1), "40.00", name="half-1")
    acme.race(half, half)
    acme.in_turn(half)
    states = acme.rewards()
    assert [minor for state, minor, _ in states if state != "voided"] == [4_00], (
        "the same half again takes nothing more"
    )
    acme.in_turn(refund("bob", START + timedelta(hours=2), "40.00", name="half-2"))
    assert [minor for state, minor, _ in acme.rewards() if state != "voided"] == []
    acme.in_turn(refund("bob", START + timedelta(hours=3), "40.00", name="half-3"))
    assert acme.balance("payable") in ({}, {"EUR": 0})
    acme.assert_sound()


def test_two_halves_at_the_same_moment(brand_with: Callable[..., Brand]) -> None:
    acme = brand_with()
    acme.in_turn(purchase("bob", START, "80.00", code="alice"))
    halves = [refund("bob", START + timedelta(hours=1), "40.00", name=f"half-{n}") for n in range(2)]
    acme.race(*halves, *halves)
    assert {state for state, _, _ in acme.rewards()} == {"voided"}
    assert set(acme.balance("payable").values()) <= {0}
    acme.assert_sound()


def test_euros_stay_euros(brand_with: Callable[..., Brand]) -> None:
    acme = brand_with()
    events = [purchase(f"eur{n}", START, code="alice") for n in range(5)]
    events += [purchase(f"usd{n}", START, code="alice", currency="USD") for n in range(5)]
    acme.race(*events)
    assert {currency for _, _, currency in acme.rewards()} == {"EUR"}
    currencies = {
        row[0]
        for row in acme.rows(
            "SELECT DISTINCT e.asset FROM entry e JOIN client c ON c.id = e.client_id WHERE c.slug = %(slug)s"
        )
    }
    assert currencies == {"EUR"}
    acme.assert_sound()


def test_two_clients_at_once_see_nothing_of_each_other(house: House) -> None:
    acme, globex = Brand(house, direct()), Brand(house, direct())
    same = [purchase(f"f{n}", START, code="alice") for n in range(20)]
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(brand.race, *same) for brand in (acme, globex)]:
            done.result()
    assert acme.granted() == globex.granted() == 20
    acme.assert_sound()
    globex.assert_sound()
