"""Does the page of a contest show who leads, say what its buttons cost, and let only those act who may?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from tests.web.conftest import As
from tests.web.world import STAFF, World, day, document
from tests.worker.lane import Lane, code_of, lane_on, person, purchase, signup

PAGE = "/c/derbies/programs/friends/contest"


def derby(**more: Any) -> dict[str, Any]:
    """A round of five days with two places and a drawn prize."""
    rules = {
        "on": "first_order",
        "rounds": [{"from": f"{day(-31):%Y-%m-%d}", "to": f"{day(-27):%Y-%m-%d}", "name": "derby"}],
        "freeze": "1d",
        "accept": "60d",
        "team": "advocate.branch",
        "prizes": [
            {"place": 1, "give": {"cash": "300.00"}, "tax": "Winners pay their own income tax."},
            {"place": 2, "give": {"cash": "100.00"}},
        ],
    }
    return document("Autumn friends", contest=rules | more, screening="off")


@pytest.fixture(scope="module")
def lane(world: World) -> Iterator[Lane]:
    """A client of its own, some weeks ago: Alice with two friends, Anna with one, and the clock held in the round."""
    with lane_on(world.urls, "derbies", world.keyring) as found:
        with psycopg.connect(world.urls.owner, autocommit=True) as owner:
            for name in ("dan", "carl", "vera", "audra"):
                role = STAFF[name][1]
                row = (world.users[name], found.client_id, role)
                owner.execute("INSERT INTO membership (user_id, client_id, role) VALUES (%s, %s, %s)", row)
        found.publish(derby(), at=day(-50))
        people = {"alice": "Alice Advocate", "anna": "Anna-Katharina von und zu Oberhausen"}
        for name, full in people.items():
            found.send(code_of(name, day(-49)) | {"person": person(name) | {"name": full}}, received_at=day(-49))
        for n, (friend, advocate) in enumerate((("ned", "alice"), ("nel", "alice"), ("nia", "anna"))):
            at = day(-30) + timedelta(minutes=n)
            joined = signup(friend, at, advocate)
            joined["person"] |= {"attributes": {"status": "active"}}
            found.send(joined, purchase(friend, at + timedelta(minutes=30), amount="60.00"), received_at=day(-29))
        found.drain_all()
        _hold(found, day(-29))
        yield found


def _hold(lane: Lane, at: datetime) -> None:
    lane.conn.execute("UPDATE lane SET held_at = %s WHERE client_id = %s::uuid", (at, lane.client_id))


def _round(lane: Lane) -> dict[str, Any]:
    rows = lane.rows("SELECT body FROM contest_round WHERE client_id = %s::uuid", lane.client_id)
    return dict(json.loads(rows[0][0]))


def test_the_board_names_who_leads_and_what_they_would_win(lane: Lane, as_: As) -> None:
    told = as_("dan").get(PAGE).content.decode()
    assert told.index("Alice Advocate") < told.index("Anna-Katharina")
    assert "300.00" in told and "Winners pay their own income tax." in told
    assert "400.00" in told, "what lies ready for prizes"
    assert "Freeze the board now" not in told
    assert "Alice Advocate" not in as_("vera").get(PAGE).content.decode(), "names are initials for the client's viewer"


def test_the_program_leads_to_its_contest(lane: Lane, as_: As) -> None:
    assert PAGE in as_("dan").get("/c/derbies/programs/friends").content.decode()
    assert as_("dan").get("/c/globex/programs/friends/contest").status_code == 404
    assert as_("dan").get(f"{PAGE}?round=none").status_code == 404
    assert as_("olga").get("/c/globex/programs/friends/contest").status_code == 404, "a program without a contest"


def test_the_files_say_the_same(lane: Lane, as_: As) -> None:
    told = json.loads(as_("dan").get(f"{PAGE}.json?round=derby").content)[0]
    assert [(one["rank"], one["score"]) for one in told["entrants"]] == [(1, 2), (2, 1)]
    assert told["state"] == "open" and told["seed"] is None
    lines = as_("dan").get(f"{PAGE}.csv?round=derby").content.decode().splitlines()
    assert lines[1].startswith("1,Alice Advocate,2,2,0,")


def test_anybody_s_own_place_is_shown_between_both_neighbours(lane: Lane, as_: As) -> None:
    told = as_("dan").get(f"{PAGE}?person=anna@x.test").content.decode()
    assert "Their place, with both neighbours" in told and 'aria-current="true"' in told
    assert "goes by that" in as_("dan").get(f"{PAGE}?person=nobody@x.test").content.decode()


def test_a_name_for_boards_is_kept_sealed_and_shown(lane: Lane, as_: As) -> None:
    query = "SELECT party_id FROM contest_standing WHERE client_id = %s::uuid AND value = 2"
    alice = lane.rows(query, lane.client_id)[0][0]
    form = {"round": "derby", "party": alice, "name": "Fast Fox"}
    assert as_("vera").post(f"{PAGE}/called", form).status_code == 403
    assert as_("dan").post(f"{PAGE}/called", form).status_code == 303
    assert "Fast Fox" in as_("dan").get(PAGE).content.decode()
    told = json.loads(as_("dan").get(f"{PAGE}.json?round=derby").content)[0]
    assert [one["called"] for one in told["entrants"]] == ["Fast Fox", None]
    sealed = lane.rows("SELECT sealed FROM contest_name WHERE client_id = %s::uuid", lane.client_id)
    assert b"Fast Fox" not in bytes(sealed[0][0])
    as_("dan").post(f"{PAGE}/called", form | {"hidden": "on"})
    told = json.loads(as_("dan").get(f"{PAGE}.json?round=derby").content)[0]
    assert [one["called"] for one in told["entrants"]] == [None, None]
    assert len(told["entrants"]) == 2, "who is not named keeps the place"
    dan = as_("dan")
    assert "no name for a board" in dan.post(f"{PAGE}/called", form | {"name": "x" * 41}, follow=True).content.decode()


def test_freeze_and_award_name_the_money_and_are_a_manager_s(lane: Lane, as_: As) -> None:
    over_at = datetime.fromisoformat(_round(lane)["closes_at"]) + timedelta(hours=1)
    _hold(lane, over_at)
    told = as_("carl").get(PAGE).content.decode()
    assert "Freeze the board now" in told and "400.00" in told
    assert _round(lane)["state"] == "open"
    refused = as_("carl").post(f"{PAGE}/award", {"round": "derby"}, follow=True)
    assert "The act was refused" in refused.content.decode()
    assert as_("dan").post(f"{PAGE}/freeze", {"round": "derby"}).status_code == 403
    assert as_("carl").post(f"{PAGE}/freeze", {"round": "derby"}).status_code == 303
    assert _round(lane)["state"] == "frozen"
    told = as_("carl").get(PAGE).content.decode()
    assert "Award it now" in told and "goes to <bdi>2</bdi> winners by place" in told and "400.00" in told
    assert "Award it now" not in as_("dan").get(PAGE).content.decode()


def test_a_winner_answers_and_another_is_disqualified(lane: Lane, as_: As) -> None:
    _hold(lane, day(-5))
    lane.advance(day(-5))
    awarded = _round(lane)
    assert [one["state"] for one in awarded["winners"]] == ["offered", "offered"]
    first, second = (one["record"] for one in awarded["winners"])
    assert "They accept" in as_("dan").get(PAGE).content.decode()
    assert as_("dan").post(f"{PAGE}/accept", {"round": "derby", "record": first}).status_code == 303
    assert as_("dan").post(f"{PAGE}/disqualify", {"round": "derby", "record": second, "why": "fake"}).status_code == 403
    form = {"round": "derby", "record": second, "why": "fake", "words": "All of them ordered from one phone."}
    assert as_("carl").post(f"{PAGE}/disqualify", form).status_code == 303
    assert [one["state"] for one in _round(lane)["winners"]] == ["accepted", "disqualified"]
    assert _round(lane)["state"] == "closed"
    verbs = {row[0] for row in lane.rows("SELECT DISTINCT verb FROM action WHERE client_id = %s::uuid", lane.client_id)}
    assert {"contest.close", "contest.answer"} <= verbs
    assert "disqualified" in as_("audra").get(PAGE).content.decode()
    lane.assert_sound()
