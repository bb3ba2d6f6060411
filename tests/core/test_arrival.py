"""Does the order of arrival matter? Merit never; amounts and balances only where something scarce was shared out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from goodword.core.decide import fingerprint
from goodword.core.ledger import imbalance
from goodword.core.limits import live_promise
from goodword.core.qualification import merits
from goodword.core.referral import REFERRAL_MOVES, REWARD_MOVES, STANDING, allowed
from goodword.scenarios.player import CorePlayer
from tests.core.worlds import (
    ABROAD_PROGRAMS,
    CAREFULLY,
    FREE_PROGRAMS,
    FRIENDS,
    SCARCE_PROGRAMS,
    START,
    THE_END,
    VERSIONS,
    Raw,
    abroad,
    deliver,
    histories,
    late_arrivals,
    on_time,
    published,
    shares,
)

free = st.sampled_from(FREE_PROGRAMS)
scarce = st.sampled_from(SCARCE_PROGRAMS)


def _merits(player: CorePlayer) -> list[Any]:
    """What every friend deserves, without the words in which it is told."""
    found = []
    for friend in FRIENDS:
        party = player.situation.party_of([("id", f"id:{friend}")])
        for merit in merits(player.situation, party, THE_END) if party else []:
            steps = {name: (step.state, step.at, step.event, step.base_minor) for name, step in merit.steps.items()}
            refused = merit.refused.code if merit.refused else None
            found.append((merit.id, merit.touch.method, merit.touch.event, merit.binding.id, refused, steps))
    return found


def _money(player: CorePlayer) -> tuple[dict[Any, int], dict[Any, int]]:
    """Standing rewards by referral and promise, and the balances of all accounts."""
    rewards = {
        (referral.id, reward.promise, reward.payee, reward.state): reward.amount_minor
        for referral in player.situation.referrals.values()
        for reward in referral.rewards
        if reward.state in STANDING
    }
    return rewards, player.balances()


@CAREFULLY
@given(free, histories(), st.data())
def test_shuffled_arrivals_give_equal_merit_amounts_and_balances(
    document: Raw, history: list[Raw], data: st.DataObject
) -> None:
    punctual = deliver(published(document), on_time(history))
    late = deliver(published(document), data.draw(late_arrivals(history)))
    assert _merits(punctual) == _merits(late)
    assert _money(punctual) == _money(late)


@CAREFULLY
@given(histories(), shares(), st.data())
def test_shuffled_arrivals_give_what_the_shared_version_promised(
    history: list[Raw], shared: list[Raw], data: st.DataObject
) -> None:
    whole = sorted([*history, *shared], key=lambda raw: raw["at"])
    punctual, late = (_in_versions(arrivals) for arrivals in (on_time(whole), data.draw(late_arrivals(whole))))
    assert _merits(punctual) == _merits(late)
    assert _money(punctual) == _money(late)


def _in_versions(arrivals: list[tuple[Raw, datetime]]) -> CorePlayer:
    """The events arrive while one version follows the other."""
    first, *later = VERSIONS
    player = published(first[0])
    coming = [(START + timedelta(days=days), document) for document, days in later]
    for raw, received_at in arrivals:
        while coming and coming[0][0] <= received_at:
            at, document = coming.pop(0)
            player.publish(document, at)
        player.deliver(raw, received_at)
    player.run_until(THE_END)
    return player


@CAREFULLY
@given(scarce, histories(), st.data())
def test_scarce_things_do_not_change_merit(document: Raw, history: list[Raw], data: st.DataObject) -> None:
    punctual = deliver(published(document), on_time(history))
    late = deliver(published(document), data.draw(late_arrivals(history)))
    assert _merits(punctual) == _merits(late)


@CAREFULLY
@given(scarce, histories(most=20), st.data())
def test_no_limit_budget_or_floor_is_ever_broken_and_nothing_granted_twice(
    document: Raw, history: list[Raw], data: st.DataObject
) -> None:
    player = published(document)
    for raw, received_at in data.draw(late_arrivals(history)):
        player.deliver(raw, received_at)
        _assert_sound(player, document)
        if data.draw(st.integers(0, 4)) == 0:
            _send_something(player, received_at)
            _assert_sound(player, document)
    player.run_until(THE_END)
    _assert_sound(player, document)


@CAREFULLY
@given(st.sampled_from(ABROAD_PROGRAMS), histories(most=20), st.data())
def test_no_currency_is_added_to_another_and_what_a_reward_cost_comes_back(
    document: Raw, history: list[Raw], data: st.DataObject
) -> None:
    player = published(document)
    for raw, received_at in data.draw(late_arrivals(abroad(history))):
        player.deliver(raw, received_at)
        _assert_funded(player)
    player.run_until(THE_END)
    _assert_funded(player)


def _assert_funded(player: CorePlayer) -> None:
    """In each currency: what was funded is where rewards, reservations and costs say, and no budget is overdrawn."""
    situation = player.situation
    assert imbalance(situation.accounts) == {}
    taken: dict[str, int] = {}
    for referral in situation.referrals.values():
        standing = {reward.promise for reward in referral.rewards if reward.state in STANDING}
        for claim in referral.claims:
            if claim.kind == "cost":
                assert not claim.counters or claim.key in standing
                for place, _, minor in claim.counters:
                    asset = place.rpartition("|")[2]
                    taken[asset] = taken.get(asset, 0) + minor
        currency = "CHF" if referral.friend == situation.party_of([("id", "id:carol")]) else "EUR"
        if not referral.is_record:
            assert {reward.asset for reward in referral.rewards if ":" not in reward.asset} <= {currency}
    for currency in ("EUR", "CHF"):
        assert situation.balance("cost:acme", currency).posted_minor == taken.get(currency, 0)
        assert situation.balance("budget:acme", currency).available_minor >= 0
        assert situation.balance("reserved:acme", currency).available_minor >= 0
    reserved: dict[str, int] = {}
    for referral in situation.referrals.values():
        for name, minor in referral.reserved:
            asset = name.partition("|")[2] or "EUR"
            reserved[asset] = reserved.get(asset, 0) + minor
    assert reserved == {
        asset: balance.posted_minor
        for (account, asset), balance in situation.accounts.items()
        if account == "reserved:acme" and balance.posted_minor
    }


def _send_something(player: CorePlayer, at: Any) -> None:
    for referral in player.situation.referrals.values():
        for reward in referral.rewards:
            if reward.state == "payable":
                raw = {"id": f"send-{reward.id}-{reward.state_at}", "type": "sent", "at": at.isoformat()}
                player.deliver(raw | {"act": {"reward": reward.id}}, at)
                return


def _assert_sound(player: CorePlayer, document: Raw) -> None:
    situation = player.situation
    assert imbalance(situation.accounts) == {}
    for (account, _), balance in situation.accounts.items():
        if account.startswith(("budget:", "reserved:", "payable:")):
            assert balance.available_minor >= 0, account
        assert balance.pending_in_minor >= 0 and balance.pending_out_minor >= 0
    terms = situation.live_terms("acme")
    pending = 0
    given_out: dict[str, list[int]] = {}
    for referral in situation.referrals.values():
        standing = [reward for reward in referral.rewards if reward.state in STANDING]
        assert len({reward.promise for reward in standing}) == len(standing)
        pending += sum(reward.amount_minor for reward in standing if reward.state in ("pending", "in_review"))
        for reward in standing:
            claim = referral.claim("limit", reward.promise)
            for key, number, minor in claim.counters if claim else ():
                assert (number, minor) == (1, reward.amount_minor)
                given_out.setdefault(key, []).append(minor)
    assert pending == sum(balance.pending_out_minor for balance in situation.accounts.values())
    for key, minors in given_out.items():
        promise = next(promise for promise in terms.promises if promise.key == key.split("|")[-3])
        limit = live_promise(terms, promise).limits[int(key.split("|")[-2])]
        assert situation.counters[key][0] >= len(minors)
        assert (len(minors) if limit.counts == "grants" else sum(minors)) <= limit.most


@CAREFULLY
@given(st.one_of(free, scarce), histories(), st.data())
def test_states_move_only_as_the_table_allows(document: Raw, history: list[Raw], data: st.DataObject) -> None:
    player = deliver(published(document), data.draw(late_arrivals(history)))
    referrals: dict[str, str] = {}
    rewards: dict[str, str] = {}
    for decision in player.decisions:
        for referral in decision.referrals:
            before = referrals.setdefault(referral.id, referral.state)
            assert allowed(REFERRAL_MOVES, before, referral.state), (before, referral.state)
            referrals[referral.id] = referral.state
            for reward in referral.rewards:
                was = rewards.setdefault(reward.id, reward.state)
                assert allowed(REWARD_MOVES, was, reward.state), (was, reward.state)
                rewards[reward.id] = reward.state


@CAREFULLY
@given(st.one_of(free, scarce), histories(), st.data())
def test_decisions_are_a_function_of_their_inputs(document: Raw, history: list[Raw], data: st.DataObject) -> None:
    arrivals = data.draw(late_arrivals(history))
    once, again = (deliver(published(document), arrivals) for _ in range(2))
    assert msgspec.json.encode(once.decisions, enc_hook=repr) == msgspec.json.encode(again.decisions, enc_hook=repr)
    assert [fingerprint(decision) for decision in once.decisions] == [fingerprint(d) for d in again.decisions]


@CAREFULLY
@given(st.one_of(free, scarce), histories(), st.data())
def test_an_event_delivered_twice_changes_nothing(document: Raw, history: list[Raw], data: st.DataObject) -> None:
    player = published(document)
    for raw, received_at in data.draw(late_arrivals(history)):
        player.deliver(raw, received_at)
        if player.situation.clock:  # what the event woke elsewhere is due at once
            player.decisions.extend(player.lane.advance(player.situation.clock))
        before = _money(player)
        count = len(player.decisions)
        player.deliver(raw, received_at + timedelta(seconds=1))
        assert [decision.entries for decision in player.decisions[count:]] == [()]
        assert [decision.counters for decision in player.decisions[count:]] == [()]
        assert _money(player) == before
