"""Does the page judge recorded history by a draft, say what comes out otherwise, stop when told to, and write nothing?"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import yaml

from tests.web.conftest import As
from tests.web.world import document

PAGE = "/c/acme/programs/friends/backtest"


@pytest.fixture(autouse=True)
def fresh(site: None) -> Iterator[None]:
    """No outcome of another test is known."""
    from goodword.actions import judging

    judging._known.clear()
    yield
    for one in judging._known.values():
        one.wants_end.set()
        one.is_over.wait(10)


def draft(**more: Any) -> str:
    return str(yaml.safe_dump(document("Autumn friends", **more), sort_keys=False))


def higher() -> str:
    promises = document("")["promises"]
    promises[0]["give"] = {"cash": "12.50"}
    return draft(promises=promises)


def judged(browser: Any, text: str, since: str = "") -> str:
    answer = browser.post(PAGE, {"draft": text, "since": since})
    assert answer.status_code == 303 and answer["Location"] == PAGE, answer.content.decode()[:400]
    from goodword.actions import judging

    assert all(one.is_over.wait(60) for one in judging._known.values())
    shown: str = browser.get(PAGE).content.decode()
    return shown


def test_the_form_begins_with_the_terms_in_force(as_: As) -> None:
    shown = as_("carl").get(PAGE).content.decode()
    assert "program: friends" in shown and "first_order" in shown and "Judge history by it" in shown
    assert PAGE in as_("carl").get("/c/acme/programs/friends").content.decode()
    assert PAGE not in as_("dan").get("/c/acme/programs/friends").content.decode()


def test_the_same_document_changes_nothing(as_: As) -> None:
    shown = judged(as_("carl"), draft())
    assert "Nothing changes for anybody." in shown and "Both say the same." in shown


def test_a_higher_amount_is_told_with_both_sides(as_: As, world: Any) -> None:
    carl = as_("carl")
    shown = judged(carl, higher())
    split = shown.split('id="splits"')[1].split("</section>")[0]
    assert "By channel" in split and "By market" not in split, "nobody said which country"
    assert "amount changed" in shown and world.path("acme", "bob") in shown
    row = shown[shown.index(f'href="{world.path("acme", "bob")}"') :]
    row = row[: row.index("</tr>")]
    assert "Bob Builder" in row and "10.00\u00a0EUR" in row and "12.50\u00a0EUR" in row
    told = json.loads(carl.get(f"{PAGE}.json").content)
    assert {one["change"] for one in told} == {"changed"}
    assert told[0]["before"]["rewards"] != told[0]["after"]["rewards"]
    assert len(carl.get(f"{PAGE}.csv").content.decode().splitlines()) == len(told) + 1
    assert "12.50" in shown[shown.index("The draft</h2>") :], "who comes back finds the draft"


def test_who_changes_is_listed_page_by_page_and_by_change(as_: As, monkeypatch: pytest.MonkeyPatch) -> None:
    from goodword.web.desk.programs import backtest_lines

    carl = as_("carl")
    judged(carl, higher())
    in_all = len(json.loads(carl.get(f"{PAGE}.json").content))
    assert in_all > 1
    monkeypatch.setattr(backtest_lines, "ROWS", 1)
    seen, address = [], f"{PAGE}?change=changed"
    while address:
        listed = carl.get(address).content.decode().split('id="changed"')[1].split("</section>")[0]
        seen += re.findall(r'<td data-label="Friend">(.*?)</td>', listed)
        assert f"of <bdi>{in_all}</bdi>" in listed and "Show all that change" in listed
        on = re.search(r'href="([^"#]+)#changed" rel="next"', listed)
        address = on[1].replace("&amp;", "&") if on else ""
    assert len(seen) == len(set(seen)) == in_all
    first = carl.get(PAGE).content.decode()
    assert f'href="{PAGE}?change=changed#changed"' in first and "?change=newly" not in first, "nobody is newly rewarded"
    for wrong in ("change=newly", "change=same", "from=x", "from=-1", "from=9999", "from=²", "from=" + "9" * 50):
        assert "<bdi>1</bdi> to <bdi>1</bdi>" in carl.get(f"{PAGE}?{wrong}").content.decode(), wrong


def test_a_long_history_is_judged_apart_and_told_alike(as_: As, monkeypatch: pytest.MonkeyPatch) -> None:
    from goodword.actions import judging

    at_hand = judged(as_("carl"), higher())
    judging._known.clear()
    monkeypatch.setattr(judging, "MOST_AT_HAND", 0)
    monkeypatch.setattr(judging, "backtest", None)
    assert _without_seconds(judged(as_("carl"), higher())) == _without_seconds(at_hand)


def _without_seconds(shown: str) -> str:
    return re.sub(r'\b\d+ s\b|name="csrfmiddlewaretoken" value="[^"]+"|CSRFToken": ?"[^"]+"', "", shown)


def test_who_fell_short_by_little_is_a_sentence(as_: As) -> None:
    shown = judged(as_("carl"), draft())
    assert 'fell short of <bdi class="num">50.00\u00a0EUR</bdi> by at most <bdi>25 %</bdi>' in shown


def test_a_wrong_draft_keeps_the_text_and_names_the_line(as_: As) -> None:
    text = draft().replace("currency: EUR", "currency: EUR\nsurprise: 1")
    answer = as_("carl").post(PAGE, {"draft": text, "since": "yesterday"})
    shown = answer.content.decode()
    assert answer.status_code == 422
    line = text.split("\n").index("surprise: 1") + 1
    assert f"Line <bdi>{line}</bdi>" in shown and "surprise: 1" in shown and "Repair:" in shown
    assert 'value="yesterday"' in shown and "This is no day." in shown
    other = as_("carl").post(PAGE, {"draft": draft(program="winter"), "since": ""})
    assert other.status_code == 422 and "winter" in other.content.decode()


def test_a_program_without_history_since_then_says_so(as_: As) -> None:
    assert "Nothing is on record" in judged(as_("carl"), draft(), since="2090-01-01")


def test_cancel_stops_it_and_only_one_runs(as_: As, monkeypatch: pytest.MonkeyPatch) -> None:
    from goodword.actions import backtesting, judging

    begun = threading.Event()

    def slowly(self: Any, done: int, of: int) -> bool:
        begun.set()
        self.wants_end.wait(30)
        return not self.wants_end.is_set()

    monkeypatch.setattr(backtesting, "PROGRESS_EVERY", 5)
    monkeypatch.setattr(judging, "PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(judging.Judging, "progress", slowly)
    carl = as_("carl")
    carl.post(PAGE, {"draft": higher(), "since": ""})
    assert begun.wait(10)
    assert "Judging history." in carl.get(PAGE).content.decode()
    assert carl.post(PAGE, {"draft": draft(), "since": ""}).status_code == 409
    assert "Judging history." not in as_("olga").get(PAGE).content.decode(), "each person has their own"
    assert carl.post(f"{PAGE}/stop").status_code == 303
    (job,) = judging._known.values()
    assert job.is_over.wait(10) and job.was_stopped and job.found is None
    assert "Cancelled." in carl.get(PAGE).content.decode()


def test_outcomes_are_forgotten_after_an_hour(as_: As, monkeypatch: pytest.MonkeyPatch) -> None:
    from goodword.actions import judging

    judged(as_("carl"), higher())
    later = time.monotonic() + judging.KEPT_SECONDS + 1
    monkeypatch.setattr(judging.time, "monotonic", lambda: later)
    assert as_("carl").get(f"{PAGE}.json").status_code == 404
    assert judging._known == {}


@pytest.mark.parametrize("name", ["dan", "lee", "vera", "audra", "ida", "dev"])
def test_only_managers_may(as_: As, name: str) -> None:
    browser = as_(name)
    assert browser.get(PAGE).status_code == 403
    assert browser.post(PAGE, {"draft": draft(), "since": ""}).status_code == 403
    assert browser.post(f"{PAGE}/stop").status_code == 403


def test_foreign_programs_are_not_there(as_: As) -> None:
    carl = as_("carl")
    assert carl.get("/c/globex/programs/friends/backtest").status_code == 404
    assert carl.get("/c/acme/programs/winter/backtest").status_code == 404
    assert carl.get(f"{PAGE}.csv").status_code == 404, "nothing was judged yet"
    judged(as_("carl"), higher())
    assert as_("olga").get(f"{PAGE}.csv").status_code == 404, "it is another person's"


def test_nothing_is_written(as_: As, world: Any) -> None:
    carl = as_("carl")
    carl.get(PAGE)
    before = counts(world)
    judged(carl, higher())
    assert counts(world) == before


def counts(world: Any) -> dict[str, int]:
    with psycopg.connect(world.urls.owner) as owner:
        tables = [name for (name,) in owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        assert {"event", "decision", "referral"} <= set(tables)
        return {name: n for name in tables for (n,) in owner.execute(f'SELECT count(*) FROM "{name}"').fetchall()}
