"""What do the tests of the front door share? Acme and Globex in one database, and one running server a module."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from goodword.house.roles import Urls
from goodword.store.sql.connect import connect
from tests.ingest.front import Brand, Server, add_brand, serving


@dataclass
class Front:
    """A running front door with its database."""

    server: Server
    urls: Urls
    acme: Brand
    globex: Brand

    def rows(self, query: str, *arguments: Any) -> list[tuple[Any, ...]]:
        with connect(self.urls.engine, "test") as conn:
            return conn.execute(query, arguments).fetchall()

    def count(self, event_type: str = "%") -> int:
        return int(self.rows("SELECT count(*) FROM event WHERE type LIKE %s", event_type)[0][0])


@pytest.fixture(scope="module")
def brands(urls: Urls) -> tuple[Brand, Brand]:
    acme = add_brand(
        urls.owner,
        "acme",
        hosts=["go.acme.example"],
        landing={"fallback": "https://acme.example/hello", "pass_on": ["utm_source"]},
        consent={"visitor_cookie": "where_allowed", "countries": {"JP": False}},
    )
    return acme, add_brand(urls.owner, "globex", landing={})


@pytest.fixture(scope="module")
def front(urls: Urls, brands: tuple[Brand, Brand], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder: Path = tmp_path_factory.mktemp("front") / "data"
    with serving(urls, folder, GOODWORD_TRUSTED_PROXIES="127.0.0.1") as server:
        yield Front(server, urls, *brands)


@pytest.fixture
def engine(urls: Urls) -> Iterator[psycopg.Connection[Any]]:
    with connect(urls.engine, "test") as conn:
        yield conn
