"""How fast are the desk's pages beside a million referrals? `python -m tests.bench.pages [--write]`; part of `make bench`.

Requests go through Django's whole stack (sessions, scope, row security, templates) in this process, as the app's role on a
PostgreSQL of their own: what is measured is the server's part. One client is that large, one beside it is small.
"""

from __future__ import annotations

import argparse
import math
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from goodword.commands.migrate import migrate
from goodword.house.postgres import Cluster
from goodword.house.roles import Urls
from tests.bench import machine
from tests.bench.filling import fill

TEXT = Path(__file__).parents[2] / "docs" / "performance.md"
REFERRALS = 1_000_000
ROUNDS = 40
GOAL_MS = 100
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "8GB",
    "shared_buffers": "512MB",
}
BEGIN, END = "<!-- pages: begin -->", "<!-- pages: end -->"


@dataclass(frozen=True)
class Page:
    """What is asked: an address, by whom, and what is sent where it is a POST."""

    name: str
    path: str
    who: str = "carl"
    posts: dict[str, str] | None = None


@dataclass(frozen=True)
class Timing:
    """What one page took, over all rounds."""

    page: Page
    status: int
    p50_ms: float
    p95_ms: float
    cpu_ms: float
    database_ms: float
    kilobytes: float
    queries: int


@contextmanager
def desk(urls: Urls) -> Iterator[Any]:
    """Django on that database as the app's role, with the small world in it; the big client is Acme."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goodword.settings")
    import django

    django.setup()
    from django.conf import settings as of_django
    from django.db import connections

    from goodword import settings
    from goodword.store import open_vault
    from goodword.store.sql.vault import Vault
    from goodword.web.loading import load_all
    from tests.web.world import build

    world = build(urls)
    address = settings.database(urls.app)
    address["OPTIONS"].pop("pool", None)
    address["CONN_MAX_AGE"] = None
    connections.settings["default"] = connections.configure_settings({"default": address})["default"]
    if hasattr(connections._connections, "default"):
        del connections["default"]
    of_django.SECRET_KEY = "for the bench only, for the bench only, for the bench"
    load_all()  # as the web process does
    open_vault.use(Vault(lambda: psycopg.connect(urls.app, autocommit=True), world.keyring))
    try:
        yield world
    finally:
        connections.close_all()
        open_vault.use(None)


def pages(world: Any, big: str = "acme") -> list[Page]:
    """The pages that people have open all day."""
    client, story = f"/c/{big}", world.path(big, "bob")
    return [
        Page("referrals, first page", f"{client}/referrals", "dan"),
        Page("referrals, one state", f"{client}/referrals?state=rewarded", "dan"),
        Page("referrals, state and program", f"{client}/referrals?state=held&program=friends", "dan"),
        Page("referrals, by deadline", f"{client}/referrals?sort=due", "dan"),
        Page("referrals, joined in a month", f"{client}/referrals?joined_from=2026-06-01&joined_to=2026-06-30", "dan"),
        Page("referrals, deep page", "", "dan"),
        Page("overview, this month", f"{client}/overview"),
        Page("overview, this year", f"{client}/overview?period=y"),
        Page("overview, year by week", f"{client}/overview?period=y&by=week"),
        Page("rows behind a number", f"{client}/overview/customers?from=2026-01-01&to=2026-10-31"),
        Page("rewards owed", f"{client}/overview/owed"),
        Page("today", "/today"),
        Page("today, over all clients", "/today", "olga"),
        Page("review queue", f"{client}/review", "dan"),
        Page("search by e-mail", f"{client}/search", "dan", {"q": "bob@x.test"}),
        Page("search by name", f"{client}/search", "dan", {"q": "Bob Builder"}),
        Page("people", f"{client}/people", "dan"),
        Page("a person", f"{client}/people/prs_{world.people[f'{big}/bob']}", "dan"),
        Page("the story of a referral", story, "dan"),
        Page("events", f"{client}/events", "dan"),
        Page("small client: referrals", "/c/globex/referrals", "gil"),
        Page("small client: review queue", "/c/globex/review", "gil"),
    ]


def deep(browser: Any, path: str, turns: int = 30) -> str:
    """The address of a page so many pages behind the first."""
    for _ in range(turns):
        following = re.search(r'href="([^"]+)"[^>]*rel="next"', browser.get(path).content.decode())
        if following is None:
            break
        path = following[1].replace("&amp;", "&")
    return path


def measured(world: Any, rounds: int) -> list[Timing]:
    """Every page `rounds` times, after three that warm up."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from goodword.store.models import User

    browsers: dict[str, Any] = {}
    found = []
    for page in pages(world):
        if page.who not in browsers:
            browsers[page.who] = Client(SERVER_NAME="127.0.0.1", raise_request_exception=False)
            user = User.objects.get(email=f"{page.who}@house.test")
            browsers[page.who].force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        browser = browsers[page.who]
        path = page.path or deep(browser, "/c/acme/referrals")

        def ask(page: Page = page, path: str = path, browser: Any = browser) -> Any:
            response = browser.get(path) if page.posts is None else browser.post(path, page.posts)
            return response, b"".join(response.streaming_content) if response.streaming else response.content

        for _ in range(2):
            ask()
        with CaptureQueriesContext(connection) as queries:
            ask()
        asked = len(queries)  # before the next request forgets them
        took, cpu = [], []
        backend = _backend()
        database = _busy_ms(backend)
        for _ in range(rounds):
            began, busy = time.perf_counter(), time.process_time()
            response, body = ask()
            took.append((time.perf_counter() - began) * 1000)
            cpu.append((time.process_time() - busy) * 1000)
        took.sort()
        p95 = took[min(len(took) - 1, math.ceil(0.95 * len(took)) - 1)]
        database = (_busy_ms(backend) - database) / rounds if _backend() == backend else math.nan
        halves = (statistics.median(took), p95, statistics.median(cpu), database)
        timing = Timing(page, response.status_code, *halves, len(body) / 1024, asked)
        told = f"{timing.p95_ms:8.1f} ms p95 {timing.p50_ms:8.1f} ms p50 {timing.cpu_ms:6.1f} + {timing.database_ms:6.1f} ms CPU"
        say(f"{told}  {timing.status} {timing.queries:3} queries  {page.name}")
        found.append(timing)
    return found


def _backend() -> int:
    """The process of PostgreSQL that answers this one."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def _busy_ms(pid: int) -> float:
    """The processor time of a process so far, in the kernel's own nanoseconds."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e6


def table(found: list[Timing], referrals: int) -> str:
    """The section of docs/performance.md."""
    reached = sum(1 for one in found if one.p95_ms < GOAL_MS)
    by_work = sum(1 for one in found if one.cpu_ms + one.database_ms < GOAL_MS)
    big, small = (next((one.p50_ms for one in found if one.page.name == name), 0.0)
                  for name in ("referrals, first page", "small client: referrals"))  # fmt: skip
    lines = [
        BEGIN,
        f"## Pages of the desk beside {referrals:,} referrals",
        "",
        f"Written by `python -m tests.bench.pages --write` on {datetime.now(UTC):%Y-%m-%d}: {machine.described()}. The server's",
        "part of a page, from the request to the last byte, through Django's whole stack as the app's role under row security:",
        f"{ROUNDS} requests each, one after another. One client has {referrals:,} referrals of a year, one beside it a few; people's",
        f"names are sealed and opened for the page. {reached} of {len(found)} stay under the goal of {GOAL_MS} ms at p95;",
        f"the first page of the large client's list takes {big / small if small else 0:.1f} times that of the small one.",
        f"Over the last minute {os.getloadavg()[0]:.1f} processes wanted the {os.cpu_count()} cores, this one among them:",
        "where that is far above the cores, the processor time says more than what the clock said; by that,",
        f"{by_work} of {len(found)} pages take less than {GOAL_MS} ms.",
        "",
        "| page | p50 ms | p95 ms | CPU ms: Python | CPU ms: database | queries | KB |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        *(
            f"| {one.page.name} | {one.p50_ms:.0f} | {one.p95_ms:.0f} | {one.cpu_ms:.0f} | {one.database_ms:.0f}"
            f" | {one.queries} | {one.kilobytes:.0f} |"
            for one in found
            if one.status < 400
        ),
        END,
    ]
    return "\n".join(lines)


def write(section: str) -> None:
    """Put the section into docs/performance.md, in the place of the one before."""
    text = TEXT.read_text(encoding="utf-8")
    if BEGIN in text:
        text = text[: text.index(BEGIN)] + section + text[text.index(END) + len(END) :]
    else:
        at = text.index("## Memory") if "## Memory" in text else len(text)
        text = text[:at] + section + "\n\n" + text[at:]
    TEXT.write_text(text, encoding="utf-8")


def run(referrals: int, rounds: int) -> str:
    """Fill, measure, and say it as a section."""
    with tempfile.TemporaryDirectory(prefix="goodword-pages-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        cluster = Cluster(folder / "data", options=FAST)
        cluster.start()
        try:
            urls = cluster.create_database("pages")
            migrate(urls)
            with desk(urls) as world:
                began = time.monotonic()
                with psycopg.connect(urls.owner, autocommit=True) as owner:
                    fill(owner, world.clients["acme"], referrals)
                say(f"{referrals:,} referrals stand there after {time.monotonic() - began:.0f} s")
                return table(measured(world, rounds), referrals)
        finally:
            cluster.stop()


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--referrals", type=int, default=REFERRALS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--write", action="store_true", help="put the section into docs/performance.md")
    args = parser.parse_args()
    section = run(args.referrals, args.rounds)
    say("\n" + section)
    if args.write:
        write(section)


if __name__ == "__main__":
    main()
