"""How does a command get hold of the chain? The database behind the door, the engine's connection, the vault, one client by name."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from goodword.actions.opening import Chain, open_chain
from goodword.commands import door
from goodword.commands.master_key import master_key
from goodword.house.roles import Urls

_BAR_WIDTH = 30


@contextmanager
def opened_chain(role: str) -> Iterator[tuple[Chain, Urls]]:
    """The chain of this installation for as long as a command works."""
    with door.opened() as urls, open_chain(urls.engine, master_key(urls), role) as chain:
        yield chain, urls


def add_client_option(parser: argparse.ArgumentParser) -> None:
    """--client SLUG, which most commands need."""
    parser.add_argument("--client", required=True, metavar="SLUG", help="the client, by its short name")


def now_utc() -> datetime:
    """The clock of commands."""
    return datetime.now(UTC)


def shown(moment: datetime | None) -> str:
    """A moment for people; a dash where there is none."""
    return "-" if moment is None else f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z"


class Bar:
    """A line that fills while something is done; silent where nobody looks."""

    def __init__(self) -> None:
        self._is_seen = sys.stderr.isatty()
        self._shown = ""

    def __call__(self, what: str, part: float) -> None:
        """Say how far it is."""
        if not self._is_seen:
            return
        filled = round(part * _BAR_WIDTH)
        line = f"{what:<9} [{'#' * filled}{'.' * (_BAR_WIDTH - filled)}] {part:4.0%}"
        if line != self._shown:
            self._shown = line
            print(f"\r{line}", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Leave the line."""
        if self._shown:
            print(file=sys.stderr)


def is_json(args: argparse.Namespace) -> bool:
    """Whether a script asks."""
    return bool(getattr(args, "json", False))


def verbs(subparsers: Any, noun: str, help_: str) -> Any:
    """The sub-commands of a noun."""
    return subparsers.add_parser(noun, help=help_).add_subparsers(metavar="VERB")
