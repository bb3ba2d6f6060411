"""Do wallets come out the same whatever the batches, follow from the log, and sell no more than there is?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from goodword.core import decide as core_decide
from goodword.house.postgres import Cluster
from goodword.house.roles import Urls
from tests.worker.lane import START, Lane, code_of, lane_on, new_keyring, person, purchase, refund, signup

DAY = timedelta(days=1)
FRIENDS = [f"f{n}" for n in range(12)]


def club(**more: Any) -> dict[str, Any]:
    """Acme's club: points for both, expiring, and two things to redeem them for."""
    return {
        "program": "friends",
        "name": "Club",
        "type": "direct",
        "currency": "EUR",
        "screening": "off",
        "units": {"PTS:club": {"name": "Club points", "wallet": "household", "expires": {"after": "60d"}}},
        "catalogue": {
            "mug": {"name": "Mug", "points": 300, "stock": 5},
            "pen": {"name": "Pen", "points": 50, "limit": 2},
        },
        "promises": [
            {"to": "advocate", "on": "first_order", "give": {"points": {"points": 10, "per": "1.00"}}, "hold": "14d"},
            {"to": "friend", "on": "first_order", "give": {"points": 400}},
        ],
        **more,
    }


def redeem(name: str, item: str, at: Any, number: int = 0) -> dict[str, Any]:
    id_ = f"redeem-{name}-{item}-{number}"
    return {"id": id_, "type": "redeem", "at": at.isoformat(), "person": person(name), "act": {"item": item}}


def half_a_year() -> list[dict[str, Any]]:
    """Twelve friends who buy, send back, redeem and move together."""
    events: list[dict[str, Any]] = []
    for n, friend in enumerate(FRIENDS):
        at = START + n * 3 * DAY
        events += [signup(friend, at, "alice"), purchase(friend, at + DAY)]
        events.append(redeem(friend, "mug" if n % 2 else "pen", at + 2 * DAY))
        events.append(redeem("alice", "pen", at + 20 * DAY, n))
        if n % 3 == 0:
            events.append(refund(friend, at + 25 * DAY, "54.00" if n % 2 else "20.00"))
        if n % 4 == 0:
            home = person(friend, attributes={"household": f"h{n % 8}"})
            events.append(
                {"id": f"home-{n}", "type": "known", "at": (at + 9 * DAY).isoformat(), "person": home, "act": {}}
            )
    return sorted(events, key=lambda event: str(event["at"]))


def _opened(lane: Lane) -> None:
    lane.publish(club())
    lane.send(code_of("alice"))
    lane.drain_all()


def test_one_by_one_and_in_batches_wallets_come_out_the_same(cluster: Cluster, template: str) -> None:
    keyring = new_keyring()
    log = cluster.create_database("wallets_log", template=template)
    with lane_on(log, keyring=keyring) as lane:
        _opened(lane)
        lane.send(*half_a_year())
    outcomes = {}
    for limit in (1, 7, 1000):
        name = f"wallets_by_{limit}"
        with lane_on(cluster.create_database(name, template="wallets_log"), keyring=keyring) as lane:
            assert lane.drain_all(limit=limit).dead == 0
            lane.advance(START + 300 * DAY)
            lane.assert_sound()
            outcomes[limit] = lane.outcome()
            assert lane.count("redemption") > 5 and lane.count("decision", "cause = 'moment'") > 10
            reasons = {row[0] for row in lane.rows("SELECT DISTINCT reason FROM entry")}
            assert {"redeem", "expire", "wallet_moved", "reversal"} <= reasons, "the history shows too little"
        cluster.drop_database(name)
    cluster.drop_database("wallets_log")
    for table, rows in outcomes[1].items():
        assert outcomes[7][table] == rows, f"{table}: batches of 7 against single events"
        assert outcomes[1000][table] == rows, f"{table}: one batch against single events"


def test_fifty_at_once_get_the_five_that_are_in_stock(urls: Urls, request: pytest.FixtureRequest) -> None:
    keyring = new_keyring()
    people = [f"p{n}" for n in range(50)]
    with lane_on(urls, "fifty", keyring) as lane:
        _opened(lane)
        for name in people:
            lane.send(signup(name, START, "alice"), purchase(name, START + DAY))
        lane.drain_all()

    def ask(name: str) -> None:
        with lane_on(urls, "fifty", keyring) as own:
            own.send(redeem(name, "mug", START + 2 * DAY))

    with ThreadPoolExecutor(max_workers=10) as pool:
        list(pool.map(ask, people))
    with lane_on(urls, "fifty", keyring) as lane:
        lane.drain_all(limit=9)
        assert lane.count("redemption") == 5
        verdicts = lane.rows(
            "SELECT verdict, count(*) FROM decision d JOIN event e ON e.client_id = d.client_id AND e.id = d.event_id"
            " WHERE d.client_id = %s::uuid AND e.type = 'redeem' GROUP BY 1 ORDER BY 1",
            lane.client_id,
        )
        assert verdicts == [("out_of_stock", 45), ("redeemed", 5)]
        spent = lane.rows(
            "SELECT posted_minor FROM account WHERE client_id = %s::uuid AND name = 'redeemed:friends'", lane.client_id
        )
        assert spent == [(1500,)]
        lane.assert_sound()


def test_a_moment_of_a_wallet_that_cannot_be_decided_stops_nothing(urls: Urls, monkeypatch: pytest.MonkeyPatch) -> None:
    with lane_on(urls, "poisoned-wallet") as lane:
        _opened(lane)
        lane.send(signup("bob", START, "alice"), purchase("bob", START + DAY))
        lane.drain_all()
        lane.advance(START + 20 * DAY)

        def poisoned(*_: Any) -> Any:
            raise ZeroDivisionError

        monkeypatch.setattr(core_decide, "wallet_due", poisoned)
        lane.advance(START + 100 * DAY)
        letters = lane.count("dead_letter", "resolved_at IS NULL")
        assert letters == lane.count("wallet", "available > 0") == 2
        monkeypatch.undo()
        lane.conn.execute("UPDATE dead_letter SET retry_at = at WHERE client_id = %s::uuid", (lane.client_id,))
        lane.drain_all(tick=True)
        assert lane.count("wallet", "available > 0") == 0
        lane.assert_sound()


def test_lots_that_do_not_come_to_their_account_are_found(urls: Urls) -> None:
    with lane_on(urls, "cut-wallet") as lane:
        _opened(lane)
        lane.send(signup("bob", START, "alice"), purchase("bob", START + DAY))
        lane.drain_all()
        assert lane.ledger().ok
        lane.conn.execute(
            "UPDATE wallet SET body = replace(body, '\"left\":400', '\"left\":401') WHERE client_id = %s::uuid",
            (lane.client_id,),
        )
        faults = lane.ledger().faults
        assert len(faults) == 1 and "do not come to its 400" in faults[0]
