"""Does a version go live from the page only as its rules say, and does the client approve behind a link alone?"""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.web.conftest import As
from tests.web.world import CANARY, document

HOME = "/c/acme/programs/friends/versions"


def said(response: Any) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).replace("\u00a0", " "))


def draft(world: Any, cash: str, by: str = "carl", **more: Any) -> int:
    """Keep a document as the next version, as the editor does."""
    from goodword.actions.deeds import Actor
    from goodword.actions.programs import push
    from goodword.catalog import SHELVES
    from goodword.core.reading import read_terms
    from goodword.core.terms import Terms
    from goodword.web.desk import doing

    written = document("Autumn friends", **more)
    written["promises"][0]["give"] = {"cash": cash}
    terms = read_terms(written, SHELVES, version=1, live_from=datetime.now(UTC))
    assert isinstance(terms, Terms)
    with doing.chain() as chain:
        actor = Actor(world.users[by], "manager")
        return push(chain, chain.client("acme"), actor, written, terms, at=datetime.now(UTC))[0].number


def shown_mark(browser: Any, path: str = HOME) -> str:
    """The mark of the wording that the page shows to whoever approves."""
    found = re.search(r'name="text" value="([0-9a-f]{64})"', browser.get(path).content.decode())
    assert found
    return found[1]


def publish(browser: Any, number: int, **more: Any) -> Any:
    form = {"do": "publish", "when": "now", "opens": "keep", "note": "a little more"}
    return browser.post(f"{HOME}/{number}", form | more)


def test_the_first_version_has_nothing_to_compare_with(world: Any, as_: As) -> None:
    page = said(as_("carl").get(HOME))
    assert "This is the first version: nothing to compare yet." in page
    assert "Roll back" not in page and CANARY not in page
    assert as_("carl").get(f"{HOME}/1").status_code == 303  # it is live: there is nothing to ask for
    assert as_("carl").get(f"{HOME}/99").status_code == 404
    assert as_("carl").get(f"{HOME}?v=99").status_code == 404
    assert as_("audra").get(HOME).status_code == 200
    assert as_("audra").get(f"{HOME}/1").status_code == 403


def test_what_it_would_do_is_shown_before_and_nothing_is_published_by_looking(world: Any, as_: As) -> None:
    number = draft(world, "9.00")
    carl = as_("carl")
    form = said(carl.get(f"{HOME}/{number}"))
    assert "Reward of the referrer for First order 10.00 EUR → 9.00 EUR" in form
    looked = carl.post(f"{HOME}/{number}", {"do": "look", "note": "kept while looking"})
    plain = said(looked)
    assert "the cost would have changed by" in plain and "kept while looking" in plain
    assert "would lose by moving" in plain and "version 2 would mean 9.00 EUR instead of 10.00 EUR" in plain
    assert "tested" in said(carl.get(HOME)) and "put live" not in said(carl.get(f"{HOME}?v={number}"))
    assert carl.get(f"{HOME}/{number}").status_code == 200


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"note": " "}, "A note is missing."),
        ({"note": "x" * 1001}, "The note is too long."),
        ({"when": "day", "day": "soon"}, "This is no day."),
        ({"when": "day", "day": "2020-01-01"}, "were already decided without this version"),
    ],
)
def test_a_wrong_form_is_refused_with_what_was_typed(world: Any, as_: As, typed: dict[str, str], says: str) -> None:
    number = draft(world, "9.00")
    answer = publish(as_("carl"), number, **({"note": "kept as typed"} | typed))
    assert answer.status_code == 422
    assert "Nothing was published." in said(answer) and says in said(answer)
    assert "note" in typed or "kept as typed" in said(answer)


def test_what_changed_meanwhile_is_told_and_nothing_is_overwritten(world: Any, as_: As) -> None:
    number = draft(world, "9.10")
    carl = as_("carl")
    late = publish(carl, number, seen="99", note="kept as typed")
    assert late.status_code == 422 and "went live meanwhile" in said(late) and "kept as typed" in said(late)
    done = carl.post(f"{HOME}/1", {"do": "publish", "note": "again"})
    assert done.status_code == 303 and "Somebody put this version live meanwhile." in said(carl.get(HOME))
    stale = carl.post(f"{HOME}/rules", {"percent": "90", "seen": "77  "})
    assert stale.status_code == 409 and "Somebody changed these rules meanwhile." in said(stale)
    seen = re.search(r'name="seen" value="([^"]+)"', carl.get(HOME).content.decode())
    assert seen and carl.post(f"{HOME}/rules", {"percent": "10", "seen": seen[1]}).status_code == 303


def test_a_dear_version_waits_for_somebody_else(world: Any, as_: As) -> None:
    number = draft(world, "15.00")
    carl, olga = as_("carl"), as_("olga")
    assert publish(carl, number).headers["Location"] == HOME
    page = said(carl.get(HOME))
    assert f"Version {number} is asked for" in page and "a little more" in page
    assert "You wrote it or asked for it, so somebody else has to approve: Olga" in page
    own = carl.post(f"{HOME}/approve", {"granted": "yes"})
    assert own.status_code == 403 and "Nobody approves their own version." in said(own)
    early = carl.post(f"{HOME}/publish")
    assert early.status_code == 409 and "still waits for: second" in said(early)
    asked = carl.post(f"{HOME}/ask", {"role": "second", "name": "Vera"})
    assert asked.status_code == 409 and "A colleague can be the second person." in said(asked)
    silent = olga.post(f"{HOME}/approve", {"granted": "no", "comment": ""})
    assert "A reason is missing." in said(silent)
    unseen = olga.post(f"{HOME}/approve", {"granted": "yes", "comment": "Worth it."})
    assert unseen.status_code == 409 and "This is not the text that you were shown." in said(unseen)
    seen = {"text": shown_mark(olga)}
    assert olga.post(f"{HOME}/approve", {"granted": "yes", "comment": "Worth it.", **seen}).status_code == 303
    page = said(carl.get(HOME))
    assert "Olga" in page and "Worth it." in page and f"Publish version {number}" in page
    assert carl.post(f"{HOME}/publish").status_code == 303
    page = said(carl.get(HOME))
    assert "put live by Carl" in page and "Roll back to v1…" in page
    assert "Asked for before" in page and "published" in page
    acts = said(as_("audra").get("/c/acme/log"))
    assert "program.ask" not in acts


def test_the_client_approves_behind_a_link_without_signing_in(world: Any, as_: As) -> None:
    carl, nobody = as_("carl"), as_("")
    saved = carl.post(f"{HOME}/rules", {"percent": "100", "all": ["legal"], "mine": ["it"]})
    assert saved.status_code == 303
    number = draft(world, "15.50")
    publish(carl, number)
    page = said(carl.get(HOME))
    assert "the client's legal department, the client's IT" in page
    made = carl.post(f"{HOME}/ask", {"role": "legal", "name": "Lea Law <legal>"})
    assert "Lea Law <legal>" in said(made)
    found = re.search(r"http://[^<]+(/approve/[\w.-]+)<", made.content.decode())
    assert found
    path = found[1]
    assert path not in carl.get(HOME).content.decode()
    shown = nobody.get(path)
    plain = said(shown)
    assert "May version" in plain and "Lea Law <legal>" in plain and "15.00 EUR → 15.50 EUR" in plain
    assert shown.headers["Referrer-Policy"] == "strict-origin" and "Builder" not in plain
    assert "What people will read" in plain and "Whoever recommends this to you may get a reward" in plain
    text = shown_mark(nobody, path)
    assert carl.get(path).status_code == 403
    assert nobody.post(path, {"text": text}).status_code == 422
    wrong = nobody.post(path, {"granted": "yes", "text": "0" * 64, "comment": "kept words"})
    assert wrong.status_code == 422 and "not the text" in said(wrong) and "kept words" in said(wrong)
    done = nobody.post(path, {"granted": "yes", "text": text, "comment": "Nothing against it."})
    assert "Approved. Thank you." in said(done)
    assert nobody.get(path).status_code == 410
    page = said(carl.get(HOME))
    assert "Nothing against it." in page and text[:16] in page
    carl.post(f"{HOME}/ask", {"role": "it", "name": "Ian"})
    assert carl.post(f"{HOME}/withdraw").status_code == 303
    assert "withdrawn" in said(carl.get(HOME))
    assert carl.post(f"{HOME}/rules", {"percent": "101"}).status_code == 409
    assert carl.post(f"{HOME}/rules", {"percent": "10"}).status_code == 303


def test_a_refusal_by_link_ends_it_and_tells_why(world: Any, as_: As) -> None:
    carl, nobody = as_("carl"), as_("")
    carl.post(f"{HOME}/rules", {"percent": "100", "all": ["marketing"]})
    number = draft(world, "15.60")
    publish(carl, number)
    made = carl.post(f"{HOME}/ask", {"role": "marketing", "name": "Mia"}).content.decode()
    path, *_ = re.findall(r"/approve/[\w.-]+", made)
    text = shown_mark(nobody, path)
    assert nobody.post(path, {"granted": "no", "text": text, "comment": ""}).status_code == 422
    assert nobody.post(path, {"granted": "no", "text": text, "comment": "Wrong words."}).status_code == 200
    page = said(carl.get(HOME))
    assert "refused" in page and "Wrong words." in page and "is asked for" not in page
    carl.post(f"{HOME}/rules", {"percent": "10"})


def test_links_that_lead_nowhere_are_not_tried_for_long(world: Any, as_: As) -> None:
    nobody = as_("")
    answers = [nobody.get(f"/approve/{'0' * 32}.{n}").status_code for n in range(35)]
    assert answers[0] == 410 and answers[-1] == 429


def test_open_referrals_move_except_those_that_would_lose(world: Any, as_: As) -> None:
    from tests.worker.lane import lane_on

    number = draft(world, "16.00")
    assert publish(as_("carl"), number, opens="move").status_code == 303
    with lane_on(world.urls, "acme", world.keyring) as lane:
        moved = lane.rows("SELECT count(*) FROM referral WHERE client_id = %s AND version = %s", lane.client_id, number)
        assert moved[0][0] > 0
        lane.assert_sound()
    story = said(as_("carl").get(world.path("acme", "dora") + "?voice=auditor"))
    assert f"judged by version {number}" in story


def test_a_version_for_a_later_day_says_so(world: Any, as_: As) -> None:
    number = draft(world, "16.50")
    day = (datetime.now(UTC) + timedelta(days=20)).date().isoformat()
    assert publish(as_("carl"), number, when="day", day=day).status_code == 303
    page = said(as_("carl").get(HOME))
    assert "live later" in page


def test_rolling_back_makes_a_new_version_and_leads_on_to_publishing(world: Any, as_: As) -> None:
    carl = as_("carl")
    back = carl.post(f"{HOME}/back", {"number": "1"})
    assert back.status_code == 303
    form = said(carl.get(back.headers["Location"]))
    assert "Publish version" in form and "10.00 EUR" in form
    assert carl.post(f"{HOME}/back", {"number": "x"}).status_code == 404
    assert carl.post(f"{HOME}/back", {"number": "99"}).status_code == 404


def test_viewers_see_versions_and_change_nothing(world: Any, as_: As) -> None:
    vera = as_("vera")
    page = said(vera.get(HOME))
    assert "Publish…" not in page and "Roll back to" not in page and "Withdraw" not in page
    for end in ("publish", "withdraw", "approve", "ask", "back", "rules"):
        assert vera.post(f"{HOME}/{end}", {"number": "1"}).status_code == 403


def test_a_legal_stop_is_asked_for_and_confirmed_by_another(world: Any, as_: As) -> None:
    carl, olga = as_("carl"), as_("olga")
    silent = carl.post(f"{HOME}/stop", {"why": " "})
    assert silent.status_code == 409 and "The reason is missing" in said(silent)
    assert carl.post(f"{HOME}/stop", {"why": "The regulator said so.", "earned": "void"}).status_code == 303
    page = said(olga.get(HOME))
    assert "A legal stop is asked for" in page and "what is not payable yet is voided" in page
    assert carl.post(f"{HOME}/approve", {"granted": "yes"}).status_code == 403
    assert olga.post(f"{HOME}/approve", {"granted": "yes", "comment": "Confirmed."}).status_code == 303
    page = said(carl.get(HOME))
    assert "The program was stopped for legal reasons" in page and "Legal stop published" in page
