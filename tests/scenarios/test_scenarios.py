"""Does every story come out as told? All scenarios of this folder, played by every player with the same results."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenarios.language import Scenario, read_scenarios
from tests.scenarios.player import Player
from tests.scenarios.playing import play

FILES = sorted(Path(__file__).parent.glob("*.txt"))
SCENARIOS = [scenario for path in FILES for scenario in read_scenarios(path)]


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
