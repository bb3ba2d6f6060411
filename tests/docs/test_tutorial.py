"""Does the tutorial do what it says? Every command of it is run in order, and its output compared line by line."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
TUTORIAL = ROOT / "docs" / "tutorial.md"


class Step(NamedTuple):
    """A command of the tutorial and the lines printed below it; … stands for anything."""

    line: int
    command: str
    expected: list[str]


def steps() -> Iterator[Step]:
    """The commands in the order of the page."""
    step: Step | None = None
    is_console = False
    for number, line in enumerate(TUTORIAL.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("```"):
            if step is not None:
                yield step
            step, is_console = None, line == "```console"
        elif is_console and line.startswith("$ "):
            if step is not None:
                yield step
            step = Step(number, line[2:], [])
        elif step is not None:
            step.expected.append(line)


def fits(expected: list[str], told: list[str]) -> bool:
    """Whether the output is what the page shows; a line of … alone stands for any number of lines."""
    pattern = "".join(
        "(?:.*\n)*" if line == "…" else ".*".join(map(re.escape, line.split("…"))) + "\n" for line in expected
    )
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in told)) is not None


@pytest.mark.timeout(300)
def test_every_command_says_what_the_page_shows(tmp_path: Path) -> None:
    world = tmp_path / "tutorial"
    shutil.copytree(TUTORIAL.parent / "tutorial", world)
    commands = tmp_path / "bin"
    commands.mkdir()
    for name, call in (("goodword", f"{sys.executable} -m goodword.cli"), ("python", sys.executable)):
        (commands / name).write_text(f'#!/bin/sh\nexec {call} "$@"\n', encoding="utf-8")
        (commands / name).chmod(0o755)
    env = {name: value for name, value in os.environ.items() if not name.startswith("GOODWORD_")} | {
        "PATH": f"{commands}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT / "src"),
        "GOODWORD_DATA": str(tmp_path / "data"),
        "GOODWORD_KEY_FILE": str(tmp_path / "master.key"),
    }
    ran = 0
    for step in steps():
        done = subprocess.run(
            ["bash", "-c", step.command], cwd=world, env=env, capture_output=True, text=True, check=False
        )
        where = f"{TUTORIAL.name}:{step.line} $ {step.command}\n{done.stdout}{done.stderr}"
        assert fits(step.expected, done.stdout.splitlines()), where
        ran += 1
    assert ran > 15
