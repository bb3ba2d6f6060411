"""Does the editor refuse terms that contradict themselves, with the line, the reason and the repair, and publish nothing of them?"""

from __future__ import annotations

from html import unescape
from typing import Any

import psycopg
import pytest
import yaml

from tests.web.conftest import As
from tests.web.test_editor import EDIT, document, page, plain
from tests.web.test_editor import fresh as fresh

VERSIONS = "/c/acme/programs/friends/versions"
LADDER = {"tiers": [{"at": 1, "give": {"cash": "5.00"}}, {"at": 5, "give": {"cash": "40.00"}}]}
PROMISE = {"to": "advocate", "on": "first_order", "hold": "14d"}
LATE = {
    "joined": {"event": "signup"},
    "first_order": {"event": "purchase"},
    "stayed": {"moment": "90d after first_order"},
}
TWICE = {"tiers": [{"at": 3, "give": {"cash": "5.00"}}, {"at": 3, "give": {"cash": "40.00"}}]}


def _said(answer: Any) -> str:
    return unescape(plain(answer.content.decode()))


def _save(browser: Any, changes: dict[str, Any], revision: int = 0) -> tuple[Any, str]:
    text = yaml.safe_dump({**document(browser), **changes}, sort_keys=False, allow_unicode=True, width=120)
    return browser.post(EDIT + "/document", {"revision": str(revision), "text": text}), text


def _line(text: str, beginning: str) -> int:
    return next(n for n, line in enumerate(text.splitlines(), 1) if line.strip().startswith(beginning))


def _versions(world: Any) -> list[tuple[int, str]]:
    with psycopg.connect(world.urls.owner) as owner:
        return owner.execute(
            "SELECT v.number, v.state FROM program_version v JOIN program p ON p.id = v.program_id"
            " WHERE v.client_id = %s::uuid AND p.slug = 'friends' ORDER BY v.number",
            (world.clients["acme"],),
        ).fetchall()


@pytest.mark.parametrize(
    ("changes", "beginning", "place", "why", "repair"),
    [
        ({"runs": {"from": "2026-05-01", "last_touch": "2026-04-01"}}, "last_touch:", "runs.last_touch", "", "Repair: "),
        ({"promises": [{**PROMISE, "when": TWICE}]}, "- at: 3", "promises[0].when.tiers[1]", "", "sort the tiers"),
        ({"stacking": {"programs": {"friends": "after"}}}, "programs:", "stacking.programs", "the program itself", "name another"),
        ({"colour": "red"}, "colour:", "colour", "is not a field", "check the spelling"),
        ({"budget": {"amount": 90.0}}, "amount: 90.0", "budget.amount", "90.0 is a number", 'amount: "90.00"'),
    ],
    ids=["end", "tiers", "itself", "unknown", "unquoted"],
)  # fmt: skip
def test_a_document_that_cannot_be_read_is_refused_and_its_text_stays(
    world: Any, as_: As, changes: dict[str, Any], beginning: str, place: str, why: str, repair: str
) -> None:
    carl, before = as_("carl"), _versions(world)
    answer, text = _save(carl, changes)
    said = _said(answer)
    assert answer.status_code == 422
    lines = [n for n, line in enumerate(text.splitlines(), 1) if line.strip().startswith(beginning)]
    assert f"Line {lines[-1]}: {place}" in said
    assert why in said and repair in said and text.strip() in unescape(answer.content.decode())
    assert "nothing changed yet" in page(carl) and _versions(world) == before


@pytest.mark.parametrize(
    ("changes", "beginning", "why", "repair"),
    [
        (
            {"promises": [{**PROMISE, "when": LADDER, "limit": {"joins": 4}}]},
            "limit:",
            "Only 4 friends may join, so the tier at 5 is never reached.",
            "Allow at least 5 joins.",
        ),
        (
            {
                "milestones": LATE,
                "promises": [{**PROMISE, "on": "stayed", "give": {"cash": "5.00"}}],
                "runs": {"from": "2026-01-01", "last_milestone": "2026-03-01"},
            },
            "moment:",
            "It takes at least 90 days",
            "Make the moment earlier",
        ),
        (
            {"friends": {"if": ["friend.shoe_size >= 43"]}},
            "- friend.shoe_size",
            'No feed ever brought "shoe_size"',
            "Connect a feed that brings it",
        ),
        (
            {"stacking": {"programs": {"rings": "after"}}},
            "programs:",
            "The order of programs goes in a circle: friends after rings after friends.",
            "Take one of the rules out.",
        ),
    ],
    ids=["limit", "never", "feed", "circle"],
)
def test_terms_that_cannot_work_are_drafted_with_their_line_and_never_published(
    world: Any, as_: As, rings: None, changes: dict[str, Any], beginning: str, why: str, repair: str
) -> None:
    carl = as_("carl")
    saved, _ = _save(carl, changes)
    assert saved.status_code == 303, _said(saved)
    shown = unescape(plain(page(carl).split('id="checks"')[1].split("</section>")[0]))
    line = _line(yaml.safe_dump(document(carl), sort_keys=False, allow_unicode=True, width=120), beginning)
    assert why in shown and repair in shown and f"Line {line} of the document" in shown
    assert carl.post(EDIT + "/keep", {"revision": "1"}).status_code == 303
    number, _state = _versions(world)[-1]
    refused = carl.post(
        f"{VERSIONS}/{number}", {"do": "publish", "when": "now", "opens": "keep", "note": "all the same"}
    )
    assert refused.status_code == 422 and "Nothing was published." in _said(refused)
    assert why in _said(refused) and repair in _said(refused) and "all the same" in _said(refused)
    states = _versions(world)
    assert states[0] == (1, "live") and states[-1][1] in ("draft", "tested")


@pytest.fixture(scope="module")
def rings(world: Any, site: None) -> None:
    """Another live program of Acme, that comes after the friends."""
    from datetime import UTC, datetime

    from tests.web.world import document as terms
    from tests.worker.lane import lane_on

    written, at = (
        terms("Rings", program="rings", stacking={"programs": {"friends": "after"}}),
        datetime.now(UTC).isoformat(),
    )
    act = {"document": written, "version": 1, "live_from": at}
    with lane_on(world.urls, "acme", world.keyring) as acme:
        acme.send({"id": "publish-rings", "type": "publish", "at": at, "act": act})
        acme.drain_all(now=datetime.now(UTC))


def test_the_second_of_two_who_save_one_draft_is_refused_and_keeps_the_text(world: Any, as_: As) -> None:
    before = _versions(world)
    carl, olga = as_("carl"), as_("olga")
    first, _ = _save(carl, {"budget": {"amount": "6000.00"}})
    assert first.status_code == 303
    text = yaml.safe_dump({**document(olga), "budget": {"amount": "7000.00"}}, sort_keys=False)
    second = olga.post(EDIT + "/document", {"revision": "0", "text": text})
    assert second.status_code == 409 and "was faster" in _said(second) and "7000.00" in _said(second)
    assert document(carl)["budget"] == {"amount": "6000.00"} and _versions(world) == before


def test_what_a_check_says_is_looked_up_without_its_values(monkeypatch: pytest.MonkeyPatch) -> None:
    from goodword.catalog import SHELVES
    from goodword.catalog.packs import PACKS
    from goodword.core.checks import Case, Circumstances, look_at
    from goodword.core.reading import read_terms
    from goodword.core.terms import Terms
    from goodword.web import words
    from tests.web.world import NOW
    from tests.web.world import document as written

    german = {
        "Only {most} friends may join, so the tier at {highest} is never reached.": "Nur {most} dürfen; {highest} wird nie erreicht.",
        "Allow at least {highest} joins.": "Mindestens {highest} zulassen.",
    }
    monkeypatch.setattr(words, "_", lambda sentence: german.get(sentence, sentence))
    terms_of = written("Ladder", promises=[{**PROMISE, "when": LADDER, "limit": {"joins": 4}}])
    terms = read_terms(terms_of, SHELVES, version=1, live_from=NOW)
    assert isinstance(terms, Terms)
    (found,) = (
        one for one in look_at(Case(terms, terms_of, Circumstances()), PACKS.values()) if one.check == "tier-limit"
    )
    assert words.remark(found) == ("Nur 4 dürfen; 5 wird nie erreicht.", "Mindestens 5 zulassen.")
    assert found.words == "Only 4 friends may join, so the tier at 5 is never reached."
