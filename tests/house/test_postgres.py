"""Does the embedded PostgreSQL start, survive, keep to itself and give each role what it should?"""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from goodword.house import system
from goodword.house.postgres import Cluster
from goodword.house.roles import APP, ENGINE, OPS, OWNER, administrator_script


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Cluster]:
    """A cluster of this test alone, with all the safety of a real one."""
    made = Cluster(tmp_path / "data folder")
    yield made
    made.stop()


def wait_gone(pid: int, seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        state = Path(f"/proc/{pid}/stat")
        if not state.exists() or state.read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


def test_what_was_committed_survives_kill_and_restart(own: Cluster) -> None:
    urls = own.start()
    with psycopg.connect(urls.owner) as connection:
        connection.execute("CREATE TABLE kept (n int)")
        connection.execute("INSERT INTO kept SELECT generate_series(1, 1000)")
    own.kill()
    assert not own.is_alive()
    again = own.start()
    assert again == urls
    with psycopg.connect(again.owner) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (1000,)


def test_a_stale_pid_file_of_a_stranger_does_not_keep_it_from_starting(own: Cluster) -> None:
    own.start()
    own.stop()
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    (own.folder.postgres / "postmaster.pid").write_text(f"{stranger.pid}\n{own.folder.postgres}\n0\n5432\n\n\n")
    own.start()
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_it_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from goodword.house.postgres import Cluster;"
        "c = Cluster(Path(sys.argv[1])); c.start(); print(c.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "data")], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    server_pid = int(parent.stdout.readline())
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    assert wait_gone(server_pid)
    after = Cluster(tmp_path / "data")
    after.start()
    after.stop()


def test_a_start_cut_short_leaves_nothing_half_made(own: Cluster) -> None:
    (own.folder.root / "postgres.part" / "base").mkdir(parents=True)
    own.start()
    assert not (own.folder.root / "postgres.part").exists()


def test_the_socket_is_private_and_nothing_listens_on_tcp(cluster: Cluster) -> None:
    assert stat.S_IMODE(cluster.socket.stat().st_mode) == 0o700
    assert stat.S_IMODE((cluster.folder.root / "passwords.json").stat().st_mode) == 0o600
    with cluster.superuser() as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
    inodes = {str(fd.readlink()) for fd in Path(f"/proc/{cluster.pid}/fd").iterdir()}
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            assert f"socket:[{line.split()[9]}]" not in inodes


def test_a_wrong_password_is_refused_even_on_the_socket(cluster: Cluster) -> None:
    url = cluster.url("postgres").replace(cluster.passwords()["postgres"], "guess")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url)


def test_a_long_path_gets_a_short_private_socket_folder(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["a-rather-long-folder-name"] * 5)
    made = Cluster(deep)
    try:
        urls = made.start()
        assert made.socket != made.folder.socket
        assert stat.S_IMODE(made.socket.stat().st_mode) == 0o700
        with psycopg.connect(urls.app) as connection:
            assert connection.execute("SELECT current_user").fetchone() == (APP,)
    finally:
        made.stop()
        for left in made.socket.iterdir():
            left.unlink()
        made.socket.rmdir()


def test_the_roles_have_the_rights_they_should(cluster: Cluster) -> None:
    with cluster.superuser() as connection:
        rows = connection.execute(
            "SELECT rolname, rolcanlogin, rolbypassrls, rolsuper, rolcreaterole, rolcreatedb FROM pg_roles"
            " WHERE rolname LIKE 'goodword_%' ORDER BY 1"
        ).fetchall()
    no_power = (False, False, False)
    assert rows == [
        (APP, True, False, *no_power),
        (ENGINE, True, True, *no_power),
        (OPS, False, True, *no_power),
        (OWNER, True, True, *no_power),
    ]


def test_the_app_makes_no_tables_and_enters_no_other_database(cluster: Cluster) -> None:
    urls = cluster.create_database("roles_test")
    try:
        with psycopg.connect(urls.app) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE mine (n int)")
    finally:
        cluster.drop_database("roles_test")


def test_checksums_encoding_and_order_are_set(cluster: Cluster) -> None:
    with cluster.superuser("goodword") as connection:
        assert connection.execute("SHOW data_checksums").fetchone() == ("on",)
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
        assert connection.execute("SELECT 'Z' < 'a', 'é' > 'z', lower('É')").fetchone() == (True, True, "é")


def test_the_administrators_script_runs_twice_and_equals_the_embedded_roles(own: Cluster) -> None:
    own.start()
    own.drop_database("goodword")
    with own.superuser() as connection:
        for role in (OWNER, ENGINE, APP, OPS):
            connection.execute(f"DROP OWNED BY {role}".encode())
            connection.execute(f"DROP ROLE {role}".encode())
    passwords = {role: f"pass'word-{role}" for role in (OWNER, ENGINE, APP)}
    psql = str(system.binaries(system.run_as()) / "psql")
    for _ in range(2):
        done = subprocess.run(
            [psql, own.url("postgres", "postgres"), "--no-psqlrc"],
            input=administrator_script(passwords), text=True, capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    for role, password in passwords.items():
        with psycopg.connect(
            user=role, password=password, host=str(own.socket), dbname="goodword"
        ) as connection:
            assert connection.execute("SELECT current_user").fetchone() == (role,)
