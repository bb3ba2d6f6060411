"""Does another system's history come in as acts: checked, sealed, once, and the same for the server as for files?"""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import psycopg
import pytest

from goodword.house.roles import Urls
from tests.commands.conftest import Said, Type

UNTIL = "2026-04-30"
ONLY_VIPS = """\
program: friends
name: Acme and friends
type: two_sided
currency: EUR
timezone: Europe/Berlin
advocates: {who: "audience:vip"}
milestones:
  joined:      {event: signup}
  first_order: {event: purchase, count: 1, min: "20.00", of: net, within: 30d of joined}
promises:
  - {to: advocate, on: first_order, give: {cash: "10.00"}, hold: 14d}
"""
FILES = {
    "organizations.csv": "id,name,domain,vat_id\no-1,Umbrella Works,umbrella.test,DE811907980\n,Domain Only,only.test,\n",
    "people.csv": (
        "id,name,email,address,city,organization,household\n"
        "c-1,Alice Advocate,alice@acme.test,Hauptstraße 1,Berlin,o-1,\n"
        "c-2,Bob Friend,bob@x.test,Hauptstr. 1,Berlin,,\n"
        "c-3,Carol Cousin,carol@x.test,,,,flat-9\n"
    ),
    "codes.csv": "code,person\nALICE7,c-1\nCAROL7,c-3\n",
    "audiences.csv": "id,audience,from,to\nc-1,vip,2026-01-01,\nc-3,vip,2026-01-01,2026-02-01\n",
    "balances.csv": "id,kind,amount,currency\nc-1,credit,12.00,EUR\nc-3,owed,3.50,EUR\n",
}


@pytest.fixture
def client(installation: Urls, world: Path, goodword: Type, request: pytest.FixtureRequest) -> str:
    """A fresh client whose program lets only listed people refer; the files of its history in the folder."""
    slug = "h" + request.node.name.replace("_", "-")[-50:].strip("-").split("[")[0]
    (world / "friends.yaml").write_text(ONLY_VIPS)
    for name, text in FILES.items():
        (world / name).write_text(text)
    assert goodword("client", "add", slug, "--name", "Acme").code == 0
    said = goodword("program", "push", "--client", slug, "friends.yaml", "--publish", "--live-from", "1990-01-01")
    assert said.code == 0, said.err
    return slug


def bring(goodword: Type, client: str, *kinds: str, until: str = UNTIL) -> list[Said]:
    names = {kind: f"{kind}.csv" for kind in kinds} | {"events": "events.ndjson"}
    return [goodword("import", kind, names[kind], "--client", client, "--as-of", until, "--json") for kind in kinds]


ALL = ("organizations", "people", "codes", "audiences", "balances", "events")


def test_the_server_says_what_the_files_say(world: Path, goodword: Type, client: str) -> None:
    said = bring(goodword, client, *ALL)
    assert [one.code for one in said] == [0] * 6, [one.err for one in said]
    history = [f"--with={kind}={kind}.csv" for kind in ("organizations", "audiences", "balances")]
    decided = goodword("decide", "friends.yaml", "events.ndjson", "--people", "people.csv", "--codes", "codes.csv",
                       *history, "--until", UNTIL, "--referrals", "decided.ndjson", "--summary", "summary.json")  # fmt: skip
    assert decided.code == 0, decided.err
    goodword("export", "referrals", "--client", client, "--out", "served.ndjson")
    assert (world / "served.ndjson").read_text() == (world / "decided.ndjson").read_text()
    assert {json.loads(line)["advocate"] for line in (world / "served.ndjson").read_text().splitlines()} == {"c-1"}
    balances = json.loads(goodword("ledger", "balances", "--client", client, "--json").out)["balances"]
    summary = json.loads((world / "summary.json").read_text())["ledger"]
    assert (balances, summary["imbalance"]) == (summary["balances"], {})
    assert goodword("replay", "--client", client).out.endswith("no difference.\n")
    assert goodword("ledger", "verify", "--client", client).code == 0
    assert goodword("proof", "verify", "--client", client).code == 0


MOVED = {
    "referrals.csv": (
        "friend,advocate,joined_at,method,state\n"
        "c-10,c-1,2026-02-20T10:00:00Z,click,joined\nc-50,c-1,2026-01-05,named,rewarded\nc-51,c-9,2026-02-01,code,joined\n"
    ),
    "rewards.csv": (
        "friend,to,milestone,amount,currency,state,granted_at\n"
        "c-50,advocate,first_order,9.00,EUR,paid,2026-01-20\nc-51,advocate,,10.00,EUR,owed,2026-02-25\n"
    ),
}


def test_referrals_and_rewards_of_another_system_bind_count_and_go_on(world: Path, goodword: Type, client: str) -> None:
    for name, text in MOVED.items():
        (world / name).write_text(text)
    kinds = ("people", "codes", "audiences", "referrals", "rewards", "events")
    said = bring(goodword, client, *kinds)
    assert [one.code for one in said] == [0] * 6, [one.err for one in said]
    history = [f"--with={kind}={kind}.csv" for kind in ("audiences", "referrals", "rewards")]
    decided = goodword("decide", "friends.yaml", "events.ndjson", "--people", "people.csv", "--codes", "codes.csv",
                       *history, "--until", UNTIL, "--referrals", "decided.ndjson")  # fmt: skip
    assert decided.code == 0, decided.err
    goodword("export", "referrals", "--client", client, "--out", "served.ndjson")
    assert (world / "served.ndjson").read_text() == (world / "decided.ndjson").read_text()
    found = {line["friend"]: line for line in map(json.loads, (world / "served.ndjson").read_text().splitlines())}
    states = {friend: [(w["state"], w["amount"]) for w in line["rewards"]] for friend, line in found.items()}
    assert states["c-10"] == [("payable", "10.00")]  # bound elsewhere by a click, earned here
    assert (found["c-50"]["state"], states["c-50"]) == ("rewarded", [("sent", "9.00")])
    assert (found["c-51"]["advocate"], states["c-51"]) == ("c-9", [("payable", "10.00")])
    again = [json.loads(one.out) for one in bring(goodword, client, "referrals", "rewards")]
    assert [(one["new"], one["same"]) for one in again] == [(0, 3), (0, 2)]
    assert goodword("replay", "--client", client).out.endswith("no difference.\n")
    assert goodword("ledger", "verify", "--client", client).code == 0
    assert goodword("proof", "verify", "--client", client).code == 0


def test_twice_adds_nothing(goodword: Type, client: str) -> None:
    bring(goodword, client, *ALL)
    again = [json.loads(one.out) for one in bring(goodword, client, *ALL[:5])]
    assert [(one["new"], one["same"], one["decisions"]) for one in again] == [(0, n, 0) for n in (2, 3, 2, 2, 2)]


def test_rows_that_say_too_little_are_set_aside_with_place_and_repair(world: Path, goodword: Type, client: str) -> None:
    bad = {
        "organizations": "id,name\n,Nameless\n",
        "audiences": "id,audience,from,to\n,vip,,\nc-1,,,\nc-1,vip,2026-02-01,2026-01-01\nc-1,vip,soon,\n",
        "referrals": "friend,advocate,joined_at,state\nc-7,,2026-01-01,\nc-7,c-7,2026-01-01,\nc-7,c-1,,\nc-7,c-1,2026-01-01,gone\n",
        "rewards": "friend,to,amount,currency,state,granted_at\n,advocate,1.00,EUR,paid,2026-01-01\nc-7,us,1.00,EUR,paid,2026-01-01\n",
        "balances": "id,kind,amount,currency\nc-1,credit,-1.00,EUR\nc-1,gold,1.00,EUR\nc-1,credit,1,QQQ\nc-1,credit,1e3,EUR\n",
    }
    for kind, text in bad.items():
        (world / f"{kind}.csv").write_text(text)
        (said,) = bring(goodword, client, kind)
        rows = text.count("\n") - 1
        assert (said.code, json.loads(said.out)["bad"]) == (1, rows), said.err
        told = (world / f"{kind}.csv.rejected.csv").read_text().splitlines()
        assert len(told) == rows + 1
        assert all(line.split(",")[1] for line in told)


def test_ndjson_and_maps_are_taken_as_well(world: Path, goodword: Type, client: str) -> None:
    lines = [{"Customer": "c-1"}, {"Customer": {"no": 7}}, ["c-1"]]
    (world / "list.ndjson.gz").write_bytes(gzip.compress("\n".join(json.dumps(line) for line in lines).encode()))
    (world / "map.yaml").write_text("columns: {Customer: id, Customer.no: id}\nconstants: {audience: vip}\n")
    said = goodword("import", "audiences", "list.ndjson.gz", "--client", client, "--map", "map.yaml", "--json")
    told = json.loads(said.out)
    assert (said.code, told["new"], told["bad"]) == (1, 2, 1)


def test_companies_and_households_are_known_and_their_names_sealed(
    goodword: Type, client: str, installation: Urls
) -> None:
    bring(goodword, client, "organizations", "people")
    with psycopg.connect(installation.owner) as conn:
        kinds = conn.execute(
            "SELECT p.kind, count(*), count(p.organization_id) FROM party p JOIN client c ON c.id = p.client_id"
            " WHERE c.slug = %s GROUP BY 1 ORDER BY 1", (client,)
        ).fetchall()  # fmt: skip
        homes = conn.execute(
            "SELECT count(DISTINCT i.token), count(*) FROM identifier i JOIN client c ON c.id = i.client_id"
            " WHERE c.slug = %s AND i.kind = 'household'", (client,)
        ).fetchone()  # fmt: skip
        for table in ("event", "personal", "event_body", "party", "identifier", "action"):
            # Each needle is too long to lie in a hash by chance: a hash is written in hexadecimal digits.
            row = conn.execute(
                f"SELECT count(*) FROM {table} t WHERE t::text ~* 'Umbrella|umbrella.test|DE811907980|Hauptstr|flat-9'"
            ).fetchone()
            assert row == (0,), table
    assert kinds == [("organization", 2, 0), ("person", 3, 1)]
    assert homes == (2, 3)  # Alice and Bob live behind one door, however it is spelled


def test_nobody_sends_history_through_the_front_door(world: Path, goodword: Type, client: str) -> None:
    line = {"id": "x", "type": "balance", "at": "2026-03-01T10:00:00Z", "person": {"id": "c-1"}}
    (world / "events.ndjson").write_text(json.dumps(line) + "\n")
    (said,) = bring(goodword, client, "events")
    assert (said.code, "reserved" in said.err) == (1, True)


def test_decide_names_what_with_does_not_know(world: Path, goodword: Type, client: str) -> None:
    said = goodword("decide", "friends.yaml", "events.ndjson", "--with", "wishes=x.csv")
    assert (said.code, "audiences" in said.err) == (2, True)
