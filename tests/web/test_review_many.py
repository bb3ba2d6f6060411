"""Ten thousand held referrals: is the queue still quick, are all of them decided by one choice, and is one more refused clearly?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import psycopg
import pytest

from goodword.actions import reviewing
from tests.web.conftest import As
from tests.web.test_review import text
from tests.web.world import NOW, day
from tests.worker.lane import Lane, lane_on

REAL = 300  # through the whole chain; the budget carries about half of them
MORE = 10_000  # beside them, as rows only


@pytest.fixture(scope="module")
def lane(world: Any) -> Iterator[Lane]:
    """Friends who use Alice's telephone, each with a first order; and copies of one of them that fill the queue."""
    with lane_on(world.urls, "acme", world.keyring) as acme:
        events = []
        for n in range(REAL):
            who = {"id": f"many{n}", "attributes": {"status": "active"}}
            events += [
                {"id": f"mj{n}", "type": "signup", "at": day(-9).isoformat(), "person": who, "code": "CODE-ALICE",
                 "context": {"device": "alices-phone"}},
                {"id": f"mp{n}", "type": "purchase", "at": day(-8).isoformat(), "person": who,
                 "order": {"id": f"m-{n}", "amount": "60.00", "currency": "EUR"}},
            ]  # fmt: skip
        acme.send(*events, received_at=NOW)
        acme.drain_all(now=NOW)
        with psycopg.connect(world.urls.owner, autocommit=True) as owner:
            owner.execute(
                "INSERT INTO referral SELECT (jsonb_populate_record(r, jsonb_build_object('id', n.id, 'body',"
                " replace(r.body, replace(r.id::text, '-', ''), replace(n.id::text, '-', ''))))).*"
                " FROM referral r, (SELECT gen_random_uuid() AS id FROM generate_series(1, %s)) n"
                " WHERE r.id = %s::uuid",
                (MORE, world.referrals["acme/hana"]),
            )
            owner.execute("ANALYZE referral")
        yield acme


def test_ten_thousand(lane: Lane, as_: As, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reviewing, "CHUNK", 50)
    dan = as_("dan")
    total = lane.count("referral", "state = 'held'")
    assert total > MORE
    dan.get("/c/acme/review")
    said = text(dan.get("/c/acme/review"))
    assert "All that fit this filter (more than 10,000)" in said
    last = dan.get("/c/acme/review.json").json()
    assert len(last) == 10_000
    over = text(dan.post("/c/acme/review/many", {"all": "1", "verdict": "clear"}))
    assert "At most 10,000 referrals are decided at once." in over
    asked = dan.post("/c/acme/review/many", {"all": "1", "verdict": "clear", "filter": "least=65"})
    count = re.search(r"Decide ([\d,]+) referrals", text(asked))
    token = re.search(r'name="token" value="([^"]+)"', asked.content.decode())
    assert count and token
    number = int(count[1])
    assert number > 2 * 50, "several chunks"
    done = text(dan.post("/c/acme/review/many/decide", {"token": unescape(token[1]), "decision": "clear"}))
    assert f"{number:,} referrals were cleared." in done
    assert lane.count("referral", "state = 'held'") == total - number
