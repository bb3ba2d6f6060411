"""What stands in a file? Lines and rows one by one, gzipped or not, each with its number; nothing is read as a whole."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import msgspec

from goodword.core.events import EVENT_BYTES, Problem
from goodword.errors import BadInput

_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
_ROW_CHARACTERS = EVENT_BYTES

_File = BinaryIO | gzip.GzipFile


class Line(NamedTuple):
    """A line of NDJSON as bytes, or the problem that keeps it from being one. The first line is 1."""

    number: int
    body: bytes
    problem: Problem | None = None


class Cells(NamedTuple):
    """A row of CSV under its column names, or the problem that keeps it from being one."""

    number: int
    values: dict[str, str]
    problem: Problem | None = None


class Place:
    """How far a file was read, for a progress bar."""

    def __init__(self, path: Path) -> None:
        self._size = max(1, path.stat().st_size) if path.exists() else 1
        self.file: BinaryIO | None = None

    def fraction(self) -> float:
        """Between 0 and 1; of the packed bytes where the file is packed."""
        return 0.0 if self.file is None or self.file.closed else min(1.0, self.file.tell() / self._size)


def lines(path: Path, place: Place | None = None) -> Iterator[Line]:
    """The lines of an NDJSON file. A line longer than an event may be is passed over without being held in memory."""
    with _opened(path, place) as file:
        number = 0
        while True:
            number += 1
            line = _read_line(file, path)
            if not line:
                return
            if not line.endswith(b"\n") and len(line) > EVENT_BYTES:
                _skip_rest_of_line(file, path)
                why = f"the line is longer than {EVENT_BYTES} bytes"
                yield Line(number, line[:200], Problem("", why, "leave out what terms do not need", "too_large"))
                continue
            if number == 1:
                line = line.removeprefix(_BOM)
            if body := line.strip():
                yield Line(number, body)


def rows(path: Path, place: Place | None = None) -> Iterator[Cells]:
    """The rows of a CSV file whose first line names the columns. The number is that of the row's last line."""
    with (
        _opened(path, place) as file,
        io.TextIOWrapper(file, encoding="utf-8-sig", errors="strict", newline="") as text,
    ):
        reader = csv.reader(text, strict=True)
        columns = _columns(reader, path)
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                why = f"not readable as CSV: {error}"
                yield Cells(reader.line_num, {}, Problem("", why, "mend the quotes of this line", "malformed"))
                continue
            except UnicodeDecodeError:
                raise BadInput(
                    f"{path} is not UTF-8 after line {reader.line_num}.",
                    "Names in another encoding would be kept wrongly.",
                    "Save the file as UTF-8, for example with: iconv -f WINDOWS-1252 -t UTF-8",
                ) from None
            except (EOFError, OSError, zlib.error) as error:
                raise _broken(path, error) from None
            if not any(cells):
                continue
            yield _cells(reader.line_num, columns, cells)


def columns_of(path: Path) -> list[str]:
    """The column names of a CSV file."""
    with (
        _opened(path, None) as file,
        io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline="") as text,
    ):
        return _columns(csv.reader(text), path)


def is_csv(path: Path) -> bool:
    """Whether the name says CSV, gzipped or not."""
    return path.name.lower().removesuffix(".gz").endswith(".csv")


def is_ndjson(path: Path) -> bool:
    """Whether the name says one JSON object a line, gzipped or not."""
    return path.name.lower().removesuffix(".gz").endswith((".ndjson", ".jsonl"))


def cells(path: Path, place: Place | None = None) -> Iterator[Cells]:
    """The rows of a file by its name: CSV, or NDJSON whose plain fields are the columns ("address.city" for one within)."""
    if not is_ndjson(path):
        yield from rows(path, place)
        return
    for line in lines(path, place):
        if line.problem:
            yield Cells(line.number, {}, line.problem)
            continue
        try:
            found = msgspec.json.decode(line.body, type=dict[str, Any])
        except msgspec.MsgspecError as error:
            yield Cells(
                line.number, {}, Problem("", f"is no JSON object: {error}", "send one object a line", "malformed")
            )
            continue
        yield Cells(line.number, dict(_flat(found)))


def _flat(found: dict[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for name, value in found.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        elif isinstance(value, str):
            yield before + name, value
        elif isinstance(value, int) and not isinstance(value, bool):
            yield before + name, str(value)


def _cells(number: int, columns: list[str], cells: list[str]) -> Cells:
    values = dict(zip(columns, cells, strict=False))
    if len(cells) != len(columns):
        why = f"has {len(cells)} cells, the first line names {len(columns)} columns"
        return Cells(
            number, values, Problem("", why, "give every row as many cells; quote cells with commas", "malformed")
        )
    if sum(map(len, cells)) > _ROW_CHARACTERS:
        return Cells(number, {}, Problem("", f"is longer than {_ROW_CHARACTERS} characters", "shorten it", "too_large"))
    return Cells(number, values)


def _columns(reader: Iterator[list[str]], path: Path) -> list[str]:
    try:
        columns = [name.strip() for name in next(reader)]
    except StopIteration:
        raise BadInput(
            f"{path} is empty.", "The first line has to name the columns.", "Export the file again."
        ) from None
    except (EOFError, OSError, zlib.error) as error:
        raise _broken(path, error) from None
    except UnicodeDecodeError:
        raise BadInput(f"{path} is not UTF-8.", "", "Save the file as UTF-8.") from None
    repeated = sorted({name for name in columns if name and columns.count(name) > 1})
    if repeated:
        raise BadInput(
            f"{path} names columns twice: {', '.join(repeated)}.",
            "It is not clear which one counts.",
            "Rename one of them.",
        )
    return columns


@contextmanager
def _opened(path: Path, place: Place | None) -> Iterator[_File]:
    try:
        raw = path.open("rb")
    except OSError as error:
        raise BadInput(
            f"{path} cannot be read.", error.strerror or str(error), "Check the name and the rights of the file."
        ) from None
    with raw:
        if place is not None:
            place.file = raw
        is_gzip = raw.peek(2)[:2] == _GZIP
        if is_gzip:
            with gzip.GzipFile(fileobj=raw) as unpacked:
                yield unpacked
        else:
            yield raw


def _read_line(file: _File, path: Path) -> bytes:
    try:
        return file.readline(EVENT_BYTES + 1)
    except (EOFError, OSError, zlib.error) as error:
        raise _broken(path, error) from None


def _skip_rest_of_line(file: _File, path: Path) -> None:
    while (piece := _read_line(file, path)) and not piece.endswith(b"\n"):
        continue


def _broken(path: Path, error: Exception) -> BadInput:
    return BadInput(
        f"{path} ends or breaks in the middle.", f"{type(error).__name__}: {error}", "Fetch or pack the file again."
    )
