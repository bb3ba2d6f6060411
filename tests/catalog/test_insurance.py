"""What may be given for a referral of insurance, state by state: which rows block, which doubt, and what has no row?"""

from __future__ import annotations

from typing import Any

import pytest

from goodword.catalog.packs import PACKS
from goodword.catalog.packs.insurance_states import NAMES, STATES
from goodword.core.checks import Circumstances, Remark, in_sentence
from tests.catalog.test_packs import found as found_by_all
from tests.catalog.test_packs import looked, promise

US = {"sector": "insurance", "currency": "USD"}
QUOTE = {"joined": {"event": "signup"}, "quoted": {"event": "quote_completed"}, "bought": {"event": "purchase"}}
UNVERIFIED = ("US-AL", "US-AK", "US-AZ", "US-AR", "US-CO", "US-CT", "US-DE", "US-DC")


def found(changes: dict[str, Any]) -> dict[str, Remark]:
    return {name: one for name, one in found_by_all(changes).items() if one.pack == "insurance"}


def given(state: str, give: dict[str, Any], to: str = "advocate", on: str = "quoted", **more: Any) -> dict[str, Remark]:
    """What the table says of one promise in one state."""
    promises = promise(to=to, on=on, give=give, **more)
    return found({**US, "milestones": QUOTE, "promises": promises, "places": [state]})


def test_insurance_pays_for_the_referral_not_for_the_sale() -> None:
    sold = given("US-NY", {"cash": "10.00"}, on="bought")
    assert sold["insurance/per-referral"].severity == "block"
    assert sold["insurance/per-referral"].field == "promises[0].on"
    assert set(given("US-NY", {"cash": "10.00"})) == {"insurance/discussed"}
    assert given("US-FL", {"cash": "500.00"}) == {}


def test_a_moment_after_a_sale_is_a_sale_too() -> None:
    milestones = {**QUOTE, "stayed": {"moment": "30d after bought"}}
    told = found({**US, "milestones": milestones, "promises": promise(on="stayed"), "places": ["US-FL"]})
    assert {"insurance/per-referral", "insurance/state-us-fl"} <= set(told)


@pytest.mark.parametrize("state", ["US-NY", "US-PA", "US-IL", "US-FL", "US-WA"])
def test_a_verified_row_blocks_what_hangs_on_the_purchase_with_its_own_statute(state: str) -> None:
    told = given(state, {"gift_card": "10.00"}, on="bought", limit={"amount": "20.00 per year"})
    row = told[f"insurance/state-{state.lower()}"]
    assert (row.severity, row.field) == ("block", "promises[0].on")
    assert NAMES[state] in row.words and "depend on the purchase" in row.words
    assert any(number in row.source for number in ("2324", "310.72", "500-80", "626.112", "48.30.133"))


@pytest.mark.parametrize(
    ("state", "to", "give", "more", "says"),
    [
        ("US-WA", "advocate", {"gift_card": "100.01"}, {}, "at most 100.00 USD may be given, and 100.01 USD is promised"),
        ("US-WA", "advocate", {"cash": "20.00"}, {"limit": {"grants": 1}}, "money may not be given"),
        ("US-WA", "friend", {"gift_card": "100.00"}, {}, ""),
        ("US-WA", "friend", {"gift_card": "100.01"}, {}, "Lower it to 100.00 USD."),
        ("US-NY", "friend", {"gift_card": "25.00"}, {}, ""),
        ("US-NY", "friend", {"gift_card": "25.01"}, {}, "at most 25.00 USD"),
        ("US-PA", "friend", {"gift_card": "100.00"}, {}, ""),
        ("US-PA", "friend", {"cash": "10.00"}, {}, "money may not be given"),
        ("US-FL", "friend", {"gift_card": "100.01"}, {}, "at most 100.00 USD"),
        ("US-FL", "advocate", {"cash": "500.00"}, {}, ""),
    ],
)  # fmt: skip
def test_kinds_and_limits_of_verified_rows(
    state: str, to: str, give: dict[str, Any], more: dict[str, Any], says: str
) -> None:
    row = given(state, give, to, **more).get(f"insurance/state-{state.lower()}")
    assert (row is None) is (says == "")
    if row is not None:
        assert row.severity == "block" and says in f"{row.words} {row.repair}"


def test_a_limit_by_law_is_held_against_the_sum_of_the_span_that_it_names() -> None:
    endless = given("US-WA", {"gift_card": "25.00"})["insurance/state-us-wa"]
    assert (endless.severity, endless.field) == ("block", "promises[0].limit")
    assert endless.words == (
        "In Washington one person may get at most 100.00 USD in any 12 months; nothing limits it here, and 5 rewards of"
        " 25.00 USD come to 125.00 USD."
    )
    assert 'limit: {amount: "50.00 per year"}' in endless.repair
    in_two_years = given("US-WA", {"gift_card": "25.00"}, limit={"amount": "100.00 per year"})["insurance/state-us-wa"]
    assert "these terms can come to 200.00 USD" in in_two_years.words, "any 12 months touch two calendar years"
    for limit in ({"amount": "50.00 per year"}, {"grants": "2 per year"}, {"grants": 4}, {"joins": 4}):
        assert given("US-WA", {"gift_card": "25.00"}, limit=limit) == {}, limit
    for limit in ({"grants": "3 per year"}, {"grants": 5}, {"grants": "1 per month"}, {"grants": 1, "over": "code"}):
        assert "insurance/state-us-wa" in given("US-WA", {"gift_card": "25.00"}, limit=limit), limit


def test_promises_to_one_person_are_added_up() -> None:
    each = {"give": {"gift_card": "30.00"}, "limit": {"grants": 2}, "to": "advocate", "hold": "14d"}
    both = {
        **US,
        "places": ["US-WA"],
        "milestones": QUOTE,
        "promises": [{**each, "on": "quoted"}, {**each, "on": "joined"}],
    }
    assert "come to 120.00 USD" in found(both)["insurance/state-us-wa"].words
    assert found({**both, "limits": [{"to": "advocate", "amount": "50.00 per year"}]}) == {}
    ladder = {"tiers": [{"at": 1, "give": {"gift_card": "40.00"}}, {"at": 5, "give": {"gift_card": "61.00"}}]}
    tiered = {"to": "advocate", "on": "quoted", "when": ladder, "hold": "14d"}
    assert "come to 101.00 USD" in found({**both, "promises": [tiered]})["insurance/state-us-wa"].words


def test_who_came_as_a_friend_and_then_refers_is_one_person() -> None:
    quoted = {"on": "quoted", "hold": "14d"}
    friend = {**quoted, "to": "friend", "give": {"gift_card": "25.00"}}
    referrer = {**quoted, "to": "advocate", "give": {"gift_card": "20.00"}, "limit": {"amount": "40.00 per year"}}
    both = {**US, "places": ["US-WA"], "milestones": QUOTE, "promises": [friend, referrer]}
    told = found(both)["insurance/state-us-wa"]
    assert (told.severity, told.field) == ("block", "promises[0].limit")
    assert told.words == (
        "In Washington one person may get at most 100.00 USD in any 12 months; whoever came as a friend and then refers can"
        " come to 105.00 USD here."
    )
    assert "until those of both roles come to 100.00 USD together" in told.repair
    assert found({**both, "promises": [{**friend, "give": {"gift_card": "20.00"}}, referrer]}) == {}


@pytest.mark.parametrize("state", UNVERIFIED)
def test_an_unverified_row_doubts_and_never_blocks(state: str) -> None:
    for give in ({"gift_card": "1.00"}, {"cash": "500.00"}):
        row = given(state, give)[f"insurance/state-{state.lower()}"]
        assert row.severity == "warn" and "unverified" in f"{row.words} {row.repair}" and "counsel" in row.repair
        assert NAMES[state] in row.repair and "no date" in row.source
    assert "US-" not in "".join(one.words for one in given(state, {"gift_card": "1.00"}).values())


@pytest.mark.parametrize(
    ("state", "amount", "says"),
    [
        ("US-AL", "15.01", "at most 15.00 USD"),
        ("US-AL", "15.00", "rests on a survey"),
        ("US-DC", "10.00", "only what costs less than 10.00 USD may be given"),
        ("US-DC", "9.99", "rests on a survey"),
        ("US-AZ", "13.00", "2 rewards of 13.00 USD come to 26.00 USD"),
        ("US-AK", "1.00", "no reward may be given"),
    ],
)
def test_limits_of_unverified_rows(state: str, amount: str, says: str) -> None:
    assert says in given(state, {"gift_card": amount})[f"insurance/state-{state.lower()}"].words


def test_every_row_can_say_something_and_the_rest_is_told_to_have_none() -> None:
    rows = {state.code for state in STATES}
    assert len(NAMES) == 51 and rows <= set(NAMES)
    for code in NAMES:
        told = given(code, {"cash": "600.00"}, on="bought")
        assert told["insurance/listed" if code not in rows else f"insurance/state-{code.lower()}"].where == code
    ohio = given("US-OH", {"gift_card": "1.00"})["insurance/listed"]
    assert ohio.severity == "warn" and ohio.words.startswith("No row for Ohio:") and "Ask counsel" in ohio.repair


def test_the_whole_of_the_us_names_every_state_without_a_row() -> None:
    told = looked({**US, "milestones": QUOTE, "promises": promise(on="quoted"), "places": ["US"]})
    (whole,) = (one for one in told if one.check == "listed")
    assert "Ohio, Oklahoma, Oregon" in whole.words and "Washington," not in whole.words


def test_amounts_in_another_currency_are_no_silent_pass() -> None:
    terms = {"sector": "insurance", "milestones": QUOTE, "places": ["US-WA", "US-IL"]}
    told = found({**terms, "promises": promise(on="quoted", give={"gift_card": "900.00"})})
    assert told["insurance/currency"].words == (
        "The limit of Washington is in USD; gifts in EUR cannot be compared with it."
    )
    assert "insurance/state-us-wa" not in told


def test_what_is_said_can_be_said_in_other_languages() -> None:
    for one in looked({**US, "milestones": QUOTE, "promises": promise(on="bought"), "places": ["US"]}, Circumstances()):
        words, repair = one.sentences
        assert not one.values or (in_sentence(words, one.values), in_sentence(repair, one.values)) == (
            one.words,
            one.repair,
        )
    assert PACKS["insurance"].checks
