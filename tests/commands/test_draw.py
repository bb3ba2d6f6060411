"""Can an outsider draw a contest's prizes again, by the command and by the few lines that the page prints?"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from goodword.cli import main
from goodword.core.contest_draw import commitment_of, drawn

PAGE = Path(__file__).parents[2] / "docs" / "program" / "contests.md"
SEED = "0123456789abcdef" * 4


def _round(**more: Any) -> dict[str, Any]:
    tickets = {f"{n:032x}": n % 4 + 1 for n in range(1, 12)}
    sequence = list(drawn(SEED, "round:prize:1", tickets))
    told: dict[str, Any] = {
        "id": "round",
        "seed": SEED,
        "commitment": commitment_of(SEED),
        "entrants": [{"id": id_, "tickets": {"prize:1": n}} for id_, n in tickets.items()],
        "winners": [
            {"prize": "prize:0", "id": sequence[0]},
            {"prize": "prize:1", "id": sequence[1]},
            {"prize": "prize:1", "id": sequence[3]},
        ],
    }
    return told | more


def _file(folder: Path, told: dict[str, Any]) -> str:
    path = folder / "contest.json"
    path.write_text(json.dumps([told]))
    return str(path)


def test_a_draw_comes_to_the_same_winners(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["proof", "draw", _file(tmp_path, _round())]) == 0
    told = capsys.readouterr().out
    assert "won a place already" in told and told.count(" wins") == 2 and "as it was committed to" in told


@pytest.mark.parametrize(
    "more",
    [
        {"commitment": commitment_of("another")},
        {"winners": [{"prize": "prize:1", "id": "f" * 32}]},
        {"winners": list(reversed(_round()["winners"]))},
    ],
)
def test_another_outcome_is_found(more: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["proof", "draw", _file(tmp_path, _round(**more))]) == 1
    assert "NOT as it was committed to" in capsys.readouterr().out


def test_a_file_that_is_none_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["proof", "draw", _file(tmp_path, {"id": "round"})]) == 2
    assert main(["proof", "draw", _file(tmp_path, _round(seed=None))]) == 2
    assert "after the award" in capsys.readouterr().err


def test_the_lines_of_the_page_draw_the_same(tmp_path: Path) -> None:
    found = re.search(r"```python\n(.*?)```", PAGE.read_text(), re.S)
    assert found
    script = tmp_path / "again.py"
    script.write_text(found[1])
    file = _file(tmp_path, _round())
    told = subprocess.run([sys.executable, str(script), file], check=True, capture_output=True, text=True).stdout
    tickets = {one["id"]: one["tickets"]["prize:1"] for one in _round()["entrants"]}
    assert [line.split()[2] for line in told.splitlines()] == list(drawn(SEED, "round:prize:1", tickets))
