"""Are two documents compared in words that a person reads, with nothing said of what is the same?"""

from __future__ import annotations

import copy
from typing import Any

from goodword.catalog import SHELVES
from goodword.catalog.difference import can_be_read, differences

FRIENDS: dict[str, Any] = {
    "program": "friends",
    "name": "Friends",
    "type": "two_sided",
    "currency": "EUR",
    "milestones": {"joined": {"event": "signup"}, "first_order": {"event": "purchase", "min": "50.00"}},
    "promises": [
        {"to": "advocate", "on": "first_order", "give": {"cash": "10.00"}, "hold": "14d"},
        {"to": "friend", "on": "first_order", "give": {"voucher": {"percent": 20, "max": "30.00"}}},
    ],
    "budget": {"amount": "5000.00"},
}


def lines(change: dict[str, Any], before: dict[str, Any] = FRIENDS) -> list[str]:
    return [one.line() for one in differences(before, copy.deepcopy(before) | change, SHELVES)]


def promises(**first: Any) -> dict[str, Any]:
    return {"promises": [{"to": "advocate", "on": "first_order", "hold": "14d", **first}, FRIENDS["promises"][1]]}


def test_what_is_the_same_is_not_told() -> None:
    assert lines({}) == []
    assert lines({"attribution": {"window": "30d"}}) == []  # the default, written out


def test_what_a_template_fills_in_is_no_change() -> None:
    filled = {
        **FRIENDS,
        "milestones": {"joined": {"event": "signup"}, "first_order": {"event": "purchase", "count": 1}},
    }
    silent = {key: value for key, value in filled.items() if key != "milestones"}
    assert [one.line() for one in differences(filled, silent, SHELVES)] == []


def test_a_minimum_and_a_window_are_told_with_both_values() -> None:
    milestones = {
        **FRIENDS["milestones"],
        "first_order": {"event": "purchase", "min": "40.00", "within": "30d of joined"},
    }
    assert lines({"milestones": milestones, "attribution": {"window": "60d"}}) == [
        "First order, minimum: 50.00 EUR → 40.00 EUR",
        "First order, in time: – → 30d of joined",
        "How long a referral counts: 30d → 60d",
    ]


def test_a_flat_reward_that_becomes_a_ladder_names_its_steps() -> None:
    tiers = [{"at": 1, "give": {"cash": "10.00"}}, {"from": 3, "give": {"percent": 5}}]
    assert lines(promises(when={"tiers": tiers})) == [
        "Reward of the referrer for First order: 10.00 EUR → 2 tiers (at 1: 10.00 EUR; from 3: 5 %)"
    ]


def test_tables_choices_and_limits_are_told_whole() -> None:
    table = [{"if": ["order.product == gold"], "cash": "50.00"}, {"voucher": "5.00"}]
    assert lines(promises(give=table, limit={"grants": "5 per month", "over": "household"})) == [
        "Reward of the referrer for First order: 10.00 EUR → the first that holds of:"
        " 50.00 EUR if order.product == gold; voucher 5.00 EUR",
        "Limit of the referrer for First order: – → 5 grants per month, over household",
    ]


def test_what_is_new_or_gone_as_a_whole_is_one_line() -> None:
    more = {**FRIENDS["milestones"], "again": {"event": "purchase", "count": 2}}
    assert lines({"milestones": more, "budget": None, "promises": FRIENDS["promises"][:1]}) == [
        "Milestone Again: – → purchase, 2",
        "Reward of the friend for First order: voucher 20 % (at most 30.00 EUR) → –",
        "Budget: 5000.00 EUR → –",
    ]


def test_words_go_through_the_language_of_whoever_reads() -> None:
    german = {"minimum": "Mindestbetrag"}
    after = copy.deepcopy(FRIENDS)
    after["milestones"]["first_order"]["min"] = "40.00"
    told = differences(FRIENDS, after, SHELVES, lambda words: german.get(words, words))
    assert told[0].about == "First order, Mindestbetrag"


def test_a_document_of_another_release_is_known_as_such() -> None:
    assert can_be_read(FRIENDS, SHELVES)
    assert not can_be_read({**FRIENDS, "magic": True}, SHELVES)
