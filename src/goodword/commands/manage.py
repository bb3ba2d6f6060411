"""How are Django's own commands reached? `goodword manage migrate`, `manage shell` and so on."""

from __future__ import annotations

import argparse
import os
from typing import Any

from goodword import settings
from goodword.commands import door


def register(subparsers: Any) -> None:
    """manage ARGUMENT ..."""
    parser = subparsers.add_parser("manage", help="Django's own commands")
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Use the address given in the environment, else the data folder's database."""
    if settings.text("database_url"):
        _execute(args.arguments)
    else:
        with door.opened():
            _execute(args.arguments)
    return 0


def _execute(arguments: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goodword.settings")
    # A command such as migrate needs no sessions; it must run before the folder has a key.
    os.environ.setdefault("GOODWORD_SECRET_KEY", settings.SECRET_KEY or "unused-by-management-commands")
    from django.core.management import execute_from_command_line

    execute_from_command_line(["goodword manage", *arguments])
