"""Who may sign in? `user add` gives a role and a link that lets in once, `user forget-second-factor` helps whoever lost theirs."""

from __future__ import annotations

import argparse
from typing import Any

from goodword import settings
from goodword.actions.permissions import GIVEN, ROLES, as_markdown
from goodword.commands import door
from goodword.commands.chain import is_json, now_utc, verbs
from goodword.commands.written import as_json
from goodword.house.roles import Urls


def register(subparsers: Any) -> None:
    """user add EMAIL --role ROLE [--client SLUG]   user forget-second-factor EMAIL   user roles"""
    actions = verbs(subparsers, "user", "people who may sign in")
    added = actions.add_parser("add", help="a person with a role; prints a one-time link")
    added.add_argument("email", metavar="EMAIL")
    added.add_argument("--role", required=True, help=", ".join(GIVEN))
    added.add_argument("--client", metavar="SLUG", help="for this client only (default: for all)")
    added.set_defaults(run=run_add)
    lost = actions.add_parser("forget-second-factor", help="for whoever lost telephone and recovery codes")
    lost.add_argument("email", metavar="EMAIL")
    lost.set_defaults(run=run_forget)
    roles = actions.add_parser("roles", help="what each role may do")
    roles.set_defaults(run=run_roles)


def run_add(args: argparse.Namespace) -> int:
    """Invite."""
    with door.opened(django=True) as urls:
        from goodword.actions.sign_in import LINK_HOURS, invite

        path = invite(args.email, args.role, args.client, now_utc(), owner_url=urls.owner)
    link = settings.public_url() + path
    if is_json(args):
        print(as_json({"link": link}))
    else:
        print(link)
        print(f"The link works once and for {LINK_HOURS} hours; send it to nobody else.")
    return 0


def run_forget(args: argparse.Namespace) -> int:
    """The password alone opens the account again, until a new second factor is set up; the log of acts keeps it."""
    with door.opened(django=True):
        from goodword.actions.second_factor import forget_by_email

        count = forget_by_email(args.email, now_utc())
    if is_json(args):
        print(as_json({"forgotten": count}))
    else:
        print(f"{count} second factors and recovery codes were taken away. The password opens the account now.")
    return 0


def run_roles(args: argparse.Namespace) -> int:
    """The one table of permissions."""
    print(as_json({role: sorted(ROLES[role]) for role in ROLES}) if is_json(args) else as_markdown())
    return 0


def invite_first(urls: Urls) -> None:
    """At the start of an installation where nobody may sign in yet: print the administrator's link, this once."""
    door.set_up_django()
    from goodword.actions.first_start import ADMINISTRATOR, invite_administrator

    path = invite_administrator(urls.owner, now_utc())
    if path is not None:
        print(f"Nobody may sign in yet. The first administrator ({ADMINISTRATOR}) comes in once, within a day, by:")
        print(f"  {settings.public_url()}{path}", flush=True)
