"""Which contests are refused, and with which place? Each mistake of an author has a field and a repair."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from goodword.catalog import SHELVES
from goodword.core.contest import Contest
from goodword.core.reading import read_terms
from goodword.core.terms import Terms

FIRST = {"place": 1, "give": {"cash": "300.00"}}


def document(contest: dict[str, Any], **more: Any) -> dict[str, Any]:
    rules = {"on": "first_order", "prizes": [FIRST]} | contest
    return {
        "program": "acme",
        "name": "Contest",
        "type": "direct",
        "currency": "EUR",
        "timezone": "Europe/Berlin",
        "promises": [{"to": "advocate", "on": "first_order", "give": {"cash": "1.00"}, "hold": "14d"}],
        "contest": rules,
        **more,
    }


def read(contest: dict[str, Any], **more: Any) -> Contest:
    terms = read_terms(document(contest, **more), SHELVES, version=1, live_from=datetime(2026, 1, 1, tzinfo=UTC))
    assert isinstance(terms, Terms), terms
    assert terms.contest is not None
    return terms.contest


def test_silence_means_the_careful_thing() -> None:
    contest = read({})
    assert (contest.period, contest.counts, contest.metric, contest.ties) == (
        "month",
        "joined",
        "friends",
        "reached_first",
    )
    assert contest.one_a_household and contest.minimum == 1 and not contest.draws
    assert contest.freeze_after.days == 7
    assert contest.award_after.days == 14, "the longest hold of what is promised on the milestone"
    assert contest.accept_within is None


def test_rounds_by_date_are_whole_days_of_the_zone() -> None:
    contest = read({"rounds": {"from": "2026-03-28", "to": "2026-03-29"}})
    (span,) = contest.spans
    assert span.opens_at == datetime(2026, 3, 27, 23, tzinfo=UTC)
    assert span.closes_at == datetime(2026, 3, 29, 22, tzinfo=UTC), "summer time began in between"


@pytest.mark.parametrize(
    ("contest", "field"),
    [
        ({"on": "second_order"}, "contest.on"),
        ({"freeze": "91d"}, "contest.freeze"),
        ({"freeze": "soon"}, "contest.freeze"),
        ({"award": "3d"}, "contest.award"),
        ({"rounds": []}, "contest.rounds"),
        ({"rounds": {"from": "2026-05-02", "to": "2026-05-01"}}, "contest.rounds.to"),
        (
            {"rounds": [{"from": "2026-05-01", "to": "2026-05-10"}, {"from": "2026-05-10", "to": "2026-05-20"}]},
            "contest.rounds[1].from",
        ),
        (
            {
                "rounds": [
                    {"from": "2026-05-01", "to": "2026-05-02", "name": "x"},
                    {"from": "2026-06-01", "to": "2026-06-02", "name": "x"},
                ]
            },
            "contest.rounds",
        ),
        ({"minimum": 0}, "contest.minimum"),
        ({"minimum": "many"}, "contest.minimum"),
        ({"metric": "amount", "minimum": "-5.00"}, "contest.minimum"),
        ({"excluded": ["advocate is staff"]}, "contest.excluded.if[0]"),
        ({"prizes": [{"give": {"cash": "1.00"}}]}, "contest.prizes[0]"),
        ({"prizes": [{"place": 1, "draw": 2, "give": {"cash": "1.00"}}]}, "contest.prizes[0]"),
        ({"prizes": [FIRST, {"place": "3-4", "give": {"cash": "1.00"}}]}, "contest.prizes[1].place"),
        ({"prizes": [{"place": "2-1", "give": {"cash": "1.00"}}]}, "contest.prizes[0].place"),
        ({"prizes": [{"place": 1, "give": {"percent": {"percent": 10}}}]}, "contest.prizes[0].give.percent"),
        ({"prizes": [{"place": 1, "give": {"yacht": 1}}]}, "contest.prizes[0].give"),
        ({"prizes": [{"place": 1, "give": {}}]}, "contest.prizes[0].give"),
        ({"ties": "share", "prizes": [FIRST, {"place": 2, "give": {"voucher": "5.00"}}]}, "contest.ties"),
    ],
)
def test_a_mistake_is_refused_with_its_place(contest: dict[str, Any], field: str) -> None:
    read = read_terms(document(contest), SHELVES, version=1, live_from=datetime(2026, 1, 1, tzinfo=UTC))
    assert isinstance(read, list), "it was read"
    assert field in {problem.field for problem in read}, read
    assert all(problem.why and problem.repair for problem in read)


def test_a_budget_that_cannot_carry_one_round_is_refused() -> None:
    read = read_terms(
        document({}, budget={"amount": "299.99"}), SHELVES, version=1, live_from=datetime(2026, 1, 1, tzinfo=UTC)
    )
    assert isinstance(read, list)
    assert "cannot carry the prizes" in read[0].why


def test_things_among_the_prizes_count_by_their_price() -> None:
    bag = {"place": "1-2", "give": {"product": {"name": "Tote bag", "quantity": 3, "cost": "8.00"}}}
    for amount, is_read in (("48.00", True), ("47.99", False)):
        made = document({"prizes": [bag]}, budget={"amount": amount})
        read = read_terms(made, SHELVES, version=1, live_from=datetime(2026, 1, 1, tzinfo=UTC))
        assert isinstance(read, Terms) is is_read, read


POINTS = {"place": 1, "give": {"points": 500}}
DATED = {"name": "Club points", "cost": {"from": "2025-01-01", "each": "0.01"}}


def test_a_prize_in_points_is_of_the_unit_that_the_program_has() -> None:
    contest = read({"prizes": [POINTS]}, units={"PTS:club": DATED}, budget={"amount": "100.00"})
    assert [prize.give.asset for prize in contest.prizes] == ["PTS:club"]


@pytest.mark.parametrize(
    ("units", "field"),
    [
        ({}, "contest.prizes[0].give.points"),
        ({"PTS:club": DATED, "PTS:other": DATED}, "contest.prizes[0].give.points"),
        ({"PTS:club": {"name": "Club points"}}, "units.PTS:club.cost"),
        ({"PTS:club": DATED | {"cost": {"from": "2027-01-01", "each": "0.01"}}}, "units.PTS:club.cost"),
    ],
)
def test_what_points_among_the_prizes_cost_has_to_be_known(units: dict[str, Any], field: str) -> None:
    made = document({"prizes": [POINTS]}, units=units, budget={"amount": "100.00"})
    read = read_terms(made, SHELVES, version=1, live_from=datetime(2026, 1, 1, tzinfo=UTC))
    assert isinstance(read, list)
    assert [problem.field for problem in read] == [field]


def test_an_unknown_field_is_named() -> None:
    read = read_terms(document({"prices": []}), SHELVES, version=1, live_from=datetime(2026, 1, 1, tzinfo=UTC))
    assert isinstance(read, list)
    assert read[0].field == "contest.prices" and read[0].code == "unknown_field"
