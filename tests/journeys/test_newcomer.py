"""Can somebody who has nothing come to a payable reward by typed commands and one kind of request?"""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.journeys.house import House, house_in

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

PROGRAM = """
program: autumn
name: Autumn friends
type: two_sided
currency: EUR
timezone: Europe/Berlin
milestones:
  joined: {event: signup}
  first_order: {event: purchase, min: "50.00"}
promises:
  - {to: advocate, on: first_order, give: {cash: "10.00"}, hold: 14d}
  - {to: friend, on: first_order, give: {voucher: "5.00"}, hold: 30d}
"""


def days_ago(days: float) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat()


def test_from_nothing_to_a_payable_reward(tmp_path: Path) -> None:
    with house_in(tmp_path / "house") as house:
        set_up(house)
        secret = house.goodword("key", "create", "--client", "acme").splitlines()[0]
        house.accepts(secret)
        with house.client(secret) as shop:
            promised(shop)
            tell(shop)
        assert referral_of(house, "payable")["state"] == "qualified"
        assert paid_out_of(house)
        assert "everything balances" in house.goodword("ledger", "verify")
        assert "no difference" in house.goodword("replay", "--client", "acme")
        assert house.json("proof", "verify")["acme"]["ok"]
        comes_in(house)
    assert house.processes() == []


def set_up(house: House) -> None:
    """A client, its program, a customer who may refer, and her code."""
    house.goodword("client", "add", "acme", "--name", "Acme", "--currency", "EUR", "--timezone", "Europe/Berlin")
    for name, text in (
        ("autumn.yaml", PROGRAM),
        ("people.csv", "id,joined_at,name,email\nc-1,2024-05-01,Alice Albrecht,alice@mail.example\n"),
        ("codes.csv", "code,person,program\nALICE1,c-1,autumn\n"),
    ):
        (house.folder / name).write_text(text)
    document = str(house.folder / "autumn.yaml")
    live_from = days_ago(60)[:10]
    told = house.goodword("program", "push", "--client", "acme", document, "--publish", "--live-from", live_from)
    assert "is live from" in told
    for kind in ("people", "codes"):
        house.goodword("import", kind, str(house.folder / f"{kind}.csv"), "--client", "acme")


def promised(shop: httpx.Client) -> None:
    """What the shop may tell a friend who types the code."""
    answer = shop.get("/v1/codes/alice1").json()
    assert answer["valid"], answer
    assert answer["friend"][0]["text"] == "a voucher of 5.00 EUR"


def tell(shop: httpx.Client) -> None:
    """Bob joins with the code and orders twenty days ago: the hold of fourteen days is over, that of thirty is not."""
    bob = {"id": "c-2", "name": "Bob Bauer", "email": "bob@mail.example"}
    order = {"id": "A-1", "amount": "54.00", "currency": "EUR"}
    joined = {"id": "e-1", "type": "signup", "at": days_ago(21), "person": bob, "code": "ALICE1"}
    bought = {"id": "e-2", "type": "purchase", "at": days_ago(20), "person": {"id": "c-2"}, "order": order}
    assert codes_of(post(shop, joined)) >= {"touch_won", "joined"}
    assert codes_of(post(shop, bought)) >= {"milestone_reached", "screening_passed", "reward_pending"}
    again = shop.post("/v1/events", json=bought)
    assert again.status_code == 202 and again.json()["duplicate"]


def post(shop: httpx.Client, event: dict[str, Any]) -> dict[str, Any]:
    answer = shop.post("/v1/events", json=event, headers={"prefer": "wait=10"})
    assert answer.status_code == 200, answer.text
    decision: dict[str, Any] = answer.json()["decision"]
    return decision


def codes_of(decision: dict[str, Any]) -> set[str]:
    return {reason["code"] for reason in decision["reasons"]}


def referral_of(house: House, advocates_reward: str, within_s: float = 20.0) -> dict[str, Any]:
    """The one referral, once the worker has let time run to now."""
    deadline = time.monotonic() + within_s
    while True:
        (line,) = house.goodword("export", "referrals", "--client", "acme").splitlines()
        referral: dict[str, Any] = json.loads(line)
        states = {reward["to"]: reward["state"] for reward in referral["rewards"]}
        if states["advocate"] == advocates_reward:
            assert states == {"advocate": "payable", "friend": "pending"}
            assert (referral["advocate"], referral["friend"], referral["method"]) == ("c-1", "c-2", "code")
            return referral
        assert time.monotonic() < deadline, referral
        time.sleep(0.3)


def paid_out_of(house: House) -> bool:
    """Ten euros lie ready for Alice, five are pending for Bob."""
    balances = {row["account"]: row for row in house.json("ledger", "balances", "--client", "acme")["balances"]}
    return (balances["payable"]["posted"], balances["payable"]["pending_in"]) == ("10.00", "5.00")


def comes_in(house: House) -> None:
    """The first person of the house gets a link, which opens once."""
    link = house.json("user", "add", "olga@goodword.example", "--role", "manager")["link"]
    with httpx.Client(base_url=house.address, timeout=30, follow_redirects=True) as browser:
        page = browser.get(link[link.index("/welcome/") :])
        assert page.status_code == 200 and "olga@goodword.example" in page.text
