"""Does the demo keep to its own folder, whatever it is pointed at?"""

from __future__ import annotations

import stat
from datetime import date
from pathlib import Path

import pytest

from goodword.actions.permissions import GIVEN
from goodword.cli import EXIT_REFUSED, main
from goodword.demo.installation import FILE, key_file, open_installation, remove
from goodword.errors import AlreadyRunning, Unsafe
from goodword.house.folder import DataFolder

TODAY = date(2026, 11, 3)


def test_a_new_folder_becomes_a_demo_that_only_its_owner_reads(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "demo")
    made = open_installation(folder, today=TODAY, scale=0.5)
    assert stat.S_IMODE((folder.root / FILE).stat().st_mode) == 0o600
    assert [who.role for who in made.sign_ins] == [
        "admin", "agent", "lead", "manager", "client_viewer", "auditor", "it", "developer",
    ]  # fmt: skip
    assert {who.role for who in made.sign_ins} == set(GIVEN), "somebody of every role there is"
    assert len({who.password for who in made.sign_ins}) == len(made.sign_ins)
    assert all(len(who.password) >= 12 for who in made.sign_ins)


def test_a_second_start_keeps_world_and_passwords(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "demo")
    made = open_installation(folder, today=TODAY, scale=0.5)
    assert open_installation(folder, today=date(2027, 1, 1), scale=1.0) == made


def test_a_folder_with_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("of a real installation")
    for touch in (lambda: open_installation(DataFolder(tmp_path), today=TODAY), lambda: remove(DataFolder(tmp_path))):
        with pytest.raises(Unsafe):
            touch()
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_fresh_takes_a_demo_away_but_not_a_running_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = DataFolder(tmp_path / "demo")
    open_installation(folder, today=TODAY)
    monkeypatch.setattr(DataFolder, "is_locked", lambda _self: True)
    with pytest.raises(AlreadyRunning):
        remove(folder)
    monkeypatch.undo()
    remove(folder)
    assert not folder.root.exists()
    remove(folder)  # nothing there: nothing to do


def test_the_key_lies_beside_the_folder(tmp_path: Path) -> None:
    assert key_file(DataFolder(tmp_path / "demo")) == tmp_path / "demo.key"


def test_an_external_database_is_never_filled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GOODWORD_DATABASE_URL", "postgresql://app@db.example/goodword")
    assert main(["demo", "--data", str(tmp_path / "demo")]) == EXIT_REFUSED
    assert "GOODWORD_DATABASE_URL" in capsys.readouterr().err
    assert not (tmp_path / "demo").exists()


def test_a_world_of_no_size_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--data", str(tmp_path / "demo"), "--scale", "0"]) == EXIT_REFUSED
    assert "--scale" in capsys.readouterr().err
