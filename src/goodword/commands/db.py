"""How does an administrator prepare an external PostgreSQL? `db roles` prints the SQL and the three addresses."""

from __future__ import annotations

import argparse
import json
import secrets
from typing import Any

from goodword.house import roles


def register(subparsers: Any) -> None:
    """db roles"""
    parser = subparsers.add_parser("db", help="set-up of an external PostgreSQL")
    actions = parser.add_subparsers(metavar="ACTION")
    printed = actions.add_parser("roles", help="print the SQL that creates roles and database, with new passwords")
    printed.add_argument("--server", default="HOST:5432", help="host and port to write into the addresses")
    printed.add_argument("--database", default=roles.DATABASE, help="the database's name")
    printed.set_defaults(run=run_roles)


def run_roles(args: argparse.Namespace) -> int:
    """Print a script for psql; nothing is connected to and nothing is kept here."""
    passwords = {role: secrets.token_urlsafe(24) for role in roles.LOGINS}
    script = roles.administrator_script(passwords, args.database)
    place = f"{args.server}/{args.database}"
    urls = roles.Urls(*(f"postgresql://{role}:{passwords[role]}@{place}" for role in roles.LOGINS))
    if getattr(args, "json", False):
        print(json.dumps({"sql": script, "env": urls.as_env()}, indent=1))
        return 0
    print(script)
    print("-- Then set for Goodword (keep these as secrets; running this command again makes new passwords):")
    for variable, url in urls.as_env().items():
        print(f"--   {variable}={url}")
    return 0
