"""Does the second step hold: an app's code once, recovery codes once, locked after five, sealed where it lies?"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.web.conftest import As
from tests.web.door import code_now, recovery_codes, set_up_app, sign_in, signed_in, text_of


@pytest.fixture
def owner(world: Any) -> Iterator[Any]:
    from django.core.cache import cache

    with psycopg.connect(world.urls.owner, autocommit=True) as conn:
        yield conn
        for table in ("sign_in_failure", "mfa_authenticator", "usersessions_usersession", "django_session"):
            conn.execute(f"DELETE FROM {table}")
    cache.clear()


def test_from_setting_up_an_app_to_signing_in_with_it(world: Any, as_: As, owner: Any) -> None:
    browser = signed_in(as_, "dan")
    picture = browser.get("/account/app").content.decode()
    assert "<svg" in picture and "style=" not in picture and "data:" not in picture
    secret = set_up_app(browser)
    assert "10 codes are left." in text_of(browser.get("/account"))

    fresh = as_("")
    first = sign_in(fresh, "dan", next="/c/acme/events")
    assert first.headers["Location"] == "/sign-in/code"
    assert fresh.get("/c/acme/events").status_code == 302, "the password alone opens nothing"
    shown = text_of(fresh.get("/sign-in/code"))
    assert "The password for dan@house.test was right." in shown
    wrong = fresh.post("/sign-in/code", {"code": "000000"})
    assert wrong.status_code == 422
    assert "dan@house.test" in wrong.content.decode() and "not the right one" in text_of(wrong), "the name is kept"
    right = fresh.post("/sign-in/code", {"code": code_now(secret)})
    assert right.headers["Location"] == "/c/acme/events"
    assert fresh.get("/c/acme/events").status_code == 200


def test_a_code_counts_once(world: Any, as_: As, owner: Any) -> None:
    secret = set_up_app(signed_in(as_, "dan"))
    code = code_now(secret)
    for expected in (302, 422):
        browser = as_("")
        sign_in(browser, "dan")
        assert browser.post("/sign-in/code", {"code": code}).status_code == expected
    browser.post("/sign-in/code", {"code": f"{code[:3]} {code[3:]}"})
    assert browser.get("/account").status_code == 302, "written otherwise it is the same code"


def test_each_recovery_code_works_once_and_new_ones_end_the_old(world: Any, as_: As, owner: Any) -> None:
    browser = signed_in(as_, "carl")
    set_up_app(browser)
    codes = recovery_codes(browser)
    assert len(codes) == len(set(codes)) == 10
    file = browser.get("/account/recovery-codes/file")
    assert file.headers["Content-Type"].startswith("text/plain") and codes[0] in file.content.decode()
    for expected in (302, 422):
        fresh = as_("")
        sign_in(fresh, "carl")
        assert fresh.post("/sign-in/code", {"code": codes[0]}).status_code == expected
    assert codes[0] not in recovery_codes(browser) and len(recovery_codes(browser)) == 9
    assert browser.post("/account/recovery-codes/new").status_code == 302
    assert not set(recovery_codes(browser)) & set(codes)
    assert fresh.post("/sign-in/code", {"code": codes[1]}).status_code == 422


def test_five_wrong_codes_lock_and_a_right_password_forgives_none(world: Any, as_: As, owner: Any) -> None:
    secret = set_up_app(signed_in(as_, "vera"))
    answers = []
    for _ in range(5):  # each time the password anew, which must not begin the count again
        browser = as_("")
        sign_in(browser, "vera")
        answers.append(browser.post("/sign-in/code", {"code": "123"}))
    assert [answer.status_code for answer in answers] == [422] * 4 + [429]
    locked = text_of(answers[-1])
    assert re.search(r"locked until \d\d:\d\d \(UTC\), which is 15 minutes from now", locked)
    assert "vera@house.test" in locked
    late = browser.post("/sign-in/code", {"code": code_now(secret)})
    assert late.status_code == 429, "the right code does not help while it is locked"
    assert sign_in(as_(""), "dan").status_code == 302, "others are not locked"
    owner.execute("UPDATE sign_in_failure SET locked_until = now() - interval '1 second'")
    assert browser.post("/sign-in/code", {"code": code_now(secret)}).status_code == 302


def test_secrets_lie_sealed_also_while_they_wait(world: Any, as_: As, owner: Any) -> None:
    from django.contrib.sessions.models import Session

    browser = signed_in(as_, "audra")
    page = browser.get("/account/app").content.decode()
    found = re.search(r'<bdi class="code">([A-Z2-7 ]+)</bdi>', page)
    assert found
    waiting = found[1].replace(" ", "")
    assert all(waiting not in str(session.get_decoded()) for session in Session.objects.all())
    secret = set_up_app(browser)
    codes = recovery_codes(browser)
    rows = owner.execute("SELECT type, data::text FROM mfa_authenticator ORDER BY type").fetchall()
    assert [kind for kind, _ in rows] == ["recovery_codes", "totp"]
    kept = "".join(data for _, data in rows)
    assert secret not in kept and base64.b64encode(secret.encode()).decode() not in kept
    assert not [code for code in codes if code in kept]
    assert all(secret not in str(session.get_decoded()) for session in Session.objects.all())


def test_taking_it_away_needs_fresh_proof_and_is_kept(world: Any, as_: As, owner: Any) -> None:
    browser = as_("ida")  # came in some other day
    asked = browser.get("/account/app")
    assert asked.headers["Location"] == "/account/prove?next=%2Faccount%2Fapp"
    wrong = browser.post(asked.headers["Location"], {"password": "not this one", "next": "/account/app"})
    assert wrong.status_code == 422
    proved = browser.post("/account/prove", {"password": "a few quiet words", "next": "/account/app"})
    assert proved.headers["Location"] == "/account/app"
    set_up_app(browser)
    assert "Remove" in text_of(browser.get("/account/app/remove"))
    assert browser.post("/account/app/remove").status_code == 302
    page = text_of(browser.get("/account"))
    assert "Off" in page and "not set up" in page
    assert owner.execute("SELECT count(*) FROM mfa_authenticator").fetchone() == (0,), "recovery codes end with it"
    verbs = [row[0] for row in owner.execute("SELECT verb FROM action WHERE verb LIKE 'user.second%' ORDER BY at").fetchall()]
    assert {"user.second_factor_added:totp", "user.second_factor_removed:totp"} <= set(verbs)
    assert sign_in(as_(""), "ida").headers["Location"] == "/"


def test_proof_by_a_code_and_its_lock(world: Any, as_: As, owner: Any) -> None:
    set_up_app(signed_in(as_, "dev"))
    browser = as_("dev")
    page = browser.get("/account/prove/code?next=/account/recovery-codes")
    assert page.status_code == 200 and "/account/prove?next=" in page.content.decode()
    for n in range(5):
        answer = browser.post("/account/prove/code", {"code": f"00{n}", "next": "/account/recovery-codes"})
    assert answer.status_code == 429 and "locked until" in text_of(answer)


def test_the_password_page_has_the_same_lock_as_the_front_door(world: Any, as_: As, owner: Any) -> None:
    browser = as_("gil")
    for _ in range(5):
        answer = browser.post("/account/prove", {"password": "wrong", "next": "/account"})
    assert answer.status_code == 429 and "locked until" in text_of(answer)
    assert sign_in(as_(""), "gil").status_code == 429


def test_an_administrator_takes_a_lost_second_factor_away(world: Any, as_: As, owner: Any) -> None:
    from datetime import UTC, datetime
    from uuid import UUID

    from goodword.actions import second_factor
    from goodword.actions.deeds import Actor
    from goodword.errors import NotAllowed, NotFound

    set_up_app(signed_in(as_, "dan"))
    dan, now = UUID(world.users["dan"]), datetime.now(UTC)
    with pytest.raises(NotAllowed):
        second_factor.forget(dan, Actor(world.users["vera"], "client_viewer"), now)
    second_factor.forget(dan, Actor(world.users["olga"], "admin"), now)
    assert sign_in(as_(""), "dan").headers["Location"] == "/"
    set_up_app(signed_in(as_, "olga"))
    assert second_factor.forget_by_email(" Olga@House.test", now) == 2, "on the machine, for whom nobody else can help"
    with pytest.raises(NotFound):
        second_factor.forget_by_email("nobody@house.test", now)
    rows = owner.execute("SELECT actor FROM action WHERE verb = 'user.second_factor_forgotten' ORDER BY actor").fetchall()
    assert sorted(row[0] for row in rows) == sorted([world.users["olga"], "command line"])


@pytest.mark.parametrize("junk", ["", "{}", "[]", "null", '"x"', "not json", '{"id": "x", "response": {}}',
                                  '{"id":"AA","rawId":"AA","type":"public-key","response":{"userHandle":"????"}}'])  # fmt: skip
def test_what_is_no_passkey_opens_nothing_and_breaks_nothing(world: Any, as_: As, owner: Any, junk: str) -> None:
    browser = as_("")
    browser.get("/sign-in/passkey", SERVER_NAME="localhost", HTTP_ACCEPT="application/json")
    answer = browser.post("/sign-in/passkey", {"credential": junk}, SERVER_NAME="localhost")
    assert answer.status_code == 422 and "does not open an account here" in text_of(answer)
    again = as_("dan").post("/account/prove/passkey", {"credential": junk}, SERVER_NAME="localhost")
    assert again.status_code in (302, 422), "led to the password where there is no passkey"
    inside = signed_in(as_, "dan")
    inside.get("/account/passkeys/add", SERVER_NAME="localhost")
    refused = inside.post("/account/passkeys/add", {"credential": junk, "name": "x"}, SERVER_NAME="localhost")
    assert refused.status_code == 422
    assert owner.execute("SELECT count(*) FROM mfa_authenticator").fetchone() == (0,)
