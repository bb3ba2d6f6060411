"""How does the schema come to be what this version needs? Django's migrations, run as the owner, aside."""

from __future__ import annotations

import os
import subprocess
import sys

from goodword.errors import DatabaseTrouble
from goodword.house.roles import Urls


def migrate(urls: Urls, target: str = "") -> None:
    """Bring a database to this version's schema. The owner's address goes to that process alone."""
    # Django knows one address a process; the owner's must not stay in one that answers people.
    env = {**os.environ, "GOODWORD_ENGINE_URL": urls.engine, "GOODWORD_DATABASE_URL": urls.owner}
    env.pop("GOODWORD_OWNER_URL", None)  # `manage` then takes the one address as it is given
    manage = [sys.executable, "-m", "goodword.cli", "manage"]
    command = [*manage, "migrate", "--no-input", "--skip-checks", "--verbosity", "0", *target.split()]
    done = subprocess.run(command, env=env, capture_output=True, check=False)
    if done.returncode != 0:
        told = (done.stderr + done.stdout).decode(errors="replace").strip()
        raise DatabaseTrouble(
            "The database could not be brought to this version.",
            "\n".join(told.splitlines()[-2:]),
            "Nothing was half done: each migration is one transaction. Repair what it names and start again.",
        )
