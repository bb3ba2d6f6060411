"""Is a database that cannot do our work refused before the first request, and a healthy one let through?"""

from __future__ import annotations

import dataclasses

import psycopg
import pytest

from goodword.commands.serve import require_safe
from goodword.errors import BadInput, DatabaseTrouble, Unsafe
from goodword.house import guard
from goodword.house.postgres import Cluster
from goodword.house.roles import APP, Urls


def test_a_migrated_database_can_be_served(urls: Urls) -> None:
    require_safe(urls)
    guard.require_version(urls)


def test_swapped_addresses_are_refused_both_ways(urls: Urls) -> None:
    with pytest.raises(Unsafe, match="goodword_app, a role under row-level security"):
        require_safe(dataclasses.replace(urls, engine=urls.app))
    with pytest.raises(Unsafe, match="goodword_engine bypasses row-level security"):
        require_safe(dataclasses.replace(urls, app=urls.engine))


def test_a_superuser_as_engine_is_a_warning(cluster: Cluster) -> None:
    found = guard.engine_faults(cluster.url("postgres"))
    assert [fault.is_fatal for fault in found] == [False]


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
    with psycopg.connect(urls.engine) as writing:
        writing.execute("SELECT pg_current_xact_id()")
        found = guard.long_transactions(urls.owner)
    assert [fault.is_fatal for fault in found] == [False]
    assert "goodword_engine" in found[0].what


def test_one_external_address_alone_is_refused(urls: Urls, monkeypatch: pytest.MonkeyPatch) -> None:
    from goodword.commands.door import external_urls

    for variable in urls.as_env():
        monkeypatch.delenv(variable, raising=False)
    assert external_urls() is None
    monkeypatch.setenv("GOODWORD_DATABASE_URL", urls.app)
    with pytest.raises(BadInput, match="GOODWORD_ENGINE_URL, GOODWORD_OWNER_URL"):
        external_urls()
    assert APP in urls.app
