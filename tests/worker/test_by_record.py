"""Does the record tell of other sums exactly what deciding everything anew would, and does it say so where it cannot?"""

from __future__ import annotations

import copy
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest

from goodword.actions.backtest_told import as_data, line_of
from goodword.actions.backtesting import Backtest, backtest, folded
from goodword.catalog import SHELVES
from goodword.commands.backtest import in_words
from goodword.core.reading import read_terms
from goodword.core.recorded import read_recorded
from goodword.core.terms import Terms
from goodword.house.roles import Urls
from tests.worker.at_random import Befalling, document
from tests.worker.lane import START, Lane, code_of, direct, lane_on, purchase, refund, signup

FACTORS = ((1, 1), (3, 2), (1, 2), (2, 1))  # of the referrer's sums, and of the friend's
DAYS = (None, 15, 35)  # from which the draft is tried: all of history, or some of it
SEEDS = (7, 12, 17, 20)


def judge(lane: Lane, terms: dict[str, Any], since: datetime | None = None) -> tuple[Backtest, Backtest]:
    """As it is told, and with everything decided anew."""
    read = read_terms(terms, SHELVES, version=99, live_from=START)
    assert isinstance(read, Terms), read
    given = (lane.conn, lane.lanes.vault, lane.client_id, terms, read)
    return backtest(*given, since=since), folded(*given, since=since)


def said(found: Backtest) -> dict[str, Any]:
    """All that anybody is ever told of a backtest."""
    told = as_data(found) | {"changed": [line_of(outcome) for outcome in found.comparison.changed]}
    return {name: value for name, value in told.items() if name != "decided_anew_because"}


def with_sums(terms: dict[str, Any], factors: tuple[int, int], more: int = 1) -> dict[str, Any]:
    """The same promises, each fixed sum of one side so many times as large, and so much more room under limits and budget."""
    drawn = copy.deepcopy(terms)
    if "budget" in drawn:
        drawn["budget"]["amount"] = f"{float(drawn['budget']['amount']) * more:.2f}"
    for promise in drawn["promises"]:
        for counts, most in promise.get("limit", {}).items():
            number, _, period = str(most).partition(" ")
            if number.isdecimal():
                promise["limit"][counts] = f"{int(number) * more} {period}".strip() if period else int(number) * more
        factor = factors[promise["to"] == "friend"]
        for kind, value in promise.get("give", {}).items():
            promise["give"] = {kind: times(value, factor)}
    return drawn


def times(value: Any, factor: float) -> Any:
    """A sum, a share or rates, so many times as large; the maximum only where it grows."""
    if isinstance(value, str):
        return f"{float(value) * factor:.2f}"
    if "bands" in value:
        return value | {"bands": [band | {"percent": band["percent"] * factor} for band in value["bands"]]}
    if "per" in value:
        return value | {"points": int(value["points"] * factor)}
    most = {"max": times(value["max"], factor)} if "max" in value and factor > 1 else {}
    return value | {"percent": value["percent"] * factor} | most


def with_shares(chance: random.Random, drawn: dict[str, Any]) -> dict[str, Any]:
    """The terms with shares of the order in the place of some sums, and without what stands over sums."""
    share: Any = chance.choice(
        (
            {"percent": {"percent": 10}},
            {"percent": {"percent": 20, "max": "5.00"}},
            {"commission": {"bands": [{"to": "30.00", "percent": 8}, {"percent": 12}], "on": "whole"}},
            {"commission": {"bands": [{"to": "30.00", "percent": 12}, {"percent": 8}], "on": "slice"}},
            {"commission": {"bands": [{"to": "30.00", "percent": 16}, {"percent": 6}], "on": "whole"}},
        )
    )
    own, theirs, *_ = drawn["promises"]
    own["give"] = share
    own.pop("limit", None)
    if chance.random() < 0.6:
        theirs["give"] = {"discount": {"percent": 30}}
    if chance.random() < 0.3:
        cost = [{"from": "2026-01-01", "each": "0.01"}]
        drawn["units"] = {"PTS:stars": {"name": "Stars", "cost": cost, "wallet": "person"}}
        theirs["give"] = {"points": {"points": 4, "per": "1.00"}}
    if chance.random() < 0.5:
        drawn.pop("budget", None)
    elif "budget" in drawn:  # a share without a maximum cannot be set aside at the join
        drawn["budget"]["reserve"] = "grant"
    return drawn


class OfSums(Befalling):
    """A client whose programs are published again and again with other sums, and sometimes moved or stopped."""

    def __init__(self, lane: Lane, seed: int) -> None:
        super().__init__(lane, seed)
        self.terms: dict[str, dict[str, Any]] = {}
        self.has_shares = seed % 2 == 1
        # One of them stands against the record for good, so most worlds know it not at all.
        self.moves, self.stops, self.shares = (self.chance.random() < 0.2 for _ in range(3))

    def publish(self, program: str = "") -> None:
        slug = program or self.chance.choice(list(self.versions))
        if slug not in self.terms:
            drawn = document(self.chance, slug)
            if self.chance.random() < 0.7:
                drawn.pop("stacking", None)
            if self.has_shares:
                drawn = with_shares(self.chance, drawn)
            if "budget" in drawn and self.chance.random() < 0.7:
                drawn["budget"]["amount"] = "90000.00"
            self.terms[slug] = drawn
        number = self.versions[slug] = self.versions.get(slug, 0) + 1
        factors = self.chance.choice(FACTORS) if number > 1 else (1, 1)
        drawn = with_sums(self.terms[slug], factors, self.chance.choice((1, 1, 2)))
        self.say("publish", act={"document": drawn, "version": number, "live_from": self.now.isoformat()})

    def move(self) -> None:
        if self.moves:
            super().move()

    def stop(self) -> None:
        if self.stops:
            super().stop()

    def share(self) -> None:
        if self.shares:
            super().share()


def tried(urls: Urls, seed: int, steps: int = 140) -> tuple[int, int]:
    """How often the record could tell, of how many drafts; it never tells anything else than deciding anew does."""
    told = every = 0
    with lane_on(urls, f"sums-{seed}") as lane:
        world = OfSums(lane, seed)
        world.begin()
        world.go_on(steps)
        world.end()
        for slug, terms in world.terms.items():
            for n, factors in enumerate(FACTORS):
                for day in DAYS:
                    draft = with_sums(terms, factors, 1 + n % 3)
                    if n == len(FACTORS) - 1:
                        own = draft["promises"][0]
                        (value,) = own["give"].values()
                        is_sum = isinstance(value, str)
                        own["give"] = {"percent": {"percent": 15, "max": "9.00"}} if is_sum else {"cash": "7.00"}
                    found, anew = judge(lane, draft, START + timedelta(days=day) if day else None)
                    every += 1
                    told += not found.anew
                    assert said(found) == said(anew), (seed, slug, factors, day, found.anew)
    return told, every


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_befell_the_record_tells_what_deciding_anew_does(
    urls: Urls, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(os, "urandom", random.Random(seed).randbytes)  # keys make tokens, and tokens an order
    told, _every = tried(urls, seed)
    assert told, "a seed of this list is one in which the record can tell something"


# -- one thing after another -------------------------------------------------------------------------------------------


def terms_with(cash: str = "10.00", **more: Any) -> dict[str, Any]:
    promise = {"to": "advocate", "on": "first_order", "give": {"cash": cash}, "hold": "14d"}
    limit = more.pop("limit", None)
    return direct(promises=[promise | ({"limit": limit} if limit else {})], **more)


@contextmanager
def three_friends(urls: Urls, slug: str, terms: dict[str, Any]) -> Iterator[Lane]:
    """Alice brings three friends who buy, 10.00 EUR for each; the first takes all back."""
    with lane_on(urls, slug) as lane:
        lane.publish(terms)
        lane.send(code_of("alice"))
        for n, friend in enumerate(("bob", "eve", "finn")):
            at = START + timedelta(days=n)
            lane.send(signup(friend, at, "alice"), purchase(friend, at + timedelta(days=1), "60.00"))
        lane.drain_all()
        lane.send(refund("bob", START + timedelta(days=5), "60.00"))
        lane.drain_all()
        lane.advance(START + timedelta(days=60))
        yield lane


def test_another_sum_is_told_by_the_record_with_both_explanations(urls: Urls) -> None:
    with three_friends(urls, "plain", terms_with()) as lane:
        found, anew = judge(lane, terms_with("12.50"))
        assert found.anew == "" and said(found) == said(anew)
        assert "Only sums change: who is rewarded stands on record, after 9 events" in in_words(found)
        assert found.comparison.whole.after.given_minor == {"EUR": 25_00}
        told = [line_of(outcome) for outcome in found.comparison.changed]
    assert len(told) == 2
    for line in told:
        assert "10.00 EUR" in line["before"]["why"] and "12.50 EUR" in line["after"]["why"]


def test_a_budget_tells_as_long_as_it_would_have_carried_everything(urls: Urls) -> None:
    budget = {"amount": "50.00", "reserve": "join", "at_end": "stop_new"}
    with three_friends(urls, "budget", terms_with(budget=budget)) as lane:
        enough, anew = judge(lane, terms_with("16.00", budget=budget))  # 3 times 16.00 at its height
        assert enough.anew == "" and said(enough) == said(anew)
        short, anew = judge(lane, terms_with("17.00", budget=budget))
        assert short.anew == "The budget may have run short." and said(short) == said(anew)
        assert short.budget_ended_at is not None


def test_what_ran_out_before_the_day_is_decided_anew_and_is_not_the_drafts(urls: Urls) -> None:
    terms = terms_with(budget={"amount": "20.00", "reserve": "grant", "at_end": "stop_new"})
    with three_friends(urls, "before", terms) as lane:
        lane.send(signup("gus", START + timedelta(days=70), "alice"))
        lane.drain_all()
        found, anew = judge(lane, terms, START + timedelta(days=65))
        assert found.anew and said(found) == said(anew)
        assert found.budget_ended_at is None


def test_a_limit_of_sums_tells_as_long_as_nobody_came_near_it(urls: Urls) -> None:
    limit = {"amount": "40.00 per year"}
    with three_friends(urls, "limit", terms_with(limit=limit)) as lane:
        below, anew = judge(lane, terms_with("13.00", limit=limit))
        assert below.anew == "" and said(below) == said(anew)
        near, anew = judge(lane, terms_with("14.00", limit=limit))
        assert near.anew == "A limit of sums may have been reached." and said(near) == said(anew)


def test_a_higher_limit_tells_as_long_as_nobody_reached_the_old_one(urls: Urls) -> None:
    higher = terms_with("12.00", limit={"grants": "6 per year"})
    with three_friends(urls, "room", terms_with(limit={"grants": "3 per year"})) as lane:
        found, anew = judge(lane, higher)
        assert found.anew == "" and said(found) == said(anew)
        lower, anew = judge(lane, terms_with("12.00", limit={"grants": "2 per year"}))
        assert lower.anew == "A limit is lower than it was." and said(lower) == said(anew)
    with three_friends(urls, "no-room", terms_with(limit={"grants": "2 per year"})) as lane:
        found, anew = judge(lane, higher)
        assert found.anew == "A limit was reached." and said(found) == said(anew)
        assert found.comparison.counts["newly"] == 1


def test_another_budget_and_what_is_only_told_change_nobody(urls: Urls) -> None:
    def terms(amount: str, **more: Any) -> dict[str, Any]:
        return terms_with(budget={"amount": amount, "reserve": "join", "at_end": "stop_new"}, **more)

    with three_friends(urls, "told", terms("50.00")) as lane:
        draft = terms("35.00") | {"name": "Winter", "disclosure": {"advocate_sees": "nothing"}}
        found, anew = judge(lane, draft | {"payout_days": [15]})
        assert found.anew == "" and said(found) == said(anew) and found.comparison.changed == []
        found, anew = judge(lane, terms("25.00"))
        assert found.anew == "The budget may have run short." and said(found) == said(anew)
        assert found.comparison.counts["no_longer"] == 1


def test_sums_that_differ_between_versions_come_to_the_one_of_the_draft(urls: Urls) -> None:
    with three_friends(urls, "versions", terms_with()) as lane:
        lane.publish(terms_with("8.00"), 2, START + timedelta(days=70))
        later = START + timedelta(days=80)
        lane.send(signup("gus", later, "alice"), purchase("gus", later + timedelta(days=1), "60.00"))
        lane.drain_all()
        found, anew = judge(lane, terms_with("9.00"))
        assert found.anew == "" and said(found) == said(anew)
        assert found.comparison.whole.before.given_minor == {"EUR": 28_00}
        assert found.comparison.whole.after.given_minor == {"EUR": 27_00}
        since, anew = judge(lane, terms_with("9.00"), START + timedelta(days=75))
        assert since.anew == "" and said(since) == said(anew)
        assert since.comparison.whole.after.given_minor == {"EUR": 9_00}


# -- shares of what was bought -----------------------------------------------------------------------------------------


def shares(advocate: dict[str, Any], friend: dict[str, Any], **more: Any) -> dict[str, Any]:
    own = {"to": "advocate", "on": "first_order", "give": advocate, "hold": "14d"}
    theirs = {"to": "friend", "on": "first_order", "give": friend, "hold": "14d"}
    return direct(promises=[own | more.pop("own", {}), theirs], **more)


TENTH_AND_HALF = shares({"percent": {"percent": 10, "max": "5.00"}}, {"discount": {"percent": 50}})


@pytest.fixture(scope="module")
def bought_less(urls: Urls) -> Iterator[Lane]:
    """Three friends buy for 60.00: bob gives 20.00 back in hold, eve 30.00 when it is payable, finn 20.00 after both were sent."""
    with lane_on(urls, "shares") as lane:
        lane.publish(TENTH_AND_HALF)
        lane.send(code_of("alice"))
        for friend in ("bob", "eve", "finn"):
            lane.send(signup(friend, START, "alice"), purchase(friend, START + timedelta(days=1), "60.00"))
        lane.drain_all()
        lane.send(refund("bob", START + timedelta(days=5), "20.00"))
        lane.drain_all()
        lane.advance(START + timedelta(days=30))
        lane.send(refund("eve", START + timedelta(days=31), "30.00"))
        finns = "SELECT w.id FROM reward w JOIN referral r ON r.id = w.referral_id JOIN identifier i ON i.party_id = r.friend_id"
        keys = lane.lanes.vault.open_client(lane.client_id)
        sent_at = (START + timedelta(days=32)).isoformat()
        for n, (reward,) in enumerate(lane.rows(f"{finns} WHERE i.token = %s::uuid", keys.token("id", "finn"))):
            lane.send({"id": f"sent-{n}", "type": "sent", "at": sent_at, "act": {"reward": reward}})
        lane.drain_all()
        lane.send(refund("finn", START + timedelta(days=33), "20.00"))
        lane.drain_all()
        yield lane


def bases(lane: Lane) -> dict[str, list[int]]:
    """Of what each reward is a share: the referrer's, and the friend's."""
    rows = lane.rows("SELECT body FROM referral WHERE client_id = %s::uuid", lane.client_id)
    rewards = [reward for (body,) in rows for reward in read_recorded(body).rewards]
    return {to: sorted([one.base_minor or 0 for one in rewards if one.to == to]) for to in ("advocate", "friend")}


def test_what_a_share_is_of_follows_the_order_as_far_as_the_amount_would(bought_less: Lane) -> None:
    assert bases(bought_less) == {"advocate": [30_00, 40_00, 40_00], "friend": [30_00, 40_00, 60_00]}


@pytest.mark.parametrize(
    ("draft", "given"),
    [
        (TENTH_AND_HALF, 11_00 + 65_00),
        (shares({"percent": {"percent": 20, "max": "5.00"}}, {"discount": {"percent": 50}}), 15_00 + 65_00),
        (shares({"percent": 10}, {"discount": {"percent": "12.5"}}), 11_00 + 16_25),
        (shares({"percent": 10}, {"discount": "7.00"}), 11_00 + 21_00),
    ],
    ids=["the same", "another share", "no maximum", "a sum instead"],
)
def test_another_share_is_told_by_the_record(bought_less: Lane, draft: dict[str, Any], given: int) -> None:
    found, anew = judge(bought_less, draft)
    assert found.anew == "" and said(found) == said(anew)
    assert found.comparison.whole.after.given_minor == {"EUR": given}


def test_a_share_in_the_place_of_a_sum_is_told_where_it_is_known_what_was_bought(urls: Urls) -> None:
    with three_friends(urls, "into-shares", terms_with()) as lane:
        share = direct(promises=[terms_with()["promises"][0] | {"give": {"percent": 15}}])
        found, anew = judge(lane, share)
        assert found.anew == "" and said(found) == said(anew)
        assert found.comparison.whole.after.given_minor == {"EUR": 18_00}
        # as it was recorded before it was known
        lane.conn.execute("UPDATE referral SET body = replace(body, ',\"base_minor\":6000', '')")
        found, anew = judge(lane, share)
        assert found.anew == "A reward would come to nothing, or nobody knows for what it was given."
        found, anew = judge(lane, terms_with("20.00"))
        assert found.anew == "" and said(found) == said(anew), "a sum is a sum of whatever was bought"


def test_who_was_given_another_kind_before_may_have_given_it_back(urls: Urls) -> None:
    with three_friends(urls, "kinds", terms_with()) as lane:
        voucher = direct(promises=[terms_with()["promises"][0] | {"give": {"voucher": "8.00"}}])
        lane.publish(voucher, 2, START + timedelta(days=70))
        found, anew = judge(lane, terms_with("9.00"))
        assert found.anew == "What was given was not of one kind." and said(found) == said(anew)


@pytest.mark.parametrize(
    ("more", "draft", "why"),
    [
        (
            {"budget": {"amount": "900.00", "reserve": "grant"}},
            {"commission": {"bands": [{"to": "30.00", "percent": 8}, {"percent": 12}]}},
            "A budget stands over shares of what was bought.",
        ),
        ({"budget": {"amount": "125.00", "reserve": "grant"}}, {}, "The budget may have run short."),
        ({"budget": {"amount": "900.00", "reserve": "grant"}}, {}, ""),
        ({"own": {"limit": {"amount": "90.00 per year"}}}, {}, "A limit of sums stands over shares of what was bought."),
        ({}, {"percent": "0.001"}, "A reward would come to nothing, or nobody knows for what it was given."),
    ],
    ids=["budget", "short", "enough", "limit", "nothing"],
)
def test_what_stands_over_shares_is_decided_anew_unless_it_never_came_near(
    urls: Urls, more: dict[str, Any], draft: dict[str, Any], why: str
) -> None:
    half = {"discount": {"percent": 50}}
    with three_friends(urls, f"over-{len(why)}", shares({"percent": 10}, half, **copy.deepcopy(more))) as lane:
        found, anew = judge(lane, shares(draft or {"percent": 20}, half, **more))
        assert found.anew == why and said(found) == said(anew)


def test_rates_that_fall_with_the_order_are_decided_anew(urls: Urls) -> None:
    def falling(rate: int) -> dict[str, Any]:
        bands = {"bands": [{"to": "50.00", "percent": rate}, {"percent": 4}], "on": "whole"}
        return shares({"commission": bands}, {"discount": "5.00"})

    with three_friends(urls, "falling", falling(10)) as lane:
        found, anew = judge(lane, falling(12))
        assert found.anew == "More than sums and shares changes." and said(found) == said(anew)


# -- where somebody was, and what else may change ----------------------------------------------------------------------


def test_markets_are_told_by_what_people_and_orders_said(urls: Urls) -> None:
    with lane_on(urls, "where") as lane:
        lane.publish(terms_with())
        lane.send(code_of("alice"))
        joined = {"id": "bob", "attributes": {"country": "at"}}
        lane.send(signup("bob", START, "alice") | {"person": joined}, purchase("bob", START, "60.00"))
        bought = purchase("eve", START + timedelta(days=1), "60.00")
        lane.send({**bought, "context": {"country": "DE"}, "code": "CODE-alice"})
        lane.send(signup("finn", START, "alice"))
        lane.drain_all()
        found, anew = judge(lane, terms_with("12.00"))
        assert found.anew == "" and said(found) == said(anew)
        assert sorted(found.comparison.by_market) == ["", "AT", "DE"]


@pytest.mark.parametrize(
    ("draft", "why"),
    [
        (
            terms_with(milestones={"first_order": {"event": "purchase", "min": "20.00"}}),
            "More than sums and shares changes.",
        ),
        (terms_with(attribution={"window": "60d"}), "More than sums and shares changes."),
        (terms_with(budget={"amount": "900.00"}), "More than sums and shares changes."),
        (terms_with(stacking={"promises": "best"}), "Rewards are weighed against each other."),
        (terms_with(contracts={"tail": "10d"}), "Markets, contests and contracts have sums of their own."),
    ],
    ids=["minimum", "window", "budget", "best", "contracts"],
)
def test_whatever_else_changes_is_decided_anew(plain: Lane, draft: dict[str, Any], why: str) -> None:
    found, anew = judge(plain, draft)
    assert found.anew == why and said(found) == said(anew)


@pytest.fixture(scope="module")
def plain(urls: Urls) -> Iterator[Lane]:
    with three_friends(urls, "else", terms_with()) as lane:
        yield lane
