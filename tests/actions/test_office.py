"""Does what the office says about a reward or a referral take effect once, with only a code word in what everybody reads?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psycopg
import pytest

from goodword.house.roles import Urls
from tests.actions.test_erasing import all_is_well, client
from tests.commands.conftest import Type

__all__ = ["client"]


def _ids(installation: Urls, slug: str, table: str, state: str) -> list[str]:
    with psycopg.connect(installation.owner) as conn:
        rows = conn.execute(
            f"SELECT t.id FROM {table} t JOIN client c ON c.id = t.client_id WHERE c.slug = %s AND t.state = %s ORDER BY 1",
            (slug, state),
        ).fetchall()
    return [row[0].hex for row in rows]


def test_a_payable_reward_is_sent_once(goodword: Type, client: str, installation: Urls) -> None:
    reward = _ids(installation, client, "reward", "payable")[0]
    said = goodword("reward", "sent", f"rwd_{reward[:12]}", "--client", client, "--json")
    told: dict[str, Any] = json.loads(said.out)
    assert {one["id"]: one["state"] for one in told["rewards"]}[f"rwd_{reward}"] == "sent"
    twice = goodword("reward", "sent", reward, "--client", client)
    assert (twice.code, "is sent, not payable" in twice.err) == (2, True)
    nobody = goodword("reward", "sent", "rwd_", "--client", client)
    assert (nobody.code, "does not name one reward" in nobody.err) == (2, True)
    journal = goodword("ledger", "journal", "--client", client).out
    assert journal.count("send") == 1
    all_is_well(goodword, client)


def test_a_person_denies_and_clears_and_the_later_word_stands(goodword: Type, client: str, installation: Urls) -> None:
    (referral,) = _ids(installation, client, "referral", "denied")
    words = "two students who share a room"
    cleared = goodword(
        "referral", "review", f"ref_{referral}", "--client", client, "--clear", "--why", "other", "--note", words
    )
    assert cleared.code == 0, cleared.err
    assert cleared.out.startswith(f"ref_{referral} is rewarded.\n")
    assert "Cleared by a person: other." in cleared.out
    denied = goodword("referral", "review", referral, "--client", client, "--deny", "--why", "self_referral", "--json")
    assert (denied.code, json.loads(denied.out)["state"]) == (0, "denied")
    with psycopg.connect(installation.owner) as conn:
        for table in ("event", "decision", "referral", "action"):
            row = conn.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE '%%share a room%%'").fetchone()
            assert row == (0,), table
        verbs = conn.execute("SELECT verb FROM action WHERE verb = 'referral.review' AND detail_sealed IS NOT NULL")
        assert len(verbs.fetchall()) == 1
    all_is_well(goodword, client)


@pytest.mark.parametrize(
    "more", [(), ("--clear",), ("--deny", "--why", "because"), ("--clear", "--deny", "--why", "fake")]
)
def test_a_review_needs_one_verdict_and_a_code_word(goodword: Type, world: Path, more: tuple[str, ...]) -> None:
    assert goodword("referral", "review", "ref_1", "--client", "acme", *more).code == 2


def test_only_what_lapses_is_extended_and_by_a_span(goodword: Type, client: str, installation: Urls) -> None:
    (referral,) = _ids(installation, client, "referral", "denied")
    far = goodword("referral", "extend", referral, "--client", client, "--days", "900")
    assert (far.code, "900 days is no extension" in far.err) == (2, True)
    bound = goodword("referral", "extend", f"ref_{referral}", "--client", client, "--days", "30")
    assert (bound.code, "the referral does not lapse" in bound.err) == (2, True)
    all_is_well(goodword, client)
