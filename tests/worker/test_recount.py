"""Do the daily sums follow the client's time zone, whatever was counted before by other midnights?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from goodword.house.roles import Urls
from goodword.store.recount import TOLD_BY_DAY, counted
from tests.worker.lane import START, Lane, code_of, direct, lane_on, purchase, signup

TOKYO = "Asia/Tokyo"
UTC_MIDNIGHT = datetime(2026, 3, 5, tzinfo=UTC)
TOKYO_MIDNIGHT = datetime(2026, 3, 5, 15, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def lived(lane: Lane, zone: str) -> None:
    """Friends join, buy and give back on both sides of both midnights, while the client lives in `zone`."""
    move(lane, zone)
    lane.publish(direct(budget={"amount": "1000.00"}))
    lane.send(code_of("alice"))
    for n, midnight in enumerate((UTC_MIDNIGHT, TOKYO_MIDNIGHT)):
        for side, at in (("before", midnight - SECOND), ("at", midnight), ("after", midnight + 40 * SECOND)):
            friend = f"{side}{n}"
            click = {"id": f"click-{friend}", "type": "click", "at": at.isoformat(), "code": "CODE-alice"}
            lane.send(click, signup(friend, at, "alice"), purchase(friend, at + timedelta(days=7)))
    lane.drain_all()
    lane.advance(START + timedelta(days=19))


def move(lane: Lane, zone: str) -> None:
    """What the settings of the client do; the test's engine may not."""
    import psycopg

    with psycopg.connect(lane.urls.owner, autocommit=True) as owner:
        owner.execute("UPDATE client SET timezone = %s WHERE id = %s::uuid", (zone, lane.client_id))


def sums(lane: Lane) -> set[tuple[Any, ...]]:
    """What pages read, by name of the program: ids are drawn anew at each client."""
    return set(lane.rows(
        "SELECT coalesce(p.slug, ''), day, metric, asset, n, amount_minor FROM rollup r LEFT JOIN program p"
        " ON p.client_id = r.client_id AND p.id = r.program_id WHERE r.client_id = %s::uuid"
        f" AND (n <> 0 OR amount_minor <> 0) AND {TOLD_BY_DAY}", lane.client_id))  # fmt: skip


def joined(lane: Lane) -> dict[date, int]:
    """Friends by the day on which they joined."""
    return dict(lane.rows(
        "SELECT day, sum(n)::int FROM rollup WHERE client_id = %s::uuid AND metric LIKE 'stand:%%' GROUP BY 1"
        " HAVING sum(n) <> 0", lane.client_id))  # fmt: skip


def test_who_moves_is_counted_by_new_midnights_as_if_it_had_always_lived_there(urls: Urls) -> None:
    with lane_on(urls, "mover") as lane:
        lived(lane, "UTC")
        assert joined(lane) == {date(2026, 3, 4): 1, date(2026, 3, 5): 5}
        move(lane, TOKYO)
        assert lane.drain().idle, "counting anew decides nothing"
        assert joined(lane) == {date(2026, 3, 5): 4, date(2026, 3, 6): 2}
        moved = sums(lane)
        lane.assert_sound()
    with lane_on(urls, "dweller") as lane:
        lived(lane, TOKYO)
        assert lane.rows("SELECT counted_in FROM lane WHERE client_id = %s::uuid", lane.client_id) == [(TOKYO,)]
        assert sums(lane) == moved
        assert {metric.partition(":")[0] for _p, _d, metric, *_ in moved} >= {
            "stand",
            "given",
            "due",
            "after",
            "event",
            "owed",
        }


def test_what_is_decided_after_the_move_is_put_into_the_same_days(urls: Urls) -> None:
    with lane_on(urls, "goer") as lane:
        lived(lane, "America/St_Johns")  # half an hour off
        move(lane, TOKYO)
        lane.send(signup("late", TOKYO_MIDNIGHT, "alice"))
        lane.drain_all()
        assert joined(lane) == {date(2026, 3, 5): 4, date(2026, 3, 6): 3}
        anew = {row[1:] for row in counted(lane.conn, lane.client_id, ZoneInfo(TOKYO)) if row[4] or row[5]}
        assert {row[1:] for row in sums(lane)} == anew


def test_a_zone_that_this_machine_does_not_know_is_counted_as_pages_show_it(urls: Urls) -> None:
    with lane_on(urls, "nowhere") as lane:
        lived(lane, "Mars/Olympus")
        assert joined(lane) == {date(2026, 3, 4): 1, date(2026, 3, 5): 5}
