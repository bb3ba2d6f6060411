"""Does the command line load only what is asked for, and tell refusals in three parts?"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from goodword import cli
from goodword.house.roles import LOGINS


def typed(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "goodword.cli", *arguments], capture_output=True, text=True, check=False, env=env or None
    )


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == cli.EXIT_REFUSED
    told = capsys.readouterr().out
    assert [command.name for command in cli.COMMANDS if f"  {command.name} " not in told] == []


def test_an_unknown_command_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--data", "status", "sreve"])
    assert ended.value.code == 2
    assert "no command is called 'sreve'" in capsys.readouterr().err


def test_a_noun_without_its_verb_shows_the_verbs(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["db"]) == cli.EXIT_REFUSED
    assert "roles" in capsys.readouterr().out


def test_status_of_an_empty_folder(tmp_path: Path) -> None:
    done = typed("status", "--data", str(tmp_path / "none"))
    assert (done.returncode, done.stderr) == (3, "")
    assert done.stdout == f"Nothing runs on {tmp_path / 'none'}.\n"


def test_options_may_stand_before_or_after_the_command(tmp_path: Path) -> None:
    before = typed("--json", "--data", str(tmp_path), "status")
    after = typed("status", "--json", "--data", str(tmp_path))
    assert json.loads(before.stdout)["is_running"] is json.loads(after.stdout)["is_running"] is False


def test_a_refusal_is_three_parts_and_json_for_scripts(tmp_path: Path) -> None:
    told = typed("stop", "--data", str(tmp_path))
    assert told.returncode == cli.EXIT_REFUSED
    assert len(told.stderr.splitlines()) == 3
    data = json.loads(typed("stop", "--json", "--data", str(tmp_path)).stderr)
    assert data["error"] == "not_running"
    assert all(data[part] for part in ("what", "why", "repair"))


def test_db_roles_prints_new_passwords_each_time() -> None:
    first, second = (json.loads(typed("db", "roles", "--json").stdout) for _ in range(2))
    assert first["env"] != second["env"]
    assert [role for role in LOGINS if f"ALTER ROLE {role} WITH LOGIN NOSUPERUSER" not in first["sql"]] == []
    assert "\\gexec" in first["sql"]


def test_light_commands_import_no_framework() -> None:
    code = (
        "import sys; from goodword import cli; cli.main(['db', 'roles']);"
        "heavy = {'django', 'psycopg', 'granian', 'cryptography'} & set(sys.modules); print(heavy, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "set()\n"
