"""Does every scenario exist that docs/program/meaning.md names for a sentence of the language?"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenarios.test_scenarios import SCENARIOS

PAGE = Path(__file__).parents[2] / "docs" / "program" / "meaning.md"
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and not line.startswith(("| **", "| sentence"))
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_the_scenarios_of_a_sentence_exist(row: list[str]) -> None:
    _, files, named = row
    titles = {one.title for one in SCENARIOS if one.path.removesuffix(".txt") in files.split(", ")}
    assert named, "a sentence without a scenario"
    assert [title for title in named.split("; ") if title not in titles] == []


def test_no_sentence_stands_there_twice() -> None:
    assert len({row[0] for row in ROWS}) == len(ROWS) > 40
