"""Can only the right people come in, once by a link, and is everybody told clearly what to do?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from goodword.errors import BadInput, NotFound
from tests.web.conftest import As
from tests.web.world import PASSWORD

SENTENCE = "a long and quiet sentence"


@pytest.fixture
def owner(world: Any) -> Iterator[Any]:
    with psycopg.connect(world.urls.owner, autocommit=True) as conn:
        yield conn
        conn.execute("DELETE FROM sign_in_failure")


def invite(
    world: Any, email: str, role: str = "agent", client: str | None = "acme", now: datetime | None = None
) -> str:
    from goodword.actions.sign_in import invite as act

    return act(email, role, client, now or datetime.now(UTC), owner_url=world.urls.owner)


def sign_in(browser: Any, email: str, password: str = PASSWORD, **more: str) -> Any:
    return browser.post("/sign-in", {"email": email, "password": password, **more})


def test_e_mail_and_password_lead_to_where_the_role_is_at_home(world: Any, as_: As, owner: Any) -> None:
    for email in ("dan@house.test", "DAN@House.Test", " dan@house.test "):
        browser = as_("")
        assert sign_in(browser, email).headers["Location"] == "/"
        home = browser.get("/").headers["Location"]
        assert home == "/today" and browser.get(home).status_code == 200
    browser = as_("")
    sign_in(browser, "ida@house.test")
    assert browser.get("/").headers["Location"] == "/c/acme/events", "IT has no referrals to see"


def test_unknown_people_and_wrong_passwords_are_told_the_same(world: Any, as_: As, owner: Any) -> None:
    answers = []
    for email in ("dan@house.test", "nobody@house.test", "nobody\x00@house.test"):
        answer = sign_in(as_(""), email, "not the one")
        assert answer.status_code == 422
        page = re.sub(r'value="[^"]*"', "", answer.content.decode())
        answers.append(page)
        assert "do not belong together" in page
        assert f'value="{email.replace(chr(0), "")}"' in answer.content.decode(), "the address typed is kept"
    assert answers[0] == answers[1] == answers[2]


@pytest.mark.parametrize("email", ["carl@house.test", "nobody.at.all@house.test"])
def test_after_five_failures_it_is_locked_until_a_time_that_is_told(
    world: Any, as_: As, owner: Any, email: str
) -> None:
    for _ in range(4):
        assert sign_in(as_(""), email, "wrong").status_code == 422
    locked = sign_in(as_(""), email, "wrong")
    assert locked.status_code == 429
    until = re.search(r"locked until (\d\d:\d\d) \(UTC\)", locked.content.decode())
    assert until
    at = datetime.now(UTC) + timedelta(minutes=15)
    assert until[1] in {f"{at - timedelta(minutes=n):%H:%M}" for n in (0, 1)}
    assert sign_in(as_(""), email, PASSWORD).status_code == 429, "the right password does not help while it is locked"
    assert sign_in(as_(""), "dan@house.test").status_code == 302, "others are not locked"
    owner.execute(
        "UPDATE sign_in_failure SET locked_until = now() - interval '1 second', since = now() - interval '20 minutes'"
    )
    assert sign_in(as_(""), email, PASSWORD).status_code == (302 if email.startswith("carl") else 422)
    rows = owner.execute("SELECT subject FROM sign_in_failure").fetchall()
    assert all(re.fullmatch("[0-9a-f]{64}", row[0]) for row in rows), "the table names nobody"


def test_a_success_forgets_the_failures(world: Any, as_: As, owner: Any) -> None:
    for _ in range(3):
        for _ in range(4):
            sign_in(as_(""), "vera@house.test", "wrong")
        assert sign_in(as_(""), "vera@house.test").status_code == 302


def test_after_signing_in_nobody_is_led_elsewhere(world: Any, as_: As, owner: Any) -> None:
    assert sign_in(as_(""), "dan@house.test", next="/c/acme/events").headers["Location"] == "/c/acme/events"
    for elsewhere in ("https://evil.test/", "//evil.test/x", "javascript:alert(1)", "\\\\evil.test"):
        assert sign_in(as_(""), "dan@house.test", next=elsewhere).headers["Location"] == "/"


def test_signing_out_ends_it_and_a_get_does_not(world: Any, as_: As, owner: Any) -> None:
    browser = as_("dan")
    assert browser.get("/sign-out").status_code == 405
    assert browser.get("/c/acme/events").status_code == 200
    assert browser.post("/sign-out").headers["Location"] == "/sign-in"
    assert browser.get("/c/acme/events").status_code == 302


def test_forms_need_their_token(world: Any) -> None:
    from django.test import Client

    strict = Client(SERVER_NAME="127.0.0.1", enforce_csrf_checks=True)
    assert strict.post("/sign-in", {"email": "dan@house.test", "password": PASSWORD}).status_code == 403


def test_cookies_fit_the_way_the_server_is_reached(
    world: Any, as_: As, owner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from goodword import settings

    browser = as_("")
    cookie = sign_in(browser, "dan@house.test").cookies["sessionid"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and not cookie["secure"], "plain HTTP in a closed network"
    monkeypatch.setenv("GOODWORD_PUBLIC_URL", "https://desk.example")
    assert settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE


# -- one-time links ------------------------------------------------------------------------------------------------------


def test_a_link_sets_the_password_once_and_signs_in(world: Any, as_: As, owner: Any) -> None:
    path = invite(world, "Fresh@House.test")
    token = path.removeprefix("/welcome/")
    assert (
        owner.execute("SELECT count(*) FROM sign_in_link WHERE token_hash = %s", (token.encode(),)).fetchone()[0] == 0
    )
    browser = as_("")
    shown = browser.get(path)
    assert shown.status_code == 200 and "fresh@house.test" in shown.content.decode()
    assert shown.headers["Referrer-Policy"] == "strict-origin"
    for wrong, why in (
        (("short", "short"), "too short"),
        (("password1234", "password1234"), "too common"),
        ((SENTENCE, "another"), "differ"),
    ):
        answer = browser.post(path, {"password": wrong[0], "again": wrong[1]})
        assert answer.status_code == 422 and why in answer.content.decode()
    assert browser.post(path, {"password": SENTENCE, "again": SENTENCE}).headers["Location"] == "/"
    assert browser.get("/c/acme/referrals").status_code == 200
    for again in (browser.get(path), as_("").post(path, {"password": "another long one", "again": "another long one"})):
        assert again.status_code == 410 and "works once" in again.content.decode()
    assert sign_in(as_(""), "fresh@house.test", SENTENCE).status_code == 302
    hash_ = owner.execute("SELECT password FROM store_user WHERE email = 'fresh@house.test'").fetchone()[0]
    assert hash_.startswith("argon2")
    verbs = [
        row[0] for row in owner.execute("SELECT verb FROM action WHERE object_kind = 'user' ORDER BY at").fetchall()
    ]
    assert verbs[-2:] == ["user.invite:agent", "user.set_password"]


def test_a_link_ends_after_a_day_and_with_a_newer_success(world: Any, as_: As, owner: Any) -> None:
    old = invite(world, "slow@house.test", now=datetime.now(UTC) - timedelta(hours=25))
    assert as_("").get(old).status_code == 410
    first, second = invite(world, "slow@house.test"), invite(world, "slow@house.test")
    assert as_("").post(second, {"password": SENTENCE, "again": SENTENCE}).status_code == 302
    assert as_("").get(first).status_code == 410, "a link that was left over"
    assert as_("").get("/welcome/nonsense").status_code == 410


def test_inviting_again_adds_a_role_and_keeps_the_password(world: Any, as_: As, owner: Any) -> None:
    invite(world, "gil@house.test", "auditor", "acme")
    browser = as_("")
    assert sign_in(browser, "gil@house.test").status_code == 302
    assert browser.get("/c/acme/referrals").status_code == browser.get("/c/globex/referrals").status_code == 200
    owner.execute("DELETE FROM membership WHERE role = 'auditor' AND user_id = %s::uuid", (world.users["gil"],))


def test_an_invitation_refuses_what_cannot_be(world: Any) -> None:
    with pytest.raises(BadInput, match="no role"):
        invite(world, "x@house.test", "emperor")
    with pytest.raises(BadInput, match="not an e-mail"):
        invite(world, "nobody")
    with pytest.raises(NotFound, match="no client"):
        invite(world, "x@house.test", "agent", "nosuch")


def test_an_invited_person_without_a_password_cannot_sign_in(world: Any, as_: As, owner: Any) -> None:
    invite(world, "waiting@house.test")
    for guess in ("", "!", "x"):
        assert sign_in(as_(""), "waiting@house.test", guess).status_code in (422, 429)


def test_somebody_without_a_client_is_told_what_to_do(world: Any, as_: As) -> None:
    page = as_("nora").get("/")
    assert page.status_code == 200
    assert "No client yet" in page.content.decode() and "goodword client add" in page.content.decode()


def test_the_look_is_kept_in_this_browser(world: Any, as_: As) -> None:
    browser = as_("dan")
    assert browser.post("/look", {"theme": "dark", "next": "/c/acme/events"}).headers["Location"] == "/c/acme/events"
    browser.post("/look", {"density": "compact"})
    page = browser.get("/c/acme/events").content.decode()
    assert 'data-theme="dark"' in page and 'data-density="compact"' in page
    browser.post("/look", {"theme": '"><script>', "next": "//evil.test"})
    assert 'data-theme="dark"' in browser.get("/c/acme/events").content.decode()
