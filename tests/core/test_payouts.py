"""Is every reward promised for a day on which the house pays out, never too early, and as the document writes it?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from goodword.catalog import SHELVES
from goodword.core.events import Problem
from goodword.core.payouts import is_payout_day, promised_by
from goodword.core.reading import read_terms
from goodword.core.referral import Reward
from goodword.core.terms import PayoutDays, Terms
from goodword.core.wording import LANGUAGES, paragraphs

LIVE = datetime(2026, 1, 1, tzinfo=UTC)
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe", "Pacific/Apia")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")


def read(**parts: Any) -> Terms | list[Problem]:
    document = {
        "program": "p", "name": "P", "type": "direct", "currency": "EUR",
        "promises": [{"to": "advocate", "on": "first_order", "give": {"cash": "10.00"}}], **parts,
    }  # fmt: skip
    return read_terms(document, SHELVES, version=1, live_from=LIVE)


def terms_with(**parts: Any) -> Terms:
    found = read(**parts)
    assert isinstance(found, Terms), found
    return found


def reward(due_at: datetime) -> Reward:
    return Reward(
        id="0" * 32, promise="advocate:first_order:0", to="advocate", payee="0" * 32, kind="cash", amount_minor=1000, asset="EUR",
        state="pending", state_at=due_at, milestone_at=due_at, due_at=due_at, granted_at=due_at, entry="", source="",
    )  # fmt: skip


def promised_on(day: str, **parts: Any) -> str:
    """The day of the program's zone by which a reward is promised whose hold ends at noon of a day."""
    terms = terms_with(**parts)
    due_at = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=terms.zone).astimezone(UTC)
    return f"{promised_by(reward(due_at), terms).astimezone(terms.zone):%a %Y-%m-%d}"


@pytest.mark.parametrize(
    ("ends", "payout_days", "business_days", "promised"),
    [
        ("2026-03-12", [], 2, "Mon 2026-03-16"),
        ("2026-03-12", [], 0, "Thu 2026-03-12"),
        ("2026-03-12", [1, 15], 0, "Mon 2026-03-16"),  # the 15th is a Sunday
        ("2026-03-15", [1, 15], 0, "Mon 2026-03-16"),
        ("2026-03-16", [1, 15], 0, "Mon 2026-03-16"),
        ("2026-03-17", [1, 15], 0, "Wed 2026-04-01"),
        ("2026-03-31", [1, 15], 2, "Wed 2026-04-15"),  # two working days end on the 2nd
        ("2026-02-28", [28], 0, "Mon 2026-03-02"),  # the 28th moves into the next month
        ("2026-05-04", ["last"], 2, "Fri 2026-05-29"),  # the month ends on a Sunday
        ("2026-05-30", ["last"], 0, "Tue 2026-06-30"),
        ("2026-03-12", ["friday"], 0, "Fri 2026-03-13"),
        ("2026-03-12", ["Friday"], 2, "Fri 2026-03-20"),
        ("2026-12-30", ["monday", "thursday"], 2, "Mon 2027-01-04"),
    ],
)
def test_the_first_payout_day_on_or_after_hold_and_working_days(
    ends: str, payout_days: list[int | str], business_days: int, promised: str
) -> None:
    assert promised_on(ends, payout_days=payout_days, business_days=business_days) == promised


@pytest.mark.parametrize(
    ("ends", "payout_days", "business_days", "holidays", "promised"),
    [
        ("2026-12-23", [], 2, ["2026-12-25"], "Mon 2026-12-28"),
        ("2026-12-24", [], 2, ["2026-12-25", "2026-12-28"], "Wed 2026-12-30"),
        ("2026-12-25", [], 0, ["2026-12-25"], "Fri 2026-12-25"),  # without working days it is there at once
        ("2026-04-01", ["friday"], 0, ["2026-04-03", "2026-04-06"], "Tue 2026-04-07"),
        ("2026-04-07", ["friday"], 0, ["2026-04-03", "2026-04-06"], "Tue 2026-04-07"),  # it stands for the Friday
        ("2026-12-20", ["last"], 0, ["2026-12-30", "2026-12-31"], "Tue 2026-12-29"),
        ("2026-12-30", ["last"], 0, ["2026-12-30", "2026-12-31"], "Fri 2027-01-29"),
        ("2026-12-20", [24], 0, ["2026-12-24", "2026-12-25"], "Mon 2026-12-28"),
        ("2026-12-20", [25, 26], 0, ["2026-12-25"], "Mon 2026-12-28"),  # both move to the same day
    ],
)
def test_a_holiday_is_no_working_day_and_moves_what_falls_on_it(
    ends: str, payout_days: list[int | str], business_days: int, holidays: list[str], promised: str
) -> None:
    on = {"payout_days": payout_days, "business_days": business_days, "holidays": holidays}
    assert promised_on(ends, **on) == promised


def test_what_was_granted_after_its_hold_is_promised_from_there() -> None:
    late = msgspec.structs.replace(
        reward(datetime(2026, 3, 12, 9, tzinfo=UTC)), granted_at=datetime(2026, 3, 17, 9, tzinfo=UTC)
    )
    assert promised_by(late, terms_with(payout_days=[15], business_days=0)) == datetime(2026, 4, 15, 9, tzinfo=UTC)


def test_a_day_is_one_of_the_programs_zone() -> None:
    late_on_thursday = datetime(2026, 1, 1, 20, tzinfo=UTC)  # Friday in Tokyo
    on = {"payout_days": ["thursday"], "business_days": 0}
    assert promised_by(reward(late_on_thursday), terms_with(**on)) == late_on_thursday
    in_tokyo = promised_by(reward(late_on_thursday), terms_with(timezone="Asia/Tokyo", **on))
    assert in_tokyo == late_on_thursday + timedelta(days=6)


def test_two_working_days_where_the_terms_are_not_known() -> None:
    thursday = datetime(2026, 3, 12, 9, tzinfo=UTC)
    assert promised_by(reward(thursday), None) == datetime(2026, 3, 16, 9, tzinfo=UTC)


calendars = st.none() | st.builds(
    PayoutDays,
    days=st.lists(st.integers(1, 28), min_size=1, max_size=3, unique=True).map(tuple),
    at_month_end=st.booleans(),
) | st.builds(PayoutDays, weekdays=st.lists(st.integers(0, 4), min_size=1, max_size=3, unique=True).map(tuple))  # fmt: skip
moments = st.datetimes(datetime(2025, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC))
PLAIN = terms_with()


off = st.frozensets(st.dates(date(2025, 1, 1), date(2028, 12, 31)), max_size=60)


@given(moments, calendars, st.integers(0, 20), st.sampled_from(ZONES), off)
@example(
    datetime(2026, 3, 27, 1, 30, tzinfo=UTC), PayoutDays(days=(29 - 1,)), 0, "Europe/Berlin", frozenset()
)  # a lost hour
@example(datetime(2026, 10, 24, 0, 30, tzinfo=UTC), PayoutDays(weekdays=(0,)), 0, "Europe/Berlin", frozenset())
@example(
    datetime(2026, 3, 2, tzinfo=UTC),
    PayoutDays(weekdays=(0,)),
    1,
    "UTC",
    frozenset({date(2026, 3, 9), date(2026, 3, 3)}),
)
def test_never_too_early_on_a_payout_day_and_no_later_than_the_next(
    due_at: datetime, on: PayoutDays | None, business_days: int, zone: str, holidays: frozenset[date]
) -> None:
    terms = msgspec.structs.replace(
        PLAIN, zone=ZoneInfo(zone), payout_days=on, business_days=business_days, holidays=holidays
    )
    found = promised_by(reward(due_at), terms)
    begin, end = (at.astimezone(terms.zone).date() for at in (due_at, found))
    between = [begin + timedelta(days=n) for n in range(1, (end - begin).days + 1)]
    worked = [day for day in between if day.weekday() < 5 and day not in holidays]
    assert found >= due_at and len(worked) >= business_days
    assert found == promised_by(reward(due_at), terms), "the same twice"
    earliest = worked[business_days - 1] if business_days else begin
    if on is None:
        assert end == earliest
        return
    assert is_payout_day(end, terms) and end.weekday() < 5 and end not in holidays
    assert not any(is_payout_day(day, terms) for day in [begin, *between] if earliest <= day < end)


@given(st.dates(date(2025, 1, 1), date(2028, 12, 31)), st.integers(1, 28))
def test_a_day_of_the_month_comes_once_a_month_whatever_weekday_it_falls_on(day: date, number: int) -> None:
    terms = msgspec.structs.replace(PLAIN, payout_days=PayoutDays(days=(number,)))
    nominal = day.replace(day=number)
    found = [one for n in range(7) if is_payout_day(one := nominal + timedelta(days=n), terms)]
    assert found == [nominal + timedelta(days={5: 2, 6: 1}.get(nominal.weekday(), 0))]


@pytest.mark.parametrize(
    ("payout_days", "field", "why"),
    [
        ([1, 31], "payout_days[1]", '"31" is not a day of every month'),
        ([0], "payout_days[0]", '"0" is not a day on which rewards can be paid out'),
        ([-1], "payout_days[0]", '"-1" is not a day on which rewards can be paid out'),
        (["sunday"], "payout_days[0]", '"sunday" is not a working day'),
        (["first"], "payout_days[0]", '"first" is not a day on which rewards can be paid out'),
        ([1, "friday"], "payout_days", "days of the month and of the week do not go together"),
    ],
)
def test_what_is_no_payout_day_is_refused_with_field_and_repair(
    payout_days: list[int | str], field: str, why: str
) -> None:
    found = read(payout_days=payout_days)
    assert isinstance(found, list)
    assert [(one.field, one.why) for one in found] == [(field, why)]
    assert all(one.repair for one in found)


def test_what_is_written_twice_counts_once_in_order() -> None:
    assert terms_with(payout_days=["15", 1, 15, "last"]).payout_days == PayoutDays((1, 15), at_month_end=True)
    assert terms_with().payout_days is None


def told(language: str, **parts: Any) -> str:
    made = {one.about: one.text for one in paragraphs(terms_with(**parts), language)}
    return " ".join(made.values()).replace("\u2068", "").replace("\u2069", "")


def test_the_text_says_when_rewards_are_paid_out() -> None:
    text = told("en", payout_days=[1, 15])
    assert "Rewards are paid out on the 1st and the 15th of a month." in text
    assert "A day that falls on a Saturday or Sunday moves to the next working day." in text
    assert "at least 2 working days after it is payable" in text and "They arrive within" not in text
    assert "on the last working day of a month." in told("en", payout_days=["last"])
    assert "Rewards are paid out every Monday and Friday." in told("en", payout_days=["friday", "monday"])
    assert "Ausgezahlt wird am 1. und am letzten Arbeitstag eines Monats." in told("de", payout_days=["last", 1])
    assert "le 1er et le 15 de chaque mois." in told("fr", payout_days=[1, 15])
    assert "el 1 y el 15 de cada mes." in told("es", payout_days=[1, 15])


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_names_the_holidays(language: str) -> None:
    plain, named = told(language), told(language, holidays=["2027-01-06", "2026-12-25"])
    assert "2027" not in plain and named.index("25") < named.index("2027")


def test_the_text_says_which_days_are_no_working_days() -> None:
    text = told("en", payout_days=["friday"], holidays=["2026-12-28", "2026-12-25"])
    assert "A day that falls on a Saturday, a Sunday or a holiday moves to the next working day." in text
    assert "Holidays, which are no working days: 25 December 2026 and 28 December 2026." in text


def test_what_is_no_day_is_refused_as_a_holiday() -> None:
    found = read(holidays=["2026-02-30"])
    assert isinstance(found, list) and found[0].field == "holidays[0]" and found[0].repair


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_names_each_day(language: str) -> None:
    monthly = told(language, payout_days=[3, 22, "last"], business_days=7)
    assert all(one in monthly for one in ("3", "22", "7"))
    weekly = [told(language, payout_days=[day]) for day in WEEKDAYS]
    assert len(set(weekly)) == len(WEEKDAYS)
