"""Is the event of a row a function of the row alone?"""

from __future__ import annotations

import pytest

from goodword.core.rows import SINCE_EVER, code_row_event, person_row_event


def test_a_people_row_becomes_what_was_known() -> None:
    row = {
        "id": "c-1", "joined_at": "2025-03-07", "email": "alice@acme.test", "address": "Hauptstr. 1", "country": "DE",
        "purchased_at": "2025-12-01T10:00:00+01:00", "status": "active", "phone": "", "code": "ALICE7",
    }  # fmt: skip
    event = person_row_event(row)
    assert isinstance(event, dict)
    assert event["person"] == {
        "id": "c-1", "email": "alice@acme.test", "address": {"line1": "Hauptstr. 1", "country": "DE"},
        "attributes": {"status": "active"},
    }  # fmt: skip
    assert event["act"] == {"joined_at": "2025-03-07T00:00:00+00:00", "purchased_at": "2025-12-01T09:00:00+00:00"}
    assert (event["type"], event["at"]) == ("known", SINCE_EVER.isoformat())


def test_attributes_may_have_a_date_of_their_own() -> None:
    event = person_row_event({"id": "c-1", "status": "left", "valid_from": "2026-05-01"})
    assert isinstance(event, dict)
    assert event["at"] == "2026-05-01T00:00:00+00:00"


def test_the_same_row_is_the_same_event_in_any_file() -> None:
    one = person_row_event({"id": "c-1", "email": "a@x.test", "name": ""})
    two = person_row_event({"email": " a@x.test ", "id": "c-1"})
    other = person_row_event({"id": "c-1", "email": "b@x.test"})
    assert one == two
    assert isinstance(one, dict)
    assert isinstance(other, dict)
    assert one["id"] != other["id"]


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"name": "Nobody"}, "id"),
        ({"id": "c-1", "joined_at": "2025-03-07T10:00:00"}, "joined_at"),
        ({"id": "c-1", "purchased_at": "last week"}, "purchased_at"),
    ],
)
def test_a_people_row_that_says_too_little_is_told_where(row: dict[str, str], field: str) -> None:
    problems = person_row_event(row)
    assert isinstance(problems, list)
    assert [(problem.field, bool(problem.repair)) for problem in problems] == [(field, True)]


def test_a_codes_row_needs_code_and_person() -> None:
    event = code_row_event({"code": "ALICE7", "person": "c-1", "ended_at": "2026-12-31", "program": "friends"})
    assert isinstance(event, dict)
    assert (event["code"], event["person"], event["program"]) == ("ALICE7", {"id": "c-1"}, "friends")
    assert event["act"] == {"ended_at": "2026-12-31T00:00:00+00:00"}
    problems = code_row_event({"code": "ALICE7"})
    assert isinstance(problems, list)
    assert problems[0].field == "person"
