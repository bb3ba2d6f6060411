"""What does the desk of a demo ask of the process that serves it? One word in a file, taken away when it is done.

Only `goodword demo` reads the file, and only its folder holds the marker: an installation with real data is never asked
to throw anything away, whatever its settings say.
"""

from __future__ import annotations

from typing import Literal

from goodword import settings
from goodword.house.folder import DataFolder, write_private

MARKER = "demo.json"
Wish = Literal["clear", "fill"]
WISHES: tuple[Wish, ...] = ("clear", "fill")
_FILE = "demo.wish"


def is_demo(folder: DataFolder) -> bool:
    """Whether this process was started by `goodword demo` and works on a demo's folder."""
    return settings.switch("demo") and (folder.root / MARKER).is_file()


def ask(folder: DataFolder, wish: Wish) -> None:
    """Leave the word for the process that serves the demo."""
    write_private(folder.run / _FILE, f"{wish}\n")


def asked(folder: DataFolder) -> Wish | None:
    """The wish that is open."""
    try:
        said = (folder.run / _FILE).read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return None
    return next((known for known in WISHES if known == said), None)


def done(folder: DataFolder) -> None:
    """The wish is fulfilled, or cannot be."""
    (folder.run / _FILE).unlink(missing_ok=True)
