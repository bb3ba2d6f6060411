"""Do contests come out the same whatever the batches, follow from the log, and keep boards that are exact after reversals?"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from goodword.actions.contests import answer_contests
from goodword.core.contest import Round, Score, round_id
from goodword.core.contest_board import standings
from goodword.core.referral import Referral
from goodword.house.postgres import Cluster
from goodword.house.roles import Urls
from goodword.store.contests import standings_of
from tests.worker.lane import START, Lane, code_of, lane_on, new_keyring, person, purchase, refund, signup

DAY = timedelta(days=1)
ADVOCATES = ("alice", "mallory", "grace", "heidi")
APRIL_8 = datetime(2026, 4, 8, 10, tzinfo=UTC)


def contest(**more: Any) -> dict[str, Any]:
    """Acme's contest of the month, with a draw among everybody."""
    rules = {
        "on": "first_order",
        "excluded": ["advocate.staff == yes"],
        "freeze": "5d",
        "accept": "4d",
        "prizes": [{"place": 1, "give": {"cash": "300.00"}}, {"draw": 2, "give": {"cash": "20.00"}}],
    }
    return {
        "program": "friends",
        "name": "Contest",
        "type": "direct",
        "currency": "EUR",
        "screening": "off",
        "budget": {"amount": "5000.00"},
        "units": {"PTS:club": {"name": "Club points", "cost": {"from": "2025-01-01", "each": "0.01"}}},
        "promises": [{"to": "advocate", "on": "first_order", "give": {"cash": "1.00"}, "hold": "2d"}],
        "contest": rules | more,
    }


def two_months() -> list[dict[str, Any]]:
    """Forty friends of four people who buy, send back in whole and in part, and are moved by a late claim of nobody."""
    events: list[dict[str, Any]] = []
    for n in range(40):
        at = START + n * 1.4 * DAY
        friend = f"f{n}"
        events += [signup(friend, at, ADVOCATES[n * 7 // 3 % 4]), purchase(friend, at + DAY)]
        if n % 5 == 0:
            events.append(refund(friend, at + 6 * DAY, "54.00"))
        if n % 7 == 0:
            events.append(refund(friend, at + 9 * DAY, "10.00", f"part-{n}"))
    return sorted(events, key=lambda event: str(event["at"]))


def _opened(lane: Lane, **rules: Any) -> None:
    lane.publish(contest(**rules))
    lane.send(*(code_of(name) for name in ADVOCATES))
    home = {"attributes": {"staff": "yes", "household": "elm-7"}}
    at = (START - DAY).isoformat()
    lane.send(
        {"id": "staff", "type": "known", "at": at, "person": person("zoe", **home), "act": {}},
        {
            "id": "home",
            "type": "known",
            "at": at,
            "person": person("heidi", attributes={"household": "elm-7"}),
            "act": {},
        },
    )
    lane.drain_all()


def _boards(lane: Lane) -> dict[str, Any]:
    """Every board as its table says, beside what the referrals on record come to."""
    parts: dict[str, list[Score]] = {}
    for (body,) in lane.rows("SELECT body FROM referral WHERE client_id = %s::uuid", lane.client_id):
        score = msgspec.json.decode(body, type=Referral).score
        if score:
            parts.setdefault(score.round, []).append(score)
    rounds = {row[0] for row in lane.rows("SELECT id FROM contest_round WHERE client_id = %s::uuid", lane.client_id)}
    for round_ in rounds:
        kept = sorted(standings_of(lane.conn, lane.client_id, round_), key=lambda one: one.party)
        assert kept == sorted(standings(parts.get(round_, [])), key=lambda one: one.party)
    return {round_: standings_of(lane.conn, lane.client_id, round_) for round_ in rounds}


def _round(lane: Lane, name: str) -> Round:
    rows = lane.rows(
        "SELECT body FROM contest_round WHERE client_id = %s::uuid AND id = %s::uuid",
        lane.client_id,
        round_id("friends", name),
    )
    return msgspec.json.decode(rows[0][0], type=Round)


def test_one_by_one_and_in_batches_contests_come_out_the_same(cluster: Cluster, template: str) -> None:
    keyring = new_keyring()
    with lane_on(cluster.create_database("contests_log", template=template), keyring=keyring) as lane:
        prizes = [{"cash": "300.00"}, {"points": 700}, {"cash": "50.00"}]
        _opened(lane, prizes=[{"place": n, "give": give} for n, give in enumerate(prizes, start=1)])
        lane.send(*two_months())
    outcomes = {}
    for limit in (1, 7, 1000):
        name = f"contests_by_{limit}"
        with lane_on(cluster.create_database(name, template="contests_log"), keyring=keyring) as lane:
            assert lane.drain_all(limit=limit).dead == 0
            lane.advance(START + 100 * DAY)
            lane.assert_sound()
            boards = _boards(lane)
            assert len(boards) == 2 and all(len(board) >= 3 for board in boards.values())
            assert any(one.excluded for board in boards.values() for one in board), "who lives with staff is out of it"
            outcomes[limit] = lane.outcome() | {
                table: sorted(lane.rows(f"SELECT * FROM {table} WHERE client_id = %s::uuid", lane.client_id), key=str)
                for table in ("contest_round", "contest_score", "contest_standing")
            }
            assert lane.count("contest_round", "state = 'closed'") == 2
            reasons = {row[0] for row in lane.rows("SELECT DISTINCT reason FROM entry")}
            assert {"prize_pool", "prize", "prize_lapsed", "prize_unused"} <= reasons, "the history shows too little"
            left = lane.rows("SELECT name, posted_minor FROM account WHERE name LIKE 'prizes:%%' AND posted_minor <> 0")
            assert left == [], "what nobody won went back, with what it cost"
        cluster.drop_database(name)
    cluster.drop_database("contests_log")
    for table, rows in outcomes[1].items():
        assert outcomes[7][table] == rows, f"{table}: batches of 7 against single events"
        assert outcomes[1000][table] == rows, f"{table}: one batch against single events"


def test_the_house_commits_before_the_freeze_and_reveals_at_the_award(urls: Urls) -> None:
    with lane_on(urls, "draws") as lane:
        _opened(lane, accept=None)
        march = [event for event in two_months() if str(event["at"]) < "2026-03-20"]
        lane.send(*march)
        lane.drain_all()
        assert answer_contests(lane.conn, lane.lanes, lane.client_id, now=START + 20 * DAY) == 1
        assert answer_contests(lane.conn, lane.lanes, lane.client_id, now=START + 20 * DAY) == 0, "it commits once"
        lane.drain_all()
        committed = _round(lane, "2026-03")
        assert committed.commitment and committed.seed is None
        sealed = lane.rows("SELECT sealed FROM contest_seed WHERE client_id = %s::uuid", lane.client_id)[0][0]
        lane.advance(APRIL_8)
        assert _round(lane, "2026-03").state == "frozen", "a draw waits for its number"
        lane.conn.execute("UPDATE lane SET held_at = %s WHERE client_id = %s::uuid", (APRIL_8, lane.client_id))
        wall = START + 21 * DAY  # a clock that is held ahead of the world's, as a demo's may be
        assert answer_contests(lane.conn, lane.lanes, lane.client_id, now=wall) == 1
        lane.drain_all(now=wall)
        awarded = _round(lane, "2026-03")
        assert awarded.seed and hashlib.sha256(awarded.seed.encode()).hexdigest() == committed.commitment
        assert awarded.seed.encode() not in bytes(sealed)
        assert [winner.prize for winner in awarded.winners] == ["prize:0", "prize:1", "prize:1"]
        assert len({winner.party for winner in awarded.winners}) == 3
        assert answer_contests(lane.conn, lane.lanes, lane.client_id, now=wall) == 0
        lane.assert_sound()


def test_a_board_that_was_altered_is_not_what_the_referrals_come_to(urls: Urls) -> None:
    with lane_on(urls, "boards") as lane:
        _opened(lane)
        lane.send(*two_months()[:30])
        lane.drain_all()
        assert _boards(lane)
