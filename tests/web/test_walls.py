"""Does anybody see what is not theirs? Every address by every kind of person, canaries in every answer."""

from __future__ import annotations

import re
from typing import Any

import pytest

from goodword.actions.permissions import ROLES
from tests.web.conftest import As
from tests.web.reach import ANYBODY, SIGNED_IN, addresses, ask
from tests.web.world import CANARY, NOW, STAFF

FOR_EACH_ROLE = ("dan", "carl", "lee", "vera", "audra", "ida", "dev", "olga", "isa")

def body(response: Any) -> str:
    raw = b"".join(response.streaming_content) if response.streaming else response.content
    return raw.decode(errors="replace")  # a file may hold anything


def test_nobody_sees_nothing(world: Any, as_: As) -> None:
    for address in addresses(world, "acme"):
        if address.place.needs == ANYBODY:
            continue
        for path in {address.path, address.path.replace("/acme/", "/globex/"), address.path.replace("/acme/", "/nosuch/")}:
            response = ask(as_(""), address, path)
            assert response.status_code in (302, 401), path
            assert response.status_code == 401 or response.headers["Location"].startswith("/sign-in?next="), path
            assert response.content == b""
    assert as_("").get("/").headers["Location"] == "/sign-in"


@pytest.mark.parametrize(("who", "other"), [("dan", "globex"), ("gil", "acme"), ("nora", "acme"), ("carl", "globex")])
def test_a_client_of_others_does_not_exist(world: Any, as_: As, who: str, other: str) -> None:
    browser = as_(who)
    missing = browser.get("/c/nosuch/referrals")
    for address in addresses(world, other):
        if not address.is_of_client:
            continue
        response = ask(browser, address)
        assert response.status_code == 404, address.path
        if "text/html" in response.headers["Content-Type"]:
            assert same(body(response)) == same(missing.content.decode()), "the answer tells a client of others from none"


def same(page: str) -> str:
    """A page without what changes by itself: the time, and the tokens of forms."""
    page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"|"X-CSRFToken": "[^"]+"|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d', "", page)
    return re.sub(r'name="next" value="[^"]*"', "", page)


@pytest.mark.parametrize(("who", "mine", "other"), [("carl", "acme", "globex"), ("olga", "acme", "globex")])
def test_things_of_others_are_not_found_under_ones_own_client(
    world: Any, as_: As, who: str, mine: str, other: str
) -> None:
    browser = as_(who)
    for address in addresses(world, other):
        if address.is_of_client and address.names_a_thing and "/friends" not in address.path:
            response = ask(browser, address, address.path.replace(f"/{other}/", f"/{mine}/"))
            assert response.status_code in (403, 404), address.path
            assert CANARY not in body(response).lower()


def test_the_canary_is_in_globex_and_nowhere_else(world: Any, as_: As) -> None:
    seen = {"acme": "", "globex": ""}
    for who, client in (("dan", "acme"), ("gil", "globex"), ("audra", "acme"), ("vera", "acme"), ("ida", "acme")):
        browser = as_(who)
        for address in addresses(world, client):
            if address.place.needs != ANYBODY:
                seen[client] += body(ask(browser, address)).lower()
        for more in ("events?show=refused", "events?show=all", "referrals?state=joined", "referrals?code=ANNA7"):
            seen[client] += body(browser.get(f"/c/{client}/{more}")).lower()
        for friend in (key.split("/")[1] for key in world.referrals if key.startswith(f"{client}/")):
            if not friend.startswith("extra"):
                for voice in ("agent", "referrer", "friend", "auditor"):
                    seen[client] += body(browser.get(f"{world.path(client, friend)}?voice={voice}")).lower()
        seen[client] += body(browser.post(f"/c/{client}/search", {"q": f"bob {CANARY}"})).lower()
    assert CANARY not in seen["acme"]
    assert seen["globex"].count(CANARY) > 20


def test_somebody_who_serves_both_sees_one_at_a_time(world: Any, as_: As) -> None:
    olga = as_("olga")
    acme, globex = (body(olga.get(f"/c/{client}/referrals.csv")) for client in ("acme", "globex"))
    assert CANARY not in acme and "Bob Builder" in acme
    assert CANARY in globex and "Builder" not in globex
    assert CANARY not in body(olga.get("/c/acme/referrals"))


def test_what_is_rendered_or_streamed_late_is_still_inside_the_scope(world: Any, as_: As) -> None:
    dan = as_("dan")
    response = dan.get("/c/acme/referrals.csv")
    assert response.streaming
    dan.get("/c/acme/referrals")  # another request in between, with a scope of its own
    assert len(body(response).splitlines()) == 1 + sum(key.startswith("acme/") for key in world.referrals)


@pytest.mark.parametrize("who", FOR_EACH_ROLE)
def test_what_each_role_may(world: Any, as_: As, who: str) -> None:
    """Every address by every role: what is not for it is 403 without data, what is for it answers."""
    client, role = STAFF[who]
    browser = as_(who)
    for address in addresses(world, client or "acme"):
        needs = address.place.needs
        if needs == ANYBODY:
            continue
        response = ask(browser, address)
        said = f"{who} ({role}) at {address.path}: {response.status_code}"
        is_open = needs == SIGNED_IN or needs in ROLES[role]
        if is_open and (address.is_of_client or client is None or needs == SIGNED_IN or address.place.own):
            assert response.status_code not in (401, 403) and response.status_code < 500, said
        elif not is_open:
            assert response.status_code == 403, said
            assert "Builder" not in body(response), said
        else:  # a role for one client, at a page of the house
            assert response.status_code == 403, said


def test_a_refusal_shows_no_name(world: Any, as_: As) -> None:
    page = as_("ida").get(world.path("acme", "bob"))
    assert page.status_code == 403
    assert "Your role does not include this page" in page.content.decode()
    assert "Builder" not in page.content.decode()


@pytest.mark.parametrize("who", ["vera", "audra", "dev"])
def test_names_are_masked_for_those_who_need_none(world: Any, as_: As, who: str) -> None:
    browser = as_(who)
    seen = ""
    for address in addresses(world, "acme"):
        if address.place.needs != ANYBODY:
            seen += body(ask(browser, address))
    for voice in ("agent", "referrer", "friend"):
        seen += body(browser.get(f"{world.path('acme', 'bob')}?voice={voice}"))
    for hidden in ("Builder", "Advocate", "Oberhausen", "bob@x.test", "Twice"):
        assert hidden not in seen
    assert "B. B." in seen and "A. A." in seen


def test_an_ended_membership_or_person_ends_at_once(world: Any, as_: As) -> None:
    import psycopg

    browser = as_("dev")
    assert browser.get("/c/acme/events").status_code == 200
    with psycopg.connect(world.urls.owner, autocommit=True) as owner:
        owner.execute("UPDATE store_user SET is_active = false WHERE email = 'dev@house.test'")
        assert browser.get("/c/acme/events").status_code == 302
        owner.execute("UPDATE store_user SET is_active = true WHERE email = 'dev@house.test'")


def test_headers_of_every_answer(world: Any, as_: As) -> None:
    from goodword.web.middleware import CONTENT_SECURITY_POLICY

    assert "unsafe" not in CONTENT_SECURITY_POLICY
    dan = as_("dan")
    for path in (
        "/sign-in",
        "/nowhere",
        "/c/acme/referrals",
        "/c/globex/referrals",
        "/c/acme/referrals.csv",
        world.path("acme", "bob"),
    ):
        response = dan.get(path)
        assert response.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY, path
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["X-Frame-Options"] == "DENY"
        assert response.headers["Cache-Control"] == "private, no-store"
        page = body(response)
        assert " style=" not in page and "<style" not in page and " onclick" not in page, path
        assert re.findall(r"<script(?![^>]*(?: src=\"/static/| type=\"application/json\"))[^>]*>", page) == [], path


def test_a_mistake_of_ours_is_told_without_a_trace(world: Any, as_: As, monkeypatch: pytest.MonkeyPatch) -> None:
    from goodword.web.desk.story import views

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret of the inside")

    monkeypatch.setattr(views, "story", broken)
    response = as_("dan").get(world.path("acme", "bob"))
    assert response.status_code == 500
    page = response.content.decode()
    assert "Goodword made a mistake" in page and "no change was half done" in page
    assert "secret of the inside" not in page


def test_staff_of_the_world_is_what_these_tests_think() -> None:
    assert {role for _, role in STAFF.values()} >= {
        "agent",
        "manager",
        "client_viewer",
        "auditor",
        "it",
        "developer",
        "admin",
    }
    assert NOW.tzinfo is not None
