"""How does a list become a file? CSV that is safe in a spreadsheet, and JSON, from the same rows as the page."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse

MOST_ROWS = 10_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(name: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> HttpResponse:
    """A file with a head; a cell that a spreadsheet could take for a formula begins with an apostrophe."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_safe(row.get(column)) for column in columns] for row in rows)
    return _as_file(text.getvalue(), f"{name}.csv", "text/csv; charset=utf-8")


def as_json(name: str, rows: Iterable[Mapping[str, Any]]) -> HttpResponse:
    """A list of objects."""
    told = json.dumps([_plain(row) for row in rows], indent=1, ensure_ascii=False)
    return _as_file(told + "\n", f"{name}.json", "application/json")


def _as_file(text: str, name: str, kind: str) -> HttpResponse:
    return HttpResponse(text, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _moment(value) if isinstance(value, datetime) else value for name, value in row.items()}


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _safe(value: Any) -> str:
    cell = "" if value is None else _moment(value) if isinstance(value, datetime) else str(value)
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
