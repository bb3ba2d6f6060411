"""What of a friend who did more than is folded at once? Nothing is decided from a part: a person has to look."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from goodword.core import situation
from goodword.core.events import ident
from goodword.house.roles import Urls
from goodword.store import load
from tests.worker.lane import NOW, START, Lane, code_of, direct, lane_on, purchase, refund, signup


@pytest.fixture
def lane(urls: Urls, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Lane]:
    """A lane on which thirty events of a person, or ten of a visitor, are as many as are folded."""
    from goodword.core import decide

    for module in (situation, load):
        monkeypatch.setattr(module, "HISTORY_EVENTS", 30)
        monkeypatch.setattr(module, "TOKEN_EVENTS", 10)
    monkeypatch.setattr(decide, "HISTORY_EVENTS", 30)
    monkeypatch.setattr(load, "SPARE_EVENTS", 5)
    with lane_on(urls, f"brand-{ident(request.node.name)[:8]}") as found:
        found.publish(direct())
        found.send(code_of("alice"))
        found.drain_all()
        yield found


def reasons_of(lane: Lane, event: str) -> str:
    body = lane.rows(
        "SELECT body FROM decision WHERE client_id = %s::uuid AND event_id = %s::uuid", lane.client_id, event
    )
    return str(body[0][0])


def standing(lane: Lane) -> list[tuple[str, str]]:
    return [
        (state, reward)
        for state, reward in lane.rows(
            "SELECT r.state, w.state FROM referral r JOIN reward w ON w.client_id = r.client_id AND w.referral_id = r.id"
            " WHERE r.client_id = %s::uuid",
            lane.client_id,
        )
    ]


@pytest.mark.parametrize("limit", [1, 7, 1000])
def test_what_was_earned_stays_when_the_first_order_is_long_ago(lane: Lane, limit: int) -> None:
    lane.send(signup("bob", START, "alice"), purchase("bob", START + timedelta(days=1), "60.00", order="first"))
    lane.drain_all(limit=limit)
    lane.advance(START + timedelta(days=20))
    before = standing(lane)
    assert before == [("rewarded", "payable")]
    for n in range(60):
        lane.send(purchase("bob", START + timedelta(days=30 + n), "5.00", order=f"again-{n}"))
    lane.drain_all(limit=limit)
    assert standing(lane) == before
    (last,) = lane.send(purchase("bob", START + timedelta(days=100), "5.00", order="last"))
    (back,) = lane.send(refund("bob", START + timedelta(days=101), "60.00", order="first"))
    lane.drain_all(limit=limit)
    assert "history_too_long" in reasons_of(lane, last) and "history_too_long" in reasons_of(lane, back)
    assert standing(lane) == before, "taken back or granted anew from a part of the history"
    lane.assert_sound()


def test_a_late_older_event_is_held_for_a_person(lane: Lane) -> None:
    for n in range(40):
        lane.send(purchase("bob", START + timedelta(days=30 + n), "5.00", order=f"o-{n}"))
    lane.drain_all()
    (late,) = lane.send(signup("bob", START, "alice"))
    lane.drain_all()
    assert "history_too_long" in reasons_of(lane, late)
    assert lane.count("referral") == 0
    lane.assert_sound()


def test_who_shares_a_busy_browser_is_still_decided(lane: Lane) -> None:
    for n in range(40):
        lane.send(
            {"id": f"c{n}", "type": "click", "at": (START + timedelta(hours=n)).isoformat(), "visitor": "till",
             "code": "CODE-alice"}
        )  # fmt: skip
    joined = START + timedelta(hours=50)
    lane.send(signup("bob", joined, visitor="till"), purchase("bob", joined + timedelta(days=1), "60.00", order="one"))
    for n in range(40, 80):
        lane.send(
            {"id": f"c{n}", "type": "click", "at": (joined + timedelta(days=2, hours=n)).isoformat(), "visitor": "till",
             "code": "CODE-alice"}
        )  # fmt: skip
    lane.send(purchase("bob", joined + timedelta(days=9), "9.00", order="two"))
    lane.drain_all(limit=9)
    lane.advance(NOW)
    assert standing(lane) == [("rewarded", "payable")]
    lane.assert_sound()
