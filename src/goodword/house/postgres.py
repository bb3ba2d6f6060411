"""How does the embedded PostgreSQL start, answer and stop? One socket in a closed folder, no TCP, no leftovers."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psycopg

from goodword.errors import DatabaseTrouble, Unsafe
from goodword.house import processes, roles, system
from goodword.house.folder import DataFolder, private_folder, write_private
from goodword.house.roles import Urls

SUPERUSER = "postgres"
_SOCKET_NAME = ".s.PGSQL.5432"
_LONGEST_SOCKET_PATH = 107  # sun_path, less its closing zero
_START_SECONDS = 120.0
_LOG_KEPT_BYTES = 8 * 1024 * 1024

SERVER_SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",
    "min_wal_size": "256MB",
    "synchronous_commit": "on",
    "max_connections": "60",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    # A failing statement and the DETAIL of its error quote values, and values may be personal.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length_on_error": "0",
}


class Cluster:
    """One PostgreSQL in one data folder. The caller holds the folder's lock."""

    def __init__(self, folder: Path | DataFolder, options: Mapping[str, str] | None = None) -> None:
        self.folder = folder if isinstance(folder, DataFolder) else DataFolder(Path(folder))
        self.options = {**SERVER_SETTINGS, **(options or {})}
        self.socket = _socket_folder(self.folder)
        self._user: system.RunAs | None = None
        self._server: subprocess.Popen[bytes] | None = None

    # ---- start

    def start(self) -> Urls:
        """Make the cluster if there is none, start it, wait until it answers, see to roles and database."""
        private_folder(self.folder.root)
        private_folder(self.folder.log)
        self._user = system.run_as()
        self._user.give(self.socket)
        passwords = self.passwords()
        if not (self.folder.postgres / "PG_VERSION").exists():
            self._initialise(passwords[SUPERUSER])
        self._clear_leftover()
        self._launch()
        self._see_to_roles(passwords)
        return self.urls()

    def _initialise(self, password: str) -> None:
        """initdb into a folder aside, so that a start cut short leaves nothing half made."""
        user = self._required_user()
        part = self.folder.postgres.with_name("postgres.part")
        shutil.rmtree(part, ignore_errors=True)
        user.give(part)
        secret = self.socket / "initdb-password"
        write_private(secret, password + "\n")
        if user.pair:
            os.chown(secret, *user.pair)
        with _opened(user, part) as (data, data_fds), _opened(user, self.socket) as (place, place_fds):
            done = subprocess.run(
                [
                    str(system.binaries(user) / "initdb"), "-D", data, "-U", SUPERUSER, "--auth=scram-sha-256",
                    f"--pwfile={place}/{secret.name}", "--encoding=UTF8", "--locale-provider=builtin",
                    "--builtin-locale=C.UTF-8", "--locale=C", "--data-checksums", "--no-instructions",
                ],
                user=user.uid, group=user.gid, extra_groups=[] if user.pair else None,
                env=_bare_env(), pass_fds=(*data_fds, *place_fds), cwd="/", capture_output=True, check=False,
            )  # fmt: skip
        secret.unlink(missing_ok=True)
        if done.returncode != 0:
            raise DatabaseTrouble(
                f"The database could not be created in {self.folder.postgres}.",
                done.stderr.decode(errors="replace").strip(),
                "Free the disk or name another folder with --data, then start again.",
            )
        (part / "pg_hba.conf").write_text("local all all scram-sha-256\n", encoding="ascii")
        part.rename(self.folder.postgres)

    def _launch(self) -> None:
        """Start the server; a predecessor's last processes may need a moment to let go of shared memory."""
        user = self._required_user()
        program = str(system.binaries(user) / "postgres")
        deadline = time.monotonic() + _START_SECONDS
        while True:
            with (
                _opened(user, self.folder.postgres) as (data, data_fds),
                _opened(user, self.socket) as (place, place_fds),
                self._log_file() as log,
            ):
                quoted = '"' + place.replace('"', '""') + '"'
                settings = {**self.options, "unix_socket_directories": quoted}
                argv = [program, "-D", data]
                for name, value in settings.items():
                    argv += ["-c", f"{name}={value}"]
                self._server = processes.spawn(
                    argv, death_signal=signal.SIGINT, env=_bare_env(), user=user.pair, output=log,
                    pass_fds=(*data_fds, *place_fds), cwd="/",
                )  # fmt: skip
            if self._wait_until_ready(deadline):
                return
            told = self._log_tail()
            if "is still in use" not in told or time.monotonic() > deadline:
                raise DatabaseTrouble(
                    "The embedded PostgreSQL does not start.", told, f"Its log is {self.folder.log / 'postgres.log'}."
                )
            time.sleep(0.2)

    def _wait_until_ready(self, deadline: float) -> bool:
        """True once it answers; False if it ended. A long recovery after a crash is waited for."""
        server = self._server
        assert server is not None
        while server.poll() is None:
            with contextlib.suppress(psycopg.OperationalError), self.superuser(connect_timeout=5):
                return True
            if time.monotonic() > deadline and "recovery" not in self._log_tail():
                self.stop()
                return False
            time.sleep(0.02)
        return False

    def _clear_leftover(self) -> None:
        """End a server that a killed predecessor left on this folder; forget a pid that belongs to nobody of ours."""
        pid_file = self.folder.postgres / "postmaster.pid"
        deadline = time.monotonic() + 30
        while (pid := _first_number(pid_file)) and _is_postgres_of(pid, self.folder.postgres):
            # It was sent SIGINT when its parent died; past the first seconds it is asked again, more firmly.
            late = time.monotonic() > deadline - 25
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGQUIT if late else signal.SIGINT)
            if time.monotonic() > deadline:
                raise DatabaseTrouble(
                    f"A PostgreSQL (process {pid}) still runs on {self.folder.postgres}.",
                    "It was left by an earlier start and does not end.",
                    f"End it with `kill -QUIT {pid}` and start again.",
                )
            time.sleep(0.1)
        pid_file.unlink(missing_ok=True)

    def _see_to_roles(self, passwords: Mapping[str, str]) -> None:
        with self.superuser() as connection:
            for statement in roles.role_sql(passwords):
                connection.execute(statement.encode())
        self.create_database(roles.DATABASE)

    # ---- what it offers

    def passwords(self) -> dict[str, str]:
        """The generated passwords of the superuser and of the roles that log in."""
        kept = self.folder.root / "passwords.json"
        try:
            known: dict[str, str] = json.loads(kept.read_text(encoding="ascii"))
        except FileNotFoundError:
            known = {name: secrets.token_urlsafe(24) for name in (SUPERUSER, *roles.LOGINS)}
            write_private(kept, json.dumps(known, indent=1) + "\n")
        return known

    def url(self, role: str, database: str = roles.DATABASE) -> str:
        """The address of a database as one role."""
        password = quote(self.passwords()[role], safe="")
        return f"postgresql://{role}:{password}@/{quote(database, safe='')}?host={quote(str(self.socket), safe='/')}"

    def urls(self, database: str = roles.DATABASE) -> Urls:
        """One database as owner, engine and app."""
        return Urls(*(self.url(role, database) for role in roles.LOGINS))

    def superuser(self, database: str = "postgres", connect_timeout: int = 30) -> psycopg.Connection:
        """A connection that may do anything, each statement its own transaction; for set-up and tests."""
        return psycopg.connect(self.url(SUPERUSER, database), autocommit=True, connect_timeout=connect_timeout)

    def create_database(self, name: str, template: str = "template0") -> Urls:
        """Make a database owned by goodword_owner, unless it is there; a migrated template makes it in a moment."""
        with self.superuser() as connection:
            found = connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone()
            if found is None:
                connection.execute(roles.create_database_sql(name, template).encode())
                for statement in roles.connect_sql(name):
                    connection.execute(statement.encode())
        if found is None and template == "template0":
            with self.superuser(name) as connection:
                for statement in roles.schema_sql():
                    connection.execute(statement.encode())
        return self.urls(name)

    def drop_database(self, name: str) -> None:
        """Remove a database and whoever is connected to it."""
        with self.superuser() as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {roles.identifier(name)} WITH (FORCE)".encode())

    @property
    def pid(self) -> int | None:
        """The postmaster's process, while it runs."""
        return self._server.pid if self.is_alive() and self._server else None

    def is_alive(self) -> bool:
        """Has the server process neither ended nor been stopped?"""
        return self._server is not None and self._server.poll() is None

    def stop(self) -> None:
        """End all connections and shut down cleanly; a server that hangs is ended all the same, its log replays."""
        if self._server is not None:
            processes.stop(self._server, [(signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0)])
            self._server = None

    def kill(self) -> None:
        """What a power cut does."""
        if self._server is not None:
            self._server.kill()
            self._server.wait()
            self._server = None

    # ---- details

    def _required_user(self) -> system.RunAs:
        assert self._user is not None, "start() comes first"
        return self._user

    def _log_file(self) -> IO[bytes]:
        path = self.folder.log / "postgres.log"
        if path.exists() and path.stat().st_size > _LOG_KEPT_BYTES:
            path.replace(path.with_suffix(".log.1"))
        return path.open("ab")

    def _log_tail(self) -> str:
        lines = (self.folder.log / "postgres.log").read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-5:])


def _bare_env() -> dict[str, str]:
    """Nothing of ours: no PG* variable may redirect the server, no secret may show in its environment."""
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


@contextlib.contextmanager
def _opened(user: system.RunAs, folder: Path) -> Iterator[tuple[str, tuple[int, ...]]]:
    """A path by which that user reaches the folder, and the descriptors to pass along.

    Another user than ours may not be able to walk there (a home, a private temporary folder). The open folder itself is
    handed over then, so that no parent has to be opened to everybody.
    """
    if user.pair is None:
        yield str(folder), ()
        return
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{fd}", (fd,)
    finally:
        os.close(fd)


def _socket_folder(folder: DataFolder) -> Path:
    """socket/ in the data folder; a short private folder where that path is too long, or cannot stand in a list."""
    wanted = folder.socket
    if len(os.fsencode(wanted / _SOCKET_NAME)) <= _LONGEST_SOCKET_PATH and "," not in str(wanted):
        return wanted
    name = hashlib.sha256(os.fsencode(wanted)).hexdigest()[:16]
    short = Path(tempfile.gettempdir()) / f"goodword-{os.geteuid()}-{name}"
    if len(os.fsencode(short / _SOCKET_NAME)) > _LONGEST_SOCKET_PATH:
        short = Path("/tmp") / short.name  # its owner and mode are checked below
    with contextlib.suppress(FileExistsError):
        short.mkdir(mode=0o700)
    found = short.lstat()
    user = system.run_as()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), user.uid} or found.st_mode & 0o077:
        raise Unsafe(
            f"The socket folder {short} belongs to somebody else.",
            "Whoever made it could stand between Goodword and its database.",
            "Remove it, or choose a data folder with a shorter path.",
        )
    return short


def _first_number(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii", errors="replace").split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def _is_postgres_of(pid: int, data: Path) -> bool:
    """Is this process a postgres that works in this folder? A pid alone may have passed to a stranger."""
    process = Path("/proc") / str(pid)
    if not process.parent.joinpath("self").exists():  # no such table on this system: PostgreSQL's own check remains
        return False
    try:
        return "postgres" in (process / "comm").read_text() and (process / "cwd").resolve() == data.resolve()
    except OSError:
        return False
