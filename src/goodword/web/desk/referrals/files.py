"""How are referrals taken away? The rows of the page as CSV and JSON, written while they are read."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _

from goodword.store.reads.listing import Row
from goodword.web import words

COLUMNS = (
    "referral", "referrer", "friend", "program", "version", "state", "method", "code", "joined_at", "due_at", "rewards",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(rows: Iterable[Row], slug: str, clients: Mapping[str, str] | None = None) -> StreamingHttpResponse:
    """One line a referral, safe in a spreadsheet; over several `clients` (id -> slug) each line begins with its client."""
    return _file(_csv_lines(rows, clients), f"referrals-{slug}.csv", "text/csv; charset=utf-8")


def as_json(rows: Iterable[Row], slug: str, clients: Mapping[str, str] | None = None) -> StreamingHttpResponse:
    """One array of objects with the columns of the CSV; amounts stay exact: text with their currency, and minor units."""
    return _file(_json_pieces(rows, clients), f"referrals-{slug}.json", "application/json")


def _file(pieces: Iterator[str], name: str, kind: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(pieces, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def _csv_lines(rows: Iterable[Row], clients: Mapping[str, str] | None) -> Iterator[str]:
    writer = csv.writer(_Echo())
    columns = ("client", *COLUMNS) if clients else COLUMNS
    yield writer.writerow(columns)
    for row in rows:
        told = _told(row, clients)
        told["rewards"] = "; ".join(f"{one['amount']} {one['to']} {one['state']}" for one in told["rewards"])
        yield writer.writerow([_safe(str(told[column] or "")) for column in columns])


def _json_pieces(rows: Iterable[Row], clients: Mapping[str, str] | None) -> Iterator[str]:
    yield "["
    for n, row in enumerate(rows):
        yield (",\n" if n else "\n") + json.dumps(_told(row, clients), ensure_ascii=False)
    yield "\n]\n"


def _told(row: Row, clients: Mapping[str, str] | None) -> dict[str, Any]:
    return ({"client": clients[row.client_id]} if clients else {}) | {
        "referral": f"ref_{row.id}",
        "referrer": _plain_person(row.referrer),
        "friend": _plain_person(row.friend),
        "program": row.program,
        "version": row.version,
        "state": row.state,
        "method": row.method,
        "code": row.code,
        "joined_at": _moment(row.joined_at),
        "due_at": _moment(row.due_at),
        "rewards": [
            {
                "to": "referrer" if one.role == "advocate" else one.role,
                "amount": words.plain_money(one.amount_minor, one.asset),
                "amount_minor": one.amount_minor,
                "currency": one.asset,
                "state": one.state,
            }
            for one in row.rewards
        ],
    }


def _moment(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat() if at else None


def _plain_person(one: Any) -> str:
    if one is None:
        return ""
    return one.name or (_("erased person") if one.is_erased else f"prs_{one.id}")


def _safe(cell: str) -> str:
    """A cell that a spreadsheet could take for a formula begins with an apostrophe."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
