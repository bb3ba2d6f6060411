"""Does a backtest tell what a draft would have decided, and leave everything as it was?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from goodword.actions.backtest_told import as_data
from goodword.actions.backtesting import Backtest, Cancelled, backtest, folded
from goodword.catalog import SHELVES
from goodword.commands.backtest import in_words
from goodword.core.reading import read_terms
from goodword.core.terms import Terms
from goodword.errors import BadInput
from goodword.house.roles import Urls
from goodword.store.recompute import stored_rows
from tests.worker.history import crowded, half_a_year
from tests.worker.lane import NOW, START, Lane, code_of, direct, lane_on, purchase, refund, signup

TABLES = ("event", "decision", "entry", "referral", "reward", "counter", "rollup", "action", "leaf_batch", "outbox")


def judge(lane: Lane, document: dict[str, Any], by: Callable[..., Backtest] = backtest, **more: Any) -> Backtest:
    terms = read_terms(document, SHELVES, version=9, live_from=START)
    assert isinstance(terms, Terms), terms
    return by(lane.conn, lane.lanes.vault, lane.client_id, document, terms, **more)


@pytest.fixture(scope="module")
def busy(urls: Urls) -> Iterator[Lane]:
    """Half a year in which everything runs out."""
    with lane_on(urls, "busy") as lane:
        lane.publish(crowded())
        for n, event in enumerate(half_a_year()):
            lane.send(event)
            if n % 40 == 0:
                lane.drain_all()
        lane.drain_all()
        lane.advance(NOW)
        yield lane


@pytest.fixture(scope="module")
def small(urls: Urls) -> Iterator[Lane]:
    """Four friends of Alice: one bought enough, one a little too little, one far too little, one took all back."""
    with lane_on(urls, "small") as lane:
        lane.publish(direct(milestones={"first_order": {"event": "purchase", "min": "50.00"}}))
        lane.send(code_of("alice"))
        for n, (friend, amount) in enumerate((("bob", "60.00"), ("eve", "45.20"), ("finn", "9.00"), ("gus", "80.00"))):
            at = START + timedelta(days=10 * n)
            lane.send(signup(friend, at, "alice"), purchase(friend, at + timedelta(days=1), amount))
        lane.send(refund("gus", START + timedelta(days=40), "80.00"))
        lane.drain_all()
        lane.advance(START + timedelta(days=90))
        yield lane


def small_draft(amount: str = "10.00", least: str = "50.00") -> dict[str, Any]:
    return direct(
        milestones={"first_order": {"event": "purchase", "min": least}},
        promises=[{"to": "advocate", "on": "first_order", "give": {"cash": amount}, "hold": "14d"}],
    )


def test_the_terms_that_were_live_come_to_what_was_decided(busy: Lane) -> None:
    found = judge(busy, crowded(), folded).comparison
    assert found.changed == []
    assert found.whole.before == found.whole.after
    assert found.counts["same"] > 10 and found.counts["neither"] > 3
    assert found.whole.before.given_minor.keys() == {"EUR"}


def test_nothing_is_written(busy: Lane) -> None:
    before = [busy.count(table) for table in TABLES]
    head = busy.rows("SELECT cursor_seq, decision_seq, clock FROM lane WHERE client_id = %s::uuid", busy.client_id)
    judge(busy, crowded() | {"budget": {"amount": "50.00", "reserve": "join", "at_end": "while_funds_last"}})
    assert [busy.count(table) for table in TABLES] == before
    assert head == busy.rows(
        "SELECT cursor_seq, decision_seq, clock FROM lane WHERE client_id = %s::uuid", busy.client_id
    )
    busy.assert_sound()


def test_a_smaller_budget_ends_earlier_and_says_when(busy: Lane) -> None:
    tight = crowded() | {"budget": {"amount": "50.00", "reserve": "join", "at_end": "while_funds_last"}}
    found = judge(busy, tight)
    assert found.budget_ended_at is not None and found.budget_ended_at < NOW
    assert found.comparison.whole.after.given_minor["EUR"] <= 50_00
    assert found.comparison.counts["no_longer"] > 0


def test_a_lower_minimum_rewards_who_fell_short(small: Lane) -> None:
    found = judge(small, small_draft(least="45.00")).comparison
    assert {change: n for change, n in found.counts.items() if n} == {"newly": 1, "same": 1, "neither": 2}
    assert found.whole.before.given_minor == {"EUR": 10_00} and found.whole.after.given_minor == {"EUR": 20_00}
    (outcome,) = found.changed
    assert outcome.before is not None and outcome.after is not None
    assert outcome.before.state == "not_qualified" and outcome.after.state == "rewarded"
    assert found.suspicious == 0


def test_another_amount_changes_each_reward_and_nothing_else(small: Lane) -> None:
    found = judge(small, small_draft(amount="12.50")).comparison
    assert {change: n for change, n in found.counts.items() if n} == {"changed": 1, "neither": 3}
    assert found.whole.after.given_minor == {"EUR": 12_50}
    assert found.by_channel.keys() == {"code"}


def test_it_is_split_by_market_and_by_tier_of_the_draft(urls: Urls) -> None:
    def order(friend: str, at: datetime, country: str) -> dict[str, Any]:
        bought = {**purchase(friend, at, "60.00"), "context": {"country": country}}
        return {**bought, "code": "CODE-alice"}

    tiers = [{"from": 1, "give": {"cash": "5.00"}}, {"from": 2, "give": {"cash": "8.00"}}]
    draft = direct(promises=[{"to": "advocate", "on": "first_order", "when": {"tiers": tiers}, "hold": "14d"}])
    with lane_on(urls, "markets") as lane:
        lane.publish(direct())
        lane.send(code_of("alice"))
        lane.send(
            *(
                order(f"friend-{n}", START + timedelta(days=n + 1), country)
                for n, country in enumerate(("DE", "AT", "DE"))
            )
        )
        lane.drain_all()
        found = judge(lane, draft).comparison
    sums = {name: sides.after.given_minor.get("EUR") for name, sides in found.by_tier.items()}
    assert sums == {"1": 5_00, "2": 16_00}
    assert {name: (sides.before.customers, sides.after.customers) for name, sides in found.by_market.items()} == {
        "DE": (2, 2), "AT": (1, 1),
    }  # fmt: skip
    outcome = Backtest(found, 0, 0, None, NOW)
    assert [line for line in in_words(outcome).splitlines() if line.startswith(("Channel", "Market", "Tier"))] == [
        "Channel code", "Market AT", "Market DE", "Tier from 1", "Tier from 2",
    ]  # fmt: skip
    told = as_data(outcome)
    assert list(told["by_market"]) == ["AT", "DE"] and list(told["by_tier"]) == ["1", "2"]
    assert told["by_channel"].keys() == {"code"}


def test_near_misses_are_grouped_by_how_little_was_missing(small: Lane) -> None:
    near = judge(small, small_draft()).comparison.near
    assert [(one.needed_minor, one.asset, one.percent, one.count, one.most_missing_minor) for one in near] == [
        (50_00, "EUR", 10, 1, 4_80)
    ]


def test_earlier_touches_keep_their_version(small: Lane) -> None:
    later = START + timedelta(days=15)
    found = judge(small, small_draft(amount="12.50", least="5.00"), since=later)
    assert {change: n for change, n in found.comparison.counts.items() if n} == {"newly": 1, "neither": 1}, (
        "of those who came after that day, Finn is rewarded now and Gus took all back; Bob and Eve came before"
    )


def test_it_can_be_watched_and_stopped(busy: Lane) -> None:
    seen: list[tuple[int, int]] = []
    judge(busy, crowded(), progress=lambda done, of: seen.append((done, of)) is None)
    assert seen[-1][0] == seen[-1][1] == busy.count("decision")
    with pytest.MonkeyPatch.context() as patch:
        from goodword.actions import backtesting

        patch.setattr(backtesting, "PROGRESS_EVERY", 10)
        with pytest.raises(Cancelled):
            judge(busy, crowded(), progress=lambda done, of: done < 20)


def test_only_clicks_that_never_became_anybodys_are_passed_over(urls: Urls) -> None:
    def clicked(name: str, at: datetime, visitor: str) -> dict[str, Any]:
        return {"id": name, "type": "click", "at": at.isoformat(), "code": "CODE-alice", "visitor": visitor}

    with lane_on(urls, "clicked") as lane:
        lane.publish(direct())
        lane.send(code_of("alice"))
        lane.send(*(clicked(f"passing-{n}", START + timedelta(hours=n), f"browser-{n}") for n in range(20)))
        lane.send(clicked("bob-looked", START, "bobs-browser"))
        joined = START + timedelta(days=2)
        lane.send({"id": "bob-joined", "type": "signup", "at": joined.isoformat(), "person": {"id": "bob"},
                   "visitor": "bobs-browser"}, purchase("bob", joined + timedelta(days=1), "60.00"))  # fmt: skip
        lane.drain_all()
        lane.advance(START + timedelta(days=60))
        rows = list(stored_rows(lane.conn, lane.lanes.vault, lane.client_id, nobodys_clicks=False))
        assert sum(row.is_nobodys for row in rows) == 20
        found = judge(lane, direct(), folded)
        assert found.events == sum(row.event is not None or row.is_nobodys for row in rows)
        assert found.comparison.changed == [] and found.comparison.counts["same"] == 1
        assert found.comparison.by_channel.keys() == {"click"}


def test_a_program_that_never_ran_has_no_history(small: Lane) -> None:
    with pytest.raises(BadInput, match="Nothing is on record"):
        judge(small, small_draft() | {"program": "winter"})
