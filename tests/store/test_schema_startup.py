"""Does the start-up check go red when isolation is weakened? One weakening at a time, each undone."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from goodword.errors import Unsafe
from goodword.house.postgres import Cluster
from goodword.house.roles import Urls
from goodword.store import grants
from goodword.store.grants import isolation
from goodword.store.startup import check_isolation, leaks

_TENANT = isolation("reward")[-1]
WEAKENINGS = [
    ("policy", "DROP POLICY tenant ON reward", _TENANT),
    ("policy", "CREATE POLICY open ON reward USING (true)", "DROP POLICY open ON reward"),
    ("policy", "ALTER POLICY tenant ON reward USING (true)", f"DROP POLICY tenant ON reward; {_TENANT}"),
    ("policy", "ALTER POLICY tenant ON reward WITH CHECK (true)", f"DROP POLICY tenant ON reward; {_TENANT}"),
    ("policy", "ALTER POLICY tenant ON reward TO PUBLIC", f"DROP POLICY tenant ON reward; {_TENANT}"),
    ("not_forced", "ALTER TABLE reward NO FORCE ROW LEVEL SECURITY", "ALTER TABLE reward FORCE ROW LEVEL SECURITY"),
    ("not_forced", "ALTER TABLE reward DISABLE ROW LEVEL SECURITY", "ALTER TABLE reward ENABLE ROW LEVEL SECURITY"),
    ("not_forced", "CREATE TABLE fresh (client_id uuid PRIMARY KEY)", "DROP TABLE fresh"),
    ("no_index", "CREATE TABLE fresh (id uuid PRIMARY KEY, client_id uuid)", "DROP TABLE fresh"),
    ("partition", "GRANT SELECT ON event_default TO goodword_app", "REVOKE SELECT ON event_default FROM goodword_app"),
    ("partition", "GRANT SELECT (facts) ON event_default TO PUBLIC", "REVOKE SELECT (facts) ON event_default FROM PUBLIC"),
    ("no_default", "ALTER TABLE event DETACH PARTITION event_default", "ALTER TABLE event ATTACH PARTITION event_default DEFAULT"),
    ("membership", "CREATE POLICY open ON membership USING (true)", "DROP POLICY open ON membership"),
    ("membership", "DROP POLICY member_out ON membership", grants.house_isolation("membership")[-1]),
    ("client", "CREATE POLICY open ON client FOR UPDATE USING (true)", "DROP POLICY open ON client"),
    ("client", "ALTER TABLE client DISABLE ROW LEVEL SECURITY", "ALTER TABLE client ENABLE ROW LEVEL SECURITY"),
    ("membership", "ALTER TABLE membership DISABLE ROW LEVEL SECURITY", "ALTER TABLE membership ENABLE ROW LEVEL SECURITY"),
    ("missing_table", "ALTER TABLE reward RENAME TO gone", "ALTER TABLE gone RENAME TO reward"),
    ("view", "CREATE VIEW peek AS SELECT * FROM reward; GRANT SELECT ON peek TO goodword_app", "DROP VIEW peek"),
    ("view", "CREATE MATERIALIZED VIEW peek AS SELECT 1; GRANT SELECT ON peek TO goodword_app", "DROP MATERIALIZED VIEW peek"),
    ("function", "GRANT EXECUTE ON FUNCTION ensure_month(date) TO goodword_app",
     "REVOKE EXECUTE ON FUNCTION ensure_month(date) FROM goodword_app"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "weaken", "undo"), WEAKENINGS, ids=[f"{w[0]}-{n}" for n, w in enumerate(WEAKENINGS)])
def test_a_weakening_is_named_with_its_repair(
    owner: psycopg.Connection[Any], app: psycopg.Connection[Any], code: str, weaken: str, undo: str
) -> None:
    check_isolation(app)
    owner.execute(weaken)
    try:
        found = list(leaks(app))
        assert code in {leak.code for leak in found}
        assert all(leak.what and leak.repair for leak in found)
        with pytest.raises(Unsafe):
            check_isolation(app)
    finally:
        owner.execute(undo)
    check_isolation(app)


def test_a_view_that_asks_as_its_reader_is_no_leak(
    owner: psycopg.Connection[Any], app: psycopg.Connection[Any]
) -> None:
    owner.execute("CREATE VIEW fair WITH (security_invoker = true) AS SELECT * FROM reward")
    owner.execute("GRANT SELECT ON fair TO goodword_app")
    try:
        check_isolation(app)
    finally:
        owner.execute("DROP VIEW fair")


@pytest.mark.parametrize(
    ("role", "codes"), [("owner", {"bypass", "owner", "member"}), ("engine", {"bypass", "member"})]
)
def test_the_web_under_a_stronger_role_is_refused(urls: Urls, role: str, codes: set[str]) -> None:
    with psycopg.connect(getattr(urls, role), autocommit=True) as conn:
        assert codes <= {leak.code for leak in leaks(conn)}


def test_the_web_as_superuser_is_refused(cluster: Cluster, app: psycopg.Connection[Any]) -> None:
    with cluster.superuser(app.info.dbname) as conn, pytest.raises(Unsafe, match="superuser"):
        check_isolation(conn)


def test_the_web_as_a_member_of_the_owner_is_refused(cluster: Cluster, app: psycopg.Connection[Any]) -> None:
    with cluster.superuser() as conn:
        conn.autocommit = True
        conn.execute("GRANT goodword_owner TO goodword_app")
        try:
            assert "member" in {leak.code for leak in leaks(app)}
        finally:
            conn.execute("REVOKE goodword_owner FROM goodword_app")
