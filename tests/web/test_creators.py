"""Does somebody who applies from outside become a creator by the pages alone, and does each page show what its reader may see?"""

from __future__ import annotations

import html
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from tests.web.conftest import As
from tests.web.world import STAFF, World, day, document
from tests.worker.lane import Lane, lane_on

NAME = "Looks"
ROOM = "/c/looks/creators"
FORM = "/apply/looks/friends"
WRITTEN = {
    "name": "Lina Look",
    "email": "lina@look.test",
    "phone": "+49 170 5550199",
    "channels": "https://photos.test/lina\nhttps://video.test/lina",
    "audience": "12,000",
    "words": "I like coats.",
    "consent": "on",
}


@pytest.fixture(scope="module")
def lane(world: World) -> Iterator[Lane]:
    """A client of its own whose program works with contracts."""
    with lane_on(world.urls, "looks", world.keyring) as found:
        with psycopg.connect(world.urls.owner, autocommit=True) as owner:
            for name in ("dan", "carl", "vera", "audra"):
                row = (world.users[name], found.client_id, STAFF[name][1])
                owner.execute("INSERT INTO membership (user_id, client_id, role) VALUES (%s, %s, %s)", row)
        terms = document(
            "House looks",
            type="influencer",
            screening="off",
            contracts={"tail": "10d"},
            milestones={"joined": {"event": "signup"}, "order": {"event": "purchase", "repeat": {}}},
            friends={"new": "anyone"},
            advocates={"who": "anyone"},
            promises=[{"to": "advocate", "on": "order", "give": {"commission": {"percent": 8, "max": "50.00"}}}],
        )
        found.publish(terms, at=day(-3))
        yield found


@pytest.fixture
def outside(as_: As, lane: Lane) -> Any:
    """A browser of nobody; the count of applications from its address begins anew."""
    from goodword.actions import lockout

    lockout.of_applications("127.0.0.1").succeeded()
    return as_("")


def text(response: Any) -> str:
    return str(response.content.decode())


def wait_for(is_so: Callable[[], bool]) -> None:
    """Wait for what another thread does."""
    end = time.monotonic() + 10
    while not is_so() and time.monotonic() < end:
        time.sleep(0.02)


def creator(lane: Lane) -> str:
    """The id of who applied last."""
    rows = lane.rows("SELECT id::text FROM creator WHERE client_id = %s::uuid ORDER BY applied_at DESC", lane.client_id)
    return str(rows[0][0]).replace("-", "")


def taken(lane: Lane, as_: As, outside: Any, mail: str, code: str) -> str:
    """Somebody applied by the form and was taken; the address of the record."""
    outside.post(FORM, WRITTEN | {"email": mail, "phone": "", "name": f"Lina {code}"})
    page = f"{ROOM}/crt_{creator(lane)}"
    assert as_("carl").post(f"{page}/vet", {"granted": "yes", "code": code}).status_code == 303
    return page


def offered(as_: As, page: str, **more: str) -> str:
    """The path of the link that was shown."""
    given = {"text": "We agree.", "percent-order": "15", "most-order": "90.00"} | more
    told = text(as_("carl").post(f"{page}/offer", given))
    found = re.search(r'value="https?://[^/"]+(/creator/[^"]+)"', told)
    assert found, told[-3000:]
    return found[1]


def accepted(as_: As, outside: Any, page: str) -> str:
    link = offered(as_, page)
    mark = re.search(r'name="text" value="([0-9a-f]{64})"', text(outside.get(link)))
    assert mark
    assert outside.post(link, {"deed": "accept", "text": mark[1]}).status_code == 303
    return link


def test_the_form_says_what_is_asked_and_keeps_nothing_without_consent(outside: Any, lane: Lane) -> None:
    told = text(outside.get(FORM))
    assert "Channels" in told and "I agree that Looks" in told.replace("looks", "Looks")
    assert "<script" not in told
    refused = outside.post(FORM, {name: value for name, value in WRITTEN.items() if name != "consent"})
    assert refused.status_code == 422
    assert "Nobody agreed yet" in text(refused) and "photos.test/lina" in text(refused)
    assert outside.post(FORM, WRITTEN | {"channels": "javascript:alert(1)"}).status_code == 422
    assert lane.count("creator") == 0


def test_an_application_is_thanked_for_and_a_second_one_gets_the_same_thanks(outside: Any, lane: Lane) -> None:
    for _ in range(2):
        answer = outside.post(FORM, WRITTEN)
        assert answer.status_code == 303
    assert "Thank you" in text(outside.get(answer["Location"]))
    assert lane.count("creator") == 1


def test_nobody_learns_from_the_form_which_clients_there_are(outside: Any) -> None:
    for path in ("/apply/nosuch/friends", "/apply/acme/friends", "/apply/looks/nosuch"):
        answer = outside.get(path)
        assert answer.status_code == 404
        assert "globex" not in text(answer)


def test_too_many_applications_from_one_address_have_to_wait(outside: Any) -> None:
    answers = [outside.post(FORM, WRITTEN).status_code for _ in range(12)]
    assert answers[0] == 303 and answers[-1] == 429


def test_a_manager_takes_somebody_and_an_agent_may_not(outside: Any, lane: Lane, as_: As) -> None:
    outside.post(FORM, WRITTEN | {"email": "two@look.test", "phone": ""})
    page = f"{ROOM}/crt_{creator(lane)}"
    assert "Take or decline" in text(as_("carl").get(page))
    assert "Take or decline" not in text(as_("dan").get(page))
    assert as_("dan").post(f"{page}/vet", {"granted": "yes", "code": "TWO22"}).status_code == 403
    refused = as_("carl").post(f"{page}/vet", {"granted": "yes", "code": "a b"})
    assert refused.status_code == 422 and "This is no code" in text(refused)
    as_("carl").post(f"{page}/vet", {"granted": "no", "why": "audience", "words": "too few"})
    assert "The audience does not fit" in text(as_("dan").get(page))


def test_the_contract_is_accepted_behind_the_link_and_rules_from_then_on(outside: Any, lane: Lane, as_: As) -> None:
    page = taken(lane, as_, outside, "three@look.test", "THREE3")
    refused = as_("carl").post(f"{page}/offer", {"text": "We agree.", "percent-order": "much"})
    assert refused.status_code == 422 and "This is no share" in text(refused) and "We agree." in text(refused)
    link = offered(as_, page)
    told = text(outside.get(link))
    assert "We agree." in told and "a commission of 15 % of the order, at most 90.00 EUR" in told
    assert "<script" not in told
    assert as_("carl").get(link).status_code == 403
    assert outside.post(link, {"deed": "accept", "text": "0" * 64}).status_code == 422
    mark = re.search(r'name="text" value="([0-9a-f]{64})"', told)
    assert mark
    assert outside.post(link, {"deed": "accept", "text": mark[1]}).status_code == 303
    assert "THREE3" in text(outside.get(link))
    record = text(as_("dan").get(page))
    assert mark[1] in record and "Contract accepted" in record
    assert (
        lane.rows("SELECT count(*) FROM code WHERE client_id = %s::uuid AND code = 'THREE3'", lane.client_id)[0][0] == 1
    )
    replaced = offered(as_, page, **{"percent-order": "20"})
    assert outside.get(link).status_code == 410
    assert "version <bdi>1</bdi> rules" in text(outside.get(replaced))


def test_rates_by_the_value_of_an_order_are_typed_one_a_line(outside: Any, lane: Lane, as_: As) -> None:
    page = taken(lane, as_, outside, "eight@look.test", "EIGHT8")
    rates = {"percent-order": "", "rates-order": "500 10\n1.000,00 EUR: 11,5 %\n12", "sliced-order": "on"}
    told = text(outside.get(offered(as_, page, **rates)))
    assert "10 % below 500.00 EUR, 11.5 % below 1000.00 EUR, 12 % above, slice by slice" in told


@pytest.mark.parametrize(
    ("rates", "why"),
    [
        ("12", "Line 1"),
        ("500 10\nmuch", "Line 2, “much”"),
        ("10\n12", "Line 1, “10”"),
        ("500 10\n900 12", "Line 2, “900 12”"),
        ("500 USD 10\n12", "Line 1, “500 USD 10”"),
        ("900 10\n500 11\n12", "must rise"),
        (" " * 60 + "5" * 900 + " x\n12", "Line 1"),
    ],
)
def test_rates_that_cannot_be_read_are_named_by_their_line(
    outside: Any, lane: Lane, as_: As, rates: str, why: str
) -> None:
    page = taken(lane, as_, outside, f"rates{lane.count('creator')}@look.test", f"RATE{lane.count('creator')}")
    typed = {"text": "We agree.", "rates-order": rates, "most-order": "90.00"}
    refused = as_("carl").post(f"{page}/offer", typed)
    told = html.unescape(text(refused))
    assert (refused.status_code, why in told) == (422, True), told[-2000:]
    assert rates.strip()[:20] in told  # what was typed stands there still


def test_the_rail_counts_what_waits_and_the_person_leads_to_the_creator(outside: Any, lane: Lane, as_: As) -> None:
    page = taken(lane, as_, outside, "seven@look.test", "SEVEN7")
    accepted(as_, outside, page)
    told = text(as_("dan").get(page))
    person = re.search(r"/c/looks/people/prs_[0-9a-f]{32}", told)
    assert person
    assert page in text(as_("dan").get(person[0]))
    outside.post(FORM, WRITTEN | {"email": "eight@look.test", "phone": ""})
    assert re.search(r'Creators</span><bdi class="waits"[^>]*>\d+<', text(as_("dan").get(ROOM)))


def test_a_contract_is_declined_behind_the_link_and_the_desk_offers_another(outside: Any, lane: Lane, as_: As) -> None:
    page = taken(lane, as_, outside, "nine@look.test", "NINE99")
    link = offered(as_, page)
    told = text(outside.get(link))
    mark = re.search(r'name="text" value="([0-9a-f]{64})"', told)
    assert mark and "I do not want it…" in told and "There is no contract then." in told
    refused = outside.post(link, {"deed": "decline", "text": mark[1], "note": "x" * 2001})
    assert refused.status_code == 422 and "Shorten it" in text(refused)
    assert outside.post(link, {"deed": "decline", "text": mark[1], "note": "Twenty, please."}).status_code == 303
    told = text(outside.get(link))
    assert "You declined version <bdi>1</bdi>" in told and "Twenty, please." in told and "I accept" not in told
    assert "Nothing waits for your answer" in text(outside.post(link, {"deed": "accept", "text": mark[1]}))
    record = text(as_("carl").get(page))
    assert "declined by the creator" in record and "Twenty, please." in record and "Contract declined" in record
    assert "Offer another version…" in record
    assert "declined what was offered" in text(as_("dan").get(f"{ROOM}?state=vetted"))
    assert "Twenty, please." not in text(as_("audra").get(page))
    accepted(as_, outside, page)
    assert "active</span>" in text(as_("carl").get(page))


def test_the_link_is_mailed_by_the_letter_that_was_shown(
    outside: Any, lane: Lane, as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.core import mail
    from django.test import override_settings

    page = taken(lane, as_, outside, "ten@look.test", "TEN100")
    assert "Send it by mail" not in text(as_("carl").post(f"{page}/offer", {"text": "We agree."}))
    assert "no mail server" in text(as_("carl").post(f"{page}/mail", {"path": "/creator/x"}, follow=True))
    monkeypatch.setenv("GOODWORD_SMTP_HOST", "mail.test")
    monkeypatch.setenv("GOODWORD_PUBLIC_URL", "https://desk.test")
    told = text(as_("carl").post(f"{page}/link"))
    assert "Send it by mail" in told and "ten@look.test" in told and f"A contract with {NAME} for you" in told
    path = re.search(r'name="path" value="([^"]+)"', told)
    assert path and f"https://desk.test{path[1]}" in told
    assert as_("dan").post(f"{page}/mail", {"path": path[1]}).status_code == 403
    assert as_("carl").post(f"{page}/mail", {"path": "/creator/other"}).status_code == 422
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        mail.outbox = []
        answer = as_("carl").post(f"{page}/mail", {"path": path[1]})
        assert answer.status_code == 303
        wait_for(lambda: bool(mail.outbox))
    (letter,) = mail.outbox
    assert (letter.to, letter.subject) == (["ten@look.test"], f"A contract with {NAME} for you")
    assert f"https://desk.test{path[1]}" in letter.body and "Hello Lina TEN100," in letter.body
    record = text(as_("carl").get(page))
    assert "Link sent by mail" in record and path[1] not in record


def test_the_letter_speaks_the_language_in_which_the_form_was_read(
    outside: Any, lane: Lane, as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOODWORD_SMTP_HOST", "mail.test")
    applied = WRITTEN | {"email": "grete@look.test", "phone": "", "name": "Grete"}
    outside.post(FORM, applied, headers={"accept-language": "de"})
    page = f"{ROOM}/crt_{creator(lane)}"
    assert as_("carl").post(f"{page}/vet", {"granted": "yes", "code": "GRETE"}).status_code == 303
    told = text(as_("carl").post(f"{page}/offer", {"text": "We agree.", "percent-order": "15", "most-order": "90.00"}))
    assert f"Ein Vertrag mit {NAME} für Sie" in told and 'class="letter" lang="de"' in told
    assert "What will be sent" in told, "the page around it speaks the reader's"
    assert f"A contract with {NAME} for you" not in told


def test_the_list_is_walked_page_by_page_whoever_waits_first(
    outside: Any, lane: Lane, as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    from goodword.store.reads import creators as reads

    for n in range(3):  # more than a page, whatever ran before
        outside.post(FORM, WRITTEN | {"email": f"walked-{n}@look.test", "phone": "", "name": f"Lina {n}"})
    known = reads.listed
    monkeypatch.setattr(reads, "listed", lambda *given, **named: known(*given, **{"size": 2} | named))
    seen: list[str] = []
    states: list[str] = []
    address = ROOM
    for _ in range(30):
        told = text(as_("carl").get(address))
        seen += re.findall(r'data-ref="(crt_[0-9a-f]{32})"', told)
        states += re.findall(r'data-label="State"><span><span class="badge (\w+)"', told)
        following = re.search(r'<a class="btn" href="([^"]+)" rel="next">', told)
        if not following:
            break
        address = ROOM + following[1].replace("&amp;", "&")
    rows = lane.rows("SELECT id::text FROM creator WHERE client_id = %s::uuid", lane.client_id)
    everybody = {f"crt_{row[0]}".replace("-", "") for row in rows}
    assert len(seen) == len(set(seen)) and set(seen) == everybody
    assert [tone for n, tone in enumerate(states) if not n or states[n - 1] != tone] == list(dict.fromkeys(states))
    assert "To the beginning" in told
    assert as_("carl").get(f"{ROOM}?at=nothing").status_code == 404
    assert text(as_("carl").get(f"{ROOM}.csv")).count("crt_") == len(everybody)


def test_the_room_stands_in_the_rail_of_clients_that_work_with_creators(lane: Lane, as_: As) -> None:
    assert f'href="{ROOM}"' in text(as_("carl").get("/c/looks/programs"))
    told = text(as_("carl").get("/c/acme/programs"))
    assert 'href="/c/acme/creators"' not in told
    assert as_("carl").get("/c/acme/creators").status_code == 200


def test_posts_are_told_outside_and_checked_inside(outside: Any, lane: Lane, as_: As) -> None:
    page = taken(lane, as_, outside, "four@look.test", "FOUR44")
    link = accepted(as_, outside, page)
    as_("carl").post(f"{page}/brief", {"brief": "Show the hat."})
    as_("carl").post(f"{ROOM}/brief/friends", {"brief": "Show the coat."})
    told = text(outside.get(link))
    assert "Show the hat." in told and "Show the coat." in told
    today = f"{day(0):%Y-%m-%d}"
    given = {"deed": "post", "address": "https://photos.test/four/1", "posted_on": today, "disclosure": "none"}
    assert outside.post(link, given | {"address": "ftp://x"}).status_code == 422
    assert outside.post(link, given).status_code == 303
    assert "disclosure is due" in text(as_("dan").get(page))
    assert "1</bdi> without disclosure" in text(as_("dan").get(ROOM))
    post = re.search(r'name="post" value="([0-9a-f]{32})"', text(outside.get(link)))
    assert post
    from django.core.files.uploadedfile import SimpleUploadedFile

    proof = SimpleUploadedFile("proof.png", b"a picture")
    outside.post(link, {"deed": "disclose", "post": post[1], "disclosure": "ad", "evidence": proof})
    dan = as_("dan")
    assert "waits for a check" in text(dan.get(page))
    assert dan.post(f"{page}/check", {"post": post[1], "shown": "yes"}).status_code == 303
    assert ">disclosed</span>" in text(dan.get(page))
    dan.post(f"{page}/post", {"address": "https://photos.test/four/2", "posted_on": today, "disclosure": "spoken"})
    assert "https://photos.test/four/2" in text(dan.get(page))


def test_pause_resume_and_end_are_deeds_of_the_page(outside: Any, lane: Lane, as_: As) -> None:
    page = taken(lane, as_, outside, "five@look.test", "FIVE55")
    accepted(as_, outside, page)
    carl = as_("carl")
    for deed, state in (("pause", "paused"), ("resume", "active"), ("end", "ended")):
        assert carl.post(f"{page}/turn", {"deed": deed, "words": "holiday"}).status_code == 303
        assert f"{state}</span>" in text(carl.get(page))
    refused = carl.post(f"{page}/turn", {"deed": "pause"})
    assert refused.status_code == 422 and "cannot be done now" in text(refused)


def test_who_needs_no_names_sees_none(outside: Any, lane: Lane, as_: As) -> None:
    page = taken(lane, as_, outside, "six@look.test", "SIX666")
    accepted(as_, outside, page)
    for who in ("vera", "audra"):
        told = text(as_(who).get(page)) + text(as_(who).get(ROOM)) + text(as_(who).get(f"{ROOM}.csv"))
        assert "SIX666" in told
        for secret in ("Lina SIX666", "six@look.test", "photos.test", "We agree."):
            assert secret not in told
    assert "Lina SIX666" in text(as_("dan").get(f"{ROOM}.csv"))
    assert as_("dev").get(ROOM).status_code in (403, 404)
    assert as_("gil").get(page).status_code == 404
    wrong_client = page.replace("/looks/", "/acme/")
    assert as_("dan").get(wrong_client).status_code == 404
    assert as_("carl").post(f"{wrong_client}/forget").status_code == 404


def test_an_application_at_the_desk_is_kept_and_can_be_forgotten(outside: Any, lane: Lane, as_: As) -> None:
    given = WRITTEN | {"program": "friends", "email": "desk@look.test", "phone": "", "name": "Desk Person"}
    refused = as_("dan").post(f"{ROOM}/apply", given | {"email": "none"})
    assert refused.status_code == 422 and "Desk Person" in text(refused)
    answer = as_("dan").post(f"{ROOM}/apply", given)
    assert "Desk Person" in text(as_("dan").get(answer["Location"]))
    assert as_("dan").post(f"{answer['Location']}/forget").status_code == 403
    as_("carl").post(f"{answer['Location']}/forget")
    assert "Desk Person" not in text(as_("carl").get(answer["Location"])) + text(as_("carl").get(ROOM))
