"""Can a stranger clone this and run it: locks with hashes, no address of ours, nothing of this machine?"""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from goodword.cli import COMMANDS
from goodword.settings import SETTINGS

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.txt", "requirements-dev.txt")
# Folders of a workplace, not of an installation: /work, /home/NAME, /root, /Users/NAME, /mnt.
MACHINE_PATHS = re.compile(r"(?<![\w.~$}/-])/(?:work/|home/[a-z]|root/|Users/[A-Za-z]|mnt/[a-z]|tmp/[a-z]{2,3}/)")
TEXT = {".py", ".md", ".toml", ".txt", ".in", ".cfg", ".ini", ".yaml", ".yml", ".json", ".html", ".css", ".js", ".sh", ""}


def tracked() -> list[Path]:
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
        ).stdout.decode().split("\0")
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout: what is tracked cannot be told")
    return [ROOT / name for name in listed if name and (ROOT / name).is_file()]


def pins(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)", (ROOT / lock).read_text(), re.MULTILINE))


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_hold_hashes_and_no_addresses(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index-url" not in text
    for entry in re.split(r"\n(?=\S)", text.strip()):
        assert re.match(r"[A-Za-z0-9._-]+==", entry), f"not pinned: {entry[:60]}"
        assert "--hash=sha256:" in entry, f"no hash: {entry[:60]}"


def test_both_locks_agree() -> None:
    run, dev = (pins(lock) for lock in LOCKS)
    assert {name: version for name, version in run.items() if dev.get(name) != version} == {}


@pytest.mark.parametrize("source", ["requirements.in", "requirements-dev.in"])
def test_every_wanted_package_is_locked(source: str) -> None:
    lines = [line.split("#")[0].strip() for line in (ROOT / source).read_text().splitlines()]
    wanted = [re.match(r"[A-Za-z0-9._-]+", line) for line in lines if line and not line.startswith("-")]
    locked = {name.lower() for name in pins(source.replace(".in", ".txt"))}
    assert [found[0] for found in wanted if found and found[0].lower() not in locked] == []


def test_the_package_names_what_the_lock_pins() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = {re.split(r"[\[~><=]", entry)[0].lower() for entry in project["dependencies"]}
    wanted = {line.split("#")[0].strip() for line in (ROOT / "requirements.in").read_text().splitlines()} - {""}
    assert named == {re.split(r"[\[~><=]", line)[0].lower() for line in wanted} - {"flit-core"}


def test_nothing_tracked_names_a_folder_of_some_machine() -> None:
    found = []
    for path in tracked():
        if path.suffix not in TEXT or path == Path(__file__):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if MACHINE_PATHS.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}")
    assert found == []


def test_no_secrets_or_data_are_tracked() -> None:
    suspicious = re.compile(r"(\.key|\.pem|\.p12|\.sqlite3?|\.pyc|passwords\.json|secret_key)$")
    assert [path.name for path in tracked() if suspicious.search(path.name)] == []


def test_files_that_a_stranger_looks_for_are_there() -> None:
    names = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "Makefile", ".ci/run")
    assert [name for name in names if not (ROOT / name).is_file()] == []


def test_every_setting_says_what_it_is_for() -> None:
    assert len({setting.name for setting in SETTINGS}) == len({setting.env for setting in SETTINGS}) == len(SETTINGS)
    assert [setting.name for setting in SETTINGS if len(setting.help.split()) < 3 or setting.help[-1] != "."] == []
    assert [setting.env for setting in SETTINGS if not setting.env.startswith("GOODWORD_")] == []


def test_every_listed_command_has_its_file() -> None:
    folder = ROOT / "src" / "goodword" / "commands"
    assert [command.name for command in COMMANDS if not (folder / f"{command.module}.py").is_file()] == []


def test_make_alone_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    told = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))
    assert targets == told


def test_every_setting_is_in_the_docs() -> None:
    told = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")
    assert [setting.env for setting in SETTINGS if f"| {setting.env} | " not in told] == []
