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


def test_texts_that_were_kept_with_a_version_are_carried_over_with_whom_and_when(cluster: Cluster) -> None:
    urls = cluster.create_database("texts")
    version, program = "a" * 32, "b" * 32
    try:
        migrate(urls, "store 0026_creator_answers")
        with psycopg.connect(urls.owner, autocommit=True) as owner:
            for number, texts in ((1, '{"en": "Anybody may refer.", "de": "Alle dürfen empfehlen."}'), (2, "{}")):
                owner.execute(
                    "INSERT INTO program_version (client_id, id, program_id, number, document, terms_hash, texts)"
                    " VALUES (%s, %s, %s, %s, '{}', '', %s)",
                    (ACME, version if number == 1 else "c" * 32, program, number, texts),
                )
            owner.execute(
                "INSERT INTO action (client_id, id, at, actor, role, verb, object_kind, object_id, before_commit, after_commit,"
                " request_id) VALUES (%s, %s, '2026-11-20T10:00Z', 'carl', 'manager', 'program.push', 'version', %s, '', '', '')",
                (ACME, "d" * 32, version),
            )
        migrate(urls)
        with psycopg.connect(urls.owner, autocommit=True) as owner:
            kept = owner.execute(
                "SELECT number, occasion, mark, texts::jsonb -> 'de' ->> 'terms', texts::jsonb -> 'en' ->> 'friend', remarks, by,"
                " at = '2026-11-20T10:00Z' FROM version_wording"
            ).fetchall()
        assert kept == [(1, "kept", "", "Alle dürfen empfehlen.", "", None, "carl", True)]
    finally:
        cluster.drop_database("texts")


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
