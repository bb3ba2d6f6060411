"""Which command was typed, and what does it answer? Each lies in a file of its own and is loaded when asked for."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import NamedTuple

from goodword import __version__
from goodword.errors import GoodwordError


class Command(NamedTuple):
    """A name to type, the module in `commands` that knows it, and a line for the list."""

    name: str
    module: str
    help: str


COMMANDS: tuple[Command, ...] = (
    Command("demo", "demo", "a seeded demo world, served: the first thing to try"),
    Command("serve", "serve", "serve this installation: database, front door, worker"),
    Command("work", "work", "the chain's worker alone, for a database that others serve"),
    Command("status", "status", "what runs on the data folder, and how it is"),
    Command("stop", "stop", "end the instance that serves the data folder"),
    Command("check", "check", "what would leak or break"),
    Command("client", "client", "the brands that this installation serves"),
    Command("user", "user", "people who may sign in"),
    Command("key", "key", "keys for the front door"),
    Command("program", "program", "programs as YAML documents"),
    Command("import", "imports", "events, people and codes from files"),
    Command("export", "export", "what stands in the database, as files"),
    Command("decide", "decide", "the pure core on files: no server, no database"),
    Command("referral", "referral", "review what screening holds, let a referral lapse later"),
    Command("reward", "reward", "say what became of payable rewards"),
    Command("replay", "replay", "recompute stored decisions and compare"),
    Command("backtest", "backtest", "what a draft would have decided on what really happened"),
    Command("ledger", "ledger", "verify, balances, journal"),
    Command("proof", "proof", "export and verify the proof log"),
    Command("erase", "erase", "forget a person, keep what the law keeps"),
    Command("backup", "backup", "one sealed file of everything but the master key"),
    Command("restore", "restore", "bring a backup back into an empty data folder"),
    Command("rotate-keys", "rotate_keys", "new keys that wrap the old ones, while everything goes on"),
    Command("schema", "schema", "JSON Schema of the documents"),
    Command("db", "db", "set-up of an external PostgreSQL"),
    Command("manage", "manage", "Django's own commands"),
)
EXIT_REFUSED = 2
EXIT_INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; a refusal is told in three parts on stderr and answers 2."""
    typed = list(sys.argv[1:] if argv is None else argv)
    parser = _parser(typed)
    args = parser.parse_args(typed)
    if getattr(args, "data", None):
        os.environ["GOODWORD_DATA"] = args.data
    run: Callable[[argparse.Namespace], int | None] | None = getattr(args, "run", None)
    if run is None:
        _innermost(parser, typed).print_help()
        return EXIT_REFUSED
    try:
        return run(args) or 0
    except GoodwordError as refusal:
        as_json = getattr(args, "json", False)
        print(json.dumps(refusal.as_data(), ensure_ascii=False) if as_json else _told(refusal), file=sys.stderr)
        return EXIT_REFUSED
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:  # the reader of our output, such as `head`, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser(typed: list[str]) -> argparse.ArgumentParser:
    """A parser that knows the typed command in full and the others by name."""
    parser = argparse.ArgumentParser(
        prog="goodword",
        description="Referral programs that explain themselves.",
        epilog="commands:\n" + "\n".join(f"  {command.name:<12}{command.help}" for command in COMMANDS),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"goodword {__version__}")
    _add_shared(parser)
    subparsers = parser.add_subparsers(metavar="COMMAND", help=argparse.SUPPRESS)
    word = _first_word(typed)
    command = next((command for command in COMMANDS if command.name == word), None)
    if command is not None:
        importlib.import_module(f"goodword.commands.{command.module}").register(subparsers)
        for leaf in _leaves(subparsers):
            _add_shared(leaf)
    elif word:
        parser.error(f"no command is called {word!r}; `goodword --help` lists them")
    return parser


def _first_word(typed: Sequence[str]) -> str:
    words = iter(typed)
    for word in words:
        if word == "--data":
            next(words, None)
        elif not word.startswith("-"):
            return word
    return ""


def _leaves(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> list[argparse.ArgumentParser]:
    """The parsers that end a command: `ledger verify`, not `ledger`."""
    leaves = []
    for parser in subparsers.choices.values():
        deeper = _deeper(parser)
        leaves += _leaves(deeper) if deeper else [parser]
    return leaves


def _deeper(parser: argparse.ArgumentParser) -> argparse._SubParsersAction[argparse.ArgumentParser] | None:
    return next((found for found in parser._actions if isinstance(found, argparse._SubParsersAction)), None)


def _add_shared(parser: argparse.ArgumentParser) -> None:
    """The options that every command takes, before or after its name."""
    known = {option for action in parser._actions for option in action.option_strings}
    if "--data" not in known:
        parser.add_argument("--data", metavar="DIR", default=argparse.SUPPRESS, help="the data folder (GOODWORD_DATA)")
    if "--json" not in known:
        parser.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="answer for scripts")


def _innermost(parser: argparse.ArgumentParser, typed: Sequence[str]) -> argparse.ArgumentParser:
    """The parser whose sub-command is missing: help is most useful there."""
    deeper = _deeper(parser)
    if deeper is None:
        return parser
    return next((_innermost(found, typed) for name, found in deeper.choices.items() if name in typed), parser)


def _told(refusal: GoodwordError) -> str:
    return f"goodword: {refusal}"


if __name__ == "__main__":
    sys.exit(main())
