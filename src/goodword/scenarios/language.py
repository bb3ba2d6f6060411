"""What does a scenario say? Reads the text files: a program, the codes and people needed, and one line a fact."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from goodword.scenarios.programs import ProgramError, from_block, from_line
from goodword.scenarios.verbs import CAST, Act, read_fact

DAY_ZERO = datetime(2026, 3, 1, tzinfo=UTC)  # a Sunday; Europe/Berlin is on winter time until the 29th
PUBLISHED_AT = datetime(2025, 1, 1, tzinfo=UTC)
FIRST_HOUR = timedelta(hours=10)

_TIME = re.compile(
    r"(?P<when>d-?\d+|\d{4}-\d{2}-\d{2})(?:\s+(?P<clock>\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?))?(?=\s|\Z)"
)


class Line(msgspec.Struct):
    """One fact of a scenario: when it happened, when it arrived, what it was, and what is expected after it."""

    number: int
    text: str
    at: datetime
    arrives_at: datetime
    act: Act
    expected: tuple[str, ...]


class Scenario(msgspec.Struct):
    """A story with its program. `setup` are the raw acts of codes that its people need."""

    title: str
    path: str
    number: int
    lines: list[Line]
    codes: dict[str, str]  # code -> owner


class ScenarioError(ValueError):
    """A line that the language does not know, with its place."""


def read_scenarios(path: Path) -> list[Scenario]:
    """Every scenario of a file."""
    return scenarios_in(path.read_text(encoding="utf-8"), path.name)


def scenarios_in(text: str, name: str, document: dict[str, Any] | None = None) -> list[Scenario]:
    """Every scenario of a text; `name` says where it stands. Who names no program speaks of `document`."""
    found: list[Scenario] = []
    lines = text.splitlines()
    starts = [n for n, line in enumerate(lines) if line.startswith("scenario:")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=False):
        title = lines[start].partition(":")[2].strip()
        scenario = _Reader(name, start, title, lines[start + 1 : end]).read()
        if document is not None and all(line.act.verb != "publish" for line in scenario.lines):
            act = Act("publish", document=document)
            scenario.lines.insert(0, Line(scenario.number, "program", PUBLISHED_AT, PUBLISHED_AT, act, ()))
        found.append(scenario)
    return found


class _Reader:
    """Reads one scenario; remembers the clock of the last line, so that a bare day goes on a minute later."""

    def __init__(self, path: str, start: int, title: str, lines: list[str]) -> None:
        self.path, self.start, self.title, self.lines = path, start, title, lines
        self.last_at: datetime | None = None
        self.orders: dict[str, list[str]] = {}
        self.found: list[Line] = []
        self.codes: dict[str, str] = {}

    def read(self) -> Scenario:
        n = 0
        while n < len(self.lines):
            text = re.split(r"(?:^|\s)#\s", self.lines[n])[0].rstrip()
            block: list[str] = []
            while n + 1 < len(self.lines) and text.endswith(":") and re.match(r"\s+\S|\s*$", self.lines[n + 1]):
                n += 1
                block.append(self.lines[n])
            number = self.start + 2 + n - len(block)
            if text.strip():
                try:
                    self.found.append(self._line(number, text.strip(), block))
                except (ValueError, ProgramError) as error:
                    raise ScenarioError(f"{self.path}:{number}: {error}\n    {text.strip()}") from error
            n += 1
        self.found.sort(key=lambda line: line.arrives_at)
        return Scenario(self.title, self.path, self.start + 1, self.found, self.codes)

    def _line(self, number: int, text: str, block: list[str]) -> Line:
        if text.startswith("program"):
            return Line(number, text, PUBLISHED_AT, PUBLISHED_AT, self._publish(text[7:], block, PUBLISHED_AT), ())
        text_of_fact, expected = _split(text)
        at, rest = self._when(text_of_fact)
        rest, arrives_at = self._arrival(rest, at)
        self.last_at = at
        if rest.startswith("publish"):
            act = self._publish(rest[7:], block, at)
        else:
            act = read_fact(rest, self.orders, self.moment)
            for code in act.codes:
                if code.lower() in CAST:
                    self.codes.setdefault(code, code.lower())
        return Line(number, text, at, arrives_at, act, expected)

    def _publish(self, rest: str, block: list[str], at: datetime) -> Act:
        if block:
            indent = min(len(line) - len(line.lstrip()) for line in block if line.strip())
            return Act("publish", document=from_block("\n".join(line[indent:] for line in block), at))
        return Act("publish", document=from_line(rest.strip()))

    def _when(self, text: str) -> tuple[datetime, str]:
        found = _TIME.match(text)
        if not found:
            raise ValueError('a line begins with its day, "d3" or "d3 14:30" or "2026-03-29 01:00"')
        rest = text[found.end() :].strip()
        at = self.moment(found.group())
        same_day = self.last_at is not None and self.last_at.date() == at.date()
        if not found["clock"] and same_day and self.last_at is not None and not rest.startswith("time"):
            at = max(at, self.last_at + timedelta(minutes=1))
        return at, rest

    def moment(self, text: str) -> datetime:
        """The moment of "d3", "d3 14:30" or "2026-03-29 01:00" (UTC)."""
        found = _TIME.fullmatch(text.strip())
        if not found:
            raise ValueError(f'"{text}" is not a moment')
        when, clock = found["when"], found["clock"]
        day = (
            DAY_ZERO + timedelta(days=int(when[1:]))
            if when.startswith("d")
            else datetime.fromisoformat(when).replace(tzinfo=UTC)
        )
        if not clock:
            return day + FIRST_HOUR
        hours, minutes, seconds = (*clock.split(":"), "0")[:3]
        return day + timedelta(hours=int(hours), minutes=int(minutes), seconds=float(seconds))

    def _arrival(self, rest: str, at: datetime) -> tuple[str, datetime]:
        found = re.search(r"\s+arrives\s+(.+)$", rest)
        if not found:
            return rest, at
        return rest[: found.start()], self.moment(found[1])


def _split(text: str) -> tuple[str, tuple[str, ...]]:
    """Fact and expectations; the first arrow of a click points at the friend."""
    parts = [part.strip() for part in re.split(r"\s->(?:\s|\Z)", text)]
    arrows_of_fact = 1 if re.search(r"\sclick\s", parts[0] + " ") else 0
    fact = " -> ".join(parts[: 1 + arrows_of_fact])
    expected = ", ".join(parts[1 + arrows_of_fact :])
    return fact, tuple(filter(None, (part.strip() for part in expected.split(","))))


def document_of(act: Act) -> dict[str, Any]:
    """The document that a publishing line carries."""
    assert act.document is not None
    return act.document
