"""Do the editor, the command line, the API and the publication find the same in the same document of the same client?"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
import yaml

from goodword import cli
from goodword.actions.checking import Blocked, remarks_on
from goodword.actions.opening import Chain, chain_of_installation
from goodword.actions.versions_release import Wish, ask
from goodword.catalog import SHELVES
from goodword.core.reading import read_terms
from goodword.store.reads.circumstances import delivered_attributes
from tests.actions.shops import ANA
from tests.api.test_programs import _ask, _key
from tests.web.conftest import As
from tests.web.test_editor import EDIT, fresh
from tests.web.test_editor import document as drafted

__all__ = ["fresh"]
NOTHING: tuple[str, list[str], list[str]] = ("", [], [])
INVESTS = ("investments", ["GB"], ["en", "nl"])
OWN = {"sector": "other", "places": ["DE"], "languages": ["de"]}
FACTS = {"facts/sector", "facts/places", "facts/languages"}
Say = Callable[[tuple[str, list[str], list[str]]], None]
Told = set[tuple[str, str, str]]


@pytest.fixture
def says(world: Any) -> Iterator[Say]:
    """What Acme's settings say, for this test alone."""

    def kept(served: tuple[str, list[str], list[str]]) -> None:
        with psycopg.connect(world.urls.owner, autocommit=True) as owner:
            owner.execute("UPDATE client SET sector = %s, places = %s, languages = %s WHERE slug = 'acme'", served)

    yield kept
    kept(NOTHING)


def _saved(carl: Any, changes: dict[str, Any]) -> dict[str, Any]:
    """The draft with these changes, written as a text."""
    before = drafted(carl)
    text = yaml.safe_dump({**before, **changes}, sort_keys=False)
    answer = carl.post(EDIT + "/document", {"revision": "0", "text": text})
    assert answer.status_code == 303, unescape(answer.content.decode())[:2000]
    return dict(drafted(carl))


def _sentences(said: list[str]) -> set[str]:
    from goodword.web.desk.programs.editor.said import sentence

    return {sentence(one) for one in said}


def _in_editor(carl: Any) -> set[str]:
    """The sentences of the checks by law and sense, as the page has them."""
    found = carl.get(EDIT).context_data["checks"]
    return {one.says for one, _token in found if one.source}


def _at_api(world: Any, document: dict[str, Any]) -> Told:
    answer = _ask(_key(world, "acme", "programs:write"), "PUT", "/v1/programs/friends", document)
    assert answer.status_code in (200, 201), answer.content
    return {(f"{one['pack']}/{one['check']}", one["field"], one["words"]) for one in answer.json()["checks"]}


def _typed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, file: Path, *words: str
) -> tuple[Told, list[str]]:
    """What a command answers in JSON on this database: the remarks, and their sentences."""

    @contextmanager
    def here(role: str) -> Iterator[tuple[Chain, None]]:
        with chain_of_installation() as chain:
            yield chain, None

    for module in ("program", "check"):
        monkeypatch.setattr(f"goodword.commands.{module}.opened_chain", here)
    capsys.readouterr()
    cli.main([*words, str(file), "--client", "acme", "--json"])
    told = json.loads(capsys.readouterr().out)
    found = told if isinstance(told, list) else told["checks"]
    marks = {(f"{one['pack']}/{one['check']}", one["field"], one["words"]) for one in found}
    return marks, [f"{one['words']} {one['repair']}" for one in found]


def _at_publication() -> Told:
    """What forbids the newest version of friends, and nothing is published of it."""
    with chain_of_installation() as chain:
        client = chain.client("acme")
        number = chain.conn.execute(
            "SELECT max(v.number) FROM program_version v JOIN program p ON p.client_id = v.client_id AND p.id = v.program_id"
            " WHERE v.client_id = %s::uuid AND p.slug = 'friends'",
            (client.id,),
        ).fetchone()
        assert number is not None
        with pytest.raises(Blocked) as refusal:
            ask(chain, client, ANA, "friends", number[0], Wish("why"), at=datetime.now(UTC))
        return {(f"{one.pack}/{one.check}", one.field, one.words) for one in refusal.value.remarks}


def test_all_of_them_find_what_the_clients_settings_call_for(
    world: Any, as_: As, says: Say, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    says(INVESTS)
    carl = as_("carl")
    document = _saved(carl, {"friends": {"if": ["friend.shoe_size >= 43"]}, "objective": {"why": "more friends"}})
    in_editor = _in_editor(carl)
    at_api = _at_api(world, document)
    file = tmp_path / "friends.yaml"
    file.write_text(yaml.safe_dump(document, sort_keys=False))
    pushed, sentences = _typed(capsys, monkeypatch, file, "program", "push", "--force")
    checked, _ = _typed(capsys, monkeypatch, file, "check", "--program")
    assert at_api == pushed == checked
    assert in_editor == _sentences(sentences)
    names = {name for name, _field, _words in pushed}
    assert names >= {"investments/uk-ban", "minors/adults-only", "sense/currencies", "sense/texts", "sense/feeds"}
    assert not names & FACTS
    blocked = {one for one in pushed if one[0] in ("investments/uk-ban", "minors/adults-only", "sense/feeds")}
    assert _at_publication() == blocked


def test_what_nobody_said_is_told_everywhere_with_the_way_to_the_settings(
    world: Any, as_: As, says: Say, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    says(NOTHING)
    carl = as_("carl")
    page = carl.get(EDIT).content.decode()
    for name in ("sector", "countries", "languages"):
        assert f'href="/c/acme/client#{name}"' in page, "the settings are one step away"
    assert 'href="/c/acme/client#sector"' not in as_("vera").get(EDIT).content.decode()
    document = drafted(carl)
    file = tmp_path / "friends.yaml"
    file.write_text(yaml.safe_dump(document, sort_keys=False))
    pushed, sentences = _typed(capsys, monkeypatch, file, "program", "push", "--force")
    assert {name for name, _field, _words in pushed} >= FACTS
    assert {name for name, _field, _words in _at_api(world, document)} >= FACTS
    assert _in_editor(carl) == _sentences(sentences)
    assert all("Clients > Settings" in one for one in sentences if one.startswith("Nobody said"))


def test_a_document_that_says_it_itself_wins(
    world: Any, as_: As, says: Say, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    says(INVESTS)
    carl = as_("carl")
    document = _saved(carl, OWN)
    file = tmp_path / "friends.yaml"
    file.write_text(yaml.safe_dump(document, sort_keys=False))
    pushed, sentences = _typed(capsys, monkeypatch, file, "program", "push", "--force")
    assert pushed == _at_api(world, document)
    assert _in_editor(carl) == _sentences(sentences)
    packs = {name.partition("/")[0] for name, _field, _words in pushed}
    assert not packs & {"facts", "investments", "minors"}
    assert not {name for name, _field, _words in pushed} & {"sense/currencies", "sense/texts"}


def test_the_web_and_the_chain_know_the_same_of_a_client(world: Any, says: Say) -> None:
    """Row security and another driver change nothing of the circumstances."""
    from django.db import connection

    from goodword.actions.checking import circumstances
    from goodword.store.scope import client_scope

    says(INVESTS)
    with chain_of_installation() as chain:
        client = chain.client("acme")
        document = {**_live(chain), "friends": {"if": ["friend.shoe_size >= 43"]}}
        terms = read_terms(document, SHELVES, version=1, live_from=datetime.now(UTC))
        assert not isinstance(terms, list)
        by_chain = circumstances(chain.conn, client.id, terms)
    with client_scope(client.id):
        by_web = circumstances(connection.connection, client.id, terms)
    assert by_web == by_chain and by_web.served is not None and by_web.served.places == ("GB",)
    assert [one.check for one in remarks_on(terms, document, by_web) if one.pack == "investments"] == ["uk-ban"] * 2


def _live(chain: Chain) -> dict[str, Any]:
    row = chain.conn.execute(
        "SELECT v.document FROM program_version v JOIN program p ON p.client_id = v.client_id AND p.id = v.program_id"
        " JOIN client c ON c.id = v.client_id WHERE c.slug = 'acme' AND p.slug = 'friends' ORDER BY v.number LIMIT 1"
    ).fetchone()
    assert row is not None
    return dict(msgspec.json.decode(row[0]))


def test_a_name_beyond_the_first_few_rows_is_still_delivered(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with chain_of_installation() as chain:
        client = chain.client("acme")
        every = delivered_attributes(chain.conn, client.id)
        assert every, "the world brings attributes"
        monkeypatch.setattr("goodword.store.reads.circumstances._LOOKED_AT", 1)
        assert delivered_attributes(chain.conn, client.id, every) == every
        assert delivered_attributes(chain.conn, client.id, every | {"shoe_size"}) == every
        assert delivered_attributes(chain.conn, "0" * 32, frozenset({"shoe_size"})) is None
