"""Are clients, keys and people set up from the command line, and is wrong input named?"""

from __future__ import annotations

import json
from pathlib import Path

import psycopg
import pytest

from goodword.actions.deeds import COMMAND_LINE, HOUSE, Actor, require
from goodword.actions.opening import vault_of
from goodword.actions.permissions import May
from goodword.commands.chain import now_utc
from goodword.commands.master_key import master_key
from goodword.commands.schema import event_schema, program_document_schema
from goodword.commands.user import invite_first
from goodword.errors import NotAllowed
from goodword.house.roles import Urls
from goodword.store.sql.connect import connect
from goodword.store.sql.keys import hash_of
from goodword.store.sql.vault import Vault
from goodword.worker.loop import Worker

from .conftest import Type


def test_clients_are_added_once_and_listed(installation: Urls, goodword: Type) -> None:
    added = goodword("client", "add", "acme", "--name", "Acme", "--timezone", "Europe/Berlin", "--json")
    assert json.loads(added.out)["slug"] == "acme"
    goodword("client", "add", "acme-two", "--name", "Acme 2")
    assert "acme-two  Acme 2  EUR  UTC" in goodword("client", "list").out
    twice = goodword("client", "add", "acme", "--name", "Acme")
    assert (twice.code, "already called 'acme'" in twice.err) == (2, True)
    with psycopg.connect(installation.owner) as conn:
        prefixes = {row[0] for row in conn.execute("SELECT code_prefix FROM client WHERE slug LIKE 'acme%'")}
    assert prefixes == {"ACM", "ACM2"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("Acme", "--name", "x"), "cannot name a client"),
        (("house", "--name", "x"), "the log of the house"),
        (("x1", "--name", " "), "has no name"),
        (("x1", "--name", "x", "--currency", "Euro"), "not a known currency"),
        (("x1", "--name", "x", "--timezone", "Berlin"), "not a time zone"),
    ],
)
def test_a_client_that_cannot_be_is_refused(
    installation: Urls, goodword: Type, words: tuple[str, ...], said: str
) -> None:
    refused = goodword("client", "add", *words)
    assert (refused.code, said in refused.err) == (2, True)


def test_a_key_is_told_once_and_kept_as_a_hash(installation: Urls, goodword: Type) -> None:
    goodword("client", "add", "globex", "--name", "Globex")
    made = goodword(
        "key", "create", "--client", "globex", "--scope", "events:write", "--source", "shop", "--expires", "30"
    )
    secret = made.out.splitlines()[0]
    assert secret.startswith("gw_")
    with psycopg.connect(installation.owner) as conn:
        row = conn.execute(
            "SELECT scopes, source, expires_at IS NOT NULL FROM api_key WHERE hash = %s", (hash_of(secret),)
        ).fetchone()
        actions = conn.execute(
            "SELECT verb, actor, role FROM action a JOIN client c ON c.id = a.client_id WHERE c.slug = 'globex' ORDER BY at"
        )
        assert row == (["events:write"], "shop", True)
        assert actions.fetchall() == [
            ("client.add", "command line", "operator"),
            ("key.create", "command line", "operator"),
        ]
    listed = json.loads(goodword("key", "list", "--client", "globex", "--json").out)
    assert secret not in json.dumps(listed)
    ended = goodword("key", "revoke", "--client", "globex", listed[0]["id"][:8])
    assert "opens nothing any more" in ended.out
    assert goodword("key", "revoke", "--client", "globex", listed[0]["id"]).code == 2
    wrong = goodword("key", "create", "--client", "globex", "--scope", "everything")
    assert (wrong.code, "No scope is called everything" in wrong.err) == (2, True)


def test_acts_from_the_command_line_are_proved_too(installation: Urls, goodword: Type, tmp_path: Path) -> None:
    goodword("client", "add", "proved", "--name", "Proved")
    goodword("proof", "export", "--client", "proved", "--out", str(tmp_path / "proof"))
    held = ("--held", str(tmp_path / "proof" / "checkpoints.txt"))
    assert goodword("proof", "verify", "--client", "proved", *held).code == 0
    assert "1 staff acts" in goodword("proof", "verify", "--client", "proved").out
    with psycopg.connect(installation.owner) as conn:
        conn.execute(
            "UPDATE action SET actor = 'mallory' WHERE client_id = (SELECT id FROM client WHERE slug = 'proved')"
        )
    found = goodword("proof", "verify", "--client", "proved")
    assert (found.code, "altered" in found.out) == (1, True)
    with psycopg.connect(installation.owner) as conn:  # a log rewritten as if nothing had been signed
        for table in ("checkpoint", "leaf_batch", "tree", "action"):
            conn.execute(f"DELETE FROM {table} WHERE client_id = (SELECT id FROM client WHERE slug = 'proved')")
    assert goodword("proof", "verify", "--client", "proved").code == 0
    assert goodword("proof", "verify", "--client", "proved", *held).code == 1


def test_only_roles_that_may_do(installation: Urls) -> None:
    require(Actor("somebody", "admin"), May.CREATE_KEY)
    require(Actor("ida", "auditor+it"), May.CREATE_KEY)
    require(COMMAND_LINE, May.ADD_CLIENT)
    for role in ("agent", "queen", ""):
        with pytest.raises(NotAllowed, match="may not do this"):
            require(Actor("dan", role), May.CREATE_KEY)


def test_the_docs_hold_the_one_table_of_permissions(goodword: Type) -> None:
    table = goodword("user", "roles").out
    assert table in (Path(__file__).parents[2] / "docs" / "permissions.md").read_text(), "run `goodword user roles`"


def test_a_client_that_was_half_added_was_not_added_and_can_be_tried_again(
    installation: Urls, goodword: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("note", "announce"):
        with monkeypatch.context() as patched:
            patched.setattr(f"goodword.actions.clients.{name}", _fall)
            with pytest.raises(RuntimeError):
                goodword("client", "add", "fallen", "--name", "Fallen")
        assert "fallen" not in goodword("client", "list").out
    assert goodword("client", "add", "fallen", "--name", "Fallen").code == 0
    assert goodword("proof", "verify", "--client", "fallen").code == 0


def test_acts_of_the_house_are_in_its_own_log(installation: Urls, goodword: Type) -> None:
    goodword("client", "add", "housed", "--name", "Housed")
    goodword("user", "add", "dan@house.test", "--role", "agent", "--client", "housed")
    goodword("user", "add", "olga@house.test", "--role", "admin")
    with connect(installation.owner) as conn:
        rows = conn.execute("SELECT verb FROM action WHERE client_id = %s::uuid ORDER BY at", (HOUSE,)).fetchall()
        assert [row[0] for row in rows[-3:]] == ["client.add", "user.invite:agent", "user.invite:admin"]
        assert "house: As sealed" in goodword("proof", "verify").out
        worker = Worker(lambda: connect(installation.engine, "worker"), _vault(installation), now_utc)
        worker._seal_lane(conn, HOUSE)
        assert conn.execute("SELECT FROM action WHERE client_id = %s::uuid AND seq IS NULL", (HOUSE,)).rowcount == 0
        conn.execute("UPDATE action SET verb = 'user.invite:agent' WHERE verb = 'user.invite:admin'")
        found = goodword("proof", "verify")
        assert (found.code, "house: action" in found.out) == (1, True)
        assert goodword("proof", "verify", "--client", "housed").code == 0
        conn.execute("UPDATE action SET verb = 'user.invite:admin' WHERE id = ("
                     "SELECT id FROM action WHERE client_id = %s::uuid ORDER BY at DESC LIMIT 1)", (HOUSE,))  # fmt: skip
    assert goodword("proof", "verify", "--client", "house").code == 0


def _fall(*_: object, **__: object) -> None:
    raise RuntimeError("a fall in the middle")


def _vault(installation: Urls) -> Vault:
    return vault_of(installation.engine, master_key(installation))


def test_a_person_is_invited_by_a_link_that_works_once(installation: Urls, goodword: Type) -> None:
    said = goodword("user", "add", "Olga@acme.test", "--role", "manager")
    assert said.code == 0, said.err
    assert "/welcome/" in said.out.splitlines()[0]
    wrong = goodword("user", "add", "olga@acme.test", "--role", "queen")
    assert (wrong.code, "There is no role 'queen'" in wrong.err) == (2, True)


def test_an_installation_without_people_prints_the_first_link_once(
    installation: Urls, capsys: pytest.CaptureFixture[str]
) -> None:
    with psycopg.connect(installation.owner) as conn:
        conn.execute("TRUNCATE store_user CASCADE")
    invite_first(installation)
    assert "/welcome/" in capsys.readouterr().out
    invite_first(installation)
    assert capsys.readouterr().out == ""


def test_schemas_are_made_from_what_reads_the_documents(goodword: Type) -> None:
    program = program_document_schema()
    kinds = (
        "access cash commission credit discount donation entries free_time gift_card guarantee percent points product"
        " upgrade voucher"
    )
    assert sorted(program["$defs"]["Gift"]["properties"]) == kinds.split()
    types = (
        "agent_assisted b2b contest direct donation employee influencer own_action partner points social tiered tracking"
        " two_sided"
    )
    assert program["$defs"]["ProgramDocument"]["properties"]["type"]["enum"] == types.split()
    assert "milestones" not in program["$defs"]["ProgramDocument"]["required"]
    event = event_schema()
    assert {"id", "type", "at"} <= set(event["$defs"]["WireEvent"]["required"])
    assert json.loads(goodword("schema", "program").out) == program
    assert json.loads(goodword("schema", "event").out) == event


def test_nothing_is_written_where_no_folder_can_be(world: Path, goodword: Type) -> None:
    said = goodword("decide", "friends.yaml", "events.ndjson", "--out", "nowhere/out.ndjson")
    assert (said.code, "cannot be written" in said.err) == (2, True)
