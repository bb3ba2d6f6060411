"""Is a referral that a dispute holds up told as that, in its story and in the queue of reviews?"""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.conftest import As
from tests.web.test_walls import body
from tests.web.world import day


@pytest.fixture(scope="module")
def disputed(world: Any) -> Any:
    """Cléo's bank opens a dispute about an order whose reward is payable long since."""
    from tests.worker.lane import lane_on

    with lane_on(world.urls, "acme", world.keyring) as lane:
        event = {"id": "dispute", "type": "dispute_opened", "at": day(-1).isoformat(), "order": {"id": "o-cleo"}}
        lane.send(event, received_at=day(0))
        lane.drain_all(now=day(0))
    return world


def test_the_story_says_what_holds_it_up_and_what_ends_it(disputed: Any, as_: As) -> None:
    page = body(as_("dan").get(disputed.path("acme", "cleo")))
    assert "Held by a dispute." in page
    assert "if it is lost, they are taken back" in page


def test_it_stands_in_the_queue_and_opens_there(disputed: Any, as_: As) -> None:
    browser = as_("dan")
    page = browser.get("/c/acme/review")
    assert page.status_code == 200
    referral = disputed.path("acme", "cleo").rstrip("/").rsplit("/", 1)[-1]
    assert referral in page.content.decode()
    assert browser.get(f"/c/acme/review/{referral}").status_code == 200
