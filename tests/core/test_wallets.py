"""Do the lots of a wallet and its account agree whatever happens, and is nothing spent twice, sold twice or lost?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodword.catalog import SHELVES
from goodword.core.decide import fingerprint
from goodword.core.ledger import imbalance
from goodword.core.reading import read_terms
from goodword.core.units import Unit, is_points
from goodword.core.wallet import Lot, Wallet, credit, expire, expiring, forgo, note_told, put_back, settled, take
from goodword.scenarios.player import CorePlayer
from goodword.scenarios.programs import from_block
from tests.core.worlds import CAREFULLY, FRIENDS, START, THE_END, Raw, published

PROGRAMS = [
    from_block(block, START)
    for block in (
        """
units: {PTS:club: {name: Club points, expires: {after: 20d}, cancel_within: 10d}}
catalogue: {mug: {name: Mug, points: 300, stock: 3}, pen: {name: Pen, points: 40, limit: 2 per month}}
promises:
  - {to: advocate, on: first_order, give: {points: {points: 10, per: "1.00"}}, hold: 5d}
  - {to: friend, on: first_order, give: {points: 100}}
screening: off
""",
        """
units: {PTS:club: {name: Club points, wallet: household, expires: {idle: 15d, activity: earning}}}
catalogue: {mug: {name: Mug, points: 120, stock: 1}, pen: {name: Pen, points: 40, stock: 2}}
promises:
  - {to: advocate, on: joined, give: {points: 50}}
  - {to: advocate, on: first_order, give: {points: {points: 3, per: "1.00"}}, hold: 14d}
screening: off
""",
        """
units: {PTS:club: {name: Club points, expires: {end_of: month}, notices: [7d]}}
catalogue: {mug: {name: Mug, points: 90}, pen: {name: Pen, points: 10}}
promises:
  - {to: advocate, on: first_order, give: {points: 130}, hold: 2d}
  - {to: friend, on: first_order, give: {points: {points: 1, per: "0.50"}}}
taking_back: {friend_debt: true, net_within: 20d}
screening: off
""",
    )
]
PEOPLE = ("alice", "mallory", *FRIENDS)


@st.composite
def _lives(draw: st.DrawFn) -> list[Raw]:
    """What a few people do within two months: they bring friends, buy, send back, redeem, cancel, move together."""
    hours = sorted(draw(st.lists(st.integers(0, 60 * 24), min_size=14, max_size=36, unique=True)))
    facts: list[Raw] = []
    for friend in FRIENDS:  # points come first, or there would be nothing to tell
        sponsor = draw(st.sampled_from(["ALICE", "ALICE", "MALLORY"]))
        facts.append({"type": "signup", "person": {"id": friend}, "code": sponsor})
        facts.append(draw(_order("purchase", friend)))
    last = facts.pop()  # who buys late pays what was owed by then
    facts += [draw(_fact()) for _ in hours[len(facts) + 1 :]] + [last]
    return [
        fact | {"id": f"e{n}", "at": (START + timedelta(hours=at)).isoformat()}
        for n, (at, fact) in enumerate(zip(hours, facts, strict=True))
    ]


@st.composite
def _fact(draw: st.DrawFn) -> Raw:
    kinds = ["purchase", "refund", "known", "waive", *["redeem"] * 5, "redeem_cancelled", "known", "refund"]
    kind = draw(st.sampled_from(kinds))
    who = draw(st.sampled_from(PEOPLE))
    if kind == "known":
        home = draw(st.sampled_from(["h1", "h2"]))
        return {"type": kind, "person": {"id": who, "attributes": {"household": home}}, "act": {}}
    if kind == "waive":
        return {"type": kind, "act": {"party": who}}
    if kind == "redeem":
        item, quantity = draw(st.sampled_from(["mug", "pen"])), draw(st.sampled_from([1, 1, 1, 2]))
        return {"type": kind, "person": {"id": who}, "act": {"item": item, "quantity": quantity}}
    if kind == "redeem_cancelled":
        return {"type": kind, "act": {"nth": draw(st.integers(0, 3))}}
    return draw(_order(kind, draw(st.sampled_from(FRIENDS))))


@st.composite
def _order(draw: st.DrawFn, kind: str, friend: str) -> Raw:
    amount = draw(st.sampled_from(["7.30", "20.00", "60.00", "60.00"]))
    order = {"id": f"{friend}-1", "amount": amount, "currency": "EUR"}
    return {"type": kind, "person": {"id": friend}, "order": order}


def _played(document: Raw, life: list[Raw], player: CorePlayer | None = None) -> CorePlayer:
    player = player or published(document)
    for raw in life:
        act = dict(raw.get("act", {}))
        if raw["type"] == "redeem_cancelled":
            made = sorted(player.situation.redemptions)
            act = {"redemption": made[act["nth"] % len(made)] if made else "none"}
        elif raw["type"] == "waive":
            act = {"party": player.situation.party_of((("id", f"id:{act['party']}"),)) or "none"}
        player.deliver(raw | ({"act": act} if "act" in raw else {}), datetime.fromisoformat(raw["at"]))
        _check(player, document)
    return player


def _check(player: CorePlayer, document: Raw) -> None:
    """What must hold after every decision; `wallets` compares lots and accounts."""
    player.wallets()
    situation = player.situation
    assert imbalance(situation.accounts) == {}
    for (name, asset), balance in situation.accounts.items():
        if is_points(asset) and name.startswith("payable:"):
            assert balance.available_minor >= 0
            assert (
                balance.available_minor == 0
                or situation.accounts.get((f"owed:{name[8:]}", asset)) is None
                or (situation.accounts[(f"owed:{name[8:]}", asset)].posted_minor >= 0)
            ), "nobody has points and owes some"
    for slug, item in document["catalogue"].items():
        sold = situation.counters.get(f"acme|stock|{slug}", (0, 0))[0]
        assert 0 <= sold <= item.get("stock", sold)


@CAREFULLY
@given(st.sampled_from(PROGRAMS), _lives())
def test_lots_and_accounts_agree_and_a_replay_comes_to_the_same(document: Raw, life: list[Raw]) -> None:
    first = _played(document, life)
    first.run_until(THE_END)
    _check(first, document)
    again = _played(document, life)
    again.run_until(THE_END)
    assert [fingerprint(decision) for decision in first.decisions] == [fingerprint(one) for one in again.decisions]
    for wallet in first.situation.wallets.values():
        assert wallet.available == 0 or wallet.unit != "PTS:club", "all of these units expire"
        assert wallet.next_due_at is None


# -- the parts ---------------------------------------------------------------------------------------------------------


def _day(number: int) -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number)


def _wallet(*lots: Lot) -> Wallet:
    return Wallet("w", "alice", "PTS:club", _day(0), tuple(sorted(lots, key=lambda lot: lot.order)))


def test_what_expires_first_is_spent_first_and_what_never_expires_last() -> None:
    wallet = _wallet(Lot("never", _day(0), 10), Lot("late", _day(1), 10, _day(90)), Lot("soon", _day(2), 10, _day(30)))
    left, parts = take(wallet, 25)
    assert [(part.reward, part.left) for part in parts] == [("soon", 10), ("late", 10), ("never", 5)]
    assert left.available == 5
    assert put_back(left, parts).available == wallet.available
    assert [lot.left for lot in put_back(left, parts).lots] == [10, 10, 10]


def test_a_reward_is_taken_back_from_its_own_lot_first() -> None:
    wallet = _wallet(Lot("a", _day(0), 10, _day(30)), Lot("b", _day(1), 10, _day(40)))
    _, parts = take(wallet, 15, own="b")
    assert [(part.reward, part.left) for part in parts] == [("b", 10), ("a", 5)]


def test_more_than_there_is_cannot_be_taken() -> None:
    with pytest.raises(ValueError, match="disagree"):
        take(_wallet(Lot("a", _day(0), 10)), 11)


def test_more_of_a_reward_joins_its_lot_unless_that_has_expired() -> None:
    wallet = credit(_wallet(Lot("a", _day(0), 10, _day(30))), "a", 5, _day(3), _day(33))
    assert [(lot.left, lot.expires_at) for lot in wallet.lots] == [(15, _day(30))]
    gone, _ = expire(wallet, _day(30))
    assert [lot.left for lot in credit(gone, "a", 5, _day(31), _day(61)).lots] == [0, 5]


def test_what_expired_of_a_reward_is_not_taken_a_second_time() -> None:
    wallet, gone = expire(_wallet(Lot("a", _day(0), 10, _day(30)), Lot("b", _day(0), 10, _day(60))), _day(30))
    assert (gone, wallet.available) == (10, 10)
    after, forgone = forgo(wallet, "a", 4)
    assert (forgone, after.available) == (4, 10)
    assert forgo(after, "a", 10)[1] == 6


def test_notice_is_given_once_a_date() -> None:
    wallet = _wallet(Lot("a", _day(0), 10, _day(30)), Lot("b", _day(0), 5, _day(60)))
    assert expiring(wallet, 7, _day(22)) == (0, None)
    assert expiring(wallet, 7, _day(23)) == (10, _day(30))
    told = note_told(wallet, 7, _day(23))
    assert expiring(told, 7, _day(23)) == (0, None)
    assert settled(told, (7,), _day(23), timedelta(0)).next_due_at == _day(30)
    assert settled(told, (7,), _day(30), timedelta(0)).next_due_at == _day(53)


def test_the_cost_of_a_unit_is_dated_and_finer_than_a_cent() -> None:
    unit = Unit("PTS:club", "Club points", ((_day(0), Decimal("0.004")), (_day(10), Decimal("0.01"))))
    assert [unit.cost_minor(125, _day(day), 2) for day in (-1, 0, 9, 10)] == [0, 50, 50, 125]


@pytest.mark.parametrize(
    ("more", "field", "why"),
    [
        ({"units": {"club": {"name": "X"}}}, "units.club", "is not the name of a unit"),
        ({"units": {}}, "promises[0].give.points", "the program declares no unit"),
        ({"catalogue": {"mug": {"name": "M", "points": 1, "unit": "PTS:other"}}}, "catalogue.mug", "is not declared"),
        ({"catalogue": {"mug": {"name": "M", "points": 1, "limit": "often"}}}, "catalogue.mug.limit", "is not a limit"),
        (
            {"catalogue": {"mug": {"name": "M", "points": 1, "from": "2026-05-01", "until": "2026-04-01"}}},
            "catalogue.mug.until",
            "lies before from",
        ),
        ({"units": {"PTS:club": {"name": "X", "expires": {}}}}, "units.PTS:club.expires", "exactly one"),
        (
            {"units": {"PTS:club": {"name": "X", "expires": {"after": "soon"}}}},
            "units.PTS:club.expires.after",
            "is not a span",
        ),
        (
            {"units": {"PTS:club": {"name": "X", "expires": {"after": "1d", "more": 1}}}},
            "units.PTS:club.expires.more",
            "is for the end of a period",
        ),
        (
            {"units": {"PTS:club": {"name": "X", "cost": {"from": "2026-01-01", "each": "much"}}}},
            "units.PTS:club.cost[0].each",
            "is not what one costs",
        ),
        (
            {
                "units": {
                    "PTS:club": {
                        "name": "X",
                        "cost": [{"from": "2026-02-01", "each": "1"}, {"from": "2026-01-01", "each": "2"}],
                    }
                }
            },
            "units.PTS:club.cost",
            "is not in the order",
        ),
    ],
)
def test_a_mistake_in_units_or_catalogue_is_named_with_its_place(more: dict[str, Any], field: str, why: str) -> None:
    document = {
        "program": "acme",
        "name": "Acme",
        "type": "direct",
        "currency": "EUR",
        "units": {"PTS:club": {"name": "Club points"}},
        "promises": [{"to": "advocate", "on": "first_order", "give": {"points": 5}}],
        **more,
    }
    problems = read_terms(document, SHELVES, version=1, live_from=START)
    assert isinstance(problems, list)
    assert any(problem.field == field and why in problem.why for problem in problems), problems
