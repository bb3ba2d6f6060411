"""Where is my reward? Does the story say since when it is payable, on which day it was sent, and of what it is a share?"""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.conftest import As
from tests.web.test_desk import shown, text_of
from tests.web.world import day, document


@pytest.fixture(scope="module")
def shared(world: Any) -> Any:
    """From yesterday on a referrer gets 20 % of the order, the friend a sum; Zoe buys for 70.00 and gives 10.00 back."""
    from tests.worker.lane import lane_on

    with lane_on(world.urls, "acme", world.keyring) as lane:
        terms = document("Autumn friends")
        terms["promises"][0]["give"] = {"percent": 20}
        terms["budget"]["reserve"] = "grant"
        lane.publish(terms, 2, at=day(-1))
        zoe = {"id": "zoe", "email": "zoe@x.test", "attributes": {"status": "active"}}
        order = {"id": "o-zoe", "amount": "70.00", "currency": "EUR"}
        events: list[dict[str, Any]] = [
            {"type": "signup", "code": "ANNA7"},
            {"type": "purchase", "order": order},
            {"type": "refund", "order": order | {"amount": "10.00"}},
        ]
        for n, event in enumerate(events):
            at = day(-0.5 + n / 10).isoformat()
            lane.send({"id": f"zoe-{n}", "at": at, "person": zoe, **event}, received_at=day(0))
        ((alices,),) = lane.rows(
            "SELECT w.id FROM reward w WHERE w.client_id = %s::uuid AND w.referral_id = %s::uuid AND w.role = 'advocate'",
            lane.client_id,
            world.referrals["acme/cleo"],
        )
        sent = {"id": "sent-cleo", "type": "sent", "at": day(0).isoformat(), "act": {"reward": alices}}
        lane.send(sent, received_at=day(0))
        lane.drain_all(now=day(0))
        token = lane.lanes.vault.open_client(lane.client_id).token("id", "zoe")
        ((world.referrals["acme/zoe"],),) = lane.rows(
            "SELECT r.id FROM referral r JOIN identifier i ON i.client_id = r.client_id AND i.party_id = r.friend_id"
            " WHERE i.client_id = %s::uuid AND i.token = %s::uuid",
            lane.client_id,
            token,
        )
    return world


def told(as_: As, path: str) -> str:
    return text_of(as_("dan").get(path).content.decode(), r"<main.*</main>")


@pytest.mark.parametrize(
    ("voice", "says", "hides"),
    [
        ("agent", f"Rewarded. 10.00 EUR for Alice Advocate, sent on {shown(0)}. 20.00 EUR for Cléo d'Arc, payable since", "none"),
        ("referrer", f"Yours. 10.00 EUR for Alice Advocate, sent on {shown(0)}.", "20.00"),
        ("friend", "Yours. 20.00 EUR for Cléo d'Arc.", "10.00"),
    ],
)
def test_what_was_sent_is_told_with_its_day_and_to_each_only_the_own(
    shared: Any, as_: As, voice: str, says: str, hides: str
) -> None:
    page = told(as_, f"{shared.path('acme', 'cleo')}?voice={voice}")
    assert says in page and hides not in page


def test_a_share_names_what_is_left_of_the_order_and_a_sum_does_not(shared: Any, as_: As) -> None:
    page = told(as_, shared.path("acme", "zoe"))
    assert "12.00 EUR of 60.00 EUR that count" in page
    assert page.count("that count") == 1, "the friend's 20.00 EUR are a sum"
    assert "that count" not in told(as_, shared.path("acme", "cleo"))
