"""Is a day read as the people of the desk write it, alone and in a list, in whichever of its languages?"""

from __future__ import annotations

from datetime import date

import pytest

from goodword.web.desk.programs.editor import lenient

pytestmark = pytest.mark.usefixtures("site")  # the languages of the desk are a setting

EVE, NEW_YEAR = date(2026, 12, 24), date(2027, 1, 1)


@pytest.mark.parametrize(
    "typed",
    [
        "2026-12-24", "24.12.2026", "24.12.26", "24/12/2026", "24 Dec 2026", "24 December 2026", "Dec 24, 2026",
        "December 24 2026", "24. Dezember 2026", "24. Dez. 2026", "24 de diciembre de 2026", "24 décembre 2026",
        "24 ديسمبر 2026",
    ],
)  # fmt: skip
def test_a_day_is_read_as_people_write_it(typed: str) -> None:
    assert lenient.day(typed) == EVE


@pytest.mark.parametrize(
    "typed", ["", "Christmas", "24", "2026-13-24", "31 Feb 2026", "24 Dec", "24 Dec 2026 or so", "," * 500]
)
def test_what_is_no_day_is_none(typed: str) -> None:
    assert lenient.day(typed) is None


@pytest.mark.parametrize(
    "typed",
    [
        "2026-12-24, 2027-01-01", "24 Dec 2026,1 Jan 2027,", "Dec 24, 2026, Jan 1, 2027", "Dec 24, 2026\nJan 1, 2027",
        "24. Dezember 2026; 1. Januar 2027", "Dec 24, 2026, 2027-01-01",
    ],
)  # fmt: skip
def test_a_list_of_days_may_hold_commas_inside_a_day(typed: str) -> None:
    assert lenient.days(typed) == [EVE, NEW_YEAR]


def test_one_wrong_day_spoils_the_list() -> None:
    assert lenient.days("2026-12-24, Christmas") is None
    assert lenient.days(" , \n") == []
