"""What does a row of a people or codes file say? A row becomes an act of the house, so that files and the log are one history.

The event of a row is a function of the row alone: the same row, in whatever file and however often, is the same event.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from goodword.core.events import Problem, ident

Row = Mapping[str, str]

# A row without a date of its own holds since ever: it never moves the clock of what happened.
SINCE_EVER = datetime(1990, 1, 1, tzinfo=UTC)

_PERSON_COLUMNS = frozenset(
    "id joined_at name email phone address city postcode country purchased_at organization valid_from code".split()
)


def person_row_event(row: Row, at: datetime = SINCE_EVER) -> dict[str, Any] | list[Problem]:
    """The `known` act of a people row; columns that have no meaning of their own are the person's attributes.

    `valid_from` dates the attributes, else `at` does. A `code` column is left to the codes file.
    """
    problems: list[Problem] = []
    values = filled(row)
    if not (values.get("id") or values.get("email") or values.get("phone")):
        problems.append(Problem("id", "the row names nobody", "give an id, an e-mail or a phone", "missing"))
    moments = {
        name: moment_in(values[name], name, problems)
        for name in ("joined_at", "purchased_at", "valid_from")
        if name in values
    }
    if problems:
        return problems
    person: dict[str, Any] = {name: values[name] for name in ("id", "email", "phone", "name") if name in values}
    address = {
        key: values[column]
        for column, key in (("address", "line1"), ("city", "city"), ("postcode", "postcode"), ("country", "country"))
        if column in values
    }
    attributes = {name: value for name, value in values.items() if name not in _PERSON_COLUMNS}
    if address:
        person["address"] = address
    if attributes:
        person["attributes"] = attributes
    event: dict[str, Any] = {
        "id": row_id("person", values),
        "type": "known",
        "at": (moments.get("valid_from") or at).isoformat(),
        "person": person,
        "act": {name: moments[name].isoformat() for name in ("joined_at", "purchased_at") if name in moments},
    }
    if "organization" in values:
        event["organization"] = {"id": values["organization"]}
    return event


def code_row_event(row: Row, at: datetime = SINCE_EVER) -> dict[str, Any] | list[Problem]:
    """The `code_issued` act of a codes row: code and person, optionally program and ended_at."""
    problems: list[Problem] = []
    values = filled(row)
    for column, repair in (("code", "give the code"), ("person", "give the id of the person who owns the code")):
        if column not in values:
            problems.append(Problem(column, "is missing", repair, "missing"))
    ended_at = moment_in(values["ended_at"], "ended_at", problems) if "ended_at" in values else None
    if problems:
        return problems
    event: dict[str, Any] = {
        "id": row_id(
            "code", {name: values[name] for name in ("code", "person", "program", "ended_at") if name in values}
        ),
        "type": "code_issued",
        "at": at.isoformat(),
        "person": {"id": values["person"]},
        "code": values["code"],
        "act": {"ended_at": ended_at.isoformat()} if ended_at else {},
    }
    if "program" in values:
        event["program"] = values["program"]
    return event


def filled(row: Row) -> dict[str, str]:
    """The cells that say something, without blanks around them."""
    return {name.strip(): value.strip() for name, value in row.items() if value and value.strip()}


def row_id(kind: str, values: Mapping[str, Any]) -> str:
    """The id of a row's event: a function of what the row says."""
    return f"{kind}-row-{ident(msgspec.json.encode(dict(sorted(values.items()))).decode())}"


def moment_in(text: str, column: str, problems: list[Problem]) -> datetime:
    """A moment with its offset, or a bare day, which begins at midnight UTC."""
    try:
        if len(text) == 10:
            day = date.fromisoformat(text)
            return datetime(day.year, day.month, day.day, tzinfo=UTC)
        found = datetime.fromisoformat(text)
    except ValueError:
        found = datetime.min
    if found.tzinfo is None:
        problems.append(
            Problem(
                column,
                f'"{text[:40]}" is not a moment with an offset',
                'write "2026-11-03T18:05:00+01:00", or a day such as "2026-11-03"',
                "wrong_type",
            )
        )
        return SINCE_EVER
    return found.astimezone(UTC)
