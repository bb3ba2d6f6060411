"""Does a version go live once, from a moment that changes nothing already decided?"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import psycopg
import pytest

from goodword.commands.decide import load_program
from goodword.core.wording import for_the_friend, paragraphs, plain_text
from goodword.house.roles import Urls
from tests.commands.conftest import Type


@pytest.fixture
def client(installation: Urls, world: Path, goodword: Type, request: pytest.FixtureRequest) -> str:
    slug = "t" + request.node.name.replace("_", "-")[-50:].strip("-")
    assert goodword("client", "add", slug, "--name", "Globex").code == 0
    return slug


def push(goodword: Type, client: str, *more: str, file: str = "friends.yaml") -> dict[str, object]:
    said = goodword("program", "push", "--client", client, file, "--json", *more)
    assert said.code == 0, said.err
    told: dict[str, object] = json.loads(said.out)
    return told


def test_a_pushed_document_is_a_draft_until_it_is_published(goodword: Type, client: str) -> None:
    assert push(goodword, client)["state"] == "draft"
    assert push(goodword, client)["version"] == 1
    live = push(goodword, client, "--publish")
    assert (live["version"], live["state"]) == (1, "live")
    assert push(goodword, client, "--publish") == live


def test_a_changed_document_is_the_next_version_and_retires_the_one_before(
    world: Path, goodword: Type, client: str
) -> None:
    push(goodword, client, "--publish", "--live-from", "2026-01-01")
    (world / "friends.yaml").write_text((world / "friends.yaml").read_text().replace('"10.00"', '"12.00"'))
    assert goodword("program", "diff", "--client", client, "friends.yaml").code == 1
    assert push(goodword, client, "--publish")["version"] == 2
    listed = json.loads(goodword("program", "list", "--client", client, "--json").out)
    assert [(row["number"], row["state"]) for row in listed] == [(1, "retired"), (2, "live")]


def test_what_is_pulled_says_the_same(world: Path, goodword: Type, client: str) -> None:
    push(goodword, client, "--publish")
    assert goodword("program", "pull", "--client", client, "friends", "--out", "pulled.yaml").code == 0
    same = goodword("program", "diff", "--client", client, "pulled.yaml")
    assert (same.code, same.out) == (0, "pulled.yaml says the same as version 1.\n")
    gone = goodword("program", "pull", "--client", client, "friends", "--version", "7")
    assert (gone.code, "no program 'friends' of version 7" in gone.err) == (2, True)


def test_a_promise_is_not_dated_back_over_what_was_decided(world: Path, goodword: Type, client: str) -> None:
    push(goodword, client, "--publish", "--live-from", "2026-01-01")
    goodword("import", "events", "events.ndjson", "--client", client, "--as-of", "2026-04-30")
    (world / "other.yaml").write_text(
        (world / "friends.yaml").read_text().replace("program: friends", "program: other")
    )
    back = goodword("program", "push", "--client", client, "other.yaml", "--publish", "--live-from", "2026-03-08")
    assert back.code == 2
    assert "5 events since 2026-03-08 were already decided" in back.err
    after = goodword(
        "program", "push", "--client", client, "other.yaml", "--publish", "--live-from", "2026-04-22", "--json"
    )
    assert json.loads(after.out)["state"] == "live"


def test_mistakes_are_told_with_line_field_and_repair(world: Path, goodword: Type, client: str) -> None:
    (world / "friends.yaml").write_text(
        (world / "friends.yaml").read_text().replace("on: first_order", "on: first_oder")
    )
    said = goodword("program", "push", "--client", client, "friends.yaml")
    assert said.code == 2
    assert "friends.yaml:11: promises[0].on" in said.err
    assert "Repair:" in said.err
    assert goodword("program", "list", "--client", client).out.startswith("There is no program yet")


def test_a_date_without_publishing_means_nothing(goodword: Type, client: str) -> None:
    said = goodword("program", "push", "--client", client, "friends.yaml", "--live-from", "2026-01-01")
    assert (said.code, "Add --publish." in said.err) == (2, True)


def test_the_text_of_a_version_is_kept_whatever_software_says_later(
    installation: Urls, world: Path, goodword: Type, client: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    push(goodword, client)
    said = json.loads(goodword("program", "text", "--client", client, "friends", "--language", "de", "--json").out)
    assert said["says_today"] and said["sha256"] == hashlib.sha256(said["text"].encode()).hexdigest()
    terms = load_program(world / "friends.yaml")[1]
    assert said["text"] == plain_text(paragraphs(terms, "de", organiser="Globex"))
    monkeypatch.setattr("goodword.core.wording.kept.plain_text", lambda made: "as software of another year says it\n")
    friend = json.loads(goodword("program", "text", "--client", client, "friends", "--friend", "--json").out)
    assert friend["text"] == for_the_friend(terms, "en") + "\n" and friend["as"] == "kept"
    assert goodword("program", "text", "--client", client, "friends", "--as", "published").code == 1
    later = json.loads(goodword("program", "text", "--client", client, "friends", "--language", "de", "--json").out)
    assert later == said | {"says_today": False}
    with psycopg.connect(installation.engine) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute("UPDATE version_wording SET texts = '{}'")
