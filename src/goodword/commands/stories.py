"""Do the stories beside a program come out as they say? `friends.yaml` has its scenarios in `friends.scenarios.txt`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from goodword.errors import BadInput
from goodword.scenarios.language import ScenarioError, scenarios_in
from goodword.scenarios.player import CorePlayer
from goodword.scenarios.playing import Mismatch, play

SUFFIX = ".scenarios.txt"


class Failure(msgspec.Struct, frozen=True):
    """A story that came out otherwise: where, and what was found."""

    place: str
    told: str

    def __str__(self) -> str:
        return self.told.strip("\n")


class Outcome(msgspec.Struct, frozen=True):
    """How many stories were played, and those that failed."""

    played: int
    failed: tuple[Failure, ...]

    def as_data(self) -> dict[str, Any]:
        """The same for scripts."""
        return {"played": self.played, "failed": [msgspec.to_builtins(one) for one in self.failed]}


def stories_beside(path: Path) -> Path:
    """Where the stories of a document lie."""
    return path.with_name(path.stem + SUFFIX)


def told_stories(path: Path, document: dict[str, Any]) -> Outcome:
    """Play every story beside a document with the core alone; a line that cannot be read is refused by its place."""
    beside = stories_beside(path)
    try:
        text = beside.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(
            f"{beside} cannot be read.", str(error), f"Write the stories of {path.name} into it, one `scenario:` each."
        ) from None
    try:
        found = scenarios_in(text, beside.name, document)
    except ScenarioError as error:
        raise BadInput(
            f"{beside} has a line that is not understood.", str(error), "docs/scenarios.md tells what may stand there."
        ) from None
    silent = [one for one in found if not any(line.expected for line in one.lines)]
    if not found or silent:
        raise BadInput(
            f"{beside} proves nothing." if not found else f"{beside}:{silent[0].number}: this story expects nothing.",
            "A story without an arrow is always right.",
            'Say what has to come of it: "d2 purchase bob 49.00 -> alice pending 10.00".',
        )
    failed = []
    for scenario in found:
        try:
            play(scenario, CorePlayer())
        except (Mismatch, AssertionError) as error:
            failed.append(Failure(f"{scenario.path}:{scenario.number}: {scenario.title}", str(error)))
    return Outcome(len(found), tuple(failed))
