"""Is what would leak found before the first request, and is a healthy database let through?"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import LiteralString

import psycopg
import pytest

from goodword.errors import BadInput, DatabaseTrouble, Unsafe
from goodword.house import guard
from goodword.house.postgres import Cluster
from goodword.house.roles import APP, Urls


@pytest.fixture
def superuser(cluster: Cluster, urls: Urls) -> Iterator[psycopg.Connection]:
    """A hand that may break things in this module's database."""
    database = urls.owner.split("/", 3)[3].split("?")[0]
    with cluster.superuser(database) as connection:
        yield connection


def test_a_migrated_database_is_safe(urls: Urls) -> None:
    guard.require_safe(urls)
    guard.require_version(urls)


@pytest.mark.parametrize(
    ("breaks", "mends", "said"),
    [
        ("ALTER ROLE goodword_app BYPASSRLS", "ALTER ROLE goodword_app NOBYPASSRLS", "would see every client's rows"),
        ("GRANT goodword_owner TO goodword_app", "REVOKE goodword_owner FROM goodword_app", "may become goodword_owner"),
        (
            "CREATE TABLE leak (client_id uuid, n int)",
            "DROP TABLE leak",
            "leak holds clients' rows without forced row-level security",
        ),
        (
            "CREATE TABLE mine (n int); ALTER TABLE mine OWNER TO goodword_app",
            "DROP TABLE mine",
            "mine belongs to goodword_app",
        ),
        (
            "CREATE VIEW glance AS SELECT 1 AS n; GRANT SELECT ON glance TO goodword_app",
            "DROP VIEW glance",
            "glance reads with its owner's rights",
        ),
        (
            "CREATE FUNCTION as_owner() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
            "DROP FUNCTION as_owner",
            "as_owner() runs with its owner's rights",
        ),
        (
            "CREATE TABLE whole (client_id uuid, n int) PARTITION BY RANGE (n);"
            " ALTER TABLE whole ENABLE ROW LEVEL SECURITY; ALTER TABLE whole FORCE ROW LEVEL SECURITY;"
            " CREATE TABLE part PARTITION OF whole DEFAULT; GRANT SELECT ON part TO goodword_app",
            "DROP TABLE whole",
            "may reach the partition part directly",
        ),
        (
            "CREATE TABLE strict (n int); CREATE POLICY narrow ON strict AS RESTRICTIVE USING (true)",
            "DROP TABLE strict",
            "strict has a RESTRICTIVE policy",
        ),
    ],
)
def test_each_leak_is_named(
    superuser: psycopg.Connection, urls: Urls, breaks: LiteralString, mends: LiteralString, said: str
) -> None:
    superuser.execute(breaks)
    try:
        with pytest.raises(Unsafe) as refusal:
            guard.require_safe(urls)
    finally:
        superuser.execute(mends)
    assert said in refusal.value.what
    assert refusal.value.repair
    guard.require_safe(urls)


def test_swapped_addresses_are_found(urls: Urls) -> None:
    swapped = dataclasses.replace(urls, app=urls.engine, engine=urls.app)
    said = [fault.what for fault in guard.login_faults(swapped)]
    assert len(said) == 2
    assert "GOODWORD_ENGINE_URL logs in as a role under row-level security" in said[0]


def test_an_address_that_leads_nowhere_is_named(urls: Urls) -> None:
    lost = dataclasses.replace(urls, engine="postgresql://goodword_engine@127.0.0.1:1/goodword")
    with pytest.raises(DatabaseTrouble, match="GOODWORD_ENGINE_URL does not lead to a database"):
        guard.require_version(lost)


def test_an_old_server_is_refused(urls: Urls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "OLDEST_VERSION", 990000)
    with pytest.raises(DatabaseTrouble, match="is too old"):
        guard.require_version(urls)


def test_a_long_writing_transaction_is_a_warning(urls: Urls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "LONG_TRANSACTION_SECONDS", 0)
    with psycopg.connect(urls.owner) as writing:
        writing.execute("SELECT pg_current_xact_id()")
        found = guard.long_transactions(urls.owner)
    assert [fault.is_fatal for fault in found] == [False]
    assert "goodword_owner" in found[0].what


def test_one_external_address_alone_is_refused(urls: Urls, monkeypatch: pytest.MonkeyPatch) -> None:
    from goodword.commands.door import external_urls

    for variable in urls.as_env():
        monkeypatch.delenv(variable, raising=False)
    assert external_urls() is None
    monkeypatch.setenv("GOODWORD_DATABASE_URL", urls.app)
    with pytest.raises(BadInput, match="GOODWORD_ENGINE_URL, GOODWORD_OWNER_URL"):
        external_urls()
    assert APP in urls.app
