"""Does law or sense stop a publication, with place and repair, until a named person answers for it?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from goodword.actions.checking import Blocked
from goodword.actions.deeds import COMMAND_LINE
from goodword.actions.versions_release import ask
from goodword.errors import BadInput
from goodword.store.reads.circumstances import delivered_attributes, stacking_rules
from tests.actions.shops import ANA, NOTE, Shop
from tests.commands.conftest import Type

BANNED: dict[str, Any] = {
    "sector": "investments",
    "places": ["GB"],
    "friends": {"if": ["friend.age >= 18"]},
    "advocates": {"if": ["advocate.age >= 18"]},
}


def test_what_is_forbidden_is_not_published(shop: Shop) -> None:
    number = shop.draft(ANA, **BANNED)
    with pytest.raises(Blocked) as refusal:
        ask(shop.chain, shop.client, ANA, "friends", number, NOTE, at=shop.now)
    assert "line 16: promises[0]: An incentive to invest" in refusal.value.why
    assert "FCA COBS 4.12A" in refusal.value.why and "2026-11-22" in refusal.value.why
    assert shop.state(number) == "draft"


def test_a_named_person_overrides_with_a_reason_that_is_kept(shop: Shop) -> None:
    number = shop.draft(ANA, **BANNED)
    with pytest.raises(Blocked):
        ask(shop.chain, shop.client, ANA, "friends", number, NOTE, at=shop.now, override="because")
    with pytest.raises(BadInput, match="names nobody"):
        ask(
            shop.chain, shop.client, COMMAND_LINE, "friends", number, NOTE, at=shop.now, override="the regulator agreed"
        )
    why = "the regulator agreed on 3 May"
    asked = ask(shop.chain, shop.client, ANA, "friends", number, NOTE, at=shop.now, override=why)
    assert asked.number == number
    row = shop.chain.conn.execute(
        "SELECT actor FROM action WHERE client_id = %s::uuid AND verb = 'program.override'", (shop.client.id,)
    ).fetchall()
    assert [one[0] for one in row] == [ANA.name]


def test_attributes_that_feeds_brought(shop: Shop) -> None:
    rows = shop.chain.conn.execute(
        "SELECT name FROM attribute WHERE client_id = %s::uuid", (shop.client.id,)
    ).fetchall()
    assert rows, "the world of the commands brings attributes"
    assert delivered_attributes(shop.chain.conn, shop.client.id) == frozenset(name for (name,) in rows)
    assert delivered_attributes(shop.chain.conn, "0" * 32) is None, "nothing ever came: nothing can be told"


def test_a_condition_on_what_no_feed_brings_is_not_published(shop: Shop) -> None:
    number = shop.draft(ANA, advocates={"if": ["advocate.shoe_size >= 40"]})
    with pytest.raises(Blocked) as refusal:
        ask(shop.chain, shop.client, ANA, "friends", number, NOTE, at=shop.now)
    assert 'advocates.if[0]: No feed ever brought "shoe_size"' in refusal.value.why


def test_the_stacking_of_other_live_programs(shop: Shop) -> None:
    number = shop.draft(stacking={"programs": {"other": "after"}})
    ask(shop.chain, shop.client, ANA, "friends", number, NOTE, at=shop.now)
    assert stacking_rules(shop.chain.conn, shop.client.id, but="other") == {"friends": {"other": "after"}}
    assert stacking_rules(shop.chain.conn, shop.client.id, but="friends") == {}


def test_check_tells_of_a_document(goodword: Type, world: Path) -> None:
    path = world / "quotes.yaml"
    path.write_text(
        "program: quotes\nname: Quotes\ntype: direct\ncurrency: USD\nsector: insurance\nplaces: [US-NY, US-TX]\n"
        'promises: [{to: advocate, on: first_order, give: {cash: "50.00"}}]\n',
        encoding="utf-8",
    )
    said = goodword("check", "--program", str(path))
    assert said.code == 1
    assert "BLOCKED: line 7: promises[0].on: The reward for a referral depends on the sale of insurance." in said.out
    assert "warning: line 6: places: No row for Texas: nobody looked what may be given there. Ask counsel" in said.out
