"""Does test mode say what the front door would say, and keep nothing of it?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import psycopg

from goodword.store.sql.keys import TEST_SCOPE
from tests.api.test_programs import _ask, _key
from tests.web.world import World


def _event(world: World, **more: Any) -> dict[str, Any]:
    return {
        "id": "tried-1",
        "type": "signup",
        "at": datetime.now(UTC).isoformat(),
        "person": {"id": "tried-friend", "email": "tried@x.test", "attributes": {"status": "active"}},
        "code": "CODE-ALICE",
    } | more


def _rows(world: World) -> list[int]:
    with psycopg.connect(world.urls.owner) as owner:
        asked = (owner.execute(f"SELECT count(*) FROM {table}") for table in ("event", "party", "referral", "entry"))
        return [row[0] for row in map(psycopg.Cursor.fetchone, asked) if row]


def test_it_is_decided_and_nothing_is_stored(world: World) -> None:
    before = _rows(world)
    answer = _ask(_key(world, "acme", TEST_SCOPE), "POST", "/v1/events/try", _event(world))
    assert answer.status_code == 200
    told = answer.json()
    assert told["stored"] is False and told["duplicate"] is False and told["event"].startswith("evt_")
    assert "touch_won" in {one["code"] for one in told["decision"]["reasons"]}
    assert told["decision"]["referrals"][0]["state"] == "joined"
    assert _rows(world) == before


def test_what_is_wrong_is_refused_as_the_front_door_refuses_it(world: World) -> None:
    key = _key(world, "acme", TEST_SCOPE)
    order = {"id": "1", "amount": 5, "currency": "EUR"}
    wrong = _ask(key, "POST", "/v1/events/try", _event(world, type="purchase", order=order))
    assert wrong.status_code == 422 and wrong.json()["code"] == "invalid"
    assert {"field", "why", "repair", "code"} <= set(wrong.json()["errors"][0])
    assert _ask(key, "POST", "/v1/events/try", b"").json()["code"] == "empty"
    assert _ask(key, "POST", "/v1/events/try", b"{").status_code == 422


def test_a_test_key_opens_nothing_else_and_other_keys_do_not_try(world: World) -> None:
    test, real = _key(world, "acme", TEST_SCOPE), _key(world, "acme", "events:write")
    assert _ask(test, "GET", "/v1/programs").json()["code"] == "scope_missing"
    assert _ask(real, "POST", "/v1/events/try", _event(world)).json()["code"] == "scope_missing"
    assert _ask(test, "GET", "/v1/events/try").status_code == 405
