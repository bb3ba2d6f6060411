"""Is the data folder private, local and one instance's at a time?"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from goodword.errors import AlreadyRunning, NotRunning, Unsafe
from goodword.house.folder import DataFolder, mount_of

_HOLDER = """
import sys
from pathlib import Path
from goodword.house.folder import DataFolder
folder = DataFolder(Path(sys.argv[1]))
folder.prepare()
folder.lock()
folder.write_state({"pid": 4711, "address": "http://127.0.0.1:8123"})
print("locked", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    made = DataFolder(tmp_path / "data")
    made.prepare()
    return made


@pytest.fixture
def holder(folder: DataFolder) -> Iterator[subprocess.Popen[str]]:
    """Another process that serves the folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(folder.root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "locked\n"
    yield process
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        assert stream is not None
        stream.close()


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_the_folder_and_all_in_it_are_for_the_owner_only(folder: DataFolder) -> None:
    folder.secret_key()
    folder.write_state({"pid": 1})
    assert [mode(path) for path in (folder.root, folder.run, folder.log)] == [0o700] * 3
    assert [mode(path) for path in (folder.root / "secret_key", folder.serve_file)] == [0o600] * 2


def test_an_open_folder_is_closed(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o755)
    DataFolder(tmp_path / "data").prepare()
    assert mode(tmp_path / "data") == 0o700


def test_the_secret_key_is_made_once(folder: DataFolder) -> None:
    assert folder.secret_key() == folder.secret_key()
    assert len(folder.secret_key()) >= 50


def test_a_second_one_is_told_where_the_first_answers(folder: DataFolder, holder: subprocess.Popen[str]) -> None:
    assert folder.is_locked()
    with pytest.raises(AlreadyRunning) as refusal:
        folder.lock()
    assert "already running at http://127.0.0.1:8123" in refusal.value.what
    assert "goodword stop" in refusal.value.repair


def test_the_lock_ends_with_a_killed_holder(folder: DataFolder, holder: subprocess.Popen[str]) -> None:
    holder.kill()
    holder.wait()
    assert not folder.is_locked()
    folder.lock()
    folder.unlock()


def test_nothing_running_is_said_plainly(folder: DataFolder) -> None:
    with pytest.raises(NotRunning):
        folder.require_running()


def test_a_damaged_state_file_counts_as_none(folder: DataFolder) -> None:
    folder.serve_file.write_text("{half")
    assert folder.running_state() == {}
    folder.serve_file.write_text(json.dumps([1]))
    assert folder.running_state() == {}


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "9p", "fuse.sshfs", "smb3"])
def test_a_network_drive_is_refused(tmp_path: Path, kind: str) -> None:
    mounts = tmp_path / "mounts"
    share = tmp_path / "my share"
    escaped = str(share).replace(" ", "\\040")
    mounts.write_text(f"/dev/sda / ext4 rw 0 0\nserver:/x {escaped} {kind} rw 0 0\n")
    with pytest.raises(Unsafe) as refusal:
        DataFolder(share / "goodword").prepare(mounts)
    assert f"network drive ({kind}" in refusal.value.what
    assert "--data" in refusal.value.repair
    assert not share.exists()


def test_a_local_disk_beside_a_share_is_fine(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/sda / ext4 rw 0 0\nserver:/x {tmp_path}/share nfs4 rw 0 0\n")
    DataFolder(tmp_path / "shared-name").prepare(mounts)
    assert mount_of(tmp_path / "shared-name", mounts) == ("ext4", "/")


def test_the_later_of_two_mounts_on_one_point_counts(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/sda / ext4 rw 0 0\ns:/x {tmp_path} nfs rw 0 0\n/dev/sdb {tmp_path} xfs rw 0 0\n")
    assert mount_of(tmp_path / "data", mounts) == ("xfs", str(tmp_path))
