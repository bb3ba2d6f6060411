"""How does the chain's worker run alone? `work`, a child of `serve`, or on another machine beside the same database."""

from __future__ import annotations

import argparse
import logging
import os
import signal
from typing import Any

from goodword import settings
from goodword.actions.opening import vault_of
from goodword.commands import door
from goodword.commands.chain import now_utc
from goodword.commands.master_key import master_key
from goodword.errors import BadInput
from goodword.house.roles import Urls
from goodword.store.sql.connect import connect
from goodword.worker.loop import Worker


def register(subparsers: Any) -> None:
    """work"""
    parser = subparsers.add_parser("work", help="the chain's worker alone, for a database that others serve")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Work until told to stop; the batch at hand is finished first."""
    logging.basicConfig(
        level=settings.text("log_level").upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    if settings.text("engine_url"):
        _work(_given_urls())
    else:
        with door.opened() as urls:
            _work(urls)
    return 0


def _given_urls() -> Urls:
    """The addresses that `serve` hands its children: the worker never holds the owner's."""
    engine, app = settings.text("engine_url"), settings.text("database_url")
    if not engine:
        raise BadInput("The worker needs GOODWORD_ENGINE_URL.", "", "Start it by `goodword serve`.")
    return Urls(owner=settings.text("owner_url"), engine=engine, app=app)


def _work(urls: Urls) -> None:
    os.environ.setdefault("GOODWORD_ENGINE_URL", urls.engine)
    vault = vault_of(urls.engine, master_key(urls))
    worker = Worker(
        lambda: connect(urls.engine, "worker", pinned_plans=True), vault, now_utc, settings.number("anonymous_months")
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    worker.run()
