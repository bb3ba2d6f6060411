"""Does everything come back from one sealed file: rows, keys, proofs, those who were forgotten, and the chain that goes on?"""

from __future__ import annotations

import json
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from goodword import cli
from goodword.commands import door
from goodword.house.roles import Urls
from tests.commands.conftest import TUTORIAL, Type

_ADDRESSES = ("GOODWORD_OWNER_URL", "GOODWORD_ENGINE_URL", "GOODWORD_DATABASE_URL")
UNTIL = "2026-04-30"
FILES = (("people", "people.csv"), ("codes", "codes.csv"), ("events", "events.ndjson"))
MORE = (
    '{"id":"n-1","type":"signup","at":"2026-05-02T08:00:00Z","person":{"id":"c-40"},"code":"ALICE7"}\n'
    '{"id":"n-2","type":"purchase","at":"2026-05-03T08:00:00Z","person":{"id":"c-40"},'
    '"order":{"id":"9001","amount":"80.00","currency":"EUR"}}\n'
)


pytestmark = pytest.mark.timeout(300)  # a database is started, copied and started again


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An installation of its own with the tutorial's world in it, and a backup of it; its database rests between commands."""
    root = tmp_path_factory.mktemp("b")
    shutil.copytree(TUTORIAL, root / "w")
    (root / "away").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root / "w")
        patch.setenv("GOODWORD_DATA", str(root / "data"))
        patch.setenv("GOODWORD_KEY_FILE", str(root / "keys" / "master.key"))
        with awake():
            for words in (
                ("client", "add", "acme", "--name", "Acme"),
                ("program", "push", "--client", "acme", "friends.yaml", "--publish", "--live-from", "1990-01-01"),
                *(("import", *file, "--client", "acme", "--as-of", UNTIL) for file in FILES),
            ):
                assert cli.main(list(words)) == 0
        assert cli.main(["backup", "--to", str(root / "away")]) == 0
        forget_addresses()
    yield root
    for name in _ADDRESSES:
        os.environ.pop(name, None)


@pytest.fixture
def house(made: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """That installation as the one that commands find."""
    monkeypatch.chdir(made / "w")
    monkeypatch.setenv("GOODWORD_DATA", str(made / "data"))
    monkeypatch.setenv("GOODWORD_KEY_FILE", str(made / "keys" / "master.key"))
    return made


@contextmanager
def awake() -> Iterator[None]:
    """The installation's database for several commands at once: each start takes its time."""
    forget_addresses()
    with door.opened():
        yield
    forget_addresses()


def forget_addresses() -> None:
    """A command leaves them behind for its children; the next one finds its installation by the data folder."""
    for name in _ADDRESSES:
        os.environ[name] = ""


def typed(goodword: Type, *words: str, err: str = "") -> int:
    """Type a command that finds its installation by the data folder; what a refusal has to say."""
    said = goodword(*words)
    assert err in said.err, said.err
    return said.code


def balances(goodword: Type) -> dict[str, object]:
    found: dict[str, object] = json.loads(goodword("ledger", "balances", "--client", "acme", "--json").out)["balances"]
    return found


def backup(house: Path) -> Path:
    (file,) = (house / "away").glob("goodword-*.gwbackup")
    return file


def test_what_was_backed_up_comes_back_forgets_again_and_goes_on(
    house: Path, goodword: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = backup(house)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    sealed = file.read_bytes()
    assert not any(word in sealed for word in (b"alice@acme", b"Hauptstr", b"goodword_owner", b"PG_VERSION"))
    public = json.loads(file.with_name(file.name + ".json").read_text())
    assert {head["slug"] for head in public["heads"]} == {"acme", "house"}
    assert all(head["checkpoint"] for head in public["heads"])
    assert "passwords" not in json.dumps(public)
    last = json.loads((house / "data" / "backup.json").read_text())
    assert (last["path"], last["sha256"]) == (str(file), public["sha256"])
    with awake():
        before = balances(goodword)
        assert typed(goodword, "erase", "--client", "acme", "--person", "c-12", "--yes") == 0
    assert typed(goodword, "restore", str(file), err="is not empty") == 2
    monkeypatch.setenv("GOODWORD_DATA", str(house / "new"))
    said = goodword("restore", str(file), "--json")
    assert said.code == 0, said.err
    acme = next(one for one in json.loads(said.out) if one["slug"] == "acme")
    assert (acme["forgotten"], acme["faults"]) == (1, [])
    # New rows are read by transaction numbers: these have to go on where they were.
    Path("more.ndjson").write_text(MORE)
    with awake():
        assert balances(goodword) == before
        assert typed(goodword, "import", "events", "more.ndjson", "--client", "acme", "--as-of", "2026-05-30") == 0
        assert balances(goodword) != before
        assert typed(goodword, "proof", "verify") == 0


def test_a_backup_that_cannot_be_trusted_is_refused(
    house: Path, goodword: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = backup(house)
    monkeypatch.setenv("GOODWORD_DATA", str(house / "second"))
    whole = file.read_bytes()
    for broken, sentence in (
        (whole[:-1000], "ends too early"),
        (whole[: len(whole) // 2] + b"x" + whole[len(whole) // 2 + 1 :], "do not open"),
        (b"PGDMP" + whole, "is not a backup of Goodword"),
    ):
        (house / "away" / "broken.gwbackup").write_bytes(broken)
        assert typed(goodword, "restore", str(house / "away" / "broken.gwbackup"), err=sentence) == 2
        assert not (house / "second" / "postgres").exists()
    kept = house / "keys" / "kept.key"
    (house / "keys" / "master.key").rename(kept)
    assert typed(goodword, "restore", str(file), err="is missing") == 2
    monkeypatch.setenv("GOODWORD_DATA", str(house / "other"))
    with awake():
        assert typed(goodword, "client", "add", "globex", "--name", "Globex") == 0  # makes a key of its own
    monkeypatch.setenv("GOODWORD_DATA", str(house / "second"))
    assert typed(goodword, "restore", str(file), err="of the backup") == 2
    assert not (house / "second" / "postgres").exists()
    kept.replace(house / "keys" / "master.key")
    assert typed(goodword, "restore", str(file)) == 0


def test_a_backup_never_lies_in_the_data_folder_nor_over_another(house: Path, goodword: Type) -> None:
    file = backup(house)
    assert typed(goodword, "backup", "--to", str(file), err="is there already") == 2
    assert typed(goodword, "backup", "--to", str(house / "data"), err="inside the data folder") == 2
    assert typed(goodword, "backup", "--to", str(house / "nowhere" / "x"), err="is not a folder") == 2


def test_keys_change_while_everything_stays_readable(
    house: Path, goodword: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = backup(house)
    key_file = house / "keys" / "master.key"
    old = key_file.read_text().split("gwk1 ")[1].split()[0]

    def asked(*words: str) -> dict[str, object]:
        said = goodword(*words, "--json")
        assert said.code == 0, said.err
        found: dict[str, object] = json.loads(said.out)
        return found

    with awake():
        done = asked("rotate-keys")
        assert (done["was_taken_up"], done["older"]) == (False, [])
        assert key_file.read_text().count("gwk1 ") == 2
        people = asked("rotate-keys", "--client", "acme")
        assert (people["moved"] in (5, 6), people["left"]) == (True, 0)  # one may be forgotten by now
        assert typed(goodword, "replay", "--client", "acme") == 0
        assert (
            typed(goodword, "erase", "--client", "acme", "--email", "alice@acme.test") == 0
        )  # found, opened, only shown
    monkeypatch.setenv("GOODWORD_DATA", str(house / "fourth"))
    assert typed(goodword, "restore", str(file)) == 0  # a backup from before opens by the older key
    with awake():
        assert asked("rotate-keys")["was_taken_up"] is True  # and is brought to the key in force
        assert asked("rotate-keys", "--drop", old) == {"dropped": 1}
        assert key_file.read_text().count("gwk1 ") == 1
    monkeypatch.setenv("GOODWORD_DATA", str(house / "third"))
    assert typed(goodword, "restore", str(file), err="of the backup") == 2


def test_an_external_server_is_its_administrators_to_copy(installation: Urls, goodword: Type, tmp_path: Path) -> None:
    said = goodword("backup", "--to", str(tmp_path))
    assert (said.code, "pg_basebackup" in said.err) == (2, True)
    assert goodword("restore", "x.gwbackup").code == 2
