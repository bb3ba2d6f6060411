"""Does the office redeem points once a wish, say why not, and forget nobody whose points are neither spent nor given up?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from goodword.actions.deeds import Actor
from goodword.actions.erasing import erase, plan
from goodword.actions.opening import Chain, ClientRow, open_chain
from goodword.actions.programs import append_act
from goodword.actions.redeeming import cancel_redemption, redeem_for
from goodword.commands.master_key import master_key
from goodword.errors import BadInput, NotAllowed
from goodword.house.roles import Urls
from goodword.store.recompute import verify_ledger
from tests.commands.conftest import Type

NOW = datetime.now(UTC).replace(microsecond=0)
CLUB: dict[str, Any] = {
    "program": "club",
    "name": "Club",
    "type": "direct",
    "currency": "EUR",
    "screening": "off",
    "units": {"PTS:club": {"name": "Club points"}},
    "catalogue": {"mug": {"name": "Mug", "points": 300}},
    "promises": [{"to": "advocate", "on": "first_order", "give": {"points": 500}}],
}
DAN = Actor("dan", "agent")
OPERATOR = Actor("ops", "operator")


@pytest.fixture
def club(installation: Urls, goodword: Type, request: pytest.FixtureRequest) -> Iterator[tuple[Chain, ClientRow, str]]:
    """A client whose Alice has 500 points; her party."""
    slug = "r" + request.node.name.replace("_", "-")[-50:].strip("-")
    goodword("client", "add", slug, "--name", "Acme")
    with open_chain(installation.engine, master_key(installation), "test") as chain:
        client = chain.client(slug)
        events: list[dict[str, Any]] = [
            {"type": "publish", "act": {"document": CLUB, "version": 1}},
            {"type": "code_issued", "code": "ALICE", "person": {"id": "alice"}, "act": {}},
            {"type": "signup", "person": {"id": "bob"}, "code": "ALICE"},
            {
                "type": "purchase",
                "person": {"id": "bob"},
                "order": {"id": "o1", "amount": "60.00", "currency": "EUR"},
            },
        ]
        for n, event in enumerate(events):
            at = NOW - timedelta(minutes=20 - n)
            append_act(chain, client, {"id": f"e{n}", "at": at.isoformat(), **event}, at=at)
        rows = chain.conn.execute("SELECT holder_id FROM wallet WHERE client_id = %s::uuid", (client.id,)).fetchall()
        yield chain, client, rows[0][0]


def _available(chain: Chain, client: ClientRow) -> int:
    row = chain.conn.execute("SELECT available FROM wallet WHERE client_id = %s::uuid", (client.id,)).fetchone()
    assert row
    return int(row[0])


def test_a_wish_is_redeemed_once_and_its_cancellation_is_another(club: tuple[Chain, ClientRow, str]) -> None:
    chain, client, alice = club
    for n in range(2):
        at = NOW + timedelta(seconds=n)
        assert redeem_for(chain, client, DAN, alice, "mug", 1, once="a" * 32, at=at).code == "redeemed"
    assert _available(chain, client) == 200
    short = redeem_for(chain, client, DAN, alice, "mug", 1, once="b" * 32, at=NOW + timedelta(seconds=2))
    assert (short.code, short.passed) == ("points_short", False)
    made = chain.conn.execute("SELECT id FROM redemption WHERE client_id = %s::uuid", (client.id,)).fetchall()
    assert len(made) == 1
    assert cancel_redemption(chain, client, DAN, alice, made[0][0], at=NOW + timedelta(seconds=3)).passed
    assert _available(chain, client) == 500
    with pytest.raises(BadInput, match="cancelled before"):
        cancel_redemption(chain, client, DAN, alice, made[0][0], at=NOW + timedelta(seconds=4))
    assert verify_ledger(chain.conn, client.id).ok


def test_who_may_not_redeem_does_not(club: tuple[Chain, ClientRow, str]) -> None:
    chain, client, alice = club
    with pytest.raises(NotAllowed):
        redeem_for(chain, client, Actor("audra", "auditor"), alice, "mug", 1, once="a" * 32, at=NOW)
    assert _available(chain, client) == 500


def test_points_stand_in_the_way_of_an_erasure_until_they_are_given_up(
    club: tuple[Chain, ClientRow, str], tmp_path: Path
) -> None:
    chain, client, alice = club
    planned = plan(chain, client, alice, now=NOW)
    assert (planned.points, planned.open_rewards) == (((500, "PTS:club"),), ())
    with pytest.raises(BadInput, match="500 PTS:club lie in the wallet"):
        erase(chain, client, OPERATOR, alice, tmp_path / "list", waived=None, now=NOW)
    erase(chain, client, OPERATOR, alice, tmp_path / "list", waived="letter of 2 May", now=NOW)
    assert _available(chain, client) == 0
    assert verify_ledger(chain.conn, client.id).ok
