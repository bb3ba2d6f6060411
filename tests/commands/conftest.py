"""What do tests of commands share? The tutorial's small world as files, a command line to type on, a database behind it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from goodword import cli
from goodword.house.roles import Urls

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial"


class Said(NamedTuple):
    """What a command answered."""

    code: int
    out: str
    err: str


Type = Callable[..., Said]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with friends.yaml, people.csv, codes.csv and events.ndjson, which is where commands run."""
    folder = tmp_path / "world"
    shutil.copytree(TUTORIAL, folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def goodword(capsys: pytest.CaptureFixture[str]) -> Type:
    """Type a command in this process."""

    def typed(*words: str) -> Said:
        capsys.readouterr()
        try:
            code = cli.main(list(words))
        except SystemExit as end:  # argparse
            code = int(end.code or 0)
        told = capsys.readouterr()
        return Said(code, told.out, told.err)

    return typed


@pytest.fixture
def installation(
    urls: Urls,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Urls:
    """The module's database as the installation that commands find; one master key a module."""
    folder = tmp_path_factory.getbasetemp() / f"keys-{Path(str(request.path)).stem}"
    folder.mkdir(exist_ok=True, mode=0o700)
    monkeypatch.setenv("GOODWORD_OWNER_URL", urls.owner)
    monkeypatch.setenv("GOODWORD_ENGINE_URL", urls.engine)
    monkeypatch.setenv("GOODWORD_DATABASE_URL", urls.app)
    monkeypatch.setenv("GOODWORD_KEY_FILE", str(folder / "master.key"))
    monkeypatch.setenv("GOODWORD_DATA", str(folder / "data"))
    return urls
