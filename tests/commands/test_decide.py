"""Does `goodword decide` say the same on every run, and name the line of what it cannot read?"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

from .conftest import Type

FILES = ("friends.yaml", "events.ndjson", "--people", "people.csv", "--codes", "codes.csv")
OUTPUTS = ("decisions.ndjson", "referrals.ndjson", "summary.json")
ALL_OUTPUTS = ("--out", OUTPUTS[0], "--referrals", OUTPUTS[1], "--summary", OUTPUTS[2])


def lines_of(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_the_golden_referrals_of_a_small_world(world: Path, goodword: Type) -> None:
    said = goodword("decide", *FILES, "--until", "2026-04-30", *ALL_OUTPUTS)
    assert (said.code, said.err) == (0, "")
    found = lines_of(world / "referrals.ndjson")
    told = [
        (line["friend"], line["advocate"], line["method"], line["state"], [r["state"] for r in line["rewards"]])
        for line in found
    ]
    assert told == [
        ("c-10", "c-1", "click", "rewarded", ["payable", "payable"]),
        ("c-11", "c-1", "code", "reversed", ["voided", "voided"]),
        ("c-12", "c-2", "code", "denied", []),
        ("c-13", "c-1", "code", "qualified", ["pending", "payable"]),
    ]
    assert found[0]["rewards"][0] == {
        "to": "advocate", "kind": "cash", "amount": "10.00", "currency": "EUR", "state": "payable"
    }  # fmt: skip


def test_decisions_tell_reasons_grants_and_entries(world: Path, goodword: Type) -> None:
    goodword("decide", *FILES, "--until", "2026-04-30", *ALL_OUTPUTS)
    by_event = {line["event"]: line for line in lines_of(world / "decisions.ndjson")}
    bought = by_event["e-3"]
    assert set(bought) >= {"event", "referral", "reasons", "grants", "entries"}
    assert bought["grants"] == [
        {"to": "advocate", "person": "c-1", "kind": "cash", "amount": "10.00", "currency": "EUR", "state": "pending"},
        {"to": "friend", "person": "c-10", "kind": "voucher", "amount": "5.00", "currency": "EUR", "state": "payable"},
    ]
    assert {"code", "passed", "value", "needed"} <= set(bought["reasons"][0])
    assert all(entry["amount"] in ("10.00", "5.00") and entry["currency"] == "EUR" for entry in bought["entries"])
    assert {"payable:c-1", "payable:c-10"} <= {entry["to"] for entry in bought["entries"]}
    released = [line for line in lines_of(world / "decisions.ndjson") if line["event"] is None and line["grants"]]
    assert [grant["state"] for line in released for grant in line["grants"]] == ["payable"]


def test_two_runs_are_equal_byte_for_byte(world: Path, goodword: Type) -> None:
    goodword("decide", *FILES, *ALL_OUTPUTS)
    first = [(world / name).read_bytes() for name in OUTPUTS]
    shuffled = (world / "events.ndjson").read_text().splitlines()[::-1]
    with gzip.open(world / "shuffled.ndjson.gz", "wt") as file:
        file.write("\n\n".join(shuffled))
    goodword("decide", "friends.yaml", "shuffled.ndjson.gz", *FILES[2:], *ALL_OUTPUTS)
    assert [(world / name).read_bytes() for name in OUTPUTS] == first


def test_time_runs_to_the_last_event_unless_told_otherwise(world: Path, goodword: Type) -> None:
    last = json.loads(goodword("decide", *FILES, "--json").out)
    assert last["until"] == "2026-04-21T07:00:00Z"
    early = json.loads(goodword("decide", *FILES, "--json", "--until", "2026-03-05T08:00:00Z").out)
    assert early["events"] == {"decided": 4, "repeated": 0, "later": 6, "bad": 0}
    assert early["referrals"] == {"joined": 1, "qualified": 1}
    late = json.loads(goodword("decide", *FILES, "--json", "--until", "2026-12-31").out)
    assert late["referrals"]["rewarded"] == 2
    assert late["ledger"]["imbalance"] == {}


def test_bad_lines_are_named_and_good_neighbours_kept(world: Path, goodword: Type) -> None:
    good = (world / "events.ndjson").read_text()
    bad = [
        "not json",
        '{"id":"x-1","type":"purchase","at":"2026-03-03T20:05:00","person":{"id":"c-1"}}',
        '{"id":"x-2","type":"purchase","at":"2026-03-03T20:05:00Z","person":{"id":"c-1"},"order":{"id":"1","amount":-5,"currency":"EUR"}}',
        '{"id":"x-3","type":"publish","at":"2026-03-03T20:05:00Z"}',
        '{"id":"x-4","type":"signup","at":"2026-03-03T20:05:00Z","person":{"id":"c-1"},"program":"others"}',
        '{"id":"e-3","type":"signup","at":"2026-03-03T20:05:00Z","person":{"id":"c-10"}}',
        '{"id":"' + "x" * 40_000 + '"}',
    ]
    (world / "events.ndjson").write_text(good + "\n".join(bad) + "\n" + good.splitlines()[0])
    said = goodword("decide", *FILES, "--json", "--until", "2026-04-30")
    told = json.loads(said.out)
    assert said.code == 1
    assert told["events"] == {"decided": 10, "repeated": 1, "later": 0, "bad": 7}
    assert {(row["line"], row["code"]) for row in told["rejected"]} == {
        (11, "malformed"), (12, "wrong_type"), (13, "money_not_text"), (14, "type_reserved"), (15, "program_unknown"),
        (16, "id_taken"), (17, "too_large"),
    }  # fmt: skip
    assert "events.ndjson:13: order.amount: money must not be a number" in said.err
    assert all(row["repair"] for row in told["rejected"])


def test_a_program_with_mistakes_is_refused_with_every_line(world: Path, goodword: Type) -> None:
    text = (world / "friends.yaml").read_text().replace("currency: EUR", "currency: Euro").replace("14d", "fortnight")
    (world / "friends.yaml").write_text(text)
    said = goodword("decide", *FILES)
    assert said.code == 2
    assert "friends.yaml:5: currency" in said.err
    assert "friends.yaml:11:" in said.err
    assert said.out == ""


def test_files_that_cannot_be_read_are_named(world: Path, goodword: Type) -> None:
    packed = gzip.compress((world / "events.ndjson").read_bytes())
    (world / "torn.ndjson.gz").write_bytes(packed[: len(packed) // 2])
    torn = goodword("decide", "friends.yaml", "torn.ndjson.gz")
    assert (torn.code, "torn.ndjson.gz" in torn.err) == (2, True)
    gone = goodword("decide", "friends.yaml", "gone.ndjson")
    assert (gone.code, "gone.ndjson" in gone.err) == (2, True)
    swapped = goodword("decide", "friends.yaml", "events.ndjson", "--people", "codes.csv")
    assert swapped.code == 2
    assert "no column id or email or phone" in swapped.err
    when = goodword("decide", *FILES, "--until", "yesterday")
    assert (when.code, "--until yesterday" in when.err) == (2, True)


def test_an_output_appears_whole_or_not_at_all(world: Path, goodword: Type) -> None:
    (world / "friends.yaml").write_text("program: x")
    assert goodword("decide", *FILES, *ALL_OUTPUTS).code == 2
    assert not any((world / name).exists() for name in OUTPUTS)
    assert not list(world.glob(".*part"))


def test_no_database_and_no_framework_is_loaded(world: Path) -> None:
    code = (
        "import sys; from goodword.cli import main\n"
        f"assert main(['decide', {', '.join(map(repr, FILES))}]) == 0\n"
        "print(sorted({'django', 'psycopg', 'asyncio'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=world, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
