"""Is what was taken back as if it had never been? Amounts and balances, whichever events of a history are withdrawn."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from goodword.core.ledger import imbalance
from goodword.core.referral import STANDING
from goodword.scenarios.player import SOURCE, CorePlayer, readable_token
from tests.core.worlds import CAREFULLY, SINGLE_PROGRAMS, Raw, deliver, histories, on_time, published

LATER = timedelta(days=300)
MONEY = (
    "purchase",
    "refund",
    "renewal",
    "cancel",
)  # whose browser it is stays known: withdrawn sign-ups leave that behind


def undone(raw: Raw, at: datetime) -> tuple[Raw, datetime]:
    """The act that takes an event back."""
    act = {"event": readable_token("event", f"{SOURCE}\x1f{raw['id']}"), "type": raw["type"]}
    return raw | {"id": f"undo-{raw['id']}", "type": "withdrawn", "at": at.isoformat(), "act": act}, at


def standing(player: CorePlayer) -> dict[Any, tuple[int, str]]:
    """Rewards that stand, by referral and promise."""
    return {
        (referral.id, reward.promise, reward.payee): (reward.amount_minor, reward.state)
        for referral in player.situation.referrals.values()
        for reward in referral.rewards
        if reward.state in STANDING
    }


@settings(CAREFULLY, max_examples=80)
@given(st.sampled_from(SINGLE_PROGRAMS), histories(), st.data())
def test_a_withdrawn_event_is_as_if_it_had_never_been(document: Raw, history: list[Raw], data: st.DataObject) -> None:
    taken = [raw for raw in history if raw["type"] in MONEY and data.draw(st.booleans())]
    kept = [raw for raw in history if raw not in taken]
    now = (
        max(at for _, at in on_time(history)) + LATER
        if history
        else datetime.fromisoformat("2026-12-31T00:00:00+00:00")
    )
    told = deliver(published(document), [*on_time(history), *(undone(raw, now) for raw in taken)])
    never = deliver(published(document), on_time(kept))
    for player in (told, never):
        player.run_until(now + LATER)
        assert imbalance(player.situation.accounts) == {}
    assert standing(told) == standing(never)
    assert told.balances() == never.balances()
