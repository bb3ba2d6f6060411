"""Does a creator apply once, accept exactly the text that was shown, earn by it, and stop when the house says so?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from goodword.actions import creator_contracts as contracts
from goodword.actions import creator_posts as posts
from goodword.actions.creators import APPLICANT, apply, creator_of, forget, vet
from goodword.actions.deeds import Actor
from goodword.actions.erasing import erase
from goodword.actions.opening import Chain, ClientRow, open_chain
from goodword.actions.programs import append_act
from goodword.actions.versions_approval import LinkEnded
from goodword.commands.master_key import master_key
from goodword.errors import BadInput, NotAllowed, NotFound
from goodword.house.roles import Urls
from goodword.store.creators import Application, Gifts
from goodword.store.recompute import verify_ledger
from tests.commands.conftest import Type

NOW = datetime.now(UTC).replace(microsecond=0)
HOUSE: dict[str, Any] = {
    "program": "house",
    "name": "House creators",
    "type": "influencer",
    "currency": "EUR",
    "screening": "off",
    "advocates": {"who": "anyone"},
    "contracts": {"tail": "10d"},
    "promises": [{"to": "advocate", "on": "order", "give": {"commission": {"percent": 8}}}],
}
DAN, CARL, OPERATOR = Actor("dan", "agent"), Actor("carl", "manager"), Actor("ops", "operator")
LINA = Application(
    name="Lina Look",
    email="lina@look.test",
    phone="+49 170 5550199",
    channels=("https://photos.test/lina",),
    audience="12,000",
    consent="I agree.",
)
GIFTS: Gifts = {"order": {"commission": {"percent": 15, "max": "90.00"}}}


class House:
    """A client with a program for creators, at a clock that every deed moves on."""

    def __init__(self, chain: Chain, client: ClientRow) -> None:
        self.chain, self.client, self.now = chain, client, NOW

    def at(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def taken(self, application: Application = LINA, code: str = "LINA15") -> str:
        id_, _ = apply(self.chain, self.client, APPLICANT, "house", application, source="form", at=self.at())
        vet(self.chain, self.client, CARL, id_, granted=True, why="", words="", code=code, at=self.at())
        return id_

    def offered(self, id_: str, text: str = "You get 15 %.", **more: Any) -> str:
        given = {"gifts": GIFTS, "starts_at": None} | more
        contracts.offer(self.chain, self.client, CARL, id_, text=text, at=self.at(), **given)
        return contracts.link(self.chain, self.client, CARL, id_, at=self.at()).removeprefix("/creator/")

    def accepted(self, id_: str, text: str = "You get 15 %.", **more: Any) -> str:
        token = self.offered(id_, text, **more)
        contracts.accept(self.chain, token, seen_hash=contracts.text_hash(text), at=self.at())
        return token

    def order(self, person: str, amount: str, code: str | None = "LINA15") -> tuple[str, ...]:
        """An order is sent and decided; the sums that are payable since."""
        event: dict[str, Any] = {"type": "purchase", "person": {"id": person}} | ({"code": code} if code else {})
        order = {"id": f"{person}-{amount}", "amount": amount, "currency": "EUR"}
        append_act(self.chain, self.client, event | {"id": f"{person}-{amount}", "order": order, "at": self.at().isoformat()},
                   at=self.now)  # fmt: skip
        rows = self.chain.conn.execute(
            "SELECT amount_minor FROM reward WHERE client_id = %s::uuid AND state = 'payable' ORDER BY granted_at, id",
            (self.client.id,),
        ).fetchall()
        return tuple(str(row[0]) for row in rows)

    def state(self, id_: str) -> str:
        return creator_of(self.chain, self.client, id_).state


@pytest.fixture
def house(installation: Urls, goodword: Type, request: pytest.FixtureRequest) -> Iterator[House]:
    slug = "c" + "".join(sign for sign in request.node.name.replace("_", "-") if sign.isalnum() or sign == "-")[-50:].strip("-")
    goodword("client", "add", slug, "--name", "Acme")
    with open_chain(installation.engine, master_key(installation), "test") as chain:
        client = chain.client(slug)
        at = NOW - timedelta(days=1)
        act = {"document": HOUSE, "version": 1}
        append_act(chain, client, {"id": "publish", "type": "publish", "at": at.isoformat(), "act": act}, at=at)
        yield House(chain, client)


def test_the_same_person_applies_once_by_mailbox_or_telephone(house: House) -> None:
    first, again = apply(house.chain, house.client, APPLICANT, "house", LINA, source="form", at=house.at())
    assert not again
    other = Application("L. Look", "LINA@look.test ", "", ("https://video.test/l",), consent="yes")
    assert apply(house.chain, house.client, DAN, "house", other, source="desk", at=house.at()) == (first, True)
    by_phone = Application("L.", "else@look.test", "0170 5550199", ("https://video.test/l",), consent="yes")
    assert apply(house.chain, house.client, DAN, "house", by_phone, source="desk", at=house.at()) == (first, True)
    vet(house.chain, house.client, CARL, first, granted=False, why="audience", words="too small", at=house.at())
    assert apply(house.chain, house.client, DAN, "house", other, source="desk", at=house.at())[1] is False


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"email": "lina"}, "email"),
        ({"phone": "12"}, "phone"),
        ({"channels": ()}, "channels"),
        ({"channels": ("javascript:alert(1)",)}, "channels"),
        ({"consent": ""}, "consent"),
        ({"words": "x" * 2001}, "words"),
    ],
)
def test_what_is_missing_is_asked_for_by_its_field(house: House, wrong: dict[str, Any], field: str) -> None:
    given = {name: getattr(LINA, name) for name in ("name", "email", "phone", "channels", "consent")} | wrong
    with pytest.raises(BadInput) as refusal:
        apply(house.chain, house.client, APPLICANT, "house", Application(**given), source="form", at=house.at())
    assert refusal.value.field == field
    with pytest.raises(NotFound, match="takes no creators"):
        apply(house.chain, house.client, APPLICANT, "nosuch", LINA, source="form", at=house.at())


def test_nothing_of_an_application_lies_in_plain(house: House) -> None:
    id_ = house.accepted(house.taken()) and house.chain.conn.execute(
        "SELECT c::text, p::text FROM creator c, creator_contract p WHERE c.client_id = %s::uuid AND p.client_id = c.client_id",
        (house.client.id,),
    ).fetchone()
    assert id_
    for secret in ("Lina", "look.test", "5550199", "You get"):
        assert secret.encode().hex() not in str(id_) and secret not in str(id_)


def test_a_manager_takes_somebody_with_a_code_that_is_free(house: House) -> None:
    id_ = house.taken()
    other = Application("Mila", "mila@look.test", channels=("https://photos.test/mila",), consent="yes")
    second, _ = apply(house.chain, house.client, DAN, "house", other, source="desk", at=house.at())
    with pytest.raises(NotAllowed):
        vet(house.chain, house.client, DAN, second, granted=True, why="", words="", code="MILA", at=house.at())
    for code in ("LINA15", " lina15 "):
        with pytest.raises(BadInput, match="belongs to somebody else"):
            vet(house.chain, house.client, CARL, second, granted=True, why="", words="", code=code, at=house.at())
    with pytest.raises(BadInput, match="no code"):
        vet(house.chain, house.client, CARL, second, granted=True, why="", words="", code="a b", at=house.at())
    with pytest.raises(BadInput, match="faster"):
        vet(house.chain, house.client, CARL, id_, granted=False, why="other", words="", at=house.at())


def test_an_accepted_contract_issues_the_code_and_its_values_rule(house: House) -> None:
    id_ = house.taken()
    assert house.order("early", "10.00") == ()
    token = house.accepted(id_)
    assert house.state(id_) == "active"
    assert house.order("bob", "100.00") == ("1500",)
    with pytest.raises(LinkEnded, match="Nothing waits"):
        contracts.accept(house.chain, token, seen_hash=contracts.text_hash("You get 15 %."), at=house.at())
    (first,) = contracts.contracts_of(house.chain, house.client, id_)
    assert first.accepted_at and first.text_hash == contracts.text_hash("You get 15 %.")
    assert verify_ledger(house.chain.conn, house.client.id).ok


def test_the_old_version_rules_until_the_new_one_is_accepted_as_it_was_shown(house: House) -> None:
    id_ = house.taken()
    house.accepted(id_)
    token = house.offered(id_, "You get 20 %.", gifts={"order": {"commission": {"percent": 20}}})
    assert house.order("bob", "100.00") == ("1500",)
    with pytest.raises(BadInput, match="not the text"):
        contracts.accept(house.chain, token, seen_hash=contracts.text_hash("You get 15 %."), at=house.at())
    replaced = house.offered(id_, "You get 5 %.", gifts={"order": {"commission": {"percent": 5}}})
    with pytest.raises(LinkEnded, match="has ended"):
        contracts.asked(house.chain, token, at=house.at())
    contracts.accept(house.chain, replaced, seen_hash=contracts.text_hash("You get 5 %."), at=house.at())
    assert house.order("bob", "200.00", None) == ("1500", "1000")
    states = [(one.number, bool(one.accepted_at), bool(one.withdrawn_at))
              for one in contracts.contracts_of(house.chain, house.client, id_)]  # fmt: skip
    assert states == [(1, True, False), (2, False, True), (3, True, False)]


def test_values_that_the_program_could_not_give_are_not_offered(house: House) -> None:
    id_ = house.taken()
    for gifts in ({"joined": {"cash": "5.00"}}, {"order": {"points": 5}}, {"order": {"commission": {"percent": "much"}}}):
        with pytest.raises(BadInput):
            house.offered(id_, gifts=gifts)
    with pytest.raises(BadInput, match="in the past"):
        house.offered(id_, starts_at=NOW - timedelta(days=1))
    with pytest.raises(BadInput, match="no text"):
        house.offered(id_, " ")
    other = Application("M", "m@look.test", channels=("https://m.test/m",), consent="y")
    fresh, _ = apply(house.chain, house.client, DAN, "house", other, source="desk", at=house.at())
    with pytest.raises(BadInput, match="not taken"):
        house.offered(fresh)


def test_who_declines_says_so_once_and_may_be_offered_another_version(house: House) -> None:
    id_ = house.taken()
    token, mark = house.offered(id_), contracts.text_hash("You get 15 %.")
    with pytest.raises(BadInput, match="not the text"):
        contracts.decline(house.chain, token, seen_hash="0" * 64, words="", at=house.at())
    with pytest.raises(BadInput, match="longer than") as refusal:
        contracts.decline(house.chain, token, seen_hash=mark, words="x" * 2001, at=house.at())
    assert refusal.value.field == "note"
    asked = contracts.decline(house.chain, token, seen_hash=mark, words=" Too little.\r\n20 %? ", at=house.at())
    assert (asked.contract, asked.creator.state) == (None, "vetted")
    for answer in (contracts.accept, contracts.decline):
        with pytest.raises(LinkEnded, match="Nothing waits"):
            answer(house.chain, token, seen_hash=mark, at=house.at(), **({} if answer is contracts.accept else {"words": ""}))
    (first,) = contracts.contracts_of(house.chain, house.client, id_)
    assert (first.note, first.accepted_at, first.is_open) == ("Too little.\n20 %?", None, False)
    assert first.declined_at is not None
    row = house.chain.conn.execute(
        "SELECT verb, role, detail_sealed FROM action WHERE client_id = %s::uuid AND object_kind = 'creator' ORDER BY at DESC LIMIT 1",
        (house.client.id,),
    ).fetchone()
    assert row == ("creator.decline", "creator", None)
    assert house.order("bob", "100.00") == ()
    house.accepted(id_, "You get 20 %.", gifts={"order": {"commission": {"percent": 20}}})
    assert house.order("erin", "100.00") == ("2000",)


def test_what_is_declined_leaves_the_version_before_in_force(house: House) -> None:
    id_ = house.taken()
    house.accepted(id_)
    token = house.offered(id_, "You get 5 %.", gifts={"order": {"commission": {"percent": 5}}})
    contracts.decline(house.chain, token, seen_hash=contracts.text_hash("You get 5 %."), words="", at=house.at())
    assert house.state(id_) == "active"
    assert house.order("bob", "100.00") == ("1500",)


def test_only_a_link_that_works_is_mailed_and_to_its_own_creator(house: House) -> None:
    id_ = house.taken()
    path = f"/creator/{house.offered(id_)}"
    creator, waits = contracts.mailed(house.chain, house.client, CARL, id_, path, at=house.at())
    assert creator.application and creator.application.email == "lina@look.test" and waits
    other = Application("Mila", "mila@look.test", channels=("https://photos.test/mila",), consent="yes")
    second = house.taken(other, "MILA10")
    with pytest.raises(BadInput, match="somebody else's"):
        contracts.mailed(house.chain, house.client, CARL, second, path, at=house.at())
    with pytest.raises(NotAllowed):
        contracts.mailed(house.chain, house.client, DAN, id_, path, at=house.at())
    house.offered(id_)
    with pytest.raises(LinkEnded):
        contracts.mailed(house.chain, house.client, CARL, id_, path, at=house.at())


def test_pause_and_end_stop_new_friends_and_the_tail_still_earns(house: House) -> None:
    id_ = house.taken()
    house.accepted(id_)
    assert house.order("bob", "100.00") == ("1500",)
    contracts.set_state(house.chain, house.client, CARL, id_, "pause", words="holiday", at=house.at())
    assert house.order("carol", "100.00") == ("1500",)
    assert house.order("bob", "50.00", None) == ("1500", "750")
    with pytest.raises(BadInput, match="cannot be done now"):
        contracts.set_state(house.chain, house.client, CARL, id_, "pause", words="", at=house.at())
    contracts.set_state(house.chain, house.client, CARL, id_, "resume", words="", at=house.at())
    contracts.set_state(house.chain, house.client, CARL, id_, "end", words="", at=house.at())
    assert house.order("erin", "100.00") == ("1500", "750")
    house.now += timedelta(days=9)
    assert house.order("bob", "20.00", None) == ("1500", "750", "300")
    house.now += timedelta(days=2)
    assert house.order("bob", "40.00", None) == ("1500", "750", "300")
    with pytest.raises(NotAllowed):
        contracts.set_state(house.chain, house.client, DAN, id_, "end", words="", at=house.at())


def test_a_post_is_due_until_it_says_that_it_is_advertising_and_somebody_looked(house: House) -> None:
    id_ = house.taken()
    seen = {"address": "https://photos.test/lina/1", "posted_on": NOW.date(), "proof": "first line"}
    with pytest.raises(BadInput, match="no contract yet"):
        posts.post(house.chain, house.client, DAN, id_, disclosure="ad", at=house.at(), **seen)
    house.accepted(id_)
    due = posts.post(house.chain, house.client, Actor("link", "creator"), id_, disclosure="none", at=house.at(), **seen)
    with pytest.raises(BadInput, match="cannot be said"):
        posts.check(house.chain, house.client, DAN, id_, due, is_shown=True, at=house.at())
    posts.check(house.chain, house.client, DAN, id_, due, is_shown=False, at=house.at())
    mark = "a" * 64
    posts.disclose(house.chain, house.client, DAN, id_, due, disclosure="ad", proof="caption", evidence_hash=mark, at=house.at())
    posts.check(house.chain, house.client, DAN, id_, due, is_shown=True, at=house.at())
    row = house.chain.conn.execute(
        "SELECT state, disclosure, evidence_hash, checked_by FROM creator_post WHERE client_id = %s::uuid", (house.client.id,)
    ).fetchone()
    assert row == ("verified", "ad", mark, "dan")
    with pytest.raises(BadInput, match="lies ahead"):
        posts.post(house.chain, house.client, DAN, id_, disclosure="ad", at=house.at(),
                   **seen | {"posted_on": NOW.date() + timedelta(days=2)})  # fmt: skip
    with pytest.raises(BadInput, match="no address"):
        posts.post(house.chain, house.client, DAN, id_, disclosure="ad", at=house.at(), **seen | {"address": "data:x"})


def test_terms_may_wait_until_posts_disclose(house: House) -> None:
    conditions = {"who": "anyone", "if": ["advocate.posts == disclosed"], "at": ["release"], "if_late": "defer 90d"}
    act = {"document": HOUSE | {"advocates": conditions}, "version": 2, "live_from": NOW.isoformat()}
    at = house.at()
    append_act(house.chain, house.client, {"id": "publish-2", "type": "publish", "at": at.isoformat(), "act": act}, at=at)
    id_ = house.taken()
    house.accepted(id_)
    assert house.order("bob", "100.00") == ("1500",)
    seen = {"address": "https://photos.test/lina/1", "posted_on": NOW.date(), "proof": ""}
    due = posts.post(house.chain, house.client, DAN, id_, disclosure="none", at=house.at(), **seen)
    assert house.order("bob", "50.00", None) == ("1500",)
    posts.disclose(house.chain, house.client, DAN, id_, due, disclosure="ad", proof="", at=house.at())
    posts.check(house.chain, house.client, DAN, id_, due, is_shown=True, at=house.at())
    assert house.order("bob", "10.00", None) == ("1500", "750", "150")


def test_briefs_have_versions_for_the_program_and_for_one_creator(house: House) -> None:
    id_ = house.taken()
    for n in (1, 2):
        assert posts.brief(house.chain, house.client, CARL, "house", None, f"Show the coat {n}.", at=house.at()) == n
    assert posts.brief(house.chain, house.client, CARL, "house", id_, "Show the hat.", at=house.at()) == 1
    with pytest.raises(BadInput, match="empty"):
        posts.brief(house.chain, house.client, CARL, "house", id_, " ", at=house.at())


def test_every_deed_is_a_line_in_the_log_of_acts(house: House) -> None:
    id_ = house.taken()
    house.accepted(id_)
    contracts.set_state(house.chain, house.client, CARL, id_, "pause", words="holiday", at=house.at())
    rows = house.chain.conn.execute(
        "SELECT verb FROM action WHERE client_id = %s::uuid AND object_kind = 'creator' ORDER BY at", (house.client.id,)
    ).fetchall()
    assert [row[0] for row in rows] == [
        "creator.apply:form", "creator.vet:taken", "creator.vet:offered", "creator.vet:link", "creator.accept",
        "creator.vet:pause",
    ]  # fmt: skip


def test_who_is_forgotten_leaves_the_mark_of_the_text_and_nothing_that_names_them(house: House, tmp_path: Path) -> None:
    id_ = house.taken()
    house.accepted(id_)
    token = house.offered(id_)
    contracts.decline(house.chain, token, seen_hash=contracts.text_hash("You get 15 %."), words="My mother is ill.", at=house.at())
    party = creator_of(house.chain, house.client, id_).party
    assert party
    with pytest.raises(BadInput, match="has a contract"):
        forget(house.chain, house.client, CARL, id_, at=house.at())
    erase(house.chain, house.client, OPERATOR, party, tmp_path / "erasures", waived=None, now=house.at())
    assert creator_of(house.chain, house.client, id_).application is None
    contract, declined = contracts.contracts_of(house.chain, house.client, id_)
    assert (declined.text, declined.note, bool(declined.declined_at)) == ("", "", True)
    assert (contract.text, contract.text_hash) == ("", contracts.text_hash("You get 15 %."))
    with pytest.raises(LinkEnded):
        contracts.asked(house.chain, token, at=house.at())
    other = Application("M", "m@look.test", channels=("https://m.test/m",), consent="y")
    second, _ = apply(house.chain, house.client, DAN, "house", other, source="desk", at=house.at())
    forget(house.chain, house.client, CARL, second, at=house.at())
    assert (house.state(second), creator_of(house.chain, house.client, second).application) == ("declined", None)
