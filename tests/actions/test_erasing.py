"""Is a person gone for good, while what others earned and what the law keeps stays?"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from goodword.actions.opening import Chain, open_chain
from goodword.actions.programs import append_act
from goodword.commands.master_key import master_key
from goodword.house.roles import Urls
from goodword.store.sql.erasure import read_statutory
from tests.commands.conftest import Type


@pytest.fixture
def client(installation: Urls, world: Path, goodword: Type, request: pytest.FixtureRequest) -> str:
    slug = "t" + request.node.name.replace("_", "-")[-50:].strip("-")
    goodword("client", "add", slug, "--name", "Acme")
    goodword("program", "push", "--client", slug, "friends.yaml", "--publish", "--live-from", "1990-01-01")
    for kind, name in (("people", "people.csv"), ("codes", "codes.csv"), ("events", "events.ndjson")):
        assert goodword("import", kind, name, "--client", slug, "--as-of", "2026-04-30").code == 0
    return slug


def states(goodword: Type, client: str) -> list[tuple[str, list[str]]]:
    lines = goodword("export", "referrals", "--client", client).out.splitlines()
    return [(line["state"], [r["state"] for r in line["rewards"]]) for line in map(json.loads, lines)]


def all_is_well(goodword: Type, client: str) -> None:
    for words in (("replay",), ("ledger", "verify"), ("proof", "verify")):
        said = goodword(*words, "--client", client)
        assert said.code == 0, said.out


def test_without_yes_it_is_only_shown(goodword: Type, client: str) -> None:
    shown = goodword("erase", "--client", client, "--person", "c-11")
    assert "Shredded for good: email, id" in shown.out
    assert "Nothing was done." in shown.out
    assert goodword("erase", "--client", client, "--email", "ERIN@x.test").code == 0


def test_a_friend_who_is_forgotten_takes_nothing_from_the_referrer(goodword: Type, client: str) -> None:
    before = states(goodword, client)
    waived = goodword("erase", "--client", client, "--person", "c-10", "--yes", "--waive", "letter of 2 May 2026")
    assert (waived.code, "Forgotten." in waived.out) == (0, True)
    after = states(goodword, client)
    assert before[0] == ("rewarded", ["payable", "payable"])
    assert after[0][1][0] == "payable"
    assert after[1:] == before[1:]
    again = goodword("erase", "--client", client, "--person", "c-10")
    assert (again.code, "knows nobody by that" in again.err) == (2, True)
    all_is_well(goodword, client)


def test_open_rewards_stand_in_the_way_until_they_are_waived_in_writing(goodword: Type, client: str) -> None:
    refused = goodword("erase", "--client", client, "--person", "c-1", "--yes")
    assert (refused.code, "2 rewards of this person are open." in refused.err) == (2, True)
    empty = goodword("erase", "--client", client, "--person", "c-1", "--yes", "--waive", " ")
    assert (empty.code, "The waiver is empty." in empty.err) == (2, True)
    assert goodword("erase", "--client", client, "--person", "c-1", "--yes", "--waive", "mail of 2 May").code == 0
    all_is_well(goodword, client)


def test_what_was_paid_stays_by_law_under_a_key_of_its_own(goodword: Type, client: str, installation: Urls) -> None:
    with open_chain(installation.engine, master_key(installation), "test") as chain:
        row, now = chain.client(client), datetime.now(UTC)
        party, reward = _payable(chain, row.id)
        append_act(
            chain,
            row,
            {"id": "paid-1", "type": "sent", "at": "2026-04-30T10:00:00Z", "act": {"reward": reward}},
            at=now,
        )
        told = json.loads(goodword("erase", "--client", client, "--person", "c-1", "--json").out)
        assert [one["amount"] for one in told["kept_by_law"]] == ["10.00"]
        assert told["kept_until"] == f"{now.year + 11}-01-01T00:00:00+00:00"
        assert (
            goodword("erase", "--client", client, "--person", "c-1", "--yes", "--waive", "the rest, by mail").code == 0
        )
        (kept,) = read_statutory(chain.vault, chain.conn, row.id, party, now)
        assert kept.fields["payee"]["name"] == "Alice Advocate"
        assert [(one["amount"], one["state"]) for one in kept.fields["rewards"]] == [("10.00", "sent")]
    all_is_well(goodword, client)


def test_a_restore_forgets_again_whoever_is_on_the_list(goodword: Type, client: str, installation: Urls) -> None:
    with psycopg.connect(installation.owner) as conn:
        keys = conn.execute(
            "SELECT k.* FROM person_key k JOIN client c ON c.id = k.client_id WHERE c.slug = %s", (client,)
        ).fetchall()
    assert goodword("erase", "--client", client, "--person", "c-11", "--yes").code == 0
    with psycopg.connect(installation.owner) as conn:  # the backup brings the key back
        for client_id, party_id, wrapped, *_ in keys:
            conn.execute(
                "UPDATE person_key SET wrapped = %s, destroyed_at = NULL WHERE client_id = %s AND party_id = %s",
                (wrapped, client_id, party_id),
            )
    told = json.loads(goodword("erase", "--replay", "--client", client, "--json").out)
    assert [(one["listed"], one["shredded"]) for one in told] == [(1, 1)]
    told = json.loads(goodword("erase", "--replay", "--client", client, "--json").out)
    assert [(one["listed"], one["shredded"]) for one in told] == [(1, 0)]


def _payable(chain: Chain, client_id: str) -> tuple[str, str]:
    row = chain.conn.execute(
        "SELECT payee_id, id FROM reward WHERE client_id = %s::uuid AND role = 'advocate' AND state = 'payable'",
        (client_id,),
    ).fetchone()
    assert row is not None
    return row[0], row[1]
