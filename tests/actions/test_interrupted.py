"""Does time stand still for a client between two halves of a file, until the rest is there or was given up?"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from goodword.actions.opening import vault_of
from goodword.commands.chain import now_utc
from goodword.commands.master_key import master_key
from goodword.house.roles import Urls
from goodword.store.sql.connect import connect
from goodword.worker.loop import Worker
from tests.actions.test_importing import UNTIL, bring, client
from tests.commands.conftest import Type

__all__ = ["client"]

# Reads in chunks of five rows, says when the first lies in the log, and then reads no further.
SLOW = """
import sys, time
from goodword import cli
from goodword.actions import importing
importing.CHUNK_ROWS = 5
def tell(self, what, part):
    print(what, flush=True)
    time.sleep(600)
importing_bar = __import__("goodword.commands.chain", fromlist=["Bar"]).Bar
importing_bar.__call__ = tell
sys.exit(cli.main(sys.argv[1:]))
"""


@contextmanager
def half_an_import(client: str) -> Iterator[subprocess.Popen[str]]:
    """An import whose first five events lie in the log; killed in the end if not before."""
    words = ["import", "events", "events.ndjson", "--client", client, "--as-of", UNTIL]
    process = subprocess.Popen([sys.executable, "-c", SLOW, *words], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "reading\n"
        yield process
    finally:
        process.kill()
        process.wait()


def work(installation: Urls, client: str) -> int:
    """Let a worker come to the lane; how many referrals there are then."""
    worker = Worker(
        lambda: connect(installation.engine, "worker"),
        vault_of(installation.engine, master_key(installation)),
        now_utc,
    )
    with connect(installation.engine, "worker") as conn:
        row = conn.execute("SELECT id FROM client WHERE slug = %s", (client,)).fetchone()
        assert row is not None
        for _ in range(5):
            worker.turn(conn, [row[0]])
        found = conn.execute("SELECT count(*) FROM referral WHERE client_id = %s::uuid", (row[0],)).fetchone()
        return int(found[0]) if found else 0


def open_import(goodword: Type, client: str) -> str:
    told = goodword("check").out
    (name,) = re.findall(rf"{client}: the import (imp_\w+) of events.ndjson.* is not finished", told)
    return str(name)


def test_no_time_passes_between_a_killed_import_and_its_second_try(
    world: Path, goodword: Type, client: str, installation: Urls
) -> None:
    bring(goodword, client, ("people", "people.csv"), ("codes", "codes.csv"))
    with half_an_import(client) as process:
        process.kill()
        process.wait()
        assert work(installation, client) == 0, "the worker leaves half a file alone"
    name = open_import(goodword, client)
    other = goodword("import", "codes", "codes.csv", "--client", client)
    assert (other.code, f"The import {name} of events.ndjson is not finished." in other.err) == (2, True)
    (world / "friends.yaml").write_text((world / "friends.yaml").read_text().replace('"10.00"', '"12.00"'))
    published = goodword("program", "push", "--client", client, "friends.yaml", "--publish")
    assert (published.code, "goodword import abandon" in published.err) == (2, True)
    again = bring(goodword, client, ("events", "events.ndjson"))[0]
    told = json.loads(again.out)
    assert (again.code, told["new"], told["same"]) == (0, 5, 5)
    assert "not finished" not in goodword("check").out
    (world / "friends.yaml").write_text((world / "friends.yaml").read_text().replace('"12.00"', '"10.00"'))
    goodword("decide", "friends.yaml", "events.ndjson", "--people", "people.csv", "--codes", "codes.csv",
             "--until", UNTIL, "--referrals", "decided.ndjson")  # fmt: skip
    goodword("export", "referrals", "--client", client, "--out", "served.ndjson")
    assert (world / "served.ndjson").read_text() == (world / "decided.ndjson").read_text()
    assert work(installation, client) == 4
    assert goodword("replay", "--client", client).code == 0


def test_an_import_that_is_given_up_lets_time_go_on(goodword: Type, client: str, installation: Urls) -> None:
    bring(goodword, client, ("people", "people.csv"), ("codes", "codes.csv"))
    with half_an_import(client) as process:
        name = open_import(goodword, client)
        running = goodword("import", "abandon", name, "--client", client)
        assert (running.code, "still runs" in running.err) == (2, True)
        process.kill()
    for less in ("imp_ffffffffffff", name[:-1], name[:5]):
        wrong = goodword("import", "abandon", less, "--client", client)
        assert (wrong.code, name in wrong.err) == (2, True), "the whole name, or nothing is given up"
    assert goodword("import", "abandon", name, "--client", client).code == 0
    assert work(installation, client) == 2
    with psycopg.connect(installation.owner) as conn:
        row = conn.execute(
            "SELECT count(*) FROM action a JOIN client c ON c.id = a.client_id WHERE c.slug = %s AND verb = 'import.abandon'",
            (client,),
        ).fetchone()
        assert row == (1,)
    assert goodword("proof", "verify", "--client", client).code == 0


def test_a_file_that_ends_in_the_middle_keeps_its_import_open(
    world: Path, goodword: Type, client: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("goodword.actions.importing.CHUNK_ROWS", 50)
    good = (world / "people.csv").read_bytes()
    good += b"".join(b"f-%d,2025-06-12T18:02:11Z,Friend,,,,,,active\n" % n for n in range(600))
    (world / "people.csv").write_bytes(good + "c-3,2025-06-12T18:02:11Z,Jürgen,,,,,,active\n".encode("latin-1"))
    cut = goodword("import", "people", "people.csv", "--client", client)
    assert (cut.code, "not UTF-8" in cut.err) == (2, True)
    assert goodword("import", "codes", "codes.csv", "--client", client).code == 2
    (world / "people.csv").write_bytes(good)
    assert goodword("import", "people", "people.csv", "--client", client).code == 0
    assert goodword("import", "codes", "codes.csv", "--client", client).code == 0
