"""Is what many friends earned together told as what it is: no referral, but a ladder, with its money?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.test import Client

from goodword.house.roles import Urls
from tests.web.world import World, day, document
from tests.worker.lane import lane_on

LADDER = {"tiers": [{"at": 1, "give": {"cash": "5.00"}}, {"at": 3, "give": {"free_time": {"name": "month"}}}]}


def _climbed(urls: Urls, world: World) -> str:
    """Two friends of one person bought: the record's id."""
    with lane_on(urls, "climbers", world.keyring) as lane:
        terms = document("Climbers", program="climb", type="tiered", friends={}, budget=None)
        terms["promises"] = [{"to": "advocate", "on": "first_order", "when": LADDER}]
        terms["milestones"]["first_order"].pop("within")
        lane.publish({key: value for key, value in terms.items() if value is not None}, at=day(-60))
        alice = {"id": "climb-alice", "type": "signup", "at": day(-30).isoformat(), "person": {"id": "alice"}}
        lane.send(alice, received_at=day(-30))
        for n, friend in enumerate(("bob", "cleo")):
            lane.send(
                {
                    "id": f"climb-{friend}",
                    "type": "purchase",
                    "at": (day(-20) + timedelta(hours=n)).isoformat(),
                    "person": {"id": friend},
                    "advocate": {"id": "alice"},
                    "order": {"id": f"o-{friend}", "amount": "80.00", "currency": "EUR"},
                },
                received_at=day(-19),
            )
        lane.drain_all(now=day(-18))
        rows = lane.rows("SELECT id FROM referral WHERE client_id = %s::uuid AND kind = 'record'", lane.client_id)
    assert len(rows) == 1
    return str(rows[0][0]).replace("-", "")


def test_a_ladder_is_told_with_how_far_it_came_and_its_money(
    urls: Urls, world: World, as_: Callable[[str], Client]
) -> None:
    record = _climbed(urls, world)
    page = as_("olga").get(f"/c/climbers/referrals/ref_{record}")
    assert page.status_code == 200
    text = page.content.decode().replace("\xa0", " ")
    assert "the next step is at" in text and "earned together with all friends" in text
    assert "5.00 EUR" in text and "referred" not in text.split("<h1>")[1].split("</h1>")[0]
    listed = as_("olga").get("/c/climbers/referrals").content.decode()
    assert f"ref_{record}" not in listed and listed.count("data-row") == 2
