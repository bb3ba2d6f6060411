"""Does a program begin from any template of the shelf or from a document, and does what is new on a shelf need nothing else?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.web.conftest import As
from tests.web.test_editor import plain

NEW = "/c/acme/programs/new"


@pytest.fixture(autouse=True)
def fresh(world: Any) -> Iterator[None]:
    import psycopg

    yield
    with psycopg.connect(world.urls.owner, autocommit=True) as owner:
        owner.execute("DELETE FROM working_copy")


def test_every_template_is_told_by_the_sentence_of_its_own_example(as_: As) -> None:
    from goodword.catalog import SHELVES

    shown = as_("carl").get(NEW).content.decode()
    for slug, template in SHELVES.templates.items():
        assert f'value="{slug}"' in shown
        if template.example and "promises:" in template.example and slug not in ("contest", "tracking"):
            card = shown.split(f'value="{slug}"')[1].split("</label>")[0]
            assert 'class="says"' in card, f"the example of {slug} reads as a sentence"


def test_a_program_begins_from_every_template(as_: As) -> None:
    from goodword.catalog import SHELVES

    carl = as_("carl")
    for slug in SHELVES.templates:
        answer = carl.post(NEW, {"from": "template", "template": slug, "name": f"Try {slug.replace('_', ' ')}"})
        assert answer.status_code == 303, (slug, plain(answer.content.decode())[900:2000])
        shown = carl.get(answer["Location"])
        assert shown.status_code == 200, slug
        text = shown.content.decode()
        assert "v<bdi>1</bdi> draft" in text and "cannot be read as terms yet" not in text, slug
    assert "Try two sided" in carl.get(NEW).content.decode(), "what was begun is found again"


def test_a_name_that_is_taken_or_missing_is_refused(as_: As) -> None:
    carl = as_("carl")
    taken = carl.post(NEW, {"from": "template", "template": "direct", "name": "Friends"})
    assert taken.status_code == 422 and "is there already" in taken.content.decode()
    own = carl.post(NEW, {"from": "template", "template": "direct", "name": "New"})
    assert own.status_code == 422 and "used by the desk" in own.content.decode()
    nothing = carl.post(NEW, {"from": "template"})
    assert nothing.status_code == 422 and "Choose one of the templates." in nothing.content.decode()
    assert as_("dan").get(NEW).status_code == 403


def test_a_document_is_taken_or_refused_with_line_field_and_repair(as_: As) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    carl = as_("carl")
    text = (
        "program: winter\nname: Winter\ntype: direct\ncurrency: EUR\n"
        'promises:\n  - {to: advocate, on: first_order, give: {cash: "5.00"}}\n'
    )
    wrong = carl.post(NEW, {"from": "document", "text": text + "surprise: 1\n"})
    shown = wrong.content.decode()
    assert wrong.status_code == 422 and "Line <bdi>7</bdi>" in shown and "surprise: 1" in shown and "Repair:" in shown
    file = SimpleUploadedFile("winter.yaml", text.encode(), content_type="application/yaml")
    answer = carl.post(NEW, {"from": "document", "file": file})
    assert answer.status_code == 303 and answer["Location"] == "/c/acme/programs/winter/edit"
    assert "The referrer gets 5.00 EUR" in plain(carl.get(answer["Location"]).content.decode())
    again = carl.post(NEW, {"from": "document", "text": text})
    assert again.status_code == 422 and "is writing on a program of this name" in again.content.decode()
    binary = SimpleUploadedFile("winter.yaml", b"\xff\xfe\x00", content_type="application/yaml")
    assert carl.post(NEW, {"from": "document", "file": binary}).status_code == 422


def test_a_made_up_kind_of_reward_is_asked_for_by_its_own_schema(as_: As, monkeypatch: pytest.MonkeyPatch) -> None:
    from goodword.catalog.rewards import REWARDS
    from goodword.core.kind import Give, RewardKind

    def parse(value: Any, currency: str) -> Give:
        if not isinstance(value, dict) or value.get("flavour") not in ("plum", "pear"):
            raise ValueError('write {cake: {flavour: plum, worth: "3.00"}}')
        return Give("cake", currency, fixed_minor=round(float(value["worth"]) * 100))

    cake = RewardKind(
        slug="cake",
        title="A piece of cake",
        help="Baked on the day.",
        schema={
            "type": "object",
            "required": ["flavour", "worth"],
            "properties": {
                "flavour": {"enum": ["plum", "pear"], "title": "Which cake"},
                "worth": {"type": "string", "description": "What one piece is worth."},
            },
        },
        parse=parse,
        amount_minor=lambda give, base: give.fixed_minor,
        most_minor=lambda give: give.fixed_minor,
        sentence=lambda give: "a piece of cake",
    )
    monkeypatch.setitem(REWARDS, "cake", cake)
    carl, edit, give = as_("carl"), "/c/acme/programs/friends/edit", "promises[0].give"
    assert "A piece of cake" in carl.get(f"{edit}?at={give}").content.decode()
    form = carl.post(edit, {"place": give, "revision": "0", "row": f"fit {give}", give: "cake-0"}).content.decode()
    assert "Which cake" in form and "What one piece is worth." in form
    typed = {"place": give, "revision": "0", give: "cake-0", f"{give}.cake-0.flavour": "plum"}
    wrong = carl.post(edit, typed | {f"{give}.cake-0.flavour": "", f"{give}.cake-0.worth": "3"})
    assert wrong.status_code == 422 and "flavour: plum" in wrong.content.decode()
    answer = carl.post(edit, typed | {f"{give}.cake-0.worth": "3,50 €"})
    assert answer.status_code == 303, plain(answer.content.decode())[900:2000]
    assert "The referrer gets A piece of cake: 3.50" in plain(carl.get(edit).content.decode())


def test_a_made_up_template_stands_beside_the_others(as_: As, monkeypatch: pytest.MonkeyPatch) -> None:
    from goodword.catalog.programs import PROGRAMS
    from goodword.core.kind import Template

    milestones = {"joined": {"event": "signup"}, "first_order": {"event": "purchase", "count": 1}}
    made_up = Template("neighbours", "Neighbours", "For the people next door.", {"milestones": milestones})
    monkeypatch.setitem(PROGRAMS, "neighbours", made_up)
    carl = as_("carl")
    assert "For the people next door." in carl.get(NEW).content.decode()
    answer = carl.post(NEW, {"from": "template", "template": "neighbours", "name": "Next door"})
    assert "The referrer gets 10.00 EUR" in plain(carl.get(answer["Location"]).content.decode())
