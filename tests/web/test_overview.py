"""Does each number of the overview equal a count over the rows, and does its link open exactly these?"""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import psycopg
import pytest

from tests.web.world import CANARY, NOW


@pytest.fixture
def rows(world: Any) -> Any:
    """Answers of the owner, who sees all rows, with the client's id as the first value."""
    with psycopg.connect(world.urls.owner, autocommit=True) as owner:
        yield lambda sql, slug="acme", *more: owner.execute(sql, (world.clients[slug], *more)).fetchall()


def everything(days: int = 400) -> Any:
    """Everything up to today, compared with nothing."""
    from goodword.store.reads import overview as read

    end = NOW.date() + timedelta(days=1)
    begin = end - timedelta(days=days)
    return read.Asked(begin, end, begin, begin, begin, "month")


def counted(world: Any, slug: str = "acme", asked: Any = None) -> Any:
    """The numbers as the page reads them."""
    from goodword.store.reads import overview as read
    from goodword.store.scope import client_scope

    with client_scope(world.clients[slug]):
        return read.overview(world.clients[slug], asked or everything())


def test_referrals_stand_as_their_rows_do(world: Any, rows: Any) -> None:
    stand = Counter({(state, method): n for state, method, n in rows(
        "SELECT state, method, count(*) FROM referral WHERE client_id = %s GROUP BY 1, 2")})  # fmt: skip
    found = counted(world).now
    assert +found.stand == stand
    assert {"rewarded", "qualified", "held", "denied", "reversed"} & set(found.states), "the world tells too little"
    assert found.customers == sum(n for (state, _m), n in stand.items() if state in ("qualified", "held", "rewarded"))


def test_rewards_and_reversals_are_counted_to_the_cent(world: Any, rows: Any) -> None:
    found = counted(world)
    standing = "('pending', 'in_review', 'payable', 'sent')"
    given = dict(
        rows(
            f"SELECT asset, sum(amount_minor)::bigint FROM reward WHERE client_id = %s AND state IN {standing} GROUP BY 1"
        )
    )
    assert found.now.given == given
    lines = {(state, month, asset): (n, minor) for state, month, asset, n, minor in rows(
        "SELECT state, date_trunc('month', due_at AT TIME ZONE 'Europe/Berlin')::date, asset, count(*), sum(amount_minor)::bigint"
        " FROM reward WHERE client_id = %s AND state IN ('pending', 'in_review', 'payable') GROUP BY 1, 2, 3")}  # fmt: skip
    assert found.liability.lines == lines and lines


def test_what_is_owed_is_what_the_ledger_says(world: Any, rows: Any) -> None:
    ledger = dict(rows(
        "SELECT asset, sum(posted_minor + pending_in_minor - pending_out_minor)::bigint FROM account"
        " WHERE client_id = %s AND name LIKE 'payable:%%' GROUP BY 1"))  # fmt: skip
    found = counted(world)
    assert found.liability.owed == {asset: minor for asset, minor in ledger.items() if minor}
    assert not found.liability.netted


def test_what_is_counted_anew_is_what_the_chain_counted(world: Any, rows: Any) -> None:
    """As after an upgrade, or when a client moves to another zone (`tests/worker/test_recount.py`)."""
    from goodword.store.recount import TOLD_BY_DAY, counted, zone_of

    by_chain = rows(
        "SELECT program_id::text, day, metric, asset, n, amount_minor FROM rollup WHERE client_id = %s"
        f" AND (n <> 0 OR amount_minor <> 0) AND {TOLD_BY_DAY}"
    )
    with psycopg.connect(world.urls.owner) as owner:
        anew = {
            (str(program), *rest)
            for program, *rest in counted(owner, world.clients["acme"], zone_of("Europe/Berlin"))
            if any(rest[-2:])
        }
    differ = set(by_chain) ^ anew
    assert by_chain and not differ, sorted(differ, key=str)[:6]


def test_the_parts_of_the_trend_and_of_the_cohorts_add_up(world: Any, rows: Any) -> None:
    found = counted(world)
    assert sum(one.referrals for one in found.trend.values()) == found.now.referrals
    (earned,) = rows(
        "SELECT count(DISTINCT referral_id) FROM reward WHERE client_id = %s"
        " AND state IN ('pending', 'in_review', 'payable', 'sent')"
    )[0]
    assert sum(n for weeks in found.cohorts.values() for n in weeks.values()) == earned


def test_a_number_opens_the_rows_that_add_up_to_it(world: Any, as_: Any) -> None:
    carl = as_("carl")
    year = f"/c/acme/overview?period=y&on={NOW.date().isoformat()}"
    page = carl.get(year).content.decode()
    for tile, number in (("referrals", "referrals"), ("customers", "customers"), ("fraud", "denied")):
        shown = re.search(rf'id="tile-{tile}".*?<a href="([^"]+)"><bdi>([\d,]+)</bdi>', page, re.S)
        assert shown, tile
        address = shown[1].replace("&amp;", "&").replace(f"/overview/{number}", f"/overview/{number}.csv")
        lines = carl.get(address).content.decode().splitlines()[1:]
        assert len(lines) == int(shown[2].replace(",", "")), tile


def test_the_gaps_of_the_funnel_add_up_and_lead_to_lists(world: Any, as_: Any) -> None:
    carl = as_("carl")
    page = carl.get("/c/acme/overview?period=y").content.decode()
    for part in re.findall(r'<p class="gap">.*?</p>', page, re.S):
        whole, *reasons = (int(n.replace(",", "")) for n in re.findall(r"<bdi>([\d,]+)</bdi>", part))
        assert whole == sum(reasons)
        for n, href in zip(reasons, re.findall(r'href="([^"]+)"', part), strict=True):
            address = href.replace("&amp;", "&").replace("/overview/referrals", "/overview/referrals.csv")
            assert len(carl.get(address).content.decode().splitlines()) == 1 + n


def test_owed_by_month_and_state_opens_its_rewards(world: Any, as_: Any) -> None:
    carl = as_("carl")
    page = carl.get("/c/acme/overview").content.decode()
    links = re.findall(r'href="([^"]*/overview/owed\?[^"]+)"><bdi>([\d,]+)</bdi>', page)
    assert links
    for href, n in links:
        found = carl.get(href.replace("&amp;", "&")).content.decode()
        assert found.count("<tr data-row") == int(n)


@pytest.mark.parametrize("asked", ["?period=y", "?period=y&by=week", ""])
def test_each_cell_of_the_heat_map_opens_exactly_its_friends(world: Any, as_: Any, asked: str) -> None:
    carl = as_("carl")
    page = carl.get(f"/c/acme/overview{asked}").content.decode()
    cells = re.findall(r'class="num heat-[1-5]"><a href="([^"]+)"><bdi>([\d,]+)</bdi>', page)
    assert cells or asked == "", "nobody earned anything in this world"
    for href, n in cells:
        assert carl.get(href.replace("&amp;", "&")).content.decode().count("data-row") == int(n), href
    heads = re.findall(
        r'<th scope="row"><bdi>[^<]+</bdi></th><td class="num"><a href="([^"]+)"><bdi>([\d,]+)</bdi>', page
    )
    for href, n in [one for one in heads if int(one[1].replace(",", "")) <= 50]:
        assert carl.get(href.replace("&amp;", "&")).content.decode().count("data-row") == int(n), href
    assert carl.get("/c/acme/overview/earned?weeks=soon").status_code == 404


def test_links_that_were_opened_are_listed(world: Any, as_: Any) -> None:
    carl = as_("carl")
    page = carl.get("/c/acme/overview?period=y").content.decode()
    found = re.search(r'Opened a link</span><span class="many"><a href="([^"]+)"><bdi>([\d,]+)</bdi>', page)
    assert found and int(found[2]) > 0
    href = found[1].replace("&amp;", "&")
    rows = carl.get(href).content.decode()
    assert rows.count("data-row") == int(found[2]) and "ANNA7" in rows and "/events/evt_" in rows
    assert "/events/evt_" not in as_("vera").get(href).content.decode(), "her role opens no events"
    assert "No row adds" in carl.get("/c/acme/overview/clicks?from=2001-01-01&to=2001-01-02").content.decode()
    for wrong in ("", "?from=x&to=y", "?from=2026-01-01&to=9999-12-31", f"{href[href.index('?') :]}&at=forged"):
        assert carl.get(f"/c/acme/overview/clicks{wrong}").status_code == 404, wrong


def test_a_list_behind_a_number_turns_its_pages(world: Any, as_: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from goodword.web.desk.overview import views

    monkeypatch.setattr(views, "PAGE_ROWS", 7)
    carl, seen = as_("carl"), []
    address = "/c/acme/overview/referrals"
    while address:
        page = carl.get(address).content.decode()
        seen += re.findall(r'data-open href="[^"]*(ref_[0-9a-f]+)"', page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        address = following[1].replace("&amp;", "&") if following else ""
    assert len(seen) == len(set(seen)) == counted(world).now.referrals


def test_days_are_compared_with_as_many_days(world: Any) -> None:
    from datetime import date

    from goodword.web.desk.overview.periods import period_of

    running = period_of("m", "", date(2026, 3, 31))
    assert (running.before_begin, running.before_end) == (date(2026, 2, 1), date(2026, 3, 1))
    assert period_of("m", "", date(2026, 3, 10)).before_end == date(2026, 2, 11)
    over = period_of("m", "2026-02-11", date(2026, 3, 31))
    assert (over.before_begin, over.before_end, over.later) == (date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1))
    assert period_of("y", "", date(2024, 2, 29)).before_end == date(2023, 3, 2)
    assert len(period_of("w", "", date(2026, 3, 31)).steps("day")) == 28


def test_who_sees_no_names_sees_no_names(world: Any, as_: Any) -> None:
    page = as_("vera").get("/c/acme/overview/customers").content.decode()
    assert "Builder" not in page and "B. B." in page
    assert CANARY not in page


def test_an_empty_client_is_told_what_comes_first(world: Any, as_: Any) -> None:
    with psycopg.connect(world.urls.owner, autocommit=True) as owner:
        row = owner.execute(
            "INSERT INTO client (slug, name, code_prefix) VALUES ('bare', 'Bare', 'BA') RETURNING id"
        ).fetchone()
        owner.execute("INSERT INTO lane (client_id) VALUES (%s)", (row[0],))
    try:
        page = as_("olga").get("/c/bare/overview")
        assert page.status_code == 200
        assert "first event" in page.content.decode()
    finally:
        with psycopg.connect(world.urls.owner, autocommit=True) as owner:
            owner.execute("DELETE FROM lane WHERE client_id = %s", (row[0],))
            owner.execute("DELETE FROM client WHERE id = %s", (row[0],))


def test_what_makes_no_sense_does_not_exist(world: Any, as_: Any) -> None:
    carl = as_("carl")
    for asked in ("period=q", "on=tomorrow", "on=9999-12-31", "program=other", "by=hour", "period=d&by=month"):
        assert carl.get(f"/c/acme/overview?{asked}").status_code == 404, asked
    for asked in ("state=nosuch", "from=x", "month=2026-13", "at=forged", "program=other", "method=%00"):
        assert carl.get(f"/c/acme/overview/owed?{asked}").status_code == 404, asked


@pytest.mark.parametrize(
    "asked", ["", "?period=d", "?period=w", "?period=y", "?period=y&by=week", "?period=m&by=week", "?compare=0"]
)
def test_every_view_answers_in_few_queries(world: Any, as_: Any, asked: str) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    carl = as_("carl")
    carl.get("/c/acme/overview")
    with CaptureQueriesContext(connection) as queries:
        page = carl.get(f"/c/acme/overview{asked}")
    assert page.status_code == 200
    own = [one["sql"] for one in queries if "rollup" in one["sql"]]
    assert len(own) == 2


def test_the_twins_say_what_the_page_says(world: Any, as_: Any) -> None:
    from goodword.store.reads import overview as read

    carl = as_("carl")
    lines = carl.get("/c/acme/overview.json?period=y").json()
    begin = datetime(NOW.year, 1, 1, tzinfo=UTC).date()
    asked = read.Asked(begin, NOW.date() + timedelta(days=1), begin, begin, begin, "month")
    found = counted(world, asked=asked).now
    told = {(line["part"], line["name"]): line["value"] for line in lines}
    assert told[("number", "referrals")] == found.referrals
    assert told[("number", "customers")] == found.customers
    assert carl.get("/c/acme/overview.csv?period=y").content.decode().startswith("part,name,day,value,unit,before")


@pytest.mark.parametrize("asked", ["", "?by=week", "?period=y", "?period=y&by=week", "?period=w"])
def test_each_step_of_the_trend_opens_exactly_its_rows(world: Any, as_: Any, asked: str) -> None:
    carl = as_("carl")
    page = carl.get(f"/c/acme/overview{asked}").content.decode()
    assert 'data-explore="trend-table"' in page and "rooms/explore" in page
    steps = re.findall(
        r'<tr data-first="([\d-]+)" data-last="([\d-]+)"><td><bdi>[^<]+</bdi></td>'
        r'<td class="num"><a href="([^"]+)"><bdi>([\d,]+)</bdi>',
        page,
    )
    assert len(steps) > 1
    days = [(first, last) for first, last, _href, _n in steps]
    assert all(first <= last for first, last in days) and days == sorted(days)
    for before, after in pairwise(days):
        gap = datetime.fromisoformat(after[0]) - datetime.fromisoformat(before[1])
        assert gap == timedelta(days=1), "no day is left out, none counts twice"
    told = [step for step in steps if step[3] != "0"][:3]
    for _first, _last, href, n in told:
        rows = carl.get(href.replace("&amp;", "&")).content.decode()
        assert rows.count("data-row") == int(n.replace(",", "")), href
