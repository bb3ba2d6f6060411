"""Does a forgotten password lead back in: by a link through a real mail server, else by an administrator's, never around the lock?"""

from __future__ import annotations

import email
import hashlib
import re
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from aiosmtpd.controller import Controller

from goodword.errors import BadInput, NotAllowed
from tests.web.conftest import As
from tests.web.door import set_up_app, sign_in, signed_in, text_of
from tests.web.world import PASSWORD

SENTENCE = "quite another quiet sentence"


class Inbox:
    """What came to the mail server."""

    def __init__(self) -> None:
        self.mails: list[Any] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails.append((envelope.rcpt_tos, email.message_from_bytes(envelope.content)))
        return "250 kept"

    def wait(self, count: int) -> list[Any]:
        end = time.monotonic() + 10
        while len(self.mails) < count and time.monotonic() < end:
            time.sleep(0.02)
        return self.mails


@pytest.fixture
def owner(world: Any) -> Iterator[Any]:
    with psycopg.connect(world.urls.owner, autocommit=True) as conn:
        before = conn.execute("SELECT id, password FROM store_user").fetchall()
        yield conn
        for id_, password in before:
            conn.execute("UPDATE store_user SET password = %s WHERE id = %s", (password, id_))
        for table in ("sign_in_failure", "mfa_authenticator", "sign_in_link"):
            conn.execute(f"DELETE FROM {table}")


@pytest.fixture
def inbox(world: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Inbox]:
    from django.test import override_settings

    from goodword import settings

    inbox = Inbox()
    port = free_port()
    server = Controller(inbox, hostname="127.0.0.1", port=port)
    server.start()
    monkeypatch.setenv("GOODWORD_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("GOODWORD_SMTP_PORT", str(port))
    monkeypatch.setenv("GOODWORD_SMTP_SECURITY", "none")
    monkeypatch.setenv("GOODWORD_PUBLIC_URL", "http://127.0.0.1:8000")
    mail = {name: getattr(settings, name) for name in dir(settings) if name.startswith(("EMAIL_", "DEFAULT_FROM"))}
    with override_settings(**mail):
        yield inbox
    server.stop()


def free_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


def ask(browser: Any, address: str) -> Any:
    return browser.post("/sign-in/forgotten", {"email": address})


def test_a_mailed_link_opens_once_and_says_nothing_of_strangers(world: Any, as_: As, owner: Any, inbox: Inbox) -> None:
    assert "/sign-in/forgotten" in as_("").get("/sign-in").content.decode()
    known, unknown = ask(as_(""), " Dan@House.test "), ask(as_(""), "nobody@house.test")
    assert text_of(known) == text_of(unknown) and known.status_code == unknown.status_code == 200
    assert "If somebody works here by that address, a link is on its way." in text_of(known)
    ((to, mail),) = inbox.wait(1)
    assert to == ["dan@house.test"] and mail["From"] == "goodword@127.0.0.1"
    body = mail.get_payload(decode=True).decode()
    link = re.search(r"http://127\.0\.0\.1:8000(/welcome/\S+)", body)
    assert link and "It works once, for one hour." in body
    browser = as_("")
    assert "dan@house.test" in text_of(browser.get(link[1]))
    assert browser.post(link[1], {"password": SENTENCE, "again": SENTENCE}).headers["Location"] == "/"
    assert as_("").get(link[1]).status_code == 410
    assert sign_in(as_(""), "dan", SENTENCE).status_code == 302 and sign_in(as_(""), "dan").status_code == 422
    (_to, told) = inbox.wait(2)[1]
    assert "The password of your account was changed" in told.get_payload(decode=True).decode()
    time.sleep(0.2)
    assert len(inbox.mails) == 2, "a stranger gets no mail"
    verbs = {row[0] for row in owner.execute("SELECT verb FROM action WHERE object_id = %s", (world.users["dan"],)).fetchall()}
    assert {"user.ask_link", "user.set_password"} <= verbs


def test_a_link_does_not_go_around_the_second_factor(world: Any, as_: As, owner: Any, inbox: Inbox) -> None:
    set_up_app(signed_in(as_, "carl"))
    news = len(inbox.wait(1))
    ask(as_(""), "carl@house.test")
    body = body_of(inbox.wait(news + 1)[-1][1])
    path = re.search(r"(/welcome/\S+)", body)
    assert path
    browser = signed_in(as_, "dan")  # a colleague's browser
    assert browser.post(path[1], {"password": SENTENCE, "again": SENTENCE}).headers["Location"] == "/sign-in/code"
    assert "carl@house.test" in text_of(browser.get("/sign-in/code")), "the colleague is signed out"
    assert browser.get("/account").status_code == 302


def test_asking_too_often_is_locked_known_or_not(world: Any, as_: As, owner: Any, inbox: Inbox) -> None:
    for address in ("vera@house.test", "nobody@house.test"):
        answers = [ask(as_(""), address) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [200] * 5 + [429]
        assert "locked until" in text_of(answers[-1])
    assert sign_in(as_(""), "vera").status_code == 302, "the door itself is not locked by it"


def body_of(mail: Any) -> str:
    return str(mail.get_payload(decode=True).decode())


def test_an_invitation_is_mailed_and_still_shown(world: Any, as_: As, owner: Any, inbox: Inbox) -> None:
    typed = {"email": "ines@house.test", "name": "Ines New", "role": "agent"}
    page = signed_in(as_, "carl").post("/c/acme/team/invite", typed)
    assert "It is also being mailed to ines@house.test." in text_of(page)
    ((to, mail),) = inbox.wait(1)
    assert to == ["ines@house.test"] and mail["Subject"] == "You were let in to Goodword"
    path = re.search(r"http://127\.0\.0\.1:8000(/welcome/\S+)", body_of(mail))
    assert path and path[1] in page.content.decode(), "the same link"
    assert as_("").post(path[1], {"password": SENTENCE, "again": SENTENCE}).status_code == 302
    time.sleep(0.2)
    assert len(inbox.mails) == 1, "who chooses the first password needs no news of it"


def test_a_colleagues_link_is_mailed_to_who_lost_the_password(world: Any, as_: As, owner: Any, inbox: Inbox) -> None:
    dan = world.users["dan"].replace("-", "")
    page = signed_in(as_, "carl").post(f"/c/acme/team/usr_{dan}/link")
    assert page.status_code == 200 and "It is also being mailed to dan@house.test." in text_of(page)
    ((to, mail),) = inbox.wait(1)
    assert to == ["dan@house.test"] and "A colleague made you a link" in body_of(mail)


def test_every_change_of_an_account_is_told_to_its_person(world: Any, as_: As, owner: Any, inbox: Inbox) -> None:
    lee = signed_in(as_, "lee")
    lee.post("/account/password", {"old": PASSWORD, "password": SENTENCE, "again": SENTENCE})
    set_up_app(lee)
    lee.post("/account/recovery-codes/new", {})
    told = [body_of(mail) for to, mail in inbox.wait(3) if to == ["lee@house.test"]]
    assert [any(words in one for one in told) for words in (
        "The password of your account was changed", "An authenticator app was set up", "New recovery codes were made",
    )] == [True] * 3  # fmt: skip
    assert all("If it was not you, choose another password at once" in one and "/account" in one for one in told)
    assert not any(SENTENCE in one or PASSWORD in one for one in told)
    id = world.users["lee"].replace("-", "")
    assert signed_in(as_, "olga").post(f"/users/usr_{id}/second-factor").status_code == 303
    assert "An administrator took away the second factor" in body_of(inbox.wait(4)[3][1])


def test_a_refused_change_is_no_news(world: Any, as_: As, owner: Any, inbox: Inbox) -> None:
    lee = signed_in(as_, "lee")
    lee.post("/account/password", {"old": "not it at all", "password": SENTENCE, "again": SENTENCE})
    time.sleep(0.3)
    assert inbox.mails == []


def test_without_a_mail_server_an_invitation_is_only_shown(world: Any, as_: As, owner: Any) -> None:
    typed = {"email": "olaf@house.test", "name": "Olaf New", "role": "agent"}
    page = signed_in(as_, "carl").post("/c/acme/team/invite", typed)
    assert "/welcome/" in page.content.decode() and "being mailed" not in text_of(page)


def test_without_a_mail_server_the_page_says_whom_to_ask(world: Any, as_: As, owner: Any) -> None:
    page = as_("").get("/sign-in/forgotten")
    assert page.status_code == 200 and "Ask an administrator" in text_of(page)
    assert "<form" not in page.content.decode()
    assert ask(as_(""), "dan@house.test").status_code == 200
    assert owner.execute("SELECT count(*) FROM sign_in_link").fetchone() == (0,)


def test_a_mail_server_that_is_down_breaks_nothing(
    world: Any, as_: As, owner: Any, inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    from django.test import override_settings

    from goodword.web.door.reset import deliver

    with override_settings(EMAIL_PORT=1):
        deliver("dan@house.test", datetime.now(UTC), "en")
    assert "was not sent" in caplog.text and "dan@house.test" not in caplog.text


def test_an_administrator_makes_a_link(world: Any, as_: As, owner: Any) -> None:
    from goodword.actions.deeds import Actor
    from goodword.actions.sign_in import reset_link

    now, dan = datetime.now(UTC), UUID(world.users["dan"])
    path = reset_link(dan, Actor(world.users["olga"], "admin"), now)
    browser = as_("")
    assert browser.post(path, {"password": SENTENCE, "again": SENTENCE}).status_code == 302
    assert sign_in(as_(""), "dan", SENTENCE).status_code == 302
    row = owner.execute("SELECT object_id FROM action WHERE verb = 'user.reset_link' AND actor = %s", (world.users["olga"],))
    assert row.fetchone() == (world.users["dan"],)
    late = reset_link(dan, Actor(world.users["olga"], "admin"), now - timedelta(hours=25))
    assert as_("").get(late).status_code == 410


@pytest.mark.parametrize(
    ("helper", "role", "whom", "may"),
    [
        ("carl", "manager", "dan", True),
        ("carl", "manager", "gil", False),  # another client's agent
        ("carl", "manager", "olga", False),  # the house's administrator
        ("carl", "manager", "ida", False),  # makes keys, which a manager does not
        ("dan", "agent", "vera", False),  # may let nobody in
        ("olga", "admin", "gil", True),
    ],
)
def test_nobody_makes_a_link_into_more_than_their_own(
    world: Any, owner: Any, helper: str, role: str, whom: str, may: bool
) -> None:
    from goodword.actions.deeds import Actor
    from goodword.actions.sign_in import reset_link

    actor, user = Actor(world.users[helper], role), UUID(world.users[whom])
    if may:
        assert reset_link(user, actor, datetime.now(UTC)).startswith("/welcome/")
    else:
        with pytest.raises(NotAllowed):
            reset_link(user, actor, datetime.now(UTC))
        assert owner.execute("SELECT count(*) FROM sign_in_link").fetchone() == (0,)


def test_no_link_for_whoever_is_shut_out(world: Any, owner: Any) -> None:
    from goodword.actions.deeds import COMMAND_LINE
    from goodword.actions.sign_in import reset_link

    owner.execute("UPDATE store_user SET is_active = false WHERE email = 'nora@house.test'")
    with pytest.raises(BadInput, match="shut out"):
        reset_link(UUID(world.users["nora"]), COMMAND_LINE, datetime.now(UTC))
    owner.execute("UPDATE store_user SET is_active = true WHERE email = 'nora@house.test'")


# -- passwords that everybody knows ---------------------------------------------------------------------------------------


def test_a_breached_password_is_refused_from_a_file(
    world: Any, as_: As, owner: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    breached = "correct horse battery"
    file = hashes(tmp_path, [breached, *(f"word number {n}" for n in range(999))])
    monkeypatch.setenv("GOODWORD_BREACHED_PASSWORDS", str(file))
    browser = signed_in(as_, "dan")
    refused = browser.post("/account/password", {"old": PASSWORD, "password": breached, "again": breached})
    assert refused.status_code == 422 and "was in a data breach" in text_of(refused)
    short = browser.post("/account/password", {"old": PASSWORD, "password": "password1234", "again": "password1234"})
    assert "too common" in text_of(short), "the short list holds beside the file"
    assert browser.post("/account/password", {"old": PASSWORD, "password": SENTENCE, "again": SENTENCE}).status_code == 303


def hashes(folder: Path, words: list[str], counts: bool = True) -> Path:
    lines = sorted(hashlib.sha1(word.encode()).hexdigest().upper() for word in words)
    file = folder / "breached.txt"
    file.write_text("\r\n".join(f"{line}:{7 ** (n % 9)}" if counts else line for n, line in enumerate(lines)) + "\r\n")
    return file


@pytest.mark.parametrize("count", [1, 2, 3, 500])
@pytest.mark.parametrize("counts", [True, False])
def test_every_line_of_the_file_is_found_and_no_other(tmp_path: Path, count: int, counts: bool) -> None:
    import django

    django.setup()
    from goodword.actions.breached import holds

    words = [f"secret {n}" for n in range(count)]
    file = hashes(tmp_path, words, counts)
    assert [word for word in words if not holds(file, word)] == []
    assert [n for n in range(500) if holds(file, f"other {n}")] == []
    (tmp_path / "empty").touch()
    assert not holds(tmp_path / "empty", "anything")


def test_a_file_that_is_gone_is_told_to_the_operator(
    world: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    from goodword.actions.breached import BreachedPasswordValidator

    monkeypatch.setenv("GOODWORD_BREACHED_PASSWORDS", str(tmp_path / "nothing"))
    BreachedPasswordValidator().validate(SENTENCE)
    assert "GOODWORD_BREACHED_PASSWORDS cannot be read" in caplog.text
