"""Is anybody found by anything, is the other client guarded, and is what an agent enters decided by the published rules?"""

from __future__ import annotations

import re
from typing import Any

import psycopg
import pytest

from tests.web.conftest import As
from tests.web.test_desk import text_of
from tests.web.world import CANARY, day


def path_of(world: Any, client: str, name: str) -> str:
    return f"/c/{client}/people/prs_{world.people[f'{client}/{name}']}"


# -- people --------------------------------------------------------------------------------------------------------------


def test_where_is_my_reward_is_answered_first(world: Any, as_: As) -> None:
    dan = as_("dan")
    for typed in ("bob@x.test", "o-bob", "+49 (151) 55 00002", "Builder", "bob"):
        answer = dan.post("/c/acme/search", {"q": typed})
        assert answer.headers["Location"] == path_of(world, "acme", "bob"), typed
    page = dan.get(path_of(world, "acme", "bob")).content.decode()
    assert page.index("Not rewarded yet.") < page.index("Rewards")
    assert 'data-copy="answer" aria-keyshortcuts="i"' in page
    assert re.search(r'<textarea id="answer"[^>]*>Your invitation by Alice A\. \(Autumn friends\): Almost there', page)
    assert "Pending" in page and "20.00" in page and "b…@x.test" in page and "bob@x.test" not in page


def test_an_event_leads_to_whose_it_is(world: Any, as_: As) -> None:
    dan, event = as_("dan"), world.event_path("acme", "paid-bob")
    assert f"{event}/person" in dan.get(event).content.decode()
    assert dan.get(f"{event}/person").headers["Location"] == path_of(world, "acme", "bob")
    assert dan.get(f"/c/acme/events/evt_{world.events['globex/paid-bob']}/person").status_code == 404
    assert f"{event}/person" not in as_("dev").get(event).content.decode()


def test_the_contact_in_full_is_an_act_that_is_kept(world: Any, as_: As) -> None:
    path = path_of(world, "acme", "bob")
    page = as_("dan").post(f"{path}/contact").content.decode()
    assert "bob@x.test" in page and "kept in the log of acts" in page
    assert as_("dan").get(f"{path}/contact").status_code == 405
    assert as_("audra").post(f"{path}/contact").status_code == 403
    with psycopg.connect(world.urls.owner) as owner:
        kept = owner.execute("SELECT actor, object_id FROM action WHERE verb = 'person.reveal'").fetchall()
    assert (world.users["dan"], world.people["acme/bob"]) in kept


def test_an_auditor_reads_initials_and_no_contact(world: Any, as_: As) -> None:
    page = as_("audra").get(path_of(world, "acme", "bob")).content.decode()
    assert "B. B." in page and "Builder" not in page and "x.test" not in page and "your role does not show it" in page
    assert as_("vera").get(path_of(world, "acme", "bob")).status_code == 403


@pytest.mark.parametrize("typed", ["oberhausen", "ANNA KATHARINA", "cleo d'arc", "نور", "王小"])
def test_a_name_is_found_whatever_its_script(world: Any, as_: As, typed: str) -> None:
    page = as_("dan").post("/c/acme/people", {"q": typed}).content.decode()
    assert "Searched by name" in page and "1 person of that name" in page, typed


def test_several_of_a_name_are_listed_without_the_name_in_the_address(world: Any, as_: As) -> None:
    dan = as_("dan")
    answer = dan.post("/c/acme/search", {"q": "extra number"})
    assert answer.headers["Location"].startswith("/c/acme/people?among=") and "xtra" not in answer.headers["Location"]
    assert dan.get(answer.headers["Location"]).content.decode().count("Extra Number") == 20
    assert "everybody who is part of a referral" in dan.post("/c/acme/people", {"q": "nobody at all"}).content.decode()


def test_an_erased_person_is_said_to_be(world: Any, as_: As) -> None:
    path = path_of(world, "acme", "extra9")
    with psycopg.connect(world.urls.owner, autocommit=True) as owner:
        owner.execute("UPDATE party SET erased_at = now() WHERE id = %s", (world.people["acme/extra9"],))
        page = as_("dan").get(path).content.decode()
        owner.execute("UPDATE party SET erased_at = NULL WHERE id = %s", (world.people["acme/extra9"],))
    assert "Erased on" in page and "Extra Number 9" not in text_of(page, r"<main.*</main>").split("Was referred")[0]


# -- the guard against the wrong client ----------------------------------------------------------------------------------


def test_what_belongs_to_another_client_of_mine_is_offered(world: Any, as_: As) -> None:
    olga = as_("olga")
    answer = olga.post("/c/acme/search", {"q": f"{CANARY}1"})
    assert answer.headers["Location"].startswith("/c/acme/referrals?nothing=1&offer=")
    page = olga.get(answer.headers["Location"]).content.decode()
    assert "Switch to Globex and open it" in page and f"/c/globex/referrals?code={CANARY.upper()}1" in page
    other = as_("dan").get(answer.headers["Location"]).content.decode()
    assert "Switch to Globex" not in other, "an offer is for the one who searched"


def test_what_belongs_to_a_client_of_others_is_exactly_not_found(world: Any, as_: As) -> None:
    dan = as_("dan")
    for typed in (f"{CANARY}1", world.referrals["globex/bob"], f"evt_{world.events['globex/paid-bob']}", "never@seen.test"):
        assert dan.post("/c/acme/search", {"q": typed}).headers["Location"] == "/c/acme/referrals?nothing=1", typed


# -- entering ------------------------------------------------------------------------------------------------------------


def entry(**more: str) -> dict[str, str]:
    typed = {"referrer": "code-alice", "friend": "Petra Phone", "contact": "petra@phone.test", "consent": "phone",
             "order": "P-1 64,50", "once": "ab" * 16}  # fmt: skip
    return typed | more


def test_a_referral_by_phone_is_entered_and_decided(world: Any, as_: As) -> None:
    dan = as_("dan")
    answer = dan.post("/c/acme/referrals/new", entry())
    assert answer.status_code == 303, answer.content.decode()[-3000:]
    page = dan.get(answer.headers["Location"]).content.decode()
    assert "Entered for Acme and decided." in page and "petra" not in answer.headers["Location"].lower()
    ref = re.search(r"/c/acme/referrals/(ref_[0-9a-f]{32})", page)
    assert ref, "the page leads to the story"
    story = dan.get(f"/c/acme/referrals/{ref[1]}").content.decode()
    assert "Petra Phone" in story and "64.50" in story and "Alice Advocate" in story
    again = dan.post("/c/acme/referrals/new", entry(known="1"))
    assert again.headers["Location"] == answer.headers["Location"], "sent twice is entered once"
    other = dan.post("/c/acme/referrals/new", entry(known="1", friend="Somebody Else"))
    assert other.status_code == 422 and "sent before with other content" in other.content.decode()
    with psycopg.connect(world.urls.owner) as owner:
        assert owner.execute("SELECT count(*) FROM event WHERE source = 'desk' AND type = 'signup'").fetchone() == (1,)
        assert owner.execute("SELECT role FROM action WHERE verb = 'referral.add'").fetchall()[0] == ("agent",)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"referrer": "NOSUCH"}, "No code and nobody of this client fits exactly"),
        ({"referrer": ""}, "Give the code of the referrer"),
        ({"contact": "petra"}, "Give an e-mail address, or a phone number"),
        ({"contact": "petra@"}, "no whole e-mail address"),
        ({"consent": ""}, "Without their consent the contact may not be kept"),
        ({"order": "P-2"}, "number and its amount"),
        ({"order": "P-2 1.234"}, "no clear amount"),
        ({"contact": "alice@x.test"}, "Nobody can refer themselves"),
        ({"contact": "cleo@x.test"}, "This person is known already"),
        ({"friend": ""}, "Give the friend&#x27;s name"),
    ],
)
def test_what_cannot_be_entered_is_said_and_nothing_typed_is_lost(world: Any, as_: As, more: dict[str, str], says: str) -> None:
    answer = as_("dan").post("/c/acme/referrals/new", entry(once="cd" * 16, **more))
    page = answer.content.decode()
    assert answer.status_code == 422 and says in page
    assert "Petra Phone" in page or not more.get("friend", "x")
    assert 'value="P-1 64,50"' in page or "order" in more
    with psycopg.connect(world.urls.owner) as owner:
        assert owner.execute("SELECT count(*) FROM event WHERE source = 'desk' AND facts LIKE '%%P-2%%'").fetchone() == (0,)


def test_who_is_typed_is_shown_before_anything_is_saved(world: Any, as_: As) -> None:
    part = as_("dan").post("/c/acme/referrals/new/known", {"referrer": "anna7", "contact": "cleo@x.test"}).content.decode()
    assert "The code of" in part and "Oberhausen" in part and "known already" in part and "ref_" in part
    assert as_("vera").get("/c/acme/referrals/new").status_code == 403


# -- late claims ---------------------------------------------------------------------------------------------------------


def claimed(**more: str) -> dict[str, str]:
    return {"referrer": "code-alice", "told_by": "phone", "told_on": f"{day(-1).date()}", "evidence": "Forgot the code at the till",
            "reference": "call 17", "once": "ef" * 16} | more  # fmt: skip


@pytest.fixture(scope="module")
def organic(world: Any) -> dict[str, str]:
    """Two people who bought without anybody who referred them: lately, and long ago. name -> party."""
    from tests.worker.lane import lane_on

    found = {}
    with lane_on(world.urls, "acme", world.keyring) as lane:
        for name, n in (("orla", -2), ("omar", -60), ("olaf", -3)):
            person = {"id": name, "email": f"{name}@x.test", "name": name.title()}
            at = day(n).isoformat()
            lane.send({"id": f"join-{name}", "type": "signup", "at": at, "person": person | {"attributes": {"status": "active"}}})
            order = {"id": f"o-{name}", "amount": "70.00", "currency": "EUR"}
            lane.send({"id": f"paid-{name}", "type": "purchase", "at": at, "person": person, "order": order})
        lane.drain_all(now=day(0))
        token = lane.lanes.vault.open_client(lane.client_id).token
        for name in ("orla", "omar", "olaf"):
            rows = lane.rows("SELECT party_id FROM identifier WHERE kind = 'id' AND token = %s::uuid", token("id", name))
            found[name] = rows[0][0].replace("-", "") if isinstance(rows[0][0], str) else rows[0][0].hex
    return found


def test_a_late_claim_wins_where_nobody_else_did(world: Any, as_: As, organic: dict[str, str]) -> None:
    dan, path = as_("dan"), f"/c/acme/people/prs_{organic['orla']}"
    page = dan.get(path).content.decode()
    assert "No referral." in page and f"{path}/referrer" in page
    answer = dan.post(f"{path}/referrer", claimed())
    assert answer.status_code == 303, answer.content.decode()[-2000:]
    won = dan.get(answer.headers["Location"]).content.decode()
    assert "The claim won." in won and "till" not in won
    assert "late claim" in dan.get("/c/acme/referrals?method=claim").content.decode()
    again = dan.post(f"{path}/referrer", claimed(once="aa" * 16))
    assert again.status_code == 422 and "Somebody referred this person already" in again.content.decode()
    assert "Forgot the code at the till" in again.content.decode(), "what was typed stays"


def test_a_claim_that_comes_too_late_is_kept_with_its_reason(world: Any, as_: As, organic: dict[str, str]) -> None:
    dan, path = as_("dan"), f"/c/acme/people/prs_{organic['omar']}/referrer"
    answer = dan.post(path, claimed(once="bb" * 16))
    page = dan.get(answer.headers["Location"]).content.decode()
    assert "The claim did not win." in page and "allowed" in page
    twice = dan.post(path, claimed(once="cc" * 16))
    assert twice.status_code == 422 and "It counts once" in twice.content.decode()


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"referrer": "olaf@x.test"}, "Nobody can refer themselves"),
        ({"referrer": "NOSUCH"}, "No code and nobody"),
        ({"told_on": "soon"}, "is not a day"),
        ({"told_on": "2099-01-01"}, "lies ahead"),
        ({"evidence": ""}, "Say what was told"),
        ({"told_by": ""}, "Say how you were told"),
    ],
)
def test_a_claim_that_says_too_little_is_not_entered(
    world: Any, as_: As, organic: dict[str, str], more: dict[str, str], says: str
) -> None:
    answer = as_("dan").post(f"/c/acme/people/prs_{organic['olaf']}/referrer", claimed(once="dd" * 16, **more))
    assert answer.status_code == 422 and says in answer.content.decode()
    assert 'value="call 17"' in answer.content.decode()


def test_a_claim_about_a_referred_friend_is_refused_before_it_is_sent(world: Any, as_: As) -> None:
    page = as_("dan").get(f"{path_of(world, 'acme', 'bob')}/referrer").content.decode()
    assert "A claim would change nothing here." in page and "ref_" in page
