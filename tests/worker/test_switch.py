"""Is a signal that is switched off for a program decided by the log alone, and does a word taken back stay sound to the cent?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from goodword.house.roles import Urls
from tests.worker.lane import START, Lane, code_of, direct, lane_on, purchase, signup

DEVICE = {"context": {"device": "tablet"}}


def act(name: str, type_: str, day: float, **said: Any) -> dict[str, Any]:
    return {"id": name, "type": type_, "at": (START + timedelta(days=day)).isoformat(), "act": said}


def switch(name: str, day: float, *, off: bool) -> dict[str, Any]:
    return act(name, "signal", day, program="friends", signal="same_device", off=off, why="other")


def held(lane: Lane, *friends: str) -> None:
    """Friends who share Alice's tablet and bought."""
    program = direct(screening={"hold_at": 30}, budget={"amount": "1000.00"})
    lane.publish({name: value for name, value in program.items() if value != "off"})
    seen = {"id": "seen", "type": "signup", "at": (START - timedelta(days=31)).isoformat(), "person": {"id": "alice"}}
    lane.send({**code_of("alice"), "person": {"id": "alice"}}, seen | DEVICE)
    for n, friend in enumerate(friends):
        at = START + timedelta(hours=3 * n)  # never many in a short time
        lane.send(signup(friend, at, "alice", **DEVICE), purchase(friend, at + timedelta(hours=1)))
    lane.drain_all()


def states(lane: Lane) -> dict[str, int]:
    rows = lane.rows("SELECT state, count(*) FROM referral WHERE client_id = %s::uuid GROUP BY 1", lane.client_id)
    return dict(rows)


def test_what_a_signal_held_is_decided_anew_one_by_one(urls: Urls) -> None:
    with lane_on(urls, "switching") as lane:
        held(lane, *(f"f{n}" for n in range(12)))
        assert states(lane) == {"held": 12}
        (first,) = lane.rows("SELECT min(id::text) FROM referral WHERE client_id = %s::uuid", lane.client_id)[0]
        lane.send(act("word", "review", 5, referral=first.replace("-", ""), verdict="deny", why="fake"))
        lane.send(switch("off", 6, off=True), signup("late", START + timedelta(days=6), "alice", **DEVICE))
        lane.drain_all()
        lane.advance(START + timedelta(days=7))
        assert states(lane) == {"qualified": 11, "denied": 1, "joined": 1}
        rows = lane.rows("SELECT signal, is_off FROM signal_switch WHERE client_id = %s::uuid", lane.client_id)
        assert rows == [("same_device", True)]
        assert lane.count("referral", "without = '{same_device}' AND points = 0") == 11
        lane.advance(START + timedelta(days=30))
        assert lane.count("reward", "state = 'payable'") == 11
        lane.send(switch("on", 31, off=False))
        lane.drain_all()
        lane.advance(START + timedelta(days=32))
        assert states(lane) == {"held": 11, "denied": 1, "joined": 1}
        assert lane.count("reward", "state = 'in_review'") == 11
        assert lane.count("referral", "state = 'held' AND points = 35 AND signals = '{same_device}'") == 11
        lane.assert_sound()


def test_a_switch_with_the_worker_s_tick_leaves_nothing_waiting(urls: Urls) -> None:
    with lane_on(urls, "ticking") as lane:
        held(lane, "bob", "carol")
        now = START + timedelta(days=3)
        lane.send(switch("off", 3, off=True), received_at=now)
        lane.drain_all(now=now, tick=True)
        assert states(lane) == {"qualified": 2}
        lane.assert_sound()


def test_a_payable_reward_is_held_again_until_it_was_sent(urls: Urls) -> None:
    with lane_on(urls, "undoing") as lane:
        held(lane, "bob")
        ((referral,),) = lane.rows("SELECT id FROM referral WHERE client_id = %s::uuid", lane.client_id)
        for n, verdict in enumerate(("clear", "reopen", "clear", "reopen", "deny", "reopen", "clear")):
            lane.send(act(f"w{n}", "review", 30 + n, referral=referral, verdict=verdict, why="other", seen=n))
            lane.drain_all()
        assert lane.count("reward", "state = 'payable'") == 1
        ((reward,),) = lane.rows(
            "SELECT id FROM reward WHERE client_id = %s::uuid AND state = 'payable'", lane.client_id
        )
        lane.send(act("sent", "sent", 40, reward=reward))
        lane.send(act("w9", "review", 41, referral=referral, verdict="reopen", why="other"))
        lane.drain_all()
        assert lane.count("reward", "state = 'sent'") == 1
        assert lane.count("decision", "verdict = 'act_refused'") == 1
        lane.assert_sound()
