"""Does a doubt ever pass? Signals that raise mean hold, whatever else they would have said."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from goodword.catalog import SHELVES
from goodword.core.kind import Finding, Need, Shelves, Signal
from goodword.scenarios.player import CorePlayer, SeenReferral
from goodword.scenarios.programs import from_line
from tests.core.worlds import PUBLISHED, START


def _raises(view: Any) -> Finding | None:
    raise KeyError("a trait that was never loaded")


def _certain(view: Any) -> Finding | None:
    return Finding("certain", "self", 100, "There is no doubt.")


def _shelves(*finders: Any) -> Shelves:
    signals = {
        find.__name__: Signal(find.__name__, find.__name__, "self", "for this test", Need(), find) for find in finders
    }
    return msgspec.structs.replace(SHELVES, signals=signals)


def _bought(shelves: Shelves, line: str = "direct: advocate 10.00 after 14d") -> tuple[CorePlayer, SeenReferral]:
    player = CorePlayer()
    player.situation.shelves = shelves
    player.publish(from_line(line), PUBLISHED)
    raw: dict[str, Any]
    for n, raw in enumerate(
        (
            {"type": "code_issued", "code": "ALICE", "person": {"id": "alice"}, "act": {}},
            {"type": "signup", "code": "ALICE", "person": {"id": "bob"}},
            {
                "type": "purchase",
                "person": {"id": "bob"},
                "order": {"id": "1", "amount": "60.00", "currency": "EUR"},
            },
        )
    ):
        at = START + timedelta(hours=n)
        player.deliver(raw | {"id": f"e{n}", "at": at.isoformat()}, at)
    return player, player.referrals()[("bob", "acme", "program")]


def test_a_signal_that_raises_means_hold() -> None:
    player, referral = _bought(_shelves(_raises))
    assert referral.state == "held"
    assert [reward.state for reward in referral.rewards] == ["in_review"]
    player.run_until(START + timedelta(days=100))
    assert [reward.state for reward in player.referrals()[("bob", "acme", "program")].rewards] == ["in_review"]
    told = [reason.value for reason in referral.reasons if reason.code == "finding"]
    assert told == ["The check _raises failed (KeyError). (+30)"]


def test_a_signal_that_raises_holds_what_others_would_have_denied() -> None:
    """Half an answer denies nobody: a person looks."""
    assert _bought(_shelves(_raises, _certain))[1].state == "held"
    assert _bought(_shelves(_certain))[1].state == "denied"


@pytest.mark.parametrize("slug", sorted(SHELVES.signals))
def test_every_signal_says_what_it_is_and_how_many_points_it_gives(slug: str) -> None:
    signal = SHELVES.signals[slug]
    assert signal.slug == slug and signal.title and len(signal.help.split()) > 4


def test_screening_switched_off_asks_nobody() -> None:
    assert _bought(_shelves(_raises), "direct: advocate 10.00, screening off")[1].state == "rewarded"


@pytest.mark.parametrize(("until", "state"), [(START + timedelta(days=1), "joined"), (START - timedelta(days=1), None)])
def test_only_who_is_on_the_list_may_refer(until: Any, state: str | None) -> None:
    player = CorePlayer()
    document = from_line("direct: advocate 10.00") | {"advocates": {"who": "audience:members"}}
    player.publish(document, PUBLISHED)
    code = {"id": "c", "type": "code_issued", "at": PUBLISHED.isoformat(), "code": "ALICE", "person": {"id": "alice"}}
    player.deliver(code | {"act": {}}, PUBLISHED)
    alice = player.situation.party_of([("id", "id:alice")])
    assert alice
    player.situation.audiences[("members", alice)] = [(PUBLISHED, until)]
    signup = {"id": "s", "type": "signup", "at": START.isoformat(), "code": "ALICE", "person": {"id": "bob"}}
    player.deliver(signup, START)
    found = player.referrals().get(("bob", "acme", "program"))
    assert (found.state if found else None) == state
    if state is None:
        assert [reason.code for reason in player.reasons_of("s")] == ["advocate_not_allowed"]
