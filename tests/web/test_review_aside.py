"""Can an item wait, be handed to a colleague and be written about, without anything lost, decided or told that must not be?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.web.conftest import As
from tests.web.test_review import decide, held, text, toasts
from tests.web.world import NOW, day
from tests.worker.lane import Lane, lane_on

FRIENDS = 3
NOTE = "please ring Wanda about her brother"


@pytest.fixture
def lane(world: Any) -> Iterator[Lane]:
    """Acme's lane with more friends who share Alice's telephone, and nothing beside them."""
    with lane_on(world.urls, "acme", world.keyring) as acme:
        for n in range(FRIENDS):
            who = {"id": f"aside{n}", "email": f"aside{n}@x.test", "name": f"Aside Number {n}",
                   "attributes": {"status": "active"}}  # fmt: skip
            acme.send(
                {"id": f"aj{n}", "type": "signup", "at": day(-20 + n).isoformat(), "person": who, "code": "CODE-ALICE",
                 "context": {"device": "alices-phone"}},
                {"id": f"ap{n}", "type": "purchase", "at": day(-19 + n).isoformat(), "person": who,
                 "order": {"id": f"a-{n}", "amount": "60.00", "currency": "EUR"}},
                received_at=NOW,
            )  # fmt: skip
        acme.drain_all(now=NOW)
        yield acme
    with owner_of(world) as conn:
        for table in ("review_pause", "review_handover", "review_message", "review_claim"):
            conn.execute(f"DELETE FROM {table}")
        conn.execute("UPDATE client SET review_hours = 24")


def owner_of(world: Any) -> Any:
    import psycopg

    return psycopg.connect(world.urls.owner, autocommit=True)


def seen(world: Any, query: str) -> list[tuple[Any, ...]]:
    """Rows that the chain itself may not see."""
    with owner_of(world) as conn:
        return list(conn.execute(query).fetchall())


def count(world: Any, table: str) -> int:
    return int(seen(world, f"SELECT count(*) FROM {table}")[0][0])


def at(id: str, what: str = "") -> str:
    return f"/c/acme/review/ref_{id}{what}"


def tomorrow(days: int = 1) -> str:
    return (NOW + timedelta(days=days)).date().isoformat()


def test_an_item_waits_until_a_day_and_is_served_to_nobody_until_then(lane: Lane, as_: As, world: Any) -> None:
    dan, (first, second, *_) = as_("dan"), held(lane)
    answer = dan.post(at(first, "/pause"), {"until": tomorrow(4), "why": "proof", "filter": ""})
    assert (answer.status_code, answer["Location"]) == (303, at(second))
    (told,) = toasts(dan)
    assert told["text"].startswith(f"ref_{first[:8]} waits until") and told["undo"] == at(first, "/resume")
    page = text(dan.get(at(first)))
    assert "Proof is awaited: it waits until" in page and "its clock stands still" in page
    queue = dan.get("/c/acme/review").content.decode()
    assert 'class="sla held"' in queue and "Waiting for an answer" in text(dan.get("/c/acme/review"))
    served = {dan.get(f"/c/acme/review/next?after={n}")["Location"] for n in ("", f"999.{'f' * 32}")}
    assert at(first) not in served
    waiting = text(dan.get("/c/acme/review?whose=waiting"))
    assert f"ref_{first[:8]}" in waiting and f"ref_{second[:8]}" not in waiting
    assert dan.post(told["undo"]).status_code == 303
    assert 'class="sla held"' not in dan.get("/c/acme/review").content.decode()
    ((left,),) = seen(world, "SELECT paused_seconds FROM review_pause")
    assert abs(left) <= 60, "what it did not wait is given back"
    assert lane.count("action", "verb IN ('referral.pause', 'referral.resume')") == 2


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"until": "2019-01-01", "why": "proof"}, "Choose a day after today"),
        ({"until": tomorrow(120), "why": "proof"}, "at most 90 days ahead"),
        ({"until": "soon", "why": "proof"}, "This is no day"),
        ({"until": tomorrow(2), "why": "because"}, "is no reason to wait"),
    ],
)
def test_a_wait_that_is_none_is_refused(lane: Lane, as_: As, world: Any, typed: dict[str, str], told: str) -> None:
    (first, *_) = held(lane)
    answer = as_("dan").post(at(first, "/pause"), typed)
    assert answer.status_code == 400 and told in text(answer)
    assert not count(world, "review_pause")


def test_the_clock_of_what_waited_goes_on_where_it_stopped(lane: Lane, as_: As, world: Any) -> None:
    (first, *_) = held(lane)
    with owner_of(world) as conn:
        conn.execute("UPDATE client SET review_hours = 700 WHERE slug = 'acme'")
    before = text(as_("dan").get(at(first)))
    with owner_of(world) as conn:
        conn.execute(
            "INSERT INTO review_pause (client_id, referral_id, user_id, why, since, until, paused_seconds) VALUES"
            " (%s::uuid, %s::uuid, %s::uuid, 'proof', now() - interval '10 d', now() - interval '1 d', 9 * 86400)",
            (lane.client_id, first, world.users["dan"]),
        )
    after = text(as_("dan").get(at(first)))

    def days_left(said: str) -> int:
        return int(said.split(" d left")[0].rsplit(" ", 1)[1])

    assert days_left(after) == days_left(before) + 9
    assert "it waits until" not in after


def test_the_hours_of_the_client_count_in_the_queue_and_today(lane: Lane, as_: As, world: Any) -> None:
    dan = as_("dan")
    assert "Goal: within 24 hours." in text(dan.get("/c/acme/review"))
    assert 'class="sla late"' in dan.get("/c/acme/review").content.decode()
    with owner_of(world) as conn:
        conn.execute("UPDATE client SET review_hours = 720 WHERE slug = 'acme'")
    assert "Goal: within 720 hours." in text(dan.get("/c/acme/review"))
    page = dan.get("/c/acme/review").content.decode()
    assert 'class="sla late"' not in page and 'class="sla ok"' in page


def test_a_colleague_is_asked_by_name_with_a_sealed_note(lane: Lane, as_: As, world: Any) -> None:
    dan, lee, (first, second, *_) = as_("dan"), as_("lee"), held(lane)
    offered = text(dan.get(at(first)))
    assert "Lee" in offered and "Vera" not in offered and "Gil" not in offered
    answer = dan.post(at(second, "/transfer"), {"to": world.users["lee"].replace("-", ""), "note": NOTE})
    assert answer.status_code == 303
    sealed = seen(world, "SELECT note_sealed FROM review_handover")
    assert NOTE.encode() not in bytes(sealed[0][0])
    assert lee.get("/c/acme/review/next")["Location"] == at(second), "what was handed to her comes first"
    page = text(lee.get(at(second)))
    assert "Dan asks you to decide this" in page and NOTE in page
    assert "1 held referral was handed to you" in text(lee.get("/today"))
    assert "handed to you" not in text(dan.get("/today"))
    assert dan.get("/c/acme/review/next")["Location"] != at(second)
    assert f"ref_{second[:8]}" in text(lee.get("/c/acme/review?whose=mine"))
    assert decide(lee, second, "deny:terms").status_code == 303
    assert not count(world, "review_handover"), "the note is gone once it is decided"
    lee.post(at(second, "/undo?seen=1"))


def test_only_who_may_decide_is_asked_and_only_while_it_is_held(lane: Lane, as_: As, world: Any) -> None:
    dan, (first, *_) = as_("dan"), held(lane)
    for who in ("vera", "gil", "nora", "dan", ""):
        to = world.users[who].replace("-", "") if who else ""
        refused = dan.post(at(first, "/transfer"), {"to": to})
        assert refused.status_code == 400 and "Choose a colleague" in text(refused), who
    settled = world.referrals["acme/cleo"]
    lee = world.users["lee"].replace("-", "")
    assert "not waiting for a decision" in text(dan.post(at(settled, "/transfer"), {"to": lee}))
    assert "not waiting for a decision" in text(dan.post(at(settled, "/pause"), {"until": tomorrow(3), "why": "proof"}))
    dan.post(at(first, "/transfer"), {"to": lee, "note": "x"})
    assert dan.post(at(first, "/call-back")).status_code == 303
    assert not count(world, "review_handover")


def test_a_message_begins_with_the_rules_text_and_is_kept_sealed(lane: Lane, as_: As, world: Any) -> None:
    dan, (first, *_) = as_("dan"), held(lane)
    assert "please tell us how you know the person" in text(dan.get(at(first)))
    rule = text(dan.get(at(first) + "?text=rule&to=friend"))
    assert "About your invitation (Autumn friends): On its way." in rule or "On its way" in rule
    for voice in ("referrer", "friend"):
        for kind in ("proof", "looking", "rule"):
            shown = dan.get(f"{at(first)}?text={kind}&to={voice}").content.decode()
            begun = shown.split('id="message-text"')[1].split("</textarea>")[0]
            for secret in ("phone", "device", "points", "Alice", "Number"):
                assert secret not in begun, (voice, kind, secret)
    kept = dan.post(at(first, "/message"), {"to": "friend", "message": "Dear friend,\nplease send the receipt."})
    assert kept.status_code == 303 and kept["Location"].endswith("#messages")
    sealed = seen(world, "SELECT text_sealed FROM review_message")
    assert b"receipt" not in bytes(sealed[0][0])
    page = text(dan.get(at(first)))
    assert "please send the receipt." in page and "for the friend" in page and "Nothing is sent from here." in page
    assert dan.post(at(first, "/message"), {"to": "friend", "message": "  "}).status_code == 400
    assert dan.post(at(first, "/message"), {"to": "boss", "message": "hello"}).status_code == 400
    long = dan.post(at(first, "/message"), {"to": "friend", "message": "y" * 4_001})
    assert long.status_code == 400 and "y" * 4_001 in long.content.decode(), "what was typed is kept"


def test_a_forgotten_person_takes_the_message_along(lane: Lane, as_: As, world: Any) -> None:
    dan, (first, *_) = as_("dan"), held(lane)
    dan.post(at(first, "/message"), {"to": "friend", "message": "about the receipt"})
    ((friend,),) = lane.rows(
        "SELECT friend_id::text FROM referral WHERE client_id = %s::uuid AND id = %s::uuid", lane.client_id, first
    )
    with owner_of(world) as conn:
        kept = conn.execute("SELECT wrapped FROM person_key WHERE party_id = %s::uuid", (friend,)).fetchone()
        conn.execute("UPDATE person_key SET wrapped = '' WHERE party_id = %s::uuid", (friend,))
        page = text(dan.get(at(first)))
        conn.execute("UPDATE person_key SET wrapped = %s WHERE party_id = %s::uuid", (*kept, friend))
    assert "about the receipt" not in page and "the text with them" in page


def test_what_the_two_will_read_stands_beside_each_reason(lane: Lane, as_: As) -> None:
    (first, *_) = held(lane)
    page = text(as_("dan").get(at(first)))
    denials = page.split("Deny…")[1].split("Hold…")[0]
    assert denials.count("The referrer reads “Not this time.”") == 5, "this program discloses steps, no reasons"
    for told in ("The terms of the program were not met.", "You were counted before.", "comes from somebody else"):
        assert f"The friend reads “{told}" in denials or told in denials
    assert "Same device" not in denials


def test_the_friend_reads_what_the_reason_allows(lane: Lane, as_: As) -> None:
    dan, (first, *_) = as_("dan"), held(lane)
    decide(dan, first, "deny:duplicate")
    story = f"/c/acme/referrals/ref_{first}?voice="
    assert "You were counted before." in text(dan.get(f"{story}friend"))
    assert "counted before" not in text(dan.get(f"{story}referrer"))
    dan.post(at(first, "/undo?seen=1"))


def test_seeing_as_somebody_claims_nothing(lane: Lane, as_: As, world: Any) -> None:
    carl, (first, *_) = as_("carl"), held(lane)
    session = carl.session
    session["see_as"] = {"role": "agent", "user_id": "", "slug": "acme"}
    session.save()
    assert carl.get(at(first)).status_code == 200
    assert not count(world, "review_claim")
    assert carl.post(at(first, "/pause"), {"until": tomorrow(3), "why": "proof"}).status_code == 403
