"""Does one box find whatever somebody pastes, and lead only where that person may look?"""

from __future__ import annotations

from typing import Any

import psycopg

from tests.web.conftest import As


def _location(who: Any, typed: str, client: str = "acme") -> str:
    return str(who.post(f"/c/{client}/search", {"q": typed}).headers["Location"])


def _row(world: Any, sql: str, *values: Any) -> Any:
    with psycopg.connect(world.urls.owner) as owner:
        return owner.execute(sql, values).fetchone()[0]


def test_a_reward_leads_to_its_referral(world: Any, as_: As) -> None:
    ref = world.referrals["acme/bob"]
    reward = _row(world, "SELECT id FROM reward WHERE referral_id = %s LIMIT 1", ref).hex
    dan = as_("dan")
    for typed in (f"rwd_{reward}", reward, f"rwd_{reward[:12]}", f" RWD_{reward} "):
        assert _location(dan, typed) == f"/c/acme/referrals/ref_{ref}", typed
    assert _location(as_("vera"), f"rwd_{reward}") == f"/c/acme/referrals/ref_{ref}"


def test_the_id_that_a_sender_gave_its_event_leads_to_the_event(world: Any, as_: As) -> None:
    assert _location(as_("dan"), "paid-bob") == world.event_path("acme", "paid-bob")
    assert _location(as_("vera"), "paid-bob") == "/c/acme/referrals?nothing=1", "her role opens no events"


def test_a_click_and_a_visitor_are_found_by_what_the_shop_knows(world: Any, as_: As) -> None:
    assert _location(as_("dan"), "click-bob") == world.event_path("acme", "click-bob")
    assert "/people/prs_" in _location(as_("dan"), "v-bob") or "/events/evt_" in _location(as_("dan"), "v-bob")


def test_a_hash_leads_to_its_leaf_for_those_who_read_the_log(world: Any, as_: As) -> None:
    event = world.events["acme/paid-bob"]
    path = f"/c/acme/audit/leaves/evt_{event}"
    page = as_("audra").get(path).content.decode()
    hash_ = next(word for word in page.replace("<", " ").replace(">", " ").split() if len(word) == 64)
    decision = _row(world, "SELECT id FROM decision WHERE event_id = %s LIMIT 1", event).hex
    assert _location(as_("audra"), f"dec_{decision}") == f"/c/acme/audit/leaves/dec_{decision}"
    assert _location(as_("audra"), hash_).startswith(("/c/acme/events/evt_", "/c/acme/audit/leaves/"))
    assert _location(as_("vera"), f"dec_{decision}") == "/c/acme/referrals?nothing=1"


def test_what_a_machine_wrote_for_another_client_is_offered_or_not_there(world: Any, as_: As) -> None:
    reward = _row(world, "SELECT id FROM reward WHERE client_id = %s LIMIT 1", world.clients["globex"]).hex
    for typed in (f"rwd_{reward}", "dead"):
        assert _location(as_("dan"), typed) == "/c/acme/referrals?nothing=1", typed
        olga = as_("olga")
        offer = _location(olga, typed)
        assert "&offer=" in offer, typed
        assert "Switch to Globex and open it" in olga.get(offer).content.decode()
