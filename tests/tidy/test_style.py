"""Does the code keep the house style: sentences that open modules, short functions, names that say something?"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src" / "goodword").rglob("*.py"))
MODULES = [path for path in SOURCES if "migrations" not in path.parts]
TESTS = sorted((ROOT / "tests").rglob("*.py"))

LONGEST_FUNCTION = 70
LONGEST_FILE = 500
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "manager", "managers", "handler", "handlers", "common", "misc"}
# The clock, chance and identity are arguments down here.
IMPURE = re.compile(r"\b(datetime\.(now|utcnow|today)|date\.today|time\.(time|monotonic)|random\.|uuid4|os\.environ|open)\(")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_opens_with_a_sentence(path: Path) -> None:
    said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert said, "say in one sentence what this module answers"
    first = said.splitlines()[0].strip()
    assert len(first.split()) >= 3, f"{first!r} is not a sentence"
    assert re.search(r"[.?!:]", said.split("\n\n")[0]), "the opening sentence has no end"


@pytest.mark.parametrize("path", MODULES + TESTS, ids=name_of)
def test_functions_and_files_stay_short(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    lines = len(text.splitlines())
    assert lines <= LONGEST_FILE, f"{lines} lines: split where a noun appears"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length < LONGEST_FUNCTION, f"{node.name} has {length} lines"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_names_say_something(path: Path) -> None:
    parts = {path.stem, path.parent.name}
    assert not parts & NAMES_THAT_SAY_NOTHING, "name it after the noun it holds"


@pytest.mark.parametrize("path", MODULES + TESTS, ids=name_of)
def test_nothing_is_left_for_later_or_waved_through(path: Path) -> None:
    if path == Path(__file__):
        return
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        assert not re.search(r"\b(TODO|FIXME|XXX|HACK)\b", line), f"line {number}: do it, or file an issue"  # the pattern itself
        waved = re.search(r"#\s*(type:\s*ignore(\[[\w-]+(,\s*[\w-]+)*\])?|noqa(:\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*)?)(.*)", line)
        if waved:
            assert waved[2] or waved[4], f"line {number}: name the rule that is waved through"
            assert len(waved[6].strip(" -#—–")) >= 10, f"line {number}: say why on the same line"


@pytest.mark.parametrize(
    "path", [path for path in MODULES if {"core", "catalog"} & set(path.parts)], ids=name_of
)
def test_the_specification_reads_no_clock_and_no_chance(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [ast.unparse(node.func) + "(" for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert [call for call in calls if IMPURE.match(call)] == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_only_the_command_line_prints(path: Path) -> None:
    if path.name == "cli.py" or "commands" in path.parts or "demo" in path.parts:
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    printed = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "print"]
    assert printed == [], "return it or log it"
