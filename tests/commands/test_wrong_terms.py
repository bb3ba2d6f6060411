"""Does the command line refuse terms that contradict themselves, with the field, the reason and the repair?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from goodword.house.roles import Urls
from tests.commands.conftest import Type

HEAD = "program: wrong\nname: Wrong\ntype: direct\ncurrency: EUR\n"
STEPS = 'milestones: {joined: {event: signup}, bought: {event: purchase, min: "90.00"}}\n'
TIERS = (
    'promises: [{to: advocate, on: bought, when: {tiers: [{at: 1, give: {cash: "5.00"}},'
    ' {at: %s, give: {cash: "40.00"}}]}%s}]\n'
)
PLAIN = 'promises: [{to: advocate, on: %s, give: {cash: "5.00"}}]\n'
LATE = "milestones: {joined: {event: signup}, bought: {event: purchase}, stayed: {moment: 90d after bought}}\n"


@pytest.mark.parametrize(
    ("document", "place", "repair"),
    [
        (HEAD + STEPS + TIERS % (1, ""), ":6: promises[0].when.tiers[1]: 1 does not come after", "sort the tiers"),
        (
            HEAD + STEPS + TIERS % (5, ", limit: {joins: 4}"),
            "BLOCKED: line 6: promises[0].limit: Only 4 friends may join",
            "Allow at least 5 joins.",
        ),
        (
            HEAD + "runs: {from: 2026-05-01, last_milestone: 2026-04-01}\n" + STEPS + PLAIN % "bought",
            ":5: runs.last_milestone: ",
            "Repair: ",
        ),
        (
            HEAD + "stacking: {programs: {wrong: after}}\n" + STEPS + PLAIN % "bought",
            ":5: stacking.programs: speaks of the program itself",
            "name another program",
        ),
        (
            HEAD + "runs: {from: 2026-01-01, last_milestone: 2026-03-01}\n" + LATE + PLAIN % "stayed",
            "BLOCKED: line 6: milestones.stayed.moment: It takes at least 90 days",
            "or runs.last_milestone later.",
        ),
        (
            HEAD + "runs: {from: 2026-05-01, last_touch: 2026-04-30}\n" + STEPS + PLAIN % "bought",
            ":5: runs.last_touch: ",
            "Repair: ",
        ),
        (
            HEAD
            + "milestones:\n  joined: {event: signup}\n  bought: {event: purchase, min: 90.00}\n"
            + PLAIN % "bought",
            ":7: milestones.bought.min: 90.0 is a number, and here a text is read",
            'Repair: write it in quotes, min: "90.00".',
        ),
        (HEAD + "colour: red\n" + STEPS + PLAIN % "bought", ":5: colour: is not a field", "check the spelling"),
    ],
    ids=["tiers", "limit", "end", "itself", "never", "touch", "unquoted", "unknown"],
)
def test_terms_that_cannot_work_are_refused_with_their_place(
    goodword: Type, world: Path, document: str, place: str, repair: str
) -> None:
    path = world / "wrong.yaml"
    path.write_text(document, encoding="utf-8")
    said = goodword("check", "--program", str(path))
    assert said.code != 0
    assert place in said.out + said.err and repair in said.out + said.err


@pytest.fixture
def client(installation: Urls, world: Path, goodword: Type, request: pytest.FixtureRequest) -> str:
    """A client with people of some status, whose friends.yaml is live."""
    slug: str = "w" + request.node.name.replace("_", "-")[-50:].strip("-")
    assert goodword("client", "add", slug, "--name", "Globex").code == 0
    assert goodword("import", "people", "--client", slug, "people.csv").code == 0
    assert goodword("program", "push", "--client", slug, "friends.yaml", "--publish").code == 0
    return slug


def _states(goodword: Type, client: str) -> dict[str, list[str]]:
    states: dict[str, list[str]] = {}
    for row in json.loads(goodword("program", "list", "--client", client, "--json").out):
        states.setdefault(row["program"], []).append(row["state"])
    return states


def test_programs_that_wait_for_each_other_are_not_published(world: Path, goodword: Type, client: str) -> None:
    friends = (world / "friends.yaml").read_text()
    (world / "other.yaml").write_text(
        friends.replace("program: friends", "program: other") + "stacking: {programs: {friends: after}}\n"
    )
    assert goodword("program", "push", "--client", client, "other.yaml", "--publish").code == 0
    (world / "friends.yaml").write_text(friends + "stacking: {programs: {other: after}}\n")
    line = len(friends.splitlines()) + 1
    refused = goodword("program", "push", "--client", client, "friends.yaml", "--publish")
    assert refused.code == 2
    circle = "stacking.programs: The order of programs goes in a circle: friends after other after friends."
    assert f"line {line}: {circle} Take one of the rules out." in refused.err
    assert _states(goodword, client) == {"friends": ["live", "draft"], "other": ["live"]}


def test_an_attribute_that_no_feed_brings_is_not_published(world: Path, goodword: Type, client: str) -> None:
    friends = (world / "friends.yaml").read_text()
    (world / "friends.yaml").write_text('# a note above\nfriends: {if: ["friend.shoe_size >= 40"]}\n' + friends)
    refused = goodword("program", "push", "--client", client, "friends.yaml", "--publish")
    assert refused.code == 2
    assert 'line 2: friends.if[0]: No feed ever brought "shoe_size"' in refused.err
    assert "correct the name, or take the condition out." in refused.err
    told = json.loads(goodword("check", "--program", "friends.yaml", "--client", client, "--json").out)
    assert [(one["check"], one["line"]) for one in told if one["severity"] == "block"] == [("feeds", 2)]
    assert _states(goodword, client) == {"friends": ["live", "draft"]}


def test_what_cannot_be_read_is_not_even_kept(world: Path, goodword: Type, client: str) -> None:
    path = world / "friends.yaml"
    path.write_text(path.read_text().replace('min: "20.00"', "min: 20.00"))
    refused = goodword("program", "push", "--client", client, "friends.yaml", "--publish")
    assert refused.code == 2
    assert "milestones.first_order.min: 20.0 is a number" in refused.err and 'min: "20.00"' in refused.err
    assert _states(goodword, client) == {"friends": ["live"]}
