"""Do people decide what is held: one and the next, with undo, never over somebody else's word, and only what is theirs to see?"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import psycopg
import pytest

from goodword.actions import permissions
from goodword.actions.permissions import May
from tests.web.conftest import As
from tests.web.world import NOW, day
from tests.worker.lane import Lane, lane_on

FRIENDS = 6


@pytest.fixture(scope="module")
def lane(world: Any) -> Iterator[Lane]:
    """Acme's lane, with more friends who share Alice's telephone: each held, each with a first order."""
    with lane_on(world.urls, "acme", world.keyring) as acme:
        for n in range(FRIENDS):
            who = {
                "id": f"held{n}",
                "email": f"held{n}@x.test",
                "name": f"Held Number {n}",
                "attributes": {"status": "active"},
            }
            context = {"context": {"device": "alices-phone"}}
            join, paid = day(-30 + n * 3), day(-30 + n * 3 + 1)
            acme.send(
                {"id": f"j{n}", "type": "signup", "at": join.isoformat(), "person": who, "code": "CODE-ALICE", **context},
                {"id": f"p{n}", "type": "purchase", "at": paid.isoformat(), "person": who,
                 "order": {"id": f"h-{n}", "amount": "60.00", "currency": "EUR"}},
                received_at=NOW,
            )  # fmt: skip
        acme.drain_all(now=NOW)
        acme.advance(NOW, now=NOW)
        yield acme


def held(lane: Lane) -> list[str]:
    rows = lane.rows(
        "SELECT id FROM referral WHERE client_id = %s::uuid AND state = 'held' ORDER BY points DESC, id DESC",
        lane.client_id,
    )
    return [str(row[0]).replace("-", "") for row in rows]


def state(lane: Lane, id: str) -> str:
    return str(
        lane.rows("SELECT state FROM referral WHERE client_id = %s::uuid AND id = %s::uuid", lane.client_id, id)[0][0]
    )


def text(response: Any) -> str:
    body = response.content.decode() if not response.streaming else b"".join(response.streaming_content).decode()
    main = re.search(r"<main.*</main>", body, re.DOTALL)
    plain = re.sub(r"<[^>]+>", " ", main[0] if main else body)
    return re.sub(r"\s+", " ", unescape(plain).replace("\u00a0", " ")).strip()


def decide(browser: Any, id: str, decision: str, seen: int = 0, **more: Any) -> Any:
    return browser.post(f"/c/acme/review/ref_{id}/decide", {"decision": decision, "seen": seen, "filter": "", **more})


def toasts(browser: Any) -> list[dict[str, str]]:
    return list(browser.session.get("toasts", []))


def test_the_queue_says_what_waits_and_what_it_holds(lane: Lane, as_: As) -> None:
    dan = as_("dan")
    said = text(dan.get("/c/acme/review"))
    assert f"{FRIENDS + 1} referrals wait for a person" in said
    assert f"{(FRIENDS + 1) * 30}.00 EUR held" in said
    assert "Referrer and friend used the same device." in said
    narrowed = text(dan.get("/c/acme/review?signal=same_phone"))
    assert "Nothing held fits these filters" in narrowed
    assert dan.get("/c/acme/review?signal=nosuch").status_code == 404
    assert text(dan.get("/c/acme/review?least=30")).count("Number") == FRIENDS
    assert "Nothing held" in text(dan.get("/c/acme/review?least=90"))


def test_the_queue_as_a_file_and_as_data(lane: Lane, as_: As) -> None:
    dan = as_("dan")
    lines = dan.get("/c/acme/review.csv").content.decode().splitlines()
    assert len(lines) == FRIENDS + 2 and "same_device" in lines[1]
    assert len(dan.get("/c/acme/review.json").json()) == FRIENDS + 1
    assert lane.count("action", "verb = 'export.review'") == 2


def test_an_item_shows_its_evidence(lane: Lane, as_: As) -> None:
    response = as_("dan").get(f"/c/acme/review/ref_{held(lane)[0]}")
    said = text(response)
    for told in (
        "points, held from 30",
        "Same device",
        "Alice Advocate",
        "Referrer and friend share 1 thing",
        "people known here",
    ):
        assert told in said, told
    assert "<svg viewBox" in response.content.decode()
    assert "Cases like this" in said and "denied by points" in said, "Mallory was denied with the same finding"
    assert "“Not this time.”" in said, "what the two will read"
    assert "style=" not in re.sub(
        r'"stylesheet"', "", response.content.decode().split("<main", 1)[1].split("</main>")[0]
    )


def test_one_decision_and_the_next_item_is_served(lane: Lane, as_: As) -> None:
    dan, (first, second, *_) = as_("dan"), held(lane)
    answer = decide(dan, first, "clear")
    assert (answer.status_code, answer["Location"]) == (303, f"/c/acme/review/ref_{second}")
    assert state(lane, first) in ("qualified", "rewarded")
    (told,) = toasts(dan)
    assert told["text"].startswith(f"ref_{first[:8]} cleared: 30.00") and told["undo"].endswith("undo?seen=1")
    back = dan.post(told["undo"])
    assert back.status_code == 303 and state(lane, first) == "held"
    denied = decide(dan, first, "deny:fake", 2)
    assert denied.status_code == 303 and state(lane, first) == "denied"
    page = text(dan.get(f"/c/acme/review/ref_{first}"))
    assert "cleared by Dan" in page and "taken back by Dan" in page and "denied (Fake) by Dan" in page
    # after a denial a person may clear, and take that back: the denial stands again
    assert decide(dan, first, "clear", 3).status_code == 303
    assert state(lane, first) != "denied"
    dan.post(f"/c/acme/review/ref_{first}/undo?seen=4")
    assert state(lane, first) == "denied"
    lane.assert_sound()


def test_what_was_payable_comes_back_by_a_counter_entry_and_what_was_sent_does_not(lane: Lane, as_: As) -> None:
    dan, carl = as_("dan"), as_("carl")
    oldest = lane.rows(
        "SELECT r.id FROM referral r JOIN reward w ON w.client_id = r.client_id AND w.referral_id = r.id WHERE"
        " r.client_id = %s::uuid AND r.state = 'held' AND w.due_at < %s ORDER BY r.id", lane.client_id, NOW,
    )  # fmt: skip
    id = str(oldest[0][0]).replace("-", "")
    decide(dan, id, "clear")
    assert lane.count("reward", f"state = 'payable' AND referral_id = '{id}'") == 2
    assert dan.post(f"/c/acme/review/ref_{id}/undo?seen=1").status_code == 303
    assert lane.count("reward", f"state = 'in_review' AND referral_id = '{id}'") == 2
    assert lane.count("entry", f"reason = 'held_again' AND referral_id = '{id}'") == 4
    decide(dan, id, "clear", 2)
    ((reward,),) = lane.rows(
        "SELECT id FROM reward WHERE client_id = %s::uuid AND referral_id = %s::uuid AND state = 'payable' LIMIT 1",
        lane.client_id, id,
    )  # fmt: skip
    lane.send(
        {"id": "sent-1", "type": "sent", "at": NOW.isoformat(), "act": {"reward": str(reward).replace("-", "")}},
        received_at=NOW,
    )
    lane.drain_all(now=NOW)
    carl.post(f"/c/acme/review/ref_{id}/undo?seen=3")
    assert "It cannot be taken back: a reward was sent." in toasts(carl)[0]["text"]
    assert lane.count("reward", f"state = 'sent' AND referral_id = '{id}'") == 1
    assert "A reward was sent, so the decision stands." in text(carl.get(f"/c/acme/review/ref_{id}"))
    lane.assert_sound()


def test_of_two_people_the_second_is_told_and_loses_nothing(lane: Lane, as_: As) -> None:
    dan, carl, id = as_("dan"), as_("carl"), held(lane)[0]
    assert decide(carl, id, "deny:duplicate").status_code == 303
    before = lane.count("action", "verb = 'referral.review'")
    late = decide(dan, id, "clear", words="they are sisters")
    assert late.status_code == 409
    said = text(late)
    assert "Somebody was faster; your decision was not taken." in said and "Carl wrote “denied”" in said
    assert "they are sisters" in said and 'name="seen" value="1"' in late.content.decode()
    assert state(lane, id) == "denied"
    assert lane.count("action", "verb = 'referral.review'") == before, (
        "nothing was done, so nothing is in the log of acts"
    )
    # the race that no page sees: both had read the same, and the core refuses the second
    other = held(lane)[0]
    for n, verdict in enumerate(("clear", "deny")):
        act = {"referral": other, "verdict": verdict, "why": "other", "seen": 0}
        lane.send({"id": f"race-{n}", "type": "review", "at": NOW.isoformat(), "act": act}, received_at=NOW)
    lane.drain_all(now=NOW)
    assert state(lane, other) != "denied"
    lane.assert_sound()


def test_a_form_that_says_nothing_is_sent_back_with_its_words(lane: Lane, as_: As) -> None:
    dan, id = as_("dan"), held(lane)[0]
    for decision, seen in (("", 0), ("deny", 0), ("deny:because", 0), ("clear", "x"), ("burn", 0)):
        answer = dan.post(f"/c/acme/review/ref_{id}/decide", {"decision": decision, "seen": seen, "words": "my note"})
        assert (answer.status_code, "my note" in text(answer)) == (400, True), decision
    assert state(lane, id) == "held"
    assert dan.post(f"/c/acme/review/ref_{id}/undo?seen=x").status_code == 404


def test_a_colleague_sees_who_is_on_it_and_is_served_another(lane: Lane, as_: As) -> None:
    dan, carl, (first, second, *_) = as_("dan"), as_("carl"), held(lane)
    dan.get(f"/c/acme/review/ref_{first}")
    assert re.search(r"Dan\s+is on it, \d+ s\.", text(carl.get(f"/c/acme/review/ref_{first}")))
    assert carl.get("/c/acme/review/next")["Location"].endswith(second)
    assert dan.get("/c/acme/review/next")["Location"].endswith(first)
    points = 35
    assert dan.get(f"/c/acme/review/next?after={points}.{first}")["Location"].endswith(second)


def test_nobody_else_gets_in(world: Any, lane: Lane, as_: As) -> None:
    id = held(lane)[0]
    foreign = world.referrals["globex/bob"]
    for path in ("/c/acme/review", f"/c/acme/review/ref_{id}", "/c/acme/review/signals", "/c/acme/review/next"):
        assert as_("vera").get(path).status_code == 403, path
        assert as_("gil").get(path).status_code == 404, path
    assert as_("dan").get(f"/c/acme/review/ref_{foreign}").status_code == 404
    assert decide(as_("dan"), foreign, "clear").status_code == 404
    assert decide(as_("vera"), id, "clear").status_code == 403
    assert as_("dan").get("/c/acme/review/signals/friends/same_device").status_code == 403, "an agent switches nothing"
    assert state(lane, id) == "held"


def test_a_role_without_names_sees_initials(lane: Lane, as_: As, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(permissions.ROLES, "agent", permissions.ROLES["agent"] - {May.NAMES})
    dan = as_("dan")
    for path in ("/c/acme/review", f"/c/acme/review/ref_{held(lane)[0]}", "/c/acme/review.csv"):
        page = dan.get(path).content.decode()
        assert "Alice" not in page and "Number" not in page and "A. A." in page, path


def test_many_are_decided_after_the_amount_was_shown_and_taken_back_together(lane: Lane, as_: As) -> None:
    dan, ids = as_("dan"), held(lane)
    empty = dan.post("/c/acme/review/many", {"verdict": "clear"})
    assert "Choose rows in the list first." in text(empty)
    asked = dan.post("/c/acme/review/many", {"ref": [f"ref_{id}" for id in ids], "verdict": "deny"})
    said = text(asked)
    assert f"Decide {len(ids)} referrals" in said and f"{len(ids) * 30}.00 EUR" in said and "for Acme" in said
    token = re.search(r'name="token" value="([^"]+)"', asked.content.decode())
    assert token
    decide(as_("carl"), ids[0], "clear")
    form = {"token": unescape(token[1]), "decision": "deny:fake"}
    told = text(dan.post("/c/acme/review/many/decide", form))
    assert f"{len(ids) - 1} referral" in told and "1 had been decided by others meanwhile" in told
    assert [state(lane, id) for id in ids[1:]] == ["denied"] * (len(ids) - 1)
    again = text(dan.post("/c/acme/review/many/decide", form))
    assert "1 had been decided by others meanwhile" in again, "sent again, it decides nothing twice"
    assert as_("carl").post("/c/acme/review/many/decide", form).status_code == 404, "a selection is one person's"
    ((job,),) = lane.rows("SELECT id FROM review_job WHERE client_id = %s::uuid AND undoes_id IS NULL", lane.client_id)
    page = (
        f"/c/acme/review/many/{job}"
        if "-" in str(job)
        else f"/c/acme/review/many/{job[:8]}-{job[8:12]}-{job[12:16]}-{job[16:20]}-{job[20:]}"
    )
    assert f"Take {len(ids) - 1} decision" in text(dan.get(page))
    undone = text(dan.post(f"{page}/undo"))
    assert f"{len(ids) - 1} decision" in undone
    assert [state(lane, id) for id in ids[1:]] == ["held"] * (len(ids) - 1)
    assert state(lane, ids[0]) != "held", "what another person decided is not taken back"
    lane.assert_sound()


def test_a_signal_is_switched_off_and_on_for_one_program(lane: Lane, as_: As) -> None:
    carl, ids = as_("carl"), held(lane)
    assert "Holds now" in text(carl.get("/c/acme/review/signals"))
    page = "/c/acme/review/signals/friends/same_device"
    said = text(carl.get(page))
    assert (
        f"It holds {len(ids)} referral" in said
        and f"{len(ids)} of them go" in said
        and f"{len(ids) * 30}.00 EUR" in said
    )
    assert text(carl.post(page, {"to": "off"})).count("No reason is chosen.") == 1
    assert carl.post(page, {"to": "off", "why": "shared_place", "words": "a shop's tablet"}).status_code == 303
    assert held(lane) == []
    assert "Nothing to review." in text(carl.get("/c/acme/review"))
    stale = carl.post(page, {"to": "off", "why": "other"})
    assert (stale.status_code, "Somebody switched this signal meanwhile." in text(stale)) == (400, True)
    back = text(carl.get(page))
    assert "Switch on again" in back and f"{len(ids)} referral" in back
    assert carl.post(page, {"to": "on", "why": "restored"}).status_code == 303
    assert sorted(held(lane)) == sorted(ids)
    assert lane.count("action", "verb = 'signal.switch'") == 2
    lane.assert_sound()


def test_the_empty_queue_says_what_was_done_today(lane: Lane, as_: As) -> None:
    dan = as_("dan")
    for id in held(lane):
        words = dan.get(f"/c/acme/review/ref_{id}").content.decode()
        found = re.search(r'name="seen" value="(\d+)"', words)
        assert found
        assert decide(dan, id, "clear", int(found[1])).status_code == 303
    said = text(dan.get("/c/acme/review"))
    assert re.search(r"Nothing to review\. \d+ cleared today(, \d+ denied)?, median \d+ s\.", said), said
    assert dan.get("/c/acme/review/next")["Location"] == "/c/acme/review"


def test_what_screening_had_found_before_the_columns_were_there_is_filled_in(world: Any, lane: Lane) -> None:
    found = "SELECT id, points, (SELECT array_agg(s ORDER BY s) FROM unnest(signals) s) FROM referral ORDER BY id"
    before = lane.rows(found)
    assert any(points for _id, points, _signals in before)
    filled = importlib.import_module("goodword.store.migrations.0014_review")
    with psycopg.connect(world.urls.owner) as owner:
        owner.execute("UPDATE referral SET points = NULL, signals = NULL")
        owner.execute(filled._FOUND)
    assert lane.rows(found) == before
