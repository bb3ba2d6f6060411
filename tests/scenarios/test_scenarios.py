"""Does every story come out as told? All scenarios of this folder, played by every player with the same results."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from textwrap import indent

import pytest

from goodword.catalog import SHELVES
from goodword.core.kind import Template
from goodword.demo.world import program_text
from goodword.scenarios.language import Scenario, read_scenarios, scenarios_in
from goodword.scenarios.player import Player
from goodword.scenarios.playing import play


def _about(document: str, stories: str, name: str) -> list[Scenario]:
    """Stories that are all about one document."""
    program = "program:\n" + indent(document, "  ")
    text = re.sub(r"^(scenario:.*)$", lambda title: f"{title[1]}\n{program}", stories, flags=re.MULTILINE)
    return scenarios_in(text, name)


def _of_template(template: Template) -> list[Scenario]:
    """The stories that a program type tells about its own example."""
    return _about(template.example, template.scenarios, f"type {template.slug}.txt")


def _of_brand(path: Path) -> list[Scenario]:
    """The stories about the program of one of the demo's brands."""
    return _about(program_text(f"{path.stem}-1"), path.read_text(encoding="utf-8"), f"demo {path.name}")


FILES = sorted(Path(__file__).parent.glob("*.txt"))
SCENARIOS = [scenario for path in FILES for scenario in read_scenarios(path)]
SCENARIOS += [scenario for template in SHELVES.templates.values() for scenario in _of_template(template)]
BRANDS = {path.stem: _of_brand(path) for path in sorted((Path(__file__).parent / "demo").glob("*.txt"))}
SCENARIOS += [scenario for stories in BRANDS.values() for scenario in stories]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: f"{scenario.path[:-4]}:{scenario.title}")
def test_scenario(scenario: Scenario, player: Player) -> None:
    play(scenario, player)


def test_there_are_enough_of_them_and_each_has_its_own_title() -> None:
    titles = [(scenario.path, scenario.title) for scenario in SCENARIOS]
    assert len(titles) >= 180
    assert len(set(titles)) == len(titles)


def test_each_brand_of_the_demo_has_eight_stories_and_each_rule_of_the_industry_three() -> None:
    assert {brand: len(stories) for brand, stories in BRANDS.items() if len(stories) < 8} == {}
    assert len(BRANDS) == 8
    rules = Counter(match[1] for one in SCENARIOS if (match := re.match(r"rule (\d+),", one.title)))
    assert set(rules) == {str(number) for number in range(1, 25)}
    assert {number for number, stories in rules.items() if stories < 3} == set()


def test_every_scenario_expects_something() -> None:
    silent = [scenario.title for scenario in SCENARIOS if not any(line.expected for line in scenario.lines)]
    assert silent == []
