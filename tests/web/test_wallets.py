"""Does the desk show points by their dates, redeem them for somebody once, and take that back, for those who may?"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from tests.web.conftest import As
from tests.web.world import NOW, World, day
from tests.worker.lane import lane_on

CLUB = {
    "program": "club",
    "name": "Acme club",
    "type": "direct",
    "currency": "EUR",
    "screening": "off",
    "units": {
        "PTS:acme-club": {
            "name": "Club points",
            "cost": {"from": "2020-01-01", "each": "0.01"},
            "expires": {"after": "365d"},
        }
    },
    "catalogue": {
        "mug": {"name": "Enamel mug", "points": 300, "stock": 2},
        "trip": {"name": "Trip", "points": 9000},
    },
    "promises": [
        {"to": "advocate", "on": "first_order", "give": {"points": 500}},
        {"to": "advocate", "on": "joined", "give": {"points": 40}, "hold": "60d"},
    ],
}


@pytest.fixture(scope="module")
def pia(world: World) -> str:
    """Pia brought two friends who bought, and one who only signed up; her party."""
    person = {"id": "pia", "email": "pia@x.test", "name": "Pia Points"}
    with lane_on(world.urls, "acme", world.keyring) as lane:
        at = day(-100)
        act = {"document": CLUB, "version": 1, "live_from": at.isoformat()}
        lane.send({"id": "publish-club", "type": "publish", "at": at.isoformat(), "act": act})
        code = {"id": "code-pia", "type": "code_issued", "code": "PIA", "program": "club", "person": person, "act": {}}
        lane.send(code | {"at": day(-99).isoformat()})
        for n, friend in enumerate(("quinn", "rosa", "sam")):
            who = {"id": friend, "name": friend.title()}
            since = day(-20 + n)
            lane.send({"id": f"j-{friend}", "type": "signup", "person": who, "code": "PIA", "at": since.isoformat()})
            if friend != "sam":
                order = {"id": f"club-{friend}", "amount": "60.00", "currency": "EUR"}
                paid = since + timedelta(hours=1)
                lane.send(
                    {"id": f"p-{friend}", "type": "purchase", "person": who, "order": order, "at": paid.isoformat()}
                )
        lane.drain_all(now=NOW)
        token = lane.lanes.vault.open_client(lane.client_id).token("id", "pia")
        rows = lane.rows("SELECT party_id FROM identifier WHERE kind = 'id' AND token = %s::uuid", token)
        return str(rows[0][0])


def _text(response: Any) -> str:
    """What a reader sees, in one line."""
    body = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", body.replace("\u00a0", " "))


def _once(response: Any) -> str:
    found = re.search(r'name="once" value="([0-9a-f]{32})"', response.content.decode())
    assert found
    return found[1]


def test_the_page_of_a_person_says_how_many_points_there_are_and_when_they_go(as_: As, pia: str) -> None:
    seen = _text(as_("dan").get(f"/c/acme/people/prs_{pia}"))
    assert "1,000 Club points" in seen
    assert "and 120 Club points on the way" in seen
    assert "expire on" in seen


def test_somebody_without_points_has_no_part_about_them(as_: As, world: World, pia: str) -> None:
    bob = world.people["acme/bob"]
    assert "Club points" not in _text(as_("dan").get(f"/c/acme/people/prs_{bob}"))
    assert "No points." in _text(as_("dan").get(f"/c/acme/wallets/prs_{bob}"))


def test_the_wallet_shows_lots_by_date_history_and_what_it_costs(as_: As, pia: str) -> None:
    seen = _text(as_("dan").get(f"/c/acme/wallets/prs_{pia}"))
    assert "10.00 EUR" in seen, "a thousand points at a cent each"
    assert seen.count("500 Club points") >= 4, "two lots and two movements"
    assert "Enamel mug" in seen and "2 left" in seen


def test_the_client_sees_what_all_wallets_come_to_and_what_is_left(as_: As, pia: str) -> None:
    seen = _text(as_("vera").get("/c/acme/wallets")).replace(" .", ".")
    assert "1,000 Club points" in seen and "One wallet has points." in seen
    assert "10.00 EUR" in seen
    assert "120 Club points" in seen and "worth 1.20 EUR." in seen
    assert "Enamel mug Acme club 300 Club points 0 0.00 EUR 2" in seen
    assert "Trip Acme club 9,000 Club points 0 0.00 EUR without end" in seen


def test_points_are_redeemed_once_and_the_cancellation_brings_them_back(as_: As, pia: str) -> None:
    dan, address = as_("dan"), f"/c/acme/wallets/prs_{pia}"
    form = {"item": "club/mug", "quantity": "1", "once": _once(dan.get(address))}
    for _ in range(2):  # the form was sent twice
        assert dan.post(f"{address}/redeem", form).status_code == 303
    page = dan.get(address)
    assert "700 Club points" in _text(page) and "1 left" in _text(page)
    redemption = re.findall(r'name="redemption" value="([0-9a-f]{32})"', page.content.decode())
    assert len(redemption) == 1
    assert dan.post(f"{address}/cancel", {"redemption": redemption[0]}).status_code == 303
    after = _text(dan.get(address))
    assert "1,000 Club points" in after and "2 left" in after and "Cancelled" in after


def test_a_refusal_says_why_and_changes_nothing(as_: As, pia: str) -> None:
    dan, address = as_("dan"), f"/c/acme/wallets/prs_{pia}"
    form = {"item": "club/trip", "quantity": "1", "once": _once(dan.get(address))}
    answer = dan.post(f"{address}/redeem", form)
    assert answer.status_code == 422
    said = _text(answer).replace(" ,", ",").replace(" .", ".")
    assert "Not enough points: 1000 acme club points, needed 9000 acme club points." in said
    assert "1,000 Club points" in _text(dan.get(address))
    for wrong in ({"item": ""}, {"quantity": "0"}, {"quantity": "many"}, {"item": "club/none"}, {"item": "none/mug"}):
        assert dan.post(f"{address}/redeem", form | {"once": _once(dan.get(address))} | wrong).status_code == 422


def test_who_may_not_redeem_sees_no_form_and_is_refused(as_: As, pia: str) -> None:
    address = f"/c/acme/wallets/prs_{pia}"
    audra = as_("audra")
    assert "Redeem the points" not in _text(audra.get(address))
    assert audra.post(f"{address}/redeem", {"item": "club/mug", "quantity": "1", "once": "0" * 32}).status_code == 403
    assert as_("gil").get(address).status_code == 404


def test_a_redemption_of_somebody_else_is_not_found(as_: As, world: World, pia: str) -> None:
    bob = world.people["acme/bob"]
    answer = as_("dan").post(f"/c/acme/wallets/prs_{bob}/cancel", {"redemption": "0" * 32})
    assert answer.status_code == 404


def test_that_points_were_redeemed_is_kept_in_the_log_of_acts(as_: As, world: World, pia: str) -> None:
    with lane_on(world.urls, "acme", world.keyring) as lane:
        kept = lane.rows(
            "SELECT actor, object_id FROM action WHERE verb = 'points.redeem' AND client_id = %s::uuid", lane.client_id
        )
        assert kept and {row[1] for row in kept} == {pia}
        assert lane.ledger().ok
        assert lane.replay().ok
