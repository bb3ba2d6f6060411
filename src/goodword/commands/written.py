"""How does a command write its answer? Whole files or none, JSON for scripts, refusals of rows told with line and repair."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from goodword.core.events import Problem
from goodword.errors import BadInput

_TOLD_ON_STDERR = 20


class BadRow(NamedTuple):
    """A line of an input that was left out, and why."""

    file: str
    line: int
    problem: Problem

    def as_data(self) -> dict[str, Any]:
        """The same for scripts."""
        return {
            "file": self.file,
            "line": self.line,
            "field": self.problem.field,
            "why": self.problem.why,
            "repair": self.problem.repair,
            "code": self.problem.code,
        }

    def __str__(self) -> str:
        place = f" {self.problem.field}:" if self.problem.field else ""
        return f"{self.file}:{self.line}:{place} {self.problem.why}. Repair: {self.problem.repair}."


@contextlib.contextmanager
def whole_file(path: Path | None) -> Iterator[BinaryIO | None]:
    """A file that appears under its name only when it is complete; "-" is standard output, None nothing at all."""
    if path is None:
        yield None
        return
    if str(path) == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        file = beside.open("wb")
    except OSError as error:
        raise BadInput(
            f"{path} cannot be written.", error.strerror or str(error), "Name a place where you may write."
        ) from None
    try:
        with file:
            yield file
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def as_json(data: Any) -> str:
    """JSON as people can read it."""
    return json.dumps(data, ensure_ascii=False, indent=1)


def tell_bad_rows(bad: list[BadRow]) -> None:
    """The first bad rows on stderr; all of them are in the summary or in the rejected file."""
    for row in bad[:_TOLD_ON_STDERR]:
        print(row, file=sys.stderr)
    if len(bad) > _TOLD_ON_STDERR:
        print(f"… and {len(bad) - _TOLD_ON_STDERR} more.", file=sys.stderr)


def red(text: str) -> str:
    """Red on a terminal, plain elsewhere; the words say it too."""
    return f"\x1b[31m{text}\x1b[0m" if sys.stdout.isatty() and not os.environ.get("NO_COLOR") else text


def table(lines: list[tuple[Any, ...]]) -> str:
    """Columns side by side, numbers to the right."""
    if not lines:
        return ""
    texts = [[str(cell) for cell in line] for line in lines]
    widths = [max(len(line[n]) for line in texts) for n in range(len(texts[0]))]
    told = []
    for line, cells in zip(lines, texts, strict=True):
        padded = [
            text.rjust(width) if isinstance(cell, int) else text.ljust(width)
            for cell, text, width in zip(line, cells, widths, strict=True)
        ]
        told.append("  " + "  ".join(padded).rstrip())
    return "\n".join(told)
