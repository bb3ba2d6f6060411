"""Is the account page true: where I am signed in, ended elsewhere at once, a password that ends the others, a role's demand?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.web.conftest import As
from tests.web.door import code_now, set_up_app, sign_in, signed_in, text_of
from tests.web.world import PASSWORD

SENTENCE = "another long and quiet sentence"
LINUX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36"


@pytest.fixture
def owner(world: Any) -> Iterator[Any]:
    from django.core.cache import cache

    with psycopg.connect(world.urls.owner, autocommit=True) as conn:
        before = conn.execute("SELECT id, password FROM store_user").fetchall()
        yield conn
        for id_, password in before:
            conn.execute("UPDATE store_user SET password = %s, is_active = true WHERE id = %s", (password, id_))
        for table in ("sign_in_failure", "mfa_authenticator", "usersessions_usersession", "django_session"):
            conn.execute(f"DELETE FROM {table}")
    cache.clear()


def numbers(browser: Any) -> list[str]:
    return re.findall(r"/account/sessions/(\d+)/end", browser.get("/account").content.decode())


def test_every_place_is_listed_and_one_is_this(world: Any, as_: As, owner: Any) -> None:
    desk, phone = as_(""), as_("")
    desk.defaults |= {"HTTP_USER_AGENT": LINUX, "REMOTE_ADDR": "10.1.2.3"}
    phone.defaults |= {"HTTP_USER_AGENT": PHONE, "REMOTE_ADDR": "2001:db8::7"}
    for browser in (desk, phone):
        assert sign_in(browser, "dan").status_code == 302
    page = text_of(desk.get("/account"))
    assert page.count("this one") == 1
    assert "Firefox, Linux this one 10.1.2.3" in page and "Chrome, Android 2001:db8::7" in page
    assert len(numbers(desk)) == 2
    assert "10.1.2.3" not in text_of(signed_in(as_, "carl").get("/account")), "nobody sees where others are"


def test_a_session_ended_elsewhere_is_over_at_once(world: Any, as_: As, owner: Any) -> None:
    here, there, third = (signed_in(as_, "dan") for _ in range(3))
    mine = numbers(here)
    assert here.post(f"/account/sessions/{mine[1]}/end").status_code == 303
    alive = [browser for browser in (there, third) if browser.get("/c/acme/referrals").status_code == 200]
    assert len(alive) == 1
    assert here.post("/account/sessions/end").status_code == 303
    assert alive[0].get("/c/acme/referrals").headers["Location"].startswith("/sign-in?next=")
    assert here.get("/c/acme/referrals").status_code == 200
    (last,) = numbers(here)
    assert here.post(f"/account/sessions/{last}/end").headers["Location"] == "/sign-in"
    assert here.get("/account").status_code == 302


def test_a_session_ends_with_its_age_however_busy_it_is(world: Any, as_: As, owner: Any) -> None:
    import time

    browser = signed_in(as_, "dan")
    for age_hours, status in ((11.9, 200), (12.1, 302)):
        session = browser.session
        session["since"] = int(time.time() - age_hours * 3600)
        session.save()
        assert browser.get("/c/acme/referrals").status_code == status
    owner.execute("UPDATE django_session SET expire_date = now() - interval '1 hour'")
    signed_in(as_, "carl")
    assert owner.execute("SELECT count(*) FROM django_session").fetchone() == (1,), "what ran out is swept up"


def test_nobody_ends_a_session_of_others(world: Any, as_: As, owner: Any) -> None:
    dan, gil = signed_in(as_, "dan"), signed_in(as_, "gil")
    (number,) = numbers(dan)
    assert gil.post(f"/account/sessions/{number}/end").status_code == 404
    assert dan.get("/account").status_code == 200
    assert gil.get(f"/account/sessions/{number}/end").status_code == 405


def test_whoever_is_shut_out_is_out_with_the_next_click_and_stays_out(world: Any, as_: As, owner: Any) -> None:
    secret = set_up_app(signed_in(as_, "dan"))
    inside, between = as_("dan"), as_("")
    assert inside.get("/c/acme/referrals").status_code == 200
    assert sign_in(between, "dan").headers["Location"] == "/sign-in/code"
    owner.execute("UPDATE store_user SET is_active = false WHERE email = 'dan@house.test'")
    assert inside.get("/c/acme/referrals").status_code == 302
    between.post("/sign-in/code", {"code": code_now(secret)})
    assert between.get("/account").status_code == 302, "shut out between the two steps"
    assert sign_in(as_(""), "dan").status_code == 422


def test_another_password_ends_the_other_sessions_and_keeps_this(world: Any, as_: As, owner: Any) -> None:
    here, there = signed_in(as_, "dan"), signed_in(as_, "dan")
    for typed, why in (
        ({"old": "not mine", "password": SENTENCE, "again": SENTENCE}, "not your password"),
        ({"old": PASSWORD, "password": SENTENCE, "again": "different"}, "differ"),
        ({"old": PASSWORD, "password": "short", "again": "short"}, "too short"),
        ({"old": PASSWORD, "password": "password1234", "again": "password1234"}, "too common"),
    ):
        answer = here.post("/account/password", typed)
        assert answer.status_code == 422 and why in text_of(answer)
        assert 'aria-invalid="true"' in answer.content.decode()
    done = here.post("/account/password", {"old": PASSWORD, "password": SENTENCE, "again": SENTENCE})
    assert done.status_code == 303 and done.headers["Location"] == "/account"
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 302
    assert len(numbers(here)) == 1
    assert sign_in(as_(""), "dan", SENTENCE).status_code == 302
    assert sign_in(as_(""), "dan").status_code == 422


def test_a_role_that_needs_a_second_factor_comes_no_further_without(
    world: Any, as_: As, owner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOODWORD_REQUIRE_SECOND_FACTOR", "manager, admin")
    assert signed_in(as_, "dan").get("/c/acme/referrals").status_code == 200, "an agent need not"
    carl = signed_in(as_, "carl")
    led = carl.get("/c/acme/referrals?state=held").headers["Location"]
    assert led == "/account/second-factor?next=/c/acme/referrals%3Fstate%3Dheld"
    assert "One more lock first" in text_of(carl.get(led))
    assert carl.get("/account").status_code == 200 and carl.get("/account/password").status_code == 200
    assert carl.get("/accounting").status_code in (302, 404), "only the account itself is open"
    set_up_app(carl)
    assert carl.get("/c/acme/referrals").status_code == 200
    refused = text_of(carl.get("/account/app/remove"))
    assert "the only one" in refused
    assert carl.post("/account/app/remove").status_code == 200
    assert owner.execute("SELECT count(*) FROM mfa_authenticator WHERE type = 'totp'").fetchone() == (1,)
    monkeypatch.setenv("GOODWORD_REQUIRE_SECOND_FACTOR", "all")
    assert signed_in(as_, "nora").get("/").headers["Location"].startswith("/account/second-factor")


@pytest.mark.parametrize(
    ("host", "secure", "said"),
    [
        ("desk.test", False, "reached without HTTPS"),
        ("desk.test", True, "Add a passkey"),
        ("localhost", False, "Add a passkey"),
        ("127.0.0.1", False, "reached by a number"),
    ],
)
def test_the_page_says_what_this_way_of_coming_cannot_do(
    world: Any, as_: As, owner: Any, settings_hosts: None, host: str, secure: bool, said: str
) -> None:
    page = signed_in(as_, "dan").get("/account", SERVER_NAME=host, secure=secure)
    assert said in text_of(page)
    offers = "Sign in with a passkey" in text_of(as_("").get("/sign-in", SERVER_NAME=host, secure=secure))
    assert offers == (said == "Add a passkey")


@pytest.fixture
def settings_hosts(site: None) -> Iterator[None]:
    from django.conf import settings as of_django

    before = of_django.ALLOWED_HOSTS
    of_django.ALLOWED_HOSTS = [*before, "desk.test"]
    yield
    of_django.ALLOWED_HOSTS = before


def test_fresh_is_who_just_came_in_or_proved_it(world: Any, as_: As, owner: Any) -> None:
    from django.test import RequestFactory

    from goodword.store.models import User
    from goodword.web.door.watch import fresh, prove_again

    def seen(browser: Any) -> bool:
        request = RequestFactory().get("/x")
        request.user, request.session = User.objects.get(email="dan@house.test"), browser.session
        return fresh(request)

    assert seen(signed_in(as_, "dan"))
    long_ago = as_("dan")
    assert not seen(long_ago)
    long_ago.post("/account/prove", {"password": PASSWORD, "next": "/account"})
    assert seen(long_ago)
    assert prove_again(RequestFactory().get("/pay?a=1")).headers["Location"] == "/account/prove?next=%2Fpay%3Fa%3D1"


def test_many_accounts_from_one_place_are_not_tried_for_long(world: Any, as_: As, owner: Any) -> None:
    from datetime import UTC, datetime

    from goodword.actions import lockout

    place = lockout.of_place("192.0.2.9")
    for _ in range(place.most - 1):
        place.failed(datetime.now(UTC))
    browser = as_("")
    browser.defaults |= {"REMOTE_ADDR": "192.0.2.9"}
    assert sign_in(browser, "somebody", "wrong").status_code == 429
    assert sign_in(browser, "dan").status_code == 429
    assert sign_in(as_(""), "dan").status_code == 302, "from elsewhere it opens"


def test_a_trusted_proxy_tells_the_true_address_and_nobody_else_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """What reaches Django as the caller's address, through the server's own door."""
    import asyncio
    import os

    from goodword.house import transport

    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append((scope["client"][0], scope["scheme"]))

    monkeypatch.setattr(transport, "die_with_parent", lambda *_: None)
    monkeypatch.setattr(transport.importlib, "import_module", lambda _: type("Module", (), {"application": staticmethod(app)}))
    headers = [(b"x-forwarded-for", b"6.6.6.6, 198.51.100.4, 10.0.0.8"), (b"x-forwarded-proto", b"https")]
    for trusted, caller in (("10.0.0.0/24", "10.0.0.9"), ("10.0.0.0/24", "203.0.113.5"), ("", "10.0.0.9")):
        monkeypatch.setenv("GOODWORD_TRUSTED_PROXIES", trusted)
        served = transport.load(os.getpid(), "any:application")
        scope = {"type": "http", "client": (caller, 1), "scheme": "http", "headers": headers}
        asyncio.run(served(scope, None, None))
    assert seen == [("198.51.100.4", "https"), ("203.0.113.5", "http"), ("10.0.0.9", "http")]
