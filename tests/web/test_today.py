"""Does everybody find what is theirs to do, the most urgent first, and nothing of others?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import psycopg
import pytest

from goodword.catalog import SHELVES
from goodword.core.payouts import promised_by
from goodword.core.reading import read_terms
from goodword.core.referral import Referral
from goodword.core.terms import Terms
from tests.web.world import CANARY


@pytest.fixture
def owner(world: Any) -> Iterator[Any]:
    """The owner's connection; what a test changes through it is put back by the test."""
    with psycopg.connect(world.urls.owner, autocommit=True) as conn:
        yield conn


@pytest.fixture
def dead(world: Any, owner: Any) -> Iterator[str]:
    """An event of Acme that could not be decided five hours ago."""
    event = world.events["acme/paid-eve"]
    owner.execute(
        "INSERT INTO dead_letter (client_id, id, reason, at) VALUES (%s, %s, 'a fault', %s)",
        (world.clients["acme"], event, datetime.now(UTC) - timedelta(hours=5)),
    )
    yield event
    owner.execute("DELETE FROM dead_letter WHERE client_id = %s AND id = %s", (world.clients["acme"], event))


def listed(page: Any) -> list[str]:
    """Which piles stand there, in order."""
    return re.findall(r'data-live-key="([^"]+)"', page.content.decode())


def test_what_is_held_waits_with_its_money(world: Any, as_: Any, owner: Any) -> None:
    page = as_("dan").get("/today")
    assert page.status_code == 200
    (n, minor) = owner.execute(
        "SELECT (SELECT count(*) FROM referral WHERE client_id = %(c)s AND state = 'held'),"
        " (SELECT sum(amount_minor) FROM reward WHERE client_id = %(c)s AND state = 'in_review')",
        {"c": world.clients["acme"]},
    ).fetchone()
    assert n
    assert "review-acme" in listed(page)
    text = page.content.decode()
    assert f"<bdi>{n}</bdi> referral" in text and f"{minor / 100:,.2f}" in text
    assert CANARY not in text


def test_start_leads_to_what_is_most_urgent(world: Any, as_: Any, dead: str) -> None:
    dan = as_("dan")
    page = dan.get("/today").content.decode()
    served = dan.get("/today/start")
    assert served.status_code == 302
    rows = re.findall(r'data-open href="([^"]+)"', page)
    assert served["Location"] == rows[0]
    assert 'aria-keyshortcuts="n"' in page


def test_a_dead_letter_is_late_after_four_hours_and_gone_once_it_is_tried_again(
    world: Any, as_: Any, owner: Any, dead: str
) -> None:
    page = as_("lee").get("/today")
    assert "dead-acme" in listed(page)
    assert re.search(r'data-live-key="dead-acme">.*?class="sla late">1 h late', page.content.decode(), re.S)
    owner.execute("UPDATE dead_letter SET retry_at = now() WHERE id = %s", (dead,))
    assert "dead-acme" not in listed(as_("lee").get("/today"))


def test_money_and_drafts_wait_for_those_who_may(world: Any, as_: Any, owner: Any) -> None:
    acme = world.clients["acme"]
    owner.execute(
        "INSERT INTO program_version (client_id, id, program_id, number, document, terms_hash)"
        " SELECT client_id, gen_random_uuid(), program_id, 99, document, terms_hash FROM program_version"
        " WHERE client_id = %s LIMIT 1",
        (acme,),
    )
    try:
        of_carl, of_dan = listed(as_("carl").get("/today")), listed(as_("dan").get("/today"))
    finally:
        owner.execute("DELETE FROM program_version WHERE client_id = %s AND number = 99", (acme,))
    assert "draft-acme" in of_carl and "draft-acme" not in of_dan
    (payable,) = owner.execute(
        "SELECT count(*) FROM reward WHERE client_id = %s AND state = 'payable'", (acme,)
    ).fetchone()
    assert payable and "payable-acme" in of_carl and "payable-acme" not in of_dan


@pytest.fixture
def payable_at_globex(world: Any, owner: Any) -> Iterator[None]:
    """What is in its hold at Globex, which pays out at the month's end, may be paid; nothing else may be paid there."""
    globex = world.clients["globex"]

    def move(before: str, after: str) -> None:
        owner.execute("UPDATE reward SET state = %s WHERE client_id = %s AND state = %s", (after, globex, before))
        rollup = "UPDATE rollup SET metric = %s WHERE client_id = %s AND metric = %s"
        owner.execute(rollup, (f"due:{after}", globex, f"due:{before}"))

    (n,) = owner.execute(
        "SELECT count(*) FROM rollup WHERE client_id = %s AND metric = 'due:payable'", (globex,)
    ).fetchone()
    assert n == 0
    move("pending", "payable")
    yield
    move("payable", "pending")


@pytest.mark.parametrize(("client", "states"), [("acme", ("payable",)), ("globex", ("pending",))])
def test_what_may_be_paid_is_due_on_the_day_that_its_stories_promise(
    world: Any, as_: Any, owner: Any, payable_at_globex: None, client: str, states: tuple[str, ...]
) -> None:
    page = as_("olga").get("/today").content.decode()
    told = re.search(rf'data-live-key="payable-{client}">.*?<time datetime="(\d+-\d+-\d+)', page, re.S)
    rows = owner.execute(
        "SELECT r.body, v.document, v.number, v.live_from FROM referral r JOIN program_version v ON v.client_id = r.client_id"
        " AND v.program_id = r.program_id AND v.number = r.version WHERE r.client_id = %s",
        (world.clients[client],),
    ).fetchall()
    promised = []
    for body, document, number, live_from in rows:
        terms = read_terms(msgspec.json.decode(document), SHELVES, version=number, live_from=live_from)
        assert isinstance(terms, Terms)
        rewards = msgspec.json.decode(body, type=Referral).rewards
        promised += [promised_by(one, terms) for one in rewards if one.state in states]
    assert promised and told
    assert told[1] == f"{min(promised).astimezone(ZoneInfo('Europe/Berlin')):%Y-%m-%d}"


def test_who_serves_all_sees_all_and_nobody_else_sees_more(world: Any, as_: Any) -> None:
    assert any(key.endswith("-acme") for key in listed(as_("olga").get("/today")))
    assert not any(key.endswith("-acme") for key in listed(as_("gil").get("/today")))
    for name in ("vera", "audra", "ida", "dev"):
        assert as_(name).get("/today").status_code == 403, name
        assert as_(name).get("/today/start").status_code == 403, name
    assert as_("").get("/today").status_code == 302


def test_nothing_to_do_says_so(world: Any, as_: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from goodword.web.desk.today import views

    monkeypatch.setattr(views, "works", lambda _desk, _now: [])
    gil = as_("gil")
    assert "All clear." in gil.get("/today").content.decode()
    assert gil.get("/today/start")["Location"] == "/today?clear=1"


def test_the_list_costs_one_query_a_kind_however_many_clients(world: Any, as_: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    olga = as_("olga")
    olga.get("/today")
    with CaptureQueriesContext(connection) as queries:
        olga.get("/today")
    own = [one["sql"] for one in queries if "unnest" in one["sql"] or "program_version" in one["sql"]]
    assert len(own) == 5


def test_deadlines_are_told_by_the_clock_of_the_client(world: Any, as_: Any, owner: Any) -> None:
    acme = world.clients["acme"]
    (due,) = owner.execute(
        "SELECT min(next_due_at) FROM referral WHERE client_id = %s AND state IN ('joined', 'waiting')", (acme,)
    ).fetchone()
    owner.execute("UPDATE lane SET held_at = %s WHERE client_id = %s", (due - timedelta(hours=6), acme))
    try:
        page = as_("dan").get("/today")
    finally:
        owner.execute("UPDATE lane SET held_at = NULL WHERE client_id = %s", (acme,))
    assert re.search(r'data-live-key="deadline-acme">.*?class="sla soon">6 h left', page.content.decode(), re.S)
