"""Do terms live in git? Pulled, compared in words, tested by the stories beside them, pushed unless others were faster."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from goodword.house.roles import Urls
from tests.commands.conftest import Type

STORIES = """
scenario: a first order of 20 is enough
d0 click alice -> bob
d1 signup bob
d2 purchase bob 20.00 -> alice pending 10.00

scenario: 19.99 is not
d0 click alice -> bob
d1 signup bob
d2 purchase bob 19.99 -> below_minimum, alice pending 0
"""


@pytest.fixture
def client(installation: Urls, world: Path, goodword: Type, request: pytest.FixtureRequest) -> str:
    slug: str = "p" + request.node.name.replace("_", "-")[-50:].strip("-")
    assert goodword("client", "add", slug, "--name", "Globex").code == 0
    assert goodword("program", "push", "--client", slug, "friends.yaml", "--publish").code == 0
    return slug


def change(file: Path, before: str, after: str) -> None:
    text = file.read_text()
    assert before in text
    file.write_text(text.replace(before, after))


def test_a_difference_is_told_in_words(world: Path, goodword: Type, client: str) -> None:
    change(world / "friends.yaml", '"10.00"', '"12.00"')
    told = goodword("program", "diff", "--client", client, "friends.yaml")
    assert told.code == 1
    assert told.out.splitlines() == [
        "From version 1 of friends to friends.yaml:",
        "  Reward of the referrer for First order: 10.00 EUR → 12.00 EUR",
    ]
    data = json.loads(goodword("program", "diff", "--client", client, "friends.yaml", "--json").out)
    assert data[0]["before"] == "10.00 EUR"
    assert goodword("program", "diff", "--client", client, "friends.yaml", "--version", "9").code == 2


def test_what_was_pulled_before_another_version_went_live_is_not_pushed(
    world: Path, goodword: Type, client: str
) -> None:
    for name in ("ana.yaml", "carl.yaml"):
        assert goodword("program", "pull", "--client", client, "friends", "--out", name).code == 0
    assert (world / "ana.yaml").read_text().startswith("# goodword: friends version 1, live ")
    change(world / "ana.yaml", "10.00", "11.00")
    change(world / "carl.yaml", "and friends", "and friends of us")
    assert goodword("program", "push", "--client", client, "ana.yaml", "--publish").code == 0
    late = goodword("program", "push", "--client", client, "carl.yaml")
    assert late.code == 2
    assert "Version 2 went live since this document was taken." in late.err
    assert goodword("program", "push", "--client", client, "carl.yaml", "--force").code == 0
    assert [row["number"] for row in json.loads(goodword("program", "list", "--client", client, "--json").out)] == [
        1,
        2,
        3,
    ]


def test_stories_beside_a_document_are_its_tests(world: Path, goodword: Type, client: str) -> None:
    (world / "friends.scenarios.txt").write_text(STORIES)
    said = goodword("program", "test", "friends.yaml")
    assert (said.code, said.out) == (0, "2 of 2 stories came out as they say.\n")
    change(world / "friends.yaml", '"20.00"', '"10.00"')
    failed = goodword("program", "test", "friends.yaml")
    assert failed.code == 1
    assert "friends.scenarios.txt:10: 19.99 is not" in failed.err
    assert "expected: below_minimum" in failed.err
    assert failed.out == "1 of 2 stories came out as they say.\n"


def test_a_passed_test_is_taken_down_for_the_version_that_says_the_same(
    world: Path, goodword: Type, client: str
) -> None:
    (world / "friends.scenarios.txt").write_text(STORIES)
    change(world / "friends.yaml", "name: ", "name: My ")
    unknown = goodword("program", "test", "friends.yaml", "--client", client)
    assert unknown.code == 2 and "Push it first" in unknown.err
    assert goodword("program", "push", "--client", client, "friends.yaml").code == 0
    kept = goodword("program", "test", "friends.yaml", "--client", client)
    assert kept.out.startswith("2 of 2 stories came out as they say. Taken down for version 2.\n")
    told = json.loads(goodword("program", "test", "friends.yaml", "--client", client, "--json").out)
    checked = json.loads(goodword("check", "--program", "friends.yaml", "--client", client, "--json").out)
    assert told["checks"] == checked and {one["check"] for one in checked} >= {"sector", "places", "languages"}
    assert kept.out.count("warning: ") == len(checked), "nobody said whom the client serves, and the test says so"
    states = json.loads(goodword("program", "list", "--client", client, "--json").out)
    assert [row["state"] for row in states] == ["live", "tested"]


@pytest.mark.parametrize(
    ("stories", "says"),
    [
        ("", "proves nothing"),
        ("scenario: silence\nd0 click alice -> bob\n", "this story expects nothing"),
        ("scenario: wrong\nd0 jump alice -> nothing\n", '"jump" is not a verb'),
        (None, "cannot be read"),
    ],
)
def test_stories_that_prove_nothing_are_refused(world: Path, goodword: Type, stories: str | None, says: str) -> None:
    if stories is not None:
        (world / "friends.scenarios.txt").write_text(stories)
    said = goodword("program", "test", "friends.yaml")
    assert said.code == 2
    assert says in said.err


def test_a_version_is_published_and_rolled_back(world: Path, goodword: Type, client: str) -> None:
    change(world / "friends.yaml", "name: ", "name: My ")
    assert goodword("program", "push", "--client", client, "friends.yaml").code == 0
    said = goodword("program", "publish", "--client", client, "friends", "2", "--note", "a new name")
    assert (said.code, "Version 2 of friends is published." in said.out) == (0, True)
    back = goodword("program", "rollback", "--client", client, "friends", "1")
    assert "Version 3 of friends has the document of version 1." in back.out
    again = goodword("program", "publish", "--client", client, "friends", "2")
    assert again.code == 2 and "A published version never changes." in again.err
    assert goodword("program", "approve", "--client", client, "friends").code == 2
    assert goodword("program", "publish", "--client", client, "friends", "3", "--name-loser", "x").code == 2


def test_a_version_for_a_later_day_is_told_as_such(world: Path, goodword: Type, client: str) -> None:
    change(world / "friends.yaml", "name: ", "name: My ")
    assert goodword("program", "push", "--client", client, "friends.yaml").code == 0
    said = goodword("program", "publish", "--client", client, "friends", "2", "--live-from", "2099-01-01")
    assert said.code == 0, said.err
    listed = goodword("program", "list", "--client", client).out
    assert "live later" in listed and listed.count("live ") >= 2
