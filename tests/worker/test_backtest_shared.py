"""Does a backtest over history with shares come to what the same terms would really have come to?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from goodword.actions.backtesting import folded
from goodword.catalog import SHELVES
from goodword.core.comparison import Comparison
from goodword.core.reading import read_terms
from goodword.core.terms import Terms
from goodword.house.roles import Urls
from tests.worker.lane import START, Lane, code_of, direct, lane_on, person, purchase, refund, signup

AMOUNTS = ("15.00", "30.00", "60.00", "90.00")
FRIENDS = 24
DRAFTED = 40  # the day from which the draft is tried on what happened


def day(n: float) -> datetime:
    return START + timedelta(days=n)


def promising(advocate: str, friend: str, least: str) -> dict[str, Any]:
    return direct(
        milestones={"joined": {"event": "signup"}, "first_order": {"event": "purchase", "min": least}},
        promises=[
            {"to": "advocate", "on": "first_order", "give": {"cash": advocate}, "hold": "14d"},
            {"to": "friend", "on": "first_order", "give": {"cash": friend}},
        ],
    )


# The two versions that were live, and drafts: one that pays less, and two of which neither is better by itself.
FIRST, SECOND = promising("20.00", "1.00", "20.00"), promising("10.00", "3.00", "20.00")
DRAFTS = {
    "less": promising("5.00", "6.00", "20.00"),
    "more for larger orders": promising("15.00", "2.00", "50.00"),
    "less from smaller orders on": promising("9.00", "2.00", "10.00"),
}


def history() -> list[tuple[datetime, dict[str, Any]]]:
    """Alice shares thrice and Carol never; friends of both join every few days, buy, and some send it back in part."""
    found = [code_of("alice"), code_of("carol")]
    for n in (5, 28, 38):
        found.append({"id": f"shared-{n}", "type": "share", "at": day(n).isoformat(), "person": person("alice")})
    for n in range(FRIENDS):
        name, joined = f"friend-{n}", day(3 * n + 1)
        found.append(signup(name, joined, "carol" if n % 5 == 4 else "alice"))
        found.append(purchase(name, joined + timedelta(days=2), AMOUNTS[n % 4]))
        if n % 6 == 3:
            found.append(refund(name, joined + timedelta(days=4), "50.00"))
    return sorted(((datetime.fromisoformat(event["at"]), event) for event in found), key=lambda pair: pair[0])


def live(lane: Lane, versions: list[tuple[float, dict[str, Any]]]) -> None:
    """What happened, while one version followed the other."""
    coming = list(enumerate(versions, start=1))
    for at, event in history():
        while coming and day(coming[0][1][0]) <= at:
            number, (n, document) = coming.pop(0)
            lane.drain_all()
            lane.advance(day(n))
            lane.publish(document, number, day(n))
        lane.send(event)
    lane.drain_all()
    lane.advance(day(130))


def judge(lane: Lane, document: dict[str, Any], since: datetime | None) -> Comparison:
    terms = read_terms(document, SHELVES, version=9, live_from=START)
    assert isinstance(terms, Terms), terms
    return folded(lane.conn, lane.lanes.vault, lane.client_id, document, terms, since=since).comparison


def shares_told(lane: Lane) -> int:
    return lane.count("referral", "position('promise_shared' in body) > 0")


@pytest.fixture(scope="module")
def shared(urls: Urls) -> Iterator[Lane]:
    """A history with shares under the two versions that were live."""
    with lane_on(urls, "shared") as lane:
        live(lane, [(-60, FIRST), (30, SECOND)])
        yield lane


def test_the_history_has_referrals_that_a_share_decided(shared: Lane) -> None:
    assert 2 <= shares_told(shared) < FRIENDS
    shared.assert_sound()


@pytest.mark.parametrize("name", DRAFTS)
def test_a_draft_from_a_day_on_comes_to_what_its_publication_would_have(shared: Lane, urls: Urls, name: str) -> None:
    since = day(DRAFTED)
    tried = judge(shared, DRAFTS[name], since)
    with lane_on(urls, f"really-{list(DRAFTS).index(name)}") as lane:
        live(lane, [(-60, FIRST), (30, SECOND), (DRAFTED, DRAFTS[name])])
        again = judge(lane, DRAFTS[name], since)
        lane.assert_sound()
        assert shares_told(lane) > 0
    assert tried.whole.after == again.whole.before
    assert again.changed == [], "the terms that were live, tried again"
    assert tried.whole.after.given_minor["EUR"] > 0
    assert tried.whole.before != tried.whole.after


def test_a_draft_in_the_place_of_all_versions_leaves_nothing_to_a_share(shared: Lane, urls: Urls) -> None:
    document = DRAFTS["more for larger orders"]
    tried = judge(shared, document, None)
    with lane_on(urls, "really-alone") as lane:
        live(lane, [(-60, document)])
        again = judge(lane, document, None)
        assert shares_told(lane) == 0
    assert tried.whole.after == again.whole.before
    assert again.changed == []


def test_trying_a_draft_on_shares_writes_nothing(shared: Lane) -> None:
    before = shared.outcome()
    judge(shared, DRAFTS["less"], day(DRAFTED))
    assert shared.outcome() == before
