"""Who leads, who is drawn, and what falls to whom? Boards and draws by themselves."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from goodword.catalog import SHELVES
from goodword.core.contest import Contest, Prize, Score, Winner, span_of
from goodword.core.contest_board import in_order, offers, ranks, standings, teams
from goodword.core.contest_draw import commitment_of, drawn, number_below

AT = datetime(2026, 3, 1, 10, tzinfo=UTC)
SEED = "5e" * 32


def score(party: str, hours: int, value: int = 1, **more: Any) -> Score:
    return Score("r", party, value, AT + timedelta(hours=hours), **more)


def cash(key: str, amount: str, **more: Any) -> Prize:
    kind = SHELVES.rewards["cash"]
    return Prize(key, kind, kind.parse(amount, "EUR"), **more)


def contest(*prizes: Prize, **changes: Any) -> Contest:
    blank = Contest(
        "month", (), "joined", "friends", "first_order", (), (), True, None, 1, "reached_first", prizes,
        timedelta(days=7), timedelta(days=14), None,
    )  # fmt: skip
    return msgspec.structs.replace(blank, **changes)


def won(rules: Contest, scores: list[Score], seed: str | None = None, before: tuple[Winner, ...] = ()) -> list[Any]:
    order = in_order(rules, "r", standings(scores), seed)
    return [
        (offer.prize.key, offer.place, offer.party, offer.minor) for offer in offers(rules, "r", order, seed, before)
    ]


def winner(prize: str, place: int, party: str, state: str) -> Winner:
    return Winner(prize, place, party, f"rec-{party}", 100, "EUR", state, AT)


def test_the_score_that_was_reached_first_leads() -> None:
    order = in_order(contest(), "r", standings([score("a", 1), score("b", 2), score("b", 3), score("a", 4)]))
    assert [one.party for one in order] == ["b", "a"]
    assert [rank for rank, _ in ranks(contest(), order)] == [1, 2]


def test_a_score_that_fell_was_reached_with_what_is_left() -> None:
    order = in_order(contest(), "r", standings([score("a", 1), score("b", 2)]))  # a's second friend was taken back
    assert [one.party for one in order] == ["a", "b"]


def test_who_is_level_shares_a_rank_where_prizes_are_shared() -> None:
    rules = contest(ties="share")
    order = in_order(rules, "r", standings([score("a", 1), score("b", 2), score("c", 3), score("c", 4)]))
    assert [(rank, one.party) for rank, one in ranks(rules, order)] == [(1, "c"), (2, "a"), (2, "b")]


def test_what_is_provisional_stands_apart() -> None:
    one = standings([score("a", 1), score("a", 2, provisional=True)])[0]
    assert (one.value, one.provisional_value, one.reached_at) == (1, 1, AT + timedelta(hours=1))


def test_somebody_excluded_takes_the_household_out() -> None:
    board = standings([score("a", 1, excluded=True, household="h"), score("b", 2, household="h"), score("c", 3)])
    assert [one.party for one in in_order(contest(), "r", board)] == ["c"]


def test_of_a_household_one_wins() -> None:
    rules = contest(cash("p1", "50.00", first=1, last=1), cash("p2", "20.00", first=2, last=2))
    scores = [score("a", 1, household="h"), score("a", 2, household="h"), score("b", 3, household="h"), score("c", 4)]
    assert won(rules, scores) == [("p1", 1, "a", 5000), ("p2", 2, "c", 2000)]


def test_a_place_needs_the_minimum() -> None:
    rules = contest(cash("p1", "50.00", first=1, last=1), minimum=2)
    assert won(rules, [score("a", 1)]) == []


def test_who_is_level_shares_the_prizes_of_their_places_and_the_cent_stays() -> None:
    rules = contest(cash("p1", "50.01", first=1, last=1), cash("p2", "20.00", first=2, last=3), ties="share")
    assert won(rules, [score("a", 1), score("b", 2)]) == [("p1", 1, "a", 3500), ("p1", 1, "b", 3500)]


def test_the_next_in_order_moves_up_where_a_prize_lapsed() -> None:
    rules = contest(cash("p1", "50.00", first=1, last=1), cash("p2", "20.00", first=2, last=2))
    scores = [score("a", 1), score("a", 1), score("b", 2), score("b", 2), score("c", 3)]
    before = (winner("p1", 1, "a", "lapsed"), winner("p2", 2, "b", "accepted"))
    assert won(rules, scores, before=before) == [("p1", 1, "c", 5000)]


def test_a_tie_is_drawn_as_the_seed_says() -> None:
    rules = contest(cash("p1", "50.00", first=1, last=1), ties="draw")
    scores = [score("a", 1), score("b", 2), score("c", 3)]
    keys = {party: hashlib.sha256(f"{SEED}:r:tie:{party}".encode()).hexdigest() for party in "abc"}
    assert won(rules, scores, SEED) == [("p1", 1, min(keys, key=keys.__getitem__), 5000)]


def test_a_draw_goes_on_where_it_stopped() -> None:
    rules = contest(cash("p1", "10.00", winners=1))
    scores = [score(party, n) for n, party in enumerate("abcdef")]
    first = won(rules, scores, SEED)[0][2]
    second = won(rules, scores, SEED, (winner("p1", 1, first, "lapsed"),))[0][2]
    sequence = list(drawn(SEED, "r:p1", dict.fromkeys("abcdef", 1)))
    assert [first, second] == sequence[:2]
    assert sorted(sequence) == list("abcdef")


def test_without_a_seed_nothing_is_drawn() -> None:
    assert won(contest(cash("p1", "10.00", winners=1)), [score("a", 1)]) == []


def test_a_friend_is_a_ticket() -> None:
    times = {"a": 0, "b": 0}
    for n in range(600):
        times[next(drawn(f"{n}", "r", {"a": 9, "b": 1}))] += 1
    assert 500 < times["a"] < 580


def test_numbers_are_even_and_below_the_limit() -> None:
    found = [number_below(SEED, "r", n, 3) for n in range(300)]
    assert set(found) == {0, 1, 2}
    assert min(found.count(n) for n in range(3)) > 70


def test_a_commitment_is_the_hash_of_the_seed() -> None:
    assert commitment_of("abc") == hashlib.sha256(b"abc").hexdigest()


def test_teams_are_sums_of_their_members() -> None:
    scores = [score("a", 1, team="North"), score("b", 2, team="South"), score("c", 3, team="South"), score("d", 4)]
    board = teams(in_order(contest(), "r", standings(scores)))
    assert [(team.name, team.value, team.members) for team in board] == [("South", 2, 2), ("North", 1, 1)]


@pytest.mark.parametrize(
    ("period", "name", "opens_at", "closes_at"),
    [
        ("day", "2026-04-01", "2026-03-31T15:00Z", "2026-04-01T15:00Z"),
        ("week", "2026-W14", "2026-03-29T15:00Z", "2026-04-05T15:00Z"),
        ("month", "2026-04", "2026-03-31T15:00Z", "2026-04-30T15:00Z"),
        ("quarter", "2026-Q2", "2026-03-31T15:00Z", "2026-06-30T15:00Z"),
        ("year", "2026", "2025-12-31T15:00Z", "2026-12-31T15:00Z"),
    ],
)
def test_a_period_begins_at_midnight_in_the_program_s_zone(
    period: str, name: str, opens_at: str, closes_at: str
) -> None:
    span = span_of(datetime(2026, 3, 31, 15, tzinfo=UTC), period, ZoneInfo("Asia/Tokyo"))
    assert (span.name, span.opens_at, span.closes_at) == (
        name,
        datetime.fromisoformat(opens_at),
        datetime.fromisoformat(closes_at),
    )
