"""Is this folder a demo, of which world, and with which passwords? One file in it says so; no other folder is ever touched."""

from __future__ import annotations

import secrets
import shutil
from datetime import date
from difflib import SequenceMatcher
from pathlib import Path

import msgspec

from goodword.demo.world import SEED, World
from goodword.errors import AlreadyRunning, Unsafe
from goodword.house.folder import DataFolder, private_folder, write_private
from goodword.house.wish import MARKER as FILE

_MOST_ALIKE = 0.6  # Django's validator refuses from 0.7
_SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprt" for vowel in "aeio"]


class SignIn(msgspec.Struct):
    """Somebody of the house: who, in which role, for one client or for all."""

    name: str
    email: str
    role: str
    client: str | None
    password: str


class Installation(msgspec.Struct):
    """What the demo's own file holds: the world, so that an interrupted one goes on, and what opens it."""

    seed: int
    end_on: date
    scale: float
    sign_ins: list[SignIn]
    keys: dict[str, str] = {}  # client -> API key
    is_cleared: bool = False  # its brands were taken away, to begin with an empty house

    @property
    def world(self) -> World:
        """The world of this installation."""
        return World(self.seed, self.end_on, self.scale)

    def save(self, folder: DataFolder) -> None:
        """Write the file, for its owner's eyes only."""
        write_private(folder.root / FILE, msgspec.json.format(msgspec.json.encode(self), indent=1).decode() + "\n")


def open_installation(folder: DataFolder, *, today: date, scale: float = 1.0) -> Installation:
    """The demo that lies in the folder; in an empty or missing folder a new one. Anything else is somebody's own."""
    kept = folder.root / FILE
    if kept.exists():
        return msgspec.json.decode(kept.read_bytes(), type=Installation)
    if folder.root.exists() and any(folder.root.iterdir()):
        raise Unsafe(
            f"The folder {folder.root} holds something else than a demo.",
            f"There is no {FILE} in it, so it may be a real installation.",
            "Name an empty folder with --data, or serve that one with `goodword serve`.",
        )
    private_folder(folder.root)
    made = Installation(
        SEED,
        today,
        scale,
        [SignIn(name, email, role, client, _password(email)) for name, email, role, client in _HOUSE],
    )
    made.save(folder)
    return made


def remove(folder: DataFolder) -> None:
    """Take a demo away whole, to begin anew. What is no demo, or is running, stays."""
    if not folder.root.exists():
        return
    if folder.is_locked():
        raise AlreadyRunning(
            f"The demo in {folder.root} is running.",
            "It cannot be replaced under its own feet.",
            "Stop it first: Ctrl-C where it runs, or `goodword stop --data` and the folder.",
        )
    if not (folder.root / FILE).exists() and any(folder.root.iterdir()):
        raise Unsafe(f"The folder {folder.root} is no demo.", f"There is no {FILE} in it.", "Nothing was removed.")
    shutil.rmtree(folder.root)


def key_file(folder: DataFolder) -> Path:
    """The demo's own master key, beside its folder: a real installation on this machine must never begin with it."""
    return folder.root.with_name(f"{folder.root.name}.key")


_HOUSE = (
    ("Olga, administrator", "olga@goodword.example", "admin", None),
    ("Dan, agent", "dan@goodword.example", "agent", None),
    ("Lee, team lead", "lee@goodword.example", "lead", None),
    ("Carl, Acme's manager", "carl@acme.example", "manager", "acme"),
    ("Vera, Acme's own view", "vera@acme.example", "client_viewer", "acme"),
    ("Audra, auditor", "audra@goodword.example", "auditor", None),
    ("Ida, IT", "ida@goodword.example", "it", None),
    ("Dev, Acme's developer", "dev@acme.example", "developer", "acme"),
)


def _password(email: str) -> str:
    """Sayable, long enough that nobody guesses it, and unlike the address: sign-in refuses what looks like it."""
    while True:
        drawn = "-".join("".join(secrets.choice(_SYLLABLES) for _ in range(3)) for _ in range(3))
        if SequenceMatcher(a=drawn, b=email).quick_ratio() < _MOST_ALIKE:
            return drawn
