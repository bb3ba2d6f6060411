"""Does every story come out as told? All scenarios of this folder, played by every player with the same results."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import indent

import pytest

from goodword.catalog import SHELVES
from goodword.core.kind import Template
from goodword.scenarios.language import Scenario, read_scenarios, scenarios_in
from goodword.scenarios.player import Player
from goodword.scenarios.playing import play


def _of_template(template: Template) -> list[Scenario]:
    """The stories that a program type tells about its own example."""
    program = "program:\n" + indent(template.example, "  ")
    text = re.sub(r"^(scenario:.*)$", lambda title: f"{title[1]}\n{program}", template.scenarios, flags=re.MULTILINE)
    return scenarios_in(text, f"type {template.slug}.txt")


FILES = sorted(Path(__file__).parent.glob("*.txt"))
SCENARIOS = [scenario for path in FILES for scenario in read_scenarios(path)]
SCENARIOS += [scenario for template in SHELVES.templates.values() for scenario in _of_template(template)]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: f"{scenario.path[:-4]}:{scenario.title}")
def test_scenario(scenario: Scenario, player: Player) -> None:
    play(scenario, player)


def test_there_are_enough_of_them_and_each_has_its_own_title() -> None:
    titles = [(scenario.path, scenario.title) for scenario in SCENARIOS]
    assert len(titles) >= 90
    assert len(set(titles)) == len(titles)


def test_every_scenario_expects_something() -> None:
    silent = [scenario.title for scenario in SCENARIOS if not any(line.expected for line in scenario.lines)]
    assert silent == []
