"""Do the first steps tick what was really done, for whom they are meant, and is a demo's clock nowhere else?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from goodword.actions import demo_clock
from goodword.actions.deeds import Actor
from goodword.errors import BadInput, NotAllowed
from goodword.house import wish
from goodword.house.folder import DataFolder
from tests.web.conftest import As


def ticks(page: str) -> dict[str, bool]:
    """What the guided check shows: thing to do -> whether it is ticked."""
    listed = re.findall(
        r'<span class="badge (ok|mute)">.*?<strong>(.*?)</strong>', page.partition('id="work"')[2], re.S
    )
    return {what: tone == "ok" for tone, what in listed}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DataFolder]:
    """A data folder of its own, as settings name it."""
    made = DataFolder(tmp_path / "data")
    made.prepare()
    monkeypatch.setenv("GOODWORD_DATA", str(made.root))
    yield made


@pytest.fixture
def demo(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> DataFolder:
    (folder.root / wish.MARKER).write_text("{}")
    monkeypatch.setenv("GOODWORD_DEMO", "yes")
    return folder


def test_ticks_come_from_what_is_there(world: Any, as_: As, folder: DataFolder) -> None:
    olga = as_("olga")
    before = ticks(olga.get("/first-steps?client=acme").content.decode())
    assert before["Create a referral"] and before["See it qualify"], "Acme has both, from its systems"
    assert not before["Verify the ledger"]
    with psycopg.connect(world.urls.owner, autocommit=True) as owner:
        owner.execute(
            "INSERT INTO action (client_id, actor, verb) VALUES (%s, 'somebody', 'proof.verify')",
            (world.clients["globex"],),
        )
        assert not ticks(olga.get("/first-steps?client=acme").content.decode())["Verify the ledger"]
        assert ticks(olga.get("/first-steps?client=globex").content.decode())["Verify the ledger"]
        owner.execute("DELETE FROM action WHERE actor = 'somebody'")


def test_a_reward_is_marked_as_sent_where_it_is_asked_for(world: Any, as_: As, folder: DataFolder) -> None:
    olga = as_("olga")
    page = olga.get("/first-steps?client=acme").content.decode()
    form = re.search(r'action="(/c/acme/rewards/rwd_[0-9a-f]{32}/sent)".*?<button[^>]*>(.*?)</button>', page, re.S)
    assert (form and "10.00" in form[2]) or "20.00" in form[2], "the money is named on the button"
    assert as_("dan").post(form[1]).status_code == 403
    assert as_("gil").post(form[1]).status_code == 404
    assert olga.post(form[1]).status_code == 303
    assert ticks(olga.get("/first-steps?client=acme").content.decode())["Mark a reward as sent"]
    assert olga.post(form[1]).status_code == 422, "once is enough"


def test_checks_of_the_server_name_their_repair(as_: As, folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.postgres.mkdir()
    monkeypatch.setenv("GOODWORD_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("GOODWORD_SMTP_PORT", "9")
    monkeypatch.setenv("GOODWORD_KEY_FILE", str(folder.root / "master.key"))
    monkeypatch.delenv("GOODWORD_KEY", raising=False)
    page = as_("olga").get("/first-steps").content.decode()
    assert "127.0.0.1 does not answer on port 9" in page and "GOODWORD_SMTP_HOST" in page
    assert "It lies in the data folder" in page
    assert re.search(r'<li class="wrong"', page), "the step of the server is not done"


def test_they_are_for_those_who_run_the_house(as_: As, folder: DataFolder) -> None:
    assert as_("isa").get("/first-steps").status_code == 200
    for who in ("dan", "carl", "vera", "nora"):
        assert as_(who).get("/first-steps").status_code == 403
    assert as_("").get("/first-steps").headers["Location"].startswith("/sign-in?next=")
    assert "An administrator adds clients" in as_("isa").get("/first-steps").content.decode()


def test_put_away_and_taken_out_again(as_: As, folder: DataFolder) -> None:
    olga = as_("olga")
    assert 'href="/first-steps"' in olga.get("/first-steps").content.decode()
    assert olga.post("/first-steps/away").status_code == 303
    assert 'href="/first-steps"' not in olga.get("/c/acme/referrals").content.decode()
    olga.post("/first-steps/away", {"back": "yes"})
    assert 'href="/first-steps"' in olga.get("/c/acme/referrals").content.decode()


def test_outside_a_demo_there_is_no_ribbon_no_clock_and_nothing_to_clear(
    as_: As, folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    olga = as_("olga")
    for is_set in ("no", "yes"):  # a setting alone makes no demo
        monkeypatch.setenv("GOODWORD_DEMO", is_set)
        assert "Demo data" not in olga.get("/c/acme/referrals").content.decode()
        assert olga.post("/c/acme/clock", {"by": "week"}).status_code == 404
        for path in ("/demo/clear", "/demo/fill"):
            assert olga.post(path).status_code == 404
    assert wish.asked(folder) is None


def test_the_ribbon_of_a_demo_by_role(world: Any, as_: As, demo: DataFolder) -> None:
    olga, dan, vera = (as_(who).get("/c/acme/referrals").content.decode() for who in ("olga", "dan", "vera"))
    assert all("Demo data, nothing is sent" in page for page in (olga, dan, vera))
    assert "To the next due moment" in olga and "Clear demo" in olga
    assert "To the next due moment" not in dan and "Clear demo" not in dan
    assert as_("dan").post("/c/acme/clock", {"by": "day"}).status_code == 403
    assert as_("carl").post("/demo/clear").status_code == 403
    assert wish.asked(demo) is None
    assert "Demo data" in as_("olga").get("/c/acme/referrals/ref_" + "0" * 32).content.decode(), (
        "on a page not found too"
    )


def test_a_clock_goes_forward_for_those_who_may_and_never_back(world: Any, demo: DataFolder) -> None:
    from goodword.web.desk import doing

    admin, now = Actor(world.users["olga"], "admin"), datetime.now(UTC)
    with doing.chain() as chain:
        client = chain.client("globex")
        with pytest.raises(NotAllowed):
            demo_clock.leap(chain, client, Actor(world.users["gil"], "agent"), "week", at=now)
        with pytest.raises(BadInput):
            demo_clock.leap(chain, client, admin, "yesterday", at=now)
        first = demo_clock.leap(chain, client, admin, "day", at=now)
        second = demo_clock.leap(chain, client, admin, "week", at=now)
        assert first.until == second.since and (second.until - first.since).days == 8
        assert demo_clock.leap(chain, client, admin, "now", at=now).until <= second.until
        noted = chain.conn.execute(
            "SELECT count(*) FROM action WHERE verb = 'client.clock' AND actor = %s", (admin.name,)
        )
        assert noted.fetchone() == (3,), "each is a line in the log of acts"


def test_a_wish_is_one_word_that_is_known(folder: DataFolder) -> None:
    wish.ask(folder, "clear")
    assert wish.asked(folder) == "clear"
    wish.done(folder)
    assert wish.asked(folder) is None
    (folder.run / "demo.wish").write_text(json.dumps({"drop": "everything"}))
    assert wish.asked(folder) is None
