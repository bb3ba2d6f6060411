"""Is notice of a program's end on record once, whatever the size of a batch, and does a replay come to the same?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from goodword.core.events import ident
from goodword.house.roles import Urls
from goodword.worker.loop import Worker
from tests.worker.lane import NOW, START, Lane, code_of, direct, lane_on, new_keyring, purchase, refund, signup

DAY = timedelta(days=1)
NOTICE_AT = datetime(2026, 4, 1, tzinfo=UTC)  # thirty days before the last moment of 30 April
TERMS = direct(runs={"last_milestone": "2026-04-30", "notice": "30d"})
LATER = direct(runs={"last_milestone": "2026-08-31", "notice": "30d"})
FRIENDS = [f"friend-{n}" for n in range(12)]
MOVE = {"act": {"program": "friends", "version": 2}, "type": "move"}


def _history() -> list[dict[str, Any]]:
    """Friends who join before and inside the time of notice; some buy, one gives it back."""
    joined = [signup(friend, START + 4 * n * DAY, "alice") for n, friend in enumerate(FRIENDS)]
    bought = [purchase(friend, START + 45 * DAY) for friend in FRIENDS[::3]]
    return [code_of("alice"), *sorted([*joined, *bought, refund(FRIENDS[0], START + 50 * DAY, "54.00")], key=_at)]


def _at(event: dict[str, Any]) -> str:
    return str(event["at"])


def _told(lane: Lane) -> int:
    return lane.count("outbox", "kind = 'ends_soon'")


@pytest.mark.parametrize("limit", [1, 3, 1000])
def test_each_referral_is_told_once_in_batches_of_any_size(urls: Urls, limit: int) -> None:
    with lane_on(urls, f"ending-{limit}", new_keyring()) as lane:
        lane.publish(TERMS)
        for event in _history():
            lane.send(event)
            if limit == 1:
                lane.drain_all(limit=limit)
        lane.drain_all(limit=limit)
        lane.advance(START + 100 * DAY)
        assert _told(lane) == len(FRIENDS)
        bodies = lane.rows("SELECT body FROM referral WHERE client_id = %s::uuid", lane.client_id)
        assert [body.count('"kind":"told"') for (body,) in bodies] == [1] * len(FRIENDS)
        assert not any('"decides_at"' in body for (body,) in bodies), "nothing waits for notice after the end"
        lane.assert_sound()


def test_an_end_that_moves_is_told_again_and_replayed_without_difference(urls: Urls) -> None:
    with lane_on(urls, f"ending-{ident('moved')[:8]}") as lane:
        lane.publish(TERMS)
        lane.send(code_of("alice"), signup("bob", START, "alice"))
        lane.drain_all()
        lane.advance(NOTICE_AT)
        assert _told(lane) == 1
        lane.publish(LATER, version=2, at=NOTICE_AT + DAY)
        lane.send({"id": "move", "at": (NOTICE_AT + 2 * DAY).isoformat(), **MOVE})
        lane.drain_all()
        lane.advance(NOTICE_AT + 90 * DAY)
        assert _told(lane) == 1
        lane.advance(NOTICE_AT + 150 * DAY)
        assert _told(lane) == 2
        lane.assert_sound()


def test_the_worker_wakes_for_notice_by_itself(urls: Urls) -> None:
    with lane_on(urls, "ending-worker") as lane:
        lane.publish(TERMS)
        lane.send(code_of("alice"), signup("bob", START, "alice"))
        lane.drain_all()
        due_at = lane.rows("SELECT next_due_at FROM referral WHERE client_id = %s::uuid", lane.client_id)[0][0]
        assert timedelta() <= NOTICE_AT - due_at < timedelta(seconds=1)
        worker = Worker(lambda: lane.conn, lane.lanes.vault, lambda: NOW)
        for _ in range(3):
            worker.turn(lane.conn, [lane.client_id])
        assert _told(lane) == 1
        lane.assert_sound()
