"""Does the house draw for what chance decides, once, on record, and so that a replay comes to the same?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from goodword.actions.drawing import answer_draws
from goodword.core.events import ident
from goodword.core.offers import CHANCES, by_weight
from goodword.core.terms import Promise
from goodword.house.roles import Urls
from goodword.worker.loop import Worker
from tests.worker.lane import NOW, START, Lane, code_of, direct, lane_on, purchase

CHANCE = {"chance": [{"weight": 1, "cash": "100.00"}, {"weight": 3, "cash": "5.00"}]}
TERMS = direct(promises=[{"to": "advocate", "on": "first_order", "give": CHANCE}])


def _waiting(lane: Lane) -> int:
    return lane.count("outbox", "kind = 'draw_needed' AND delivered_at IS NULL")


def _given(lane: Lane) -> list[int]:
    return [row[0] for row in lane.rows("SELECT amount_minor FROM reward WHERE client_id = %s::uuid", lane.client_id)]


@pytest.fixture
def lane(urls: Urls, request: pytest.FixtureRequest) -> Iterator[Lane]:
    with lane_on(urls, f"brand-{ident(request.node.name)[:8]}") as found:
        found.publish(TERMS)
        found.send(code_of("alice"))
        found.send(purchase("bob", START, code="alice"))
        found.drain_all()
        yield found


def test_a_draw_is_an_act_and_decides_the_gift(lane: Lane) -> None:
    assert (_waiting(lane), _given(lane)) == (1, [])
    assert answer_draws(lane.conn, lane.lanes.vault, lane.client_id, now=NOW) == 1
    lane.drain_all()
    assert _waiting(lane) == 0
    assert _given(lane) in ([10000], [500])
    lane.assert_sound()


def test_nothing_is_drawn_twice(lane: Lane) -> None:
    answer_draws(lane.conn, lane.lanes.vault, lane.client_id, now=NOW)
    lane.drain_all()
    once = _given(lane)
    lane.conn.execute("UPDATE outbox SET delivered_at = NULL WHERE client_id = %s::uuid", (lane.client_id,))
    answer_draws(lane.conn, lane.lanes.vault, lane.client_id, now=NOW)
    lane.drain_all()
    assert _given(lane) == once
    assert lane.count("event", "type = 'drawn'") == 1
    lane.assert_sound()


def test_the_worker_draws_by_itself(lane: Lane) -> None:
    worker = Worker(lambda: lane.conn, lane.lanes.vault, lambda: NOW)
    for _ in range(3):
        worker.turn(lane.conn, [lane.client_id])
    assert len(_given(lane)) == 1
    assert lane.replay().ok and lane.ledger().ok


def test_each_line_is_as_wide_as_its_weight() -> None:
    from goodword.catalog import SHELVES
    from goodword.core.reading import read_terms

    terms = read_terms(TERMS, SHELVES, version=1, live_from=NOW)
    assert not isinstance(terms, list)
    promise: Promise = terms.promises[0]
    assert promise.choice is not None
    rows = promise.choice.rows
    assert [by_weight(rows, number) for number in (0, CHANCES // 4 - 1, CHANCES // 4, CHANCES - 1)] == [0, 0, 1, 1]
