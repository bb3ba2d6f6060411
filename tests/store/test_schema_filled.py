"""Does a database with rows in it survive the next migrations? Filled at an older schema, migrated, counted."""

from __future__ import annotations

import psycopg
import pytest

from goodword.commands.migrate import migrate
from goodword.errors import DatabaseTrouble
from goodword.house.postgres import Cluster

from .conftest import ACME, GLOBEX


def test_rows_are_changed_and_none_is_lost(cluster: Cluster) -> None:
    urls = cluster.create_database("filled")
    try:
        migrate(urls, "store 0009_isolation")
        with psycopg.connect(urls.owner, autocommit=True) as owner:
            for client in (ACME, GLOBEX):
                owner.execute(
                    "INSERT INTO account (client_id, name, asset, pending_minor)"
                    " SELECT %s, 'a' || i, 'EUR', (i %% 3 - 1) * 100 FROM generate_series(1, 300) i",
                    (client,),
                )
                owner.execute(
                    "INSERT INTO referral (client_id, program_id, friend_id, state, state_at, body, decision_seq, waits_on)"
                    " SELECT %s, gen_random_uuid(), gen_random_uuid(), 'joined', now(), '{}', i,"
                    " CASE WHEN i %% 2 = 0 THEN md5(i::text)::uuid END FROM generate_series(1, 300) i",
                    (client,),
                )
        migrate(urls)
        with psycopg.connect(urls.owner, autocommit=True) as owner:
            sums = owner.execute(
                "SELECT client_id, count(*), sum(pending_in_minor)::int, sum(pending_out_minor)::int FROM account"
                " GROUP BY 1 ORDER BY 1"
            ).fetchall()
            assert sums == [(ACME, 300, 10000, 10000), (GLOBEX, 300, 10000, 10000)]
            waiting = owner.execute(
                "SELECT count(*), count(waits_on), count(*) FILTER (WHERE waits_on = ARRAY[md5(decision_seq::text)::uuid])"
                " FROM referral"
            ).fetchone()
            assert waiting == (600, 300, 300)
        migrate(urls)  # nothing left to do, nothing done twice
        with psycopg.connect(urls.app, autocommit=True) as app:
            assert app.execute("SELECT count(*) FROM account").fetchone() == (0,)
    finally:
        cluster.drop_database("filled")


def test_without_bypassrls_the_migration_is_refused_by_name(cluster: Cluster) -> None:
    urls = cluster.create_database("unfit")
    with cluster.superuser() as boss:
        boss.autocommit = True
        boss.execute("ALTER ROLE goodword_owner NOBYPASSRLS")
        try:
            with pytest.raises(DatabaseTrouble, match="BYPASSRLS"):
                migrate(urls)
        finally:
            boss.execute("ALTER ROLE goodword_owner BYPASSRLS")
    migrate(urls)
    cluster.drop_database("unfit")
