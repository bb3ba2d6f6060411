"""Is a lane decided the same whatever the batches, and does nothing stop it: a bad event, an early one, a second worker, a crash?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest

from goodword.core import decide as core_decide
from goodword.core.decide import decide
from goodword.core.events import Event
from goodword.core.situation import Decision, Situation
from goodword.house.postgres import Cluster
from goodword.house.roles import Urls
from tests.worker.history import crowded, half_a_year
from tests.worker.lane import START, Lane, code_of, direct, lane_on, new_keyring, person, purchase, refund, signup

DAY = timedelta(days=1)
MakeLane = Callable[..., Lane]


@pytest.fixture
def a_lane(urls: Urls, request: pytest.FixtureRequest) -> Iterator[MakeLane]:
    """Lanes of clients of this test alone."""
    with ExitStack() as open_lanes:

        def make(document: dict[str, Any] | None = None, slug: str = "") -> Lane:
            lane = open_lanes.enter_context(
                lane_on(urls, slug or f"{request.node.name[:40]}-{abs(hash(request.node.name)) % 997}")
            )
            lane.publish(document or direct())
            lane.send(code_of("alice"))
            lane.drain_all()
            return lane

        yield make


# -- batches -----------------------------------------------------------------------------------------------------------


def test_one_by_one_and_in_batches_everything_comes_out_the_same(cluster: Cluster, template: str) -> None:
    keyring = new_keyring()
    log = cluster.create_database("drain_log", template=template)
    events = half_a_year()
    with lane_on(log, keyring=keyring) as lane:
        lane.publish(crowded())
        lane.send(*events)
    outcomes = {}
    for limit in (1, 7, 1000):
        name = f"drain_by_{limit}"
        with lane_on(cluster.create_database(name, template="drain_log"), keyring=keyring) as lane:
            done = lane.drain_all(limit=limit)
            assert (done.events, done.dead) == (len(events), 0)
            lane.advance(START + 300 * DAY)
            lane.assert_sound()
            outcomes[limit] = lane.outcome()
            states = {row[0] for row in lane.rows("SELECT DISTINCT state FROM reward")}
            assert {"payable", "voided"} <= states, "the history shows too little"
            assert lane.count("reward") > 15 and lane.count("decision", "cause = 'due'") > 15
        cluster.drop_database(name)
    cluster.drop_database("drain_log")
    for table, rows in outcomes[1].items():
        assert outcomes[7][table] == rows, f"{table}: batches of 7 against single events"
        assert outcomes[1000][table] == rows, f"{table}: one batch against single events"


def test_moments_are_released_in_their_order_before_what_happens_later(a_lane: MakeLane) -> None:
    lane = a_lane()
    for n in range(12):
        lane.send(signup(f"f{n}", START + (n % 4) * DAY, "alice"), purchase(f"f{n}", START + (15 - n) * DAY))
    lane.send(signup("late", START + 60 * DAY))
    lane.drain_all(limit=5)
    dues = lane.rows(
        "SELECT clock FROM decision WHERE client_id = %s::uuid AND cause = 'due' ORDER BY seq", lane.client_id
    )
    assert len(dues) == 12
    assert dues == sorted(dues)
    assert lane.count("reward", "state = 'payable'") == 12
    clocks = lane.rows("SELECT clock FROM decision WHERE client_id = %s::uuid ORDER BY seq", lane.client_id)
    assert clocks == sorted(clocks)
    lane.assert_sound()


@pytest.mark.slow
def test_five_thousand_moments_at_once_are_decided_in_pieces(a_lane: MakeLane) -> None:
    lane = a_lane()
    lane.send(*(purchase(f"f{n}", START + timedelta(seconds=n), code="alice") for n in range(5_000)))
    lane.drain_all()
    assert lane.count("reward", "state = 'pending'") == 5_000
    lane.send(signup("late", START + 60 * DAY))
    first = lane.drain()
    assert first.events == 0 and 0 < first.decisions <= 2_000, "time first, in bounded pieces"
    done = lane.drain_all()
    assert first.decisions + done.decisions == 5_001
    assert lane.count("reward", "state = 'payable'") == 5_000
    assert lane.ledger().ok


def test_without_events_time_runs_with_the_clock(a_lane: MakeLane) -> None:
    lane = a_lane()
    lane.send(purchase("bob", START, code="alice"))
    lane.drain_all(now=START + DAY)
    assert lane.drain(now=START + 13 * DAY, tick=True).idle
    assert lane.drain(now=START + 15 * DAY, tick=True).decisions == 1
    assert lane.count("reward", "state = 'payable'") == 1


# -- what cannot be decided --------------------------------------------------------------------------------------------


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Ids of events that raise while they are decided, as a broken signal or kind would."""
    poisoned: set[str] = set()

    def checked(event: Event, situation: Situation, clock: Any) -> Decision:
        if event.id in poisoned:
            raise ZeroDivisionError("a signal that divides by nothing")
        return decide(event, situation, clock)

    monkeypatch.setattr(core_decide, "decide", checked)
    return poisoned


def test_a_poisoned_event_is_set_aside_with_its_reason_and_its_neighbours_are_decided(
    a_lane: MakeLane, poison: set[str]
) -> None:
    lane = a_lane()
    ids = lane.send(*(purchase(f"f{n}", START + n * DAY, code="alice") for n in range(9)))
    poison |= {ids[0], ids[4], ids[8]}
    done = lane.drain_all()
    assert (done.events, done.dead) == (9, 3)
    letters = lane.rows(
        "SELECT id, reason, attempts, resolved_at FROM dead_letter WHERE client_id = %s::uuid", lane.client_id
    )
    assert {row[0] for row in letters} == poison
    assert {row[1:] for row in letters} == {("undecidable: ZeroDivisionError", 1, None)}
    assert lane.count("reward") == 6
    lane.assert_sound()

    mended = ids[4]
    poison.discard(mended)
    lane.rows("UPDATE dead_letter SET retry_at = %s WHERE client_id = %s::uuid RETURNING id", START, lane.client_id)
    for _ in range(3):
        lane.drain(tick=True)
    assert lane.count("reward") == 7
    resolved = lane.rows(
        "SELECT id FROM dead_letter WHERE client_id = %s::uuid AND resolved_at IS NOT NULL", lane.client_id
    )
    assert resolved == [(mended,)], "the others were tried again and still wait for people"
    again = lane.rows(
        "SELECT attempts, retry_at FROM dead_letter WHERE client_id = %s::uuid AND resolved_at IS NULL", lane.client_id
    )
    assert again == [(2, None), (2, None)]
    lane.assert_sound()


def test_a_retry_is_decided_once_however_often_it_is_asked_for(a_lane: MakeLane, poison: set[str]) -> None:
    lane = a_lane()
    ids = lane.send(purchase("bob", START, code="alice"))
    poison |= set(ids)
    lane.drain_all()
    poison.clear()
    for _ in range(2):
        lane.rows(
            "UPDATE dead_letter SET retry_at = %s, resolved_at = NULL WHERE client_id = %s::uuid RETURNING id",
            START,
            lane.client_id,
        )
        lane.drain_all(tick=True, now=START + DAY)
    assert lane.count("reward") == 1
    assert lane.count("decision", f"event_id = '{ids[0]}'") == 1
    lane.assert_sound()


def test_a_damaged_row_is_set_aside(a_lane: MakeLane) -> None:
    import psycopg

    lane = a_lane()
    ids = lane.send(*(purchase(f"f{n}", START, code="alice") for n in range(3)))
    with psycopg.connect(lane.urls.owner, autocommit=True) as owner:
        owner.execute(
            "UPDATE event SET facts = '{\"id\": 7' WHERE client_id = %s::uuid AND id = %s::uuid",
            (lane.client_id, ids[1]),
        )
    done = lane.drain_all()
    assert (done.events, done.dead) == (3, 1)
    assert lane.rows("SELECT id, reason FROM dead_letter WHERE client_id = %s::uuid", lane.client_id) == [
        (ids[1], "unreadable: ValidationError")
    ]
    assert lane.count("reward") == 2


def test_a_body_that_no_key_opens_is_set_aside(a_lane: MakeLane) -> None:
    import psycopg

    lane = a_lane()
    ids = lane.send(*(purchase(f"f{n}", START, code="alice") for n in range(3)))
    with psycopg.connect(lane.urls.owner, autocommit=True) as owner:
        owner.execute(
            "UPDATE event_body SET sealed = sealed || '\\x00' WHERE client_id = %s::uuid AND id = %s::uuid",
            (lane.client_id, ids[2]),
        )
    assert lane.drain_all().dead == 1
    assert lane.rows("SELECT id FROM dead_letter WHERE client_id = %s::uuid", lane.client_id) == [(ids[2],)]
    assert lane.count("reward") == 2


def test_a_moment_that_cannot_be_decided_stops_nothing(a_lane: MakeLane, monkeypatch: pytest.MonkeyPatch) -> None:
    lane = a_lane()
    lane.send(*(purchase(f"f{n}", START + n * DAY, code="alice") for n in range(4)))
    lane.drain_all()
    cursed = lane.rows(
        "SELECT id FROM referral WHERE client_id = %s::uuid ORDER BY created_at LIMIT 1", lane.client_id
    )[0][0]
    known = core_decide.decide_due

    def checked(referral_id: str, situation: Situation, clock: Any) -> Decision:
        if referral_id == cursed:
            raise KeyError("a promise that nobody knows")
        return known(referral_id, situation, clock)

    monkeypatch.setattr(core_decide, "decide_due", checked)
    lane.send(signup("carla", START + 40 * DAY))
    done = lane.drain_all()
    assert (done.events, done.dead) == (1, 1)
    assert lane.count("reward", "state = 'payable'") == 3
    assert lane.rows("SELECT id, reason FROM dead_letter WHERE client_id = %s::uuid", lane.client_id) == [
        (cursed, "undecidable: KeyError")
    ]

    lane.send(refund("f0", START + 41 * DAY, "1.00"), signup("dora", START + 42 * DAY))
    assert lane.drain_all().events == 2, "its own events go on, whatever its moment does"

    monkeypatch.setattr(core_decide, "decide_due", known)
    lane.rows("UPDATE dead_letter SET retry_at = %s WHERE client_id = %s::uuid RETURNING id", START, lane.client_id)
    lane.drain_all(tick=True, now=START + 50 * DAY)
    assert lane.count("reward", "state = 'payable'") == 4
    assert lane.count("dead_letter", "resolved_at IS NULL") == 0
    lane.assert_sound()


@pytest.mark.parametrize("limit", [1, 1000])
def test_an_event_whose_rows_the_database_refuses_is_set_aside_alone(a_lane: MakeLane, limit: int) -> None:
    import psycopg

    lane = a_lane(slug=f"refusing-{limit}")
    with psycopg.connect(lane.urls.owner, autocommit=True) as owner:
        owner.execute(
            f"ALTER TABLE trail ADD CONSTRAINT refused_{limit} CHECK (facts NOT LIKE '%no-{limit}-way%') NOT VALID"
        )
    events = [purchase(f"f{n}", START, code="alice") for n in range(20)]
    events[13]["context"] = {"channel": f"no-{limit}-way"}
    ids = lane.send(*events)
    done = lane.drain_all(limit=limit)
    assert (done.events, done.dead) == (20, 1)
    assert lane.rows("SELECT id, reason FROM dead_letter WHERE client_id = %s::uuid", lane.client_id) == [
        (ids[13], "unwritable: CheckViolation")
    ]
    assert lane.count("reward") == 19
    lane.assert_sound()


# -- what comes early, late, or about nobody ---------------------------------------------------------------------------


def test_an_event_ahead_of_the_clock_waits_until_it_is_due(a_lane: MakeLane) -> None:
    lane = a_lane()
    now = START + 10 * DAY
    ids = lane.send(purchase("bob", now + timedelta(hours=3), code="alice"), signup("carla", now), received_at=now)
    done = lane.drain_all(now=now, tick=True)
    assert (done.events, done.dead) == (2, 1)
    assert lane.rows("SELECT id, reason FROM dead_letter WHERE client_id = %s::uuid", lane.client_id) == [
        (ids[0], "at_in_future")
    ]
    assert lane.drain(now=now + timedelta(hours=2, minutes=59), tick=True).idle
    done = lane.drain(now=now + timedelta(hours=3), tick=True)
    assert (done.events, done.decisions, done.dead) == (1, 1, 0)
    assert lane.count("dead_letter", "resolved_at IS NOT NULL") == 1
    assert lane.count("reward", "state = 'pending'") == 1
    lane.assert_sound()


def test_an_event_a_few_minutes_ahead_is_decided_at_once(a_lane: MakeLane) -> None:
    lane = a_lane()
    now = START + 10 * DAY
    lane.send(purchase("bob", now + timedelta(minutes=4), code="alice"), received_at=now)
    assert lane.drain_all(now=now, tick=True).decisions == 1
    lane.assert_sound()


def test_a_late_update_decides_the_waiting_anew(a_lane: MakeLane) -> None:
    lane = a_lane(
        direct(
            friends={"if": ["friend.plan in [gold]"], "at": ["milestone"]},
            milestones={"joined": {"event": "signup"}, "first_order": {"event": "purchase", "grace": "30d"}},
        )
    )
    lane.send(
        signup("bob", START, "alice"),
        purchase("bob", START + DAY),
        signup("carla", START, "alice"),
        purchase("carla", START + DAY),
    )
    lane.drain_all()
    assert lane.count("reward") == 0
    gold = {
        "id": "u1",
        "type": "update",
        "at": (START + timedelta(hours=1)).isoformat(),
        "person": person("bob", attributes={"plan": "gold"}),
    }
    tin = {
        "id": "u2",
        "type": "update",
        "at": (START + timedelta(hours=1)).isoformat(),
        "person": person("carla", attributes={"plan": "tin"}),
    }
    lane.send(gold, tin)
    lane.drain_all()
    assert lane.count("reward", "state = 'pending'") == 1
    lane.assert_sound()


def test_an_erased_person_is_decided_without_a_body(a_lane: MakeLane) -> None:
    lane = a_lane()
    lane.send(signup("bob", START, "alice"), purchase("bob", START + DAY))
    lane.drain_all()
    bob = lane.rows("SELECT friend_id FROM referral WHERE client_id = %s::uuid", lane.client_id)[0][0]
    lane.send({"id": "erase-bob", "type": "erase", "at": (START + 2 * DAY).isoformat(), "act": {"party": bob}})
    lane.drain_all()
    with lane.conn.transaction():
        lane.lanes.vault.destroy(lane.conn, lane.client_id, bob)
    lane.send(refund("bob", START + 3 * DAY, "54.00"), purchase("carla", START + 3 * DAY, code="alice"))
    done = lane.drain_all()
    assert (done.events, done.dead) == (2, 0)
    lane.advance(START + 40 * DAY)
    assert lane.count("reward", "state = 'payable'") >= 1
    assert lane.replay().ok
    assert lane.ledger().ok
