"""Does the command line refuse terms that contradict themselves, with the field, the reason and the repair?"""

from __future__ import annotations

from pathlib import Path

import pytest

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
            "promises[0].limit: Only 4 friends may join",
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
            "milestones.stayed.moment: It takes at least 90 days",
            "or runs.last_milestone later.",
        ),
        (HEAD + "colour: red\n" + STEPS + PLAIN % "bought", ":5: colour: is not a field", "check the spelling"),
    ],
    ids=["tiers", "limit", "end", "itself", "never", "unknown"],
)
def test_terms_that_cannot_work_are_refused_with_their_place(
    goodword: Type, world: Path, document: str, place: str, repair: str
) -> None:
    path = world / "wrong.yaml"
    path.write_text(document, encoding="utf-8")
    said = goodword("check", "--program", str(path))
    assert said.code != 0
    assert place in said.out + said.err and repair in said.out + said.err
