"""Does the explanation name the share that made a version hold, and is what only the referral can decide decided by it?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from goodword.scenarios.player import CorePlayer, readable_token
from goodword.scenarios.programs import from_block
from tests.core.worlds import PUBLISHED, START

DAY = timedelta(days=1)


def terms(amount: str, minimum: str = "20.00", more: str = "") -> dict[str, Any]:
    text = f"""
milestones: {{joined: {{event: signup}}, first_order: {{event: purchase, min: "{minimum}"}}}}
promises: [{{to: advocate, on: first_order, give: {{cash: "{amount}"}}}}]
screening: off
{more}"""
    return from_block(text, PUBLISHED)


def played(shared: dict[str, Any], now: dict[str, Any], amount: str) -> CorePlayer:
    """Alice shares the one version twice; Bob joins under the next one by her code, and buys."""
    player = CorePlayer()
    player.publish(shared, PUBLISHED)
    alice, bob = {"person": {"id": "alice"}}, {"person": {"id": "bob"}}
    happened: list[dict[str, Any]] = [
        {"id": "code", "type": "code_issued", "code": "ALICE", "act": {}, **alice},
        {"id": "early", "type": "share", **alice},
        {"id": "late", "type": "share", **alice},
        {},
        {"id": "join", "type": "signup", "code": "ALICE", **bob},
        {"id": "order", "type": "purchase", "order": {"id": "1", "amount": amount, "currency": "EUR"}, **bob},
    ]
    for n, raw in enumerate(happened):
        at = START + n * DAY
        if raw:
            player.deliver(raw | {"at": at.isoformat()}, at)
        else:
            player.publish(now, at)
    return player


def told(player: CorePlayer) -> list[tuple[str | None, str | None]]:
    """(version, event) of the share that holds."""
    (referral,) = player.referrals().values()
    return [(one.value, one.about) for one in referral.reasons if one.code == "promise_shared"]


def paid_minor(player: CorePlayer) -> int:
    (referral,) = player.referrals().values()
    return sum(reward.amount_minor for reward in referral.rewards)


def test_the_explanation_names_the_share() -> None:
    player = played(terms("20.00"), terms("10.00"), "60.00")
    assert told(player) == [("1", readable_token("event", "api\x1flate"))]
    assert paid_minor(player) == 2000


@pytest.mark.parametrize(
    ("shared", "now", "order", "paid", "is_shared"),
    [
        (("20.00", "50.00"), ("10.00", "20.00"), "50.00", 2000, True),
        (("20.00", "50.00"), ("10.00", "20.00"), "49.99", 1000, False),
        (("20.00", "50.00"), ("10.00", "20.00"), "19.99", 0, False),
        (("10.00", "20.00"), ("20.00", "50.00"), "30.00", 1000, True),
        (("10.00", "20.00"), ("20.00", "50.00"), "60.00", 2000, False),
        (("10.00", "20.00"), ("10.00", "20.00"), "60.00", 1000, False),
    ],
)
def test_neither_version_is_better_by_itself_so_the_order_decides(
    shared: tuple[str, str], now: tuple[str, str], order: str, paid: int, is_shared: bool
) -> None:
    player = played(terms(*shared), terms(*now), order)
    assert (paid_minor(player), bool(told(player))) == (paid, is_shared)


def test_what_the_program_asks_more_as_a_whole_holds_the_shared_version_back() -> None:
    for more in ("runs: {last_milestone: 2026-12-31}", "attribution: {bound: lapses after 90d}", "fiscal_year: '04-01'"):
        player = played(terms("20.00", more=more), terms("10.00"), "60.00")
        assert bool(told(player)) is more.startswith("fiscal"), more
