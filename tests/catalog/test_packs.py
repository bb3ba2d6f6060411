"""What do the packs block, what do they warn of, and is the page about them current?"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from goodword.catalog import SHELVES
from goodword.catalog.packs import PACKS
from goodword.catalog.reading import read_program
from goodword.core.checks import Case, Circumstances, Remark, blocking, look_at, stale
from goodword.core.reading import read_terms
from goodword.core.served import Served

LIVE = datetime(2026, 1, 1, tzinfo=UTC)
PLAIN: dict[str, Any] = {
    "program": "p",
    "name": "P",
    "type": "direct",
    "currency": "EUR",
    "disclosure": {"advocate_sees": "nothing"},
    "milestones": {"joined": {"event": "signup"}, "bought": {"event": "purchase", "min": "50.00"}},
    "promises": [{"to": "advocate", "on": "bought", "give": {"cash": "10.00"}, "hold": "14d"}],
}


def looked(changes: dict[str, Any], around: Circumstances | None = None) -> list[Remark]:
    document = {**PLAIN, **changes}
    terms = read_terms(document, SHELVES, version=1, live_from=LIVE)
    assert not isinstance(terms, list), terms
    return look_at(Case(terms, document, around or Circumstances()), PACKS.values())


def found(changes: dict[str, Any], around: Circumstances | None = None) -> dict[str, Remark]:
    return {f"{one.pack}/{one.check}": one for one in looked(changes, around)}


def promise(**changes: Any) -> list[dict[str, Any]]:
    return [{**PLAIN["promises"][0], **changes}]


def test_plain_terms_are_silent() -> None:
    assert looked({}) == []


def test_every_rule_names_its_source_and_day_and_none_is_stale() -> None:
    for pack in PACKS.values():
        for check in pack.checks:
            assert check.source.name and check.says and check.source.as_of <= date(2026, 11, 22)
    assert stale(PACKS.values(), date(2027, 1, 1)) == ()
    assert "insurance" in stale(PACKS.values(), date(2028, 1, 1))


JOIN = {"joined": {"event": "signup"}}


def test_no_bonus_for_investments_in_the_uk() -> None:
    told = found({"sector": "investments", "places": ["GB"], "friends": {"if": ["friend.age >= 18"]}})
    assert told["investments/uk-ban"].severity == "block"
    assert "investments/uk-ban" not in found({"sector": "investments", "places": ["DE"]})
    tracking = {"sector": "investments", "places": ["GB"], "type": "tracking", "promises": []}
    assert blocking(looked(tracking)) == ()


def test_health_is_discreet() -> None:
    told = found({"sector": "health", "currency": "USD", "disclosure": {"advocate_sees": "steps"}, "places": ["US"]})
    assert set(told) == {"health/kickback", "health/discreet"}


def test_nothing_is_clawed_back_from_employees() -> None:
    told = found({"sector": "employment", "taking_back": {"friend_debt": True}})
    assert told["employment/no-debt"].severity == "block"
    assert told["employment/no-netting"].field == "taking_back.net_within"


def test_adults_are_asked_their_age() -> None:
    assert found({"sector": "gambling"})["minors/adults-only"].severity == "block"
    asked = {"friends": {"if": ["friend.age >= 18"]}, "advocates": {"if": ["advocate.age >= 18"]}}
    assert "minors/adults-only" not in found({"sector": "gambling", **asked})


def contest(prize: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "contest",
        "currency": "USD",
        "promises": [],
        "contest": {"on": "joined", "prizes": [prize], "rounds": "month"},
    }


def test_draws_are_registered_where_the_law_wants_it() -> None:
    large = contest({"draw": 2, "give": {"cash": "2500.01"}})
    assert set(found({**large, "places": ["US-NY", "US-FL"]})) == {"draws/us-ny", "draws/us-fl"}
    exactly = contest({"draw": 2, "give": {"cash": "2500.00"}})
    assert found({**exactly, "places": ["US-NY"]}) == {}
    by_place = contest({"place": 1, "give": {"cash": "9000.00"}})
    assert found({**by_place, "places": ["US-NY"]}) == {}
    assert "draws/italy" in found({**by_place, "currency": "EUR", "places": ["IT"]})
    assert "draws/brazil" in found({**by_place, "currency": "BRL", "places": ["BR"]})


def test_limits_of_draws_are_compared_with_their_own_currency_only() -> None:
    yen = contest({"draw": 1, "give": {"cash": "600000"}}) | {
        "currency": "JPY",
        "milestones": JOIN,
        "places": ["US-NY"],
    }
    told = found(yen)
    assert "draws/us-ny" not in told
    assert "JPY cannot be compared" in told["draws/us-currency"].words
    assert "draws/us-currency" not in found({**yen, "places": ["JP"]})


def test_quebec_needs_no_registration_and_rhode_island_is_not_verified() -> None:
    drawn = contest({"draw": 1, "give": {"cash": "501.00"}})
    assert "no registration" in found({**drawn, "currency": "CAD", "places": ["CA-QC"]})["draws/ca-qc"].words
    assert "ask counsel" in found({**drawn, "places": ["US-RI"]})["draws/us-ri"].repair


FOR_FRIEND = {"to": "friend", "on": "bought", "give": {"cash": "10.00"}}


@pytest.mark.parametrize(
    ("condition", "on", "is_blocked"),
    [
        ("friend.age <= 65", "bought", False),
        ("friend.age < 18", "bought", True),
        ("friend.age < 18", "joined", False),
        ("friend.age <= 18", "bought", False),
        ("friend.age in [14, 15]", "bought", True),
    ],
)
def test_only_children_who_have_to_buy_are_exhorted(condition: str, on: str, is_blocked: bool) -> None:
    told = found({"friends": {"if": [condition]}, "promises": [{**FOR_FRIEND, "on": on}], "places": ["DE"]})
    assert ("minors/exhortation" in told) is is_blocked


@pytest.mark.parametrize(
    ("conditions", "is_warned"),
    [
        (["friend.age >= 13"], False),
        (["friend.age > 12"], False),
        (["friend.age <= 65"], True),
        (["friend.age >= 12"], True),
        (["friend.age >= 13", "friend.age <= 17"], False),
    ],
)
def test_children_under_13_need_a_parent_in_the_us(conditions: list[str], is_warned: bool) -> None:
    told = found({"friends": {"if": conditions}, "currency": "USD", "places": ["US"]})
    assert ("minors/coppa" in told) is is_warned


def test_nobody_is_paid_for_sending_patients_and_small_is_meant_in_euros() -> None:
    told = found({"sector": "health", "places": ["DE"]})
    assert told["health/assignment"].severity == "warn"
    small = {"sector": "health", "places": ["DE"], "promises": promise(give={"cash": "1.00"})}
    assert "health/small-gifts" not in found(small)
    assert "cannot be compared" in found({**small, "currency": "USD"})["health/small-gifts"].words


def test_an_agent_in_the_uk_is_explained() -> None:
    told = found(
        {
            "sector": "investments",
            "places": ["GB"],
            "promises": promise(to="agent"),
            "friends": {"if": ["friend.age >= 18"]},
        }
    )
    assert "agent's commission" in told["investments/uk-ban"].words


# -- sense --------------------------------------------------------------------------------------------------------------


def test_a_milestone_that_nobody_can_reach() -> None:
    milestones = {**PLAIN["milestones"], "stayed": {"moment": "90d after bought"}}
    runs = {"from": date(2026, 1, 1), "last_milestone": date(2026, 3, 1)}
    told = found({"milestones": milestones, "runs": runs, "promises": promise(on="stayed")})
    assert told["sense/in-time"].field == "milestones.stayed.moment"


def test_a_target_that_the_budget_does_not_carry() -> None:
    budget = {"budget": {"amount": "500.00"}, "objective": {"target": {"new_customers": 51}}}
    assert "carries 50" in found(budget)["sense/budget"].words
    assert found({**budget, "objective": {"target": {"new_customers": 50}}}) == {}


def test_a_target_whose_points_the_budget_does_not_carry() -> None:
    units = {"PTS:stars": {"name": "Stars", "cost": {"from": date(2026, 1, 1), "each": "0.05"}}}
    points = {"units": units, "promises": promise(give={"points": 100})}
    budget = {"budget": {"amount": "500.00"}, "objective": {"target": {"new_customers": 101}}}
    assert "carries 100" in found({**points, **budget})["sense/budget"].words
    assert "sense/budget" not in found({**points, **budget, "objective": {"target": {"new_customers": 100}}})


def test_prizes_in_points_that_the_budget_does_not_carry() -> None:
    contest = {"on": "bought", "rounds": "month", "prizes": [{"place": 1, "give": {"points": 2000}}]}
    costs = [{"from": date(2026, 1, 1), "each": "0.05"}, {"from": date(2026, 6, 1), "each": "0.10"}]
    units = {"PTS:stars": {"name": "Stars", "cost": costs}}
    base = {"type": "contest", "units": units, "contest": contest}
    told = found({**base, "budget": {"amount": "99.00"}})
    assert "sense/prizes" in told and "cost 100.00 EUR" in told["sense/prizes"].words
    between = found({**base, "budget": {"amount": "150.00"}})
    assert "sense/prizes" not in between and "cost 200.00 EUR" in between["sense/prizes-cost"].words
    enough = found({**base, "budget": {"amount": "200.00"}})
    assert not {"sense/prizes", "sense/prizes-cost"} & enough.keys()


def test_a_limit_below_a_promised_tier() -> None:
    tiers = {"tiers": [{"at": 1, "give": {"cash": "5.00"}}, {"at": 5, "give": {"cash": "40.00"}}]}
    base = {"to": "advocate", "on": "bought", "when": tiers}
    assert found({"promises": [{**base, "limit": {"joins": 4}}]})["sense/tier-limit"].field == "promises[0].limit"
    assert "sense/tier-limit" in found({"promises": [{**base, "limit": {"grants": 1}}]})
    assert "sense/tier-limit" in found({"promises": [{**base, "limit": {"amount": "39.99"}}]})
    assert found({"promises": [{**base, "limit": {"joins": 5}}]}) == {}


def test_a_limit_below_one_reward_and_a_reward_above_its_order() -> None:
    assert "sense/reward-limit" in found({"promises": promise(limit={"amount": "9.99"})})
    assert "sense/above-minimum" in found({"promises": promise(give={"cash": "50.01"})})
    assert found({"promises": promise(give={"cash": "50.00"})}) == {}


def test_a_span_that_ends_before_its_own_moment() -> None:
    milestones = {**PLAIN["milestones"], "stayed": {"moment": "90d after bought"}}
    both = {"all": ["joined", "stayed"], "within": "30d of bought"}
    told = found({"milestones": {**milestones, "both": both}})["sense/too-short"]
    assert told.field == "milestones.both.within"
    assert told.words == "It has to come within 30 days, but stayed comes after 90 only."
    assert "sense/too-short" not in found({"milestones": {**milestones, "both": {**both, "within": "90d of bought"}}})
    either = {"any": ["joined", "stayed"], "within": "30d of bought"}
    assert "sense/too-short" not in found({"milestones": {**milestones, "both": either}})


def test_bulgaria_pays_in_euros() -> None:
    assert found({"places": ["BG"]}) == {}


def test_two_currencies() -> None:
    assert "CH (CHF)" in found({"places": ["DE", "CH"]})["sense/currencies"].words
    told = found(
        {"milestones": {**PLAIN["milestones"], "bought": {"event": "purchase", "if": ["order.currency in [EUR, CHF]"]}}}
    )
    assert told["sense/currencies"].field == "milestones.bought.if[0]"


def test_texts_that_are_missing() -> None:
    told = found({"languages": ["de", "nl"]}, Circumstances(texts=("en", "de")))
    assert '"nl"' in told["sense/texts"].words


def test_an_attribute_that_no_feed_delivers() -> None:
    asked = {"friends": {"if": ["friend.plan == gold", "friend.orders >= 1"]}}
    assert found(asked, Circumstances(delivered=frozenset({"status"})))["sense/feeds"].field == "friends.if[0]"
    assert found(asked, Circumstances(delivered=frozenset({"plan"}))) == {}
    assert found(asked) == {}


def test_programs_that_wait_for_each_other() -> None:
    rule = {"stacking": {"programs": {"q": "after"}}}
    told = found(rule, Circumstances(stacking={"q": {"r": "after"}, "r": {"p": "after"}}))
    assert told["sense/circle"].words.endswith("p after q after r after p.")
    assert found(rule, Circumstances(stacking={"q": {"p": "before"}})) == {}
    assert "sense/circle" in found(rule, Circumstances(stacking={"q": {"p": "after"}}))


def test_what_a_client_is_counts_where_the_program_is_silent() -> None:
    around = Circumstances(served=Served("investments", ("GB",), ("en", "nl")), texts=("en", "de"))
    told = found({}, around)
    assert "investments/uk-ban" in told and '"nl"' in told["sense/texts"].words
    assert "investments/uk-ban" not in found({"sector": "other"}, around), "the document wins"
    assert "investments/uk-ban" not in found({"places": ["DE"]}, around), "the document wins"
    assert "sense/texts" not in found({"languages": ["de"]}, around), "the document wins"


UNKNOWN = {"facts/sector": "sector", "facts/places": "places", "facts/languages": "languages"}


def test_what_nobody_said_is_told_with_its_repair_instead_of_silence() -> None:
    told = found({}, Circumstances(served=Served()))
    assert {name: one.field for name, one in told.items()} == UNKNOWN
    for one in told.values():
        assert one.severity == "warn" and "Clients > Settings" in one.repair and one.field in one.repair
    assert found({}) == {}, "nobody looked, so nothing is said"
    own = {"sector": "other", "places": ["DE"], "languages": ["de"]}
    assert found(own, Circumstances(served=Served())) == {}, "the document says it itself"
    assert found({}, Circumstances(served=Served("other", ("DE",), ("de",)))) == {}, "the client's settings say it"
    markets = {"markets": {"CH": {"currency": "CHF", "min": {"bought": "50.00"}, "give": {"advocate": {"cash": "10.00"}}}}}
    assert "facts/places" not in found(markets, Circumstances(served=Served())), "its markets say where it runs"


def test_a_place_that_is_none_is_not_passed_over() -> None:
    told = looked({"places": ["UK", "US-XX", "DE"]})
    assert [(one.check, one.severity, one.where) for one in told if one.pack == "facts"] == [
        ("known", "block", "UK"),
        ("known", "block", "US-XX"),
    ]


@pytest.mark.parametrize("template", sorted(SHELVES.templates))
def test_no_ready_template_is_blocked(template: str) -> None:
    read = read_program(SHELVES.templates[template].example, SHELVES, version=1, live_from=LIVE)
    assert not isinstance(read, list), read
    assert blocking(look_at(Case(read[1], read[0], Circumstances()), PACKS.values())) == ()


DEMO = sorted((Path(__file__).parents[2] / "src/goodword/demo/programs").glob("*.yaml"))


@pytest.mark.parametrize("path", DEMO, ids=lambda path: path.stem)
def test_no_program_of_the_demo_is_blocked(path: Path) -> None:
    read = read_program(path.read_text(encoding="utf-8"), SHELVES, version=1, live_from=LIVE)
    assert not isinstance(read, list), read
    assert blocking(look_at(Case(read[1], read[0], Circumstances()), PACKS.values())) == ()
