"""Is what a person keeps at the desk theirs: settings in every browser, views of their own or the team's, texts not yet sent?"""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.web.conftest import As

# The keys of the desk in the order of the page; the page itself names their fields by number.
KEYS = "jkx.z/?[fvoadhmtnuigc"
FIELD = {key: f"key_{number}" for number, key in enumerate(KEYS)}


def shown(browser: Any, path: str = "/settings") -> str:
    return str(browser.get(path).content.decode())


def settings(**more: str) -> dict[str, str]:
    """What the form sends when nothing is changed."""
    kept = {"theme": "auto", "density": "comfortable", "language": "", "single_keys": "on"}
    return kept | {field: key for key, field in FIELD.items()} | more


# -- look and keys -------------------------------------------------------------------------------------------------------


def test_agents_start_with_narrow_rows_and_others_do_not(as_: As) -> None:
    assert 'data-density="compact"' in shown(as_("dan"))
    assert 'data-density="comfortable"' in shown(as_("carl"))


def test_a_choice_holds_in_every_browser(as_: As) -> None:
    here, there = as_("audra"), as_("audra")
    assert here.post("/look", {"theme": "dark", "next": "/settings"}).headers["Location"] == "/settings"
    assert 'data-theme="dark"' in shown(there)
    here.post("/look", {"density": "compact", "rail": "icons"})
    page = shown(there)
    assert 'data-density="compact"' in page and 'data-rail="icons"' in page and 'data-theme="dark"' in page
    here.post("/look", {"theme": "mauve", "density": "", "rail": "x", "language": "tlh"})
    assert 'data-theme="dark"' in shown(there)
    assert as_("").post("/look", {"theme": "dark"}).status_code == 302


def test_nobody_is_led_elsewhere(as_: As) -> None:
    assert as_("dan").post("/look", {"next": "//evil.test/x"}).headers["Location"] == "/"


def test_the_language_of_the_person_wins_over_the_browsers(as_: As) -> None:
    vera = as_("vera")
    assert "Abmelden" in vera.get("/settings", headers={"accept-language": "de"}).content.decode()
    vera.post("/look", {"language": "en"})
    assert "Sign out" in vera.get("/settings", headers={"accept-language": "de"}).content.decode()
    vera.post("/look", {"language": "ar"})
    page = vera.get("/settings").content.decode()
    assert '<html lang="ar" dir="rtl"' in page
    vera.post("/look", {"language": ""})
    assert '<html lang="en" dir="ltr"' in vera.get("/settings").content.decode()


def test_a_key_can_be_given_another_and_both_can_be_swapped(as_: As) -> None:
    lee = as_("lee")
    assert lee.post("/settings", settings(**{FIELD["a"]: "d", FIELD["d"]: "a"})).status_code == 303
    page = shown(lee, "/styleguide")
    assert re.search(r'aria-keyshortcuts="a"[^>]*>[^<]*<span class="kbd" aria-hidden="true">d</span>', page)
    assert '"map": {"a": "d", "d": "a"}' in page
    assert lee.post("/settings", {"default": "yes"}).status_code == 303
    assert '"map": {}' in shown(lee)


@pytest.mark.parametrize("taken", ["d", "z"])
def test_two_things_on_one_key_are_refused_and_what_was_typed_stays(as_: As, taken: str) -> None:
    answer = as_("lee").post("/settings", settings(**{FIELD["a"]: taken, "theme": "dark"}))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "<title>Error: Settings" in page
    assert f"“{taken}” already means" in page
    assert re.search(rf'id="{FIELD["a"]}"[^>]* value="{taken}"[^>]* aria-invalid="true"', page)
    assert 'data-theme="auto"' in page, "nothing was half done"


def test_single_keys_can_be_switched_off(as_: As) -> None:
    ida = as_("ida")
    sent = settings()
    del sent["single_keys"]
    assert ida.post("/settings", sent).status_code == 303
    page = shown(ida, "/styleguide")
    assert '"keys": {"on": false' in page
    assert 'aria-hidden="true">a</span>' not in page
    ida.post("/settings", {"default": "yes"})


def test_whatever_was_stored_falls_back(site: None) -> None:
    from goodword.store.models import User
    from goodword.web.own import preferences

    assert "".join(preferences.KEYS) == KEYS
    user = User(language="xx", settings={"theme": 7, "keys": {"a": "bb", "q": "x", "d": " "}, "single_keys": "maybe"})
    found = preferences.of(user, {"agent"})
    assert (found.theme, found.density, found.language, dict(found.keys), found.single_keys) == (
        "auto", "compact", "", {}, True,
    )  # fmt: skip
    assert preferences.of(User(settings=[1]), ()).density == "comfortable"


# -- views ---------------------------------------------------------------------------------------------------------------


def test_a_view_is_kept_without_the_place_in_the_list(site: None) -> None:
    from goodword.web.own.views import narrowed

    assert narrowed("state=held&after=xyz&sort=-risk&page=3") == "state=held&sort=-risk"
    assert narrowed("state=&q=%00") == "q=%00"
    assert len(narrowed("a=" + "b" * 5000)) <= 1000


def test_views_are_ones_own_or_the_teams(world: Any, as_: As) -> None:
    dan, lee, gil = as_("dan"), as_("lee"), as_("gil")
    kept = dan.post("/c/acme/views", {"room": "referrals", "name": "  My  held ", "query": "state=held&after=9"})
    assert (kept.status_code, kept.headers["Location"]) == (303, "/c/acme/referrals?state=held")
    dan.post("/c/acme/views", {"room": "referrals", "name": "Ours <b>", "query": "state=joined", "team": "on"})
    mine, theirs = shown(dan, "/c/acme/referrals"), shown(lee, "/c/acme/referrals")
    if "saved" in mine:
        assert "My held" in mine and "Ours &lt;b&gt;" in mine
        assert "My held" not in theirs and "Ours &lt;b&gt;" in theirs
    from goodword.store import own
    from goodword.store.scope import client_scope

    client_id = world.clients["acme"]
    with client_scope(client_id):
        seen = {name: own.views(client_id, world.users[name], "referrals") for name in ("dan", "lee")}
    assert [one.name for one in seen["dan"]] == ["My held", "Ours <b>"]
    assert [(one.name, one.is_own) for one in seen["lee"]] == [("Ours <b>", False)]
    team = seen["lee"][0].id
    lee.post("/c/acme/views/drop", {"room": "referrals", "view": team})
    gil.post("/c/globex/views/drop", {"room": "referrals", "view": team})
    with client_scope(client_id):
        assert own.views(client_id, world.users["lee"], "referrals")[0].id == team, "only its maker gives a view up"
    assert dan.post("/c/acme/views/drop", {"room": "referrals", "view": team}).status_code == 303
    with client_scope(client_id):
        assert [one.name for one in own.views(client_id, world.users["dan"], "referrals")] == ["My held"]


@pytest.mark.parametrize("sent", [{"room": "nosuch", "name": "x"}, {"room": "../x", "name": "x"}, {"name": "x"}])
def test_a_view_of_no_room_is_not_found(as_: As, sent: dict[str, str]) -> None:
    assert as_("dan").post("/c/acme/views", sent).status_code == 404


def test_a_view_without_a_name_is_refused_in_words(as_: As) -> None:
    dan = as_("dan")
    assert dan.post("/c/acme/views", {"room": "referrals", "name": " \x00 "}).status_code == 303
    assert "A view needs a name. Nothing was kept." in shown(dan)
    assert "A view needs a name" not in shown(dan), "a message is said once"


# -- texts not yet sent --------------------------------------------------------------------------------------------------


def test_a_text_comes_back_to_its_writer_alone_and_lies_sealed(world: Any, as_: As) -> None:
    import psycopg

    place, text = "note:ref_1", "Bob called: نور 王 <b>"
    dan = as_("dan")
    assert dan.post("/c/acme/draft", {"place": place, "text": text}).status_code == 204
    assert as_("dan").get("/c/acme/draft", {"place": place}).json() == {"text": text}
    assert as_("carl").get("/c/acme/draft", {"place": place}).json() == {"text": ""}
    assert as_("gil").get("/c/acme/draft", {"place": place}).status_code == 404
    assert as_("olga").get("/c/globex/draft", {"place": place}).json() == {"text": ""}
    with psycopg.connect(world.urls.owner) as owner:
        rows = owner.execute("SELECT sealed FROM draft WHERE place = %s", (place,)).fetchall()
    assert len(rows) == 1
    assert b"Bob" not in bytes(rows[0][0])
    dan.post("/c/acme/draft", {"place": place, "text": "  "})
    assert dan.get("/c/acme/draft", {"place": place}).json() == {"text": ""}


@pytest.mark.parametrize("place", ["", "Note", "a" * 200, "note/../x", "note:bob@x.test"])
def test_a_place_is_no_room_for_anything_else(as_: As, place: str) -> None:
    assert as_("dan").post("/c/acme/draft", {"place": place, "text": "x"}).status_code == 400


def test_a_text_that_is_far_too_long_is_cut_and_not_lost(as_: As) -> None:
    dan = as_("dan")
    dan.post("/c/acme/draft", {"place": "note:long", "text": "x" * 50_000})
    assert len(dan.get("/c/acme/draft", {"place": "note:long"}).json()["text"]) == 20_000


def test_the_page_can_ask_how_long_the_session_lasts(as_: As) -> None:
    assert as_("dan").get("/session-left").json()["seconds"] > 3600
    assert as_("").get("/session-left").status_code == 401
