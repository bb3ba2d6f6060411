"""Does a file come in once, whole, and decided as of its moment - whatever is wrong with some of its rows?"""

from __future__ import annotations

import csv
import gzip
import json
import stat
from pathlib import Path

import psycopg
import pytest

from goodword.house.roles import Urls
from tests.commands.conftest import Said, Type

UNTIL = "2026-04-30"


@pytest.fixture
def client(installation: Urls, world: Path, goodword: Type, request: pytest.FixtureRequest) -> str:
    """A fresh client with the tutorial's program, live since ever."""
    slug = "t" + request.node.name.replace("_", "-")[-50:].strip("-").split("[")[0]
    assert goodword("client", "add", slug, "--name", "Acme").code == 0
    said = goodword("program", "push", "--client", slug, "friends.yaml", "--publish", "--live-from", "1990-01-01")
    assert said.code == 0, said.err
    return slug


def bring(goodword: Type, client: str, *files: tuple[str, str], until: str = UNTIL) -> list[Said]:
    return [goodword("import", kind, name, "--client", client, "--as-of", until, "--json") for kind, name in files]


ALL = (("people", "people.csv"), ("codes", "codes.csv"), ("events", "events.ndjson"))


def test_the_server_says_what_the_files_say(world: Path, goodword: Type, client: str) -> None:
    said = bring(goodword, client, *ALL)
    assert [one.code for one in said] == [0, 0, 0], said[-1].err
    told = json.loads(said[-1].out)
    assert (told["rows"], told["new"], told["same"], told["bad"], told["dead_letters"]) == (10, 10, 0, 0, 0)
    goodword("decide", "friends.yaml", "events.ndjson", "--people", "people.csv", "--codes", "codes.csv",
             "--until", UNTIL, "--referrals", "decided.ndjson", "--summary", "summary.json")  # fmt: skip
    goodword("export", "referrals", "--client", client, "--out", "served.ndjson")
    assert (world / "served.ndjson").read_text() == (world / "decided.ndjson").read_text()
    balances = json.loads(goodword("ledger", "balances", "--client", client, "--json").out)
    assert balances["balances"] == json.loads((world / "summary.json").read_text())["ledger"]["balances"]
    assert goodword("replay", "--client", client).out.endswith("no difference.\n")
    assert goodword("ledger", "verify", "--client", client).code == 0
    assert goodword("proof", "verify", "--client", client).code == 0


def test_twice_adds_nothing(goodword: Type, client: str) -> None:
    bring(goodword, client, *ALL)
    again = [json.loads(one.out) for one in bring(goodword, client, *ALL)]
    assert [(one["new"], one["same"], one["decisions"]) for one in again] == [(0, 2, 0), (0, 2, 0), (0, 10, 0)]


def test_pieces_in_any_order_come_to_the_same(world: Path, goodword: Type, client: str) -> None:
    lines = (world / "events.ndjson").read_text().splitlines()
    (world / "second.ndjson.gz").write_bytes(gzip.compress("\n".join(lines[5:][::-1]).encode()))
    (world / "first.ndjson").write_text("\n".join(lines[:5]))
    bring(goodword, client, *ALL[:2], ("events", "first.ndjson"), until="2026-03-10")
    bring(goodword, client, ("events", "second.ndjson.gz"))
    goodword("export", "referrals", "--client", client, "--out", "served.ndjson")
    states = [json.loads(line)["state"] for line in (world / "served.ndjson").read_text().splitlines()]
    assert states == ["rewarded", "reversed", "denied", "qualified"]


def test_bad_rows_are_set_aside_and_good_neighbours_kept(world: Path, goodword: Type, client: str) -> None:
    good = (world / "events.ndjson").read_text()
    bad = [
        "{",
        '{"id":"e-1","type":"share","at":"2026-03-01T10:00:00Z"}',
        '{"id":"e-99","type":"known","at":"2026-03-01T10:00:00Z"}',
    ]
    bring(goodword, client, *ALL)
    (world / "events.ndjson").write_text("\n".join(bad) + "\n" + good)
    (said,) = bring(goodword, client, ("events", "events.ndjson"))
    told = json.loads(said.out)
    assert (said.code, told["same"], told["bad"]) == (1, 10, 3)
    rejected = world / "events.ndjson.rejected.csv"
    assert told["rejected"] == str(Path("events.ndjson.rejected.csv"))
    assert stat.S_IMODE(rejected.stat().st_mode) == 0o600
    with rejected.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {(row["line"], row["code"]) for row in rows} == {
        ("1", "malformed"),
        ("2", "id_taken"),
        ("3", "type_reserved"),
    }
    assert all(row["why"] and row["repair"] for row in rows)


def test_a_dry_run_writes_nothing(goodword: Type, client: str, installation: Urls) -> None:
    said = goodword("import", "people", "people.csv", "--client", client, "--dry-run")
    assert (said.code, "Nothing was written." in said.out) == (0, True)
    with psycopg.connect(installation.owner) as conn:
        found = conn.execute(
            "SELECT count(*) FROM event e JOIN client c ON c.id = e.client_id WHERE c.slug = %s AND e.type = 'known'",
            (client,),
        ).fetchone()
    assert found == (0,)


def test_what_lies_after_the_moment_is_left_for_a_later_import(goodword: Type, client: str) -> None:
    bring(goodword, client, *ALL[:2])
    (said,) = bring(goodword, client, ALL[2], until="2026-03-31")
    told = json.loads(said.out)
    assert (said.code, told["new"], told["later"]) == (0, 8, 2)
    (said,) = bring(goodword, client, ALL[2])
    told = json.loads(said.out)
    assert (told["new"], told["same"], told["later"]) == (2, 8, 0)


def test_the_clock_stays_where_the_import_held_it(goodword: Type, client: str) -> None:
    bring(goodword, client, *ALL)
    assert "held at 2026-04-30 23:59:59Z" in goodword("client", "clock", client).out
    back = goodword("import", "events", "events.ndjson", "--client", client, "--as-of", "2026-01-31")
    assert (back.code, "Time does not run back" in back.err) == (2, True)
    assert "live" in goodword("client", "clock", client, "live").out


def test_columns_of_other_systems_are_mapped(world: Path, goodword: Type, client: str) -> None:
    bring(goodword, client, *ALL[:2])
    (world / "shop.csv").write_text(
        "Order no,Date,Customer,Total,Coupon,Till\n900,2026-03-03 20:05:00,c-20,54.00,ALICE7,7\n901,2026-03-04 10:00:00,c-21,x,,7\n"
    )
    (world / "map.yaml").write_text(
        "columns: {Order no: order.id, Date: at, Customer: person.id, Total: order.amount, Coupon: order.coupons}\n"
        "constants: {type: purchase, order.currency: EUR}\ntimezone: Europe/Berlin\n"
    )
    no_id = goodword("import", "events", "shop.csv", "--client", client, "--map", "map.yaml", "--as-of", UNTIL)
    assert (no_id.code, "id" in no_id.err) == (1, True)
    (world / "map.yaml").write_text((world / "map.yaml").read_text().replace("Order no: order.id", "Order no: id"))
    said = goodword("import", "events", "shop.csv", "--client", client, "--map", "map.yaml", "--as-of", UNTIL, "--json")
    assert json.loads(said.out)["new"] == 0  # an order without an id is no order
    (world / "shop.csv").write_text(
        "Order no,Event,Date,Customer,Total,Coupon,Till\n"
        "900,s-900,2026-03-03 20:05:00,c-20,54.00,ALICE7,7\n901,s-901,2026-03-04 10:00:00,c-21,x,,7\n"
    )
    (world / "map.yaml").write_text(
        "columns: {Order no: order.id, Event: id, Date: at, Customer: person.id, Total: order.amount, Coupon: order.coupons}\n"
        "constants: {type: purchase, order.currency: EUR}\ntimezone: Europe/Berlin\n"
    )
    said = goodword("import", "events", "shop.csv", "--client", client, "--map", "map.yaml", "--as-of", UNTIL, "--json")
    told = json.loads(said.out)
    assert (told["new"], told["bad"]) == (1, 1)
    assert "order.amount" in said.err
    goodword("export", "referrals", "--client", client, "--out", "served.ndjson")
    (line,) = (world / "served.ndjson").read_text().splitlines()
    assert json.loads(line)["bound_at"] == "2026-03-03T19:05:00Z"


def test_files_that_are_not_what_was_said_are_refused_whole(world: Path, goodword: Type, client: str) -> None:
    swapped = goodword("import", "people", "codes.csv", "--client", client)
    assert (swapped.code, "no column id or email or phone" in swapped.err) == (2, True)
    (world / "latin.csv").write_bytes("id,name\nc-1,Jürgen\n".encode("latin-1"))
    latin = goodword("import", "people", "latin.csv", "--client", client)
    assert (latin.code, "not UTF-8" in latin.err) == (2, True)
    unknown = goodword("import", "people", "people.csv", "--client", "nobody")
    assert (unknown.code, "No client is called 'nobody'" in unknown.err) == (2, True)


def test_nothing_personal_lies_in_plain_columns(installation: Urls, goodword: Type, client: str) -> None:
    bring(goodword, client, *ALL)
    with psycopg.connect(installation.owner) as conn:
        tables = [row[0] for row in conn.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        ).fetchall()]  # fmt: skip
        for table in tables:
            row = conn.execute(
                f"SELECT count(*) FROM {table} t WHERE t::text ~* 'alice@acme|bob@x|mallory@mail|Hauptstr|Bob Friend|151 ?1000001'"
            ).fetchone()
            assert row == (0,), table
