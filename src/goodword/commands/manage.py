"""How are Django's own commands reached? `goodword manage migrate`, `manage shell` and so on."""

from __future__ import annotations

import argparse
import os
from typing import Any

from goodword import settings
from goodword.commands import door

_OF_THE_OWNER = {"migrate", "makemigrations", "showmigrations", "sqlmigrate"}


def register(subparsers: Any) -> None:
    """manage ARGUMENT ..."""
    parser = subparsers.add_parser("manage", help="Django's own commands")
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Use the address given in the environment, else the data folder's database as it is."""
    if settings.text("database_url") and not settings.text("owner_url"):
        _execute(args.arguments)
        return 0
    with door.opened(as_it_is=True) as urls:
        if args.arguments[:1] and args.arguments[0] in _OF_THE_OWNER:
            os.environ["GOODWORD_DATABASE_URL"] = urls.owner
        _execute(args.arguments)
    return 0


def _execute(arguments: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goodword.settings")
    # A command such as migrate needs no sessions; it must run before the folder has a key.
    os.environ.setdefault("GOODWORD_SECRET_KEY", settings.SECRET_KEY or "unused-by-management-commands")
    from django.core.management import execute_from_command_line

    execute_from_command_line(["goodword manage", *arguments])
