"""Do developers get keys that work, answers to events they try, and all that failed decided again in three clicks?"""

from __future__ import annotations

import html
import json
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tests.ingest.front import serving
from tests.web.conftest import As
from tests.web.test_desk import text_of
from tests.web.test_walls import body
from tests.web.world import CANARY

ROOM = "/c/acme/developers"


@pytest.fixture
def owner(world: Any) -> Any:
    with psycopg.connect(world.urls.owner, autocommit=True) as conn:
        yield conn


@pytest.fixture(scope="module")
def door(world: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The real front door on the same database."""
    folder: Path = tmp_path_factory.mktemp("door")
    with serving(world.urls, folder / "data", GOODWORD_KEY=world.key) as server:
        yield server


def main_of(page: str) -> str:
    return text_of(page, r"<main.*</main>")


def made(browser: Any, **more: Any) -> tuple[str, str]:
    """(secret, page) of a new key."""
    form = {"name": "web shop", "source": "shop", "scope": ["events:write"], "nonce": "", **more}
    response = browser.post(f"{ROOM}/keys", form)
    page = body(response)
    assert response.status_code == 200, page[:600]
    secret = re.search(r"gw_\w{8}_\w{32}", page)
    assert secret
    return secret[0], page


def sent(door: Any, secret: str, wait_s: float = 30.0, **more: Any) -> int:
    """The status of an event sent with that key; a new key is known to the door within a second."""
    event = {
        "id": f"try-{time.monotonic_ns()}",
        "type": "update",
        "at": datetime.now(UTC).isoformat(),
        "person": {"id": "w"},
        **more,
    }
    deadline = time.monotonic() + wait_s
    while True:
        status = httpx.post(
            f"{door.url}/v1/events", json=event, headers={"Authorization": f"Bearer {secret}"}
        ).status_code
        if status == 202 or time.monotonic() > deadline:
            return status
        time.sleep(0.1)


def key_id_of(owner: Any, secret: str) -> str:
    row = owner.execute(
        "SELECT id FROM api_key WHERE last4 = %s ORDER BY created_at DESC LIMIT 1", (secret[-4:],)
    ).fetchone()
    return f"key_{row[0].hex}"


# -- keys ----------------------------------------------------------------------------------------------------------------


def test_a_key_is_shown_once_with_a_request_that_works(world: Any, as_: As, door: Any) -> None:
    ida = as_("ida")
    secret, page = made(ida)
    curl = html.unescape(text_of(page, r'<pre id="curl".*?</pre>'))
    assert f"Authorization: Bearer {secret}" in curl and "/v1/events" in curl
    sample = re.search(r"-d '(.*)'", curl)
    assert sample
    event = json.loads(sample[1])
    assert event["type"] == "purchase" and sent(door, secret, **{**event, "id": "from-curl"}) == 202
    again = body(ida.get(ROOM))
    assert secret not in again and f"…{secret[-4:]}" in again and "web shop" in again
    for session in _sessions(world):
        assert secret not in session, "a secret lies in a session"


def _sessions(world: Any) -> list[str]:
    from django.contrib.sessions.models import Session

    return [json.dumps(one.get_decoded(), default=str) for one in Session.objects.all()]


def test_the_same_form_twice_makes_one_key(world: Any, as_: As, owner: Any) -> None:
    ida, nonce = as_("ida"), "n" * 32
    made(ida, nonce=nonce, name="only one")
    response = ida.post(
        f"{ROOM}/keys", {"name": "only one", "source": "shop", "scope": ["events:write"], "nonce": nonce}
    )
    assert response.status_code == 303
    assert owner.execute("SELECT count(*) FROM api_key WHERE name = 'only one'").fetchone()[0] == 1


def test_what_is_wrong_with_a_key_is_said_and_nothing_is_made(world: Any, as_: As, owner: Any) -> None:
    ida = as_("ida")
    before = owner.execute("SELECT count(*) FROM api_key").fetchone()
    for form, says in (
        ({"source": "My Shop", "scope": ["events:write"], "name": "kept name"}, "cannot name a stream"),
        ({"source": "shop", "name": "kept name"}, "The key would open nothing."),
        ({"source": "shop", "scope": ["everything"], "name": "kept name"}, "No scope is called everything"),
        (
            {"source": "shop", "scope": ["events:write"], "expires": "9999999", "name": "kept name"},
            "no time after which",
        ),
    ):
        response = ida.post(f"{ROOM}/keys", form)
        assert response.status_code == 422 and says in html.unescape(body(response)), says
        assert 'value="kept name"' in body(response)
    assert owner.execute("SELECT count(*) FROM api_key").fetchone() == before


def test_a_rolled_key_works_on_beside_its_successor_and_then_ends(world: Any, as_: As, owner: Any, door: Any) -> None:
    ida = as_("ida")
    old, _page = made(ida, name="to roll")
    assert sent(door, old) == 202
    page = body(ida.post(f"{ROOM}/keys/{key_id_of(owner, old)}/roll", {"hours": "24"}))
    new = re.search(r"gw_\w{8}_\w{32}", page)
    assert new and new[0] != old and "The old key works on until" in html.unescape(page)
    assert sent(door, new[0]) == 202 and sent(door, old) == 202
    rows = owner.execute(
        "SELECT name, source, expires_at FROM api_key WHERE name = 'to roll' ORDER BY created_at"
    ).fetchall()
    assert [row[:2] for row in rows] == [("to roll", "shop")] * 2 and rows[1][2] is None
    assert timedelta(hours=23) < rows[0][2] - datetime.now(UTC) < timedelta(hours=25)
    body(ida.post(f"{ROOM}/keys/{key_id_of(owner, new[0])}/roll", {"hours": "0"}))
    deadline = time.monotonic() + 30
    while sent(door, new[0], 0) != 401:
        assert time.monotonic() < deadline, "a key rolled without overlap still opens"
        time.sleep(0.1)
    for hours in ("", "-1", "99999", "x"):
        assert ida.post(f"{ROOM}/keys/{key_id_of(owner, old)}/roll", {"hours": hours}).status_code == 422


def test_an_ended_key_opens_nothing(world: Any, as_: As, owner: Any, door: Any) -> None:
    ida = as_("ida")
    secret, _page = made(ida, name="to end")
    assert sent(door, secret) == 202
    key = key_id_of(owner, secret)
    assert ida.post(f"{ROOM}/keys/{key}/revoke").status_code == 303
    assert "opens nothing any more" in body(ida.get(ROOM))
    deadline = time.monotonic() + 30
    while sent(door, secret, 0) != 401:
        assert time.monotonic() < deadline, "an ended key still opens"
        time.sleep(0.1)
    assert ida.post(f"{ROOM}/keys/{key}/revoke").status_code == 303
    assert "had ended already" in body(ida.get(ROOM))
    assert ida.post(f"{ROOM}/keys/{key}/roll", {"hours": "24"}).status_code == 422
    rows = owner.execute(
        "SELECT verb FROM action WHERE object_id = %s ORDER BY at", (key.removeprefix("key_"),)
    ).fetchall()
    assert [row[0] for row in rows] == ["key.create", "key.revoke"], "each act is one line"


def test_keys_of_others_and_roles_without_keys(world: Any, as_: As, owner: Any) -> None:
    made(as_("ida"), name="of acme")
    secret = re.search(
        r"gw_\w{8}_\w{32}",
        body(
            as_("olga").post("/c/globex/developers/keys", {"source": "shop", "scope": ["events:write"], "name": CANARY})
        ),
    )
    assert secret
    foreign = key_id_of(owner, secret[0])
    for act in ("roll", "revoke"):
        assert as_("ida").post(f"{ROOM}/keys/{foreign}/{act}", {"hours": "1"}).status_code == 404
    for who in ("dev", "carl"):
        page = body(as_(who).get(ROOM))
        assert "of acme" in page and "Make a key" not in page and "Roll the key" not in page
        assert as_(who).post(f"{ROOM}/keys", {"scope": ["events:write"]}).status_code == 403
    assert "of acme" not in body(as_("dan").get(ROOM)), "an agent sees no keys"
    assert as_("vera").get(ROOM).status_code == 403


# -- an event is tried ---------------------------------------------------------------------------------------------------


def tried(browser: Any, event: Any, source: str = "api") -> Any:
    text = event if isinstance(event, str) else json.dumps(event)
    return browser.post(f"{ROOM}/try", {"event": text, "source": source})


def test_a_bad_event_names_field_and_repair_and_is_kept(world: Any, as_: As) -> None:
    response = tried(
        as_("dev"),
        {
            "id": "1",
            "type": "purchase",
            "at": "2026-11-03T10:00:00Z",
            "person": {"id": "c"},
            "order": {"id": "o", "amount": 54.0, "currency": "EUR"},
        },
    )
    page = body(response)
    assert response.status_code == 422 and "order.amount" in page and "decimal string" in page
    assert "It would be refused." in page and "54.0" in text_of(page, r"<textarea id=\"event\".*?</textarea>")
    for text, says in (("{", "not valid JSON"), ("x" * 40_000, "an event may hold"), ("", "JSON"), ("[]", "refused")):
        assert says in html.unescape(body(tried(as_("dev"), text))), text[:10]


def test_a_good_event_is_decided_and_nothing_is_written(world: Any, as_: As, owner: Any) -> None:
    tables = (
        "event",
        "event_key",
        "decision",
        "entry",
        "referral",
        "reward",
        "party",
        "identifier",
        "trail",
        "action",
        "leaf_batch",
    )
    count = " + ".join(f"(SELECT count(*) FROM {table})" for table in tables)
    before = owner.execute(f"SELECT {count}").fetchone()
    event = {
        "id": "try-eve",
        "type": "purchase",
        "at": datetime.now(UTC).isoformat(),
        "person": {"id": "dora"},
        "order": {"id": "o-try", "amount": "99.00", "currency": "EUR"},
    }
    told = main_of(body(tried(as_("dev"), event)))
    assert "It would be accepted. Purchase 99.00 EUR" in told
    assert "would be" in told and "20.00 EUR" in told and "ledger entries would be written." in told
    assert owner.execute(f"SELECT {count}").fetchone() == before, "a dry run wrote something"


def test_an_event_that_is_there_already_gets_its_receipt(world: Any, as_: As) -> None:
    sent_before = {
        "id": "later",
        "at": "2026-01-01T00:00:00Z",
        "type": "purchase",
        "person": {"id": "bob"},
        "order": {"id": "o-later", "amount": "5.00", "currency": "EUR"},
    }
    told = main_of(body(tried(as_("dev"), sent_before)))
    assert "Its id is taken." in told and f"evt_{world.events['acme/later']}" in told
    ahead = {
        "id": "ahead",
        "type": "update",
        "at": (datetime.now(UTC) + timedelta(hours=5)).isoformat(),
        "person": {"id": "bob"},
    }
    assert "accepted and held" in main_of(body(tried(as_("dev"), ahead)))
    assert "reserved for acts of the house" in html.unescape(body(tried(as_("dev"), {**ahead, "type": "review"})))


# -- what failed ---------------------------------------------------------------------------------------------------------


def test_all_that_failed_is_decided_again_in_three_clicks(world: Any, as_: As, owner: Any) -> None:
    failing = [world.events[f"acme/join-extra{n}"] for n in range(37)]
    began = datetime.now(UTC) - timedelta(hours=2)
    for n, event in enumerate(failing):
        owner.execute(
            "INSERT INTO dead_letter (client_id, id, reason, detail, at) VALUES (%s, %s, 'undecidable: KeyError', '', %s)",
            (world.clients["acme"], event, began + timedelta(minutes=n)),
        )
    try:
        dev = as_("dev")
        home = dev.get(ROOM)  # the room is a developer's home
        assert "37 events could not be decided" in main_of(body(home))
        first = re.search(r'href="([^"]*/events/replay[^"]*)"', body(home))
        assert first
        confirm = body(dev.get(html.unescape(first[1])))  # click 1
        assert "Replay 37 events of Acme that failed since" in main_of(confirm)
        shown = re.search(r'<form method="post" class="row">.*?</form>', confirm, re.DOTALL)
        assert shown
        form = dict(re.findall(r'name="(\w+)" value="([^"]*)"', shown[0]))
        owner.execute("UPDATE dead_letter SET at = now() + interval '1 hour' WHERE id = %s", (failing[36],))
        assert dev.post("/c/acme/events/replay", form).status_code == 303  # click 2
        asked = owner.execute(
            "SELECT count(*) FROM dead_letter WHERE retry_at IS NOT NULL AND id = ANY(%s)", (failing,)
        ).fetchone()
        assert asked[0] == 36, "what failed after the page was made is not part of it"
        assert "36 events are decided again" in body(dev.get("/c/acme/events"))
        verbs = owner.execute(
            "SELECT count(*) FROM action WHERE verb = 'event.retry' AND object_id = '' AND actor = %s",
            (world.users["dev"],),
        ).fetchone()
        assert verbs[0] == 1, "one act, however many"
        narrowed = main_of(body(dev.get("/c/acme/events?type=signup&reason=undecidable: KeyError")))
        assert "Replay 1 failed since" in narrowed
        assert dev.post("/c/acme/events/replay?type=nothing", {"until": ""}).status_code == 404
        assert as_("audra").get("/c/acme/events/replay").status_code == 403
    finally:
        owner.execute("DELETE FROM dead_letter WHERE id = ANY(%s)", (failing,))


def test_lists_are_narrowed_paged_and_taken_away(world: Any, as_: As) -> None:
    dev, seen, path = as_("dev"), [], "/c/acme/events?show=all&type=signup"
    for _ in range(5):
        page = body(dev.get(path))
        seen += re.findall(r"/c/acme/events/(evt_[0-9a-f]{32})", page)
        onward = re.search(r'href="([^"]+)" rel="next"', page)
        if onward is None:
            break
        path = html.unescape(onward[1])
    signups = {
        f"evt_{id}" for name, id in world.events.items() if name.startswith("acme/join-") or name == "acme/seen-alice"
    }
    assert len(seen) == len(set(seen)) and set(seen) == signups
    assert dev.get(path + "x").status_code == 404
    rows = json.loads(body(dev.get("/c/acme/events.json?show=all&type=signup")))
    assert {row["event"] for row in rows} == signups and {row["state"] for row in rows} == {"decided"}
    assert body(dev.get("/c/acme/events.csv?show=refused")).startswith("received_at,source,problems")
    assert "order.currency" in body(dev.get("/c/acme/events.csv?show=refused"))
    assert "No event fits these filters" in body(dev.get("/c/acme/events?show=all&source=nobody"))
    assert "is no moment" in body(dev.get("/c/acme/events?since=tomorrow"))
    assert CANARY not in body(dev.get("/c/acme/events.json?show=all")).lower()


def test_the_inspector_tells_the_chain_of_causes(world: Any, as_: As) -> None:
    dan = as_("dan")
    told = main_of(body(dan.get(world.event_path("acme", "paid-cleo")))).split("What led here")[1]
    assert "Autumn friends v1" in told and "this event" in told
    assert "A moment came" in told, "the end of the hold came of it"
    gone = main_of(body(dan.get(world.event_path("acme", "paid-gus")))).split("What led here")[1]
    assert "Refund" in gone
    data = json.loads(body(as_("dev").get(f"{world.event_path('acme', 'paid-bob')}.json")))
    assert data["decisions"][0]["reasons"] and data["rules"] == [{"program": "friends", "version": 1}]
    assert "bob@x.test" not in json.dumps(data) and "Bob" not in json.dumps(data)
    assert as_("dev").get(f"{world.event_path('globex', 'paid-bob').replace('globex', 'acme')}.json").status_code == 404
