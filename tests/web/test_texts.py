"""Does the desk show what people read of a version, in each language, as it was kept and with the hash of the very file?"""

from __future__ import annotations

import hashlib
from typing import Any

import psycopg
import pytest

from tests.web.conftest import As
from tests.web.test_versions import HOME, draft, publish, said, shown_mark
from tests.web.world import CANARY

LIVE = f"{HOME}/1/texts"


def test_a_client_viewer_reads_the_texts_of_a_version_in_each_language(world: Any, as_: As) -> None:
    vera = as_("vera")
    page = said(vera.get(LIVE))
    assert "What people read of version 1" in page and "as it went live" in page and "reads the same today" in page
    assert "Terms & conditions" in page and "Whoever recommends this to you may get a reward for it: 10.00 EUR." in page
    assert CANARY not in page and "Builder" not in page
    german = vera.get(f"{LIVE}?lang=de")
    assert 'class="sheet" lang="de" dir="ltr"' in german.content.decode()
    assert 'class="sheet" lang="ar" dir="rtl"' in vera.get(f"{LIVE}?lang=ar").content.decode()
    assert LIVE in vera.get(HOME).content.decode()


@pytest.mark.parametrize("part", ["terms", "friend"])
def test_a_file_has_the_hash_that_is_on_record(world: Any, as_: As, part: str) -> None:
    vera = as_("vera")
    file = vera.get(f"{LIVE}.txt?lang=fr&part={part}")
    assert file.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert f"friends-v1-published-{part}-fr.txt" in file.headers["Content-Disposition"]
    assert hashlib.sha256(file.content).hexdigest() in said(vera.get(f"{LIVE}?lang=fr"))


@pytest.mark.parametrize(
    "path", [f"{HOME}/99/texts", f"{LIVE}?of=never", f"{LIVE}.txt?part=none", f"{LIVE}.txt?of=today"]
)
def test_what_is_not_there_is_not_found(world: Any, as_: As, path: str) -> None:
    assert as_("vera").get(path).status_code == 404


def test_both_wordings_are_there_and_the_one_that_went_live_counts(
    world: Any, as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = draft(world, "10.20")
    carl = as_("carl")
    before = said(carl.get(f"{HOME}/{number}/texts"))
    assert "It is not live yet" in before and "They are asked when it goes live." in before
    monkeypatch.setattr("goodword.core.wording.kept.for_the_friend", lambda terms, language: f"{language}: otherwise.")
    assert publish(carl, number).status_code == 303
    monkeypatch.undo()
    page = said(carl.get(f"{HOME}/{number}/texts"))
    assert "en: otherwise." in page and "would read otherwise today" in page and "Both wordings differ" in page
    assert "by Carl" in page and "They are asked when it goes live." not in page
    older = said(carl.get(f"{HOME}/{number}/texts?of=kept"))
    assert "What counts is how they went live." in older and "Whoever recommends this to you" in older


def test_a_version_from_before_shows_what_would_be_said_and_that_it_proves_nothing(world: Any, as_: As) -> None:
    number = draft(world, "10.30")
    with psycopg.connect(world.urls.owner, autocommit=True) as conn:
        conn.execute(
            "DELETE FROM version_wording WHERE client_id = %s AND number = %s", (world.clients["acme"], number)
        )
    page = said(as_("vera").get(f"{HOME}/{number}/texts"))
    assert "No text was kept with this version" in page and "Whoever recommends this to you" in page


def test_an_approval_says_of_which_wording_it_is(world: Any, as_: As, monkeypatch: pytest.MonkeyPatch) -> None:
    carl, olga = as_("carl"), as_("olga")
    number = draft(world, "20.20")
    publish(carl, number)
    mark = shown_mark(olga)
    assert f"/{number}/texts" in olga.get(HOME).content.decode()
    assert olga.post(f"{HOME}/approve", {"granted": "yes", "comment": "Worth it.", "text": mark}).status_code == 303
    assert "this one" in said(carl.get(f"{HOME}/{number}/texts"))
    monkeypatch.setattr("goodword.core.wording.kept.for_the_friend", lambda terms, language: f"{language}: otherwise.")
    waits = said(carl.get(HOME))
    assert "approved another wording" in waits and "Have the wording of today approved." in waits
    refused = carl.post(f"{HOME}/publish")
    assert refused.status_code == 409 and f"Version {number} of friends reads otherwise than it was approved." in said(
        refused
    )
    assert carl.post(f"{HOME}/withdraw").status_code == 303
