"""Does the desk say in words what the terms say, and only about one's own client?"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils.html import strip_tags

from goodword.catalog import SHELVES
from goodword.catalog.reading import read_program
from goodword.core.reading import read_terms
from goodword.core.terms import Terms
from tests.web.conftest import As
from tests.web.world import CANARY, NOW, document

DEMO = Path(__file__).parents[2] / "src" / "goodword" / "demo" / "programs"


def terms(written: dict[str, Any]) -> Terms:
    read = read_terms(written, SHELVES, version=1, live_from=datetime(2026, 1, 1, tzinfo=UTC))
    assert isinstance(read, Terms), read
    return read


def said(written: dict[str, Any]) -> str:
    from goodword.web.desk.programs.sentence import rule

    return strip_tags(rule(terms(written))).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("acme-friends-1", "The referrer gets 10.00 EUR and the friend gets a voucher of 5.00 EUR when the friend makes a first"
         " order of at least 40.00 EUR within 30 days of joining."),
        ("acme-friends-2", "The referrer gets 15.00 EUR and the friend gets a voucher of 20 %, at most 20.00 EUR when the friend"
         " makes a first order of at least 50.00 EUR within 30 days of joining."),
        ("globex-train-together-1", "The referrer gets 40.00 USD 90 days after the first order."
         " “still here”: what is not known yet is waited for,"
         " 14 days at most. “still here”: where this holds: status of the friend: active. “still here”: only if none of"
         " these happened before: “cancel”."),
        ("initech-partners-1", "The referrer gets 10 % of the order, at most 120.00 GBP when the friend makes a first order of"
         " at least 80.00 GBP."),
    ],
)  # fmt: skip
def test_the_rule_is_a_sentence(site: None, name: str, sentence: str) -> None:
    read = read_program((DEMO / f"{name}.yaml").read_text("utf-8"), SHELVES, version=1, live_from=NOW)
    assert isinstance(read, tuple)
    assert said(read[0]) == sentence


def test_everything_that_is_promised_is_said(site: None) -> None:
    from goodword.web.desk.programs.sentence import parts

    told = {one.about: strip_tags(one.text) for one in parts(terms(document("Friends")))}
    assert "payable 14 days after its step" in told["When it is paid"]
    assert "5,000.00" in told["Budget"] and "nobody new is promised anything" in told["Budget"]
    assert "status of the friend" in told["Who is a new friend"]
    assert "30 days" in told["How a friend is won"]
    assert "never bought before" in told["Who is a new friend"]
    assert "A person looks from" in told["Screening"]


def test_two_versions_differ_in_words(site: None) -> None:
    from goodword.web.desk.programs.difference import of_documents

    older = document("Friends")
    newer = document("Friends", screening="off", budget={"amount": "9000.00"})
    newer["promises"][0]["give"] = {"cash": "12.00"}
    changes = {one.about: one for one in of_documents(older, newer) or []}
    assert len(changes) == 3
    gift = next(one for about, one in changes.items() if about.startswith("Reward of the referrer"))
    assert "10.00" in gift.before and "12.00" in gift.after
    assert of_documents(older, older) == []


def test_the_list_and_the_page(world: Any, as_: As) -> None:
    carl = as_("carl")
    page = carl.get("/c/acme/programs").content.decode()
    plain = strip_tags(page).replace("\u00a0", " ")
    assert "The referrer gets 10.00 EUR and the friend gets a voucher of 20.00 EUR" in plain
    assert "5,000.00 EUR bound" in plain and CANARY not in page
    one = carl.get("/c/acme/programs/friends").content.decode()
    assert "The terms in words" in one and "program: friends" in one
    assert "This is the first version" in one
    assert carl.get("/c/acme/programs/friends?v=9").status_code == 404
    assert carl.get("/c/acme/programs/friends?v=x").status_code == 404
    assert carl.get("/c/acme/programs/nosuch").status_code == 404
    assert carl.get("/c/globex/programs/friends").status_code == 404


def test_the_twins_say_the_same(world: Any, as_: As) -> None:
    row = as_("vera").get("/c/acme/programs.json").json()[0]
    assert row["program"] == "friends" and row["live_version"] == 1 and row["budget"] == "5000.00"
    assert row["referrals_30_days"] >= 5 and float(row["budget_bound"]) > 0
    text = as_("vera").get("/c/acme/programs.csv").content.decode()
    assert text.splitlines()[0].startswith("program,name,rule") and "friends" in text


def test_a_second_version_is_compared_and_old_promises_counted(world: Any, as_: As) -> None:
    from tests.worker.lane import lane_on

    changed = document("Autumn friends")
    changed["promises"][0]["give"] = {"cash": "12.00"}
    changed["budget"] = {"amount": "6000.00"}
    with lane_on(world.urls, "acme", world.keyring) as lane:
        lane.publish(changed, version=2, at=datetime.now(UTC))
    page = as_("carl").get("/c/acme/programs/friends").content.decode()
    plain = strip_tags(page).replace("\u00a0", " ")
    assert "What changed from version 1 to 2" in plain
    assert "12.00 EUR" in plain and "<del>" in page and "<ins>" in page
    older = as_("carl").get("/c/acme/programs/friends?v=1").content.decode()
    assert "not the one in force" in older
