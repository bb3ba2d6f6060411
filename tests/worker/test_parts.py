"""Is what a batch decides, with a part of its client at hand, what a replay of the whole client comes to?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from goodword.catalog import SHELVES
from goodword.catalog.signals import shared_payment, velocity
from goodword.core.events import ident
from goodword.core.reading import read_terms
from goodword.core.situation import Situation
from goodword.core.terms import Terms
from goodword.house.roles import Urls
from tests.worker.lane import START, Lane, code_of, direct, lane_on, new_keyring, person, purchase, signup

DAY = timedelta(days=1)
BERLIN_IN_SUMMER = timezone(timedelta(hours=2))
FRIENDS, CLUB = {"program": "friends"}, {"program": "club"}

_KEYRING = new_keyring()  # one for all clients of this module's database


@pytest.fixture
def lane(urls: Urls, request: pytest.FixtureRequest) -> Iterator[Lane]:
    with lane_on(urls, ident("client", request.node.name), keyring=_KEYRING) as found:
        yield found


def publish(document: dict[str, Any], version: int, at: datetime, live_from: datetime | None = None) -> dict[str, Any]:
    act = {"document": document, "version": version, "live_from": (live_from or at).isoformat()}
    return {"id": f"publish-{document['program']}-{version}", "type": "publish", "at": at.isoformat(), "act": act}


def act(kind: str, at: datetime, name: str = "", **said: Any) -> dict[str, Any]:
    return {"id": f"{kind}-{name}-{at.isoformat()}", "type": kind, "at": at.isoformat(), "act": said}


def share(name: str, at: datetime, **more: Any) -> dict[str, Any]:
    return {
        "id": f"share-{name}-{at.isoformat()}",
        "type": "share",
        "at": at.isoformat(),
        "person": person(name),
    } | more


def club(**more: Any) -> dict[str, Any]:
    return direct(program="club", name="Club", **more)


def terms_of(document: dict[str, Any], live_from: datetime) -> Terms:
    read = read_terms(document, SHELVES, version=1, live_from=live_from)
    assert isinstance(read, Terms)
    return read


def joined_both(lane: Lane) -> None:
    """Bob is a friend of Alice in two programs, which keep out of each other's way."""
    both = {"programs": {"club": "all"}}
    lane.send(publish(direct(stacking=both), 1, START - 60 * DAY), publish(club(), 1, START - 50 * DAY))
    again = signup("bob", START + DAY, "ALICE", **CLUB) | {"id": "signup-bob-club"}
    lane.send(code_of("alice"), signup("bob", START, "ALICE", **FRIENDS), again)
    lane.drain_all()


def referrals(lane: Lane) -> list[tuple[Any, ...]]:
    return lane.rows(
        "SELECT p.slug, r.id, r.created_at, r.state FROM referral r JOIN program p ON p.client_id = r.client_id"
        " AND p.id = r.program_id WHERE r.client_id = %s::uuid ORDER BY p.slug",
        lane.client_id,
    )


@pytest.mark.parametrize("limit", [1, 1000])
def test_a_moment_of_one_referral_opens_no_other_a_second_time(lane: Lane, limit: int) -> None:
    joined_both(lane)
    lane.send(purchase("bob", START + 2 * DAY, **FRIENDS))
    lane.drain_all()
    before = [row[:3] for row in referrals(lane)]
    assert len(before) == 2
    lane.advance(START + 30 * DAY)  # the hold of one of them ends
    lane.send(act("review", START + 31 * DAY, referral=before[1][1], verdict="clear", why="other", by="ana"))
    lane.drain_all(limit=limit)
    assert [row[:3] for row in referrals(lane)] == before
    assert lane.count("entry", "phase = 'post'") == lane.count("reward", "state = 'payable'") > 0
    lane.assert_sound()


def test_programs_are_told_in_one_order_whichever_is_read_first(lane: Lane) -> None:
    known = [terms_of(direct(), START - 60 * DAY), terms_of(club(), START - 50 * DAY)]
    for terms in (known, known[::-1]):  # rows of a table lie as they were written last
        situation = Situation(SHELVES)
        for one in terms:
            situation.publish(one)
        assert list(situation.book) == ["friends", "club"]
    joined_both(lane)
    lane.send(
        publish(direct(name="Friends again"), 2, START + 3 * DAY), purchase("bob", START + 4 * DAY)
    )  # counts in both
    lane.drain_all()
    assert lane.count("reward") == 2
    lane.assert_sound()


def test_a_moment_is_one_whatever_offset_it_was_said_in(lane: Lane) -> None:
    lane.publish(direct())
    lane.send(code_of("alice"), signup("bob", START, "ALICE"))
    later = (START + 9 * DAY).astimezone(BERLIN_IN_SUMMER)
    better = direct(promises=[{"to": "advocate", "on": "first_order", "give": {"cash": "12.00"}, "hold": "14d"}])
    lane.send(
        publish(better, 2, START + DAY, later), act("move", START + 2 * DAY, program="friends", version=2, named=[])
    )
    lane.send(
        act("known", START + 2 * DAY, joined_at=later.isoformat()) | {"person": person("erin")},
        purchase("bob", START + 3 * DAY),
    )
    lane.drain_all()
    lane.advance(START + 40 * DAY)
    assert lane.rows("SELECT version FROM referral WHERE client_id = %s::uuid", lane.client_id) == [(2,)]
    lane.assert_sound()


def test_a_program_is_stopped_promises_again_and_is_stopped_again(lane: Lane) -> None:
    lane.publish(direct())
    lane.send(code_of("alice"), signup("bob", START, "ALICE"))
    lane.send(act("stop", START + DAY, program="friends", by="ana", second="carl"))
    lane.send(publish(direct(name="Friends anew"), 2, START + 3 * DAY))
    lane.send(act("stop", START + 10 * DAY, program="friends", by="ana", second="carl"))
    lane.drain_all()
    lane.send(purchase("bob", START + 5 * DAY))  # between the two stops, when only the second version promised anything
    lane.drain_all()
    lane.assert_sound()
    assert lane.count("reward") == 0


def test_a_version_published_after_a_stop_promises_whatever_its_number(lane: Lane) -> None:
    lane.publish(direct())
    lane.send(code_of("alice"), publish(direct(name="Third"), 3, START))
    lane.send(act("stop", START + DAY, program="friends", by="ana", second="carl"))
    lane.send(publish(direct(name="Second"), 2, START + 2 * DAY))
    lane.send(signup("bob", START + 3 * DAY, "ALICE"), purchase("bob", START + 4 * DAY))
    lane.drain_all(limit=1)
    assert lane.count("reward") == 1
    lane.assert_sound()


def test_a_stop_at_the_very_moment_of_something_due_is_decided_too(lane: Lane) -> None:
    lane.publish(direct())
    lane.send(code_of("alice"), signup("bob", START, "ALICE"), purchase("bob", START))
    lane.drain_all()
    lane.advance(START + 14 * DAY)
    lane.send(signup("carol", START + 14 * DAY, "ALICE"), purchase("bob", START + 14 * DAY, order="more"))
    moves = act("move", START + 14 * DAY, program="friends", version=1, named=[])
    first, second = (
        act("stop", START + 14 * DAY, name, program="friends", by="ana", second="carl") for name in ("one", "two")
    )
    lane.send(moves, first)
    lane.drain_all()
    lane.advance(START + 14 * DAY)
    lane.send(second)
    lane.drain_all()
    lane.advance(START + 15 * DAY)
    assert lane.count("dead_letter") == 0
    lane.assert_sound()


@pytest.mark.parametrize("limit", [1, 1000])
def test_what_a_late_share_wakes_is_decided_with_its_history(lane: Lane, limit: int) -> None:
    dear = direct(promises=[{"to": "advocate", "on": "first_order", "give": {"cash": "15.00"}, "hold": "14d"}])
    lane.send(publish(dear, 1, START - 60 * DAY), publish(direct(), 2, START - DAY))
    lane.send(code_of("alice"), signup("bob", START, "ALICE"), purchase("bob", START + DAY))
    lane.drain_all()
    lane.send(
        share("alice", START - 2 * DAY), signup("carol", START + 5 * DAY, "ALICE"), signup("erin", START + 6 * DAY)
    )
    lane.drain_all(limit=limit)
    lane.advance(START + 40 * DAY)
    assert lane.rows("SELECT amount_minor FROM reward WHERE client_id = %s::uuid", lane.client_id) == [(1500,)]
    lane.assert_sound()


def test_a_code_that_was_shared_says_of_which_program(lane: Lane) -> None:
    dear = direct(promises=[{"to": "advocate", "on": "first_order", "give": {"cash": "15.00"}, "hold": "14d"}])
    lane.send(
        publish(dear, 1, START - 60 * DAY), publish(direct(), 2, START - DAY), publish(club(), 1, START - 50 * DAY)
    )
    lane.send(code_of("alice"), code_of("alice") | {"id": "c", "code": "CLUBALICE", **CLUB})
    lane.drain_all()
    lane.send(share("alice", START - 2 * DAY, code="CLUBALICE"))
    lane.drain_all()
    named = {"advocate": {"id": person("alice")["id"]}, **FRIENDS}
    lane.send(signup("bob", START, **named), purchase("bob", START + DAY, **FRIENDS))
    lane.drain_all(limit=1)
    assert lane.rows("SELECT amount_minor FROM reward WHERE client_id = %s::uuid", lane.client_id) == [(1000,)]
    lane.assert_sound()


def test_a_share_wakes_nothing_where_no_promise_holds(lane: Lane) -> None:
    held = {"attribution": {"promise_days": 0}}
    lane.send(publish(direct(**held), 1, START - 60 * DAY), publish(direct(name="Later", **held), 2, START - DAY))
    lane.send(code_of("alice"), signup("bob", START, "ALICE"))
    lane.drain_all()
    lane.send(signup("carol", START + DAY, "ALICE"), share("alice", START - 2 * DAY))
    lane.drain_all(limit=1)
    lane.assert_sound()


def test_who_joined_long_ago_is_counted_when_the_friend_is_looked_at(
    lane: Lane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(velocity, "USUAL", 3)
    ladder = {"to": "advocate", "on": "joined", "when": {"tiers": [{"at": 2, "give": {"cash": "1.00"}}]}}
    for n, promises in enumerate(([], [ladder])):  # what many friends earned together is nobody who joined
        at = START + n * 90 * DAY
        lane.send(
            publish(direct(screening={"hold_at": 30}, promises=[*direct()["promises"], *promises]), n + 1, at - DAY)
        )
        names = [f"{n}-{name}" for name in ("bob", "carol", "erin", "frank", "grace")[: 5 - 2 * n]]
        lane.send(code_of(f"alice{n}", at - DAY))
        lane.send(*(signup(name, at, f"ALICE{n}") for name in names))
        lane.drain_all()
        lane.send(purchase(f"somebody{n}", at + 29 * DAY))
        lane.drain_all()
        lane.send(*(purchase(name, at + 30 * DAY) for name in names))
        lane.drain_all()
        lane.assert_sound()
    assert lane.count("referral", "state = 'held'") == 5


def test_a_crowd_with_one_card_is_counted_up_to_a_number(lane: Lane, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_payment, "OTHERS", 3)
    lane.publish(direct(screening={"hold_at": 30}))
    card = {"context": {"payment": "card-1"}}
    lane.send(*(purchase(f"guest{n}", START, **card) for n in range(75)), code_of("alice"))
    lane.drain_all()
    lane.send(signup("bob", START + DAY, "ALICE"), purchase("bob", START + 2 * DAY, **card))
    lane.drain_all()
    lane.assert_sound()


@pytest.mark.parametrize("limit", [1, 1000])
def test_each_of_several_versions_ahead_brings_its_budget_with_it(lane: Lane, limit: int) -> None:
    for n, budget in enumerate(({}, {"budget": {"amount": "15.00"}}, {}), 1):
        lane.send(publish(direct(name=f"v{n}", **budget), n, START - 60 * DAY, START + 20 * (n - 1) * DAY))
    lane.send(code_of("alice"))
    for n, name in enumerate(("bob", "carol", "erin")):
        lane.send(signup(name, START + (21 + n) * DAY, "ALICE"), purchase(name, START + (25 + n) * DAY))
    lane.drain_all(limit=limit)
    floors = lane.rows(
        "SELECT floor_minor FROM account WHERE client_id = %s::uuid AND name = 'budget:friends'", lane.client_id
    )
    assert floors == [(0,)]
    lane.assert_sound()


def test_nothing_between_a_publication_and_an_event_from_the_future_is_passed_over(lane: Lane) -> None:
    lane.publish(direct())
    now = START + 5 * DAY
    lane.send(code_of("alice"), signup("bob", START, "ALICE"), received_at=now)
    lane.send(publish(direct(name="Friends again"), 2, START + DAY), received_at=now)
    lane.send(purchase("bob", START + 2 * DAY), purchase("carol", now + timedelta(hours=2)), received_at=now)
    done = lane.drain_all(now=now)
    assert (done.events, done.dead) == (5, 1)
    assert lane.count("reward") == 1
    lane.assert_sound()


@pytest.mark.parametrize("limit", [1, 1000])
def test_a_moment_that_was_set_aside_is_nobody_elses_to_decide(lane: Lane, limit: int) -> None:
    lane.publish(direct())
    lane.send(code_of("alice"), signup("bob", START, "ALICE"), purchase("bob", START))
    lane.drain_all()
    lane.conn.execute("UPDATE referral SET next_due_at = NULL WHERE client_id = %s::uuid", (lane.client_id,))
    lane.conn.commit()
    lane.send(publish(direct(name="Friends again"), 2, START + 20 * DAY), purchase("carol", START + 21 * DAY))
    lane.send(act("move", START + 22 * DAY, program="friends", version=2, named=[]), signup("erin", START + 23 * DAY))
    done = lane.drain_all(limit=limit)
    assert (done.events, done.dead) == (4, 0)
    assert lane.count("reward", "state = 'payable'") == 1, "the move gives it a moment again"
    lane.assert_sound()


# -- contests ----------------------------------------------------------------------------------------------------------


def contest(rounds: str) -> dict[str, Any]:
    prizes = [{"place": 1, "give": {"cash": "30.00"}}]
    told = {"on": "first_order", "rounds": rounds, "freeze": "1d", "award": "1d", "prizes": prizes}
    return direct(contest=told, promises=[])


def test_what_lies_in_a_round_that_is_over_counts_in_no_other_one(lane: Lane) -> None:
    """Rounds were weeks and became months. Carol came in a week that was awarded long ago, and is heard of now."""
    lane.publish(contest("week"))
    lane.send(code_of("alice"), signup("bob", START + 3 * DAY, "alice"), purchase("bob", START + 4 * DAY, "60.00"))
    lane.drain_all()
    lane.advance(START + 14 * DAY)
    assert lane.rows("SELECT name, state FROM contest_round WHERE client_id = %s::uuid", lane.client_id) == [
        ("2026-W10", "closed")
    ]
    lane.publish(contest("month"), 2, START + 15 * DAY)
    lane.send(signup("carol", START + 3 * DAY, "alice"), purchase("carol", START + 4 * DAY, "60.00"))
    lane.drain_all(now=START + 16 * DAY)
    assert lane.count("contest_round") == 1 and lane.count("referral", "body LIKE '%%contest_late%%'") == 1
    lane.assert_sound()


def test_where_rounds_of_two_versions_overlap_the_one_that_begins_first_counts(lane: Lane) -> None:
    """A week opened first; then rounds became months, and a friend of the month's beginning opened that. What is decided in
    the days of both goes to the month, whatever the order in which rounds are read."""
    lane.publish(contest("week"))
    lane.send(code_of("alice"), signup("bob", START + 10 * DAY, "alice"), purchase("bob", START + 10 * DAY, "60.00"))
    lane.drain_all()
    lane.publish(contest("month"), 2, START + 11 * DAY)
    lane.send(signup("carol", START + DAY, "alice"), purchase("carol", START + DAY, "60.00"))
    lane.drain_all(now=START + 12 * DAY)
    lane.send(signup("erin", START + 12 * DAY, "alice"), purchase("erin", START + 12 * DAY, "60.00"))
    lane.drain_all()
    rounds = lane.rows(
        "SELECT r.name, count(s.*) FROM contest_round r LEFT JOIN contest_score s ON s.client_id = r.client_id"
        " AND s.round_id = r.id WHERE r.client_id = %s::uuid GROUP BY r.name ORDER BY r.name",
        lane.client_id,
    )
    assert rounds == [("2026-03", 2), ("2026-W11", 1)]
    lane.assert_sound()
