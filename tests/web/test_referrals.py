"""Does every filter show exactly the rows that fit, does a walk see each row once both ways, and do files equal the page?"""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import psycopg
import pytest

from tests.web.conftest import As
from tests.web.test_walls import body
from tests.web.world import day

REF = re.compile(r'data-live-key="(ref_[0-9a-f]{32})"')


def refs(page: str) -> list[str]:
    return REF.findall(page)


def link(page: str, rel: str) -> str:
    found = re.search(rf'href="([^"]+)" rel="{rel}"', page)
    return found[1].replace("&amp;", "&") if found else ""


def walk(browser: Any, path: str, rel: str = "next") -> list[list[str]]:
    pages = []
    while path:
        page = browser.get(path).content.decode()
        pages.append(refs(page))
        path = link(page, rel)
    return pages


def rows(world: Any, where: str, *values: Any) -> set[str]:
    with psycopg.connect(world.urls.owner) as owner:
        found = owner.execute(f"SELECT id FROM referral r WHERE client_id = %s::uuid AND {where}", (world.clients["acme"], *values))
        return {f"ref_{id.hex}" for (id,) in found.fetchall()}


REWARDED = (
    "EXISTS (SELECT FROM reward w WHERE w.client_id = r.client_id AND w.referral_id = r.id AND w.state = '{}')"
)
SENT_BY = (
    "EXISTS (SELECT FROM decision d JOIN event e ON e.client_id = d.client_id AND e.id = d.event_id"
    " WHERE d.client_id = r.client_id AND d.referral_id = r.id AND e.source = '{}')"
)
FILTERS = {
    "state=held": ("state = 'held'", ()),
    "state=joined&program=friends": ("state = 'joined'", ()),
    "program=nosuch": ("false", ()),
    "method=click": ("method = 'click'", ()),
    "method=code": ("method = 'code'", ()),
    "why=below_minimum": ("""body LIKE '%%"code":"below_minimum","passed":false%%'""", ()),
    "reward=pending": (REWARDED.format("pending"), ()),
    "reward=payable": (REWARDED.format("payable"), ()),
    "source=api": (SENT_BY.format("api"), ()),
    "source=desk": ("false", ()),
    "code=anna7": ("code = 'ANNA7'", ()),
    "code=nosuch": ("false", ()),
}  # fmt: skip


@pytest.mark.parametrize("query", FILTERS)
def test_a_filter_shows_exactly_what_fits(world: Any, as_: As, query: str) -> None:
    where, values = FILTERS[query]
    assert as_("dan").get(f"/c/acme/referrals?{query}").status_code == 200
    seen = [ref for page in walk(as_("dan"), f"/c/acme/referrals?{query}") for ref in page]
    assert len(seen) == len(set(seen))
    assert set(seen) == rows(world, where, *values)
    assert seen or where == "false" or "click" in where, "the world holds such a row"


def test_days_of_joining_are_days_of_the_client(world: Any, as_: As) -> None:
    from zoneinfo import ZoneInfo

    first, last = (day(n).astimezone(ZoneInfo("Europe/Berlin")).date() for n in (-60, -40))
    query = f"joined_from={first}&joined_to={last}"
    seen = [ref for page in walk(as_("dan"), f"/c/acme/referrals?{query}") for ref in page]
    zone = "(bound_at AT TIME ZONE 'Europe/Berlin')::date"
    assert set(seen) == rows(world, f"{zone} >= %s AND {zone} <= %s", first, last)
    assert len(seen) > 10
    page = as_("dan").get("/c/acme/referrals?joined_from=soon").content.decode()
    assert "“soon” is not a day" in page and refs(page), "what cannot be read is left out and said"
    turned = as_("dan").get(f"/c/acme/referrals?joined_from={last}&joined_to={first}").content.decode()
    assert "Swap the two days" in turned


@pytest.mark.parametrize("sort", ["newest", "oldest", "due"])
def test_a_walk_there_and_back_sees_each_row_once(world: Any, as_: As, sort: str) -> None:
    dan = as_("dan")
    there = walk(dan, f"/c/acme/referrals?sort={sort}")
    every = [ref for page in there for ref in page]
    expected = rows(world, "next_due_at IS NOT NULL" if sort == "due" else "true")
    assert len(every) == len(set(every)) and set(every) == expected
    last = f"/c/acme/referrals?sort={sort}"
    while onward := link(dan.get(last).content.decode(), "next"):
        last = onward
    back = walk(dan, last, "prev")
    assert [ref for page in reversed(back) for ref in page] == every
    column = {"newest": "descending", "oldest": "ascending", "due": "ascending"}[sort]
    assert f'aria-sort="{column}"' in dan.get(f"/c/acme/referrals?sort={sort}").content.decode()


def test_files_equal_the_page(world: Any, as_: As) -> None:
    dan = as_("dan")
    for query in ("", "state=joined", "sort=oldest", "method=click"):
        seen = [ref for page in walk(dan, f"/c/acme/referrals?{query}") for ref in page]
        table = list(csv.DictReader(io.StringIO(body(dan.get(f"/c/acme/referrals.csv?{query}")))))
        objects = json.loads(body(dan.get(f"/c/acme/referrals.json?{query}")))
        assert [row["referral"] for row in table] == [one["referral"] for one in objects] == seen
    objects = json.loads(body(dan.get("/c/acme/referrals.json")))
    bob = next(one for one in objects if one["friend"] == "Bob Builder")
    assert {(one["to"], one["amount"], one["amount_minor"]) for one in bob["rewards"]} == {
        ("referrer", "10.00 EUR", 1000), ("friend", "20.00 EUR", 2000),
    }  # fmt: skip


def test_a_filter_that_finds_nothing_says_what_to_remove(world: Any, as_: As) -> None:
    page = as_("dan").get("/c/acme/referrals?state=lapsed&code=ANNA7").content.decode()
    assert "No referral fits these filters" in page and "Remove: code is" in page and 'href="/c/acme/referrals?state=lapsed"' in page


def test_what_no_screen_wrote_is_not_found(world: Any, as_: As) -> None:
    for query in ("state=x", "sort=x", "method=x", "reward=x", "why=x", "person=prs_1", "code=%00", "at=xx"):
        assert as_("dan").get(f"/c/acme/referrals?{query}").status_code == 404, query


def test_chosen_rows_are_copied_or_taken_away(world: Any, as_: As) -> None:
    dan, ref = as_("dan"), f"ref_{world.referrals['acme/bob']}"
    foreign = f"ref_{world.referrals['globex/bob']}"
    page = dan.post("/c/acme/referrals/chosen", {"ref": [ref, foreign], "do": "refs"}).content.decode()
    assert ref in page and foreign not in page
    table = body(dan.post("/c/acme/referrals/chosen", {"ref": [ref, foreign], "do": "export"}))
    assert ref in table and foreign not in table
    assert "No row was chosen" in dan.post("/c/acme/referrals/chosen", {"do": "refs"}).content.decode()
    assert as_("dev").post("/c/acme/referrals/chosen", {"ref": [ref], "do": "export"}).status_code == 404


def test_columns_are_kept_with_the_person(world: Any, as_: As) -> None:
    dan = as_("dan")
    assert 'data-label="Came by"' not in dan.get("/c/acme/referrals").content.decode()
    dan.post("/c/acme/referrals/columns", {"column": ["friend", "method"], "next": "/c/acme/referrals?state=held"})
    page = as_("dan").get("/c/acme/referrals").content.decode()
    assert 'data-label="Came by"' in page and 'data-label="Reward"' not in page
    assert 'data-label="Reward"' in as_("lee").get("/c/acme/referrals").content.decode()
    away = dan.post("/c/acme/referrals/columns", {"column": ["friend"], "next": "https://evil.test/"})
    assert away.headers["Location"] == "/c/acme/referrals"
    dan.post("/c/acme/referrals/columns", {"column": []})


def test_all_clients_in_one_list_masked_by_each_role(world: Any, as_: As) -> None:
    page = as_("olga").get("/all/referrals").content.decode()
    assert "Acme" in page and "Globex" in page
    with psycopg.connect(world.urls.owner, autocommit=True) as owner:
        owner.execute(
            "INSERT INTO membership (user_id, client_id, role) VALUES (%s, %s, 'client_viewer')",
            (world.users["gil"], world.clients["acme"]),
        )
        try:
            pages, path = [], "/all/referrals"
            while path:
                page = as_("gil").get(path).content.decode()
                pages.append(page)
                path = link(page, "next")
        finally:
            owner.execute("DELETE FROM membership WHERE user_id = %s AND role = 'client_viewer'", (world.users["gil"],))
    told = "".join(pages)
    assert "B. B." in told and "Bob Builder" not in told, "a viewer of Acme reads initials there"
    assert "Bob globexcanary" in told, "and full names where their role has names"
    seen = re.findall(r'data-ref="(ref_[0-9a-f]{32})"', told)
    assert len(seen) == len(set(seen)) == len(world.referrals)
    assert "globex" not in as_("dan").get("/all/referrals").content.decode().lower()
    assert as_("dan").post("/all/referrals").status_code == 405


def test_all_clients_take_the_filters_of_one(world: Any, as_: As) -> None:
    olga = as_("olga")

    def listed(query: str) -> set[str]:
        """Every ref that the filter shows, page after page."""
        found, path = set[str](), f"/all/referrals?{query}"
        while path:
            page = olga.get(path).content.decode()
            found |= set(re.findall(r'data-ref="(ref_[0-9a-f]{32})"', page))
            path = link(page, "next")
        return found

    offered = olga.get("/all/referrals").content.decode()
    for name in ("program", "method", "why", "reward", "source", "joined_from", "code"):
        assert f'name="{name}"' in offered, name
    with psycopg.connect(world.urls.owner) as owner:
        held = {f"ref_{id.hex}" for (id,) in owner.execute("SELECT id FROM referral WHERE state = 'held'").fetchall()}
        codes = owner.execute("SELECT id FROM referral WHERE code = 'ANNA7'").fetchall()
    assert listed("state=held&program=friends") == held
    assert listed("code=anna7") == {f"ref_{id.hex}" for (id,) in codes}
    assert listed("program=nosuch") == listed("source=desk") == set()
    bob = world.people["acme/bob"]
    assert "Bob Builder" in olga.get(f"/all/referrals?person=prs_{bob}").content.decode()


def test_files_over_all_clients_name_the_client_and_are_kept_with_each(world: Any, as_: As) -> None:
    def taken() -> int:
        with psycopg.connect(world.urls.owner) as owner:
            row = owner.execute("SELECT count(*) FROM action WHERE verb = 'export.referrals'").fetchone()
            return int(row[0]) if row else 0

    before, olga = taken(), as_("olga")
    lines = list(csv.DictReader(io.StringIO(b"".join(olga.get("/all/referrals.csv").streaming_content).decode())))
    assert len(lines) == len(world.referrals) and {line["client"] for line in lines} == {"acme", "globex"}
    assert taken() == before + 2, "one act for each client"
    data = json.loads(b"".join(olga.get("/all/referrals.json?state=held").streaming_content))
    assert {one["state"] for one in data} == {"held"} and {one["client"] for one in data} <= {"acme", "globex"}
    dan = b"".join(as_("dan").get("/all/referrals.csv").streaming_content).decode()
    assert "globex" not in dan and "acme" in dan
    viewer = b"".join(as_("vera").get("/all/referrals.csv").streaming_content).decode()
    assert "B. B." in viewer and "Bob Builder" not in viewer
    assert as_("dev").get("/all/referrals.csv").status_code == 403


def test_a_count_that_would_take_too_long_is_said_and_not_waited_for(world: Any, as_: As, monkeypatch: pytest.MonkeyPatch) -> None:
    from goodword.store.reads import listing

    monkeypatch.setattr(listing, "_counted", lambda narrowed: None)
    page = as_("dan").get("/c/acme/referrals?code=ANNA7").content.decode()
    assert "many; not counted, to stay fast" in page and refs(page)


def test_long_and_foreign_names_keep_their_direction(world: Any, as_: As) -> None:
    page = as_("dan").get("/c/acme/referrals").content.decode() + as_("dan").get("/c/acme/referrals?code=ANNA7").content.decode()
    for name in ("نور الدين", "王小明", "Anna-Katharina von und zu Oberhausen-Untermeier"):
        assert f"<bdi>{name}</bdi>" in page


def test_the_story_has_the_answer_for_who_asks(world: Any, as_: As) -> None:
    dan = as_("dan")
    page = dan.get(world.path("acme", "bob")).content.decode()
    assert 'aria-keyshortcuts="i"' in page and f'data-ref="ref_{world.referrals["acme/bob"]}"' in page
    assert "Your referral of Bob B. (Autumn friends): Almost there" in page
    assert "Your invitation by Alice A. (Autumn friends): Almost there" in page
    secret = dan.get(world.path("acme", "mallory")).content.decode()
    told = re.findall(r"<textarea[^>]*>(.*?)</textarea>", secret, re.DOTALL)
    assert told and all("Not this time." in text and "points" not in text for text in told)
