"""What does Goodword look like with life in it? `demo`: an installation of its own, a world that flows in, sign-ins to look around."""

from __future__ import annotations

import argparse
import http.client
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from goodword import settings
from goodword.actions.opening import open_chain
from goodword.commands import door
from goodword.commands.master_key import master_key
from goodword.commands.serve import serve
from goodword.demo.clearing import clear
from goodword.demo.flow import flow_in
from goodword.demo.installation import Installation, key_file, open_installation, remove
from goodword.demo.opening import let_in, set_up
from goodword.errors import BadInput, GoodwordError
from goodword.house import wish
from goodword.house.folder import DataFolder
from goodword.house.roles import Urls
from goodword.store.sql.keyring import open_keyring

DATA = "~/.local/share/goodword-demo"
PORT = "8080"
_DATABASES = ("GOODWORD_DATABASE_URL", "GOODWORD_ENGINE_URL", "GOODWORD_OWNER_URL")
_TRIES = 5
_WISH_SECONDS = 0.3


def register(subparsers: Any) -> None:
    """demo [--port NUMBER] [--fresh] [--scale PART]"""
    parser = subparsers.add_parser("demo", help="a seeded demo world, served: the first thing to try")
    parser.add_argument("--port", help=f"the port to listen on (GOODWORD_PORT, PORT, else {PORT})")
    parser.add_argument("--fresh", action="store_true", help="throw the demo away and begin anew, ending today")
    parser.add_argument(
        "--scale", type=float, default=1.0, metavar="PART", help="a smaller world: 0.1 is a tenth of the people"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Serve the demo until Ctrl-C."""
    if not 0.02 <= args.scale <= 3:
        raise BadInput("--scale takes a part between 0.02 and 3.", "", "Leave it out for the whole world.")
    if any(os.environ.get(name) for name in _DATABASES):
        raise BadInput(
            "The demo keeps to a database of its own.",
            f"{' or '.join(_DATABASES)} is set and names another one.",
            "Unset them for this command.",
        )
    folder = _environment(args.port)
    if args.fresh:
        remove(folder)
    made = open_installation(folder, today=datetime.now(UTC).date(), scale=args.scale)
    # Made before `serve` would: a demo's key needs no copy kept, so there is no notice to frighten anybody with.
    open_keyring(settings.path("key_file"), folder.root, create=not folder.postgres.exists())
    demo = Demo(folder, made)
    serve(prepare=demo.prepare, ready=demo.ready, folder=folder)
    print("Stopped.", flush=True)
    return 0


class Demo:
    """One start of a demo."""

    def __init__(self, folder: DataFolder, made: Installation) -> None:
        self.folder = folder
        self.made = made
        self.brands = made.world.brands()

    def prepare(self, urls: Urls) -> None:
        """Before anything listens: clients, keys, programs, known people, people of the house."""
        wish.done(self.folder)  # of a start that was ended before it came to it
        if not self.made.is_cleared:
            self._set_up(urls)
        door.set_up_django()
        self._let_in(urls)

    def _set_up(self, urls: Urls) -> None:
        with open_chain(urls.engine, master_key(urls), "demo") as chain:
            for brand in self.brands:
                set_up(chain, self.made, brand, self.folder)

    def _let_in(self, urls: Urls) -> None:
        for person in self.made.sign_ins:
            let_in(urls.owner, person, datetime.now(UTC))

    def ready(self, urls: Urls, address: str) -> None:
        """Once the address answers: say where and how, let the world flow in, then do what the desk asks.

        Runs beside the watching.
        """
        print(self._welcome(address), flush=True)
        if not self.made.is_cleared:
            self._let_flow(urls, address)
        while not self._is_stopping():
            if (asked := wish.asked(self.folder)) is not None:
                self._fulfil(asked, urls, address)
            time.sleep(_WISH_SECONDS)

    def _fulfil(self, asked: wish.Wish, urls: Urls, address: str) -> None:
        """Clear the demo, or fill it again; what cannot be done now is said here, and the desk sees that nothing changed."""
        try:
            if asked == "clear" and not self.made.is_cleared:
                with open_chain(urls.engine, master_key(urls), "demo") as chain:
                    clear(chain, urls.owner, self.made, self.folder)
                print("The demo's brands are gone, as somebody at the desk asked.", flush=True)
            elif asked == "fill" and self.made.is_cleared:
                self.made.is_cleared = False
                self.made.save(self.folder)
                self._set_up(urls)
                self._let_in(urls)
        except (psycopg.Error, OSError, GoodwordError) as trouble:
            print(f"What the desk asked for could not be done.\n{trouble}", file=sys.stderr, flush=True)
        wish.done(self.folder)
        if asked == "fill" and not self.made.is_cleared:
            self._let_flow(urls, address)

    def _let_flow(self, urls: Urls, address: str) -> None:
        for attempt in range(_TRIES):
            try:
                self._fill(urls, address)
                return
            except (psycopg.Error, OSError, http.client.HTTPException) as trouble:
                if self._is_stopping():
                    return
                print(f"The world waits for the database ({type(trouble).__name__}).", flush=True)
                time.sleep(attempt + 1)
            except GoodwordError as refusal:
                if not self._is_stopping():
                    print(f"The world could not flow in.\n{refusal}", file=sys.stderr, flush=True)
                return
        print("The world could not flow in; the next start goes on where it stands.", file=sys.stderr, flush=True)

    def _fill(self, urls: Urls, address: str) -> None:
        started = time.monotonic()
        with open_chain(urls.engine, master_key(urls), "demo") as chain:
            told = flow_in(chain, self.made, self.brands, address, _Progress())
        if told.was_needed:
            seconds = time.monotonic() - started
            print(f"The world is all there: {told.events:,} events in {seconds:.0f} s. Look around.", flush=True)

    def _is_stopping(self) -> bool:
        return self.folder.running_state().get("state") != "running"

    def _welcome(self, address: str) -> str:
        people = "\n".join(f"  {who.name:<24}{who.email:<24}{who.password}" for who in self.made.sign_ins)
        data, key, program = self.folder.root, settings.path("key_file"), sys.argv[0]
        return (
            f"\nGoodword's demo is at {address}   (Ctrl-C stops it)\n\n"
            f"  {'who':<24}{'e-mail':<24}password\n{people}\n\n"
            f"  referrals   {address}/c/acme/referrals   …/c/globex/…   …/c/initech/…\n"
            f"  data        {data}   (goodword demo --fresh begins anew)\n"
            f"  commands    export GOODWORD_DATA={data} GOODWORD_KEY_FILE={key}\n"
            f"              then: {program} ledger verify, {program} replay --client acme\n"
        )


class _Progress:
    """Says how far the world is: on a terminal one line that changes, elsewhere a line every few weeks."""

    def __init__(self) -> None:
        self._is_terminal = sys.stdout.isatty()

    def __call__(self, week: int, weeks: int, events: int) -> None:
        said = f"The world flows in: week {week} of {weeks}, {events:,} events"
        if self._is_terminal:
            print(f"\r{said}", end="\n" if week == weeks else "", flush=True)
        elif week == weeks or week % 5 == 0:
            print(said, flush=True)


def _environment(port: str | None) -> DataFolder:
    """The demo's own folder, key and port, for this process and its children."""
    os.environ["GOODWORD_DATA"] = str(Path(os.environ.get("GOODWORD_DATA") or DATA).expanduser().absolute())
    os.environ["GOODWORD_PORT"] = port or os.environ.get("GOODWORD_PORT") or os.environ.get("PORT") or PORT
    os.environ["GOODWORD_DEMO"] = "yes"
    folder = DataFolder.from_settings()
    os.environ["GOODWORD_KEY_FILE"] = os.environ.get("GOODWORD_KEY_FILE") or str(key_file(folder))
    return folder
