"""Actions are tested as they are typed, on the same world and database as the commands."""

from __future__ import annotations

from tests.commands.conftest import goodword, installation, world

__all__ = ["goodword", "installation", "world"]
