"""Is whoever was forgotten gone from then on: nobody's referrer, nobody's payee, and somebody new who comes back?"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from goodword.actions.deeds import Actor
from goodword.actions.erasing import erase
from goodword.actions.opening import open_chain
from goodword.catalog.signals import shared_payment
from goodword.core.events import ident
from goodword.core.referral import Referral
from goodword.house.roles import Urls
from tests.worker.lane import START, Lane, code_of, direct, lane_on, new_keyring, person, purchase, signup

DAY = timedelta(days=1)
TERMS = direct(
    milestones={"joined": {"event": "signup"}, "first_order": {"event": "purchase"}},
    promises=[
        {"to": "advocate", "on": "first_order", "give": {"cash": "10.00"}, "hold": "14d"},
        {"to": "friend", "on": "first_order", "give": {"voucher": "5.00"}},
    ],
    budget={"amount": "100.00", "reserve": "join"},
)
ASKING = TERMS | {"advocates": {"if": ["advocate.status == active"], "at": ["milestone"]}}
_KEYRING = new_keyring()


@pytest.fixture
def lane(urls: Urls, request: pytest.FixtureRequest) -> Iterator[Lane]:
    with lane_on(urls, ident("client", request.node.name), keyring=_KEYRING) as found:
        found.publish(TERMS)
        found.send(code_of("alice"), known("alice", START - DAY))
        found.drain_all()
        yield found


def known(name: str, at: datetime) -> dict[str, Any]:
    who = {"id": f"known-{name}-{at:%d%H}", "type": "known", "at": at.isoformat(), "act": {}}
    return who | {"person": person(name) | {"name": f"{name.title()} Smith", "attributes": {"status": "active"}}}


def with_waiver(lane: Lane, name: str, at: datetime) -> str:
    return forget(lane, name, at, waived="by letter")


def forget(lane: Lane, name: str, at: datetime, waived: str | None = None) -> str:
    """The id under which the person was known until now."""
    ((party,),) = lane.rows(
        "SELECT DISTINCT party_id::text FROM identifier i WHERE client_id = %s::uuid AND kind = 'id' AND token = %s::uuid",
        lane.client_id, lane.lanes.vault.open_client(lane.client_id).token("id", name),
    )  # fmt: skip
    with open_chain(lane.urls.engine, lane.keyring, "worker") as chain, tempfile.TemporaryDirectory() as folder:
        client = chain.client_of(lane.client_id)
        erase(
            chain, client, Actor("ana", "admin"), party.replace("-", ""), Path(folder) / "erased", waived=waived, now=at
        )
    return str(party)


def said(lane: Lane, code: str) -> int:
    """In how many decisions this reason was given."""
    return lane.count("decision", f"body LIKE '%%\"{code}\"%%'")


def referrals(lane: Lane) -> list[Referral]:
    rows = lane.rows("SELECT body FROM referral WHERE client_id = %s::uuid ORDER BY id", lane.client_id)
    return [msgspec.json.decode(body, type=Referral) for (body,) in rows]


def test_who_comes_back_is_somebody_new_who_can_be_named_and_judged(lane: Lane) -> None:
    lane.publish(ASKING, 2, START - DAY)
    lane.send(known("bob", START))
    lane.drain_all(now=START)
    before = forget(lane, "bob", START + DAY)
    later = START + 2 * DAY
    lane.send(known("bob", later), code_of("bob", later), signup("eve", later, "bob"), purchase("eve", later + DAY))
    lane.drain_all(now=later + DAY)
    ((again,),) = lane.rows(
        "SELECT party_id::text FROM code WHERE client_id = %s::uuid AND code = 'CODE-BOB'", lane.client_id
    )
    assert again != before
    assert lane.count("personal", f"party_id = '{again}' AND field = 'name'") == 1
    assert lane.count("person_key", f"party_id = '{again}' AND destroyed_at IS NULL") == 1
    assert lane.count("personal", f"party_id = '{before}'") == 0
    (referral,) = referrals(lane)
    assert [(one.to, one.amount_minor) for one in referral.rewards] == [("advocate", 10_00), ("friend", 5_00)]
    lane.assert_sound()


def test_a_code_of_somebody_who_was_forgotten_refers_nobody_any_more(lane: Lane) -> None:
    forget(lane, "alice", START)
    lane.send(signup("bob", START + DAY, "alice"), purchase("bob", START + 2 * DAY))
    lane.drain_all(now=START + 2 * DAY)
    assert referrals(lane) == [] and said(lane, "code_ended") > 0
    assert lane.count("code", "ended_at IS NULL") == 0
    lane.assert_sound()


def test_nothing_is_given_to_nobody_and_the_friend_gets_what_was_promised(lane: Lane) -> None:
    lane.send(signup("bob", START, "alice"))
    lane.drain_all(now=START)
    forget(lane, "alice", START + DAY)
    lane.send(purchase("bob", START + 2 * DAY))
    lane.drain_all(now=START + 2 * DAY)
    lane.advance(START + 30 * DAY, START + 30 * DAY)
    (referral,) = referrals(lane)
    assert [(one.to, one.amount_minor) for one in referral.rewards] == [("friend", 5_00)]
    assert said(lane, "payee_forgotten") > 0
    assert lane.rows(
        "SELECT posted_minor FROM account WHERE client_id = %s::uuid AND name = 'reserved:friends'", lane.client_id
    ) == [(0,)], "what was set aside is free again"
    lane.assert_sound()


def test_a_card_of_somebody_who_was_forgotten_is_nobodys_card(urls: Urls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_payment, "OTHERS", 1)
    card = {"context": {"payment": "card-1"}}
    with lane_on(urls, ident("client", "cards"), keyring=_KEYRING) as lane:
        lane.publish(direct(screening={"hold_at": 10}))
        lane.send(code_of("alice"), signup("zoe", START, **card))
        lane.drain_all(now=START)
        forget(lane, "zoe", START + DAY)
        lane.send(signup("bob", START + 2 * DAY, "alice"), purchase("bob", START + 3 * DAY, **card))
        lane.drain_all(now=START + 3 * DAY)
        (referral,) = referrals(lane)
        assert [one.state for one in referral.rewards] == ["pending"]
        lane.assert_sound()


def test_what_was_earned_stays_whoever_is_forgotten(lane: Lane) -> None:
    lane.publish(ASKING, 2, START - DAY)
    lane.send(signup("bob", START, "alice"), purchase("bob", START + DAY))
    lane.drain_all(now=START + DAY)
    lane.advance(START + 20 * DAY, START + 20 * DAY)
    (before,) = referrals(lane)
    assert [one.state for one in before.rewards] == ["payable", "payable"]
    with_waiver(lane, "alice", START + 21 * DAY)
    lane.send(purchase("bob", START + 22 * DAY, order="another"), {**known("bob", START + 23 * DAY), "type": "update"})
    lane.drain_all(now=START + 23 * DAY)
    (after,) = referrals(lane)
    assert [(one.to, one.state) for one in after.rewards] == [("advocate", "voided"), ("friend", "payable")]
    lane.assert_sound()


def released_though_forgotten(lane: Lane, friend: str) -> None:
    """The referrer's reward waits; the friend is forgotten; it is released in its time."""
    assert [one.state for one in referrals(lane)[0].rewards] == ["pending"]
    forget(lane, friend, START + 3 * DAY)
    lane.advance(START + 30 * DAY, START + 30 * DAY)
    assert [one.state for one in referrals(lane)[0].rewards] == ["payable"]
    lane.assert_sound()


def test_a_friend_who_came_by_a_link_takes_nothing_along(urls: Urls) -> None:
    with lane_on(urls, ident("client", "links"), keyring=_KEYRING) as lane:
        lane.publish(direct())
        lane.send(code_of("alice"))
        click = {"id": "click-1", "type": "click", "at": START.isoformat(), "code": "CODE-alice", "visitor": "browser-1"}
        lane.send(click, signup("bob", START + DAY, visitor="browser-1"), purchase("bob", START + 2 * DAY))
        lane.drain_all(now=START + 2 * DAY)
        released_though_forgotten(lane, "bob")


def test_a_friend_of_whom_much_was_asked_takes_nothing_along(urls: Urls) -> None:
    with lane_on(urls, ident("client", "asked"), keyring=_KEYRING) as lane:
        lane.publish(direct(friends={"if": ["friend.status == active"], "at": ["join", "milestone"]}))
        lane.send(code_of("alice"), known("bob", START))
        lane.send(signup("bob", START + DAY, "alice"), purchase("bob", START + 2 * DAY))
        lane.drain_all(now=START + 2 * DAY)
        released_though_forgotten(lane, "bob")


def test_people_still_decide_about_a_referral_of_somebody_who_was_forgotten(urls: Urls) -> None:
    with lane_on(urls, ident("client", "denied"), keyring=_KEYRING) as lane:
        lane.publish(direct())
        lane.send(code_of("alice"), signup("bob", START, "alice"), purchase("bob", START + DAY))
        lane.drain_all(now=START + DAY)
        forget(lane, "bob", START + 2 * DAY)
        act = {"referral": referrals(lane)[0].id, "verdict": "deny", "why": "fake", "by": "ana"}
        lane.send({"id": "denied", "type": "review", "at": (START + 3 * DAY).isoformat(), "act": act})
        lane.drain_all(now=START + 3 * DAY)
        (referral,) = referrals(lane)
        assert (referral.state, [one.state for one in referral.rewards]) == ("denied", ["voided"])
        lane.assert_sound()
