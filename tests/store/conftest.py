"""What do tests of the store share? Django on a database of their own as the app role, two clients, raw connections."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest

from goodword.house.roles import Urls

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goodword.settings")

ACME = UUID("aaaaaaaa-0000-4000-8000-000000000001")
GLOBEX = UUID("bbbbbbbb-0000-4000-8000-000000000002")
CARL = UUID("cccccccc-0000-4000-8000-000000000003")  # Acme's manager
OLGA = UUID("cccccccc-0000-4000-8000-000000000004")  # office, for both


@pytest.fixture(scope="module")
def owner(urls: Urls) -> Iterator[psycopg.Connection[Any]]:
    """The owner, in autocommit."""
    with psycopg.connect(urls.owner, autocommit=True) as conn:
        yield conn


@pytest.fixture(scope="module")
def engine(urls: Urls) -> Iterator[psycopg.Connection[Any]]:
    """The engine as the chain connects, in autocommit."""
    from goodword.store.sql.connect import connect

    with connect(urls.engine) as conn:
        yield conn


@pytest.fixture(scope="module")
def app(urls: Urls) -> Iterator[psycopg.Connection[Any]]:
    """The web's role on a bare connection, below every guard of ours."""
    with psycopg.connect(urls.app, autocommit=True) as conn:
        yield conn


@pytest.fixture(scope="module")
def web(urls: Urls) -> Iterator[None]:
    """Django's default connection on this module's database as the app role, for all threads."""
    import django

    django.setup()
    from django.db import connections

    from goodword import settings

    known = connections.settings
    before = known["default"]
    address = settings.database(urls.app)
    address["OPTIONS"].pop("pool", None)
    connections.close_all()
    known["default"] = connections.configure_settings({"default": address})["default"]
    _forget_thread_connection()
    yield
    connections.close_all()
    known["default"] = before
    _forget_thread_connection()


def _forget_thread_connection() -> None:
    from django.db import connections

    if hasattr(connections._connections, "default"):
        del connections["default"]


@pytest.fixture(scope="module")
def two_clients(owner: psycopg.Connection[Any]) -> None:
    """Acme and Globex, each with 3 programs, a referral and events in the log; Carl at Acme, Olga at both."""
    for client, slug in ((ACME, "acme"), (GLOBEX, "globex")):
        owner.execute(
            "INSERT INTO client (id, slug, name, code_prefix) VALUES (%s, %s, %s, %s)",
            (client, slug, slug.title(), slug[:2].upper()),
        )
        owner.execute("INSERT INTO lane (client_id) VALUES (%s)", (client,))
        owner.execute(
            "INSERT INTO program (client_id, id, slug, name)"
            " SELECT %s, md5(%s || i)::uuid, %s || '-' || i, %s || ' canary ' || i FROM generate_series(1, 3) i",
            (client, slug, slug, slug.title()),
        )
        owner.execute(
            "INSERT INTO referral (client_id, id, program_id, friend_id, state, state_at, body, decision_seq)"
            " VALUES (%s, md5(%s || 'r')::uuid, md5(%s || 1)::uuid, md5('bob')::uuid, 'joined', now(), '{}', 1)",
            (client, slug, slug),
        )
        owner.execute(
            "INSERT INTO event (client_id, id, received_at, at, source, type, body_hash, facts)"
            " SELECT %s, md5(%s || 'e' || i)::uuid, now(), now(), 'api', 'purchase', '', %s || ' canary'"
            " FROM generate_series(1, 5) i",
            (client, slug, slug.title()),
        )
    for user, name, clients in ((CARL, "carl", [ACME]), (OLGA, "olga", [ACME, GLOBEX])):
        owner.execute("INSERT INTO store_user (id, email, password) VALUES (%s, %s, '!')", (user, f"{name}@house.test"))
        for client in clients:
            owner.execute("INSERT INTO membership (user_id, client_id, role) VALUES (%s, %s, 'office')", (user, client))
