"""Do the days of the overview begin at the client's midnight, in its numbers, in its trend and in the rows behind them?"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest

from tests.web.world import NOW, World
from tests.worker.lane import lane_on, person

TOKYO = ZoneInfo("Asia/Tokyo")
DAY = (NOW - timedelta(days=14)).astimezone(TOKYO).date()  # one that lies wholly behind us
SECOND = timedelta(seconds=1)
# Both midnights of that day in Tokyo, and both of the same day in UTC, with the second before each.
MOMENTS = [
    edge - before
    for midnight in (DAY, DAY + timedelta(days=1))
    for edge in (datetime.combine(midnight, time(), TOKYO), datetime.combine(midnight, time(), ZoneInfo("UTC")))
    for before in (timedelta(0), SECOND)
]


@pytest.fixture(scope="module")
def tokyo(world: World) -> World:
    """Acme lives in Tokyo, as the settings page would have it; friends join around every midnight of one day."""
    with psycopg.connect(world.urls.owner, autocommit=True) as owner:
        owner.execute("UPDATE client SET timezone = 'Asia/Tokyo' WHERE slug = 'acme'")
    with lane_on(world.urls, "acme", world.keyring) as lane:
        for n, at in enumerate(MOMENTS):
            lane.send(
                {
                    "id": f"edge-{n}",
                    "type": "signup",
                    "at": at.isoformat(),
                    "person": person(f"edge{n}"),
                    "code": "ANNA7",
                }
            )
        lane.drain_all(now=NOW)
    return world


def number(page: str, tile: str = "referrals") -> tuple[str, int]:
    """Where a tile leads, and what it says."""
    found = re.search(rf'id="tile-{tile}".*?<a href="([^"]+)"><bdi>([\d,]+)</bdi>', page, re.S)
    assert found, tile
    return found[1].replace("&amp;", "&"), int(found[2].replace(",", ""))


def joined_on(world: World, day: date) -> int:
    """Friends who joined on that day in Tokyo, counted over the rows."""
    begin = datetime.combine(day, time(), TOKYO)
    with psycopg.connect(world.urls.owner) as owner:
        row = owner.execute(
            "SELECT count(*) FROM referral WHERE client_id = %s AND kind <> 'record' AND bound_at >= %s AND bound_at < %s",
            (world.clients["acme"], begin, begin + timedelta(days=1)),
        ).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("later_days", [-1, 0, 1])
def test_a_day_holds_what_happened_between_the_client_s_midnights(tokyo: World, as_: Any, later_days: int) -> None:
    carl, day = as_("carl"), DAY + timedelta(days=later_days)
    page = carl.get(f"/c/acme/overview?period=d&on={day.isoformat()}").content.decode()
    href, told = number(page)
    rows = carl.get(href).content.decode()
    edges = sum(at.astimezone(TOKYO).date() == day for at in MOMENTS)
    assert told == rows.count("<tr data-row") == joined_on(tokyo, day) >= edges > 0
    assert "Days are those of Asia/Tokyo." in page
    listed = carl.get(f"/c/acme/referrals.csv?joined_from={day.isoformat()}&joined_to={day.isoformat()}")
    lines = b"".join(listed.streaming_content).decode().splitlines()
    assert len(lines) == told + 1, "the list of referrals means the same days"


def test_each_step_of_the_trend_adds_up_to_its_rows(tokyo: World, as_: Any) -> None:
    carl = as_("carl")
    page = carl.get(f"/c/acme/overview?period=m&by=day&on={DAY.isoformat()}").content.decode()
    steps = re.findall(
        r'<tr data-first="([\d-]+)" data-last="\1"><td><bdi>[^<]+</bdi></td>'
        r'<td class="num"><a href="[^"]+"><bdi>([\d,]+)</bdi>',
        page,
    )
    assert len(steps) >= 14
    assert {day: int(n) for day, n in steps} == {day: joined_on(tokyo, date.fromisoformat(day)) for day, _n in steps}


def test_what_is_owed_stands_in_the_month_in_which_it_comes_due_there(tokyo: World, as_: Any) -> None:
    carl = as_("carl")
    page = carl.get("/c/acme/overview").content.decode()
    links = re.findall(r'href="([^"]*/overview/owed\?[^"]+)"><bdi>([\d,]+)</bdi>', page)
    assert links
    for href, n in links:
        assert carl.get(href.replace("&amp;", "&")).content.decode().count("<tr data-row") == int(n)


def test_the_period_that_runs_is_that_of_the_client(tokyo: World, as_: Any) -> None:
    lines = as_("carl").get("/c/acme/overview.json?period=d").json()
    told = {line["name"]: line["value"] for line in lines if line["part"] == "period"}
    assert told["first day"] == told["last day"] == datetime.now(TOKYO).date().isoformat()
