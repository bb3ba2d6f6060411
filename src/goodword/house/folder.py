"""Which folder holds the data, is it fit to, and who serves it now?"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from goodword import settings
from goodword.errors import AlreadyRunning, NotRunning, Unsafe

MOUNTS = Path("/proc/mounts")
# A database on any of these may lose what it promised to keep: locks and fsync are not what they are on a disk.
_NETWORK_KINDS = frozenset(
    "nfs nfs4 cifs smbfs smb3 9p ceph glusterfs lustre afs gfs2 ocfs2 beegfs davfs ncpfs vboxsf prl_fs".split()
)
_NETWORK_FUSE = re.compile(r"fuse\.(sshfs|s3fs|glusterfs|rclone|davfs2?|gcsfuse|cephfs|curlftpfs|smbnetfs|goofys)")


@dataclass
class DataFolder:
    """The layout of a data folder. Making one touches nothing; `prepare` does."""

    root: Path
    _lock_fd: int | None = field(default=None, repr=False)

    @classmethod
    def from_settings(cls, data: str | None = None) -> DataFolder:
        """The folder named on the command line, else by GOODWORD_DATA, else the default."""
        return cls(Path(data).expanduser().absolute() if data else settings.path("data"))

    @property
    def postgres(self) -> Path:
        return self.root / "postgres"

    @property
    def socket(self) -> Path:
        return self.root / "socket"

    @property
    def run(self) -> Path:
        return self.root / "run"

    @property
    def log(self) -> Path:
        return self.root / "log"

    @property
    def serve_file(self) -> Path:
        return self.run / "serve.json"

    def prepare(self, mounts: Path = MOUNTS) -> None:
        """Make what is missing, for this user's eyes only; refuse a place that cannot keep a database safe."""
        refuse_network_drive(self.root, mounts)
        try:
            for folder in (self.root, self.run, self.log):
                private_folder(folder)
        except OSError as error:
            raise Unsafe(
                f"The data folder {self.root} cannot be used.",
                f"{error.filename}: {error.strerror}.",
                "Name a folder of your own with --data or GOODWORD_DATA.",
            ) from None

    def lock(self) -> None:
        """Take the folder for this process, or say who has it. The lock ends with the process, however it ends."""
        fd = os.open(self.run / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            # lockf, not flock: a forked child would inherit an flock and keep the folder taken after us.
            fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(fd)
            running = self.running_state()
            where = running.get("address") or f"process {running.get('pid', 'unknown')}"
            raise AlreadyRunning(
                f"Goodword is already running at {where}.",
                f"One installation serves the data folder {self.root}, and it is in use.",
                "Use the running one, stop it with `goodword stop`, or name another folder with --data.",
            ) from None
        self._lock_fd = fd

    def unlock(self) -> None:
        """Give the folder back."""
        if self._lock_fd is not None:
            os.close(self._lock_fd)
            self._lock_fd = None

    def is_locked(self) -> bool:
        """Does another process serve this folder?"""
        try:
            fd = os.open(self.run / "lock", os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
        finally:
            os.close(fd)
        return False

    def write_state(self, state: dict[str, Any]) -> None:
        """What `status`, `stop` and a second `serve` read."""
        write_private(self.serve_file, json.dumps(state, indent=1) + "\n")

    def running_state(self) -> dict[str, Any]:
        """The last written state; empty when there is none."""
        try:
            state = json.loads(self.serve_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return state if isinstance(state, dict) else {}

    def require_running(self) -> dict[str, Any]:
        """The state of the instance that serves this folder now."""
        if not self.is_locked():
            raise NotRunning(
                f"No Goodword is running on {self.root}.",
                "Nobody holds the folder's lock.",
                "Start one with `goodword serve`, or name its folder with --data.",
            )
        return self.running_state()

    def secret_key(self) -> str:
        """What signs sessions and forms; made at the first start."""
        kept = self.root / "secret_key"
        if not kept.exists():
            write_private(kept, secrets.token_urlsafe(48) + "\n")
        return kept.read_text(encoding="ascii").strip()

    def free_bytes(self) -> int:
        """Room left on the disk that holds the folder."""
        return shutil.disk_usage(self.root).free


def private_folder(folder: Path) -> None:
    """Make a folder that only its owner can open; an existing one is closed to others."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o077:
        folder.chmod(0o700)


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step, readable by its owner only; a reader sees the old or the new, never half."""
    part = path.with_name(path.name + ".part")
    fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def refuse_network_drive(path: Path, mounts: Path = MOUNTS) -> None:
    """A database needs a disk of its own machine."""
    kind, point = mount_of(path, mounts)
    if kind in _NETWORK_KINDS or _NETWORK_FUSE.match(kind):
        raise Unsafe(
            f"The data folder {path} lies on a network drive ({kind} at {point}).",
            "Locks and flushed writes are not dependable there; a database could lose acknowledged events.",
            "Choose a folder on a local disk with --data or GOODWORD_DATA.",
        )


def mount_of(path: Path, mounts: Path = MOUNTS) -> tuple[str, str]:
    """The kind and mount point of the file system that holds a path, or would; ("", "") where no table tells."""
    try:
        table = mounts.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "", ""
    real = os.path.realpath(path)
    best = ("", "")
    for line in table.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), fields[1])
        inside = real == point or real.startswith(point.rstrip("/") + "/")
        # Of two mounts on one point the later covers the earlier.
        if inside and len(point) >= len(best[1]):
            best = (fields[2], point)
    return best
