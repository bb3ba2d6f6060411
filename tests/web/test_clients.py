"""Does a new client come to be in ten minutes, once, whole, and without a word of another one?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import psycopg
import pytest

from tests.web.conftest import As
from tests.web.world import CANARY


@pytest.fixture
def owner(world: Any) -> Iterator[Any]:
    with psycopg.connect(world.urls.owner, autocommit=True) as conn:
        yield conn


@pytest.fixture
def olga(as_: As) -> Any:
    return as_("olga")


def form(browser: Any, step: str, **typed: str) -> Any:
    return browser.post(f"/clients/new?step={step}", typed)


def made(browser: Any, name: str, **more: str) -> str:
    """A new client through the forms; its slug."""
    assert (
        form(browser, "names", name=name, legal_name=f"{name} GmbH", slug=more.get("slug", ""), prefix="").status_code
        == 303
    )
    served = {name: more.get(name, "") for name in ("sector", "countries", "languages")}
    money = form(browser, "money", currency=more.get("currency", "EUR"), timezone="Europe/Berlin", **served)
    assert money.status_code == 303
    answer = form(browser, "look", colour="#0b6e63", consent="never")
    assert answer.status_code == 303, answer.content.decode()
    found = re.fullmatch(r"/c/([a-z0-9-]+)/start/key", answer.headers["Location"])
    assert found
    return found[1]


PROGRAM = {"type": "two_sided", "name": "Bring a friend", "kind_advocate": "cash", "give_advocate": "10,00", "most_advocate": "",
           "kind_friend": "voucher", "give_friend": "10 %", "most_friend": "20.00", "min": "50", "window": "30", "hold": "14",
           "limit": "5", "budget": "2000"}  # fmt: skip


def test_from_nothing_to_a_first_referral(world: Any, olga: Any, owner: Any) -> None:
    slug = made(olga, "Northwind Träume")
    assert slug == "northwind-traume"
    row = owner.execute(
        "SELECT name, legal_name, currency, code_prefix, consent FROM client WHERE slug = %s", (slug,)
    ).fetchone()
    assert row == ("Northwind Träume", "Northwind Träume GmbH", "EUR", "NOR", {"visitor_cookie": "never"})
    page = olga.get(f"/c/{slug}/start/key").content.decode()
    nonce = re.search(r'name="nonce" value="([^"]+)"', page)
    assert nonce
    answer = olga.post(f"/c/{slug}/start/key", {"nonce": nonce[1]})
    secret = re.search(r'value="(gw_[^"]+)"', answer.content.decode())
    assert answer.status_code == 200 and secret and secret[1] in answer.content.decode().split("curl")[0]
    again = olga.post(f"/c/{slug}/start/key", {"nonce": nonce[1]})
    assert again.status_code == 303, "sent twice, one key"
    assert owner.execute(
        "SELECT count(*) FROM api_key k JOIN client c ON c.id = k.client_id WHERE c.slug = %s", (slug,)
    ).fetchone() == (1,)

    look = olga.post(f"/c/{slug}/start/program", PROGRAM).content.decode()
    assert "a voucher of" in look and 'value="publish"' in look
    assert owner.execute(
        "SELECT count(*) FROM program p JOIN client c ON c.id = p.client_id WHERE c.slug = %s", (slug,)
    ).fetchone() == (0,)
    for _ in range(2):  # a double click publishes once
        answer = olga.post(f"/c/{slug}/start/program", PROGRAM | {"act": "publish"})
        assert answer.status_code == 303, answer.content.decode()
    assert answer.headers["Location"] == f"/c/{slug}/start/referral"
    assert olga.get(f"/c/{slug}/programs.json").json()[0]["live_version"] == 1

    page = olga.get(f"/c/{slug}/start/referral").content.decode()
    assert "Nothing yet" in page
    body = re.search(r"-d &#x27;(\[.*?\])&#x27;", page, re.DOTALL)
    assert body
    _send(world, slug, body[1])
    page = olga.get(f"/c/{slug}/start/referral").content.decode()
    story = re.search(rf"/c/{slug}/referrals/ref_[0-9a-f]{{32}}", page)
    assert "The first referral is there" in page and story
    assert olga.get(story[0]).status_code == 200
    assert CANARY not in page


def _send(world: Any, slug: str, escaped: str) -> None:
    """Send the request of the page, as the front door would take it."""
    from html import unescape

    from tests.worker.lane import lane_on

    with psycopg.connect(world.urls.owner) as owner, lane_on(world.urls, "acme", world.keyring) as lane:
        row = owner.execute("SELECT id FROM client WHERE slug = %s", (slug,)).fetchone()
        assert row is not None
        lane.client_id = row[0].hex
        now = datetime.now(UTC) + timedelta(seconds=5)
        lane.send(*msgspec.json.decode(unescape(escaped)), received_at=now)
        lane.drain_all(now=now)


def test_each_step_is_kept_and_leads_back(olga: Any) -> None:
    form(olga, "names", name="Kept Brand", legal_name="Kept Ltd", slug="", prefix="")
    page = olga.get("/clients/new?step=names").content.decode()
    assert 'value="Kept Brand"' in page and 'value="kept-brand"' in page and 'value="KEP"' in page
    form(olga, "money", currency="GBP", timezone="Europe/London")
    assert 'value="Europe/London"' in olga.get("/clients/new?step=money").content.decode()
    assert 'href="/clients/new?step=money"' in olga.get("/clients/new?step=look").content.decode()
    olga.get("/clients/new?again")
    assert "Kept Brand" not in olga.get("/clients/new").content.decode()


@pytest.mark.parametrize(
    ("step", "typed", "words"),
    [
        ("names", {"name": ""}, "Give the client its name"),
        ("names", {"name": "x" * 101}, "too long"),
        ("names", {"name": "Acme", "slug": "acme", "prefix": "ZZZ"}, "This one is free: acme-2"),
        ("names", {"name": "Bad", "slug": "Bad Name!", "prefix": "ZZZ"}, "Begin with a letter"),
        ("names", {"name": "Bad", "slug": "new", "prefix": "ZZZ"}, "Begin with a letter"),
        ("names", {"name": "Bad", "slug": "bad", "prefix": "ÄÖ"}, "letters and digits without accents"),
        ("money", {"currency": "EURO", "timezone": "Europe/Berlin"}, "no currency"),
        ("money", {"currency": "EUR", "timezone": "Berlin"}, "no such time zone"),
        ("money", {"currency": "EUR", "timezone": "../../etc/passwd"}, "no such time zone"),
        ("money", {"currency": "EUR", "timezone": "Europe/Berlin", "sector": "crypto"}, "Choose one from the list"),
        ("money", {"currency": "EUR", "timezone": "Europe/Berlin", "countries": "DE, UK"}, "Write GB."),
        ("money", {"currency": "EUR", "timezone": "Europe/Berlin", "countries": "US-XX"}, "US-XX is no country or state"),
        ("money", {"currency": "EUR", "timezone": "Europe/Berlin", "languages": "english"}, "english is no language"),
        ("look", {"colour": "teal", "consent": "never"}, "no colour"),
        ("look", {"colour": "#ffd700", "consent": "never"}, "contrast of 1.4 to 1"),
        ("look", {"colour": "#0b6e63", "consent": "maybe"}, "Choose one of the three"),
    ],
)
def test_what_is_refused_in_words_by_the_field(olga: Any, step: str, typed: dict[str, str], words: str) -> None:
    olga.get("/clients/new?again")
    answer = form(olga, step, **typed)
    page = answer.content.decode()
    assert answer.status_code == 422 and words in page and "<title>Error:" in " ".join(page.split())
    for value in typed.values():
        assert value in ("", "maybe", "EURO", "crypto") or f'value="{value}"' in page or value in page, (
            "what was typed is kept"
        )


def test_a_pale_colour_is_offered_darker_and_taken(olga: Any) -> None:
    from goodword.web.desk.clients import colours

    olga.get("/clients/new?again")
    form(olga, "names", name="Pale", legal_name="", slug="", prefix="")
    form(olga, "money", currency="EUR", timezone="Europe/Berlin")
    page = form(olga, "look", colour="#ffd700", consent="never").content.decode()
    near = re.search(r'name="take" value="(#[0-9a-f]{6})"', page)
    assert near and colours.passes(near[1]) and colours.contrast(near[1], "#ffffff") < 4.7
    taken = olga.post("/clients/new?step=look", {"colour": "#ffd700", "consent": "never", "take": near[1]})
    assert taken.status_code == 303


def test_contrast_is_that_of_the_standard() -> None:
    from goodword.web.desk.clients import colours

    assert colours.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert colours.contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
    assert colours.text_on("#ffd700") == "#000000" and colours.text_on("#0b6e63") == "#ffffff"
    assert colours.read_colour("0B6") == "#00bb66" and colours.read_colour("red") is None


def test_sent_twice_it_is_made_once(olga: Any, owner: Any) -> None:
    slug = made(olga, "Twice Brand")
    again = form(olga, "look", colour="#0b6e63", consent="never")
    assert again.status_code == 303 and again.headers["Location"] == f"/c/{slug}/start/key"
    assert owner.execute("SELECT count(*) FROM client WHERE name = 'Twice Brand'").fetchone() == (1,)


def test_two_at_once_with_one_name_get_one_client(world: Any, as_: As, owner: Any) -> None:
    first, second = as_("olga"), as_("olga")
    for browser in (first, second):
        form(browser, "names", name="Race Brand", legal_name="", slug="race", prefix="RAC")
        form(browser, "money", currency="EUR", timezone="Europe/Berlin")
    assert form(first, "look", colour="#0b6e63", consent="never").status_code == 303
    late = form(second, "look", colour="#0b6e63", consent="never")
    assert late.status_code == 422 and "race-2" in late.content.decode()
    assert owner.execute("SELECT count(*) FROM client WHERE slug = 'race'").fetchone() == (1,)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"name": ""}, "Give the program a name"),
        ({"type": "pyramid"}, "Choose one of the templates"),
        ({"give_advocate": "a lot"}, "Write an amount"),
        ({"give_advocate": "-5"}, "Write an amount"),
        ({"give_advocate": "0"}, "above zero"),
        ({"give_advocate": "10.005"}, "more than 2 decimals"),
        ({"give_advocate": "999999999999999"}, "beyond the largest amount"),
        ({"give_advocate": "5000"}, "Cannot carry one single grant"),
        ({"give_friend": "10 %", "most_friend": ""}, "maximum"),
        ({"give_friend": "150 %"}, "not a percentage"),
        ({"hold": "14d"}, "whole number of days"),
        ({"window": "9999"}, "at most 400"),
        ({"limit": "0"}, "above zero"),
        ({"budget": "1e9"}, "Write an amount"),
    ],
)
def test_absurd_programs_are_refused_by_the_field(
    world: Any, as_: As, owner: Any, changed: dict[str, str], words: str
) -> None:
    answer = as_("carl").post("/c/acme/start/program", PROGRAM | changed | {"act": "publish"})
    page = answer.content.decode()
    assert answer.status_code == 422 and words in page, re.findall(r"class=.wrong.>([^<]*)", page)
    assert 'value="2000"' in page or "budget" in changed, "what was typed is kept"
    assert owner.execute("SELECT count(*) FROM program WHERE slug = 'bring-a-friend' AND client_id = %s::uuid",
                         (world.clients["acme"],)).fetchone() == (0,)  # fmt: skip


def test_a_program_of_that_name_is_not_overwritten(as_: As) -> None:
    answer = as_("carl").post("/c/acme/start/program", PROGRAM | {"name": "Friends", "act": "publish"})
    assert answer.status_code == 422 and "is there already" in answer.content.decode()


def test_a_manager_changes_settings_of_one_client_alone(world: Any, as_: As, owner: Any) -> None:
    carl = as_("carl")
    page = carl.get("/c/acme/client").content.decode()
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    assert seen
    typed = {"seen": seen[1], "name": "Acme", "legal_name": "Acme AG", "timezone": "Europe/Vienna", "colour": "#8a3b12",
             "consent": "always", "currency": "USD", "slug": "taken-over", "review_hours": "8"}  # fmt: skip
    for hours in ("", "0", "721", "8.5", "٨"):
        refused = carl.post("/c/acme/client", typed | {"review_hours": hours})
        assert refused.status_code == 422 and "whole number of hours, from 1 to 720" in refused.content.decode(), hours
    assert carl.post("/c/acme/client", typed).status_code == 303
    row = owner.execute("SELECT slug, legal_name, timezone, colour, currency, consent, review_hours FROM client WHERE id = %s::uuid",
                        (world.clients["acme"],)).fetchone()  # fmt: skip
    assert row == ("acme", "Acme AG", "Europe/Vienna", "#8a3b12", "EUR", {"visitor_cookie": "always"}, 8)
    stale = carl.post("/c/acme/client", typed | {"name": "Late"})
    assert (
        stale.status_code == 422
        and "changed meanwhile" in stale.content.decode()
        and 'value="Late"' in stale.content.decode()
    )
    assert owner.execute("SELECT count(*) FROM action WHERE verb = 'client.edit'").fetchone() == (1,)
    assert carl.post("/c/globex/client", typed).status_code == 404
    assert as_("dan").post("/c/acme/client", typed).status_code == 403
    owner.execute("UPDATE client SET timezone = 'Europe/Berlin', review_hours = 24 WHERE slug = 'acme'")


def test_whom_a_client_serves_is_asked_first_and_changed_later(world: Any, olga: Any, as_: As, owner: Any) -> None:
    slug = made(olga, "Sure Thing", currency="USD", sector="insurance", countries="us-ny, us-tx", languages="EN")
    row = "SELECT sector, places, languages FROM client WHERE slug = %s"
    assert owner.execute(row, (slug,)).fetchone() == ("insurance", ["US-NY", "US-TX"], ["en"])
    looked = olga.post(f"/c/{slug}/start/program", PROGRAM).content.decode()
    assert "The reward for a referral depends on the sale of insurance." in looked, "said before it is published"
    refused = olga.post(f"/c/{slug}/start/program", PROGRAM | {"act": "publish"})
    assert refused.status_code == 422 and "checks by law and sense forbid it" in refused.content.decode()

    page = olga.get(f"/c/{slug}/client").content.decode()
    for name in ("sector", "countries", "languages"):
        assert page.count(f'id="{name}"') == 1, "a label speaks of one thing"
    assert '<option value="insurance" selected>' in page and 'value="US-NY, US-TX"' in page
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    assert seen
    typed = {"seen": seen[1], "name": "Sure Thing", "timezone": "Europe/Berlin", "colour": "#8a3b12", "consent": "never",
             "review_hours": "24", "sector": "other", "countries": "uk Narnia", "languages": "de,en"}  # fmt: skip
    wrong = olga.post(f"/c/{slug}/client", typed)
    shown = wrong.content.decode()
    assert (
        wrong.status_code == 422
        and 'value="uk Narnia"' in shown
        and "UK is not what it is called here. Write GB." in shown
    )
    assert "NARNIA is no country or state" in shown and 'href="#countries"' in shown
    assert owner.execute(row, (slug,)).fetchone() == ("insurance", ["US-NY", "US-TX"], ["en"]), "nothing half done"
    assert olga.post(f"/c/{slug}/client", typed | {"countries": "gb"}).status_code == 303
    assert owner.execute(row, (slug,)).fetchone() == ("other", ["GB"], ["de", "en"])
    late = olga.post(f"/c/{slug}/client", typed | {"countries": "FR"})
    assert late.status_code == 422 and "changed meanwhile" in late.content.decode()
    told = {one["slug"]: one for one in olga.get("/clients.json").json()}[slug]
    assert (told["sector"], told["places"], told["languages"]) == ("other", "GB", "de en")


def test_the_list_is_of_the_house(world: Any, olga: Any, as_: As) -> None:
    page = olga.get("/clients").content.decode()
    assert "Acme" in page or "acme" in page
    rows = {row["slug"]: row for row in olga.get("/clients.json").json()}
    assert (
        rows["acme"]["live_programs"] >= 1 and rows["acme"]["referrals_30_days"] > 0 and rows["acme"]["last_event_at"]
    )
    assert "slug,name" in olga.get("/clients.csv").content.decode()
    for name in ("carl", "dan", "vera"):
        assert as_(name).get("/clients").status_code == 403
        assert as_(name).get("/clients/new").status_code == 403
    assert as_("isa").get("/clients").status_code == 200
    assert as_("isa").get("/clients/new").status_code == 403
