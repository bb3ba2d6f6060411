"""Do lists, stories and the inspector say what happened, in few queries, and do searches leave no trace of a person?"""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from goodword.core.payouts import paid_out_by
from tests.web.conftest import As
from tests.web.test_walls import body
from tests.web.world import NOW, day


def text_of(page: str, pattern: str) -> str:
    found = re.search(pattern, page, re.DOTALL)
    assert found, pattern
    plain = re.sub(r"<(?:/t[dr]|/p|/li|br|/dd|/dt|/header)>", " ", found[0])
    plain = re.sub(r"<[^>]+>", "", plain).replace("\u00a0", " ").replace("&#x27;", "'")
    return re.sub(r"\s+", " ", plain).strip()


def verdict(browser: Any, path: str) -> str:
    return text_of(browser.get(path).content.decode(), r'<section class="verdict.*?</section>')


def shown(n: float) -> str:
    at = day(n).astimezone(ZoneInfo("Europe/Berlin"))
    return f"{at.day} {at:%b %Y}"


# -- the story -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("friend", "says", "change"),
    [
        ("bob", "Not rewarded yet. Waiting until {+8}: return window of 14 days after {-6}. Then 10.00", "A refund or cancellation by"),
        ("cleo", "Rewarded. 10.00 EUR for Alice Advocate, 20.00 EUR for Cléo d'Arc, payable since {-26}", "A full refund takes"),
        ("dora", "Not rewarded yet. نور الدين joined on {-3}. Still needed: Purchase, by {+27}.", "Purchase of at least 50.00 EUR."),
        ("eve", "Not rewarded. 43.20 EUR is under the minimum of 50.00 EUR.", "6.80 EUR short. At 50.00 EUR it would have paid"),
        ("finn", "Expired. Purchase did not come in time", "happened in time and is only reported late"),
        ("gus", "Reversed. 10.00 EUR for Alice Advocate, 20.00 EUR for Gus Goesback: taken back on {-11}", "A new order"),
        ("hana", "Held for review. 35 points, held from 30.", "If it is cleared, the rewards go on their way"),
        ("mallory", "Denied. 100 points in screening, denied from 70.", "Only a person's review"),
        ("ivo", "Not rewarded yet. Waiting: friend's status is not known yet", "Decided anew as soon as friend's status"),
    ],
)  # fmt: skip
def test_the_verdict_comes_first_and_says_why(world: Any, as_: As, friend: str, says: str, change: str) -> None:
    says = re.sub(r"\{([+-]\d+)\}", lambda match: shown(int(match[1])), says)
    told = verdict(as_("dan"), world.path("acme", friend))
    assert told.startswith(says), told
    assert change in told.split("What would change it:")[1], told


def test_what_is_left_of_an_order_is_told_with_its_currency(world: Any, as_: As) -> None:
    page = as_("dan").get(world.path("acme", "gus")).content.decode()
    assert "for 0 EUR is left of the order's 80.00 EUR." in text_of(page, r'<section class="verdict.*?</section>')
    assert "Taken back: 0 EUR left of 80.00 EUR." in text_of(page, r"<main.*</main>")


def test_a_denial_is_told_by_the_name_of_its_reason(world: Any) -> None:
    from goodword.core.acts import REVIEW_WHYS
    from goodword.core.reasons import Reason
    from goodword.web import words

    for why in REVIEW_WHYS:
        said = words.said(Reason("review_denied", False, why), "agent")
        assert f"<bdi>{words.REVIEW_WHYS[why]}</bdi>" in said and "_" not in said
    assert words.said(Reason("review_denied", False, "unheard_of"), "agent"), (
        "what is unknown is shown raw, never hidden"
    )


def test_a_lapsed_referral_says_so(world: Any, as_: As) -> None:
    assert verdict(as_("gil"), world.path("globex", "lara")).startswith("Lapsed. No progress for 20 days")


def test_from_a_lapsed_story_somebody_else_is_entered_with_evidence(world: Any, as_: As) -> None:
    claim = f"/c/globex/people/prs_{world.people['globex/lara']}/referrer"
    gil = as_("gil")
    assert claim in gil.get(world.path("globex", "lara")).content.decode()
    form = gil.get(claim).content.decode()
    assert 'name="evidence"' in form and "A claim would change nothing" not in form
    assert "/referrer" not in gil.get(world.path("globex", "bob")).content.decode(), "that referral stands"


def test_a_reward_is_promised_for_a_day_on_which_the_house_pays_out(world: Any, as_: As) -> None:
    page = as_("gil").get(world.path("globex", "bob")).content.decode()
    ends = (day(8) + timedelta(days=2)).astimezone(ZoneInfo("Europe/Berlin")).date()  # two working days at the least
    working = [one for n in range(70) if (one := ends + timedelta(days=n)).weekday() < 5]
    last = {one for one, after in pairwise(working) if one.month != after.month}
    told = re.findall(r"promised by (\d{1,2} \w{3} \d{4})", re.sub(r"<[^>]+>", "", page).replace("\u00a0", " "))
    assert len(told) == 2 and len(set(told)) == 1
    assert told[0] in {f"{one.day} {one:%b %Y}" for one in last}


def test_four_voices_tell_the_same_with_what_each_may_know(world: Any, as_: As) -> None:
    dan = as_("dan")
    bob, mallory, eve = (world.path("acme", name) for name in ("bob", "mallory", "eve"))
    promised = paid_out_by(day(8), None).astimezone(ZoneInfo("Europe/Berlin"))  # two working days after the hold
    told = f"Almost there (until {promised.day} {promised:%b %Y}). 10.00 EUR for Alice"
    assert verdict(dan, f"{bob}?voice=referrer").startswith(told)
    assert "20.00" not in verdict(dan, f"{bob}?voice=referrer")
    assert "20.00 EUR for Bob Builder" in verdict(dan, f"{bob}?voice=friend")
    for voice in ("referrer", "friend"):
        page = dan.get(f"{mallory}?voice={voice}").content.decode()
        assert "Not this time." in page
        for secret in ("points", "mailbox", "device", "screening"):
            assert secret not in text_of(page, r"<main.*</main>"), f"the {voice} reads of {secret}"
    assert "43.20" in verdict(dan, f"{eve}?voice=friend"), "the friend may know what was missing"
    assert "43.20" not in dan.get(f"{eve}?voice=referrer").content.decode(), "the referrer may not"
    auditor = dan.get(f"{mallory}?voice=auditor").content.decode()
    assert "screening_denied" in auditor and "value=100" in auditor
    assert as_("vera").get(f"{mallory}?voice=auditor").status_code == 403
    assert dan.get(f"{bob}?voice=parrot").status_code == 404


def test_checks_carry_actual_and_needed_values_the_failing_one_first(world: Any, as_: As) -> None:
    page = as_("dan").get(world.path("acme", "eve")).content.decode()
    first = text_of(page, r'<ul class="checks">.*?</li>')
    assert first.startswith("not met: First order: 43.20 EUR is under the minimum")
    assert "actual 43.20 EUR" in first and "needed 50.00 EUR" in first
    assert "advocate" not in text_of(page, r"<main.*</main>").lower().replace("alice advocate", "")


def test_the_timeline_has_future_dots_and_strikes_what_was_reversed(world: Any, as_: As) -> None:
    dan = as_("dan")
    bob = text_of(dan.get(world.path("acme", "bob")).content.decode(), r'<ol class="timeline">.*</ol>')
    assert bob.index("Sign-up") < bob.index("Purchase 54.00 EUR") < bob.index("Return window ends")
    assert "to come" in bob
    gus = dan.get(world.path("acme", "gus")).content.decode()
    assert gus.count("<s>") >= 2 and "Refund 80.00 EUR" in text_of(gus, r'<ol class="timeline">.*</ol>')
    cleo = text_of(dan.get(world.path("acme", "cleo")).content.decode(), r'<ol class="timeline">.*</ol>')
    assert "Return window ended" in cleo and "payable" in cleo


def test_money_balances_to_zero(world: Any, as_: As) -> None:
    for friend in ("bob", "cleo", "gus"):
        page = as_("dan").get(world.path("acme", friend)).content.decode()
        assert text_of(page, r'<tr class="total">.*?</tr>') == "Sum 0.00 EUR 0.00 EUR"
        assert "owed to Alice Advocate" in text_of(page, r"<main.*</main>")


# -- the list ------------------------------------------------------------------------------------------------------------


def test_the_list_is_narrowed_by_state_and_says_so(world: Any, as_: As) -> None:
    dan = as_("dan")
    page = dan.get("/c/acme/referrals?state=held").content.decode()
    assert text_of(page, r"<caption>.*?</caption>") == "Held referrals for Acme, newest first: 1"
    assert "Hana Held" in page and "Bob Builder" not in page
    empty = dan.get("/c/acme/referrals?state=lapsed").content.decode()
    assert "No referral fits these filters" in empty and "Show all referrals" in empty
    assert dan.get("/c/acme/referrals?state=nonsense").status_code == 404
    assert dan.get("/c/acme/referrals?person=prs_x").status_code == 404


def test_pages_go_on_where_the_last_one_ended(world: Any, as_: As) -> None:
    dan, seen, path = as_("dan"), [], "/c/acme/referrals"
    for _ in range(9):
        page = dan.get(path).content.decode()
        seen += re.findall(r'href="/c/acme/referrals/(ref_[0-9a-f]{32})"', page)
        onward = re.search(r'href="([^"]+)" rel="next"', page)
        if onward is None:
            break
        path = onward[1].replace("&amp;", "&")
    assert len(seen) == len(set(seen)) == sum(key.startswith("acme/") for key in world.referrals)
    assert "at=" in path
    assert dan.get(path + "x").status_code == 404, "a place that was tampered with"
    assert dan.get(path.replace("?", "?state=held&")).status_code == 404, "a place in another list"


@pytest.mark.parametrize("typed", ["bob@x.test", " BOB@X.TEST ", "bob", "o-bob", "+49 151 5500002"])
def test_a_search_leads_to_an_address_without_the_person(world: Any, as_: As, typed: str) -> None:
    dan = as_("dan")
    response = dan.post("/c/acme/search", {"q": typed})
    assert re.fullmatch(r"/c/acme/people/prs_[0-9a-f]{32}", response.headers["Location"]), response.headers
    page = dan.get(response.headers["Location"]).content.decode()
    assert "Bob Builder" in page and "Not rewarded yet." in page


def test_a_search_by_id_or_code_goes_straight_there(world: Any, as_: As) -> None:
    dan, ref, evt = as_("dan"), world.referrals["acme/bob"], world.events["acme/paid-bob"]
    for typed in (f"ref_{ref}", ref, f"ref_{ref[:8]}", ref.upper()):
        assert dan.post("/c/acme/search", {"q": typed}).headers["Location"] == f"/c/acme/referrals/ref_{ref}"
    assert dan.post("/c/acme/search", {"q": f"evt_{evt}"}).headers["Location"] == f"/c/acme/events/evt_{evt}"
    assert dan.post("/c/acme/search", {"q": "code-alice"}).headers["Location"] == "/c/acme/referrals?code=CODE-ALICE"
    for nothing in ("", "nobody@x.test", world.referrals["globex/bob"], "ref_", "x" * 5000, "\x00"):
        assert dan.post("/c/acme/search", {"q": nothing}).headers["Location"] == "/c/acme/referrals?nothing=1", nothing
    assert "Nothing found for this client" in dan.get("/c/acme/referrals?nothing=1").content.decode()


def test_the_file_is_safe_in_a_spreadsheet_and_kept_in_the_log(world: Any, as_: As) -> None:
    import psycopg

    response = as_("dan").get("/c/acme/referrals.csv?state=waiting")
    assert response.headers["Content-Disposition"] == 'attachment; filename="referrals-acme.csv"'
    rows = list(csv.DictReader(io.StringIO(body(response))))
    assert [row["friend"] for row in rows] == ["'=cmd Ivo"]
    assert rows[0]["state"] == "waiting" and rows[0]["referral"].startswith("ref_")
    with psycopg.connect(world.urls.owner) as owner:
        kept = owner.execute(
            "SELECT role FROM action WHERE verb = 'export.referrals' AND actor = %s", (world.users["dan"],)
        ).fetchall()
    assert kept and kept[0][0] == "agent"


def test_a_page_costs_the_same_queries_however_long(world: Any, as_: As) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    dan = as_("dan")
    most = {
        "/c/acme/referrals": 18,
        "/c/acme/referrals?state=held": 18,
        world.path("acme", "bob"): 16,
        world.event_path("acme", "paid-bob"): 24,
        "/c/acme/events?show=all": 11,
    }
    for path, limit in most.items():
        with CaptureQueriesContext(connection) as queries:
            assert dan.get(path).status_code == 200
        asked = [
            query["sql"]
            for query in queries
            if not query["sql"].startswith(("SET LOCAL", "SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))
        ]
        assert len(asked) <= limit, f"{path}: {len(asked)}\n" + "\n".join(sql[:120] for sql in asked)


# -- events --------------------------------------------------------------------------------------------------------------


def test_the_inspector_shows_receipt_decision_proof_and_neighbours(world: Any, as_: As) -> None:
    page = as_("audra").get(world.event_path("acme", "paid-bob")).content.decode()
    told = text_of(page, r"<main.*</main>")
    assert "Purchase 54.00 EUR" in told and f"evt_{world.events['acme/paid-bob']}" in told
    assert "referrer reads:" in told and "milestone_reached" in told
    assert re.search(r"Event [0-9a-f]{8} \d+ ", told), "no leaf number"
    assert "Signed so far:" in told and "not sealed yet" not in told
    assert "Sign-up" in told.split("Other events of this person")[1]
    assert "bob@x.test" not in page


def test_opening_a_body_is_kept_with_its_leaf(world: Any, as_: As) -> None:
    import psycopg

    path = world.event_path("acme", "paid-bob")
    dan = as_("dan")
    assert "bob@x.test" not in dan.get(path).content.decode()
    page = dan.post(f"{path}/body").content.decode()
    assert "bob@x.test" in page and "Opened just now" in page
    assert dan.get(f"{path}/body").status_code == 405
    with psycopg.connect(world.urls.owner) as owner:
        rows = owner.execute(
            "SELECT a.actor, a.role, a.object_id FROM action a JOIN leaf_batch b ON b.client_id = a.client_id"
            " AND b.leaves LIKE '%%' || replace(a.id::text, '-', '') || '%%' WHERE a.verb = 'event.open_body'"
        ).fetchall()
    assert rows == [(world.users["dan"], "agent", world.events["acme/paid-bob"])]


def test_a_dead_letter_is_shown_and_asked_for_again(world: Any, as_: As) -> None:
    import psycopg

    dan, event = as_("dan"), world.events["acme/later"]
    page = dan.get("/c/acme/events").content.decode()
    assert f"evt_{event[:8]}" in page and "lies in the future" in page
    with psycopg.connect(world.urls.owner, autocommit=True) as owner:
        owner.execute("UPDATE dead_letter SET retry_at = NULL, reason = 'ValueError: the amount is odd'")
        assert "the amount is odd" in dan.get("/c/acme/events").content.decode()
        assert "Retry" in dan.get(world.event_path("acme", "later")).content.decode()
        answer = dan.post(f"{world.event_path('acme', 'later')}/retry")
        assert answer.headers["Location"] == "/c/acme/events"
        row = owner.execute("SELECT client_id, retry_at FROM dead_letter WHERE retry_at IS NOT NULL").fetchall()
        assert [one[0].hex for one in row] == [world.clients["acme"]] and row[0][1] >= NOW
    assert "next try" in dan.get("/c/acme/events").content.decode()
    assert dan.post(f"{world.event_path('acme', 'paid-bob')}/retry").status_code == 404


def test_what_was_refused_names_place_and_repair(world: Any, as_: As) -> None:
    page = as_("dev").get("/c/acme/events?show=refused").content.decode()
    assert "order.currency" in page and "send an ISO 4217 code" in page
    assert as_("dev").get("/c/acme/events?show=nonsense").status_code == 404


def test_an_erased_person_is_told_as_such(world: Any, as_: As) -> None:
    import psycopg

    from goodword.store.sql.erasure import shred_person
    from goodword.store.sql.vault import Vault

    with psycopg.connect(world.urls.engine) as conn:
        vault = Vault(lambda: psycopg.connect(world.urls.engine), world.keyring)
        row = conn.execute("SELECT friend_id FROM referral WHERE id = %s", (world.referrals["acme/extra7"],)).fetchone()
        assert row is not None
        shred_person(vault, conn, world.clients["acme"], row[0].hex)
    page = as_("dan").get(world.path("acme", "extra7")).content.decode()
    assert "erased person" in page and "Extra Number 7" not in page
    opened = as_("dan").post(f"{world.event_path('acme', 'join-extra7')}/body").content.decode()
    assert "No body is kept" in opened or "cannot be opened any more" in opened
