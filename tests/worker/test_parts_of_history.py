"""Is what was brought in, taken back or given up decided by a batch as a replay of the whole client decides it?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from goodword.core.events import ident
from goodword.house.roles import Urls
from tests.worker.lane import START, Lane, code_of, direct, lane_on, new_keyring, person, purchase, signup
from tests.worker.test_parts import act

DAY = timedelta(days=1)
_KEYRING = new_keyring()


@pytest.fixture
def lane(urls: Urls, request: pytest.FixtureRequest) -> Iterator[Lane]:
    with lane_on(urls, ident("client", request.node.name), keyring=_KEYRING) as found:
        found.publish(direct())
        found.send(*(code_of(name) for name in ("alice", "carol")))
        found.drain_all()
        yield found


def test_what_a_former_referrer_owes_is_written_off_in_its_time(lane: Lane) -> None:
    owed = act("balance", START, "carol", amount_minor=500, asset="EUR") | {"person": person("carol")}
    owed["act"]["kind"] = "owed"
    brought = act("referred", START, "bob", state="joined", method="named")
    brought |= {"person": person("bob"), "advocate": {"id": "carol"}}
    _, row = lane.send(owed, brought, received_at=START)
    lane.send(signup("bob", START + DAY, "alice"), purchase("bob", START + 2 * DAY), received_at=START + 2 * DAY)
    lane.drain_all(now=START + 2 * DAY)
    lane.advance(START + 20 * DAY, START + 20 * DAY)  # the reward paid back what carol owed
    back = act("withdrawn", START + 22 * DAY, "bob", event=row, type="referred")
    lane.send(back | {key: brought[key] for key in ("person", "advocate")}, received_at=START + 22 * DAY)
    lane.drain_all(now=START + 22 * DAY)
    assert lane.count("entry", "reason = 'claw_back' AND amount_minor = 500") == 1
    lane.advance(START + 900 * DAY, START + 900 * DAY)
    assert lane.count("entry", "reason = 'write_off'") == 1
    lane.assert_sound()


def test_what_is_given_up_is_taken_in_one_order_whatever_is_at_hand(lane: Lane) -> None:
    for n in range(6):
        lane.send(signup(f"bob{n}", START, "alice"), purchase(f"bob{n}", START + DAY))
    lane.drain_all(now=START + DAY)
    ((alice,),) = lane.rows("SELECT DISTINCT advocate_id FROM referral WHERE client_id = %s::uuid", lane.client_id)
    lane.send(act("waive", START + 2 * DAY, "alice", party=alice), received_at=START + 2 * DAY)
    lane.drain_all(now=START + 2 * DAY)
    assert lane.count("reward", "state = 'voided'") == 6
    lane.assert_sound()
